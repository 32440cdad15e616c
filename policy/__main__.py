"""The command line: `python -m policy COMMAND ...`. Bad input: exit code 2 and one sentence.

A command returns a dict, or a dict and an exit code, or None where it printed for itself.
"""

import argparse
import importlib
import json
import pkgutil
import sys

from policy import cli
from policy.errors import BadInput


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m policy",
                                  description="Energy, carbon and rules for AI use, with their sources.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for found in sorted(pkgutil.iter_modules(cli.__path__), key=lambda m: m.name):
        if found.name.startswith("_"):
            continue
        module = importlib.import_module(f"{cli.__name__}.{found.name}")
        line = module.__doc__.strip().splitlines()[0]
        command = commands.add_parser(found.name.replace("_", "-"), help=line, description=module.__doc__,
                                      formatter_class=argparse.RawDescriptionHelpFormatter)
        module.add(command)
        command.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        command.set_defaults(run=module.run)
    return top


def main(argv: list[str] | None = None) -> int:
    args = parser().parse_args(argv)
    try:
        answer = args.run(args)
    except BadInput as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    if isinstance(answer, int):     # the command has printed what it found, and says how it went
        return answer
    answer, code = answer if isinstance(answer, tuple) else (answer, 0)
    if answer is not None:
        if args.json:
            print(json.dumps(answer))
        else:
            for key, value in answer.items():
                print(f"{key}: {value}")
    return code


if __name__ == "__main__":
    sys.exit(main())
