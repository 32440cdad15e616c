"""Train a model of the course (vae, autoencoder, classifier, gan, diffusion), or the pocket model that draws sentences.

Examples: python -m genai_core train vae --data strokes --epochs 10 --seed 0 --json
          python -m genai_core train pocket unet
"""

import argparse
import importlib

from genai_core.cli._pocket import ORDER

FAMILIES = {  # what is trained: the module of this folder that does it
    "vae": "_course", "autoencoder": "_course", "classifier": "_course", "gan": "_gan", "diffusion": "_diffusion", "pocket": "_pocket",
}
SHORT = (*(part for part in ORDER if part not in FAMILIES), "all", "pack", "unpack")  # `train unet`: `train pocket unet`


def _module(name: str):
    return importlib.import_module(f"{__package__}.{FAMILIES[name]}")


def add(parser):
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="MODEL", help=f"one of {', '.join(FAMILIES)}")
    for name in FAMILIES:
        module = _module(name)
        one = kinds.add_parser(name, help=module.WHAT[name], description=module.WHAT[name])
        module.add(one, name)
        one.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print JSON and nothing else")
    for part in SHORT:
        one = kinds.add_parser(part)
        _module("pocket").add(one, "pocket")
        one.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
        one.set_defaults(kind="pocket", part=part)


def run(args):
    return _module(args.kind).run(args)
