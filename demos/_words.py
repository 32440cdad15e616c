"""The words of a tab, from assets/copy/<tab>.md: prose is reviewed as prose, not inside Python strings.

A file is plain Markdown: `## Heading` starts a section, and what stands under it is its text. A lab reads the sections
Question, Idea, Predict, Controls (one line `- name: what it does` per control), Example (what the first picture is) and
Formula. Words that are missing fail at start.
"""

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "assets" / "copy"
SECTION = re.compile(r"^## +(.+?) *$", re.MULTILINE)
CONTROL = re.compile(r"^- *`?(\w+)`? *: *(.+?) *$", re.MULTILINE)


@dataclass(frozen=True)
class Words:
    """sections: {heading in lower case: text}. where: the file, for errors."""

    sections: dict[str, str]
    where: str

    def __getitem__(self, heading: str) -> str:
        text = self.sections.get(heading.lower(), "")
        if not text:
            raise ValueError(f"{self.where} needs a section '## {heading.capitalize()}' with text under it")
        return text

    def get(self, heading: str, default: str = "") -> str:
        return self.sections.get(heading.lower(), default)

    def controls(self) -> dict[str, str]:
        """What each control does, in the words of the course."""
        return dict(CONTROL.findall(self.get("controls")))


def words(tab: str, folder: Path = FOLDER) -> Words:
    """The words of a tab."""
    path = folder / f"{tab}.md"
    if not path.is_file():
        raise FileNotFoundError(f"assets/copy/{tab}.md is missing: a tab is one file and its words")
    pieces = SECTION.split(path.read_text(encoding="utf-8"))
    return Words({heading.lower(): text.strip() for heading, text in zip(pieces[1::2], pieces[2::2])},
                 f"assets/copy/{tab}.md")


def minus(number: str) -> str:
    """A number as text, with minus signs that are as wide as a digit."""
    return number.replace("-", "\u2212")
