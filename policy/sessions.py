"""A session of many requests: rows of an activity, how often, and its Wh; the sum, once bottom-up and once at a flat figure.

A row without Wh takes the band of its kind. Rows of the same kind share their uncertainty (if one is wrong, all are), rows
of different kinds are independent. A table comes from CSV or from a paste; a row that cannot be read is left out with a
sentence and the rest is kept.
"""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache

from policy import facts
from policy.errors import BadInput
from policy.estimate import HERE, Estimate, estimate, given
from policy.facts import Fact
from policy.numbers import number
from policy.requests import MOST_REQUESTS, MOST_WH, api_cost_usd, find_kind, request
from policy.tables import csv_text

MOST_ROWS = 500
MOST_TEXT = 200_000
DECIMAL_COMMA = re.compile(r"\s*[-+]?\d+,\d+\s*")
COLUMNS = ("activity", "count", "wh")


@dataclass(frozen=True)
class Row:
    """wh: Wh of one, None = the band of its kind."""

    activity: str
    count: float
    wh: float | None = None


LECTURE = (Row("voice command", 20), Row("code generation", 20), Row("debugging turn", 10))  # the vibe-coding case
FLAT_WH = 3.0  # the lecture's figure for every request


@dataclass(frozen=True)
class Table:
    """What could be read, and one sentence for each line that could not."""

    rows: tuple[Row, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Session:
    """whole: the sum. each: one Estimate per row, in order. rows as given."""

    whole: Estimate
    rows: tuple[Row, ...]
    each: tuple[Estimate, ...]


def session(rows: Iterable[Row], *, region: str | None = None, wh: float | None = None, days: float = 1, people: float = 1,
            market: str | None = None, api_model: str | None = None) -> Session:
    """The rows together, times days and people. wh: a flat Wh for every request, in place of bands and of the rows' own."""
    rows = tuple(rows)
    if not rows:
        raise BadInput("A session needs at least one row: an activity and how often.")
    if len(rows) > MOST_ROWS:
        raise BadInput(f"A session holds up to {MOST_ROWS} rows; got {len(rows):,}.")
    times = number(days, "The days", above=0, most=100_000) * number(people, "The people", above=0, most=1e10)
    counts = [number(row.count, f"The count of {row.activity[:40]!r}", above=0, most=MOST_REQUESTS) for row in rows]
    n = number(sum(counts) * times, "All requests together", above=0, most=MOST_REQUESTS,
               why="More would be over a hundred for every person alive")
    each = tuple(_of_row(row, wh, times, region, market) for row in rows)
    groups = [_group(row, wh) for row in rows]
    it, energy = (_together([getattr(found, name) for found in each], groups) for name in ("it", "energy"))
    ratio = given("pue_inside", energy.central / it.central, "ratio", "PUE inside the rows")
    said = [f"{n:,.10g} requests in {len(rows)} rows"
            + (f", {times:,.10g} times over (days x people)" if times != 1 else "")]
    if wh is not None:
        aside = "; the rows' own Wh are set aside" if any(row.wh for row in rows) else ""
        said.append(f"every request at a flat {wh:g} Wh{aside}")
    else:
        said += [f"{row.activity.strip()[:60]}: {row.count:g} x {found.energy.central / (row.count * times):.3g} Wh"
                 + ("" if row.wh is None else " as given") for row, found in zip(rows, each, strict=True)]
    whole = estimate("this session", it, factors=_moving(rows, each, wh), pue=ratio, region=region, market=market,
                     api_cost=_api_cost(rows, api_model, times), assumptions=tuple(said))
    parts = tuple(replace(found.energy, what=row.activity) for row, found in zip(rows, each, strict=True))
    return Session(replace(whole, energy=energy, parts=parts), rows, each)


def compared(rows: Iterable[Row], zones: Iterable[str | None], **more) -> tuple[tuple[str, Fact], ...]:
    """(zone, gCO2e) of the same session on each grid, in the order given."""
    rows = tuple(rows)
    return tuple((zone or "world", session(rows, region=zone, **more).whole.carbon) for zone in zones)


def read_table(text: str, flat: bool = False) -> Table:
    """CSV with columns activity, count and, if wanted, wh; commas, semicolons or tabs.

    Raises BadInput where nothing can be read. flat: a flat Wh will be used, so that any activity will do.
    """
    if len(text) > MOST_TEXT:
        raise BadInput(f"The table is too long: {len(text):,} characters, up to {MOST_TEXT:,} are read.")
    lines = [line for line in text.lstrip("\ufeff").splitlines() if line.strip()]
    if not lines:
        raise BadInput("The table is empty; its first line must be: activity,count,wh (wh may be left out).")
    mark = max(("\t", ";", ","), key=lines[0].count)
    heading = [name.strip().strip('"').casefold() for name in next(csv.reader([lines[0]], delimiter=mark))]
    for name in COLUMNS[:2]:
        if name not in heading:
            raise BadInput(f"The table has no column {name!r}; its first line must be: activity,count,wh "
                           f"(wh may be left out). Found: {', '.join(heading)[:120]}.")
    place, rows, problems = {name: heading.index(name) for name in COLUMNS if name in heading}, [], []
    for index, line in enumerate(lines[1:], 2):
        try:
            cells = next(csv.reader([line], delimiter=mark))
            row = _row(cells, place, len(heading))
            if row.wh is None and not flat:
                find_kind(row.activity)
            rows.append(row)
        except (BadInput, csv.Error) as error:
            problems.append(f"Line {index} is left out: {error}")
        if len(rows) > MOST_ROWS:
            raise BadInput(f"A session holds up to {MOST_ROWS} rows.")
    return Table(tuple(rows), tuple(problems))


def table_text(rows: Iterable[Row]) -> str:
    """The rows as CSV that read_table reads back."""
    return csv_text([{"activity": row.activity, "count": f"{row.count:.12g}",
                      "wh": "" if row.wh is None else f"{row.wh:.12g}"} for row in rows], COLUMNS)


def _row(cells: list[str], place: dict[str, int], width: int) -> Row:
    cells = [cell.strip() for cell in cells]
    if len(cells) > width and not any(cells[width:]):
        cells = cells[:width]
    if len(cells) != width:
        raise BadInput(f"it has {len(cells)} fields where the heading has {width}"
                       + (" (a decimal comma? write 2.5, not 2,5)." if len(cells) > width else "."))
    activity = " ".join(cells[place["activity"]].split())[:120]
    if activity[:1] == "'" and activity[1:2] in "=+-@":
        activity = activity[1:]  # as our own CSV writes it
    if not activity:
        raise BadInput("it names no activity.")
    count = _cell(cells[place["count"]], "count", MOST_REQUESTS)
    wh_text = cells[place["wh"]] if "wh" in place else ""
    wh = _cell(wh_text, "wh", MOST_WH) if wh_text else None
    return Row(activity, count, wh)


def _cell(text: str, name: str, most: float) -> float:
    if DECIMAL_COMMA.fullmatch(text):
        raise BadInput(f"{name} is {text[:20]!r}, with a comma; write {text.strip().replace(',', '.')[:20]} with a point, "
                       "and thousands without a mark.")
    try:
        x = float(text)
    except ValueError:
        raise BadInput(f"{name} must be a number; got {text[:40]!r}.") from None
    return number(x, name, above=0, most=most)


@cache
def _typical() -> dict[str, Fact]:
    return dict(facts.load("typical_tokens"))


def _of_row(row: Row, flat: float | None, times: float, region, market) -> Estimate:
    n, place = row.count * times, {"region": region, "market": market}
    if flat is not None or row.wh is not None:
        return request(wh=row.wh if flat is None else flat, n=n, **place)
    try:
        kind = find_kind(row.activity)
    except BadInput as error:
        raise BadInput(f"{error} (row {row.activity[:40]!r})") from None
    return request(kind=kind, n=n, **place)


def _group(row: Row, flat: float | None) -> str:
    return "given" if flat is not None or row.wh is not None else find_kind(row.activity)


def _moving(rows: tuple[Row, ...], each: tuple[Estimate, ...], flat: float | None) -> tuple[Fact, ...]:
    """For the tornado: by what factor the whole moves where one kind of row is at its low or its high."""
    whole, moved = sum(found.energy.central for found in each), {}
    for row, found in zip(rows, each, strict=True):
        moved.setdefault(_group(row, flat), []).append((row, found.energy))
    return tuple(Fact(f"share_{group}", 1 - sum(e.central - e.low for _, e in some) / whole, 1.0,
                      1 + sum(e.high - e.central for _, e in some) / whole, "times", some[0][0].activity.strip()[:60], HERE,
                      "modelled", tuple(e for _, e in some)) for group, some in moved.items())


def _together(parts: list[Fact], groups: list[str]) -> Fact:
    """The sum: linear within a group, since the same figure is wrong everywhere; in quadrature between groups."""
    sums = []
    for group in dict.fromkeys(groups):
        same = [part for part, name in zip(parts, groups, strict=True) if name == group]
        sums.append(Fact(f"sum_{group}", *(sum(getattr(part, x) for part in same) for x in ("low", "central", "high")), "Wh",
                         f"energy of {group}", HERE, "modelled", tuple(same)))
    return facts.total("session_wh", "energy of this session", tuple(sums), HERE)


def _api_cost(rows: tuple[Row, ...], model: str | None, times: float) -> Fact | None:
    """The bill at list prices with typical tokens of each kind; None without a model. Rows of no kind with tokens: nothing."""
    if model is None:
        return None
    if api_cost_usd(model, 1, 1) is None:
        raise BadInput(f"No list price is known for {model[:40]!r}.")
    bill = []
    for row in rows:
        try:
            kind = find_kind(row.activity)
        except BadInput:
            continue
        if f"{kind}/input" in _typical():
            tokens = [_typical()[f"{kind}/{end}"] for end in ("output", "input")]
            costs = [api_cost_usd(model, *(getattr(fact, x) for fact in tokens), row.count * times).central
                     for x in ("low", "central", "high")]
            bill.append(Fact(f"api_{kind}", *costs, "USD", f"list price of {row.activity}", HERE, "modelled", tuple(tokens)))
        elif kind == "voice":
            price = facts.load("infrastructure")["api_whisper1"]
            length = _typical()["voice/seconds"]
            bill.append(facts.product("api_voice", f"list price of {row.activity}", "USD", (price, length), HERE,
                                      scale=row.count * times))
    what = f"list price of {model} and whisper-1, typical tokens"
    return facts.total("api_cost_usd", what, tuple(bill), HERE) if bill else None
