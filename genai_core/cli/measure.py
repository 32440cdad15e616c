"""Measure the figures that README and screen quote, and write assets/measured/*.json."""

import sys

from genai_core import measuring


def add(parser):
    parser.add_argument("name", nargs="*", help=f"default: all of {', '.join(measuring.MEASURES)}")
    parser.add_argument("--threads", type=int, help="default: all cores")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def run(args):
    from genai_core import runtime

    runtime.set_threads(args.threads)
    return {name: measuring.write(name, _say)["figures"] for name in args.name or measuring.MEASURES}
