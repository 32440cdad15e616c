"""The grid zones: their names, their carbon intensity and the water that their electricity takes.

A zone is never guessed. No zone: the world average, and the name says so. A zone without a recommended row in
grid_intensity.csv is served by its newest row, marked old.
"""

import difflib
import re
import unicodedata
from dataclasses import replace
from functools import cache
from types import MappingProxyType

from policy import facts
from policy.errors import BadInput
from policy.facts import Fact

WORLD = "WOR"
NO_REGION = "no region chosen: world average"
COUNTRIES = {"CA": "CAN", "US": "USA"}
ALSO = {"uk": "GBR", "great britain": "GBR", "us": "USA", "united states of america": "USA", "korea": "KOR",
        "uae": "ARE", "holland": "NLD", "czech republic": "CZE", "eu": "EEE"}


@cache
def intensities() -> MappingProxyType:
    """Zone code -> gCO2e/kWh, location-based. details["old"] is "yes" where only a row that is not recommended exists."""
    rows = facts.load("grid_intensity")
    found = {code: described(row, {**row.details, "old": "no"}) for code, row in rows.items() if "/" not in code}
    for key, row in rows.items():
        code = key.split("/")[0]
        kept = found.get(code)
        if kept is None or (kept.details["old"] == "yes" and _newest(row.source.year) > _newest(kept.source.year)):
            found[code] = described(row, {**row.details, "old": "yes"})
    return MappingProxyType(found)


def intensity(zone: str | None) -> Fact:
    """gCO2e/kWh of a zone (code or name; None: world), its range at least as wide as vintage and basis make it.

    details: zone, zone_name, zone_chosen, basis, old.
    """
    code, chosen = chosen_zone(zone)
    row = facts.within_factor(intensities()[code], facts.load("uncertainty")["grid_basis"])
    where = zone_name(code) if chosen else NO_REGION
    return described(row, {"zone": code, "zone_name": where, "zone_chosen": "yes" if chosen else "no",
                           "basis": row.details["basis"], "old": row.details["old"]},
                     what=f"carbon intensity of electricity, {where}")


def water(zone: str | None) -> Fact:
    """Litres of water that a kWh of the zone's electricity takes at the power plants.

    details["borrowed"]: "", or the name of the zone whose figure it is.
    """
    code, chosen = chosen_zone(zone)
    rows, spread = facts.load("water_intensity"), facts.load("uncertainty")
    country = COUNTRIES.get(code.partition("-")[0], "") if "-" in code else ""
    found = next(name for name in (code, country, WORLD) if f"water/{name}" in rows)
    borrowed = "" if found == code and chosen else zone_name(found)
    row = facts.within_factor(rows[f"water/{found}"], spread["water_borrowed" if borrowed else "water_own"])
    return described(row, {**row.details, "borrowed": borrowed})


def market(operator: str) -> Fact:
    """gCO2e/kWh after the contracts of an operator: "google" or "meta"."""
    rows = {id.split("_")[1]: row for id, row in facts.load("infrastructure").items() if row.details["kind"] == "market"}
    name = operator.strip().casefold()
    if name not in rows:
        raise BadInput(f"No market-based figure is known for {operator.strip()[:40]!r}; known: {', '.join(sorted(rows))}.")
    return rows[name]


def chosen_zone(zone: str | None) -> tuple[str, bool]:
    """(code, True) of a zone by code or name; (WOR, False) for None, "" or "world"."""
    if zone is not None and not isinstance(zone, str):
        raise BadInput(f"A grid zone is a short text such as DEU or CA-AB; got {zone!r}.")
    chosen = bool(zone and zone.strip()) and zone.strip().casefold() != "world"
    return (find_zone(zone), True) if chosen else (WORLD, False)


@cache
def zones() -> tuple[tuple[str, str], ...]:
    """(name, code) of every zone with a figure, for a menu: the world first, then by name.

    A figure of 0 is left out: over its life cycle no power plant emits nothing, so it is a gap in the source.
    """
    grid = intensities()
    found = [(zone_name(code), code) for code in grid if code != WORLD and grid[code].central > 0]
    return (("No region chosen (world average)", "world"), *sorted(found))


def zone_name(code: str) -> str:
    """"Canada: Alberta" for CA-AB, "Germany" for DEU."""
    country = {"CA": "Canada: ", "US": "United States: "}.get(code.partition("-")[0], "") if "-" in code else ""
    return country + intensities()[code].what


def find_zone(text: str) -> str:
    """The zone's code for a code or a name, in any case and without accents too; CAN-AB and USA-TX do for CA-AB and US-TX."""
    wanted = re.sub(r"^(ca|us)[na]-", r"\1-", _plain(text))
    known, gaps = _names()
    if wanted in known:
        return known[wanted]
    if wanted in gaps:
        raise BadInput(f"The source has no usable figure for the grid of {gaps[wanted]} (it prints 0); "
                       "leave the region out for the world average.")
    near = difflib.get_close_matches(wanted, known, 1, 0.7) if len(wanted) > 2 else ()
    hint = f"Did you mean {zone_name(known[near[0]])} ({known[near[0]]})? " if near else ""
    hint = hint or ("The code of a country has three letters. " if len(wanted) == 2 else "")
    raise BadInput(f"There is no grid zone {text.strip()[:40]!r}. {hint}Examples: DEU (Germany), CA-AB (Alberta); "
                   "the list: python -m policy zones.")


@cache
def _names() -> tuple[MappingProxyType, MappingProxyType]:
    """Name or code of a zone in small letters -> its code; and those of zones without a usable figure -> their name."""
    known = {}
    for name, code in zones()[1:]:
        known |= {code.casefold(): code, _plain(name): code}
        known.setdefault(_plain(name.rpartition(": ")[2]), code)  # Georgia alone is the country: it comes first
    known = {alias: code for alias, code in ALSO.items() if code in intensities()} | known | {"wor": WORLD}
    gaps = {_plain(row.what): row.what for row in intensities().values() if row.central == 0}
    gaps |= {code.casefold(): row.what for code, row in intensities().items() if row.central == 0}
    return MappingProxyType(known), MappingProxyType(gaps)


def described(fact: Fact, details: dict[str, str], **changes: str) -> Fact:
    """The fact with these details, and another id or name where given."""
    return replace(fact, details=MappingProxyType(dict(details)), **changes)


def _newest(year: str) -> int:
    """The last year that a year column names: "about 2021" -> 2021."""
    return max(map(int, facts.YEAR.findall(year)))


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(c for c in letters if not unicodedata.combining(c))
