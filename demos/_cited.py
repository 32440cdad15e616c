"""Facts as the screen shows them: each number with a record of what it rests on. The arithmetic is policy's own."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from string import Formatter

from demos._session import Quantity
from policy.estimate import GIVEN, rows_of
from policy.facts import Fact, Source, two_digits

MOST_NAMED = 12  # sources in one card
UNITS = r"(?:[kMGT]?Wh|g/kWh|L/kWh|USD/kWh|[kt]?gCO2e(?:/kWh)?|tCO2e|USD|kg|mg|g|t|mL|L|kW|W|h|s|%|\u00d7|times)"
# A number in a text, with its unit; not that of a name: gpt-4o, H100.
NUMBER = re.compile(rf"(?<![\w.-])\d+(?:,\d{{3}})*(?:\.\d+)?(?:e[+-]?\d+)?(?:\s?{UNITS}(?![\w/-]))?(?![\w-])")


@dataclass(frozen=True)
class Kept(Quantity):
    """A computed number that can still tell what it rests on, for the visit's ledger. rows: published facts below it."""

    what: str = ""
    mark: str = ""
    rows: tuple[Fact, ...] = ()


class Cited:
    """One list of sources, each once, and the records that name them by their place in it."""

    def __init__(self):
        self.sources: list[dict] = []
        self.records_kept: list[dict] = []
        self._places: dict[tuple, int] = {}

    def source(self, source: Source, what: str = "") -> int:
        key = (what, source)
        if key not in self._places:
            self._places[key] = len(self.sources)
            self.sources.append({"what": what, **asdict(source)} if what else asdict(source))
        return self._places[key]

    def record(self, fact: Fact, title: str = "", about: str = "") -> dict:
        """What a click on the number shows: its text, what kind of number it is, and its sources."""
        rows = list(dict.fromkeys(rows_of(fact)))
        if rows and rows != [fact]:
            sources = [self.source(row.source, f"{row.what}, {row.value_text()}") for row in rows[:MOST_NAMED]]
        else:
            sources = [self.source(source) for source in list(fact.sources())[:MOST_NAMED]]
        said = "; ".join(part for part in (about, fact.details.get("boundary", ""), fact.details.get("scope", ""),
                                           fact.details.get("scope_included", "")) if part)
        return {"title": title or fact.what, "value": f"{fact.value_text()}, {fact.mark}", "about": said, "sources": sources}

    def shared(self, title: str, facts, about: str = "") -> int:
        """One record for several numbers, named by its place: what each of these facts is and where it was read."""
        self.records_kept.append(self.made_of(title, facts, about))
        return len(self.records_kept) - 1

    def made_of(self, title: str, facts: Iterable[Fact], about: str = "") -> dict:
        """The record of what was worked out from these facts: each with its value and its source."""
        return {"title": title, "about": about,
                "sources": [self.source(fact.source, f"{fact.what}, {fact.value_text()}") for fact in facts][:MOST_NAMED]}

    def number(self, fact: Fact, text: str = "", title: str = "", about: str = "") -> dict:
        """A number in a list or a table."""
        return {"text": text or f"{shown(fact)} {fact.unit}", "record": self.record(fact, title, about)}

    def tile(self, what: str, fact: Fact, mark: str = "") -> dict:
        return {"what": what, "value": shown(fact), "unit": fact.unit, "range": self.range(fact), "mark": mark or fact.mark,
                "record": self.record(fact)}

    def range(self, fact: Fact) -> list:
        """The range beside a number: it opens the same record."""
        return [between(fact)] if fact.low == fact.high else [{"text": between(fact), "record": self.record(fact)}]

    def given(self, what: str) -> dict:
        """The record of what the visitor set."""
        return {"title": what, "about": "", "sources": [self.source(GIVEN)]}

    def row(self, id: str, name: str, fact: Fact, colour: int = 1, text: str = "", record: dict | None = None) -> dict:
        """A bar of demos._figures.ranges_json."""
        return {"id": id, "name": name, "low": fact.low, "central": fact.central, "high": fact.high, "colour": colour,
                "text": text or f"{shown(fact)} {fact.unit}", "record": record or self.record(fact)}


def numbered(text: str, record: dict | int) -> list:
    """A running text in parts: each number in it opens the record, the words between stay words."""
    parts, at = [], 0
    for found in NUMBER.finditer(text):
        parts += [text[at:found.start()], {"text": found.group(), "record": record}]
        at = found.end()
    return [part for part in [*parts, text[at:]] if part]


def filled(template: str, **parts) -> list:
    """A template of the tab's words in parts; what fills it is a text, or parts already."""
    out = []
    for before, name, *_ in Formatter().parse(template):
        out += [before, *([] if name is None else parts[name] if isinstance(parts[name], list) else [parts[name]])]
    return [part for part in out if part]


def sentence(text: str, record: dict | int) -> dict:
    """A sentence of a list; each number in it opens what it rests on."""
    return {"text": numbered(f"{text[0].upper()}{text[1:]}", record)}


def digits(x: float) -> str:
    """Two significant digits, thousands apart: "0.012", "45,000"."""
    text = two_digits(x)
    return f"{int(text):,}" if text.lstrip("-").isdigit() else text


def shown(fact: Fact) -> str:
    """The central value: as published, or with two digits where it was computed here."""
    return f"{fact.central:,.6g}" if fact.mark == "published" and fact.central < 1e6 else digits(fact.central)


def printed(fact: Fact) -> str:
    """A published figure with its range, as printed, thousands apart: "28,800 Wh (no range given)"."""
    ends = "no range given" if fact.low == fact.high else f"{fact.low:,.6g} to {fact.high:,.6g}"
    return f"{fact.central:,.6g} {fact.unit} ({ends})"


def between(fact: Fact) -> str:
    if fact.low == fact.high:
        return "no range given"
    return f"{digits(fact.low)} to {digits(fact.high)}"


def quantity(fact: Fact) -> Quantity:
    rows = tuple(dict.fromkeys(rows_of(fact)))[:MOST_NAMED] or (fact,)
    return Kept(fact.low, fact.central, fact.high, fact.unit, fact.what, fact.mark, rows)
