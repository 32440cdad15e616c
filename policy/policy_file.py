"""A policy as a file, and back. Markdown is what people read; the answers travel in its last comment, so nothing is guessed.

`read(written(draft))` gives the same draft. Where a person changed the text, the lines that differ from what the answers
give are kept as that person's words; the others go on following the answers.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from policy import draft as drafts
from policy.answers import echo
from policy.builder import Line, generated, policy
from policy.draft import FORMAT, Draft, Edit, by_hand
from policy.errors import BadInput
from policy.markdown_file import check_text, opened, sealed

KIND, PIECE = "policy", "text"
SCHEMA = "genlens-policy"
MOST_TEXT_LINES = 3000   # comparing costs their product with the generated ones


@dataclass(frozen=True)
class Opened:
    """draft: all that could be read. notes: one sentence for each thing that is not as it was. by_hand: lines kept as
    somebody's own words."""

    draft: Draft
    notes: tuple[str, ...] = ()
    by_hand: int = 0


def written(draft: Draft) -> str:
    """The policy as a Markdown file that carries its answers."""
    return sealed({PIECE: policy(draft).markdown}, KIND, FORMAT, draft.to_dict())


def answers_json(draft: Draft) -> str:
    """The answers and all else of the draft as JSON, without the text."""
    return json.dumps({"schema": SCHEMA, "format": FORMAT, **draft.to_dict()}, ensure_ascii=False, indent=1) + "\n"


def read(text: str, name: str = "file") -> Opened:
    """Open Markdown from `written`, also after changes by hand, or JSON from `answers_json`. BadInput for anything else."""
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        return _from_json(text, name)
    found = opened(text, KIND, FORMAT, name)
    draft, wrong = drafts.sorted_out(found.data)
    body = found.body
    if not found.edited(PIECE, body):
        return Opened(draft, _notes(wrong, policy(draft).markdown, body))
    draft = with_words(draft, body, name)
    lines = sum(line.edited and bool(line.text.strip()) for line in policy(draft).lines)
    return Opened(draft, tuple(wrong), lines)


def with_words(draft: Draft, text: str, name: str = "text") -> Draft:
    """The draft whose text is `text`: what differs from what its answers give is kept as written by hand."""
    text = text.replace("\r\n", "\n").strip("\n")
    return replace(draft, edits=_edits(generated(replace(draft, edits=())), text.split("\n"), name))


def _notes(wrong: Sequence[str], now: str, then: str) -> tuple[str, ...]:
    if wrong or now.strip("\n") == then.strip("\n"):
        return tuple(wrong)
    return ("The words of some clauses have changed since this file was written. You see the new ones; "
            "the answers are the same.",)


def _from_json(text: str, name: str) -> Opened:
    check_text(text, name)
    try:
        given = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise BadInput(f"This {name} starts like JSON but cannot be read as such; nothing was changed here.") from error
    if not isinstance(given, Mapping) or given.get("schema") != SCHEMA:
        raise BadInput(f"This {name} is no policy of GenLens: its schema is {echo(given.get('schema', 'missing'))}, and "
                       f"{SCHEMA!r} was expected.")
    number = given.get("format")
    if not isinstance(number, int) or number > FORMAT:
        raise BadInput(f"This {name} was made by a newer GenLens (format {echo(number)}; this one reads up to {FORMAT}). "
                       "Update GenLens to open it; nothing was changed here.")
    draft, wrong = drafts.sorted_out(given)
    return Opened(draft, tuple(wrong), sum(line.edited for line in policy(draft).lines))


def read_answers(text: str, name: str = "file") -> dict:
    """Answers alone, {question: answer}, or a policy's JSON: what `--answers` takes."""
    check_text(text, name)
    try:
        given = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise BadInput(f"This {name} is no JSON: {echo(error)}") from error
    return drafts.draft(given).to_dict()


def _edits(lines: list[Line], rows: list[str], name: str) -> tuple[Edit, ...]:
    """What turns the generated lines into these rows."""
    if len(rows) > MOST_TEXT_LINES:
        raise BadInput(f"This {name} has {len(rows):,} lines of text; a policy has at most {MOST_TEXT_LINES:,}.")
    rows = [by_hand(row) for row in rows]
    edits = []
    for kind, i, j, m, n in SequenceMatcher(None, [line.text for line in lines], rows, autojunk=False).get_opcodes():
        if kind == "insert":
            edits.append(Edit(lines[i - 1].id if i else "", "", tuple(rows[m:n]), after=True))
        elif kind in ("replace", "delete"):
            gone, come = lines[i:j], rows[m:n]
            for k, line in enumerate(gone):
                last = k == len(gone) - 1
                edits.append(Edit(line.id, line.text, tuple(come[k:] if last else come[k:k + 1])))
    return tuple(edits)
