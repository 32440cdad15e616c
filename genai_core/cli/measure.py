"""Measure the figures that README and screen quote, and write assets/measured/*.json."""

import sys

from genai_core import measuring
from genai_core.errors import BadInput


def add(parser):
    parser.add_argument("name", nargs="*", help=f"default: all of {', '.join(measuring.MEASURES)}")
    parser.add_argument("--only", nargs="+", metavar="PART", default=(),
                        help="measure these parts anew and keep the others; needs one name")
    parser.add_argument("--threads", type=int, help="default: all cores")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def run(args):
    from genai_core import runtime

    if args.only and len(args.name) != 1:
        raise BadInput("--only needs the name of one measure before it, for example: measure text_to_image --only checker.")
    runtime.set_threads(args.threads)
    return {name: measuring.write(name, _say, only=args.only)["figures"] for name in args.name or measuring.MEASURES}
