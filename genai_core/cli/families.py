"""Five families learn the same points in the same time: what the tab "Every family" does, with the same numbers."""

import csv
import json
from pathlib import Path

from genai_core.errors import BadInput


def add(parser) -> None:
    parser.add_argument("--data", default="ring", metavar="NAME", help="ring (default), two_moons, spiral, or strokes: digits")
    parser.add_argument("--seconds", type=float, default=6, metavar="S",
                        help="of learning, for each family (default 6); up to 9, digits up to 60")
    parser.add_argument("--pace", default="clock", metavar="NAME", help="clock (default), or fixed: updates, the same everywhere")
    parser.add_argument("--balance", type=float, default=2.0, metavar="X", help="the GAN's discriminator's rate as a multiple (default 2)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="seed of every draw (default 0)")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write every look at every family")
    parser.add_argument("--notebook", type=Path, metavar="FILE", help="write the contest as a notebook")


def run(args) -> dict:
    from genai_core import runtime
    from genai_core.families import contest, digit_recording, digits, export, recording
    from genai_core.families.settings import Settings

    settings = Settings(args.data, args.seconds, args.pace, args.balance, args.seed)
    for file in (args.csv, args.notebook):
        if file and not file.parent.is_dir():
            raise BadInput(f"There is no folder {str(file.parent)!r} to write {file.name} into.")
    runtime.set_threads(1)
    if args.notebook:
        args.notebook.write_text(json.dumps(export.notebook(settings), indent=1) + "\n", encoding="utf-8")
    play, told = (digits.run, digit_recording) if settings.digits else (contest.run, recording)
    seen = 0
    for state in play(settings):
        if not args.json and len(state.ends) > seen:
            seen = len(state.ends)
            print(f"{state.looks[-1].family}: done", flush=True)
    rows = told.rows(state)
    if args.csv:
        with args.csv.open("w", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    return {"data": args.data, "seed": args.seed, "bands": told.scene(settings)["bands"],
            "families": {row["family"]: row for row in rows if row["nats_kind"]}}
