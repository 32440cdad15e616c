"""Does a published claim agree with itself? Energy, machines, tonnes and requests are multiplied out against each other.

Four roads lead to an energy: the printed one, devices x hours x watts, tonnes / grid, requests x Wh. Each two are compared,
with the PUE inside and outside; a pair contradicts where no reading agrees within 3%. Values that no grid or machine can
have contradict by themselves. Energies in MWh, grid in gCO2e/kWh, hours of each device (of all where no number is given).
"""

import math
from dataclasses import dataclass, fields

from policy.beside import Beside, beside
from policy.errors import BadInput
from policy.numbers import number
from policy.slips import impossible_slips, known_runs, other_grids, slips

TOLERANCE = 0.03
GRID_MOST = 1500.0  # g/kWh: the dirtiest power plants there are
WATTS_MOST = 20_000.0  # W: a server of eight of the largest cards
PUE_MOST = 5.0
TEN_YEARS_H = 87_600.0


@dataclass(frozen=True)
class Claim:
    """What was published; None where nothing was. energy_mwh, grid g/kWh, pue, tonnes of CO2e, gpus devices,
    hours each (of all where gpus is None), watts each, requests, wh_per_request."""

    energy_mwh: float | None = None
    grid: float | None = None
    pue: float | None = None
    tonnes: float | None = None
    gpus: float | None = None
    hours: float | None = None
    watts: float | None = None
    requests: float | None = None
    wh_per_request: float | None = None


@dataclass(frozen=True)
class Check:
    """Two roads to one energy: MWh by each, the reading that is nearest, how far off it is (a factor), a sentence."""

    pair: str
    left_mwh: float
    right_mwh: float
    reading: str
    factor: float
    agrees: bool
    sentence: str


@dataclass(frozen=True)
class Verdict:
    """agrees: True, False, or None where too little was given. contradictions, slips, assumptions: sentences. implied: name,
    value, unit. sources: ids of the figures that the slips name. beside: what was published near its numbers."""

    agrees: bool | None
    checks: tuple[Check, ...]
    contradictions: tuple[str, ...]
    slips: tuple[str, ...]
    implied: tuple[tuple[str, float, str], ...]
    assumptions: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    beside: tuple[Beside, ...] = ()

    def to_dict(self) -> dict:
        return {"agrees": self.agrees, "contradictions": list(self.contradictions), "slips": list(self.slips),
                "checks": [vars(check) for check in self.checks],
                "implied": {name: {"value": value, "unit": unit} for name, value, unit in self.implied},
                "assumptions": list(self.assumptions),
                "beside": [{"sentence": one.sentence, "sources": [fact.id for fact in one.facts]} for one in self.beside],
                "sources": list(self.sources)}


NAMES = {"energy_mwh": "The energy", "grid": "The grid", "pue": "The PUE", "tonnes": "The tonnes",
         "gpus": "The number of devices", "hours": "The hours", "watts": "The watts", "requests": "The number of requests",
         "wh_per_request": "The Wh of a request"}
ROADS = {"printed": "the printed energy", "machines": "devices x hours x watts", "emitted": "tonnes / grid",
         "served": "requests x Wh"}
READINGS = {  # pair of roads: what right / left may be, as a power of the PUE, and what that means
    ("printed", "emitted"): {0: "PUE inside the energy, or in neither", 1: "PUE outside the energy, inside the tonnes"},
    ("machines", "printed"): {0: "PUE outside the energy", 1: "PUE inside the energy"},
    ("machines", "emitted"): {0: "PUE not in the tonnes", 1: "PUE in the tonnes"},
    ("machines", "served"): {0: "PUE not in the requests' energy", 1: "PUE in the requests' energy"},
    ("served", "printed"): {0: "PUE in both or in neither", 1: "PUE in the energy only",
                            -1: "PUE in the requests' energy only"},
    ("served", "emitted"): {0: "PUE in both or in neither", 1: "PUE in the tonnes only"},
}


def check(claim: Claim) -> Verdict:
    """Multiply the claim out. Raises BadInput for what is no quantity at all (a negative energy, no number)."""
    checked(claim)
    impossible = tuple(_impossible(claim))
    roads = _roads(claim)
    pue = claim.pue if claim.pue and 1 <= claim.pue <= PUE_MOST else 1.0
    checks = tuple(_compared(pair, roads[pair[0]], roads[pair[1]], pue, claim) for pair in READINGS
                   if pair[0] in roads and pair[1] in roads)
    wrong = [c for c in checks if not c.agrees]
    implied = tuple(_implied(claim, roads))
    implied_wrong = tuple(_impossible_implied(implied, claim))
    found = dict.fromkeys(text for c in wrong for text in slips(claim, c.pair, c.right_mwh / c.left_mwh, pue))
    found |= dict.fromkeys(impossible_slips(claim, implied, GRID_MOST, WATTS_MOST))
    cited = dict(known_runs(claim)) if wrong else {}
    emitted = [c for c in wrong if c.pair.endswith("emitted")]
    if emitted and not found:
        cited |= dict(other_grids(claim, emitted[0].right_mwh / emitted[0].left_mwh, pue))
        found |= dict.fromkeys(cited)
    contradictions = (*impossible, *(c.sentence for c in wrong), *implied_wrong)
    agrees = False if contradictions else True if checks else None
    shown = tuple(found)[:4]
    ids = dict.fromkeys(id for text in shown for id in cited.get(text, ()))
    return Verdict(agrees, checks, contradictions, shown, implied, tuple(_assumed(claim, checks)), tuple(ids),
                   beside(claim, implied, bool(checks)))


def checked(claim: Claim) -> None:
    """Refuse what is no quantity: not a number, negative, zero where nothing can be zero, absurdly large."""
    for field in fields(claim):
        x, name = getattr(claim, field.name), NAMES[field.name]
        if x is None:
            continue
        if field.name in ("grid", "pue", "watts"):  # outside their range is a contradiction, not a slip of the keyboard
            number(x, name, least=-1e12, most=1e12)
        else:
            number(x, name, **({"least": 0} if field.name == "tonnes" else {"above": 0}), most=1e18)


def too_little() -> BadInput:
    return BadInput("Nothing to compare: give at least two of an energy, devices with hours and watts, tonnes with a grid, "
                    "requests with their Wh; or a grid alone.")


def _roads(claim: Claim) -> dict[str, float]:
    """Road -> MWh, for every road whose numbers are all there."""
    found = {}
    if claim.energy_mwh is not None:
        found["printed"] = claim.energy_mwh
    if claim.hours is not None and claim.watts is not None and claim.watts > 0:
        found["machines"] = (claim.gpus or 1) * claim.hours * claim.watts / 1e6
    if claim.tonnes is not None and claim.grid is not None and claim.grid > 0:
        found["emitted"] = 1000 * claim.tonnes / claim.grid
    if claim.requests is not None and claim.wh_per_request is not None:
        found["served"] = claim.requests * claim.wh_per_request / 1e6
    return found


def _compared(pair: tuple[str, str], left: float, right: float, pue: float, claim: Claim) -> Check:
    """The reading that comes nearest, and whether it is within 3%."""
    readings = READINGS[pair] if pue > 1 else {0: "a PUE of 1" if claim.pue == 1 else "no PUE given"}
    off = {power: right / (left * pue**power) for power in readings}
    power = min(off, key=lambda p: abs(math.log(off[p])) if off[p] else math.inf)
    factor = off[power]
    agrees = abs(factor - 1) <= TOLERANCE
    return Check("/".join(pair), left, right, readings[power], factor, agrees,
                 _sentence(pair, left, right, pue, factor, agrees, readings[power], claim))


def _sentence(pair, left, right, pue, factor, agrees, reading, claim) -> str:
    if pair[1] == "emitted":  # said in tonnes, as printed
        first, text, printed = left * claim.grid / 1000, tonnes_text, tonnes_text(claim.tonnes)
        way = f"{_road(pair[0], claim)} x {claim.grid:g} g/kWh"
    else:
        first, text, printed = left, energy_text, energy_text(right)
        way = _road(pair[0], claim)
        printed += f" ({_road('served', claim)})" if pair[1] == "served" else ""
    product = f"{way} = {text(first)}" + (f" ({text(first * pue)} with the PUE of {pue:g} on top)" if pue > 1 else "")
    if agrees:
        return f"{product}, and {printed} agrees ({reading})."
    size = f"{factor:,.3g} times" if factor >= 0.01 else f"1/{1 / factor:,.3g} of" if factor else "0 times"
    return f"{product}, but {printed} is claimed: {size} the nearest reading ({reading})."


def _road(road: str, claim: Claim) -> str:
    if road == "printed":
        return energy_text(claim.energy_mwh)
    if road == "served":
        return f"{_number(claim.requests)} requests x {claim.wh_per_request:g} Wh"
    devices = f"{_number(claim.gpus)} devices x " if claim.gpus else ""
    return f"{devices}{_number(claim.hours)} h x {claim.watts:g} W"


def energy_text(mwh: float) -> str:
    """1287 -> "1,287 MWh", 0.000104 -> "0.104 kWh"."""
    if mwh >= 0.01:
        return f"{_number(mwh)} MWh"
    return f"{_number(mwh * 1000)} kWh" if mwh >= 1e-6 else f"{_number(mwh * 1e6)} Wh"


def tonnes_text(tonnes: float) -> str:
    """552.1 -> "552.1 t", 0.00001446 -> "14.46 g"."""
    if tonnes >= 0.01 or tonnes == 0:
        return f"{_number(tonnes)} t"
    return f"{_number(tonnes * 1000)} kg" if tonnes >= 1e-4 else f"{_number(tonnes * 1e6)} g"


def _number(x: float) -> str:
    return f"{x:,.4g}" if abs(x) < 1e4 else f"{x:,.0f}" if abs(x) < 1e15 else f"{x:.4g}"


def _impossible(claim: Claim):
    if claim.grid is not None and not 0 <= claim.grid <= GRID_MOST:
        yield f"No grid has {claim.grid:,.6g} g/kWh: the range is 0 to {GRID_MOST:,.0f}."
    if claim.watts is not None and not 0 < claim.watts <= WATTS_MOST:
        yield f"No machine draws {claim.watts:,.6g} W: a server of eight large cards stays below {WATTS_MOST:,.0f} W."
    if claim.pue is not None and not 1 <= claim.pue <= PUE_MOST:
        yield (f"No data centre has a PUE of {claim.pue:g}: a building takes at least what its machines take (1), "
               f"and never {PUE_MOST:g} times as much.")
    if claim.gpus is not None and claim.gpus > 1 and claim.hours is not None and claim.hours > TEN_YEARS_H:
        yield f"{claim.hours:,.6g} hours of each device are more than ten years; hours of all devices together?"


def _implied(claim: Claim, roads: dict[str, float]):
    """What the numbers say about one that was not given."""
    energy = roads.get("printed") or roads.get("machines") or roads.get("served")
    if energy and claim.tonnes is not None:
        yield "grid", 1000 * claim.tonnes / energy, "gCO2e/kWh"
    if "printed" not in roads and energy:
        yield "energy_mwh", energy, "MWh"
    if energy and claim.grid is not None and claim.tonnes is None and claim.grid >= 0:
        yield "tonnes", energy * claim.grid / 1000, "tCO2e"
    if claim.energy_mwh and claim.hours and claim.watts is None:
        yield "watts", 1e6 * claim.energy_mwh / (claim.hours * (claim.gpus or 1)), "W"
    if claim.energy_mwh and claim.requests and claim.wh_per_request is None:
        yield "wh_per_request", 1e6 * claim.energy_mwh / claim.requests, "Wh"
    if claim.energy_mwh and "machines" in roads and claim.pue is None:
        yield "pue", claim.energy_mwh / roads["machines"], "ratio"


def _assumed(claim: Claim, checks: tuple[Check, ...]):
    if checks:
        yield f"two numbers agree where one reading, with the PUE inside or outside, is within {100 * TOLERANCE:g}%"
    if checks and claim.pue is None:
        yield "no PUE was given: none is assumed"
    if claim.gpus is None and claim.hours is not None:
        yield "no number of devices was given: the hours are those of all devices together"


def _impossible_implied(implied, claim: Claim):
    for name, value, _ in implied:
        if name == "grid" and claim.grid is None and value > GRID_MOST:
            yield (f"{tonnes_text(claim.tonnes)} for this energy means {_number(value)} g/kWh, and no grid has more than "
                   f"{GRID_MOST:,.0f}.")
        if name == "watts" and value > WATTS_MOST:
            yield f"This energy in these hours means {_number(value)} W for each device, and no machine draws that."
