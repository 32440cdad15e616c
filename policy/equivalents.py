"""What an energy or an emission is like: energy to energy first, for that does not depend on a grid."""

from dataclasses import dataclass, replace

from policy import facts
from policy.estimate import HERE
from policy.facts import Fact

AVOID = ("tree_month", "web_search")  # suggests offsetting; a figure of 2009
KINDS = {"energy": ("Wh", 1.0), "ghg": ("gCO2e", 1.0), "water": ("mL", 1.0)}


@dataclass(frozen=True)
class Equivalent:
    """count: how many of `of`, with range. kind: energy, ghg, water."""

    count: Fact
    of: Fact
    kind: str


def equivalents(energy: Fact, carbon: Fact | None = None, water: Fact | None = None) -> tuple[Equivalent, ...]:
    """How many of each thing: those that take energy first, then, where given, emissions and water."""
    found = [_counted(energy, row, "energy") for row in of_kind("energy")]
    found += [_counted(carbon, row, "ghg") for row in of_kind("ghg")] if carbon is not None else []
    found += [_counted(water, row, "water") for row in of_kind("water")] if water is not None else []
    return tuple(found)


def of_kind(kind: str) -> tuple[Fact, ...]:
    """Rows to compare with, in Wh, gCO2e or mL."""
    rows = [row for row in facts.load("equivalents").values() if row.details["kind"] == kind and row.id not in AVOID]
    return tuple(replace(row, low=1000 * row.low, central=1000 * row.central, high=1000 * row.high, unit="gCO2e")
                 if row.unit == "kgCO2e" else row for row in rows)


def quotient(id: str, what: str, over: Fact, under: Fact) -> Fact:
    """over / under as a plain number; independent, so squared logs are added on each side."""
    turned = replace(under, low=1 / under.high, central=1 / under.central, high=1 / (under.low or under.central),
                     unit=f"1/{under.unit}")
    return facts.product(id, what, "times", (over, turned), HERE)


def _counted(amount: Fact, row: Fact, kind: str) -> Equivalent:
    assert amount.unit == KINDS[kind][0] == row.unit, (amount.unit, row.unit)
    return Equivalent(quotient(f"in_{row.id}", row.what, amount, row), row, kind)
