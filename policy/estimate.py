"""From the energy of computing to what it costs: electricity, carbon, water, money, each with range and sources.

Every estimate starts from `it`: Wh of the machines, before the overhead of the data centre. PUE times that is what the
building takes; carbon, water at the power plants and money follow the building's energy, cooling water and manufacture
follow the machines. Independent factors are combined as in policy/facts.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from policy import facts, grids
from policy.errors import BadInput
from policy.facts import Fact, Source
from policy.numbers import number

HERE = Source("computed by GenLens from the sources listed with it", "", "2026", "derived")
GIVEN = Source("given by the user", "", "2026", "seen_primary")
BOUNDARIES = {
    "gpu": "graphics cards at work", "host": "processors and memory around them", "idle": "machines kept ready but idle",
    "pue": "cooling and losses of the data centre", "embodied": "making the machines (carbon only)",
}
PRICES = {"USA": "el_us_res", "DEU": "el_de_res", "FRA": "el_fr_res", "ESP": "el_es_res", "HUN": "el_hu_res",
          "GBR": "el_uk_res", "EEE": "el_eu38_res", "CA-AB": "el_ab_res", "CA-QC": "el_qc_mid", "CA-ON": "el_on_mid",
          "CA-BC": "el_bc_mid"}


@dataclass(frozen=True)
class Bar:
    """One bar of a tornado chart: the result with this assumption at its low and at its high, all others at centre."""

    what: str
    low: float
    high: float
    fact: Fact


@dataclass(frozen=True)
class Estimate:
    """it and energy in Wh (machines; building), carbon in gCO2e, water in mL, cost and api_cost in US dollars.

    parts: Wh of gpu, host, idle, pue where they can be told apart; their centres add up to energy. embodied: the gCO2e
    of manufacture inside carbon, or None. factors: what the energy of the machines was multiplied from. boundary: which
    of BOUNDARIES are counted. assumptions: sentences.
    """

    what: str
    it: Fact
    energy: Fact
    carbon: Fact
    water: Fact
    cost: Fact
    api_cost: Fact | None
    parts: tuple[Fact, ...]
    embodied: Fact | None
    factors: tuple[Fact, ...]
    pue: Fact
    grid: Fact
    boundary: tuple[str, ...]
    assumptions: tuple[str, ...]

    def facts(self) -> Iterator[Fact]:
        """Every published row that the numbers rest on, each once."""
        seen = set()
        for result in (self.energy, self.carbon, self.water, self.cost, self.api_cost):
            for row in rows_of(result) if result is not None else ():
                if row.id not in seen:
                    seen.add(row.id)
                    yield row

    def to_dict(self) -> dict:
        """The command line's answer."""
        return {"energy_wh": numbers(self.energy), "carbon_g": numbers(self.carbon), "water_ml": numbers(self.water),
                "cost": numbers(self.cost), "api_cost": None if self.api_cost is None else numbers(self.api_cost),
                "assumptions": list(self.assumptions), "sources": [row.id for row in self.facts()]}

    def tornado(self, of: str = "carbon") -> tuple[Bar, ...]:
        """Which assumption moves the result most: bars, widest first. of: "carbon" (g) or "energy" (Wh)."""
        if of == "energy":
            bars = [Bar(f.what, *_moved(self.energy.central, f), f) for f in (*self.factors, self.pue)]
        else:
            whole, made = self.carbon.central, self.embodied.central if self.embodied else 0.0
            bars = [Bar(f.what, *_moved(whole, f), f) for f in self.factors]
            bars += [Bar(f.what, *(made + x for x in _moved(whole - made, f)), f) for f in (self.pue, self.grid)]
        return tuple(sorted((bar for bar in bars if bar.high > bar.low), key=lambda bar: bar.low - bar.high))


def estimate(what: str, it: Fact, *, factors: tuple[Fact, ...] = (), pue: Fact, region: str | None = None,
             market: str | None = None, own_grid: Fact | None = None, onsite: Fact | None = None,
             embodied_g: Fact | None = None, parts: tuple[Fact, ...] = (), api_cost: Fact | None = None, boundary: tuple[str, ...] = (),
             assumptions: tuple[str, ...] = ()) -> Estimate:
    """All costs of `it` Wh of IT energy. onsite: litres of cooling water per IT kWh. embodied_g: manufacture, gCO2e.

    own_grid: gCO2e/kWh in place of the region's. market: an operator's grid after contracts, in place of both.
    """
    place = grids.intensity(region)
    grid = grids.market(market) if market else own_grid or place
    energy = facts.product("energy_wh", f"electricity of {what}", "Wh", (it, pue), HERE)
    used = facts.product("carbon_per_wh", "carbon per Wh of IT energy", "gCO2e/Wh", (pue, grid), HERE, scale=1 / 1000)
    if embodied_g is not None and it.central > 0:
        made = facts.product("embodied_per_wh", "manufacture per Wh of IT energy", "gCO2e/Wh", (embodied_g,), HERE,
                             scale=1 / it.central)
        used = facts.total("carbon_per_wh", "carbon per Wh of IT energy, with manufacture", (used, made), HERE)
    carbon = facts.product("carbon_g", f"greenhouse gas of {what}", "gCO2e", (it, used), HERE)
    litres = grids.water(region)
    onsite = onsite or onsite_water()
    plants = facts.product("offsite", "water at the power plants per IT kWh", "L/kWh IT", (pue, litres), HERE)
    both = facts.total("water_per_kwh", "water per IT kWh", (onsite, plants), HERE)
    water = facts.product("water_ml", f"water of {what}", "mL", (it, both), HERE)  # 1 L/kWh is 1 mL/Wh
    price = electricity_price(region)
    cost = facts.product("cost_usd", f"electricity bill of {what}", "USD", (energy, price), HERE, scale=1 / 1000)
    said = (*assumptions, *_said_of_grid(place, grid, market), *_said_of_place(place, litres, price))
    return Estimate(what, it, energy, carbon, water, cost, api_cost, parts, embodied_g, factors or (it,), pue, grid,
                    boundary, said)


def onsite_water() -> Fact:
    """Litres of cooling water per IT kWh where the operator is not known: industry average, range over the operators."""
    rows = [row for row in facts.load("infrastructure").values()
            if row.details["kind"] == "wue" and "serving" not in row.id]
    centre = facts.load("infrastructure")["wue_industry"]
    return replace(centre, low=min(row.low for row in rows), high=max(row.high for row in rows), mark="assumed",
                   unit="L/kWh IT", what="cooling water of a data centre of unknown operator")


def electricity_price(region: str | None) -> Fact:
    """US dollars per kWh: the region's retail price where one is known, else a range over those that are."""
    code, chosen = grids.chosen_zone(region)
    rows = facts.load("infrastructure")
    country = grids.COUNTRIES.get(code.partition("-")[0], "") if code.startswith("US-") else code
    row = rows[PRICES.get(code) or PRICES.get(country) or "el_world"]
    currency = row.unit.partition("/")[0]
    if currency == "USD":
        return row
    return facts.product("usd_per_kwh", f"price of electricity, {row.what}", "USD/kWh",
                         (row, rows[f"usd_per_{currency.casefold()}"]), HERE)


def given(id: str, x: float, unit: str, what: str, mark: str = "assumed") -> Fact:
    """A number that the user gave: no range is invented for it."""
    return Fact(id, x, x, x, unit, what, GIVEN, mark)


def given_pue(pue: float) -> Fact:
    return given("pue_given", number(pue, "The PUE", least=1, most=10,
                                     why="It is the building's energy over the machines', so it is never below 1"),
                 "ratio", "PUE as given")


def one(what: str) -> Fact:
    """A PUE of 1: nothing counted beyond the machines, or already inside."""
    return given("pue_none", 1.0, "ratio", what)


def rows_of(fact: Fact) -> Iterator[Fact]:
    """The rows of assets/facts below a computed number."""
    if fact.mark == "published" or (fact.mark == "assumed" and fact.source not in (GIVEN, HERE)):
        yield fact
    for below in fact.inputs:
        yield from rows_of(below)


def numbers(fact: Fact) -> dict:
    return {"low": fact.low, "central": fact.central, "high": fact.high, "unit": fact.unit}


def chosen_boundary(names) -> tuple[str, ...]:
    """Names of BOUNDARIES in their order; an unknown one is refused."""
    wrong = [name for name in names if name not in BOUNDARIES]
    if wrong:
        raise BadInput(f"There is no boundary {str(wrong[0])[:40]!r}; choose among {', '.join(BOUNDARIES)}.")
    return tuple(name for name in BOUNDARIES if name in names)


def _moved(centre: float, fact: Fact) -> tuple[float, float]:
    return (centre * fact.low / fact.central, centre * fact.high / fact.central) if fact.central else (centre, centre)


def _said_of_grid(place: Fact, grid: Fact, market: str | None) -> Iterator[str]:
    d = place.details
    if market:
        yield (f"market-based: {grid.what}, {grid.central:g} g/kWh after purchases of clean power; location-based the grid "
               f"({d['zone_name']}) is {place.central:.3g} g/kWh")
    elif grid is not place:
        yield f"grid: {grid.central:g} gCO2e/kWh as given"
    else:
        yield f"grid: {d['zone_name']}, {place.central:.3g} gCO2e/kWh ({place.source.year}), location-based, {d['basis']}"
        if d["old"] == "yes":
            yield f"the grid figure of {d['zone_name']} is old ({place.source.year}); no newer one was found"


def _said_of_place(place: Fact, litres: Fact, price: Fact) -> Iterator[str]:
    if litres.details["borrowed"]:
        yield f"water at the power plants: the figure of {litres.details['borrowed']}, {litres.central:.3g} L/kWh"
    yield f"electricity at {facts.two_digits(price.central)} USD/kWh ({price.what}); the provider's own price is not known"
