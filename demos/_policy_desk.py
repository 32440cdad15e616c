"""The policy builder's side of the server: a draft comes in with each question, an answer goes back, nothing is kept.

Every function takes and gives plain data. A BadInput becomes {"error": sentence}; the browser shows it and keeps what was
typed. The draft is checked each time: the browser is not trusted.
"""

import base64
import functools
import logging
from collections.abc import Mapping
from datetime import date

from demos._words import words
from policy import answers as said
from policy import compare, documents, draft, frameworks, handouts, lint, policy_file, vote
from policy.builder import Line, Policy, generated, policy
from policy.document import html
from policy.errors import BadInput
from policy.markdown_file import MOST_CHARS
from policy.rulebook import age_text, rulebook

KEY = "policy_builder"
OPENS_WITH = "ai-disclosure"
OOPS = "This broke, and that is our mistake, not yours. Your answers are kept; the details are in the server's log."
TYPES = {"md": "text/markdown", "html": "text/html", "json": "application/json", "pdf": "application/pdf",
         "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}
KINDS = {"learn": "Learning", "plan": "Planning and reading", "language": "Language", "make": "Making", "assess": "Assessment",
         "data": "Recording", "staff": "Staff", "public": "In public", "risk": "High stakes"}


def answering(function):
    """A server function that never fails: bad input becomes its sentence, our own mistakes an apology and a line in the log."""

    @functools.wraps(function)
    def safe(given):
        try:
            if not isinstance(given, Mapping):
                raise BadInput("Data must be an object.")
            return function(given)
        except BadInput as error:
            return {"error": str(error)}
        except Exception:
            logging.getLogger(__name__).exception("the policy builder broke in %s", function.__name__)
            return {"error": OOPS}

    return safe


@answering
def policy_start(given: Mapping) -> dict:
    """Everything that does not change: questions, tasks, presets, words; and the draft that the tab opens with."""
    book, text = rulebook(), words(KEY)

    def cited(ids):
        return [source.to_dict() for source in book.sources(ids)]

    return {
        "as_of": age_text(book.as_of, date.today()), "legal": text["legal"].replace("{age}", age_text(book.as_of, date.today())),
        "texts": {name: part for name, part in text.sections.items() if name not in ("question", "idea")},
        "audiences": [{"id": a.id, "title": a.title} for a in book.audiences.values()],
        "task_values": dict(book.task_values), "short": dict(book.task_values) | {"conditional": "Conditions"}, "kinds": KINDS,
        "tasks": [{"id": t.id, "title": t.title, "kind": t.kind} for t in sorted(
            book.tasks.values(), key=lambda task: list(KINDS).index(task.kind))],
        "questions": {q.id: {"id": q.id, "section": q.section, "prompt": q.prompt, "type": q.type, "required": q.required,
                             "options": dict(q.options), "help": q.help, "placeholder": q.placeholder}
                      for q in book.questions.values()},
        "sections": [{"id": s.id, "title": s.title, "purpose": s.purpose, "pitfalls": s.pitfalls,
                      "good_example": s.good_example, "bad_example": s.bad_example, "sources": cited(s.sources),
                      "references": frameworks.cited(s.references),
                      "questions": [name for name in s.questions if name != "audience"]} for s in book.sections.values()],
        "presets": [{"id": p.id, "name": p.name, "audience": p.audience, "one_line": p.one_line, "best_for": p.best_for,
                     "watch_out": p.watch_out, "sources": cited(p.sources)} for p in book.presets.values()],
        "draft": draft.from_preset(OPENS_WITH).to_dict()}


@answering
def policy_weigh(given: Mapping) -> dict:
    """What a draft gives: its text block by block, what is asked, its size, findings, and what is open."""
    made = _draft(given)
    built, book, found = policy(made), rulebook(), lint.findings(made)
    size, _, _ = lint.size(made)
    audience = book.audiences[made.audience or "course"]
    view = given.get("view")
    handout = html(handouts.view(made, view)) if view in handouts.VIEWS and view != "policy" else ""
    same = next((p.id for p in book.presets.values() if p.audience == audience.id and _like(made, p.id)), "")
    return {"audience": audience.id, "preset": same, "asked": said.asked(made.answers, made.sections),
            "on": [s.id for s in book.sections.values() if said.is_on(s, made.audience, made.sections)],
            "levels": {s.id: said.level(s, made.audience) for s in book.sections.values()},
            "rows": [task.id for task in book.tasks_for(made.audience)],
            "size": {"words": size.words, "grade": size.grade},
            "target": {"words": audience.target_words, "grade": audience.target_grade},
            "findings": [finding.to_dict() for finding in found], "counts": lint.count(found), "summary": lint.summary(found),
            "open": said.still_open(made.answers, made.sections), "blocks": blocks(built), "removed": removed(built),
            "markdown": built.markdown, "handout": handout}


def blocks(built: Policy) -> list[dict]:
    """The lines in pieces that are drawn together: a paragraph, a list, a table; what was written by hand by itself."""
    pieces: list[list[Line]] = []
    for line in built.lines:
        last = pieces[-1][-1] if pieces and pieces[-1] else None
        if not line.text.strip():
            pieces.append([])
        elif last is None or last.edited != line.edited or (line.edited and _at(last) != _at(line)):
            pieces.append([line])
        else:
            pieces[-1].append(line)
    return [{"html": html("\n".join(line.text for line in piece)), "section": piece[0].section, "edited": piece[0].edited,
             "stale": any(line.stale for line in piece), "was": piece[0].was if piece[0].edited else "",
             "edits": sorted({_at(line) for line in piece if line.edited}),
             "asks": sorted(set().union(*(line.asks for line in piece)))} for piece in pieces if piece]


def _at(line: Line) -> str:
    return line.id.rpartition("*" if "*" in line.id else "+")[0]


def removed(built: Policy) -> list[dict]:
    """Lines that the answers give and a person took out."""
    out = {edit.at for edit in built.draft.edits if not edit.after and not any(edit.lines)}
    return [{"at": line.id, "was": line.text} for line in generated(built.draft) if line.id in out and line.text.strip()]


@answering
def policy_new(given: Mapping) -> dict:
    """An empty policy for another audience, with its usual answers."""
    made = draft.new(str(given.get("audience", ""))[:80])
    return {"draft": made.to_dict(), "said": "A new policy with the usual answers; Undo brings the other one back."}


@answering
def policy_preset(given: Mapping) -> dict:
    """A preset; names, dates and contacts that were typed before stay, where they are not stand-ins."""
    made, before = draft.from_preset(str(given.get("preset", ""))[:80]), _draft(given)
    stand_ins = {str(p.answers.get(name)) for p in rulebook().presets.values() for name in HEADER}
    typed = {name: before.answers[name] for name in HEADER
             if name in before.answers and str(before.answers[name]) not in stand_ins and before.audience == made.audience}
    return {"draft": made.with_answers(**typed).to_dict(),
            "said": f"The preset “{rulebook().presets[given['preset']].name}”; Undo brings the other one back."}


HEADER = ("title", "org_name", "owner_name", "owner_contact", "effective_date", "review_date", "version", "local_policy",
          "questions_to", "incident_contact", "jurisdiction")


@answering
def policy_open(given: Mapping) -> dict:
    """A file that was opened: a policy as Markdown or JSON, or a class's votes onto the policy that is shown."""
    text = given.get("text")
    if not isinstance(text, str):
        raise BadInput("A file is text.")
    votes = vote.read_votes(text) if len(text) <= MOST_CHARS else None
    if votes is not None:
        done = vote.filled(_draft(given), votes)
        return {"draft": done.draft.to_dict(), "said": "The votes fill the task table. " + " ".join(done.notes)}
    opened = policy_file.read(text)
    hand = f" {opened.by_hand} lines were written by hand; they are kept and marked." if opened.by_hand else ""
    return {"draft": opened.draft.to_dict(), "said": f"Opened.{hand} " + " ".join(opened.notes)}


@answering
def policy_words(given: Mapping) -> dict:
    """The draft whose text a person edited on the page."""
    text = given.get("text")
    if not isinstance(text, str) or len(text) > MOST_CHARS:
        raise BadInput(f"The text of a policy has at most {MOST_CHARS:,} characters.")
    return {"draft": policy_file.with_words(_draft(given), text).to_dict(), "said": "Your words are kept, and marked as yours."}


@answering
def policy_fix(given: Mapping) -> dict:
    """The draft after one step that the linter offered."""
    made = _draft(given)
    found = [finding for finding in lint.findings(made) if finding.lint.id == given.get("lint")]
    step = given.get("step")
    if not found or not isinstance(step, int) or not 0 <= step < len(found[0].fixes):
        raise BadInput("This finding is no longer there; look again.")
    return {"draft": lint.applied(made, found[0].fixes[step]).to_dict(), "said": f"Done: {found[0].fixes[step]['say']}."}


@answering
def policy_compare(given: Mapping) -> dict:
    """The draft against a preset or against another file."""
    other = draft.from_preset(str(given["preset"])[:80]) if "preset" in given \
        else policy_file.read(str(given.get("text", "")), "other file").draft
    return compare.compare(_draft(given), other).to_dict()


@answering
def policy_file_(given: Mapping) -> dict:
    """The draft, or a handout made from it, as a file for the browser."""
    made, format_, view = _draft(given), str(given.get("format", "")), str(given.get("view", "policy"))
    if view == "policy":
        content = documents.made(made, format_)
    else:
        text = handouts.view(made, view)
        write = {"md": lambda: text.encode(), "html": lambda: documents.web_page(text, view).encode(),
                 "docx": lambda: documents.word(text, view), "pdf": lambda: documents.pdf(text, view)}
        if format_ not in write:
            raise BadInput(f"A handout can be written as {', '.join(write)}.")
        content = write[format_]()
    name = "ai-policy" if view == "policy" else f"ai-policy-{view}"
    return {"name": f"{name}.{format_}", "type": TYPES[format_], "base64": base64.b64encode(content).decode("ascii")}


policy_file_.__name__ = "policy_file"   # the browser's name for it; here that is the module
FUNCTIONS = (policy_start, policy_weigh, policy_new, policy_preset, policy_open, policy_words, policy_fix, policy_compare, policy_file_)


def _like(made: draft.Draft, preset: str) -> bool:
    """Is the draft this preset, whatever its names and dates?"""
    theirs = draft.from_preset(preset)
    names = (set(theirs.answers) | set(made.answers)) - set(HEADER)
    return made.sections == theirs.sections and all(made.answers.get(name) == theirs.answers.get(name) for name in names)


def _draft(given: Mapping) -> draft.Draft:
    return draft.draft(given.get("draft"))
