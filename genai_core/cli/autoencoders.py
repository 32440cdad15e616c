"""Train an autoencoder and use its code: what the tab "Autoencoders" does, with the same numbers."""

import csv
import json
from dataclasses import fields
from pathlib import Path

from genai_core.errors import BadInput

HELP = {"task": "reconstruct (default), compress, similar, odd, labels, points or new",
        "data": "strokes (default), digits, mnist or fashion_mnist",
        "network": "dense (default), tied or convolutional", "bottleneck": "numbers in a code", "epochs": "rounds over the pictures",
        "sparse": "none (default), l1 or kl", "weight": "of the price on the code", "rate": "target rate of the KL",
        "noise": "none (default), gaussian or masking", "amount": "of noise", "code": "suited (default), linear or sigmoid",
        "pictures": "how many to learn from", "digit": "class left out (odd)", "labels": "pictures with a label (labels)",
        "shape": "ring (default), gaussian, two_moons, spiral or pinwheel (points)", "spread": "deviation of the noise (points)",
        "seed": "seed of every draw"}


def add(parser) -> None:
    from genai_core.autoencoders.settings import Settings

    for field in fields(Settings):
        plain = "" if "default)" in HELP[field.name] else f" (default {field.default})"
        parser.add_argument(f"--{field.name}", type=type(field.default), default=field.default, metavar="X", help=HELP[field.name] + plain)
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="CPU threads (default 1, as in the app)")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the table of the run")
    parser.add_argument("--notebook", type=Path, metavar="FILE", help="write the experiment as a notebook")


def run(args) -> dict:
    from genai_core import runtime
    from genai_core.autoencoders import experiment
    from genai_core.autoencoders.settings import Settings

    settings = Settings(**{field.name: getattr(args, field.name) for field in fields(Settings)})
    if args.threads < 1:
        raise BadInput(f"Threads: {args.threads} is out of range; it takes at least 1.")
    runtime.set_threads(args.threads)
    for file in (args.csv, args.notebook):
        if file and not file.parent.is_dir():
            raise BadInput(f"There is no folder {str(file.parent)!r} to write {file.name} into.")
    if args.notebook:
        from genai_core.autoencoders.export import notebook

        args.notebook.write_text(json.dumps(notebook(settings), indent=1) + "\n", encoding="utf-8")
    for frame in experiment.run(settings):
        if not args.json and frame.rows[-1].get("held_out_error"):
            print(f"update {frame.index:,} of {frame.steps:,}, held-out error {frame.rows[-1]['held_out_error']:.5f}", flush=True)
    if args.csv:
        names = list(dict.fromkeys(name for row in frame.rows for name in row))
        with args.csv.open("w", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, names, restval="")
            writer.writeheader()
            writer.writerows(frame.rows)
    told = {name: value[1] for name, value in frame.numbers.items()}
    return {"task": settings.task, "data": settings.shape if settings.task == "points" else settings.data, "seed": settings.seed,
            "loss": frame.rows[-1]["last_loss" if settings.task == "points" else "loss"], **told}
