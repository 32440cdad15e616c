"""Play a GAN in the plane: what the tab "GAN in the plane" does, with the same numbers."""

import csv
import json
from dataclasses import fields
from pathlib import Path

from genai_core.errors import BadInput


def add(parser) -> None:
    from genai_core.gans.knobs import OBJECTIVE_NAMES, OPTIMISERS
    from genai_core.gans.settings import DATA, DEFAULT, NOISES, STEPS, WIDTH

    parser.add_argument("--data", default="ring", metavar="NAME", help=f"{', '.join(DATA)} (default ring)")
    parser.add_argument("--points", type=Path, metavar="FILE", help="with --data own: a CSV of two columns, x and y")
    parser.add_argument("--noise", default="gaussian", metavar="NAME", help=f"{', '.join(NOISES)} (default gaussian)")
    parser.add_argument("--width", type=int, default=WIDTH, metavar="N", help=f"units of a hidden layer (default {WIDTH})")
    parser.add_argument("--steps", type=int, default=STEPS, metavar="N", help=f"updates to play (default {STEPS})")
    parser.add_argument("--act", default="both", metavar="WHO", help="both (default), d or g: whose updates are played")
    parser.add_argument("--case", metavar="NAME", help="a broken game to begin with: collapse, strong or swing")
    parser.add_argument("--earlier", default="", metavar="TEXT", help='what was played before, as "1200 both g_rate=0.004"')
    parser.add_argument("--objective", metavar="NAME", help=f"{', '.join(OBJECTIVE_NAMES)} (default {DEFAULT.objective})")
    parser.add_argument("--optimiser", metavar="NAME", help=f"{', '.join(OPTIMISERS)} (default {DEFAULT.optimiser})")
    for name, kind in (("d_rate", float), ("g_rate", float), ("d_layers", int), ("g_layers", int), ("d_updates", int),
                       ("g_updates", int), ("strength", float)):
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, metavar="X", help=f"default {getattr(DEFAULT, name):g}")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="seed of every draw (default 0)")
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="CPU threads (default 1, as in the app)")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write losses and measures, a line every 100 updates")
    parser.add_argument("--notebook", type=Path, metavar="FILE", help="write the experiment as a notebook")


def settings_of(args):
    """The arguments as Settings; with --case those of the broken game, but for what is given."""
    from dataclasses import replace

    from genai_core.gans import zoo
    from genai_core.gans.knobs import Knobs, Segment, one_of, segments
    from genai_core.gans.settings import DEFAULT, Settings

    if args.case:
        one_of("broken game", args.case, zoo.CASES)
    base = zoo.CASES[args.case].settings if args.case else None
    given = {f.name: getattr(args, f.name) for f in fields(Knobs) if getattr(args, f.name) is not None}
    knobs = replace(base.parts[-1].knobs if base else DEFAULT, **given)
    if args.points and not args.points.is_file():
        raise BadInput(f"There is no file {args.points.name!r}.")
    before = segments(args.earlier)
    until = (before[-1].until if before else 0) + args.steps
    text = args.points.read_text(encoding="utf-8-sig", errors="replace") if args.points else ""
    return Settings(base.data if base and args.data == "ring" else args.data, args.seed, args.noise, args.width,
                    (*before, Segment(until, args.act, knobs)), text)


def run(args) -> dict:
    from genai_core import runtime
    from genai_core.gans import plane
    from genai_core.gans.knobs import one_of

    one_of("player", args.act, ("both", "d", "g"))
    settings = settings_of(args)
    if args.threads < 1:
        raise BadInput(f"Threads: {args.threads} is out of range; it takes at least 1.")
    runtime.set_threads(args.threads)
    for file in (args.csv, args.notebook):
        if file and not file.parent.is_dir():
            raise BadInput(f"There is no folder {str(file.parent)!r} to write {file.name} into.")
    if args.notebook:
        from genai_core.gans.export import notebook

        args.notebook.write_text(json.dumps(notebook(settings), indent=1) + "\n", encoding="utf-8")
    for frame in plane.run(settings):
        if not args.json and frame.index % 1000 == 0:
            print(f"update {frame.index:,} of {settings.steps:,}", flush=True)
    if args.csv:
        with args.csv.open("w", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, frame.rows[0])
            writer.writeheader()
            writer.writerows(frame.rows)
    return {"data": settings.data, "seed": settings.seed, "steps": settings.steps, **frame.rows[-1]}
