"""Markdown as a small tree of blocks, for what is not Markdown: Word, PDF, counting words and sentences.

Reading is strict: raw HTML is text, pictures are not loaded, and a link leads to http, https, mailto or a place in the page.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from markdown_it import MarkdownIt

SAFE_LINK = re.compile(r"(https?://|mailto:|[?#])", re.IGNORECASE)
WORD = re.compile(r"[^\W_]+(?:['’.\-][^\W_]+)*")
SENTENCE_END = re.compile(r"[.!?:;]+(?=\s|$)")


@dataclass(frozen=True)
class Run:
    """A stretch of text in one style. link: where it leads, "" for nowhere."""

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False
    link: str = ""


@dataclass(frozen=True)
class Block:
    """kind: heading, paragraph, item, code, rule or table. level: of a heading 1 to 6, of an item its depth from 1.

    marker: of an item, its bullet or number. rows: of a table, each a list of cells, each a tuple of runs; the first row heads.
    """

    kind: str
    runs: tuple[Run, ...] = ()
    level: int = 0
    marker: str = ""
    rows: tuple[tuple[tuple[Run, ...], ...], ...] = ()

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


@cache
def reader() -> MarkdownIt:
    """CommonMark with tables, without raw HTML and without pictures."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    markdown.validateLink = lambda url: bool(SAFE_LINK.match(url.strip()))
    return markdown


def html(markdown: str) -> str:
    """Markdown as HTML in which everything typed is text. Links open beside the page."""
    return reader().render(markdown).replace("<a href=", '<a rel="noopener noreferrer" target="_blank" href=')


def blocks(markdown: str) -> list[Block]:
    """The document, block by block."""
    tokens, found, lists, table = reader().parse(markdown), [], [], None
    heading = 0
    for token in tokens:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            lists.append([int(token.attrGet("start") or 1) if token.type.startswith("ordered") else 0, ""])
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif token.type == "list_item_open":
            number = lists[-1][0]
            lists[-1] = [number + 1 if number else 0, f"{number}." if number else "•"]
        elif token.type == "heading_open":
            heading = int(token.tag[1])
        elif token.type == "heading_close":
            heading = 0
        elif token.type == "table_open":
            table = []
        elif token.type == "tr_open":
            table.append([])
        elif token.type == "table_close":
            found.append(Block("table", rows=tuple(map(tuple, table))))
            table = None
        elif token.type == "inline":
            runs = tuple(_runs(token.children))
            if table is not None:
                table[-1].append(runs)
            elif heading:
                found.append(Block("heading", runs, heading))
            elif lists:
                found.append(Block("item", runs, len(lists), lists[-1][1]))
                lists[-1][1] = ""          # a second paragraph of the same item has no bullet
            else:
                found.append(Block("paragraph", runs))
        elif token.type in ("fence", "code_block"):
            found.append(Block("code", (Run(token.content.rstrip("\n"), code=True),)))
        elif token.type == "hr":
            found.append(Block("rule"))
    return found


def _runs(tokens) -> Iterator[Run]:
    bold = italic = 0
    link = ""
    for token in tokens:
        bold += (token.type == "strong_open") - (token.type == "strong_close")
        italic += (token.type == "em_open") - (token.type == "em_close")
        if token.type == "link_open":
            link = token.attrGet("href") or ""
        elif token.type == "link_close":
            link = ""
        elif token.type in ("softbreak", "hardbreak"):
            yield Run(" " if token.type == "softbreak" else "\n", bool(bold), bool(italic), False, link)
        elif token.content:
            yield Run(token.content, bool(bold), bool(italic), token.type == "code_inline", link)


def passages(markdown: str) -> list[str]:
    """The plain text in pieces that stand by themselves: headings, paragraphs, items, cells."""
    found = []
    for block in blocks(markdown):
        if block.kind == "table":
            found += ["".join(run.text for run in cell) for row in block.rows for cell in row]
        elif block.text:
            found.append(block.text)
    return found


def sentences(text: str) -> list[str]:
    """The sentences of a passage; a colon or semicolon ends one, as in Flesch's own count."""
    return [part.strip() for part in SENTENCE_END.split(text) if WORD.search(part)]


def words(text: str) -> list[str]:
    return WORD.findall(text)


def syllables(word: str) -> int:
    """Of an English word, by its vowel groups: right for about nine words in ten, at least 1."""
    word = re.sub(r"[^a-z]", "", word.lower())
    if len(word) <= 3:
        return 1
    word = re.sub(r"(?:[^laeiouy]es|[^aeiouytd]ed|[^aeiouyl]e)$", lambda found: found.group()[0], word)
    return max(1, len(re.findall(r"[aeiouy]+", word)))


@dataclass(frozen=True)
class Measure:
    """words: how many. grade: the school grade whose pupils read it with ease (Flesch-Kincaid); None for an empty text."""

    words: int
    grade: float | None


def measure(markdown: str) -> Measure:
    """How long and how hard a text is.

    Grade by Kincaid et al. 1975: 0.39 words per sentence + 11.8 syllables per word - 15.59. It is a rule of thumb, good to
    about one grade, made for English prose.
    """
    found = passages(markdown)
    counted = [word for text in found for word in words(text)]
    if not counted:
        return Measure(0, None)
    ends = sum(len(sentences(text)) for text in found)
    grade = 0.39 * len(counted) / ends + 11.8 * sum(map(syllables, counted)) / len(counted) - 15.59
    return Measure(len(counted), max(0.0, round(grade, 1)))
