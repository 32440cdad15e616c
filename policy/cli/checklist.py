"""A responsible-AI checklist that a project keeps as a file: what is missing, and exit code 1 while a gate is open.

Examples: python -m policy checklist new --profile course --project "COMP 4630" -o CHECKLIST.md
          python -m policy checklist check CHECKLIST.md          (in a build: 0 ready, 1 a gate is open, 2 not readable)
          python -m policy checklist read CHECKLIST.md --json
"""

import argparse
from datetime import date
from pathlib import Path

from policy import checklist_file, frameworks
from policy.checklist import STATES, blank, catalogue, data_of, is_due, standing
from policy.errors import BadInput
from policy.markdown_file import text_of


def add(parser):
    known = catalogue()
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    new = actions.add_parser("new", help="an empty checklist")
    new.add_argument("--profile", required=True, help="; ".join(f"{p.id}: {p.title}" for p in known.profiles.values()))
    new.add_argument("--project", default="", help="name of the project")
    new.add_argument("-o", "--out", type=Path, help="where to write it; else it is printed")
    check = actions.add_parser("check", help="say what is missing; exit code 1 while a gate is open")
    read = actions.add_parser("read", help="give the answers back")
    csv = actions.add_parser("csv", help="the checklist as a table")
    again = actions.add_parser("write", help="write it anew: edits by hand are taken over and kept, the counts follow")
    for action in (check, read, csv, again):
        action.add_argument("file", metavar="FILE", help="a checklist as Markdown")
    for action in (csv, again):
        action.add_argument("-o", "--out", type=Path, help="where to write it; else it is printed")
    show = actions.add_parser("map", help="frameworks by stage, with the dates that apply")
    show.add_argument("--stage", choices=list(frameworks.atlas().stages))
    actions.add_parser("profiles", help="the profiles there are")
    for action in actions.choices.values():
        action.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON object and nothing else")


def run(args):
    actions = (_new, _check, _read, _csv, _write, _map, _profiles)
    return {action.__name__.removeprefix("_"): action for action in actions}[args.action](args)


def _opened(args):
    return checklist_file.read(text_of(args.file), args.file)


def _new(args):
    if args.out and args.out.exists():
        raise BadInput(f"{args.out} is there already and may hold answers; choose another name, or remove it first.")
    return _put(args, checklist_file.markdown(blank(args.profile, args.project)))


def _write(args):
    return _put(args, checklist_file.markdown(_opened(args).sheet))


def _csv(args):
    return _put(args, checklist_file.csv(_opened(args).sheet))


def _put(args, text: str):
    if args.out is None:
        print(text, end="")
        return 0
    try:
        args.out.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise BadInput(f"{args.out} cannot be written: {error.strerror}.") from error
    return {"written": str(args.out)}


def _check(args):
    """What is missing. In words: gates and refusals first with what helps, then the rest by name."""
    found = _opened(args)
    now, as_of = standing(found.sheet), catalogue().as_of
    if getattr(args, "json", False):
        return told(found, now), int(not now.ready)
    print(checklist_file.verdict(found.sheet, now))
    for said in found.taken:
        print(f"note: {said}")
    for stage in now.stages:
        if stage.due:
            aside = f", {stage.aside} set aside" if stage.aside else ""
            print(f"{frameworks.atlas().stages[stage.stage].title}: {stage.due} due, {stage.answered} answered, "
                  f"{stage.shown} with evidence{aside}")
    for gap in now.gaps:
        kind = "gate" if gap.item.gate else gap.item.weight
        print(f"- {gap.item.id} {gap.item.title} ({kind}): {STATES[gap.state]}. {gap.item.evidence}")
        if gap.item.gate:
            for measure, strength in gap.measures:
                print(f"    helps: {measure.title} ({strength}, {measure.maturity}). {measure.limits[0]}")
            print(f"    see: {checklist_file.cited(gap.references)}")
    print(frameworks.as_of_text(as_of, date.today()))
    return int(not now.ready)


def told(found, now) -> dict:
    """The whole finding as plain data, nothing of the provenance dropped."""
    return {"ready": now.ready, "verdict": checklist_file.verdict(found.sheet, now), "as_of": catalogue().as_of.isoformat(),
            "gates": list(now.gates), "gates_open": list(now.gates_open), "gates_not_due": list(now.gates_not_due),
            "taken_from_text": list(found.taken), "own_words": dict(found.sheet.own),
            "stages": [{"stage": s.stage, "due": s.due, "answered": s.answered, "shown": s.shown, "aside": s.aside,
                        "gates_open": list(s.gates_open)} for s in now.stages],
            "gaps": [{"id": gap.item.id, "title": gap.item.title, "gate": gap.item.gate, "weight": gap.item.weight, "state": gap.state,
                      "note": gap.note, "evidence_wanted": gap.item.evidence, "risks": list(gap.item.risks),
                      "mitigations": [{"id": m.id, "title": m.title, "strength": strength, "maturity": m.maturity_text,
                                       "limits": list(m.limits), "fails_when": m.fails_when, "confidence": m.confidence,
                                       "sources": [f"{o.title} {o.url}".strip() for o in m.origins]} for m, strength in gap.measures],
                      "references": [{"id": r.id, "gloss": r.gloss, "applies": r.applies} for r in gap.references]}
                     for gap in now.gaps]}


def _read(args):
    found = _opened(args)
    if getattr(args, "json", False):
        return data_of(found.sheet) | {"taken_from_text": list(found.taken)}
    said = {f"{id} {catalogue().items[id].title}": f"{answer.value or 'open'}. {answer.note}".rstrip(". ")
            for id, answer in found.sheet.answers.items()}
    return {"project": found.sheet.project, "profile": catalogue().profiles[found.sheet.profile].title} | said | {
        f"note {n}": note for n, note in enumerate(found.taken, 1)}


def _map(args):
    atlas = frameworks.atlas()
    rows = {stage: frameworks.stage_rows(stage) for stage in atlas.stages if args.stage in (None, stage)}
    if getattr(args, "json", False):
        return {"as_of": atlas.as_of.isoformat(), "stages": rows}
    print(frameworks.as_of_text(atlas.as_of, date.today()))
    for stage, found in rows.items():
        print(f"\n{atlas.stages[stage].title}")
        for row in found:
            from_ = f" (applies from {row['applies']})" if row["applies"] else ""
            print(f"  {row['framework']} {row['ref']}{from_}: {row['gloss']}")
    return 0


def _profiles(args):
    return {p.id: f"{p.title}, {sum(is_due(item, blank(p.id)) for item in catalogue().items.values())} items"
            for p in catalogue().profiles.values()}
