"""What the policy builder knows: questions, tasks, clauses, presets and rules of the linter, each with its sources.

Read once from assets/facts/policy_*.json, checked while reading: every source that is named must be there, with a title,
an address or a note, and a confidence. A clause, a rule or a preset is added as one row of data, without code.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from types import MappingProxyType

from policy.facts import FOLDER
from policy.frameworks import atlas

CONFIDENCES = ("high", "medium", "low")
OLD_AFTER_DAYS = 365
SCHEMAS = {"policy_sections": "facts/policy_sections@1", "policy_lints": "facts/policy_lints@1",
           "policy_presets": "facts/policy_presets@1"}
AGE = "facts_age"   # the one placeholder that is no question: how old the legal facts are
ASKED = re.compile(r"\{(?:label:|list:|lines:|table:)?(\w+)\}")


@dataclass(frozen=True)
class Reference:
    """Where something was read. confidence: how sure we are of it, "high", "medium" or "low". kind: primary, paper, ..."""

    id: str
    title: str
    url: str
    kind: str
    confidence: str
    note: str = ""

    def to_dict(self) -> dict:
        return {"title": self.title, "url": self.url, "kind": self.kind, "confidence": self.confidence, "note": self.note}


@dataclass(frozen=True)
class Audience:
    """target_words: (least, most) words of a policy that is read. target_grade: highest school grade it should need."""

    id: str
    title: str
    default_title: str
    target_words: tuple[int, int]
    target_grade: float


@dataclass(frozen=True)
class Question:
    """type: single, multi, text, longtext, date, number or matrix. options: {value: label}. show_if: when it is asked."""

    id: str
    section: str
    prompt: str
    type: str
    audiences: tuple[str, ...]
    required: bool
    options: Mapping[str, str]
    default: object
    show_if: Mapping | None
    help: str
    placeholder: str


@dataclass(frozen=True)
class Task:
    """One row of the task table. kind "staff": what those in charge do, not those whom the policy is for."""

    id: str
    title: str
    audiences: tuple[str, ...]
    kind: str


@dataclass(frozen=True)
class Clause:
    """text: with {placeholders}. when: the condition, or None. asks: the questions that it prints or depends on."""

    id: str
    text: str
    when: Mapping | None
    audiences: tuple[str, ...]
    asks: frozenset[str]


@dataclass(frozen=True)
class Section:
    """levels: {audience: required, recommended, optional or omit}, see assets/facts/policy_sections.json."""

    id: str
    title: str
    purpose: str
    levels: Mapping[str, str]
    questions: tuple[str, ...]
    clauses: tuple[Clause, ...]
    must_contain: tuple[str, ...]
    pitfalls: tuple[str, ...]
    good_example: str
    bad_example: str
    sources: tuple[str, ...]
    references: tuple[str, ...]   # places in policy.frameworks that ask for it


@dataclass(frozen=True)
class Preset:
    """A policy filled in to start from. permits: {allowed, conditional, not_allowed, must: [words]}."""

    id: str
    name: str
    audience: str
    one_line: str
    aias_level: int | None
    permits: Mapping
    best_for: tuple[str, ...]
    watch_out: tuple[str, ...]
    not_for: tuple[str, ...]
    answers: Mapping
    sections: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Lint:
    """One rule. level: error, warning or info. fix: steps {say} or {set, add, remove, task}; test: {bad, good} answers."""

    id: str
    level: str
    kind: str
    title: str
    audiences: tuple[str, ...]
    when: Mapping
    message: str
    why: str
    fix: tuple[Mapping, ...]
    sections: tuple[str, ...]
    sources: tuple[str, ...]
    references: tuple[str, ...]   # places in policy.frameworks that ask for it
    test: Mapping


@dataclass(frozen=True)
class Rulebook:
    """Everything, in the order in which it is shown. as_of: the day on which the facts were last checked."""

    as_of: date
    audiences: Mapping[str, Audience]
    sections: Mapping[str, Section]
    questions: Mapping[str, Question]
    tasks: Mapping[str, Task]
    task_values: Mapping[str, str]
    presets: Mapping[str, Preset]
    lints: Mapping[str, Lint]
    levels: Mapping[str, str]
    text_rules: Mapping[str, Mapping]
    references: Mapping[str, Reference] = field(repr=False)

    def tasks_for(self, audience: str | None) -> list[Task]:
        """The rows of the task table for this audience; all of them where none is chosen yet."""
        return [task for task in self.tasks.values() if audience is None or audience in task.audiences]

    def sources(self, ids) -> list[Reference]:
        return [self.references[id] for id in ids]


def old(as_of: date, today: date) -> bool:
    """Were facts of that day last checked more than a year before `today`?"""
    return (today - as_of).days > OLD_AFTER_DAYS


def age_text(as_of: date, today: date) -> str:
    """"as of 20 November 2026", and where that is more than a year ago, that it is."""
    said = f"as of {as_of.day} {as_of:%B %Y}"
    return f"{said}, more than a year ago: check them before you rely on them" if old(as_of, today) else said


def read(name: str, folder=FOLDER) -> dict:
    """One facts file, its schema checked."""
    table = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    if table.get("schema") != SCHEMAS[name]:
        raise ValueError(f"{name}.json has schema {table.get('schema')!r}, this program reads {SCHEMAS[name]!r}")
    date.fromisoformat(table["as_of"])
    return table


def _references(tables) -> dict[str, Reference]:
    found = {}
    for table in tables:
        for id, row in table["source_register"].items():
            if row["confidence"] not in CONFIDENCES or not row["title"] or not (row.get("url") or row.get("note")):
                raise ValueError(f"source {id!r} needs a title, an address or a note, and a confidence")
            found[id] = Reference(id, row["title"], row.get("url", ""), row["kind"], row["confidence"], row.get("note", ""))
    return found


def _clause(row: dict, everyone: tuple[str, ...]) -> Clause:
    asks = set(ASKED.findall(row["text"])) - {AGE} | mentioned(row.get("when"))
    return Clause(row["id"], row["text"], row.get("when"), tuple(row.get("audiences", everyone)), frozenset(asks))


def mentioned(condition) -> set[str]:
    """The questions that a condition looks at."""
    if condition is None:
        return set()
    if isinstance(condition, list):
        return set().union(*map(mentioned, condition))
    found = {condition["q"]} if "q" in condition else set()
    if {"task", "any_task", "derived"} & set(condition):
        found.add("tasks")
    found |= {name for name in (condition.get("date"), condition.get("before"), *condition.get("days", ()))
              if name and name != "today"}
    return found.union(*(mentioned(condition[part]) for part in ("all", "any", "none") if part in condition))


@cache
def rulebook() -> Rulebook:
    """The rulebook that is shipped. Read-only."""
    return assemble(read("policy_sections"), read("policy_presets"), read("policy_lints"))


def assemble(sections: dict, presets: dict, lints: dict) -> Rulebook:
    """The three tables as one; ValueError where one names what another does not have."""
    everyone = tuple(a["id"] for a in sections["audiences"])
    audiences = {a["id"]: Audience(a["id"], a["title"], a["default_title"], tuple(a["target_words"]), a["target_grade"])
                 for a in sections["audiences"]}
    questions = {q["id"]: Question(q["id"], q["section"], q["prompt"], q["type"], tuple(q["audiences"]), q["required"],
                                   MappingProxyType({o["value"]: o["label"] for o in q.get("options", ())}),
                                   q.get("default"), q.get("show_if"), q.get("help", ""), q.get("placeholder", ""))
                 for q in sections["questions"]}
    tasks = {t["id"]: Task(t["id"], t["title"], tuple(t["audiences"]), t["kind"]) for t in sections["tasks"]}
    values = next(q["values"] for q in sections["questions"] if q["type"] == "matrix")
    book = Rulebook(
        min(atlas().as_of, *(date.fromisoformat(table["as_of"]) for table in (sections, presets, lints))), audiences,
        {s["id"]: Section(s["id"], s["title"], s["purpose"], s["levels"], tuple(s["questions"]),
                          tuple(_clause(c, everyone) for c in s["clauses"]), tuple(s["must_contain"]),
                          tuple(s["pitfalls"]), s["good_example"], s["bad_example"], tuple(s["sources"]), tuple(s["refs"]))
         for s in sorted(sections["sections"], key=lambda s: s["order"])},
        questions, tasks, {v["value"]: v["label"] for v in values},
        {p["id"]: Preset(p["id"], p["name"], p["audience"], p["one_line"], p["aias_level"], p["permits"],
                         tuple(p["best_for"]), tuple(p["watch_out"]), tuple(p["not_for"]), p["answers"],
                         tuple(p["print_sections"]), tuple(p["sources"])) for p in presets["presets"]},
        {row["id"]: Lint(row["id"], row["level"], row["kind"], row["title"], tuple(row["audiences"]), row["when"],
                         row["message"], row["why"], tuple(row["fix"]), tuple(row["sections"]), tuple(row["sources"]),
                         tuple(row["refs"]), row["test"]) for row in lints["lints"]},
        lints["levels"], lints["text_rules"], _references((sections, presets, lints)))
    for owner in (*book.sections.values(), *book.presets.values(), *book.lints.values()):
        missing = set(owner.sources) - set(book.references)
        if missing:
            raise ValueError(f"{owner.id} names the sources {sorted(missing)}, which are in no register")
    for owner in (*book.sections.values(), *book.lints.values()):
        if missing := set(owner.references) - set(atlas().references):
            raise ValueError(f"{owner.id} names the references {sorted(missing)}, which no framework has")
    for section in book.sections.values():
        unknown = set(section.questions) | set().union(*(c.asks for c in section.clauses), set())
        if unknown - set(book.questions):
            raise ValueError(f"section {section.id} asks {sorted(unknown - set(book.questions))}, which are no questions")
    return book
