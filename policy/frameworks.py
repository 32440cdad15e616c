"""Frameworks, risks and mitigations, with their sources, dates and how sure we are: assets/facts/{frameworks,mitigations}.json.

Every record names its sources; a source that is not in the register, or a record without one, is an error at loading.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType

FOLDER = Path(__file__).resolve().parent.parent / "assets" / "facts"
CONFIDENCES = ("high", "medium", "low")
STRENGTHS = ("strong", "partial", "weak")
STALE_AFTER = timedelta(days=365)
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")


@dataclass(frozen=True)
class Origin:
    """Where a fact was read. kind: primary, paper, repo, secondary or memory. as_of: the day its file was last checked."""

    id: str
    title: str
    url: str
    kind: str
    confidence: str
    as_of: date
    note: str = ""

    def __post_init__(self):
        if not self.title or self.confidence not in CONFIDENCES or not (self.url or self.kind == "memory"):
            raise ValueError(f"source {self.id!r} needs a title, an address unless from memory, and a confidence")


@dataclass(frozen=True)
class Dated:
    """date: YYYY, YYYY-MM or YYYY-MM-DD."""

    date: str
    what: str
    confidence: str


@dataclass(frozen=True)
class Reference:
    """One citable place of a framework. id: "eu-aia:Art. 50(4)". applies: the date it applies from, "" where none is told."""

    id: str
    framework: str
    ref: str
    gloss: str
    stages: tuple[str, ...] = ()
    applies: str = ""


@dataclass(frozen=True)
class Framework:
    id: str
    short: str
    title: str
    issuer: str
    kind: str
    jurisdiction: str
    status: str
    dates: tuple[Dated, ...]
    references: tuple[Reference, ...]
    origins: tuple[Origin, ...]
    confidence: str


@dataclass(frozen=True)
class Risk:
    """One of the twelve of NIST AI 600-1, or one of ours (`ours`)."""

    id: str
    title: str
    gloss: str
    ours: bool


@dataclass(frozen=True)
class Mitigation:
    """strengths: {risk: strong, partial or weak}. limits: what it does not do. fails_when: one sentence."""

    id: str
    title: str
    what: str
    strengths: Mapping[str, str]
    maturity: str
    maturity_text: str
    limits: tuple[str, ...]
    fails_when: str
    references: tuple[str, ...]
    origins: tuple[Origin, ...]
    confidence: str

    def strength(self, risks) -> str:
        """The best it can do against any of these risks; "" where it addresses none."""
        return min((self.strengths[risk] for risk in risks if risk in self.strengths), key=STRENGTHS.index, default="")


@dataclass(frozen=True)
class Stage:
    id: str
    title: str
    what: str


@dataclass(frozen=True)
class Atlas:
    """Everything that is known about frameworks. hooks: {(stage, reference): why it is a main hook of that stage}."""

    as_of: date
    note: str
    stages: Mapping[str, Stage]
    risks: Mapping[str, Risk]
    frameworks: Mapping[str, Framework]
    references: Mapping[str, Reference]
    hooks: Mapping[tuple[str, str], str]


def facts_json(name: str, folder: Path = FOLDER) -> dict:
    """assets/facts/<name>.json."""
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


def origins(record: Mapping, register: Mapping, as_of: date, where: str, least: int = 1) -> tuple[Origin, ...]:
    """The sources that a record names, from its file's register; ValueError where fewer than `least` are found."""
    found = []
    for name in record.get("sources", ()):
        if name not in register:
            raise ValueError(f"{where} names a source {name!r} that its file does not list")
        entry = register[name]
        found.append(Origin(name, entry["title"], entry["url"], entry["kind"], entry["confidence"], as_of, entry.get("note", "")))
    if len(found) < least:
        raise ValueError(f"{where} has no source")
    return tuple(found)


@cache
def atlas() -> Atlas:
    """Frameworks, references, risks and stages; every id resolved."""
    raw = facts_json("frameworks")
    as_of, register = date.fromisoformat(raw["as_of"]), raw["source_register"]
    frameworks = {}
    for entry in raw["frameworks"]:
        refs = tuple(Reference(f"{entry['id']}:{r['ref']}", entry["id"], r["ref"], r["gloss"], tuple(r.get("stages", ())),
                               r.get("applies", "")) for r in entry["refs"])
        frameworks[entry["id"]] = Framework(
            entry["id"], entry["short"], entry["title"], entry["issuer"], entry["kind"], entry["jurisdiction"], entry["status"],
            tuple(Dated(**d) for d in entry["dates"]), refs, origins(entry, register, as_of, entry["id"]), entry["confidence"])
    references = {ref.id: ref for framework in frameworks.values() for ref in framework.references}
    risks = [Risk(r["id"], r["title"], r["gloss"], ours) for part, ours in (("risks", False), ("local_risks", True)) for r in raw[part]]
    hooks = {(row["stage"], hook["ref"]): hook["why"] for row in raw["stage_map"] for hook in row["refs"]}
    if unknown := {ref for _, ref in hooks} - set(references):
        raise ValueError(f"the map of stages names references that are not there: {sorted(unknown)}")
    stages = {s["id"]: Stage(s["id"], s["title"], s["what"]) for s in raw["stages"]}
    return Atlas(as_of, raw["note"], MappingProxyType(stages), MappingProxyType({risk.id: risk for risk in risks}),
                 MappingProxyType(frameworks), MappingProxyType(references), MappingProxyType(hooks))


@cache
def mitigations() -> Mapping[str, Mitigation]:
    """Every mitigation by id, its risks and references resolved."""
    raw = facts_json("mitigations")
    as_of, known, found = date.fromisoformat(raw["as_of"]), atlas(), {}
    for entry in raw["mitigations"]:
        strengths = {m["risk"]: m["strength"] for m in entry["mitigates"]}
        if set(strengths) - set(known.risks) or set(strengths.values()) - set(STRENGTHS) or set(entry["refs"]) - set(known.references):
            raise ValueError(f"mitigation {entry['id']!r} names a risk, strength or reference that is not there")
        found[entry["id"]] = Mitigation(
            entry["id"], entry["title"], entry["what"], MappingProxyType(strengths), entry["maturity"],
            raw["maturity_levels"][entry["maturity"]], tuple(entry["limits"]), entry["fails_when"], tuple(entry["refs"]),
            origins(entry, raw["source_register"], as_of, entry["id"]), entry["confidence"])
    return MappingProxyType(found)


def cited(ids) -> list[dict]:
    """References for the screen: {title: "EU AI Act Annex III(3)(b)", gloss, applies: "2027-12-02" or "", confidence}."""
    known, found = atlas(), []
    for id in ids:
        reference = known.references[id]
        framework = known.frameworks[reference.framework]
        found.append({"title": f"{framework.short} {reference.ref}", "gloss": reference.gloss, "applies": reference.applies,
                      "confidence": framework.confidence})
    return found


def day_text(day: date) -> str:
    """"20 November 2026"."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def as_of_text(as_of: date, today: date) -> str:
    """"As of 20 November 2026.", and where that is more than a year ago, that it must be checked."""
    stale = " That is more than a year ago: check what follows before you rely on it." if is_stale(as_of, today) else ""
    return f"As of {day_text(as_of)}.{stale}"


def is_stale(as_of: date, today: date) -> bool:
    return today - as_of > STALE_AFTER


def stage_rows(stage: str) -> list[dict]:
    """The references of a stage by framework: {framework, id, ref, gloss, applies, why}. why: "" where it is no main hook."""
    known = atlas()
    return [{"framework": framework.short, "id": ref.id, "ref": ref.ref, "gloss": ref.gloss, "applies": ref.applies,
             "why": known.hooks.get((stage, ref.id), "")}
            for framework in known.frameworks.values() for ref in framework.references
            if stage in ref.stages or (stage, ref.id) in known.hooks]
