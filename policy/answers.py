"""The answers to the builder's questions: what may be said, what is asked just now, what is still open.

Answers are plain data, {question: answer}: a value for single, a list of values for multi, text, a whole number, a date
as YYYY-MM-DD, and for the task table {task: value}. Nothing here depends on the clock.
"""

import difflib
import re
from collections.abc import Mapping
from datetime import date

from policy.conditions import BLANK, State, holds
from policy.errors import BadInput
from policy.markdown_file import clean
from policy.rulebook import Question, rulebook

MOST_TEXT, MOST_LONG = 300, 4000     # characters of a short and of a long answer
MOST_NUMBER = 100_000
TURNERS = re.compile("[\u202a-\u202e\u2066-\u2069\ufeff]")  # invisible marks that turn the reading direction of what follows


def echo(text) -> str:
    """What was given, short enough to say."""
    said = repr(str(text))
    return said if len(said) <= 60 else said[:56] + "...'"


def nearest(name, known) -> str:
    """", did you mean 'x'?" or a list of what there is."""
    close = difflib.get_close_matches(str(name)[:80], list(map(str, known)), 1)
    return f"did you mean {close[0]!r}?" if close else f"there are {', '.join(map(str, known))}."


def text_line(text: str) -> str:
    """Typed text as one line."""
    return " ".join(TURNERS.sub("", clean(text)).split())


def text_lines(text: str) -> str:
    """Typed text with its lines, at most one of them empty in a row."""
    rows = [" ".join(row.split()) for row in TURNERS.sub("", clean(text)).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(rows)).strip("\n")


def checked(given) -> dict:
    """Every answer as it is kept, in the order of the questions; blank ones are left out. BadInput for the first wrong one."""
    kept, wrong = sorted_out(given)
    if wrong:
        raise BadInput(wrong[0])
    return kept


def sorted_out(given) -> tuple[dict, list[str]]:
    """(the answers that are right, one sentence for each that is not)."""
    if not isinstance(given, Mapping):
        raise BadInput(f"Answers must be an object {{question: answer}}, got {echo(given)}.")
    known, kept, wrong = rulebook().questions, {}, []
    for name in given:
        if name not in known:
            wrong.append(f"There is no question {echo(name)}; {nearest(name, known)}")
    for name, question in known.items():
        if name in given and given[name] not in BLANK:
            try:
                kept[name] = answer(question, given[name])
            except BadInput as error:
                wrong.append(str(error))
    return {name: value for name, value in kept.items() if value not in BLANK}, wrong


def answer(question: Question, said):
    """One answer as it is kept; BadInput where it is none."""
    return KINDS[question.type](question, said)


def _single(question: Question, said):
    if said not in question.options if isinstance(said, str) else True:
        raise BadInput(f"{question.id} cannot be {echo(said)}; {nearest(said, question.options)}")
    return said


def _multi(question: Question, said) -> list[str]:
    parts = [part.strip() for part in said.split(",")] if isinstance(said, str) else said
    if not isinstance(parts, list | tuple):
        raise BadInput(f"{question.id} takes a list of values, got {echo(said)}.")
    for part in parts:
        _single(question, part)
    return [value for value in question.options if value in parts]


def _text(question: Question, said) -> str:
    most = MOST_LONG if question.type == "longtext" else MOST_TEXT
    if not isinstance(said, str):
        raise BadInput(f"{question.id} takes text, got {echo(said)}.")
    if len(said) > most:
        raise BadInput(f"{question.id} has {len(said):,} characters; at most {most:,} are kept.")
    return text_lines(said) if question.type == "longtext" else text_line(said)


def _date(question: Question, said) -> str:
    try:
        return date.fromisoformat(said if isinstance(said, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", said) else "").isoformat()
    except ValueError:
        raise BadInput(f"{question.id} takes a date such as 2027-01-11, got {echo(said)}.") from None


def _number(question: Question, said) -> int:
    try:
        number = int(said) if isinstance(said, str) and len(said) < 10 else said
    except ValueError:
        number = None
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= MOST_NUMBER:
        raise BadInput(f"{question.id} takes a whole number from 1 to {MOST_NUMBER:,}, got {echo(said)}.")
    return number


def _tasks(question: Question, said) -> dict[str, str]:
    book = rulebook()
    if not isinstance(said, Mapping):
        raise BadInput(f"{question.id} takes {{task: value}}, got {echo(said)}.")
    for task, value in said.items():
        if task not in book.tasks:
            raise BadInput(f"There is no task {echo(task)}; {nearest(task, book.tasks)}")
        if value not in BLANK and (not isinstance(value, str) or value not in book.task_values):
            raise BadInput(f"The task {task} cannot be {echo(value)}; {nearest(value, book.task_values)}")
    return {task: said[task] for task in book.tasks if said.get(task) not in BLANK}


KINDS = {"single": _single, "multi": _multi, "text": _text, "longtext": _text, "date": _date, "number": _number, "matrix": _tasks}


# -- what is asked ------------------------------------------------------------------------------------------------------

def level(section, audience: str | None) -> str:
    """How much a section matters for an audience; for none yet, as much as for the one that needs it most."""
    order = ("required", "recommended", "optional", "omit")
    return section.levels[audience] if audience else min(section.levels.values(), key=order.index)


def is_on(section, audience: str | None, switched: tuple[str, ...]) -> bool:
    """Is the section part of the policy? switched: ids of optional ones turned on, "-id" of recommended ones turned off."""
    needed = level(section, audience)
    return needed == "required" or (needed == "recommended" and "-" + section.id not in switched) \
        or (needed == "optional" and section.id in switched)


def matters(question: Question, answers: Mapping) -> bool:
    """Is the question asked, given the other answers?"""
    audience = answers.get("audience")
    return (audience is None or audience in question.audiences) and holds(question.show_if, State(answers))


def asked(answers: Mapping, switched: tuple[str, ...] = ()) -> list[str]:
    """The questions that matter just now, in order."""
    book = rulebook()
    return [name for section in book.sections.values() if is_on(section, answers.get("audience"), switched)
            for name in section.questions if matters(book.questions[name], answers)]


def in_force(answers: Mapping, switched: tuple[str, ...] = ()) -> dict:
    """The answers whose question is asked: what is printed and judged. The others are kept, and wait."""
    now = set(asked(answers, switched))
    book, kept = rulebook(), {name: value for name, value in answers.items() if name in now}
    if "tasks" in kept:
        rows = {task.id for task in book.tasks_for(answers.get("audience"))}
        kept["tasks"] = {task: value for task, value in kept["tasks"].items() if task in rows}
    return {name: value for name, value in kept.items() if value not in BLANK}


def still_open(answers: Mapping, switched: tuple[str, ...] = ()) -> list[dict]:
    """What a policy of this audience needs and does not say yet: [{question, prompt, section, missing}], required first."""
    book, said = rulebook(), in_force(answers, switched)
    missing = [book.questions[name] for name in asked(answers, switched) if name not in said]
    found = [{"question": q.id, "section": q.section, "prompt": q.prompt, "required": q.required,
              "missing": "no answer yet"} for q in sorted(missing, key=lambda q: not q.required)]
    rows = [task for task in book.tasks_for(answers.get("audience")) if task.id not in said.get("tasks", {})]
    if rows and said.get("tasks"):
        found.append({"question": "tasks", "section": "uses", "prompt": "Task table", "required": False,
                      "missing": f"{len(rows)} task{'s' * (len(rows) > 1)} not decided"})
    return found


def defaults(audience: str) -> dict:
    """The answers that a new policy of this audience starts from."""
    if audience not in rulebook().audiences:
        raise BadInput(f"There is no audience {echo(audience)}; {nearest(audience, rulebook().audiences)}")
    given = {name: q.default for name, q in rulebook().questions.items() if q.default is not None and audience in q.audiences}
    return checked(given | {"audience": audience})
