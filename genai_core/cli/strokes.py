"""Draw digits by pen: PNG files and factors.csv with every digit's label, style and factors.

Example: python -m genai_core strokes --n 100 --out digits
"""

import csv
from pathlib import Path

from genai_core.errors import BadInput


def add(parser):
    parser.add_argument("--n", type=int, default=100, help="how many, 1 to 60,000 (default 100)")
    parser.add_argument("--split", default="train", help="train (default) or test")
    parser.add_argument("--out", type=Path, help="folder to write to; made if missing")
    parser.add_argument("--ship", action="store_true", help="write the 10,000 that come with the app anew")


def run(args) -> dict:
    from PIL import Image

    from genai_core.data import glyphs, strokes, strokes_kept

    if args.ship:
        strokes_kept.ship()
        return {"digits": strokes_kept.SHIPPED, "folder": "assets/data/strokes"}
    if args.split not in strokes.SIZES:
        raise BadInput(f"--split must be train or test; you gave {args.split[:40]!r}.")
    if not 1 <= args.n <= strokes.SIZES[args.split]:
        raise BadInput(f"--n must be from 1 to {strokes.SIZES[args.split]:,}; you gave {args.n}.")
    if args.out is None or (args.out.exists() and not args.out.is_dir()):
        raise BadInput("--out must be a folder to write the pictures to" + (f"; {args.out} is a file." if args.out else "."))
    drawn, names = strokes_kept.first(args.split, args.n), glyphs.style_names()
    args.out.mkdir(parents=True, exist_ok=True)
    with (args.out / "factors.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["file_name", "label", "style", *strokes.FACTORS])
        for i in range(args.n):
            name = f"{i:05}.png"
            Image.fromarray(drawn.pictures[i, 0].numpy()).save(args.out / name)
            rows.writerow([name, int(drawn.labels[i]), names[drawn.styles[i]], *(round(float(f), 4) for f in drawn.factors[i])])
    return {"digits": args.n, "split": args.split, "folder": str(args.out)}
