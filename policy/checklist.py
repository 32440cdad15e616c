"""The responsible-AI checklist: 60 items in 7 stages, 6 gates, 6 profiles that choose what applies. Data: assets/facts.

It shows what is missing, not a grade. An item is settled by "yes" with its evidence or by "does not apply" with its
reason, and by nothing else; a gate that is not settled is open, and nothing averages it away.

    sheet = blank("course", project="COMP 4630")
    sheet = replace(sheet, answers=sheet.answers | {"S04": Answer("yes", "docs/laws.md, 2026-11-20")})
    standing(sheet).gates_open
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from types import MappingProxyType

from policy import frameworks
from policy.errors import BadInput
from policy.frameworks import Mitigation, Origin, Reference
from policy.markdown_file import clean, harmless

WEIGHTS = ("must", "should", "could")
SETTLED = {"yes": "shown", "na": "aside"}     # what an answer with its note makes of an item; every other state is a gap
MISSING = {"yes": "evidence missing", "na": "reason missing"}
STATES = {  # in words, as they stand in exports
    "shown": "yes, with evidence", "aside": "does not apply", "evidence missing": "yes, but its evidence is missing",
    "reason missing": "set aside, but the reason is missing", "partly": "partly", "no": "no", "unsure": "not known yet",
    "open": "not answered"}
MOST = {"project": 200, "about": 4_000, "version": 40, "date": 40, "note": 4_000, "own": 20_000}  # characters
NAMES = {"project": "name of the project", "about": "description", "version": "version", "date": "date"}
MANY_ASIDE = 1 / 3
HEAD, HEADS = "Responsible-AI checklist", ("About", "What is missing", "Notes")
# Lines that give a file its shape (policy/checklist_file.py): in a person's own words they are shown as text.
SHAPE = re.compile(r"^(\s{0,8})(?=[-*+] \[[ xX]\] \*\*[A-Z][0-9]{2} |[-*+] (?:Answer|Evidence|Reason|Note):|#)")


@dataclass(frozen=True)
class Item:
    """applies, roles: it is due where both meet what the sheet says. risks, mitigations, references: ids."""

    id: str
    stage: str
    title: str
    statement: str
    why: str
    evidence: str
    weight: str
    gate: bool
    applies: frozenset[str]
    roles: frozenset[str]
    risks: tuple[str, ...]
    mitigations: tuple[str, ...]
    references: tuple[str, ...]
    origins: tuple[Origin, ...]


@dataclass(frozen=True)
class Profile:
    id: str
    title: str
    applies: tuple[str, ...]
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Catalogue:
    """The list itself. answers: {value: label}. tags, roles: {id: what it says}. lecture: [{id, point, items}]."""

    as_of: date
    note: str
    items: Mapping[str, Item]
    profiles: Mapping[str, Profile]
    answers: Mapping[str, str]
    tags: Mapping[str, str]
    roles: Mapping[str, str]
    rules: tuple[str, ...]
    lecture: tuple[dict, ...]
    lecture_source: str


@dataclass(frozen=True)
class Answer:
    """value: a key of the catalogue's answers, "" where none was given. note: the evidence, the reason or a remark."""

    value: str = ""
    note: str = ""


@dataclass(frozen=True)
class Sheet:
    """What a project has filled in. own: {piece of the file: Markdown that a person wrote there by hand}."""

    profile: str
    tags: tuple[str, ...]
    roles: tuple[str, ...]
    project: str = ""
    about: str = ""
    version: str = ""
    date: str = ""
    answers: Mapping[str, Answer] = field(default_factory=dict)
    own: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Gap:
    """An item that is due and not settled. measures: (mitigation, what it can do against the item's risks)."""

    item: Item
    state: str
    note: str
    measures: tuple[tuple[Mitigation, str], ...]
    references: tuple[Reference, ...]


@dataclass(frozen=True)
class StageStanding:
    """Counts of one stage: due = shown + aside + the gaps; answered has any answer at all. gates_open: item ids."""

    stage: str
    due: int
    answered: int
    shown: int
    aside: int
    gates_open: tuple[str, ...]

    @property
    def many_aside(self) -> bool:
        return self.aside > self.due * MANY_ASIDE


@dataclass(frozen=True)
class Standing:
    """gates: the ids that are due; gates_not_due: those that this profile leaves out. ready: no gate that is due is open."""

    stages: tuple[StageStanding, ...]
    gaps: tuple[Gap, ...]
    gates: tuple[str, ...]
    gates_open: tuple[str, ...]
    gates_not_due: tuple[str, ...]

    @property
    def ready(self) -> bool:
        return not self.gates_open


@cache
def catalogue() -> Catalogue:
    """The checklist's data, every id resolved; an incomplete item is an error."""
    raw, atlas, known = frameworks.facts_json("checklist"), frameworks.atlas(), frameworks.mitigations()
    as_of, items = date.fromisoformat(raw["as_of"]), {}
    for entry in raw["items"]:
        item = Item(entry["id"], entry["stage"], entry["title"], entry["statement"], entry["why"], entry["evidence"],
                    entry["weight"], entry["gate"], frozenset(entry["applies"]), frozenset(entry["roles"]), tuple(entry["risks"]),
                    tuple(entry["mitigations"]), tuple(entry["refs"]),
                    frameworks.origins(entry, raw["source_register"], as_of, entry["id"], least=0))
        unknown = {*item.risks} - {*atlas.risks} | {*item.mitigations} - {*known} | {*item.references} - {*atlas.references}
        unknown |= {item.stage} - {*atlas.stages} | {*item.applies} - {*raw["applies_tags"]} | {*item.roles} - {*raw["roles"]}
        if unknown or item.weight not in WEIGHTS or item.id in items or not item.references:
            raise ValueError(f"item {item.id} of the checklist is wrong or names what is not there: {sorted(unknown)}")
        items[item.id] = item
    profiles = {p["id"]: Profile(p["id"], p["title"], tuple(p["applies"]), tuple(p["roles"])) for p in raw["profiles"]}
    return Catalogue(as_of, raw["note"], MappingProxyType(items), MappingProxyType(profiles),
                     MappingProxyType({a["value"]: a["label"] for a in raw["answers"]}), MappingProxyType(raw["applies_tags"]),
                     MappingProxyType(raw["roles"]), tuple(raw["scoring"]["rules"]), tuple(raw["lecture"]["points"]),
                     raw["lecture"]["source"])


def blank(profile: str, project: str = "") -> Sheet:
    """A sheet without answers; the profile says what applies and who asks. BadInput for an unknown profile."""
    found = catalogue().profiles.get(profile)
    if found is None:
        raise BadInput(f"There is no profile {str(profile)[:40]!r}; choose one of {', '.join(catalogue().profiles)}.")
    return sheet_of({"profile": profile, "project": project})


def sheet_of(data: Mapping) -> Sheet:
    """A checked sheet from plain data, as `data_of` gives it. tags and roles default to the profile's.

    BadInput names what is wrong and what would be right. An answer to an item that this list does not have is kept as text.
    """
    if not isinstance(data, Mapping):
        raise BadInput(f"A checklist's data is an object with profile and answers; got {type(data).__name__}.")
    known = catalogue()
    profile = known.profiles.get(data.get("profile")) if isinstance(data.get("profile"), str) else None
    if profile is None:
        raise BadInput(f"There is no profile {str(data.get('profile'))[:40]!r}; choose one of {', '.join(known.profiles)}.")
    texts = {name: line_of(data.get(name, ""), name, NAMES[name]) for name in ("project", "version", "date")}
    answers, strangers = {}, []
    for id, given in _object(data.get("answers", {}), "answers").items():
        given = _object(given, f"answer to {str(id)[:20]}")
        value, note = given.get("value", ""), note_of(given.get("note", ""), "note", f"note on {str(id)[:20]}")
        if value not in ("", *known.answers):
            raise BadInput(f"The answer to {str(id)[:20]} must be one of {', '.join(known.answers)}, or empty; got {str(value)[:40]!r}.")
        if id not in known.items:
            strangers.append(f"{line_of(id, 'date', 'name of an item')}: {value} {note}".strip())
        elif value or note:
            answers[id] = Answer(value, note)
    own = {str(piece)[:40]: own_of(text) for piece, text in _object(data.get("own", {}), "own").items()}
    if strangers:
        own["notes"] = "\n\n".join([text for text in (own.get("notes", ""),) if text] + strangers)
    return Sheet(profile.id, _chosen(data.get("tags"), known.tags, profile.applies, "tags"),
                 _chosen(data.get("roles"), known.roles, profile.roles, "roles"),
                 about=note_of(data.get("about", ""), "about", NAMES["about"]),
                 answers={id: answers[id] for id in known.items if id in answers},
                 own={piece: text for piece, text in sorted(own.items()) if text}, **texts)


def data_of(sheet: Sheet) -> dict:
    """The sheet as plain data for JSON."""
    return {"profile": sheet.profile, "tags": list(sheet.tags), "roles": list(sheet.roles), "project": sheet.project,
            "about": sheet.about, "version": sheet.version, "date": sheet.date,
            "answers": {id: {"value": a.value, "note": a.note} for id, a in sheet.answers.items()}, "own": dict(sheet.own)}


def is_due(item: Item, sheet: Sheet) -> bool:
    return bool(item.applies & set(sheet.tags)) and bool(item.roles & set(sheet.roles))


def state(answer: Answer) -> str:
    """What an answer makes of its item: one of STATES."""
    if answer.value in SETTLED:
        return SETTLED[answer.value] if answer.note else MISSING[answer.value]
    return answer.value or "open"


def is_settled(answer: Answer) -> bool:
    return state(answer) in SETTLED.values()


def standing(sheet: Sheet) -> Standing:
    """What is missing: per stage, open gates, and each gap with what helps against its risks. Gates first, then by weight."""
    items = catalogue().items.values()
    due = [item for item in items if is_due(item, sheet)]
    stages, gaps = [], []
    for stage in frameworks.atlas().stages:
        here = [(item, sheet.answers.get(item.id, Answer())) for item in due if item.stage == stage]
        states = [state(answer) for _, answer in here]
        stages.append(StageStanding(stage, len(here), sum(bool(answer.value) for _, answer in here), states.count("shown"),
                                    states.count("aside"),
                                    tuple(item.id for item, answer in here if item.gate and not is_settled(answer))))
        gaps += [gap(item, answer) for item, answer in here if not is_settled(answer)]
    gaps.sort(key=_urgency)
    return Standing(tuple(stages), tuple(gaps), tuple(item.id for item in due if item.gate),
                    tuple(id for stage in stages for id in stage.gates_open),
                    tuple(item.id for item in items if item.gate and item not in due))


def gap(item: Item, answer: Answer) -> Gap:
    """The item with what helps: its mitigations, strongest against its risks first, and the references."""
    known, atlas = frameworks.mitigations(), frameworks.atlas()
    measures = sorted(((known[id], known[id].strength(item.risks)) for id in item.mitigations), key=_weakness)
    return Gap(item, state(answer), answer.note, tuple(measures), tuple(atlas.references[id] for id in item.references))


def _weakness(measure: tuple[Mitigation, str]) -> int:
    return frameworks.STRENGTHS.index(measure[1]) if measure[1] else len(frameworks.STRENGTHS)


def _urgency(gap: Gap) -> tuple[bool, int]:
    return not gap.item.gate, WEIGHTS.index(gap.item.weight)


def note_of(text, limit: str, what: str) -> str:
    """Typed text of several lines: blanks around lines and more than one empty line in a row go. BadInput where too long."""
    if not isinstance(text, str):
        raise BadInput(f"The {what} must be text; got {type(text).__name__}.")
    lines = [line.strip() for line in clean(text).replace("\t", " ").strip().split("\n")]
    kept = "\n".join(line for at, line in enumerate(lines) if line or (at and lines[at - 1])).strip()
    if len(kept) > MOST[limit]:
        raise BadInput(f"The {what} has {len(kept):,} characters; at most {MOST[limit]:,} are kept. Shorten it, or link to a document.")
    return kept


def line_of(text, limit: str, what: str) -> str:
    """The same in one line."""
    return " ".join(note_of(text, limit, what).split())


def own_of(text) -> str:
    """Markdown that a person wrote, line by line as it is, but raw HTML and lines that shape the file become text.

    At most one empty line in a row stays. Twice is the same as once. BadInput where too long.
    """
    if not isinstance(text, str):
        raise BadInput(f"A kept part of the text must be text; got {type(text).__name__}.")
    lines = [line.rstrip() for line in harmless(clean(text)).split("\n")]
    lines = [SHAPE.sub(r"\1\\", line) if SHAPE.match(line) and is_shape(line) else line for line in lines]
    kept = "\n".join(line for at, line in enumerate(lines) if line or (at and lines[at - 1])).strip("\n")
    if len(kept) > MOST["own"]:
        raise BadInput(f"A part that was written by hand has {len(kept):,} characters; at most {MOST['own']:,} are kept.")
    return kept


def is_shape(line: str) -> bool:
    """Whether a line that looks like one of a file's own really is one: of the headings only ours are."""
    heading = line.strip()
    ours = (*(f"## {stage.title}" for stage in frameworks.atlas().stages.values()), *(f"## {head}" for head in HEADS))
    return not heading.startswith("#") or heading in ours or heading.startswith(f"# {HEAD}")


def _object(given, what: str) -> Mapping:
    if not isinstance(given, Mapping):
        raise BadInput(f"The {what} must be an object; got {type(given).__name__}.")
    return given


def _chosen(given, known: Mapping, default: tuple[str, ...], what: str) -> tuple[str, ...]:
    """Some of the known ids, in the catalogue's order."""
    given = list(default) if given is None else given
    if not isinstance(given, list | tuple) or set(map(str, given)) - set(known):
        raise BadInput(f"The {what} must be a list of some of {', '.join(known)}; got {str(given)[:60]}.")
    return tuple(id for id in known if id in given)
