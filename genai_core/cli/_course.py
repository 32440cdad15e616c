"""`train vae`, `train autoencoder`, `train classifier`: the course's models of digits, epoch by epoch."""

import json
import sys
import time
from pathlib import Path

from genai_core.errors import BadInput

WHAT = {"vae": "a variational autoencoder of digits: the lecture's 784-400-20, or a relative",
        "autoencoder": "an autoencoder of digits: the lecture's 784-512-256-128 and back, or a relative",
        "classifier": "the small classifier of digits that judges samples"}
MODELS = {"vae": "digit_vae", "autoencoder": "digit_autoencoder", "classifier": "digit_classifier"}
MOST_EPOCHS = 1000


def add(parser, kind):
    parser.add_argument("--data", default="strokes", metavar="NAME", help="strokes (default), digits, mnist or fashion_mnist")
    parser.add_argument("--data-dir", type=Path, metavar="D", help="folder that holds MNIST (default: GENLENS_DATA)")
    parser.add_argument("--download", action="store_true", help="fetch the data where they are not on this machine")
    parser.add_argument("--n", type=int, help="learn from the first N pictures only (default: all)")
    parser.add_argument("--epochs", type=int, default={"classifier": 3}.get(kind, 10), metavar="N", help="default %(default)s")
    parser.add_argument("--batch", type=int, default=128, metavar="B", help="pictures per update (default 128)")
    parser.add_argument("--rate", type=float, default={"classifier": 2e-3}.get(kind, 1e-3), metavar="R",
                        help="learning rate of Adam (default %(default)s)")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="of weights, order and noise (default 0)")
    parser.add_argument("--threads", type=int, metavar="T", help="default: all cores")
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="fp32", help="fp32 (default) or bf16, faster where the "
                        "processor has it")
    parser.add_argument("--out", type=Path, metavar="FILE", help=f"weights (default: runs/{kind}-DATA-SEED.safetensors)")
    if kind == "classifier":
        parser.add_argument("--ship", action="store_true", help="make it the one that comes with the app, and judge it")
    own = parser.add_argument_group("the model")
    if kind != "classifier":
        own.add_argument("--network", default="dense", help="dense (default) or convolutional")
        own.add_argument("--hidden", default="400" if kind == "vae" else "512,256", metavar="SIZES",
                         help="widths of the dense encoder's hidden layers (default %(default)s)")
    if kind == "vae":
        own.add_argument("--latent", type=int, default=20, metavar="L", help="numbers in a code (default 20)")
        own.add_argument("--beta", type=float, default=1.0, metavar="X", help="weight of the KL (default 1: the ELBO)")
        own.add_argument("--warmup", type=float, default=0.0, metavar="E", help="epochs over which beta rises from 0 (default 0)")
        own.add_argument("--free-bits", type=float, default=0.0, metavar="N", help="nats per latent that cost nothing (default 0)")
        own.add_argument("--activation", default="relu", help="relu (default), tanh or sigmoid")
    if kind == "autoencoder":
        own.add_argument("--bottleneck", type=int, default=128, metavar="L", help="numbers in a code (default 128)")
        own.add_argument("--code", default="relu", help="relu (default), linear or sigmoid")
        own.add_argument("--sparse", default="none", help="none (default), l1, or kl with --code sigmoid")
        own.add_argument("--sparse-weight", type=float, default=1e-3, metavar="X", help="default 0.001")
        own.add_argument("--target-rate", type=float, default=0.05, metavar="X", help="of --sparse kl (default 0.05)")
        own.add_argument("--tied", action="store_true", help="the decoder uses the encoder's weights")
        own.add_argument("--noise", default="none", help="none (default), gaussian or masking")
        own.add_argument("--amount", type=float, default=0.3, metavar="X", help="of noise (default 0.3)")


def settings(args, size: int) -> dict:
    """The model's constructor settings as the command gave them."""
    if args.kind == "classifier":
        return {}
    try:
        hidden = [int(width) for width in args.hidden.split(",") if width.strip()]
    except ValueError:
        raise BadInput(f"--hidden takes whole numbers with commas between, such as 512,256; you gave {args.hidden[:40]!r}.") from None
    shared = {"network": args.network, "hidden": hidden, "size": size}
    if args.kind == "vae":
        return shared | {"latent": args.latent, "beta": args.beta, "free_bits": args.free_bits, "activation": args.activation}
    return shared | {"bottleneck": args.bottleneck, "code": args.code, "sparse": args.sparse, "sparse_weight": args.sparse_weight,
                     "rate": args.target_rate, "tied": args.tied, "noise": args.noise, "amount": args.amount}


def the_lectures(args, data, chosen: dict) -> bool:
    """Whether this is the lecture's own run: its pictures, network, loss and optimiser."""
    from genai_core.latents.settings import BATCH, CASES, Settings

    own = {**Settings(**CASES["slide"]).model(data.size), "hidden": [400], "activation": "relu"}
    return (args.kind == "vae" and (data.name, len(data.pictures)) == ("mnist", 60_000) and chosen == own
            and (args.batch, args.rate, args.warmup) == (BATCH, 1e-3, 0))


def _check(args) -> None:
    if not 1 <= args.epochs <= MOST_EPOCHS:
        raise BadInput(f"--epochs must be from 1 to {MOST_EPOCHS}; you gave {args.epochs}.")
    if args.threads is not None and args.threads < 1:
        raise BadInput(f"--threads must be at least 1; you gave {args.threads}.")
    if args.seed < 0:
        raise BadInput(f"--seed must be 0 or more; you gave {args.seed}.")
    if args.kind == "vae" and not 0 <= args.warmup <= args.epochs:
        raise BadInput(f"--warmup must be from 0 to the number of epochs, {args.epochs}; you gave {args.warmup}.")
    if args.out is not None and args.out.is_dir():
        raise BadInput(f"--out must be a file to write weights into; {args.out} is a folder.")


def _line(args, epoch) -> dict:
    """What is told of an epoch: loss in nats per picture (VAE), squared error per pixel, or nats of cross-entropy."""
    told = {"epoch": epoch.index, "seconds": round(epoch.seconds, 2), "loss": epoch.loss,
            "reconstruction": epoch.notes.get("reconstruction"), "kl": epoch.notes.get("kl"), **epoch.notes}
    return {key: round(value, 6) if isinstance(value, float) else value for key, value in told.items()}


def run(args) -> dict | None:
    _check(args)
    from genai_core import course, models, runtime, weights
    from genai_core.data import pictures

    runtime.set_threads(args.threads)
    data = pictures.read(args.data, "train", args.n, args.data_dir, args.download)
    if args.kind == "classifier" and data.size != 28:
        raise BadInput(f"The classifier is for pictures of 28 x 28 pixels; {data.title} has {data.size} x {data.size}.")
    chosen, given = settings(args, data.size), course.knobs(args.rate, args.batch, args.precision)
    if runtime.device().type == "cpu" and the_lectures(args, data, chosen):  # the lecture's code draws on the CPU
        (model, stream), given.summed = course.lecture_vae(args.seed), True
        print(f"The lecture's own run: weights, order and noise are what its code draws after torch.manual_seed({args.seed}).",
              file=sys.stderr)
    else:
        model, stream = models.build(MODELS[args.kind], args.seed, **chosen).to(runtime.device()), None
    out = args.out or Path("runs") / f"{args.kind}-{args.data}-{args.seed}.safetensors"
    columns = (data.pictures, data.labels) if args.kind == "classifier" else data.pictures
    began = time.monotonic()
    for epoch in course.epochs(model, columns, args.epochs, args.seed, given, getattr(args, "warmup", 0.0), stream=stream):
        told = _line(args, epoch)
        if args.json:
            print(json.dumps(told), flush=True)
        else:
            words = ", ".join(f"{key} {value:.5g}" for key, value in told.items() if key not in ("epoch", "seconds") and value is not None)
            print(f"epoch {told['epoch']} of {args.epochs} on {data.title}, {told['seconds']:.1f} s: {words}", flush=True)
        given.rate = args.rate * (1 - epoch.index / args.epochs) if args.kind == "classifier" else args.rate
    about = {"data": data.name, "split": "train", "n": str(len(data)), "seed": str(args.seed), "epochs": str(args.epochs),
             "batch": str(args.batch), "precision": args.precision, "seconds": f"{time.monotonic() - began:.1f}"}
    if getattr(args, "ship", False):
        from genai_core import recognition

        command = f"python -m genai_core train classifier --data {data.name} --epochs {args.epochs} --seed {args.seed}" \
            + (f" --n {args.n}" if args.n else "") + f" --precision {args.precision} --ship"
        return recognition.ship(model.eval(), chosen, data.name, {"command": command, **about}, args.data_dir)
    weights.save(model, out, MODELS[args.kind], chosen, **about)
    if args.json:  # one line per epoch is all that a program should have to read
        print(f"saved {out}", file=sys.stderr)
        return None
    return {"data": data.title, "pictures": len(data), "file": str(out)}
