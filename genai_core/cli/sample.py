"""Draw with a model that `train` has saved: PNG files, or points.csv from a model of points.

Example: python -m genai_core sample runs/vae-strokes-0.safetensors --n 20 --out new
"""

import inspect
from pathlib import Path

from genai_core.errors import BadInput

MOST = 10_000
OWN = ("sampler", "calls", "eta", "digit", "guidance")  # options of diffusion models


def add(parser):
    parser.add_argument("file", type=Path, help="weights that `train` has saved")
    parser.add_argument("--n", type=int, default=20, help=f"how many, 1 to {MOST:,} (default 20)")
    parser.add_argument("--seed", type=int, default=0, metavar="S")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to; made if missing")
    parser.add_argument("--threads", type=int, help="default: all cores")
    own = parser.add_argument_group("diffusion")
    own.add_argument("--sampler", help="ddpm, ddim, euler, heun or langevin")
    own.add_argument("--calls", type=int, metavar="N", help="of the network, 4 to 1,000")
    own.add_argument("--eta", type=float, metavar="X", help="DDIM's noise, 0 to 1")
    own.add_argument("--digit", type=int, metavar="D", help="0 to 9; without it each in turn")
    own.add_argument("--guidance", type=float, metavar="X", help="0 any digit, 1 as it was learnt, up to 10")


def run(args) -> dict:
    if not 1 <= args.n <= MOST or args.seed < 0:
        raise BadInput(f"--n must be from 1 to {MOST:,} and --seed 0 or more; you gave {args.n} and {args.seed}.")
    if args.out.exists() and not args.out.is_dir():
        raise BadInput(f"--out must be a folder; {args.out} is a file.")
    from PIL import Image

    from genai_core import recognition, runtime, weights

    runtime.set_threads(args.threads)
    model, told = weights.load(args.file)
    if not hasattr(model, "sample"):
        raise BadInput(f"{args.file} holds {told['model']}, which does not draw pictures.")
    given = {name: value for name in OWN if (value := getattr(args, name)) is not None}
    if wrong := sorted(set(given) - set(inspect.signature(getattr(model, "path", model.sample)).parameters)):
        raise BadInput(f"{told['model']} takes no --{wrong[0]}.")
    drawn = model.sample(args.n, runtime.rng(args.seed), **given)                           # (n, 1, S, S), 0-1, or (n, 2)
    args.out.mkdir(parents=True, exist_ok=True)
    if drawn.ndim == 2:
        text = "\n".join(["x,y", *(f"{x:.6f},{y:.6f}" for x, y in drawn.tolist())])
        (args.out / "points.csv").write_text(text + "\n", encoding="utf-8")
        return {"model": told["model"], "data": told.get("data"), "n": args.n, "seed": args.seed, "folder": str(args.out), **given}
    for i, picture in enumerate((drawn * 255).round().byte()):
        Image.fromarray(picture[0].cpu().numpy()).save(args.out / f"{i:05}.png")
    answer = {"model": told["model"], "data": told.get("data"), "n": args.n, "seed": args.seed, "folder": str(args.out), **given}
    if told.get("data") in recognition.JUDGES:
        answer["recognised_share"] = round(recognition.recognised_share(drawn.cpu(), told["data"]), 4)
    return answer
