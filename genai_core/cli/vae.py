"""Train a VAE of digits and take it apart: what the tab "Variational autoencoder" does, with the same numbers.

Examples: python -m genai_core vae --case collapse --json
          python -m genai_core vae --latent 2 --beta 1 --csv runs/vae.csv --notebook runs/vae.ipynb
"""

import csv
import json
from dataclasses import fields
from pathlib import Path

from genai_core.errors import BadInput
from genai_core.latents.settings import CASES, Settings


def add(parser) -> None:
    parser.add_argument("--case", metavar="NAME", help=f"settings to start from: {', '.join(CASES)} (default quick, the tab's own)")
    for field in fields(Settings):
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=field.type, help=f"default {field.default}")
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="CPU threads (default 1, as in the app)")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write losses and the KL of each number, one line every 25 updates")
    parser.add_argument("--notebook", type=Path, metavar="FILE", help="write the experiment as a notebook, its pictures inside")


def settings_of(args) -> Settings:
    """The case's settings with what was given besides."""
    if args.case is not None and args.case not in CASES:
        raise BadInput(f"There is no case {args.case[:40]!r}; there are {', '.join(CASES)}.")
    given = {field.name: getattr(args, field.name) for field in fields(Settings)}
    return Settings(**CASES[args.case or "quick"] | {name: value for name, value in given.items() if value is not None})


def run(args) -> dict:
    settings = settings_of(args)
    if args.threads < 1:
        raise BadInput(f"Threads: {args.threads} is out of range; it takes at least 1.")
    for file in (args.csv, args.notebook):
        if file and not file.parent.is_dir():
            raise BadInput(f"There is no folder {str(file.parent)!r} to write {file.name} into.")
    from genai_core import runtime
    from genai_core.latents import experiment, recording

    runtime.set_threads(args.threads)
    if args.notebook:
        from genai_core.latents.export import notebook

        args.notebook.write_text(json.dumps(notebook(settings), indent=1) + "\n", encoding="utf-8")
    rows = []
    for moment in experiment.run(settings):
        if isinstance(moment, experiment.Frame):
            rows.append(recording.row(moment))
            if moment.epoch_loss is not None and not args.json:
                print(f"epoch {moment.epoch} of {settings.epochs}: loss {moment.epoch_loss:.3f} nats per picture", flush=True)
    if args.csv:
        with args.csv.open("w", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    end = recording.told(moment)
    return {"data": settings.data, "seed": settings.seed, "updates": rows[-1]["update"], "epoch_loss": rows[-1]["epoch_loss"],
            "held_out_reconstruction": end["reconstruction"], "held_out_kl": round(sum(end["kl"]), 4), "kl": end["kl"],
            "bounds": end["bounds"], "recognised_share": end["recognised"],
            "r2": {factor["name"]: factor["r2"] for factor in end["factors"]}}
