"""Numbers that cannot be shown naked: value, range, unit, source and year travel together.

A range is read as log-normal, about one sigma to either side, and each side is kept apart. Independent factors are
combined by adding squared logarithms: if one is known within a factor a and another within b, the product is known
within exp(sqrt(ln(a)^2 + ln(b)^2)). Multiplying low by low would claim that everything goes wrong at once.
"""

import csv
import difflib
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

from policy.errors import BadInput

FOLDER = Path(__file__).resolve().parent.parent / "assets" / "facts"
CONFIDENCES = ("seen_primary", "seen_secondary", "derived", "recalled")  # how the number was obtained, see README
MARKS = ("published", "measured", "modelled", "assumed")  # what kind of number it is here
FACT_COLUMNS = {"id", "zone", "name", "what", "value", "low", "high", "unit"}
SOURCE_COLUMNS = {"source_title", "source_url", "year", "confidence", "note"}
NUMBER = re.compile(r"\s*[-+]?[\d.,]*\d\s*")
YEAR = re.compile(r"\d{4}")


@dataclass(frozen=True)
class Source:
    """Where a number was read: title, address ("" where none), year as printed, one of CONFIDENCES, and a note."""

    title: str
    url: str
    year: str
    confidence: str
    note: str = ""

    def __post_init__(self):
        if not self.title or not self.year:
            raise ValueError(f"a source needs a title and a year, got {self.title!r}, {self.year!r}")
        if not YEAR.search(self.year):
            raise ValueError(f"a source needs a year with four digits, got {self.year!r}")
        if self.confidence not in CONFIDENCES:
            raise ValueError(f"confidence must be one of {', '.join(CONFIDENCES)}, got {self.confidence!r}")


@dataclass(frozen=True)
class Fact:
    """One number: low <= central <= high in `unit`, what it is, and its source.

    Where no range was published low and high equal central, and the text form says so. mark: one of MARKS.
    inputs: the facts that a modelled number was made from. details: the further columns of its row.
    """

    id: str
    low: float
    central: float
    high: float
    unit: str
    what: str
    source: Source
    mark: str = "published"
    inputs: tuple["Fact", ...] = ()
    details: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    def __post_init__(self):
        if not self.unit or not self.what:
            raise ValueError(f"fact {self.id!r} needs a unit and a name")
        if not all(map(math.isfinite, (self.low, self.central, self.high))):
            raise ValueError(f"fact {self.id!r} must be finite, got {self.low}, {self.central}, {self.high}")
        if not 0 <= self.low <= self.central <= self.high:
            raise ValueError(f"fact {self.id!r} needs 0 <= low <= central <= high, "
                             f"got {self.low}, {self.central}, {self.high}")
        if self.mark not in MARKS:
            raise ValueError(f"mark must be one of {', '.join(MARKS)}, got {self.mark!r}")

    def sources(self) -> Iterator[Source]:
        """Every source that the number rests on, its own first, each once."""
        seen = set()
        for fact in (self, *self.inputs):
            for source in (fact.source, *(fact.sources() if fact is not self else ())):
                if source not in seen:
                    seen.add(source)
                    yield source

    def value_text(self) -> str:
        """"0.012 Wh (0.0034 to 0.04)": at most two digits where it was computed here, else as published."""
        show = (lambda x: f"{x:.6g}") if self.mark == "published" else two_digits
        if self.central == 0 == self.high:
            return f"0 {self.unit}"
        if self.low == self.high:
            return f"{show(self.central)} {self.unit} (no range given)"
        return f"{show(self.central)} {self.unit} ({show(self.low)} to {show(self.high)})"

    def __str__(self) -> str:
        said = "; ".join(f"{s.title} ({s.year})" for s in self.sources())
        return f"{self.what}: {self.value_text()}, {self.mark}. {said}"

    def to_dict(self) -> dict:
        """Plain data for JSON; nothing of the provenance is dropped."""
        return {"id": self.id, "what": self.what, "low": self.low, "central": self.central, "high": self.high,
                "unit": self.unit, "mark": self.mark, "text": self.value_text(), "details": dict(self.details),
                "source": asdict(self.source), "inputs": [fact.to_dict() for fact in self.inputs]}


def two_digits(x: float) -> str:
    """x with two significant digits and no exponent: 0.0123 -> "0.012", 578 -> "580"."""
    if x == 0:
        return "0"
    rounded = float(f"{x:.1e}")  # first, so that 0.996 is 1.0 and not 1.00
    return f"{rounded:.{max(1 - math.floor(math.log10(abs(rounded))), 0)}f}"


def product(id: str, what: str, unit: str, factors: tuple[Fact, ...], source: Source, scale: float = 1.0,
            mark: str = "modelled") -> Fact:
    """scale times the factors, taken as independent: on each side the squared logs of their ranges are added."""
    central = scale * math.prod(fact.central for fact in factors)
    if central == 0:
        return Fact(id, 0.0, 0.0, 0.0, unit, what, source, mark, factors)
    down = math.sqrt(sum(math.log(fact.central / fact.low) ** 2 if fact.low else math.inf for fact in factors))
    up = math.sqrt(sum(math.log(fact.high / fact.central) ** 2 for fact in factors))
    return Fact(id, central * math.exp(-down), central, central * math.exp(up), unit, what, source, mark, factors)


def total(id: str, what: str, parts: tuple[Fact, ...], source: Source, mark: str = "modelled") -> Fact:
    """The sum of independent parts in one unit: on each side the squared distances to the centre are added."""
    units = {fact.unit for fact in parts}
    if len(units) != 1:
        raise ValueError(f"only one unit can be added up, got {', '.join(sorted(units)) or 'nothing'}")
    central = sum(fact.central for fact in parts)
    down = math.sqrt(sum((fact.central - fact.low) ** 2 for fact in parts))
    up = math.sqrt(sum((fact.high - fact.central) ** 2 for fact in parts))
    return Fact(id, max(0.0, central - down), central, central + up, units.pop(), what, source, mark, parts)


def within_factor(fact: Fact, least: Fact) -> Fact:
    """The fact with a range at least the factor `least` wide to either side; a wider side stays as it is.

    Where it widens, `least` joins the inputs, so that its source is told too.
    """
    low, high = min(fact.low, fact.central / least.central), max(fact.high, fact.central * least.central)
    if (low, high) == (fact.low, fact.high):
        return fact
    return replace(fact, low=low, high=high, inputs=(*fact.inputs, least))


@cache
def load(name: str, folder: Path = FOLDER) -> Mapping[str, Fact]:
    """All facts of <folder>/<name>.csv by id, in order. An incomplete row is an error, never a silent drop.

    In a file with zones the id is the zone for its recommended row, else zone/basis/year.
    """
    path, facts = folder / f"{name}.csv", {}
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file, strict=True):
            try:
                fact = from_row(row)
                if fact.id in facts:
                    raise ValueError(f"id {fact.id!r} comes twice")
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise ValueError(f"{path.name}, row {len(facts) + 1} ({next(iter(row.values()))}): {error}") from error
            facts[fact.id] = fact
    return MappingProxyType(facts)


def find(id: str) -> tuple[Fact, str]:
    """The fact of this id in any file, and the file's name. Raises BadInput where there is none."""
    for name in files():
        if id in load(name):
            return load(name)[id], name
    known = [known for name in files() for known in load(name)]
    near = difflib.get_close_matches(id, known, 1, 0.6)
    raise BadInput(f"There is no figure with the id {id[:40]!r}." + (f" Did you mean {near[0]}?" if near else ""))


def files(folder: Path = FOLDER) -> tuple[str, ...]:
    """Names of all facts files."""
    return tuple(sorted(path.stem for path in folder.glob("*.csv")))


def from_row(row: dict[str, str]) -> Fact:
    """One row of a facts file; every column that is no part of Fact or Source is kept in `details`."""
    if None in row or None in row.values():
        raise ValueError("the row does not have as many fields as the heading")
    source = Source(row["source_title"].strip(), row["source_url"].strip(), row["year"].strip(),
                    row["confidence"].strip(), row["note"].strip())
    details = {key: text for key, text in row.items() if key not in FACT_COLUMNS | SOURCE_COLUMNS}
    naked = [key for key, text in details.items() if NUMBER.fullmatch(text)]
    if naked:
        raise ValueError(f"the number in column {naked[0]!r} has no unit and source of its own; give it a row")
    central = float(row["value"])
    return Fact(id_of(row), float(row["low"] or central), central, float(row["high"] or central), row["unit"].strip(),
                row.get("name") or row["what"], source, details=MappingProxyType(details))


def id_of(row: dict[str, str]) -> str:
    if "zone" not in row:
        return row["id"]
    return row["zone"] if row["recommended"] == "yes" else f"{row['zone']}/{row['basis']}/{row['year']}"
