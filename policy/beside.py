"""A number of a claim beside what was published of its kind. One figure alone cannot contradict itself; it can stand out.

Nothing here says that a claim is wrong: a high figure may count more, and an old one may have been right in its day.
"""

from dataclasses import dataclass

from policy import grids, requests
from policy.energy import zone_name
from policy.facts import Fact, two_digits
from policy.units import converted

KIND = "chat"   # the kind that a claim about "one request" is set against first
NEAREST = 3     # figures that are named
MOST_KINDS = 4
KNOWN = ("CA-QC", "CA-ON", "CA-BC", "CA-AB", "CA-SK", "CAN", "NOR", "SWE", "FRA", "BRA", "ESP", "GBR", "NLD", "IRL", "ITA", "DEU",
         "USA", "KOR", "JPN", "AUS", "CHN", "POL", "IND", "ZAF")  # grids that most people can place


@dataclass(frozen=True)
class Beside:
    """A sentence, and the published figures that it names."""

    sentence: str
    facts: tuple[Fact, ...]


def beside(claim, implied, compared: bool) -> tuple[Beside, ...]:
    """What is published near the Wh of a request, the energy and the grid, given or implied: (name, value, unit) rows.

    compared: the claim was set against itself; then its energy and grid have had their turn.
    """
    values = {name: value for name, value, _ in implied}
    wh = claim.wh_per_request if claim.wh_per_request is not None else values.get("wh_per_request")
    grid = claim.grid if claim.grid is not None else values.get("grid")
    found = [*of_request(wh)] if wh else []
    if not compared:
        found += of_training(claim.energy_mwh) if claim.energy_mwh and claim.requests is None else []
        found += of_grid(grid) if grid is not None and grid > 0 else []
    return tuple(found)


def of_request(wh: float):
    """Where this many Wh lie among the published figures for a short chat answer, and in which kinds' bands."""
    rows = [row for row in requests.published(KIND) if row.central > 0]
    near = sorted(sorted(rows, key=lambda row: abs(_steps(row.central, wh)))[:NEAREST], key=lambda row: row.central)
    named = "; ".join(f"{_plain(row.central)} Wh, {row.what} ({row.source.year})" for row in near)
    yield Beside(f"{_wh(wh)} for one request: of {len(rows)} published figures for {requests.KINDS[KIND][0]} "
                 f"{sum(row.central < wh for row in rows)} are lower and {sum(row.central > wh for row in rows)} higher. "
                 f"The nearest: {named}", tuple(near))
    bands = {kind: requests.band(kind) for kind in requests.KINDS}
    inside = [kind for kind, band in bands.items() if band.low <= wh <= band.high]
    if inside:
        inside = sorted(inside, key=lambda kind: abs(_steps(bands[kind].central, wh)))[:MOST_KINDS]
        listed = ", ".join(f"{requests.KINDS[kind][0]} ({_plain(bands[kind].low)} to {_plain(bands[kind].high)} Wh)"
                           for kind in inside)
        yield Beside(f"It lies within our band for {listed}", tuple(bands[kind] for kind in inside))
    else:
        ends = min(bands.values(), key=lambda band: band.low), max(bands.values(), key=lambda band: band.high)
        yield Beside(f"It lies outside every band of ours, which go from {_plain(ends[0].low)} Wh ({ends[0].what}) to "
                     f"{_plain(ends[1].high)} Wh ({ends[1].what})", ends)


def of_training(mwh: float):
    """Where this energy lies among the published training runs."""
    from policy import training

    runs = [run for run in training.runs().values() if run.value("energy_mwh") and run.expect != "fails"
            and not run.id.startswith("table4_")]
    near = sorted(sorted(runs, key=lambda run: abs(_steps(run.value("energy_mwh"), mwh)))[:NEAREST],
                  key=lambda run: run.value("energy_mwh"))
    named = "; ".join(f"{run.name} {run.value('energy_mwh'):,g} MWh" for run in near)
    yield Beside(f"{_energy(mwh)}, were it a training run: of {len(runs)} published runs "
                 f"{sum(run.value('energy_mwh') < mwh for run in runs)} took less and "
                 f"{sum(run.value('energy_mwh') > mwh for run in runs)} more. The nearest: {named}",
                 tuple(run.figures["energy_mwh"] for run in near))


def of_grid(grid: float):
    """The grids that are nearest, and the world's average."""
    rows = grids.intensities()
    near = sorted(sorted(KNOWN, key=lambda zone: abs(_steps(rows[zone].central, grid)))[:NEAREST],
                  key=lambda zone: rows[zone].central)
    named = ", ".join(f"{zone_name(zone)} {rows[zone].central:.3g}" for zone in near)
    world = rows[grids.WORLD]
    yield Beside(f"{grid:,.4g} g/kWh: of the grids that most people know, the nearest are {named} g/kWh; the world's average is "
                 f"{world.central:.3g} g/kWh", (*(rows[zone] for zone in near), world))


def _plain(x: float) -> str:
    return two_digits(x) if x < 0.001 else f"{x:,.4g}"


def _steps(a: float, b: float) -> float:
    """How far apart, as a ratio: 0 is equal."""
    return a / b - 1 if a >= b else 1 - b / a


def _wh(wh: float) -> str:
    unit = "kWh" if wh >= 1e3 else "Wh"
    return f"{converted(wh, 'Wh', unit):,.4g} {unit}"


def _energy(mwh: float) -> str:
    unit = "GWh" if mwh >= 1e3 else "MWh" if mwh >= 1 else "kWh"
    return f"{converted(mwh, 'MWh', unit):,.4g} {unit}"
