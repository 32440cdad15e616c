"""Draw Picturebook scenes: PNG files and metadata.csv, in the image-folder layout."""

import csv
from pathlib import Path

from genai_core.errors import BadInput

MOST = 1_000_000


def add(parser):
    parser.add_argument("--n", type=int, required=True, help=f"how many, 1 to {MOST:,}")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--split", default="train", help="train (default), unseen, or all")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to; made if missing")


def run(args):
    from PIL import Image

    from genai_core.data import picturebook
    from genai_core.data.captions import caption

    if not 1 <= args.n <= MOST:
        raise BadInput(f"--n must be from 1 to {MOST:,}; you gave {args.n}.")
    if args.split not in picturebook.SPLITS:
        raise BadInput(f"--split must be one of {', '.join(picturebook.SPLITS)}; you gave {args.split!r}.")
    if args.seed < 0:
        raise BadInput(f"--seed must be 0 or more; you gave {args.seed}.")
    if args.out.exists() and not args.out.is_dir():
        raise BadInput(f"--out must be a folder; {args.out} is a file.")
    args.out.mkdir(parents=True, exist_ok=True)
    with (args.out / "metadata.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["file_name", "text", *picturebook.FACTORS])
        for index in range(args.n):
            rng = picturebook.stream(args.seed, index)
            what = picturebook.scene(rng, args.split)
            name = f"{index:06d}.png"
            Image.fromarray(picturebook.draw(what, rng)).save(args.out / name)
            rows.writerow([name, caption(what, rng), *(getattr(what, factor) for factor in picturebook.FACTORS)])
    return {"folder": str(args.out), "scenes": args.n, "seed": args.seed, "split": args.split}
