"""Train a GAN of digits, or make one of five mistakes beside it: what the tab "GAN on digits" does, with the same numbers.

Examples: python -m genai_core gan-digits --case slide --json
          python -m genai_core gan-digits --part no_zero_grad --csv runs/mistake.csv
          python -m genai_core gan-digits --case collapse --balance 1    # broken on purpose, and a repair
"""

import csv
import json
from dataclasses import fields
from pathlib import Path

from genai_core.digit_gans import zoo
from genai_core.digit_gans.settings import CASES, Settings
from genai_core.errors import BadInput


def add(parser) -> None:
    parser.add_argument("--case", metavar="NAME", help=f"settings to start from: {', '.join(CASES)} (default quick, the tab's own), or a "
                        f"broken game, which the run is then held against: {', '.join(zoo.CASES)}")
    for field in fields(Settings):
        name = f"--{field.name.replace('_', '-')}"
        if field.type is bool:
            parser.add_argument(name, action="store_true", default=None, help="tell both players the digit")
        else:
            parser.add_argument(name, type=field.type, help=f"default {field.default}")
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="CPU threads (default 1, as in the app)")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write losses and what the judge saw, one line every 50 turns")
    parser.add_argument("--notebook", type=Path, metavar="FILE", help="write the experiment as a notebook, its pictures inside")


def settings_of(args) -> Settings:
    """The case's settings with what was given besides."""
    cases = CASES | {name: zoo.preset(name) for name in zoo.CASES}
    if args.case is not None and args.case not in cases:
        raise BadInput(f"There is no case {args.case[:40]!r}; there are {', '.join(cases)}.")
    given = {field.name: getattr(args, field.name) for field in fields(Settings)}
    return Settings(**cases[args.case or "quick"] | {name: value for name, value in given.items() if value is not None})


def run(args) -> dict:
    settings = settings_of(args)
    if args.threads < 1:
        raise BadInput(f"Threads: {args.threads} is out of range; it takes at least 1.")
    for file in (args.csv, args.notebook):
        if file and not file.parent.is_dir():
            raise BadInput(f"There is no folder {str(file.parent)!r} to write {file.name} into.")
    from genai_core import runtime
    from genai_core.digit_gans import experiment, readings, recording

    runtime.set_threads(args.threads)
    if args.notebook:
        from genai_core.digit_gans.export import notebook

        args.notebook.write_text(json.dumps(notebook(settings), indent=1) + "\n", encoding="utf-8")
    rows = []
    for moment in experiment.run(settings):
        if isinstance(moment, experiment.Frame):
            rows.append(recording.row(moment))
            if not args.json:
                print(f"turn {moment.index:,} of {moment.steps:,}: " + ", ".join(
                    f"{name} {value:.4g}" for name, value in rows[-1].items() if isinstance(value, float)), flush=True)
            last = moment
    if args.csv:
        with args.csv.open("w", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, rows[-1])
            writer.writeheader()
            writer.writerows(rows)
    end = readings.told(last.models, settings)
    held = zoo.CASES.get(args.case) if rows[-1]["found"] is not None else None
    check = {"broken": held.broken(rows), "repaired": held.repaired(rows), "overtakings": zoo.overtakings(rows)} if held else {}
    return {"part": settings.part, "data": settings.data, "seed": settings.seed, **rows[-1], **check, "readings": end["columns"],
            "counts": end["counts"]}
