"""Train a VAE, a GAN or both on a shape in the plane: what the tab "Learn a shape" does, with the same numbers."""

import csv
import json
from pathlib import Path

from genai_core.errors import BadInput


def add(parser) -> None:
    parser.add_argument("--model", default="both", metavar="NAME", help="vae, gan or both (default)")
    parser.add_argument("--data", default="ring", metavar="NAME", help="ring (default), two_moons or spiral")
    parser.add_argument("--steps", type=int, default=3000, metavar="N", help="updates (default 3000)")
    parser.add_argument("--rate", type=float, default=1e-3, metavar="R", help="learning rate (default 0.001)")
    parser.add_argument("--earlier", default="", metavar="TEXT", help='learning rates before, as "0.001 until 1200"')
    parser.add_argument("--balance", type=float, default=2.0, metavar="X",
                        help="the discriminator's rate as a multiple of the generator's (default 2)")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="seed of every draw (default 0)")
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="CPU threads (default 1, as in the app)")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write losses and measures, one line every 50 updates")
    parser.add_argument("--notebook", type=Path, metavar="FILE", help="write the experiment as a notebook")


def run(args) -> dict:
    from genai_core import plane, runtime

    settings = plane.Settings(args.model, args.data, args.steps, args.seed, args.balance,
                              plane.schedule(args.rate, args.earlier))
    if args.threads < 1:
        raise BadInput(f"Threads: {args.threads} is out of range; it takes at least 1.")
    runtime.set_threads(args.threads)
    for file in (args.csv, args.notebook):
        if file and not file.parent.is_dir():
            raise BadInput(f"There is no folder {str(file.parent)!r} to write {file.name} into.")
    if args.notebook:
        from genai_core.notebook import plane_notebook

        args.notebook.write_text(json.dumps(plane_notebook(settings), indent=1) + "\n", encoding="utf-8")
    for frame in plane.run(settings):
        if not args.json and frame.index % 500 == 0:
            print(f"update {frame.index:,} of {frame.steps:,}", flush=True)
    if args.csv:
        with args.csv.open("w", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, frame.rows[0])
            writer.writeheader()
            writer.writerows(frame.rows)
    return {"model": args.model, "data": args.data, "seed": args.seed, "steps": frame.steps,
            "distance_floor": plane.floor(args.data), **frame.rows[-1]}
