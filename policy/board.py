"""The board's arithmetic: where a dot lies, how far a class is spread, and which camps it falls into.

Across goes intent, -1 malicious to 1 innocent; up goes impact, -1 harmful to 1 helpful. A class is shown by its dots, by
the middle half of each line, and by camps. No mean is computed anywhere: between two camps it names a place where nobody
stands. Camps are found by density (DBSCAN, Ester et al. 1996) with one radius for every class, and with a threshold that
grows with the class, so that a board filled evenly has no camps.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from policy.errors import BadInput

RADIUS = 0.25       # of a neighbourhood, in units of the board, whose lines are 2 long
CAMP_SHARE = 0.08   # of the class that a neighbourhood must hold; filled evenly it would hold pi * 0.25^2 / 4 = 0.05
LEAST_CAMP = 3      # people
LEAST_CLOUD = 5     # votes below which a dot could be taken for a person
STEADY = 0.1        # a dot that moved less has stayed where it was
MIDDLE = 0.15       # about the middle of a line
STRONG = 0.6
PLACES = 3          # decimals that a dot keeps


@dataclass(frozen=True)
class Spread:
    """The middle half of the class on each line, from dot to dot (the quartiles rounded outwards, so that it truly holds
    half), and how wide it is over both."""

    intent: tuple[float, float]
    impact: tuple[float, float]

    @property
    def width(self) -> float:
        return math.hypot(self.intent[1] - self.intent[0], self.impact[1] - self.impact[0])


def dot(intent, impact) -> tuple[float, float]:
    """A checked dot; BadInput where a number is none or lies off the board."""
    return _on_line("Intent", intent), _on_line("Impact", impact)


def _on_line(name: str, value) -> float:
    try:
        if isinstance(value, bool | str):
            raise TypeError
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise BadInput(f"{name} is a number from -1 to 1, and {str(value)[:40]!r} is none.") from None
    if not -1 <= number <= 1:  # also refuses nan
        raise BadInput(f"{name} lies between -1 and 1, and {str(value)[:40]} is off the board.")
    return round(number, PLACES) + 0.0  # no -0.0


def corner(intent: float, impact: float) -> str:
    """The corner's id, such as "innocent-harmful". A line's middle counts as its kinder half."""
    return f"{'innocent' if intent >= 0 else 'malicious'}-{'helpful' if impact >= 0 else 'harmful'}"


def place_words(intent: float, impact: float) -> str:
    """"rather innocent, clearly harmful": the dot for those who hear the board."""
    return f"{_words(intent, 'malicious', 'innocent')}, {_words(impact, 'harmful', 'helpful')}"


def _words(value: float, low: str, high: str) -> str:
    if abs(value) < MIDDLE:
        return f"between {low} and {high}"
    return f"{'clearly' if abs(value) >= STRONG else 'rather'} {high if value > 0 else low}"


def spread(dots: Sequence[tuple[float, float]]) -> Spread | None:
    """None below two dots, which have no spread."""
    if len(dots) < 2:
        return None
    lines = []
    for values in zip(*dots):
        ordered, last = sorted(values), len(values) - 1
        lines.append((ordered[last // 4], ordered[-(-3 * last // 4)]))
    return Spread(*lines)


def camps(dots: Sequence[tuple[float, float]]) -> list[int]:
    """For each dot the number of its camp, the largest camp being 0; -1 for a dot that stands alone.

    A dot with enough neighbours within RADIUS, itself included, is a core; cores in reach of each other are one camp,
    and a dot in reach of a core belongs to it.
    """
    if len(dots) < LEAST_CLOUD:
        return [-1] * len(dots)
    import numpy as np

    points = np.asarray(dots, dtype=float)                                    # (n, 2)
    near = ((points[:, None] - points[None]) ** 2).sum(-1) <= RADIUS**2       # (n, n)
    core = near.sum(1) >= least_camp(len(dots))
    found, next_camp = np.full(len(dots), -1), 0
    for start in np.flatnonzero(core):
        if found[start] < 0:
            found[start], edge = next_camp, [start]
            while edge:
                reached = near[edge].any(0) & (found < 0)
                found[reached] = next_camp
                edge = list(np.flatnonzero(reached & core))
            next_camp += 1
    sizes = [(-(found == camp).sum(), camp) for camp in range(next_camp)]
    rank = {camp: place for place, (_, camp) in enumerate(sorted(sizes))} | {-1: -1}
    return [rank[int(camp)] for camp in found]


def least_camp(n: int) -> int:
    """How many people, within reach of one of them, make a camp in a class of n."""
    return max(LEAST_CAMP, math.ceil(CAMP_SHARE * n))


def cloud_words(dots: Sequence[tuple[float, float]]) -> str:
    """The class's cloud in words, for eyes and for screen readers."""
    said = f"{len(dots)} {'vote' if len(dots) == 1 else 'votes'}."
    if len(dots) < LEAST_CLOUD:
        return said
    found, wide = camps(dots), spread(dots)
    half = (f"Half of the class lies between {wide.intent[0]:+.1f} and {wide.intent[1]:+.1f} on intent and between "
            f"{wide.impact[0]:+.1f} and {wide.impact[1]:+.1f} on impact.")
    sizes = [found.count(camp) for camp in range(max(found) + 1)]
    alone = found.count(-1)
    if not sizes:
        return f"{said} {half} No camps: the dots are spread over the board."
    if len(sizes) == 1:
        camp = "The whole class is one camp." if not alone else f"One camp of {sizes[0]}; {_alone(alone)}."
    else:
        camp = f"{len(sizes)} camps, of {_listed(sizes)}" + (f"; {_alone(alone)}." if alone else ".")
    return f"{said} {half} {camp}"


def arrows_words(arrows: Sequence[tuple[float, float, float, float]]) -> str:
    """What the twist moved. arrows: (intent, impact) before and after, one per person who voted twice."""
    if len(arrows) < LEAST_CLOUD:
        return ""
    moves = [(x2 - x1, y2 - y1) for x1, y1, x2, y2 in arrows]
    moved = sum(math.hypot(*move) >= STEADY for move in moves)
    ways = {"to harmful": sum(dy <= -STEADY for _, dy in moves), "to helpful": sum(dy >= STEADY for _, dy in moves),
            "to malicious": sum(dx <= -STEADY for dx, _ in moves), "to innocent": sum(dx >= STEADY for dx, _ in moves)}
    said = _listed([f"{n} {way}" for way, n in ways.items() if n])
    return f"Of {len(arrows)} who voted twice, {moved} moved" + (f": {said}." if said else ".")


def _alone(n: int) -> str:
    return "1 stands alone" if n == 1 else f"{n} stand alone"


def _listed(parts: Sequence) -> str:
    parts = [str(part) for part in parts]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""
