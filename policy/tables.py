"""Rows as CSV that a spreadsheet opens as text and never as a formula."""

import csv
import io
from collections.abc import Iterable, Mapping

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a spreadsheet may take for the start of a formula


def csv_text(rows: Iterable[Mapping[str, object]], names: Iterable[str] | None = None) -> str:
    """The rows with a heading. names: the columns in order; default: as they come in the rows."""
    rows = list(rows)
    names = list(names or dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, names, restval="", lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: cell(value) for name, value in row.items()})
    return out.getvalue()


def cell(value: object) -> object:
    """A text that starts like a formula, also behind blanks or a quotation mark, gets an apostrophe in front."""
    if not isinstance(value, str):
        return value
    value = value.replace("\0", "")
    return "'" + value if value.lstrip(" \"'\u00a0\ufeff\u200b")[:1] in FORMULA and value.strip() else value
