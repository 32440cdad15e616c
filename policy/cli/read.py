"""Give a policy's answers back.

Example: python -m policy read policy.md --json
"""

from policy import policy_file
from policy.builder import policy
from policy.lint import answer_words
from policy.markdown_file import text_of
from policy.rulebook import rulebook


def add(parser):
    parser.add_argument("file", metavar="FILE", help="a policy as Markdown or JSON")


def run(args) -> dict:
    opened = policy_file.read(text_of(args.file), args.file)
    draft, book = opened.draft, rulebook()
    if args.json:
        return draft.to_dict() | {"notes": list(opened.notes), "lines_by_hand": opened.by_hand}
    said = {book.questions[name].prompt: answer_words(name, value) for name, value in draft.answers.items() if name != "tasks"}
    said |= {f"Task: {book.tasks[id].title}": book.task_values[value] for id, value in draft.answers.get("tasks", {}).items()}
    said |= {f"By hand, line {n}": line.text for n, line in enumerate(policy(draft).lines, 1) if line.edited and line.text}
    return said | {f"Note {n}": note for n, note in enumerate(opened.notes, 1)}
