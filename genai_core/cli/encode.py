"""Encode pictures with a model that `train` has saved: a CSV with one row of numbers per picture.

Example: python -m genai_core encode runs/vae-strokes-0.safetensors --n 100 --out codes.csv
"""

import csv
from pathlib import Path

from genai_core.errors import BadInput


def add(parser):
    parser.add_argument("file", type=Path, help="weights that `train` has saved")
    parser.add_argument("--data", metavar="NAME", help="which pictures (default: those that it was trained on)")
    parser.add_argument("--data-dir", type=Path, metavar="D", help="folder that holds MNIST (default: GENLENS_DATA)")
    parser.add_argument("--split", default="test", help="test (default) or train")
    parser.add_argument("--n", type=int, default=1000, help="the first N (default 1000)")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.csv")
    parser.add_argument("--threads", type=int, help="default: all cores")


def run(args) -> dict:
    if not args.out.parent.is_dir():
        raise BadInput(f"There is no folder {str(args.out.parent)!r} to write {args.out.name} into.")
    import torch

    from genai_core import course, runtime, weights
    from genai_core.data import pictures

    runtime.set_threads(args.threads)
    model, told = weights.load(args.file)
    if not hasattr(model, "encode"):
        raise BadInput(f"{args.file} holds {told['model']}, which does not encode pictures.")
    data = pictures.read(args.data or told.get("data", "strokes"), args.split, args.n, args.data_dir)
    if data.size != model.size:
        raise BadInput(f"{args.file} was trained on pictures {model.size} pixels wide; {data.title} has {data.size}.")
    with torch.no_grad():
        codes = torch.cat([model.encode(part) for part in data.pictures.split(1000)])      # (N, L)
    with args.out.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["index", "label", *(f"z{j}" for j in range(codes.shape[1]))])
        for i, (label, code) in enumerate(zip(data.labels.tolist(), codes.tolist(), strict=True)):
            rows.writerow([i, label, *(f"{number:.6g}" for number in code)])
    return {"model": told["model"], "data": data.title, "split": data.split, "n": len(data), "numbers_each": codes.shape[1],
            "squared_error": round(course.squared_error(model, data.pictures), 6), "file": str(args.out)}
