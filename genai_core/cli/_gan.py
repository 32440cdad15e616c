"""`train gan`: a GAN of digits, epoch by epoch."""

import json
import sys
import time
from pathlib import Path

from genai_core.errors import BadInput

WHAT = {"gan": "a GAN of digits: the slide's 100-256-256-784 against 784-256-256-1, or a relative"}
MOST_EPOCHS = 1000


def add(parser, kind):
    parser.add_argument("--data", default="strokes", metavar="NAME", help="strokes (default), digits, mnist or fashion_mnist")
    parser.add_argument("--data-dir", type=Path, metavar="D", help="folder that holds MNIST (default: GENLENS_DATA)")
    parser.add_argument("--download", action="store_true", help="fetch the data where they are not on this machine")
    parser.add_argument("--n", type=int, help="learn from the first N pictures only (default: all)")
    parser.add_argument("--epochs", type=int, default=50, metavar="N", help="default 50, the notes'")
    parser.add_argument("--rate", type=float, default=2e-4, metavar="R", help="learning rate of both players (default 0.0002, the notes')")
    parser.add_argument("--optimiser", default="adam", metavar="NAME", help="adam (default), nadam, rmsprop or sgd")
    parser.add_argument("--beta1", type=float, default=0.9, metavar="X", help="Adam's and NAdam's memory of the gradient (default 0.9)")
    parser.add_argument("--d-updates", type=int, default=1, metavar="N", help="the discriminator's for each of the generator's (default 1)")
    parser.add_argument("--network", default="lecture", metavar="NAME", help="lecture (default), notes, conv, conv_plain or conv_tanh")
    parser.add_argument("--objective", default="non_saturating", metavar="NAME", help="non_saturating (default, the slide's), minimax, "
                        "least_squares, wasserstein_clip, wasserstein_gp, spectral or r1")
    parser.add_argument("--conditional", action="store_true", help="tell both players the digit; `sample --digit` then asks for one")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="of weights, order and codes (default 0)")
    parser.add_argument("--threads", type=int, metavar="T", help="default: all cores")
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="fp32", help="fp32 (default) or bf16, faster where the "
                        "processor has it")
    parser.add_argument("--out", type=Path, metavar="FILE", help="weights (default: runs/gan-DATA-SEED.safetensors)")


def run(args) -> dict | None:
    if not 1 <= args.epochs <= MOST_EPOCHS:
        raise BadInput(f"--epochs must be from 1 to {MOST_EPOCHS}; you gave {args.epochs}.")
    if args.threads is not None and args.threads < 1:
        raise BadInput(f"--threads must be at least 1; you gave {args.threads}.")
    if args.out is not None and args.out.is_dir():
        raise BadInput(f"--out must be a file to write weights into; {args.out} is a folder.")
    from genai_core import models, runtime, weights
    from genai_core.data import pictures
    from genai_core.digit_gans import experiment
    from genai_core.digit_gans.settings import BATCH, Settings
    from genai_core.training import train

    settings = Settings(data=args.data, network=args.network, objective=args.objective, rate=args.rate, optimiser=args.optimiser,
                        beta1=args.beta1, d_updates=args.d_updates, conditional=args.conditional, seed=args.seed)
    runtime.set_threads(args.threads)
    data = pictures.read(args.data, "train", args.n, args.data_dir, args.download)
    experiment.check_batches(len(data))
    given = experiment.knobs(settings, args.precision)
    model = models.build("digit_gan", args.seed, **settings.model(data.size)).to(runtime.device())
    out = args.out or Path("runs") / f"gan-{args.data}-{args.seed}.safetensors"
    began = time.monotonic()
    batches, means = -(-len(data) // BATCH), experiment.Means()
    for step in train(model, (data.pictures, data.labels), args.epochs * batches, args.seed, given):
        means.add(experiment.named(step))
        if step.index % batches:
            continue
        epoch, seconds = step.index // batches, time.monotonic() - began
        told = {"epoch": epoch, "seconds": round(seconds, 2), **{name: round(value, 6) for name, value in means.take().items()}}
        if args.json:
            print(json.dumps(told), flush=True)
        else:
            words = ", ".join(f"{key} {value:.4g}" for key, value in told.items() if key not in ("epoch", "seconds"))
            print(f"epoch {epoch} of {args.epochs} on {data.title}, {seconds:.1f} s: {words}", flush=True)
    weights.save(model, out, "digit_gan", settings.model(data.size), data=data.name, split="train", n=str(len(data)), seed=str(args.seed),
                 epochs=str(args.epochs), batch=str(BATCH), rate=str(args.rate), precision=args.precision,
                 seconds=f"{time.monotonic() - began:.1f}")
    if args.json:  # one line per epoch is all that a program should have to read
        print(f"saved {out}", file=sys.stderr)
        return None
    return {"data": data.title, "pictures": len(data), "file": str(out)}
