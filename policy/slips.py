"""Likely slips behind a contradiction: a PUE too many, kWh for MWh, pounds for kilograms, another region's grid.

A slip is offered where it brings the two numbers together within 2.5%; it is a guess, and says "perhaps".
"""

import math
from functools import cache

from policy import facts, grids

NEAR = 0.025
NEAR_GRID = 0.015
LB = 2.2046226


def slips(claim, pair: str, ratio: float, pue: float) -> tuple[str, ...]:
    """Sentences, likeliest first. ratio: what was found over what was expected without a PUE, e.g. tonnes / (MWh x g)."""
    if claim.tonnes == 0 and not ratio:
        return ("perhaps a market-based figure: zero after purchases of clean power",)
    if not ratio or not math.isfinite(ratio):
        return ()
    left, right = pair.split("/")
    said = []
    if pue > 1:
        said += _of_pue(ratio, pue, right)
    elif right == "printed" or right == "emitted":
        if 1.03 < ratio <= 2.5:
            said.append((0.5, f"perhaps a PUE of {ratio:.3g} that is not told"))
    for base in {1.0, pue}:
        said += _of_units(ratio / base, right, claim)
    said = [text for _, text in sorted(said)]
    if "printed" in (left, right):
        said += [text for text, _ in known_runs(claim)]
    return tuple(dict.fromkeys(said))


def impossible_slips(claim, implied, grid_most: float, watts_most: float) -> tuple[str, ...]:
    """What may have gone wrong where a value, given or implied, cannot be."""
    said, values = [], {name: value for name, value, _ in implied}
    grid = claim.grid if claim.grid is not None else values.get("grid")
    if grid is not None and grid > grid_most:
        if 5 <= grid / 1000 <= grid_most:
            said.append("perhaps a unit of 1,000: kg per MWh for kg per kWh, or kWh for MWh; "
                        f"{grid / 1000:,.4g} g/kWh would be a grid")
    watts = claim.watts if claim.watts is not None else values.get("watts")
    if watts is not None and watts > watts_most:
        said.append("perhaps watts of the whole cluster for watts of one device, or kW for W")
    return tuple(said)


def _of_pue(ratio: float, pue: float, right: str):
    what = {"emitted": "tonnes", "printed": "printed energy", "served": "energy of the requests"}[right]
    if _near(ratio, 1 / pue):
        yield abs(ratio * pue - 1), (
            f"perhaps the energy already holds the PUE, and the tonnes were divided by it: times {pue:g} they agree"
            if right == "emitted" else f"perhaps the {what} was divided by the PUE of {pue:g} instead of multiplied")
    if _near(ratio, pue**2):
        yield abs(ratio / pue**2 - 1), (
            f"perhaps the energy was divided by the PUE of {pue:g} instead of multiplied, or the PUE was counted twice"
            if right == "emitted" else "perhaps the PUE was counted twice")
    if _near(ratio, 1 / pue**2):
        yield abs(ratio * pue**2 - 1), f"perhaps the PUE was divided out of the {what} twice"


def _of_units(ratio: float, right: str, claim):
    big, small = ("kg printed as t", "t printed as kg, or kWh as MWh") if right == "emitted" else (
        "kWh printed as MWh", "MWh printed as kWh")
    for factor, text in ((1000, f"perhaps {big}: the factor is 1,000"), (1e-3, f"perhaps {small}: the factor is 1,000"),
                         (1e6, "perhaps two steps of a unit: the factor is a million"),
                         (1e-6, "perhaps two steps of a unit: the factor is a million")):
        if _near(ratio, factor):
            yield abs(ratio / factor - 1), text
    if right == "emitted":
        for factor, text in ((LB, "perhaps pounds printed as kilograms: the factor is 2.2"),
                             (1 / LB, "perhaps kilograms read as pounds: the factor is 2.2"),
                             (1 / 3.664, "perhaps carbon for carbon dioxide: the factor is 3.66"),
                             (3.664, "perhaps carbon dioxide counted as carbon: the factor is 3.66")):
            if _near(ratio, factor):
                yield abs(ratio / factor - 1), text
    for factor in (10, 0.1):
        if abs(ratio / factor - 1) < 0.005:
            yield abs(ratio / factor - 1), "perhaps a decimal point: the factor is 10"
    if claim.gpus and claim.gpus > 1 and _near(ratio, 1 / claim.gpus):
        yield abs(ratio * claim.gpus - 1), "perhaps the hours are already those of all devices together"
    if claim.gpus and claim.gpus > 1 and _near(ratio, claim.gpus):
        yield abs(ratio / claim.gpus - 1), "perhaps the number of devices was multiplied twice"


def known_runs(claim) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Where the printed energy is a known figure of another run, with or without the PUE: (sentence, ids of the figures)."""
    if claim.energy_mwh is None:
        return ()
    found = []
    for fact in facts.load("energy_training").values():
        if fact.details["quantity"] != "energy_mwh" or fact.details["pue_inside"] == "unknown":
            continue
        name = fact.details["model"]
        for pue in {1.0, claim.pue or 1.0}:
            if abs(claim.energy_mwh / (fact.central * pue) - 1) < 0.002 and not _same_run(claim, fact):
                times = f" x {pue:g}" if pue > 1 else ""
                text = f"perhaps rows were mixed: {claim.energy_mwh:g} MWh is {name} ({fact.central:g} MWh{times})"
                found.append((text, (fact.id,)))
    return tuple(found)


def _same_run(claim, fact) -> bool:
    """Whether the claim's tonnes or hours are those of that run as well."""
    rows, run = facts.load("energy_training"), fact.details["run"]
    for quantity, x in (("tonnes", claim.tonnes), ("hours", claim.hours), ("grid", claim.grid)):
        row = rows.get(f"{run}/{quantity}")
        if row is not None and x is not None and abs(x / row.central - 1) < 0.001:
            return True
    return False


def other_grids(claim, ratio: float, pue: float) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Grids that would make the tonnes right, the rows of old calculators first: (sentence, ids of the figures)."""
    said = []
    for base in dict.fromkeys((1.0, pue)):
        wanted = claim.grid * ratio / base
        near = sorted((not old, abs(value / wanted - 1), name, value, id) for old, name, value, id in _grids()
                      if wanted and abs(value / wanted - 1) < NEAR_GRID)[:3]
        if near:
            listed = ", ".join(f"{name} {value:g}" for _, _, name, value, _ in near)
            said.append((f"perhaps another region's grid: the numbers mean {wanted:.4g} g/kWh (near: {listed})",
                         tuple(id for *_, id in near)))
    return tuple(said)


@cache
def _grids() -> tuple[tuple[bool, str, float, str], ...]:
    """(row of an old calculator?, name, g/kWh, id)"""
    old = [(True, row.what, row.central, row.id) for row in facts.load("infrastructure").values()
           if row.details["kind"] == "calculator_grid"]
    rows = grids.intensities()
    return (*old, *((False, name, rows[code].central, rows[code].id) for name, code in grids.zones()[1:]))


def _near(x: float, target: float) -> bool:
    return abs(x / target - 1) <= NEAR
