"""What the four views of "What it costs" share: the pieces of their screen, and the same estimate on other grids."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from demos import _figures as figures
from demos._cited import Cited, digits, numbered, printed, sentence, shown
from demos._session import Quantity
from policy import energy, facts, grids
from policy.equivalents import equivalents
from policy.estimate import rows_of
from policy.facts import Fact
from policy.units import converted, readable

REFERENCES = ("CA-QC", "FRA", "CA-ON", "USA", "CA-AB", "IND")  # grids from clean to dirty that most classes know

MOST_ALIKE = 5
LIKE = ("petrol_car_km_us", "flight_ny_sf", "glass_water")  # beside what takes energy


@dataclass(frozen=True)
class Screen:
    """Values of the figures, "" for none; found: the Estimate or Verdict; numbers for the ledger; rows for the CSV."""

    top: str
    dots: str = ""
    bars: str = ""
    regions: str = ""
    foot: str = ""
    found: object = None
    numbers: dict[str, Quantity] = field(default_factory=dict)
    rows: tuple[dict, ...] = ()


def place_of(v: dict) -> dict:
    """region and market as policy takes them."""
    return {"region": None if v["region"] == "world" else v["region"],
            "market": None if v["market"] == "location" else v["market"]}


def regions_figure(carbon: Callable[[str | None], Fact], v: dict, text) -> str:
    """The same carbon on the chosen grids and on some that most people know, cleanest first.

    carbon(zone) -> the carbon there. With market-based counting the place does not matter, so there is no figure.
    """
    if v["market"] != "location":
        return ""
    chosen = [v["region"], *([v["other"]] if v["other"] not in ("world", v["region"]) else [])]
    zones = list(dict.fromkeys([*chosen, "world", *REFERENCES]))
    facts = {zone: carbon(None if zone == "world" else zone) for zone in zones}
    unit = readable(max(facts.values(), key=lambda fact: fact.central)).unit
    cited = Cited()
    rows = []
    for zone in sorted(zones, key=lambda zone: facts[zone].central):
        fact = facts[zone]
        name = energy.zone_name(energy.WORLD if zone == "world" else zone)
        named = readable(fact)
        rows.append(cited.row(zone, name.removeprefix("Canada: ").removeprefix("United States: "), named,
                              1 if zone in chosen else 0) | ends_in(fact, unit))
    label = "; ".join(f"{row['name']}: {row['text']}" for row in rows)
    return figures.ranges_json(text["regions title"], label, unit, rows, cited.sources, note=text["regions note"])


def ends_in(fact: Fact, unit: str) -> dict:
    """low, central and high in another unit of the same quantity."""
    return {end: converted(getattr(fact, end), fact.unit, unit) for end in ("low", "central", "high")}


def spread(low: float, high: float) -> str:
    return f"{digits(low)} to {digits(high)}"


def tiles(cited: Cited, found) -> list[dict]:
    """Energy, carbon, water and money of an Estimate."""
    named = [("Energy", found.energy), (f"Carbon, {grid_name(found)}", found.carbon), ("Water", found.water),
             ("Its electricity", found.cost)]
    named += [("List price", found.api_cost)] if found.api_cost is not None else []
    return [cited.tile(name, readable(fact)) for name, fact in named]


def grid_name(found) -> str:
    if "zone_name" not in found.grid.details:
        return "the grid as given" if found.grid.id == "grid_given" else found.grid.what
    return found.grid.details["zone_name"] if found.grid.details["zone_chosen"] == "yes" else "world average"


def rows_of_estimate(found) -> tuple[dict, ...]:
    """The table that is taken home."""
    named = (("energy", found.energy), ("carbon", found.carbon), ("water", found.water), ("electricity", found.cost),
             ("list price", found.api_cost))
    return tuple({"quantity": name, "low": f.low, "central": f.central, "high": f.high, "unit": f.unit,
                  "sources": "; ".join(dict.fromkeys(f"{row.source.title} ({row.source.year})" for row in found.facts()))}
                 for name, f in named if f is not None)


def assumed(found, cited: Cited, v: dict) -> dict:
    """The assumptions in sentences, for the foot of a view; each number in them opens its sources."""
    items = [sentence(f"{said}.", cited.made_of("In this sentence", _below(said, found, v))) for said in found.assumptions]
    return {"title": "What this rests on", "items": items}


def _below(said: str, found, v: dict) -> list[Fact]:
    """The facts that a sentence of an estimate speaks of."""
    if said.startswith(("grid", "the grid", "market-based")):
        own = [] if found.grid.id == "grid_given" else [grids.intensity(place_of(v)["region"])]
        return list(dict.fromkeys([found.grid, *own]))
    about = {"water": found.water, "electricity": found.cost, "PUE": found.pue, "the given PUE": found.pue}
    fact = next((about[start] for start in about if said.startswith(start)), found.it)
    rows = [facts.load("infrastructure")["tdp_h100_sxm"]] if "ML.ENERGY)" in said else []  # its note has the 4.1
    return list(dict.fromkeys([*(rows_of(fact) if any(rows_of(fact)) else [fact]), *rows]))


def told(fact: Fact, cited: Cited) -> list:
    """"0.3 Wh, anywhere from 0.05 to 3 Wh", or that no range is known; each number opens what it rests on."""
    known = "with no range given" if fact.low == fact.high else f"anywhere from {digits(fact.low)} to {digits(fact.high)} {fact.unit}"
    return numbered(f"{shown(fact)} {fact.unit}, {known}", cited.record(fact))


def equivalent_section(found, cited: Cited) -> dict:
    """What it is like: a few things that take energy, nearest to one of them first; then one of carbon, one of water."""
    every = equivalents(found.energy, found.carbon, found.water)
    near = sorted((one for one in every if one.kind == "energy"), key=_far)[:MOST_ALIKE]
    near += [min((one for one in every if one.kind == kind and one.of.id in LIKE), key=_far) for kind in ("ghg", "water")]
    items = [{"number": cited.number(one.count, f"{shown(one.count)} \u00d7"), "text": numbered(one.of.what, cited.record(one.of)),
              "note": [*cited.range(one.count), "; one is ", *numbered(printed(one.of), cited.record(one.of))]} for one in near]
    return {"title": "What that is like", "items": items}


def _far(one) -> float:
    """How far from one of it; carbon of 0 has no place on the scale."""
    return abs(math.log(one.count.central)) if one.count.central > 0 else math.inf
