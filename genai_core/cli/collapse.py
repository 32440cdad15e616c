"""Run models that learn from models: a CSV of every generation and seed, and a summary with the theory beside it.

A map of many settings: --over regime=replace,fresh --over n=10,100,1000 --real 0.1 runs each of the six. Its CSV has one row per setting
and generation. With --folder, finished settings are kept, and a map that was stopped goes on.
"""

import sys
import time
from pathlib import Path


NETWORKS = ("vae", "denoiser")
EVERY_S = 2  # seconds between two words on how far it is
OWN = ("model", "out", "over", "jobs", "backend", "folder", "text_file")  # of the command, not of a plan


def add(parser):
    from genai_core.collapse.plan import ESTIMATORS, REGIMES

    parser.add_argument("--model", default="gaussian",
                        help="gaussian (default), categorical, kde, regression, linear-vae, gmm, vae, denoiser or ngram")
    parser.add_argument("--regime", default="replace", help=f"{', '.join(REGIMES)} (default: replace)")
    parser.add_argument("--n", type=int, default=100, help="points each model learns from (default: 100)")
    parser.add_argument("--real", type=float, default=0.0, help="share of the n points that is real, 0 to 1")
    parser.add_argument("--since", type=int, help="the first generation that real points join; before it, as replace (default: 0)")
    parser.add_argument("--pool", type=int, help="real points in the fixed pool (default: n)")
    parser.add_argument("--bias", type=float, default=1.0, help="multiplies the sampling variance, above 0 and at most 1")
    parser.add_argument("--estimator", default="mle", help=" or ".join(ESTIMATORS))
    parser.add_argument("--weight", type=float, help="of the real part in the regime weighted (default: 0.618)")
    parser.add_argument("--growth", type=float, help="exponent of the regime grow: n * t**growth (default: 2)")
    parser.add_argument("--keep", type=float, help="share that the judge of the regime filter keeps (default: 0.5)")
    parser.add_argument("--judge", type=float, help="what the judge likes best, in true standard deviations (default: 0)")
    parser.add_argument("--generations", type=int, default=50, help="T: rows 0 to T; generation 0 has learned from real data")
    parser.add_argument("--seeds", type=int, default=200, help="independent chains")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--dim", type=int, help="gaussian, regression, linear-vae: dimensions")
    parser.add_argument("--rows", type=int, help="regression: rows of the design (default: n)")
    parser.add_argument("--design", help="regression: same (X is kept, the default) or fresh (a new X every generation)")
    parser.add_argument("--categories", type=int, help="categorical: how many")
    parser.add_argument("--zipf", dest="zipf_exponent", type=float, help="categorical: exponent of Zipf's law (default: 0, uniform)")
    parser.add_argument("--temperature", type=float, help="categorical, ngram: of every model's sampling")
    parser.add_argument("--top-p", type=float, help="categorical: sample from the smallest set that holds this share")
    parser.add_argument("--bandwidth", help="kde: constant, scott or shrunk")
    parser.add_argument("--width", type=float, help="kde: the constant bandwidth")
    parser.add_argument("--components", type=int, help="gmm: how many")
    parser.add_argument("--separation", type=float, help="gmm: how far the centres are from the middle, in their deviations")
    parser.add_argument("--labels", help="gmm: em or ideal")
    parser.add_argument("--text", help="ngram: the text to learn from; or --text-file")
    parser.add_argument("--text-file", type=Path, help="ngram: a file in UTF-8")
    parser.add_argument("--order", type=int, help="ngram: letters that the model looks back")
    parser.add_argument("--decoding", help="linear-vae, vae: what the next model learns from, mean or sample")
    parser.add_argument("--noise", type=float, help="linear-vae: variance of the decoder's noise")
    parser.add_argument("--values", type=float, nargs="+", help="linear-vae: the truth's leading eigenvalues")
    parser.add_argument("--population", action="store_true", default=None, help="linear-vae, vae: infinitely many points")
    parser.add_argument("--latent", type=int, help="linear-vae, vae: numbers in a code")
    parser.add_argument("--data", help="vae: digits (8x8, the default), strokes, or mnist from the folder in GENLENS_DATA; "
                        "denoiser: ring (the default) or two_moons")
    parser.add_argument("--updates", type=int, help="vae, denoiser: of every generation (default: enough for the data)")
    parser.add_argument("--calls", type=int, help="denoiser: network calls for each point drawn (default: 39)")
    parser.add_argument("--hidden", type=int, help="vae: width of the hidden layer")
    parser.add_argument("--network", help="vae: dense (the lecture's, the default) or convolutional (as the paper's)")
    parser.add_argument("--batch", type=int, help="vae: pictures per update")
    parser.add_argument("--start", help="vae, denoiser: each model's weights, new (as the paper's, the default for mnist) "
                        "or from the one before")
    parser.add_argument("--out", type=Path, help="write the CSV here")
    parser.add_argument("--over", action="append", default=[], metavar="NAME=V,V,...",
                        help="run every value of this setting, each with all values of the other --over; names as above, without dashes")
    parser.add_argument("--jobs", type=int, default=1, help="with --over: processes, -1 for all cores; no number depends on it")
    parser.add_argument("--backend", default="loky", help="with --over: loky, or ray for a cluster that ray.init finds")
    parser.add_argument("--folder", type=Path, help="with --over: finished settings are kept here and not run again")
    known = {flag[2:]: action for action in parser._actions for flag in action.option_strings
             if flag.startswith("--") and action.dest not in (*OWN, "help")}
    parser.set_defaults(known={name: (action.dest, action.type or str) for name, action in known.items() if action.nargs is None})


def plan_of(args):
    """The arguments as a Plan; what was not given keeps the family's own default."""
    from genai_core.collapse import Plan, engines
    from genai_core.errors import BadInput

    fields = set(Plan.__dataclass_fields__) - {"options"}
    given = {name: value for name, value in vars(args).items() if value is not None}
    if args.text_file:
        try:
            given["text"] = args.text_file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(f"{args.text_file} cannot be read as a text in UTF-8 ({type(error).__name__}).") from error
    known = {name for engine in engines.ENGINES.values() for name in engine.options}
    return Plan(**{name: given[name] for name in fields & set(given)},
                options={name: value for name, value in given.items() if name in known})


def axes_of(args) -> dict:
    """--over as {field of Plan, or option of a family: values}."""
    from genai_core.errors import BadInput

    axes: dict = {}
    for given in args.over:
        name, _, values = given.partition("=")
        if name not in args.known:
            raise BadInput(f"--over {given[:40]!r}: give one of {', '.join(args.known)}, then = and values, for example n=10,100.")
        at, read = args.known[name]
        if at in axes:
            raise BadInput(f"--over {name} is given twice; put all its values into one.")
        try:
            axes[at] = [read(value) for value in values.split(",")]
        except ValueError as error:
            raise BadInput(f"--over {name} needs numbers with commas between them; you gave {values[:40]!r}.") from error
        if len(set(axes[at])) < len(axes[at]):
            raise BadInput(f"--over {name} has a value twice: {values[:80]}.")
    return axes


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def sweep(args) -> dict:
    """Every setting of --over: {model, over, settings, seconds predicted, cells: [{at, generations}]}."""
    from genai_core.collapse.sweep import Sweep, cells, predicted_seconds

    asked = Sweep(args.model, plan_of(args), axes_of(args))
    of, guess = len(asked.plans()), predicted_seconds(asked, args.jobs)
    _say(f"{of:,} settings, about {guess:,.1f} s")
    found, last = [], time.monotonic()
    for cell in cells(asked, args.jobs, args.backend, args.folder):
        found.append({"at": cell.at, "generations": cell.summary})
        if time.monotonic() - last > EVERY_S:
            last = time.monotonic()
            _say(f"{cell.done:,} of {of:,}, about {cell.left_s:,.0f} s left")
    if args.out:
        _rows(found).to_csv(_made(args.out), index=False)
    answer = {"model": args.model, "over": asked.axes, "settings": of, "predicted_s": round(guess, 2),
              **({"out": str(args.out)} if args.out else {})}
    if args.json:
        return answer | {"cells": found}
    return answer | {" ".join(f"{name}={value}" for name, value in cell["at"].items()):
                     f"at generation {cell['generations'][-1]['generation']}, medians: " + ", ".join(
                         f"{name} {part['median']:.4g}" for name, part in cell["generations"][-1].items() if isinstance(part, dict)
                         and "median" in part) for cell in found}


def _rows(found):
    """One row per setting and generation: the axes, then each statistic's mean, se and quantiles, and its theory."""
    import pandas

    return pandas.json_normalize([cell["at"] | row for cell in found for row in cell["generations"]], sep="_")


def _made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def told(stages, plan):
    """The generations; where networks learn on the way, how far they are and how long it will take is said every few seconds."""
    from genai_core.collapse import Generation

    began = said = time.monotonic()
    for made in stages:
        if isinstance(made, Generation):
            yield made
        elif (now := time.monotonic()) - said > EVERY_S:
            said, fits = now, (plan.generations + 1) * made.chains
            share = (made.index * made.chains + made.chain + made.done / made.of) / fits
            _say(f"generation {made.index} of {plan.generations}, chain {made.chain + 1} of {made.chains}, "
                 f"update {made.done:,} of {made.of:,}; "
                 f"about {(now - began) * (1 / share - 1):,.0f} s left")


def run(args):
    from genai_core.collapse import engines

    if args.model in NETWORKS:  # small ones: more threads only wait for one another, and the lab takes one, too
        from genai_core import runtime

        runtime.set_threads(1)
    if args.over:
        return sweep(args)
    plan = plan_of(args)
    frames = list(told(engines.stages(args.model, plan), plan))
    if args.out:
        engines.table(frames).to_csv(_made(args.out), index=False)
    return {"model": args.model, "regime": plan.regime, "n": plan.n, "seeds": plan.seeds, "seed": plan.seed,
            "options": plan.options, **({"out": str(args.out)} if args.out else {}),
            "generations": engines.summary(frames, engines.expected(args.model, plan))}
