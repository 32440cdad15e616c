"""Figures of digits: rows of small pictures, and the map of their codes. As in demos/_figures.py, `*_json` makes the string that
a figure draws and `*_view` its component."""

import json
from functools import cache

import gradio as gr

from demos._figures import ASSETS, _dump, figure_view

REACH = 1.5  # the map's axes go from -1.5 to 1.5


def tiles_view(elem_id: str, value: str = "") -> gr.HTML:
    return figure_view("tiles", elem_id, value)


def codes_view(elem_id: str, value: str = "") -> gr.HTML:
    return figure_view("codes", elem_id, value)


def block(title: str, note: str = "", rows=(), *, signed: bool = False, table: dict | None = None) -> dict:
    """One block of a sheet. rows: [{name, about, tiles (PNG in base64), n, side, said?, marks?}], n tiles of side x side pixels each.
    signed: blue to orange, not ink. table: {head, rows}, rows of texts whose first is the row's name."""
    return {"title": title, "note": note, "rows": list(rows), "signed": signed, "table": table}


def tiles_json(blocks: list[dict]) -> str:
    return _dump({"blocks": blocks})


def codes_json(title: str, note: str, label: str, **what) -> str:
    """what: xy, labels and path? of a map (genai_core.autoencoders.looks), or points, at, arrows, score and key of a field."""
    return _dump({"title": title, "note": note, "label": label, **({"reach": REACH} | what)})


@cache
def judge_accuracy(data: str) -> str:
    """How many held-out pictures of a data set the shipped classifier reads right, "99.7%"."""
    told = json.loads((ASSETS / "models" / "digit_classifier" / "manifest.json").read_text(encoding="utf-8"))
    return f"{told[data]['accuracy']['share']:.1%}"
