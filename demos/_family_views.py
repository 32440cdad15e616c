"""The pictures of a contest of families: the plate, the table with its bands, and every reading while two of them learn."""

import json
from functools import cache

from demos import _cost
from demos import _figures as figures
from demos._session import Quantity
from demos._words import minus, words
from genai_core.families.settings import FAMILIES, LOOKS
from genai_core.measuring import FOLDER
from policy.facts import two_digits

WORDS = words("families")
COLOURS = {"mixture": 4, "autoencoder": 2, "vae": 3, "gan": 1, "diffusion": 0}
CURVES = {"gan": (1, False), "diffusion": (0, False)}   # families drawn while they learn: colour, dashed
TITLES = {"recognised": "Recognisable", "found": "Digits found, of ten", "entropy": "Entropy of the digits, bits",
          "precision": "Precision", "density": "Density", "recall": "Recall", "coverage": "Coverage", "energy": "Energy distance",
          "mmd2": "MMD², unbiased", "mmd2_v": "MMD², V-statistic", "frechet": "Fréchet distance",
          "score": "Inception-style score", "sharpness": "Edge sharpness"}
PERCENT = ("recognised", "precision", "recall", "coverage")
LOGARITHMIC = ("energy", "mmd2_v", "frechet")
ERRORS = ("spread", "missing", "blur")


def plate_view(elem_id: str, value: str = ""):
    return figures.figure_view("plate", elem_id, value)


def latest(rows) -> dict[str, dict]:
    """The last row of each family that has one, in the families' order."""
    last = {row["family"]: row for row in rows}
    return {family: last[family] for family in FAMILIES if family in last}


def number(value: float) -> str:
    """Three digits that are read easily."""
    if value == 0 or 0.001 <= abs(value) < 1000:
        return minus(f"{value:.3g}")
    return minus(f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.1e}".replace("e-0", "e-"))


def shown(name: str, value: float) -> str:
    return f"{100 * value:.1f}%" if name in PERCENT else number(value)


def side(band, value: float) -> str:
    """"inside", "above" or "below" a band [low, median, high]; low None where lower is always better."""
    low, _, high = band
    return "above" if not value <= high else "below" if low is not None and value < low else "inside"


def inside(scene: dict, row: dict) -> int:
    """How many readings lie in the band of real data."""
    return sum(side(band, row[name]) == "inside" for name, band in scene["bands"].items())


def numbers(scene: dict, rows) -> dict[str, Quantity]:
    """What the contest leaves in the ledger."""
    found, each = {}, "picture" if "score" in scene["bands"] else "point"
    for family, row in latest(rows).items():
        found[f"{family}_inside"] = Quantity.exact(inside(scene, row), f"of {len(scene['bands'])} readings")
        found[f"{family}_energy"] = Quantity.exact(row["energy"], "energy distance")
        for name in ("precision", "coverage"):
            found[f"{family}_{name}"] = Quantity.exact(row[name])
        found[f"{family}_seconds"] = Quantity.exact(row["seconds"], "s")
        if row["nats"] is not None:
            found[f"{family}_log_likelihood"] = Quantity.exact(row["nats"], f"nats per {each}")
    return found


# -- the plate --------------------------------------------------------------------------------------------------------

def note(row: dict | None) -> str:
    if row is None:
        return ""
    if row["modes_found"] is not None:
        return WORDS["note modes"].format(found=row["modes_found"])
    return WORDS["note"].format(coverage=f"{row['coverage']:.0%}")


def plate(scene: dict, film, rows, whole: bool = False) -> str:
    """What each family draws now; whole: every look side by side, to scrub."""
    frames = {(f["family"], f["look"]): f for f in film}
    by_look = {(row["family"], row["look"]): row for row in rows}
    now = {family: row["look"] for family, row in latest(rows).items()}
    if whole:
        shots = [(WORDS["caption"].format(share=f"{k / LOOKS:.0%}"), dict.fromkeys(FAMILIES, k)) for k in range(1, LOOKS + 1)]
    else:
        shots = [(WORDS["caption now"], now)]
    real = {"title": WORDS["real"], "note": scene["title"], "colour": None}
    told = []
    for caption, at in shots:
        here = [(family, at.get(family)) for family in FAMILIES]
        told.append({"caption": caption, "panels": [real, *(_panel(key[0], frames.get(key), by_look.get(key)) for key in here)]})
    return figures._dump({"label": WORDS["plate label"], "real": scene["real"], "modes": scene["modes"], "limit": 1.5, "film": told})


def _panel(family: str, frame: dict | None, row: dict | None) -> dict:
    return {"title": FAMILIES[family], "note": note(row) if frame else WORDS["waits"], "colour": COLOURS[family],
            "waits": frame is None, "points": frame["samples"] if frame else ""}


# -- the table --------------------------------------------------------------------------------------------------------

def table(scene: dict, rows) -> str:
    """Readings against the band (a column for each family), what each says and took (a row), and what each reading can see."""
    last = latest(rows)
    note = WORDS["readings note"].format(n=f"{scene['n']:,}", wide=f"{scene['wide']:,}")
    told = {"title": WORDS["price title"], "note": price_note(scene), "rows": price(last), "stack": True,
            "columns": WORDS["price columns"].split(" | ")}
    return figures.answer_json([], sections=[readings(scene, last, note), told, *sights(scene)])


def readings(scene: dict, last: dict[str, dict], note: str) -> dict:
    """The section that holds each family's readings against the band of real data."""
    bands = scene["bands"]
    read = [{"cells": [TITLES[name], span(name, band), *(_reading(name, band, row[name]) for row in last.values())]}
            for name, band in bands.items()]
    count = [str(inside(scene, row)) for row in last.values()]
    read.append({"state": "sum", "cells": [WORDS["inside row"].format(of=len(bands)), str(len(bands)), *count]})
    return {"title": WORDS["readings title"], "rows": read, "stack": True, "lead": 1, "note": note,
            "columns": [WORDS["reading"], WORDS["band column"], *(FAMILIES[family] for family in last)]}


def _reading(name: str, band, value: float) -> dict:
    return {"text": shown(name, value), "state": "inside" if side(band, value) == "inside" else "outside"}


def span(name: str, band) -> str:
    low, _, high = band
    if low is None:
        return WORDS["up to"].format(high=shown(name, high))
    return shown(name, low) if low == high else f"{shown(name, low)} to {shown(name, high)}"


def price_note(scene: dict) -> str:
    truth = scene["truth_nats"]
    return WORDS["price note"] + ("" if truth is None else " " + WORDS["truth"].format(nats=number(truth)))


def price(last: dict[str, dict]) -> list[dict]:
    """A row for each family: likelihood, seconds of a core, updates, seconds per thousand samples, energy."""
    return [{"cells": [FAMILIES[family], likelihood(row), f"{two_digits(row['cpu_s'])} s", f"{row['updates']:,}", per_thousand(row),
                       energy(row)]} for family, row in last.items()]


def likelihood(row: dict) -> str:
    if row["nats_kind"] is None:
        return WORDS["not yet"]
    return WORDS["undefined"] if row["nats"] is None else WORDS[row["nats_kind"]].format(nats=number(row["nats"]))


def per_thousand(row: dict) -> str:
    """The time that a thousand samples take."""
    if row["per_sample_s"] is None:
        return WORDS["not yet"]
    seconds = 1000 * row["per_sample_s"]
    return f"{two_digits(seconds)} s" if seconds >= 0.1 else f"{two_digits(1000 * seconds)} ms"


def energy(row: dict) -> dict:
    spent = _cost.price(row["cpu_s"], row["seconds"], None).energy
    return {"text": two_digits(spent.central), "under": f"{two_digits(spent.low)} to {two_digits(spent.high)}"}


@cache
def measured() -> dict:
    """What `python -m genai_core measure metrics` found."""
    return json.loads((FOLDER / "metrics.json").read_text(encoding="utf-8"))["figures"]


def sights(scene: dict, own: dict | None = None) -> list[dict]:
    """The smallest error that each reading sees at this n, where it was measured: on the ring, and on digits. own: readings that were
    measured besides."""
    figure = measured()[scene.get("measured", "points_ring")]
    digits = "score" in figure["readings"]
    found, rows = figure["readings"] | (own or {}), []
    found = {name: told for name, told in found.items() if name in scene.get("bands", found)}
    for name, told in sorted(found.items(), key=lambda pair: list(TITLES).index(pair[0])):
        held = told["inside"]
        cells = [TITLES[name], f"{held['right']} of {held['of']}"]
        for error in ERRORS:
            degree = told.get(f"sees_{error}", WORDS["not tried"])
            unit = error != "blur" or digits
            cells.append(degree if isinstance(degree, str) else WORDS["never"] if degree is None else
                         f"{degree:.0%}" if unit else f"{degree:g}")
        rows.append({"cells": cells})
    note = WORDS["sights note"].format(n=f"{figure['n']:,}", data=WORDS["on digits" if digits else "on points"])
    if "frechet" in found:
        typical, expected = number(found["frechet"]["median"]), number(figure["frechet_bias"])
        note += " " + WORDS["bias"].format(wide=f"{figure['n_frechet']:,}", median=typical, told=expected)
    return [{"title": WORDS["sights title"], "note": note, "fold": "closed", "rows": rows, "stack": True,
             "columns": WORDS["sights columns digits" if digits else "sights columns"].split("|")}]


# -- curves -----------------------------------------------------------------------------------------------------------

def curves(scene: dict, rows) -> str:
    """Each reading while GAN and diffusion learn, over the band that real data fills."""
    panels = [panel for name, band in scene["bands"].items() if (panel := _curve_panel(name, band, rows))]
    if not panels:
        return ""
    return figures.curves_json(panels, WORDS["curves label"], 100, unit=WORDS["curves unit"], first=100 // LOOKS, hint=WORDS["hint"],
                               group="families")


def _curve_panel(name: str, band, rows) -> dict | None:
    lines, values = [], []
    for family, (colour, dash) in CURVES.items():
        own = [row for row in rows if row["family"] == family and row[name] is not None]
        if len(own) > 1 or own and rows[-1]["look"] < LOOKS:
            values += [row[name] for row in own]
            at = [100 * row["look"] / LOOKS for row in own]
            lines.append(figures.line(FAMILIES[family], at, [row[name] for row in own], colour, dash=dash))
    if not lines:
        return None
    low, median, high = band
    if low is None:
        least = min([median, *values])
        low = 0.5 * least if name in LOGARITHMIC else min(0.0, least)
    at = [100 / LOOKS, 100]
    perfect = figures.line(WORDS["perfect"], at, [median] * 2, 2, dash=True, band=([low] * 2, [high] * 2))
    return {"title": TITLES[name], "unit": "", "percent": name in PERCENT or None, "log": name in LOGARITHMIC, "lines": [perfect, *lines]}
