"""What each generation is trained on, point by point: every regime for every model that can draw points."""

from collections.abc import Callable

import numpy as np

from genai_core.collapse.plan import Plan

MOST_POINTS = 200_000_000  # numbers kept in memory at once


class Feed:
    """Training sets as arrays (chains, points, ...). real(k) draws k true points for every chain; score(points) ->
    (chains, points), the judge's liking (default: nearness to plan.judge)."""

    def __init__(self, plan: Plan, real: Callable[[int], np.ndarray], rng: np.random.Generator, score=None):
        self.plan, self.real, self.rng, self.fit = plan, real, rng, 1
        self.score = score or (lambda points: -np.abs(points[..., 0] - plan.judge))
        self.pool = real(plan.pool_size) if plan.regime in ("fixed", "pool") else None
        self.everything = None

    def first(self) -> np.ndarray:
        """n real points; where there is a fixed real pool, as many of them as there are come from it."""
        plan = self.plan
        if self.pool is None:
            data = self.real(plan.n)
        elif plan.pool_size >= plan.n:
            data = self.pool[:, :plan.n]
        else:
            data = np.concatenate([self.pool, self.real(plan.n - plan.pool_size)], axis=1)
        if plan.regime.startswith("accumulate"):
            self.everything = data
        return data

    def following(self, draw: Callable[[int], np.ndarray]) -> tuple[np.ndarray, np.ndarray | None]:
        """The next training set, and the points' weights (n,) that sum to 1, or None where all count alike.

        draw(k) draws k points from the present model for every chain.
        """
        plan, n, nr = self.plan, self.plan.n, self.plan.real_at(self.fit)
        self.fit += 1
        if plan.regime.startswith("accumulate"):
            self.everything = np.concatenate([self.everything, draw(n)], axis=1)
            return (self.everything if plan.regime == "accumulate" else some(self.everything, n, self.rng)), None
        if plan.regime == "filter":
            tried = draw(max(n, round(n / plan.keep)))
            best = np.argpartition(-self.score(tried), n - 1, axis=1)[:, :n]
            return np.take_along_axis(tried, best.reshape(*best.shape, *[1] * (tried.ndim - 2)), axis=1), None
        if plan.regime == "grow":
            return draw(plan.size(self.fit)), None
        if not nr:
            return draw(n), None
        real = self.real(nr) if self.pool is None else self.pool if plan.regime == "fixed" else some(self.pool, nr, self.rng)
        data = np.concatenate([real, draw(n - nr)], axis=1) if nr < n else real
        if plan.regime != "weighted":
            return data, None
        return data, np.concatenate([np.full(nr, plan.weight / nr), np.full(n - nr, (1 - plan.weight) / (n - nr))])


def some(points: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    """k of the points without replacement, for each chain its own choice: the first steps of a Fisher-Yates shuffle.

    The array is reordered within each chain; as a set it stays the same.
    """
    chains, most = points.shape[:2]
    row = np.arange(chains)
    for j in range(k):
        other = rng.integers(j, most, chains)
        points[row, other], points[:, j] = points[:, j].copy(), points[row, other].copy()
    return points[:, :k].copy()
