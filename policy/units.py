"""Units: conversion, and the unit in which a number is best read."""

from dataclasses import replace

from policy.facts import Fact

SIZES = {  # quantity: unit -> how many of the first unit it holds, small to large
    "energy": {"mWh": 1e-3, "Wh": 1.0, "kWh": 1e3, "MWh": 1e6, "GWh": 1e9, "TWh": 1e12,
               "J": 1 / 3600, "kJ": 1 / 3.6, "MJ": 1 / 3.6e-3},
    "carbon": {"mgCO2e": 1e-3, "gCO2e": 1.0, "kgCO2e": 1e3, "tCO2e": 1e6, "ktCO2e": 1e9, "lbCO2e": 453.59237},
    "water": {"µL": 1e-3, "mL": 1.0, "L": 1e3, "m3": 1e6},
    "money": {"US cents": 0.01, "USD": 1.0},
    "intensity": {"gCO2e/kWh": 1.0, "kgCO2e/kWh": 1e3, "kgCO2e/MWh": 1.0, "lbCO2e/MWh": 0.45359237},
}
READ = {"energy": ("Wh", "kWh", "MWh", "GWh", "TWh"), "carbon": ("gCO2e", "kgCO2e", "tCO2e", "ktCO2e"),
        "water": ("mL", "L", "m3"), "money": ("US cents", "USD")}


def converted(x: float, unit: str, to: str) -> float:
    """x in another unit of the same quantity."""
    for units in SIZES.values():
        if unit in units and to in units:
            return x * units[unit] / units[to]
    raise ValueError(f"{unit} cannot be turned into {to}")


def readable(fact: Fact) -> Fact:
    """The same number in the largest unit in which its centre is at least 1, else in the first: 0.3 Wh, 82 Wh, 1.3 GWh."""
    for quantity, names in READ.items():
        if fact.unit in names:
            units = SIZES[quantity]
            base = fact.central * units[fact.unit]
            best = max((name for name in names if units[name] <= base), key=units.get, default=names[0])
            scale = units[fact.unit] / units[best] if base else 1.0
            best = best if base else fact.unit
            return replace(fact, low=fact.low * scale, central=fact.central * scale, high=fact.high * scale, unit=best)
    return fact
