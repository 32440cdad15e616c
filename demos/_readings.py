"""A matrix of similarities, and bars of shares: tables and lists, drawn by assets/js/readings.js."""

import json

from demos import _figures


def matrix_view(elem_id: str, value: str = ""):
    return _figures.figure_view("matrix", elem_id, value)


def matrix_json(title: str, note: str, rows: list[dict], columns: list[str], values, label: str) -> str:
    """rows: [{image, name}], the first is the visitor's own. columns: texts, shown by their numbers from 1.
    values: (rows, columns), cosines. label: the table in words."""
    if len(values) != len(rows) or any(len(row) != len(columns) for row in values):
        raise ValueError(f"{len(rows)} rows and {len(columns)} columns do not fit the values")
    return json.dumps({"title": title, "note": note, "rows": rows, "columns": columns, "label": label,
                       "values": [[round(float(v), 4) for v in row] for row in values]}, allow_nan=False)


def bars_view(elem_id: str, value: str = ""):
    return _figures.figure_view("bars", elem_id, value)


def bars(title: str, note: str, rows: list[tuple[str, float, str]]) -> dict:
    """One list of bars. rows: (name, share from 0 to 1, what stands beside it), the largest first."""
    return {"title": title, "note": note, "rows": [{"name": name, "share": round(share, 4), "text": text} for name, share, text in rows]}


def bars_json(panels: list[dict], label: str) -> str:
    return json.dumps({"panels": panels, "label": label}, allow_nan=False)
