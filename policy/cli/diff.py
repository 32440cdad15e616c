"""Compare two policies, question by question and task by task.

Example: python -m policy diff last_year.md this_year.md
"""

from policy import compare, policy_file
from policy.markdown_file import text_of


def add(parser):
    parser.add_argument("a", metavar="A", help="a policy as Markdown or JSON")
    parser.add_argument("b", metavar="B", help="the other one")


def run(args):
    a, b = (policy_file.read(text_of(path), path).draft for path in (args.a, args.b))
    found = compare.compare(a, b)
    if args.json:
        return found.to_dict()
    print(f"A: {args.a} ({found.titles[0]})\nB: {args.b} ({found.titles[1]})\n{found.summary()}")
    section = ""
    for row in found.differences:
        if row.section != section:
            section = row.section
            print(f"\n{section}")
        way = f" ({row.way})" if row.way else ""
        print(f"  {row.what}{way}\n    A: {row.a or 'nothing'}\n    B: {row.b or 'nothing'}".replace("\n\n", "\n"))
    return 0
