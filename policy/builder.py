"""From answers to the text of a policy, line by line, so that each line knows the clause and the questions it came from.

`policy(draft)` is pure: the same draft gives the same text on every day. What a person wrote by hand stands where it was
written, also when the answers around it change; where its own answer changed, the line says so (`stale`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from policy import answers as said
from policy.conditions import State, holds
from policy.draft import Draft
from policy.markdown_file import escaped
from policy.rulebook import Clause, Section, age_text, rulebook

FIELD = re.compile(r"\{(?:(label|list|lines|table):)?(\w+)\}")
PARAGRAPHS = ("header", "purpose")   # sections in whole sentences; the others are lists of short rules
TABLE, WHY, LISTED = "{table:tasks}", "{why_text}", "{lines:approved}"   # the clauses of more than one line
TABLE_ORDER = ("permitted", "conditional", "required", "prohibited")


@dataclass(frozen=True)
class Line:
    """One line of the Markdown. id: its place, kept while its clause stands. asks: the questions it depends on.

    edited: a person wrote it. stale: and the answer behind it has changed since. was: what the builder would say.
    """

    id: str
    section: str
    text: str
    asks: frozenset[str] = frozenset()
    edited: bool = False
    stale: bool = False
    was: str = ""


@dataclass(frozen=True)
class Policy:
    """A draft and its lines."""

    draft: Draft
    lines: tuple[Line, ...]

    @property
    def title(self) -> str:
        return title(self.draft)

    @cached_property
    def markdown(self) -> str:
        """The text for people, without the record."""
        return "\n".join(line.text for line in self.lines)


def title(draft: Draft) -> str:
    """The policy's title as typed, or the usual one."""
    audience = rulebook().audiences.get(draft.audience)
    return draft.answers.get("title") or (audience.default_title if audience else "AI use policy")


def policy(draft: Draft) -> Policy:
    """The draft as text, with what was written by hand."""
    return Policy(draft, tuple(_with_edits(generated(draft), draft.edits)))


def generated(draft: Draft) -> list[Line]:
    """The lines that the answers alone give."""
    answers = said.in_force(draft.answers, draft.sections)
    lines = [Line("header/title", "header", f"# {escaped(title(draft))}", frozenset({"title"}))]
    for section in rulebook().sections.values():
        if not said.is_on(section, draft.audience, draft.sections):
            continue
        body = list(_section(section, draft, answers))
        if body and section.id != "header":
            lines += [Line(f"{section.id}/gap", section.id, ""), Line(f"{section.id}/title", section.id, f"## {section.title}")]
        lines += body
    return lines


def _section(section: Section, draft: Draft, answers: dict) -> Iterator[Line]:
    """A section's own lines, each paragraph and the first of a list behind an empty line."""
    flowing, in_list = section.id in PARAGRAPHS, False
    rows = [(clause.id, clause.asks, _filled(clause, draft, answers)) for clause in section.clauses
            if (draft.audience is None or draft.audience in clause.audiences) and holds(clause.when, State(answers))]
    rows += [(f"cite{n}", frozenset(), [_cited(cite)]) for n, cite in enumerate(draft.cites) if cite.section == section.id]
    for name, asks, texts in rows:
        listed = not flowing and texts and not texts[0].startswith("|")
        if texts and not (in_list and listed):
            yield Line(f"{section.id}/{name}/gap", section.id, "")
        in_list = bool(listed) if texts else in_list
        for n, text in enumerate(texts):
            text = f"- {text}" if listed and n == 0 else f"  {text}" if listed and text else text
            yield Line(f"{section.id}/{name}" + (f"/{n}" if n else ""), section.id, text, asks)


def _filled(clause: Clause, draft: Draft, answers: dict) -> list[str]:
    """The clause's lines; none where what it prints has no answer."""
    fields = FIELD.findall(clause.text)
    if clause.text == TABLE:
        return _table(draft, answers)
    if " · " in clause.text:     # a row of facts: those that are known
        parts = [part for part in clause.text.split(" · ") if all(name in answers for _, name in FIELD.findall(part))]
        return [_inserted(" · ".join(parts), draft, answers)] if parts else []
    if any(_value(kind, name, draft, answers) is None for kind, name in fields):
        return []
    if clause.text.endswith(LISTED):
        return [clause.text.partition("\n")[0], *(f"- {escaped(row)}" for row in answers[fields[0][1]].split("\n") if row)]
    if clause.text == WHY:
        return [escaped(row) for row in answers["why_text"].split("\n")]
    return [_inserted(clause.text, draft, answers)]


def _inserted(text: str, draft: Draft, answers: dict) -> str:
    def value(found: re.Match) -> str:
        inside = _value(found[1] or "", found[2], draft, answers, first=found.start() == 0)
        return inside.rstrip(".") if text[found.end():found.end() + 1] == "." else inside

    return FIELD.sub(value, text)


def _value(kind: str, name: str, draft: Draft, answers: dict, first: bool = False) -> str | None:
    """What a placeholder prints, as Markdown; None where there is no answer. first: it starts its line."""
    if name == "facts_age":
        start = answers.get("effective_date")
        as_of = rulebook().as_of
        return age_text(as_of, date.fromisoformat(start) if start else as_of)
    answer = answers.get(name)
    if answer is None:
        return None
    options = rulebook().questions[name].options
    if kind == "label":
        return small(options[answer])
    if kind == "list":
        labels = [small(options[value]) for value in answer]
        return ("; " if any("," in label for label in labels) else ", ").join(labels)
    if isinstance(answer, list):
        return ", ".join(options[value] for value in answer)
    if answer in options:
        return options[answer]
    text = " ".join(str(answer).split())
    return escaped(text) if first else escaped("(" + text)[1:]   # inside a line a number or a dash starts no list


def small(label: str) -> str:
    """A label inside a sentence: its first letter small, but for a name in capitals such as APA."""
    first = re.split(r"\W", label, maxsplit=1)[0]
    return label if len(first) > 1 and first.isupper() else label[:1].lower() + label[1:]


def _table(draft: Draft, answers: dict) -> list[str]:
    """The task table: one row for each rule, with its tasks."""
    tasks, values = answers.get("tasks", {}), rulebook().task_values
    rows = {value: [task.title for task in rulebook().tasks_for(draft.audience) if tasks.get(task.id) == value]
            for value in TABLE_ORDER}
    filled = [f"| **{values[value]}** | {'; '.join(titles)} |" for value, titles in rows.items() if titles]
    return ["| Rule | Tasks |", "|---|---|", *filled] if filled else []


def _cited(cite) -> str:
    link = cite.link.replace("(", "%28").replace(")", "%29").replace("|", "%7C")
    return f"What we saw: {escaped(cite.text)}" + (f" [Repeat the run]({link})" if link else "")


def _with_edits(lines: list[Line], edits) -> Iterator[Line]:
    """The lines with what a person wrote in their place. Words whose line is no longer there go to their section's end."""
    here = {line.id for line in lines}
    instead = {edit.at: edit for edit in edits if not edit.after}
    after = {edit.at: edit for edit in edits if edit.after}
    lost: dict[str, list[Line]] = {}
    for edit in edits:
        if edit.at and edit.at not in here and any(edit.lines):
            section = edit.at.split("/")[0]
            lost.setdefault(section, []).extend(_handwritten(edit, section, stale=True))
    last = {line.section: line.id for line in lines}
    if "" in after:
        yield from _handwritten(after[""], "header")
    for line in lines:
        edit = instead.get(line.id)
        yield from [line] if edit is None else _handwritten(edit, line.section, edit.was != line.text, line)
        if line.id in after:
            yield from _handwritten(after[line.id], line.section)
        if last[line.section] == line.id:
            yield from lost.pop(line.section, ())
    for rest in lost.values():      # the whole section is gone
        yield from rest


def _handwritten(edit, section: str, stale: bool = False, line: Line | None = None) -> list[Line]:
    base = Line(edit.at, section, "", line.asks if line else frozenset(), True, stale, line.text if line else edit.was)
    mark = "+" if edit.after else "*"
    return [replace(base, id=f"{edit.at}{mark}{n}", text=text) for n, text in enumerate(edit.lines)]
