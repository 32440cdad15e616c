"""All distances within and between two samples: worked out once, used by every measure that is built on distances."""

from dataclasses import dataclass
from functools import cached_property

import torch


def distances(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Euclidean distance of every x (N, D) from every y (M, D), in double precision.  -> (N, M)

    In few dimensions by differences, else by |x|^2 + |y|^2 - 2 xy, which is many times faster and, about a common centre
    and in double precision, right to eight digits of the largest distance.
    """
    x, y = x.double(), y.double()
    if x.shape[1] <= 4:
        return torch.cdist(x, y, compute_mode="donot_use_mm_for_euclid_dist")
    centre = y.mean(0)
    return torch.cdist(x - centre, y - centre, compute_mode="use_mm_for_euclid_dist")


@dataclass(frozen=True)
class Pairs:
    """real (N, D), fake (M, D), N and M at least 2, all numbers finite."""

    real: torch.Tensor
    fake: torch.Tensor

    def __post_init__(self):
        if self.real.ndim != 2 or self.fake.ndim != 2 or self.real.shape[1] != self.fake.shape[1]:
            raise ValueError(f"give two tables of equally many columns, got {tuple(self.real.shape)} and {tuple(self.fake.shape)}")
        if min(len(self.real), len(self.fake)) < 2:
            raise ValueError(f"both samples must hold at least two points, got {len(self.real)} and {len(self.fake)}")
        if not (self.real.isfinite().all() and self.fake.isfinite().all()):
            raise ValueError("a sample holds a number that is not finite")

    @cached_property
    def within_real(self) -> torch.Tensor:
        return distances(self.real, self.real)        # (N, N)

    @cached_property
    def within_fake(self) -> torch.Tensor:
        return distances(self.fake, self.fake)        # (M, M)

    @cached_property
    def between(self) -> torch.Tensor:
        return distances(self.real, self.fake)        # (N, M)

    def energy_distance(self) -> float:
        """As metrics.energy_distance: sqrt(2 E|X - Y| - E|X - X'| - E|Y - Y'|), in data units."""
        square = 2 * self.between.mean() - self.within_real.mean() - self.within_fake.mean()
        return square.clamp(min=0).sqrt().item()
