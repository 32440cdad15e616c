"""Figures of many runs: the band that they fill, what their models draw, and a map of settings. As in demos/_figures.py, `*_json`
makes the string that a figure draws and `*_view` its component."""

import math

import gradio as gr

from demos._figures import ASSETS, SIGNIFICANT, _dump, figure_view

BANDS = ("q05", "q25", "median", "q75", "q95", "mean")
LOWEST = 1e-12  # where a logarithmic axis ends


def bands_view(elem_id: str, value: str = "") -> gr.HTML:
    return figure_view("bands", elem_id, value)


def draws_view(elem_id: str, value: str = "") -> gr.HTML:
    return figure_view("draws", elem_id, value)


def phase_view(elem_id: str, value: str = "") -> gr.HTML:
    """A map of settings; pressing a cell is the event `click`, which carries the cell's {control: value}."""
    template = (ASSETS / "ui" / "fig_phase.html").read_text(encoding="utf-8")
    return gr.HTML(value, html_template=template, elem_id=elem_id,
                   js_on_load="genlens.phase(element, props, watch, (settings) => trigger('click', settings));")


def _short(values) -> list:
    return [float(f"{v:.{SIGNIFICANT}g}") if v is not None and math.isfinite(v) else None for v in values]


def band_panel(title: str, unit: str, rows, name: str, *, log: bool = False, percent: bool = False, truth: float | None = None) -> dict:
    """A panel of the reading `name` from rows as genai_core.collapse.experiment makes them: its quantiles, mean, theory and runs."""
    panel = {"title": title, "unit": unit, "log": log, "percent": percent, "floor": LOWEST,
             **{band: _short(row[f"{name}_{band}"] for row in rows) for band in BANDS},
             "runs": [_short(row[f"{name}_run_{i}"] for row in rows) for i in range(1, 6) if f"{name}_run_{i}" in rows[0]]}
    if f"{name}_theory" in rows[0]:
        panel["theory"] = _short(row[f"{name}_theory"] for row in rows)
    if truth is not None:
        panel["truth"] = truth
    return panel


def line_panel(title: str, unit: str, lines: list[tuple], **more) -> dict:
    """A panel of plain lines: (name, values, colour, dashed)."""
    return {"title": title, "unit": unit, **more,
            "lines": [{"name": name, "y": _short(values), "colour": colour, "dash": dash} for name, values, colour, dash in lines]}


def bands_json(panels: list[dict], label: str, generations: int, hint: str = "") -> str:
    return _dump({"panels": panels, "label": label, "generations": generations, "hint": hint})


def draws_json(kind: str, rows: list[dict], over: dict, label: str, key: str, **more) -> str:
    """kind, rows, over: as genai_core.collapse.drawn makes them, each row with a title and a note. key: how to read it."""
    return _dump({"kind": kind, "rows": rows, "label": label, "key": key, **over, **more})


def phase_json(title: str, label: str, corner: str, rows: list[str], columns: list[str], cells: list[dict], here: str, hint: str) -> str:
    """cells: row by row, as many as are done: {text, about, level 0 to 1, settings}. here: "row,column" of what is shown above."""
    return _dump({"title": title, "label": label, "corner": corner, "rows": rows, "columns": columns, "cells": cells, "here": here,
                  "hint": hint})
