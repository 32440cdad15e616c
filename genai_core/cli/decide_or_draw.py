"""Six models of labelled points, how sure they are of nothing, and the crossing of two: what the tab "Decide or draw?" does."""

import csv
import json
from pathlib import Path


def add(parser) -> None:
    from genai_core.decide_or_draw.settings import DATA, DECIDERS, Settings

    d = Settings()
    parser.add_argument("--data", default=d.data, metavar="NAME", help=f"{', '.join(DATA)} (default {d.data})")
    parser.add_argument("--own", type=Path, metavar="FILE", help="a CSV of own points instead: x, y, class")
    parser.add_argument("--at", default=d.at, metavar="X,Y",
                        help=f"the point to ask about (default {d.at!r}); where x is negative --at=-1,2")
    parser.add_argument("--climber", default=d.climber, metavar="NAME", help=f"{', '.join(DECIDERS)} (default {d.climber})")
    for name, kind, what in (("n", int, "labelled points"), ("noise", float, "standard deviation of noise on every point"),
                             ("components", int, "Gaussians of each class's mixture"), ("bandwidth", float, "width of a kernel"),
                             ("features", int, "of an example in the learning curves"),
                             ("correlation", float, "of half of these features"), ("runs", int, "of the learning curves"),
                             ("seed", int, "seed of every draw")):
        default = getattr(d, name)
        parser.add_argument(f"--{name}", type=kind, default=default, metavar="N" if kind is int else "X",
                            help=f"{what} (default {default:g})")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the learning curves")
    parser.add_argument("--notebook", type=Path, metavar="FILE", help="write the run as a notebook with its data inside")


def run(args) -> dict:
    from genai_core import runtime
    from genai_core.data import own_points
    from genai_core.decide_or_draw import experiment, export, results
    from genai_core.decide_or_draw.settings import Settings
    from genai_core.errors import BadInput

    given = {name: value for name, value in vars(args).items() if name in Settings.__dataclass_fields__}
    if args.own:
        own_points.read(args.own, with_class=True)
        given["own"] = args.own.read_text(encoding="utf-8-sig")
    else:
        given["own"] = ""
    for file in (args.csv, args.notebook):
        if file and not file.parent.is_dir():
            raise BadInput(f"There is no folder {str(file.parent)!r} to write {file.name} into.")
    settings = Settings(**given)
    runtime.set_threads(1)
    if args.notebook:
        args.notebook.write_text(json.dumps(export.notebook(settings), indent=1) + "\n", encoding="utf-8")
    for frame in experiment.run(settings):
        pass
    table = results.rows(frame.found)
    if args.csv:
        with args.csv.open("w", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, table[0])
            writer.writeheader()
            writer.writerows(table)
    return {"data": frame.found["scene"]["title"], "seed": settings.seed, **results.numbers(frame.found)}
