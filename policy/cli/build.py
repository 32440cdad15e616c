"""Build a policy from a preset, from answers, or from both.

Examples:
  python -m policy build --preset ai-disclosure --set org_name="Biology 101" --set tasks.draft=prohibited -o policy.md
  python -m policy build --answers answers.json -o policy.docx       (.md .html .docx .pdf .json)
  python -m policy build --preset ai-open --view slide               (syllabus, slide, disclosure: the instructor's views)
"""

import sys
from pathlib import Path

from policy import documents, draft, handouts, lint, policy_file
from policy.answers import echo
from policy.errors import BadInput
from policy.markdown_file import text_of


def add(parser):
    parser.add_argument("--preset", metavar="ID", help="start from this preset; `python -m policy presets` lists them")
    parser.add_argument("--answers", metavar="FILE.json", help="answers, or a policy's JSON; they come on top of the preset")
    parser.add_argument("--set", action="append", default=[], metavar="QUESTION=VALUE", dest="changes",
                        help="one answer; several values with commas; a task as tasks.NAME=VALUE; nothing after = takes it away")
    parser.add_argument("--section", action="append", default=[], metavar="ID", help="switch an optional section on, -ID one off")
    parser.add_argument("--view", choices=sorted(handouts.VIEWS), default="policy", help="what to write (default: the policy)")
    parser.add_argument("-o", "--out", metavar="FILE", help="where to write it; none: to the screen, as Markdown")


def run(args):
    built = asked(args)
    found = lint.findings(built)
    size, _, _ = lint.size(built)
    if args.out:
        path = Path(args.out)
        content = documents.made(built, path.suffix.lstrip(".").lower()) if args.view == "policy" else _handout(built, args, path)
        try:
            path.write_bytes(content)
        except OSError as error:
            raise BadInput(f"{path} cannot be written: {error.strerror}.") from error
    report = {"out": args.out, "words": size.words, "grade": size.grade, "lint": lint.count(found)}
    if args.json:
        return report | built.to_dict() | {"markdown": handouts.view(built, args.view)}
    if args.out:
        print(f"{args.out}: {size.words} words, reading grade {size.grade}; {lint.summary(found)}", file=sys.stderr)
    else:
        sys.stdout.write(policy_file.written(built) if args.view == "policy" else handouts.view(built, args.view))
    return 0


def _handout(built, args, path: Path) -> bytes:
    text = handouts.view(built, args.view)
    made = {".md": lambda: text.encode(), ".html": lambda: documents.web_page(text, args.view).encode(),
            ".docx": lambda: documents.word(text, args.view), ".pdf": lambda: documents.pdf(text, args.view)}
    if path.suffix.lower() not in made:
        raise BadInput(f"A {args.view} can be written as .md, .html, .docx or .pdf, not {echo(path.suffix)}.")
    return made[path.suffix.lower()]()


def asked(args) -> draft.Draft:
    """The draft that the options describe."""
    start = draft.from_preset(args.preset).to_dict() if args.preset else draft.Draft().to_dict()
    if args.answers:
        given = policy_file.read_answers(text_of(args.answers), args.answers)
        start = {name: given[name] or start[name] for name in start} | {"answers": start["answers"] | given["answers"]}
    elif not args.preset and not args.changes:
        raise BadInput("Say what to build: --preset ID, --answers FILE.json, or --set QUESTION=VALUE.")
    answers = dict(start["answers"])
    for change in args.changes:
        name, sign, value = change.partition("=")
        if not sign:
            raise BadInput(f"--set takes QUESTION=VALUE, got {echo(change)}.")
        if name.startswith("tasks."):
            answers["tasks"] = dict(answers.get("tasks", {})) | {name.removeprefix("tasks."): value}
        else:
            answers[name] = value
    return draft.draft(start | {"answers": answers, "sections": [*start["sections"], *args.section]})
