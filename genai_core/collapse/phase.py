"""A map of settings: each cell is a run of its own, number for number the one that a click on it starts."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from genai_core.collapse import engines, readings
from genai_core.collapse.experiment import FAMILIES, VAE_DATA, Settings, plan_of
from genai_core.collapse.plan import REGIMES
from genai_core.errors import BadInput

SHARES = (0.5, 0.2, 0.1, 0.05, 0.01)
SIZES = {"kde": (10, 20, 50, 100, 200), "letters": (50, 100, 200), "digits": (100, 200, 500, 1000), "regression": (15, 20, 30, 50, 100)}
MOST_SIZES = (10, 20, 50, 100, 200, 500)
WITHOUT = ("mixture", *VAE_DATA)
SHARE = 0.1  # real share of the rows that need one, where none is set


@dataclass(frozen=True)
class Axes:
    """rows: "real" or "regime". values: of each row. sizes: n of each column."""

    rows: str
    values: tuple
    sizes: tuple[int, ...]


@dataclass(frozen=True)
class Cell:
    """row, column: its place. settings: what a click runs. value: the median of the reading at the last generation, None where it
    cannot be run, and why. severity: 0 as the truth to 1 collapsed."""

    row: int
    column: int
    settings: dict
    value: float | None
    severity: float = 0.0
    why: str = ""


def axes(s: Settings) -> Axes:
    """Real share x n where the regime has real data, else regime x n; the present setting is among them."""
    sizes = tuple(sorted({*SIZES.get(s.model, MOST_SIZES), s.n}))
    if REGIMES[s.regime].real:
        return Axes("real", tuple(sorted({*SHARES, s.real}, reverse=True)), sizes)
    left_out = "grow" if s.model == "letters" and s.regime != "grow" else ""  # it writes letter by letter: too slow for a map
    return Axes("regime", tuple(r for r in FAMILIES[s.model].regimes if r != left_out), sizes)


def cells(s: Settings) -> Iterator[Cell]:
    """Row by row. What is missing in a row that cannot be run says why. None for models whose map would take minutes."""
    if s.model in WITHOUT:
        return
    name, grid = readings.chosen(s.model, s.counts), axes(s)
    reading, first = readings.READINGS[s.model][name], None
    for i, value in enumerate(grid.values):
        for j, n in enumerate(grid.sizes):
            at = {grid.rows: value, "n": n}
            if grid.rows == "regime" and REGIMES[value].real:
                at["real"] = s.real or SHARE
            try:
                there = replace(s, **at)
                plan = plan_of(there)
                made = engines.generations(FAMILIES[s.model].engine, plan)
                frame = zero = next(made)
                for frame in made:
                    pass
            except BadInput as error:
                yield Cell(i, j, at, None, why=str(error))
                continue
            if s.model == "letters" and first is None:
                first = readings.readings(s.model, plan, zero)
            found = float(np.median(readings.readings(s.model, plan, frame)[name]))
            yield Cell(i, j, at, found, readings.severity(reading, found, readings.truth(s.model, plan, first)[name]))
