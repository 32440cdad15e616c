"""What a class talks about: cases for the board, prompts with timed steps, lesson plans. Sourced data, read once.

Data: assets/facts/discussion_cases.json and discussion_prompts.json. Each file has one date, `as_of`, for what it claims,
and a register of sources with a confidence; a case or prompt that names a source that is not there fails on loading.
"""

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from policy import board, facts
from policy.errors import BadInput

OLD_AFTER_DAYS = 365
CONFIDENCES = ("high", "medium", "low")
NUMBERS_FILE = "energy_requests"  # where the numbers of a prompt are, see policy.facts


@dataclass(frozen=True)
class Source:
    """Where something was read. confidence: one of CONFIDENCES. url "" where there is none, and it is said."""

    title: str
    url: str
    kind: str
    confidence: str

    def __post_init__(self):
        if not self.title or self.confidence not in CONFIDENCES or not (self.url or self.kind == "memory"):
            raise ValueError(f"a source needs a title, an address and a confidence, got {self!r}")

    def __str__(self) -> str:
        return f"{self.title} ({self.confidence} confidence)" + (f", {self.url}" if self.url else "")


@dataclass(frozen=True)
class Twist:
    """One more fact, and by how much it moves the authors' dot."""

    text: str
    d_intent: float
    d_impact: float


@dataclass(frozen=True)
class Case:
    """A short story to place. intent, impact: the authors' dot, -1 to 1; width: their range on either line, plus or minus."""

    id: str
    title: str
    text: str
    intent: float
    impact: float
    width: tuple[float, float]
    contested: bool
    why_contested: str
    tags: tuple[str, ...]
    twists: tuple[Twist, ...]
    ask: tuple[str, ...]
    basis: str
    content_note: str
    sources: tuple[Source, ...]
    as_of: datetime.date

    @property
    def corner(self) -> str:
        return board.corner(self.intent, self.impact)

    def authors(self, twist: int | None = None) -> tuple[float, float]:
        """The authors' dot, moved by the twist of that number where one is named."""
        if twist is None:
            return self.intent, self.impact
        moved = self.twists[twist]
        return tuple(max(-1.0, min(1.0, round(v, board.PLACES))) for v in (self.intent + moved.d_intent,
                                                                          self.impact + moved.d_impact))

    def provenance(self) -> str:
        """"Reported (2025). Source: ..., as of 20 November 2026."""
        said = "; ".join(str(source) for source in self.sources)
        basis = self.basis[:1].upper() + self.basis[1:]
        return f"{basis}." + (f" Source: {said}." if said else "") + f" As of {day(self.as_of)}."


@dataclass(frozen=True)
class Step:
    """start and minutes in minutes of the prompt; do: what the class does; mode: "alone", "pairs", "groups", "all"."""

    start: int
    minutes: int
    do: str
    mode: str


@dataclass(frozen=True)
class Prompt:
    """One guided discussion. notes: for the instructor only, {"Facilitation": (...), "Listen for": (...), ...}."""

    id: str
    title: str
    prompt: str
    sub_questions: tuple[str, ...]
    minutes: int
    steps: tuple[Step, ...]
    exit_question: str
    materials: tuple[str, ...]
    cases: tuple[str, ...]
    notes: Mapping[str, tuple[str, ...]]
    numbers: tuple[str, ...]
    sources: tuple[Source, ...]
    as_of: datetime.date

    def facts(self) -> list[facts.Fact]:
        """The energy figures that this discussion leans on, each with range, source and year."""
        return [facts.load(NUMBERS_FILE)[id] for id in self.numbers]


@dataclass(frozen=True)
class Plan:
    """Prompts one after the other. minutes: what they add up to."""

    id: str
    title: str
    prompts: tuple[str, ...]
    minutes: int


@cache
def _read(name: str) -> dict:
    return json.loads((facts.FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def _sources(data: dict, ids) -> tuple[Source, ...]:
    register = data["source_register"]
    return tuple(Source(*(register[id][key] for key in ("title", "url", "kind", "confidence"))) for id in ids)


@cache
def cases() -> Mapping[str, Case]:
    """All cases by id, in the order of the data: from plain to contested."""
    data = _read("discussion_cases")
    as_of = datetime.date.fromisoformat(data["as_of"])
    return MappingProxyType({row["id"]: Case(
        row["id"], row["title"], row["text"], float(row["intent"]), float(row["impact"]),
        (float(row["spread"]["intent"]), float(row["spread"]["impact"])), row["contested"], row["why_contested"],
        tuple(row["tags"]), tuple(Twist(**twist) for twist in row["twists"]), tuple(row["ask"]), row["basis"],
        row["content_note"], _sources(data, row["sources"]), as_of) for row in data["cases"]})


@cache
def prompts() -> Mapping[str, Prompt]:
    """All prompts by id. A prompt whose steps do not add up to its minutes fails here."""
    data = _read("discussion_prompts")
    as_of = datetime.date.fromisoformat(data["as_of"])
    found = {}
    for row in data["prompts"]:
        steps = tuple(Step(**step) for step in row["steps"])
        if sum(step.minutes for step in steps) != row["minutes"]:
            raise ValueError(f"the steps of prompt {row['id']!r} do not add up to {row['minutes']} minutes")
        notes = {"Facilitation": row["facilitation"], "Listen for": row["listen_for"], "Pitfalls": row["pitfalls"],
                 "Debrief": [row["debrief"]], "If things differ": row["adaptations"]}
        found[row["id"]] = Prompt(
            row["id"], row["title"], row["prompt"], tuple(row["sub_questions"]), row["minutes"], steps,
            row["exit_question"], tuple(row["materials"]), tuple(cases()[id].id for id in row["cases"]),
            MappingProxyType({name: tuple(lines) for name, lines in notes.items() if lines}), tuple(row.get("numbers", ())),
            _sources(data, row["sources"]), as_of)
    return MappingProxyType(found)


@cache
def plans() -> Mapping[str, Plan]:
    """All lesson plans by id; their minutes are those of their prompts."""
    found = {}
    for row in _read("discussion_prompts")["plans"]:
        minutes = sum(prompts()[id].minutes for id in row["prompts"])
        if minutes != row["minutes"]:
            raise ValueError(f"plan {row['id']!r} says {row['minutes']} minutes, its prompts take {minutes}")
        found[row["id"]] = Plan(row["id"], row["title"], tuple(row["prompts"]), minutes)
    return MappingProxyType(found)


def ground_rules() -> tuple[str, ...]:
    return tuple(_read("discussion_prompts")["ground_rules"])


def corners() -> Mapping[str, tuple[str, str]]:
    """{corner id: (its name, the question it asks)}."""
    return {row["id"]: (row["name"], row["question"]) for row in _read("discussion_cases")["board"]["quadrants"]}


def lenses() -> tuple[str, ...]:
    """Questions under which the same case can be placed a second time."""
    return tuple(row["title"] for row in _read("discussion_cases")["board"]["second_lenses"])


def find_case(id: str) -> Case:
    """The case; BadInput where there is none of that name."""
    if not isinstance(id, str) or id not in cases():
        raise BadInput(f"There is no case {str(id)[:40]!r}; `python -m policy discuss cases` lists them.")
    return cases()[id]


@dataclass(frozen=True)
class Placement:
    """One person's dot beside the authors': what it says in words, their dot, their range, and whether it lies within."""

    intent: float
    impact: float
    words: str
    question: str
    authors: tuple[float, float]
    width: tuple[float, float]
    within: bool


def placement(case: Case, intent, impact, twist: int | None = None) -> Placement:
    """A dot beside the authors' view, which is a start for talk and no key. twist: the number of the twist told, if any."""
    intent, impact = board.dot(intent, impact)
    if twist is not None and (type(twist) is not int or not 0 <= twist < len(case.twists)):
        raise BadInput(f"{case.title!r} has {len(case.twists)} twists, counted from 0; {str(twist)[:20]!r} is none of them.")
    name, question = corners()[board.corner(intent, impact)]
    authors = case.authors(twist)
    within = all(abs(mine - theirs) <= width + board.STEADY
                 for mine, theirs, width in zip((intent, impact), authors, case.width))
    return Placement(intent, impact, f"{name}: {board.place_words(intent, impact)}", question, authors, case.width, within)


def day(date: datetime.date) -> str:
    return f"{date.day} {date:%B %Y}"


def age_note(as_of: datetime.date, today: datetime.date | None = None) -> str:
    """A warning where facts are older than a year, else ""."""
    days = ((today or datetime.date.today()) - as_of).days
    return f"These facts are as of {day(as_of)}, more than a year ago: check them before you build on them." \
        if days > OLD_AFTER_DAYS else ""
