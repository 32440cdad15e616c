"""A map of settings: each cell is a run of its own, number for number the one that a click on it starts."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from genai_core.collapse import engines, readings
from genai_core.collapse.experiment import FAMILIES, FITTED, Settings, plan_of
from genai_core.collapse.plan import REGIMES
from genai_core.errors import BadInput

OVER = ("n", "generations")  # what the columns are
GENERATIONS = (1, 2, 5, 10, 20, 50, 100, 200)
SHARES = (0.5, 0.2, 0.1, 0.05, 0.01)
SIZES = {"kde": (10, 20, 50, 100, 200), "gaussian-d": (10, 20, 50, 100, 200),
         "letters": (50, 100, 200), "digits": (100, 200, 500, 1000), "regression": (15, 20, 30, 50, 100)}
MOST_SIZES = (10, 20, 50, 100, 200, 500)
WITHOUT = FITTED
BY_GENERATION = ("mixture",)  # EM is slow: its columns are generations of the same run, and its cells are of FEW_RUNS
FEW_RUNS = 5
SHARE = 0.1  # real share of the rows that need one, where none is set


@dataclass(frozen=True)
class Axes:
    """rows: "real" or "regime". values: of each row. columns: "n" or "generations". sizes: of each column."""

    rows: str
    values: tuple
    columns: str
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
    """Real share where the regime has real data, else regime; against n, or against generations up to those asked for. The present
    setting is among them."""
    if s.over not in OVER:
        raise BadInput(f"The map's columns must be n or generations; you gave {str(s.over)[:40]!r}.")
    over = "generations" if s.model in BY_GENERATION else s.over
    near = SIZES.get(s.model, MOST_SIZES) if over == "n" else [g for g in GENERATIONS if g < s.generations]
    sizes = tuple(sorted({*near, getattr(s, over)}))
    if REGIMES[s.regime].real:
        return Axes("real", tuple(sorted({*SHARES, s.real}, reverse=True)), over, sizes)
    left_out = "grow" if s.model in ("letters", *BY_GENERATION) and s.regime != "grow" else ""  # too slow for a map
    return Axes("regime", tuple(r for r in FAMILIES[s.model].regimes if r != left_out), over, sizes)


def cells(s: Settings) -> Iterator[Cell]:
    """Row by row. What is missing in a row that cannot be run says why. None for models whose map would take minutes."""
    if s.model in WITHOUT:
        return
    name, grid = readings.chosen(s.model, s.counts), axes(s)
    few = {"seeds": FEW_RUNS} if s.model in BY_GENERATION and not s.seeds else {}
    reading, first = readings.READINGS[s.model][name], None
    for i, value in enumerate(grid.values):
        row = {grid.rows: value} | few
        if grid.rows == "regime" and REGIMES[value].real:
            row["real"] = s.real or SHARE
        runs = [{"n": n} for n in grid.sizes] if grid.columns == "n" else [{}]  # a run passes all generations before its last
        j = 0
        for run in runs:
            wanted = [(s.generations, run)] if run else [(g, {"generations": g}) for g in grid.sizes]
            try:
                plan = plan_of(replace(s, **row, **run))
                for frame in engines.generations(FAMILIES[s.model].engine, plan):
                    if first is None and s.model == "letters":
                        first = readings.readings(s.model, plan, frame)
                    if frame.index != wanted[0][0]:
                        continue
                    found = float(np.median(readings.readings(s.model, plan, frame)[name]))
                    level = readings.severity(reading, found, readings.truth(s.model, plan, first)[name])
                    yield Cell(i, j, row | wanted.pop(0)[1], found, level)
                    j += 1
                    if not wanted:
                        break
            except BadInput as error:
                for _, at in wanted:
                    yield Cell(i, j, row | at, None, why=str(error))
                    j += 1
