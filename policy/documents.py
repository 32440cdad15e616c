"""Markdown as an HTML page, a Word document and a PDF. Whatever was typed arrives as text in all of them.

Word is written by python-docx, PDF by Typst: both work offline. Typst sets right-to-left names rightly and tags the PDF for
screen readers (PDF/UA-1). No date comes from the clock.
"""

import html as escapes
import importlib.metadata
import io
import json
from dataclasses import asdict
from pathlib import Path

from policy.document import Block, Run, blocks, html
from policy.errors import BadInput

TEMPLATE = Path(__file__).resolve().parent.parent / "assets" / "documents" / "page.typ"
FONTS = "matplotlib/mpl-data/fonts/ttf"   # DejaVu, with Greek, Cyrillic, Hebrew and Arabic; it comes with a pinned package
STYLE = """body{font:16px/1.55 Charter,Cambria,Georgia,serif;max-width:44em;margin:2.5em auto;padding:0 1.2em;color:#16202e}
h1{font-size:1.9em;line-height:1.15}h2{font-size:1.2em;margin:1.8em 0 .5em}li{margin:.25em 0}a{color:#1d4ed8}
table{border-collapse:collapse;width:100%}th,td{border:1px solid #bbb;padding:.45em .6em;text-align:left;vertical-align:top}
code{background:#f1f1ee;padding:.1em .25em}:is(p,li,td,h1){unicode-bidi:plaintext;overflow-wrap:anywhere}
@media print{body{margin:0;max-width:none}h2{break-after:avoid}}"""


def web_page(markdown: str, title: str) -> str:
    """One HTML file that runs no script and asks for nothing from outside."""
    safe = "default-src 'none'; style-src 'unsafe-inline'"
    return (f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{safe}">\n'
            f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{escapes.escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
            f"{html(markdown)}</main>\n</body>\n</html>\n")


def pdf(markdown: str, title: str) -> bytes:
    """A tagged PDF on A4."""
    import typst

    data = {"title": title, "blocks": [asdict(block) | {"text": block.text} for block in _stepped(blocks(markdown))]}
    return typst.compile(str(TEMPLATE), sys_inputs={"data": json.dumps(data)}, font_paths=_font_paths(),
                         ignore_system_fonts=True, pdf_standards="ua-1")


def _stepped(found: list[Block]) -> list[Block]:
    """Headings that never skip a level, as a tagged PDF needs; links within the page, which PDF has no place for, as text."""
    level, kept = 0, []
    for block in found:
        if block.kind == "heading":
            level = min(block.level, level + 1)
            block = Block("heading", _outward(block.runs), level)
        else:
            block = Block(block.kind, _outward(block.runs), block.level, block.marker,
                          tuple(tuple(map(_outward, row)) for row in block.rows))
        kept.append(block)
    return kept


def _outward(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    return tuple(run if run.link.lower().startswith(("http", "mailto:")) else Run(run.text, run.bold, run.italic, run.code)
                 for run in runs)


def _font_paths() -> list[str]:
    try:
        return [str(importlib.metadata.distribution("matplotlib").locate_file(FONTS))]
    except importlib.metadata.PackageNotFoundError:
        return []


def word(markdown: str, title: str) -> bytes:
    """A Word document with real headings, lists and a table whose first row heads each page."""
    import docx
    from docx.shared import Pt

    document = docx.Document()
    document.core_properties.title, document.core_properties.author = title[:250], ""
    document.core_properties.comments = ""
    document.styles["Normal"].font.name, document.styles["Normal"].font.size = "Cambria", Pt(11)
    for block in blocks(markdown):
        if block.kind == "table":
            _word_table(document, block)
        elif block.kind == "heading":
            _fill(document.add_paragraph(style="Title" if block.level == 1 else f"Heading {min(block.level - 1, 9)}"), block.runs)
        elif block.kind == "item":
            numbered = block.marker not in ("", "•")
            style = ("List Number" if numbered else "List Bullet" if block.marker else "List Continue")
            _fill(document.add_paragraph(style=style + (f" {min(block.level, 3)}" if block.level > 1 else "")), block.runs)
        elif block.kind == "rule":
            document.add_paragraph("* * *")
        else:
            _fill(document.add_paragraph(), block.runs)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _word_table(document, block: Block) -> None:
    from docx.oxml import OxmlElement

    table = document.add_table(rows=0, cols=max(map(len, block.rows)))
    table.style = "Table Grid"
    for n, row in enumerate(block.rows):
        cells = table.add_row().cells
        for cell, runs in zip(cells, row, strict=False):
            _fill(cell.paragraphs[0], runs, bold=n == 0)
    head = table.rows[0]._tr.get_or_add_trPr()
    head.append(OxmlElement("w:tblHeader"))
    document.add_paragraph()


def _fill(paragraph, runs: tuple[Run, ...], bold: bool = False) -> None:
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import RGBColor

    for run in runs:
        written = paragraph.add_run(run.text)
        written.bold, written.italic = run.bold or bold or None, run.italic or None
        if run.code:
            written.font.name = "Consolas"
        if run.link.lower().startswith(("http", "mailto:")):
            written.font.color.rgb, written.font.underline = RGBColor(0x1D, 0x4E, 0xD8), True
            link = OxmlElement("w:hyperlink")
            link.set(qn("r:id"), paragraph.part.relate_to(run.link, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
            paragraph._p.append(link)
            link.append(written._r)


FORMATS = ("md", "html", "docx", "pdf", "json")


def made(draft, suffix: str) -> bytes:
    """The draft as a file of this kind, one of FORMATS."""
    from policy import builder, policy_file

    if suffix not in FORMATS:
        raise BadInput(f"A policy can be written as {', '.join(FORMATS)}; {suffix[:20]!r} is none of them.")
    if suffix == "md":
        return policy_file.written(draft).encode()
    if suffix == "json":
        return policy_file.answers_json(draft).encode()
    built = builder.policy(draft)
    if suffix == "html":
        return web_page(built.markdown, built.title).encode()
    return (word if suffix == "docx" else pdf)(built.markdown, built.title)
