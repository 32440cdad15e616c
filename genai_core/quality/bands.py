"""The noise floor as a band: real data against real data at the same n. What lies inside cannot be told from perfect.

The band is cut from many real pairs so that the next pair falls inside it with a chance of exactly 99%, whatever the
distribution: of R values the next one lies between the k-th and the k-th last with chance (R + 1 - 2k) / (R + 1).
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch

from genai_core.quality.readings import READINGS

SHARE = 0.99
PAIRS = 399          # two pairs are cut off at either end, or four at one
INSIDE = "Inside the band: cannot be told from perfect at this n."


@dataclass(frozen=True)
class Band:
    """low: None where lower is always better. median: what a perfect generator typically shows."""

    low: float | None
    median: float
    high: float

    def holds(self, value: float) -> bool:
        """Whether a perfect generator may well show this value."""
        return math.isfinite(value) and value <= self.high and (self.low is None or value >= self.low)

    def side(self, value: float) -> str:
        """"inside", "above" or "below"."""
        return "inside" if self.holds(value) else "below" if self.low is not None and value < self.low else "above"


def band(values: Iterable[float], distance: bool = False, share: float = SHARE) -> Band:
    """From the readings of real pairs. distance: cut at the upper end alone. Raises ValueError where they are too few."""
    ordered = sorted(values)
    cut = (len(ordered) + 1) * (1 - share)
    k = cut if distance else cut / 2
    if not ordered or k < 1 - 1e-9 or abs(k - round(k)) > 1e-6:
        raise ValueError(f"{len(ordered)} values give no exact band of {share:.0%}; {PAIRS} do")
    k = round(k)
    return Band(None if distance else ordered[k - 1], ordered[len(ordered) // 2], ordered[-k])


def bands(pairs: Iterable[dict[str, float]]) -> dict[str, Band]:
    """The band of each reading, from the readings of many real pairs."""
    rows = list(pairs)
    return {name: band([row[name] for row in rows], READINGS[name].distance) for name in rows[0]}


def of_draws(draw: Callable, read: Callable, n: int, rng: torch.Generator, pairs: int = PAIRS) -> dict[str, Band]:
    """Bands of whatever can be drawn afresh: draw(n, rng) -> a sample, read(real, fake) -> {name: value}."""
    return bands(read(draw(n, rng), draw(n, rng)) for _ in range(pairs))


def two_of(pool, n: int, rng: torch.Generator) -> tuple:
    """Two samples of n, no example in both, from a pool that is indexed by rows. Without putting back the difference of two
    samples varies exactly as between fresh ones drawn from the pool's distribution."""
    if len(pool) < 2 * n:
        raise ValueError(f"a pool of {len(pool)} holds no two samples of {n}")
    rows = torch.randperm(len(pool), generator=rng)[:2 * n]
    return pool[rows[:n]], pool[rows[n:]]
