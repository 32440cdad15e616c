"""A policy before it is text: the answers, the sections switched, what a person wrote by hand, what was seen, what was waived.

A Draft is plain data and never changes; `with_answers` and its kind give a new one. Its JSON form is what files carry.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

from policy import answers as said
from policy.errors import BadInput
from policy.markdown_file import clean, harmless
from policy.rulebook import rulebook

FORMAT = 1
MOST_EDITS, MOST_LINES, MOST_CITES = 2000, 4000, 30
LINK = re.compile(r"(https?://[^\s<>\"'`\\]{1,600}|\?[^\s<>\"'`\\]{1,600})$")


@dataclass(frozen=True)
class Edit:
    """Words by hand. at: the generated line they belong to ("" the top). was: that line's text then. lines: what stands
    there instead (none: taken out). after: they follow the line instead of replacing it."""

    at: str
    was: str
    lines: tuple[str, ...]
    after: bool = False


@dataclass(frozen=True)
class Cite:
    """What the class saw, under a section. text: a sentence. link: the address that repeats the run, or "?tab=..." """

    section: str
    text: str
    link: str = ""


@dataclass(frozen=True)
class Draft:
    """answers: as from answers.checked. sections: ids switched on, "-id" switched off. dismissed: {lint: reason}."""

    answers: Mapping = field(default_factory=dict)
    sections: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()
    cites: tuple[Cite, ...] = ()
    dismissed: Mapping[str, str] = field(default_factory=dict)

    @property
    def audience(self) -> str | None:
        return self.answers.get("audience")

    def with_answers(self, **changed) -> "Draft":
        """The same with these answers; None or "" takes one away."""
        return replace(self, answers=said.checked(dict(self.answers) | changed))

    def to_dict(self) -> dict:
        return {"answers": dict(self.answers), "sections": list(self.sections), "edits": list(map(asdict, self.edits)),
                "cites": list(map(asdict, self.cites)), "dismissed": dict(self.dismissed)}


def new(audience: str) -> Draft:
    """A draft with the usual answers of this audience and nothing else."""
    return Draft(said.defaults(audience))


def from_preset(name: str) -> Draft:
    """A preset as a draft; BadInput where there is none of that name."""
    presets = rulebook().presets
    if name not in presets:
        raise BadInput(f"There is no preset {said.echo(name)}; {said.nearest(name, presets)}")
    return Draft(said.checked(presets[name].answers), presets[name].sections)


def draft(given) -> Draft:
    """A draft from its plain data; BadInput for the first thing that is wrong."""
    found, wrong = sorted_out(given)
    if wrong:
        raise BadInput(wrong[0])
    return found


def sorted_out(given) -> tuple[Draft, list[str]]:
    """(the draft of all that is right, one sentence for each part that is not). BadInput where nothing can be read."""
    if not isinstance(given, Mapping):
        raise BadInput(f"A policy's data must be an object, got {said.echo(given)}.")
    given = given if "answers" in given else {"answers": given}
    kept, wrong = said.sorted_out(given["answers"])
    parts = {"sections": _sections, "edits": _edits, "cites": _cites, "dismissed": _dismissed}
    rest = {}
    for name, read in parts.items():
        try:
            rest[name] = read(given.get(name) or ())
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            wrong.append(str(error) if isinstance(error, BadInput) else f"The part '{name}' of the data cannot be read.")
    return Draft(kept, **rest), wrong


def _sections(given) -> tuple[str, ...]:
    known = rulebook().sections
    for name in given:
        if not isinstance(name, str) or name.removeprefix("-") not in known:
            raise BadInput(f"There is no section {said.echo(name)}; {said.nearest(name, known)}")
    chosen = set(given)
    return tuple(sign + name for name in known for sign in ("", "-") if sign + name in chosen)


def _edits(given) -> tuple[Edit, ...]:
    if len(given) > MOST_EDITS or sum(len(row["lines"]) for row in given) > MOST_LINES:
        raise BadInput(f"A policy keeps at most {MOST_LINES:,} lines written by hand.")
    return tuple(Edit(_string(row["at"]), _string(row["was"]), tuple(map(by_hand, row["lines"])), row.get("after") is True)
                 for row in given)


def by_hand(line: str) -> str:
    """A line that a person wrote, kept as it is; raw HTML in it is shown as text."""
    return harmless(clean(_string(line)).replace("\n", " "))


def _cites(given) -> tuple[Cite, ...]:
    if len(given) > MOST_CITES:
        raise BadInput(f"A policy cites at most {MOST_CITES} runs.")
    return tuple(cite(row["section"], row["text"], row.get("link", "")) for row in given)


def cite(section: str, text: str, link: str = "") -> Cite:
    """What the class saw, checked."""
    if section not in rulebook().sections:
        raise BadInput(f"There is no section {said.echo(section)}; {said.nearest(section, rulebook().sections)}")
    text = said.text_line(_string(text))
    if not text or len(text) > 2 * said.MOST_TEXT:
        raise BadInput(f"A cited run needs a sentence of 1 to {2 * said.MOST_TEXT} characters.")
    if link and not LINK.match(_string(link)):
        raise BadInput(f"A cited run's link starts with http(s):// or ?, got {said.echo(link)}.")
    return Cite(section, text, link)


def _dismissed(given) -> dict[str, str]:
    known, kept = rulebook().lints, {}
    for name, reason in dict(given).items():
        if name not in known:
            raise BadInput(f"There is no lint {said.echo(name)}; {said.nearest(name, known)}")
        reason = said.text_line(_string(reason))
        if not 0 < len(reason) <= said.MOST_TEXT:
            raise BadInput(f"To set {name} aside give a reason of 1 to {said.MOST_TEXT} characters.")
        kept[name] = reason
    return {name: kept[name] for name in known if name in kept}


def _string(text) -> str:
    if not isinstance(text, str):
        raise BadInput(f"Text was expected, got {said.echo(text)}.")
    return text
