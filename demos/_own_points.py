"""A control for points of one's own with classes: clicked or drawn on a sheet, typed, or read from a file (assets/js/own_points.js).

Its value is the table itself, a text of rows x,y,class, so that what was typed is never lost; the run says what is wrong with it.
A link holds up to MOST_IN_LINK points.
"""

import csv
import io
import json
from dataclasses import dataclass
from html import escape

from demos._controls import echo
from genai_core.decide_or_draw.settings import MOST_OWN
from genai_core.errors import BadInput

MOST_BYTES = 2_000_000  # as genai_core.data.own_points takes
MOST_IN_LINK = 200
KEPT_OUT = "file"       # in a link: there were points, too many or too odd to be written there


@dataclass(frozen=True)
class OwnPoints:
    """said: {"title", "note", "table", "none", "few", "used", "odd"}, what the sheet says. starts: a complete drawing runs the lab."""

    label: str
    said: dict
    default: str = ""
    starts: bool = True

    def check(self, value) -> str:
        if not isinstance(value, str):
            raise BadInput(f"{self.label}: {echo(value)} is no table of points.")
        if len(value) > MOST_BYTES:
            raise BadInput(f"{self.label}: {len(value) / 1e6:.1f} MB, about {value.count(chr(10)):,} rows, are too many; at most "
                           f"{MOST_OWN:,} points are taken. Take every so many of them, or the first ones.")
        return value

    def write(self, value: str) -> str:
        """The points in order as "~x_y", after "~.name" where the class changes; numbers as they were typed."""
        if not value.strip():
            return ""
        sign = next(sign for sign in "\t;," if sign in value.strip().splitlines()[0] or sign == ",")
        table = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(value.strip()), delimiter=sign) if any(row)]
        if table and len(table[0]) == 3 and not _is_number(table[0][0]) and not _is_number(table[0][1]):
            table = table[1:]  # a header
        written, before = [], None
        for row in table:
            if sign != ",":
                row[:2] = [cell.replace(",", ".") for cell in row[:2]]
            if len(row) != 3 or not _is_number(row[0]) or not _is_number(row[1]) or "~" in row[2] or not row[2]:
                return KEPT_OUT
            if row[2] != before:
                before = row[2]
                written.append(f".{before}")
            written.append(f"{row[0]}_{row[1]}")
        return "~".join(written) if len(table) <= MOST_IN_LINK else KEPT_OUT

    def read(self, text: str) -> str:
        if text == KEPT_OUT:
            raise BadInput(f"{self.label}: a link keeps at most {MOST_IN_LINK} points; open the file, or paste the table, again.")
        rows, name = io.StringIO(), ""
        writer = csv.writer(rows, lineterminator="\n")
        for part in filter(None, text.split("~")):
            numbers = part.split("_")
            if part.startswith("."):
                name = part[1:]
            elif len(numbers) == 2 and all(map(_is_number, numbers)) and name:
                writer.writerow([*numbers, name])
            else:
                raise BadInput(f"{self.label}: {echo(part)} is no point; a link holds them as x_y, after the name of their class.")
        return self.check(rows.getvalue().strip())

    def widget(self, info: str, elem_id: str):
        import gradio as gr

        from demos._figures import ASSETS

        told = {**self.said, "most": MOST_OWN, "bytes": MOST_BYTES}
        template = (ASSETS / "ui" / "own_points.html").read_text(encoding="utf-8")
        for name, text in (("title", self.said["title"]), ("note", info), ("table", self.said["table"]), ("id", elem_id)):
            template = template.replace(f"[{name}]", escape(text))
        packed = escape(json.dumps({name: told[name] for name in ("none", "few", "used", "odd", "most", "bytes")}))
        return gr.HTML(self.default, html_template=template.replace("[set]", packed), elem_id=elem_id, label=self.label,
                       js_on_load="genlens.own_points(element, props, watch, () => trigger('drawn'));")


def _is_number(text: str) -> bool:
    try:
        return abs(float(text)) < float("inf")
    except ValueError:
        return False
