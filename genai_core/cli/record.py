"""Write a tab's recorded run anew: the frames that it opens with."""

from pathlib import Path

from genai_core import recorded


def add(parser) -> None:
    parser.add_argument("tab", help=f"one of {', '.join(recorded.RECORDERS)}")
    parser.add_argument("--out", type=Path, default=recorded.FOLDER, metavar="DIR",
                        help="folder of recorded runs (default: assets/recorded)")


def run(args) -> dict:
    return recorded.record(args.tab, args.out)
