"""The checklist's side of the server: the list, a file opened, a file written. Plain data in and out, nothing is kept.

A BadInput becomes {"error": sentence}; the browser shows it and keeps what was typed. The sheet is checked each time.
"""

import functools
import logging
import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date

from demos._words import words
from policy import checklist_file, frameworks
from policy.checklist import MISSING, SETTLED, STATES, catalogue, data_of, sheet_of
from policy.errors import BadInput

KEY = "checklist"
OOPS = "This broke, and that is our mistake, not yours. Your answers are kept; the details are in the server's log."
KINDS = {"markdown": ("md", "text/markdown", checklist_file.markdown), "csv": ("csv", "text/csv", checklist_file.csv)}


def answering(function):
    """A server function that never fails: bad input becomes its sentence, our own mistakes an apology and a line in the log."""

    @functools.wraps(function)
    def safe(given):
        try:
            if not isinstance(given, Mapping):
                raise BadInput("Data must be an object.")
            return function(given)
        except BadInput as error:
            return {"error": str(error)}
        except Exception:
            logging.getLogger(__name__).exception("the checklist broke in %s", function.__name__)
            return {"error": OOPS}

    return safe


@answering
def checklist_start(given: Mapping) -> dict:
    """Everything that does not change, with sources, confidence and dates."""
    known, atlas, text = catalogue(), frameworks.atlas(), words(KEY)
    lecture = {id: [] for id in known.items}
    for point in known.lecture:
        for id in point["items"]:
            lecture[id].append(point["point"])
    return {
        "words": {name: part for name, part in text.sections.items() if name not in ("question", "idea")},
        "note": known.note, "as_of": frameworks.as_of_text(min(known.as_of, atlas.as_of), date.today()),
        "map_note": atlas.note, "answers": dict(known.answers), "settled": SETTLED, "missing": MISSING, "states": STATES,
        "stages": [{"id": s.id, "title": s.title, "what": s.what} for s in atlas.stages.values()],
        "profiles": [{"id": p.id, "title": p.title, "tags": list(p.applies), "roles": list(p.roles)} for p in known.profiles.values()],
        "tags": dict(known.tags), "roles": dict(known.roles), "lecture": known.lecture_source,
        "items": [{"id": i.id, "stage": i.stage, "title": i.title, "statement": i.statement, "why": i.why, "evidence": i.evidence,
                   "weight": i.weight, "gate": i.gate, "tags": sorted(i.applies), "roles": sorted(i.roles),
                   "risks": [atlas.risks[risk].title for risk in i.risks], "lecture": lecture[i.id], "sources": _origins(i.origins),
                   "measures": [[measure.id, strength] for measure, strength in _measures(i)], "references": list(i.references)}
                  for i in known.items.values()],
        "mitigations": {m.id: {"title": m.title, "what": m.what, "maturity": m.maturity_text, "limits": list(m.limits),
                               "fails": m.fails_when, "sources": _origins(m.origins)} for m in frameworks.mitigations().values()},
        "references": {r.id: {"framework": r.framework, "ref": r.ref, "gloss": r.gloss, "applies": r.applies}
                       for r in atlas.references.values()},
        "frameworks": [{"id": f.id, "short": f.short, "title": f.title, "kind": f.kind, "where": f.jurisdiction, "status": f.status,
                        "confidence": f.confidence, "dates": [asdict(d) for d in f.dates],
                        "sources": _origins(f.origins)} for f in atlas.frameworks.values()],
        "map": {stage: [{"id": row["id"], "why": row["why"]} for row in stage_references(stage)] for stage in atlas.stages}}


@answering
def checklist_open(given: Mapping) -> dict:
    """The sheet of a file, with what was taken over from edits by hand."""
    text = given.get("text")
    if not isinstance(text, str):
        raise BadInput("The file must be text.")
    found = checklist_file.read(text)
    return {"sheet": data_of(found.sheet), "taken": list(found.taken)}


@answering
def checklist_take(given: Mapping) -> dict:
    """The sheet as a file: {name, type, text}."""
    if given.get("kind") not in KINDS:
        raise BadInput(f"A checklist can be taken as {' or '.join(KINDS)}.")
    ending, kind, write = KINDS[given["kind"]]
    sheet = sheet_of(given.get("sheet"))
    slug = "-".join(re.findall(r"[a-z0-9]+", sheet.project.lower()))[:40].strip("-")
    return {"name": f"checklist{'-' if slug else ''}{slug}.{ending}", "type": kind, "text": write(sheet)}


FUNCTIONS = (checklist_start, checklist_open, checklist_take)


def stage_references(stage: str) -> list[dict]:
    """What the map shows at a stage: its own references, and those that its items cite: {id, why}."""
    rows = {row["id"]: row["why"] for row in frameworks.stage_rows(stage)}
    for item in catalogue().items.values():
        if item.stage == stage:
            for ref in item.references:
                rows[ref] = rows.get(ref) or f"{item.id} {item.title}"
    return [{"id": id, "why": why} for id, why in rows.items()]


def _measures(item):
    from policy.checklist import Answer, gap

    return gap(item, Answer()).measures


def _origins(origins) -> list[dict]:
    return [{"title": o.title, "url": o.url, "confidence": o.confidence, "note": o.note} for o in origins]
