"""`train diffusion`: a denoiser of points in the plane, or of digits, epoch by epoch."""

import json
import sys
import time
from pathlib import Path

from genai_core.errors import BadInput

WHAT = {"diffusion": "a diffusion model of points in the plane, or of digits, which can be asked for a digit"}
POINTS = ("ring", "two_moons", "spiral", "pinwheel", "checkerboard", "off_centre")
MOST_EPOCHS = 1000


def add(parser, kind):
    parser.add_argument("--data", default="strokes", metavar="NAME", help="strokes (default), digits, mnist or fashion_mnist; or points "
                        f"(the ring), {', '.join(POINTS)}")
    parser.add_argument("--data-dir", type=Path, metavar="D", help="folder that holds MNIST (default: GENLENS_DATA)")
    parser.add_argument("--download", action="store_true", help="fetch the data where they are not on this machine")
    parser.add_argument("--n", type=int, help="learn from the first N examples only (default: all; 2,000 points)")
    parser.add_argument("--epochs", type=int, metavar="N", help="default 10; for points 250, which is 2,000 updates")
    parser.add_argument("--batch", type=int, metavar="B", help="examples per update (default 64; for points 256)")
    parser.add_argument("--rate", type=float, metavar="R", help="learning rate of Adam at the start, which falls to 0 (default 0.002; "
                        "for points 0.005)")
    parser.add_argument("--target", default="v", help="what the network answers: v (default), epsilon or x0")
    parser.add_argument("--schedule", default="cosine", help="cosine (default), linear (made for 1,000 steps) or scaled")
    parser.add_argument("--length", type=int, default=1000, metavar="T", help="timesteps of the chain (default 1000)")
    parser.add_argument("--width", type=int, metavar="W", help="of the hidden layers (default 96; for points 128)")
    parser.add_argument("--layers", type=int, metavar="L", help="default 4; for points 3")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="of weights, order and noise (default 0)")
    parser.add_argument("--threads", type=int, metavar="T", help="default: all cores")
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="fp32", help="fp32 (default) or bf16, faster where the "
                        "processor has it")
    parser.add_argument("--out", type=Path, metavar="FILE", help="weights (default: runs/diffusion-DATA-SEED.safetensors)")
    parser.add_argument("--ship", action="store_true", help="make it the one that comes with the app, and judge it (strokes)")


def _check(args) -> None:
    """BadInput for what cannot be; fills in the defaults that depend on the data."""
    args.data = "ring" if args.data == "points" else args.data
    points = args.data in POINTS
    for name, (of_points, of_pictures) in {"epochs": (250, 10), "batch": (256, 64), "rate": (5e-3, 2e-3), "width": (128, 96),
                                           "layers": (3, 4)}.items():
        if getattr(args, name) is None:
            setattr(args, name, of_points if points else of_pictures)
    for name, most in (("epochs", MOST_EPOCHS), ("width", 1024), ("layers", 32)):
        if not 1 <= getattr(args, name) <= most:
            raise BadInput(f"--{name} must be from 1 to {most:,}; you gave {getattr(args, name)}.")
    if args.threads is not None and args.threads < 1 or args.seed < 0 or points and args.n is not None and not 1 <= args.n <= 1_000_000:
        raise BadInput("--threads and --n must be at least 1 and --seed at least 0; of points there are at most a million.")
    if args.out is not None and args.out.is_dir():
        raise BadInput(f"--out must be a file to write weights into; {args.out} is a folder.")
    if args.ship and args.data != "strokes":
        raise BadInput("Only the diffusion model of strokes comes with the app; leave --ship out.")


def run(args) -> dict | None:
    _check(args)
    from genai_core import course, data, models, runtime, weights
    from genai_core.data import pictures

    runtime.set_threads(args.threads)
    settings = {"target": args.target, "schedule_name": args.schedule, "length": args.length, "width": args.width, "layers": args.layers}
    if args.data in POINTS:
        name, title, columns = "point_diffusion", data.DATASETS[args.data].title, data.load(args.data, args.seed, args.n or 2000)
        rows = len(columns)
    else:
        read = pictures.read(args.data, "train", args.n, args.data_dir, args.download)
        name, title, columns, rows = "digit_diffusion", read.title, (read.pictures, read.labels), len(read)
        settings["size"] = read.size
    given = course.knobs(args.rate, args.batch, args.precision)
    given.ema, given.options = (0.998 if name == "digit_diffusion" else 0.0), {"fused": True}
    model = models.build(name, args.seed, **settings).to(runtime.device())
    out = args.out or Path("runs") / f"diffusion-{args.data}-{args.seed}.safetensors"
    began, busy = time.monotonic(), time.process_time()
    for epoch in course.epochs(model, columns, args.epochs, args.seed, given):
        told = {"epoch": epoch.index, "seconds": round(epoch.seconds, 2), "loss": round(epoch.loss, 6)}
        if args.json:
            print(json.dumps(told), flush=True)
        else:
            print(f"epoch {told['epoch']} of {args.epochs} on {title}, {told['seconds']:.1f} s: loss {told['loss']:.5g}", flush=True)
        given.rate = args.rate * max(0.01, 1 - epoch.index / args.epochs)
    if given.ema:  # the averaged weights draw better than the last ones
        model.load_state_dict(epoch.snapshot().ema, strict=False)
    about = {"data": args.data, "split": "train", "n": str(rows), "seed": str(args.seed), "epochs": str(args.epochs),
             "batch": str(args.batch), "rate": str(args.rate), "precision": args.precision,
             "seconds": f"{time.monotonic() - began:.1f}", "cpu_s": f"{time.process_time() - busy:.1f}"}
    if args.ship:
        from genai_core.diffusion import digits

        command = (f"python -m genai_core train diffusion --data strokes --epochs {args.epochs} --batch {args.batch} --rate {args.rate} "
                   f"--seed {args.seed}" + (f" --n {args.n}" if args.n else "") + f" --precision {args.precision} --threads 1 --ship")
        return digits.ship(model.eval(), settings, {"command": command, **about})
    weights.save(model, out, name, settings, **about)
    if args.json:  # one line per epoch is all that a program should have to read
        print(f"saved {out}", file=sys.stderr)
        return None
    return {"data": title, "examples": rows, "file": str(out)}
