"""A Markdown file that is clean to read and carries its data: text for people, then one comment with a record.

The record is JSON inside an HTML comment at the very end, so that no viewer shows it. Beside the data it holds a mark
(a short hash) of every generated piece of the text, so that an edit by hand is noticed on opening, also when newer words
of GenLens would generate the piece differently today.

    text = sealed(pieces, "checklist", 1, data)             # pieces: {name: Markdown}, in order
    found = opened(text, "checklist", 1)                    # BadInput with a sentence for everything that is not ours
    found.data, found.body; found.edited("intro", piece)    # True where a person changed that piece

Nothing of a file is executed or guessed: what cannot be read is named, and the caller changes nothing.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from policy.errors import BadInput

MOST_CHARS = 1_000_000  # a policy has some 10 thousand; more is a mistake or an attack
OPENING = re.compile(r"^<!-- genlens:([a-z-]{1,30}) ([0-9]{1,6})$", re.MULTILINE)
OURS = re.compile(r"<!--\s*genlens:")
ASCII_PUNCTUATION = r"""!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~"""
ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
# Control characters but tab and line end, halves of a character, and what is no character: no format below can hold them.
UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u2028\u2029]")


@dataclass(frozen=True)
class Opened:
    """body: the text for people as it stands in the file. data: the record's. marks: {piece: mark when written}."""

    body: str
    data: dict
    marks: Mapping[str, str]

    def edited(self, piece: str, text: str | None) -> bool:
        """Whether `text` is no longer what was written as `piece`; None: the piece was taken out."""
        return text is None or self.marks.get(piece) != mark(text)


def sealed(pieces: Mapping[str, str], kind: str, version: int, data: dict) -> str:
    """The pieces one after the other with an empty line between, and the record behind them.

    data: anything JSON can hold. Lone surrogates and `-->` in it are harmless: the record is ASCII without angle brackets.
    """
    record = {"data": data, "marks": {name: mark(text) for name, text in pieces.items()}}
    body = "\n\n".join(text.strip("\n") for text in pieces.values() if text.strip("\n"))
    written = json.dumps(record, indent=1, sort_keys=True, allow_nan=False).replace("<", "\\u003c").replace(">", "\\u003e")
    return f"{body}\n\n<!-- genlens:{kind} {version}\n{written}\n-->\n"


def opened(text: str, kind: str, version: int, name: str = "file") -> Opened:
    """Read what `sealed` wrote, also after edits by hand. kind, version: what the caller can read.

    Raises BadInput: too long, no text, none of ours, of another kind, from a newer version, cut off, or damaged.
    """
    check_text(text, name)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    starts = list(OPENING.finditer(text))
    if not starts:
        if OURS.search(text):
            raise BadInput(f"The record at the end of this {name} was changed or cut off, so it cannot be read. "
                           "Open an earlier copy; nothing was changed here.")
        raise BadInput(f"This {name} was not made by GenLens: it has no record at its end. Nothing was guessed from its "
                       "text and nothing was changed here.")
    start = starts[-1]
    if start[1] != kind:
        raise BadInput(f"This {name} is a {start[1].replace('-', ' ')}, and a {kind.replace('-', ' ')} was expected.")
    if int(start[2]) > version:
        raise BadInput(f"This {name} was made by a newer GenLens (format {int(start[2])}; this one reads up to {version}). "
                       "Update GenLens to open it; nothing was changed here.")
    written, closed, rest = text[start.end():].partition("-->")
    if not closed:
        raise BadInput(f"This {name} ends in the middle of its record: it was cut off. Open a complete copy.")
    try:
        record = json.loads(written)
        data, marks = record["data"], record["marks"]
        if not (isinstance(data, dict) and isinstance(marks, dict)):
            raise TypeError("data and marks are objects")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadInput(f"The record at the end of this {name} is damaged, so it cannot be read. Open an earlier copy; "
                       "nothing was changed here.") from error
    body = text[:start.start()].rstrip("\n") + ("\n\n" + rest.strip("\n") if rest.strip() else "")
    return Opened(body, data, {str(piece): str(found) for piece, found in marks.items()})


def check_text(text: str, name: str = "file") -> None:
    """BadInput where `text` is too long or no text at all."""
    if len(text) > MOST_CHARS:
        raise BadInput(f"This {name} has {len(text):,} characters; at most {MOST_CHARS:,} are read.")
    if not text.strip():
        raise BadInput(f"This {name} is empty.")
    if "\0" in text:
        raise BadInput(f"This {name} is no text: it holds zero bytes. A GenLens {name} is Markdown.")


def text_of(path: Path | str) -> str:
    """The text of a file on disk; BadInput where it is missing, too large, or not UTF-8."""
    path = Path(path)
    try:
        if path.stat().st_size > 4 * MOST_CHARS:
            raise BadInput(f"{path} has {path.stat().st_size:,} bytes; at most {MOST_CHARS:,} characters are read.")
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8 text.") from error


def mark(text: str) -> str:
    """A short hash of the text that does not notice line ends, trailing blanks or empty lines around it."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").strip().split("\n")]
    return hashlib.sha256("\n".join(lines).strip().encode("utf-8", "surrogatepass")).hexdigest()[:12]


def clean(text: str) -> str:
    """Typed text with line ends as \\n and without what neither Markdown nor HTML nor Word can hold."""
    return UNWRITABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n"))


def escaped(text: str) -> str:
    """One line of typed text as Markdown that shows exactly it: no markup, no HTML, no link it did not spell out.

    `plain` is its inverse. Line ends are the caller's business.
    """
    text = re.sub(r"&(?=#?[0-9A-Za-z]+;)", "&amp;", text).replace("<", "&lt;")
    text = re.sub(r"([\\`*\[\]|~$])", r"\\\1", text)
    text = re.sub(r"(?<![^\W_])_|_(?![^\W_])", r"\\_", text)     # inside a word an underscore is no emphasis
    text = re.sub(r"^(\s*)([#+=>-])", r"\1\\\2", text)             # heading, list, rule, quotation
    return re.sub(r"^(\s*[0-9]{1,9})([.)])", r"\1\\\2", text)     # numbered list


def plain(markdown: str) -> str:
    """What `escaped` Markdown shows: the text itself."""
    return re.sub(rf"\\([{ASCII_PUNCTUATION}])|&(?:lt|gt|amp);",
                  lambda found: found[1] or ENTITIES[found[0]], markdown)


def harmless(markdown: str) -> str:
    """Markdown written by hand, kept as it is, but with its raw HTML shown as text; twice is the same as once."""
    return re.sub(r"<(?=[A-Za-z/!?])(?!https?://[^\s<>]*>)", "&lt;", markdown)
