"""Arrays in, figures out. `*_view` makes the component of a figure, `*_json` the string that it draws.

A figure is a gr.HTML whose value is one JSON string: the cheapest thing to stream (see the drawing code in assets/js,
loaded once for all figures through `head`). Each string carries `label`, the picture in words, which becomes its
aria-label. Colours: 0 to 3, numbers of a colour-blind-safe palette in assets/figures.css.
"""

import base64
import io
import json
from pathlib import Path

import gradio as gr
import numpy as np

from genai_core.recorded import pack

ASSETS = Path(__file__).resolve().parent.parent / "assets"
FIRST = ("canvas", "sources", "checklist_parts", "policy_form")  # what other scripts are built on; the rest of assets/js follows
MOST_PICTURES = 4
SIGNIFICANT = 5     # digits of a curve's values


def code() -> str:
    """The figures' code, for a browser to run before the first figure is shown."""
    rest = sorted({path.stem for path in (ASSETS / "js").glob("*.js")} - set(FIRST))
    return "\n".join((ASSETS / "js" / f"{name}.js").read_text(encoding="utf-8") for name in (*FIRST, *rest))


def figure_view(name: str, elem_id: str, value: str = "") -> gr.HTML:
    template = (ASSETS / "ui" / f"fig_{name}.html").read_text(encoding="utf-8")
    return gr.HTML(value, html_template=template, js_on_load=f"genlens.{name}(element, props, watch);", elem_id=elem_id)


def _dump(record: dict) -> str:
    return json.dumps({k: v for k, v in record.items() if v is not None}, separators=(",", ":"), allow_nan=False)


def _packed(points) -> str:
    return points if isinstance(points, str) else pack(points)


# -- points ---------------------------------------------------------------------------------------------------------

def scatter_view(elem_id: str, value: str = "") -> gr.HTML:
    return figure_view("scatter", elem_id, value)


def panel(title: str, note: str, samples, colour: int, field=None) -> dict:
    """One square of a scatter. samples (n, 2), or packed already; note: a few words beside the title; field (m, 4): arrows x, y, dx, dy."""
    square = {"title": title, "note": note, "samples": _packed(samples), "colour": colour}
    return square if field is None else square | {"field": pack(field)}


def scatter_json(real, panels: list[dict], label: str, step: int, steps: int, *, unit: str = "step", modes=(),
                 limit: float = 1.5, base: str = "", rates=(), began: int = 0, rewind: dict | None = None,
                 group: str = "", film: list[dict] | None = None, badge: str | None = None) -> str:
    """What the models draw over the data, at this step.

    real (n, 2): the data, the same in every panel. panels: from `panel`, one per model. modes: rows (x, y, radius),
    drawn as circles. limit: both axes go from -limit to limit. The browser keeps the steps it has seen, to scrub; it
    forgets them where `base` (what the run depends on but its rates) changes, except up to `began`, where a run that
    goes on was taken up. film: [{step, label, panels}] to scrub at once. rewind: {"control", "focus"}: the ids of the
    field that the button "Go on from" fills, and of the one that it moves to. group: figures that share a cursor.
    """
    return _dump({"real": _packed(real), "panels": panels, "label": label, "step": step, "steps": steps, "unit": unit,
                  "modes": [[round(float(v), 4) for v in mode] for mode in modes], "limit": limit, "base": base,
                  "rates": [list(r) for r in rates], "began": began, "rewind": rewind, "group": group, "film": film,
                  "badge": badge})


# -- curves ---------------------------------------------------------------------------------------------------------

def curves_view(elem_id: str, value: str = "") -> gr.HTML:
    return figure_view("curves", elem_id, value)


def line(name: str, x, y, colour: int, *, dash: bool = False, faint: bool = False, tags=(), band=None) -> dict:
    """One named curve. x, y of equal length; a y that is no finite number leaves a gap. tags: a word for each point, which
    is then drawn as a dot. band: (low, high), each like y and finite: what lies between is tinted."""
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if x.shape != y.shape or x.ndim != 1:
        raise ValueError(f"x and y must be of one length, got {x.shape} and {y.shape}")
    values = [float(f"{v:.{SIGNIFICANT}g}") if np.isfinite(v) else None for v in y]
    edges = {edge: [float(f"{float(v):.{SIGNIFICANT}g}") for v in along] for edge, along in zip(("low", "high"), band or (), strict=False)}
    return {"name": name, "x": [float(f"{v:g}") for v in x], "y": values, "colour": colour, "dash": dash, "faint": faint, **edges,
            **({"dots": True, "tags": [str(tag) for tag in tags]} if len(tags) else {})}


def curves_json(panels: list[dict], label: str, steps: int, *, unit: str = "step", first: int = 0, mark: float | None = None,
                group: str = "", hint: str = "", badge: str | None = None, logx: bool = False, tall: int | None = None) -> str:
    """Curves over the steps first to `steps`. panels: [{title, unit, lines, log?, percent?, low?, high?}], each with an
    axis of its own. mark: a step with a dotted line, such as where a run was taken up again. logx: steps on a log scale, first > 0.
    tall: height of a plot in pixels."""
    return _dump({"panels": panels, "label": label, "steps": steps, "unit": unit, "first": first, "mark": mark,
                  "group": group, "hint": hint, "badge": badge, "logx": logx or None, "tall": tall})


# -- pictures -------------------------------------------------------------------------------------------------------

def strip_view(elem_id: str, value: str = "") -> gr.HTML:
    return figure_view("strip", elem_id, value)


def picture_view(elem_id: str, value: str = "") -> gr.HTML:
    return figure_view("picture", elem_id, value)


def image(pixels, kind: str = "png", quality: int = 88) -> str:
    """Pixels (h, w, 3) or (h, w), 0 to 255, as a data URL. kind: "png" (exact) or "jpeg" (smaller, for what moves)."""
    from PIL import Image

    pixels = np.asarray(pixels)
    if pixels.dtype != np.uint8 or pixels.ndim not in (2, 3):
        raise ValueError(f"pixels must be uint8 of shape (h, w, 3) or (h, w), got {pixels.dtype} {pixels.shape}")
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind, **({"quality": quality} if kind == "jpeg" else {}))
    return f"data:image/{kind};base64,{base64.b64encode(out.getvalue()).decode('ascii')}"


def picture_json(images: list[str], label: str, *, titles=None, smooth: bool = False, badge: str | None = None) -> str:
    """1 to 4 pictures side by side. images: data URLs from `image`. smooth: scale softly, else each pixel stays a square."""
    if not 1 <= len(images) <= MOST_PICTURES:
        raise ValueError(f"a picture shows 1 to {MOST_PICTURES} images, got {len(images)}")
    return _dump({"images": images, "label": label, "titles": titles, "smooth": smooth, "badge": badge})


def strip_json(frames: list[dict], label: str, *, titles=None, run: str = "", start: int = 0, group: str = "",
               smooth: bool = False, wide: bool = False, badge: str | None = None, move: dict | None = None,
               zoo: dict | None = None) -> str:
    """A film strip. frames: [{images, caption, step?}], 1 to 4 images each, the last one also as the small picture.
    While `run` stays the same the viewer's place on the strip is kept; at the end of the strip it follows what comes.
    start: these frames go on from that many that the browser has already; 0 sends the whole strip. wide: images that are no
    squares, one below the other. move: {name, note, settings}: a button that goes on from the frame shown, with these settings and,
    as `earlier`, what the frame says under `past`. zoo: {name, here, said, cases: [{name, title, settings}]}: a row of buttons, each a run,
    and what came of it."""
    for frame in frames:
        if not 1 <= len(frame["images"]) <= MOST_PICTURES or not frame["caption"]:
            raise ValueError(f"a frame has 1 to {MOST_PICTURES} images and a caption")
    return _dump({"frames": frames, "label": label, "titles": titles, "run": run, "start": start, "group": group, "smooth": smooth,
                  "wide": wide or None, "badge": badge, "move": move, "zoo": zoo})


# -- numbers with their sources -------------------------------------------------------------------------------------

def dots_view(elem_id: str, value: str = "") -> gr.HTML:
    return figure_view("dots", elem_id, value)


def dots_json(title: str, label: str, unit: str, lanes: list[dict], dots: list[dict], answer: dict, hint: str = "") -> str:
    """Published figures on a logarithmic axis, one lane below the other, each dot a link to its source.

    lanes: [{name, note}]. dots: [{id, x, lane, name, text, about, look: "first", "second" or "derived", star?,
    source: {title, year, url, confidence, note}}]. answer: {low, central, high, text, record, sources}, our own, drawn above them.
    hint: what to do, until a dot is pointed at.
    """
    span = [answer["low"], answer["high"], *(dot["x"] for dot in dots)]
    return _dump({"title": title, "label": label, "unit": unit, "lanes": lanes, "dots": dots, "answer": answer, "hint": hint,
                  **_axis(span)})


def ranges_view(elem_id: str, value: str = "") -> gr.HTML:
    return figure_view("ranges", elem_id, value)


def ranges_json(title: str, label: str, unit: str, rows: list[dict], sources: list[dict], *, base: float | None = None,
                note: str | list = "") -> str:
    """Bars from low to high on a logarithmic axis, each a button that shows what it rests on.

    rows: [{id, name, low, central, high, text, colour, record}], record as in assets/js/sources.js with its numbers of
    `sources`. base: a value with a line through all rows, the centre of a tornado. note: a text, or its parts, numbers among them.
    """
    return _dump({"title": title, "label": label, "unit": unit, "rows": rows, "sources": sources, "base": base, "note": note,
                  **_axis([row[end] for row in rows for end in ("low", "high")])})


def _axis(values: list[float]) -> dict:
    """Ends of a logarithmic axis that holds the values, with some room; a value of 0 or less has no place on it."""
    values = [v for v in values if v > 0] or [1.0]
    return {"low": min(values) / 1.15, "high": max(values) * 1.15}


def answer_view(elem_id: str, value: str = "") -> gr.HTML:
    """Numbers in tiles, lists and tables, each a button that opens its sources. Its button, if any, is the event `click`."""
    return gr.HTML(value, html_template='<div class="gl-answer"></div>', elem_id=elem_id, elem_classes=["gl-screen"],
                   js_on_load="genlens.answer(element, props, watch, () => trigger('click'));", apply_default_css=False)


def answer_json(sources: list[dict], **parts) -> str:
    """parts: guess, words, tiles, chips, sections, act, as assets/js/answer.js reads them; None leaves one out."""
    return _dump({"sources": sources, **parts})
