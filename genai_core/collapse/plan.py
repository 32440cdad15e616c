"""What is run: a regime, its sizes, and how long. One signature for every model family."""

import math
from dataclasses import dataclass, field

import numpy as np

from genai_core.errors import BadInput

ESTIMATORS = ("mle", "unbiased")
MOST_FITS = 50_000_000  # fits of an exact engine in one call: about a minute of one core
GOLDEN = (math.sqrt(5) - 1) / 2


@dataclass(frozen=True)
class Regime:
    """title and story: for the screen. real: does a share of real points enter every generation? source: where it is from."""

    title: str
    story: str
    real: bool = False
    source: str = ""


REGIMES = {
    "replace": Regime("Replace", "Each model learns only from the one before.", source="Shumailov et al. 2024"),
    "accumulate": Regime("Accumulate", "All data ever made are kept, real and synthetic; each model learns from all of it.",
                         source="Gerstgrasser et al. 2024"),
    "accumulate-subsample": Regime("Accumulate, fixed size", "All data are kept, but each model learns from only n of them.",
                                   source="Kazdan et al. 2025"),
    "fresh": Regime("Fresh real data", "A share of new real points joins every generation.", True, "Alemohammad et al. 2024"),
    "fixed": Regime("Same real data", "The same real points join every generation.", True, "Alemohammad et al. 2024"),
    "pool": Regime("Redraw from a real pool", "A share is drawn anew from a fixed pool of real points.", True,
                   "Shumailov et al. 2024"),
    "grow": Regime("Growing data", "As replace, but each generation draws more points than the one before.", source="Xu et al. 2025"),
    "weighted": Regime("Weighted", "Fresh real points count with a weight of their own.", True, "He et al. 2025"),
    "filter": Regime("Filtered", "A judge keeps the samples that it likes best.", source="Ferbach et al. 2024"),
}


@dataclass(frozen=True)
class Plan:
    """n: points a model learns from. real: share of them that is real, 0-1. pool: real points in the fixed pool (None: n).
    bias: the sampling variance is multiplied by it, above 0 and at most 1 (1: unbiased sampling; lambda of Alemohammad et
    al.). weight: of the real part, 0-1 (weighted). growth: n_t = n t**growth (grow). keep: share that the judge keeps, and
    judge: what it likes best, in units of the true standard deviation (filter). generations: T, rows 0 to T. seeds: chains.
    since: the first generation that real points join, where the regime has such; before it, as replace. 0: from the start.
    """

    regime: str = "replace"
    n: int = 100
    real: float = 0.0
    pool: int | None = None
    bias: float = 1.0
    estimator: str = "mle"
    weight: float = GOLDEN
    growth: float = 2.0
    keep: float = 0.5
    judge: float = 0.0
    generations: int = 50
    seeds: int = 200
    seed: int = 0
    since: int = 0
    options: dict = field(default_factory=dict)  # of the model family

    def __post_init__(self):
        if self.regime not in REGIMES:
            raise BadInput(f"There is no regime {str(self.regime)[:40]!r}; there are {', '.join(REGIMES)}.")
        if self.estimator not in ESTIMATORS:
            raise BadInput(f"The estimator must be mle or unbiased; you gave {str(self.estimator)[:40]!r}.")
        for name, low, high in (("n", 2, 10**7), ("generations", 1, 10_000), ("seeds", 1, 1_000_000), ("seed", 0, 2**63 - 1),
                                ("since", 0, 10_000)):
            object.__setattr__(self, name, whole(name, getattr(self, name), low, high))
        if self.pool is not None:
            object.__setattr__(self, "pool", whole("pool", self.pool, 1, 10**7))
        for name, low, high in (("real", 0, 1), ("weight", 0, 1), ("growth", 0, 4), ("judge", -10, 10)):
            number(name, getattr(self, name), low, high)
        for name in ("bias", "keep"):
            if number(name, getattr(self, name), 0, 1) == 0:
                raise BadInput(f"{name} must be above 0: at 0 nothing is left to sample.")
        if self.regime in ("fixed", "pool") and self.pool_size < self.real_points:
            raise BadInput(f"The pool holds {self.pool_size:,} real points, but each generation takes {self.real_points:,} of "
                           f"them (real share {self.real:g} of {self.n:,}). Make the pool larger or the share smaller.")
        if self.regime == "weighted" and not 0 < self.real_points < self.n:
            raise BadInput("Weighted needs both real and synthetic points: choose a real share between 0 and 1.")
        if self.regime == "weighted" and self.estimator == "unbiased":
            raise BadInput("Weighted points have no n - 1 to divide by: leave the estimator at mle.")
        if self.generations * self.seeds > MOST_FITS:
            raise BadInput(f"{self.generations:,} generations of {self.seeds:,} chains are {self.generations * self.seeds:,} "
                           f"fits; at most {MOST_FITS:,} are run at once, about a minute of work. Take fewer of either.")

    @property
    def real_points(self) -> int:
        """Real points in every generation after the first, where the regime has such."""
        return round(self.real * self.n) if REGIMES[self.regime].real else 0

    def real_at(self, index: int) -> int:
        """Real points that generation `index`, 1 or later, learns from."""
        return self.real_points if index >= self.since else 0

    @property
    def pool_size(self) -> int:
        """Real points that "fixed" and "pool" draw on."""
        if self.regime == "fixed":
            return max(1, self.real_points)
        return self.pool or self.n

    def size(self, fit: int) -> int:
        """Points drawn for fit number t = 1, 2, ..."""
        return round(self.n * fit**self.growth) if self.regime == "grow" else self.n


@dataclass(frozen=True)
class Generation:
    """index: 0 for the model fitted on real data. statistics: {name: (seeds,) or (seeds, k)}. state: the models, for
    pictures; what it is depends on the family."""

    index: int
    statistics: dict[str, np.ndarray]
    state: object = None


def whole(name: str, value, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer) or not math.isfinite(value) or value != int(value) \
            or not low <= value <= high:
        raise BadInput(f"{name} must be a whole number from {low:,} to {high:,}; you gave {value!r}.")
    return int(value)


def number(name: str, value, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not math.isfinite(value) or not low <= value <= high:
        raise BadInput(f"{name} must be a number from {low:g} to {high:g}; you gave {value!r}.")
    return float(value)


def stream(plan: Plan, *key: int) -> np.random.Generator:
    """The generator of a chain or a batch of chains: by its place in the plan, never by who runs it."""
    return np.random.default_rng(np.random.SeedSequence(plan.seed, spawn_key=key))
