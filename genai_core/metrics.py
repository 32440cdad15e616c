"""How close are two samples? Pure functions of points in the plane; every draw comes from a passed generator."""

import torch

NEAR_STDS = 3.0  # a point belongs to a mode if it lies within this many standard deviations of its centre


def near_mode(points: torch.Tensor, centres: torch.Tensor, spread: float) -> torch.Tensor:
    """For each point the index of the mode it lies on (nearest centre within 3 std), else -1.

    points (N, 2), centres (M, 2), spread: std of a mode in data units, > 0.  -> (N,) whole numbers, -1 to M - 1.
    Of a true two-dimensional Gaussian 1 - exp(-9 / 2) = 98.9% lies within 3 std of its centre.
    """
    if spread <= 0:
        raise ValueError(f"spread must be above 0, got {spread}")
    if len(points) == 0:
        raise ValueError("points must hold at least one point")
    distance, nearest = torch.cdist(points, centres).min(1)                     # each (N,)
    return torch.where(distance <= NEAR_STDS * spread, nearest, -1)             # (N,)


def near_mode_share(points: torch.Tensor, centres: torch.Tensor, spread: float) -> float:
    """Share of points that lie on some mode, 0 to 1. Sharp models come near 0.989, blurred ones stay below."""
    return (near_mode(points, centres, spread) >= 0).double().mean().item()


def modes_found(points: torch.Tensor, centres: torch.Tensor, spread: float, fair: float = 0.2) -> int:
    """How many modes hold at least `fair` times their equal share N / M of all points.  -> 0 to M

    A mode with a stray point or two does not count: with fair = 0.2 and 8 modes it takes 2.5% of the points.
    """
    if not 0 < fair <= 1:
        raise ValueError(f"fair must be above 0 and at most 1, got {fair}")
    mode = near_mode(points, centres, spread)
    counts = torch.bincount(mode[mode >= 0], minlength=len(centres))            # (M,)
    return int((counts >= fair * len(points) / len(centres)).sum())


def energy_distance(x: torch.Tensor, y: torch.Tensor) -> float:
    """Energy distance sqrt(2 E|X - Y| - E|X - X'| - E|Y - Y'|) of two samples, in data units; 0 for equal samples.

    x (N, D), y (M, D). Its square is zero only where the two distributions agree (Szekely & Rizzo 2013,
    doi:10.1016/j.jspi.2013.03.018, eq. 1.1, with the V-statistic of eq. 6.1, so it is never below 0).
    """
    if len(x) == 0 or len(y) == 0:
        raise ValueError(f"both samples must hold at least one point, got {len(x)} and {len(y)}")
    x, y = x.double(), y.double()
    square = 2 * torch.cdist(x, y).mean() - torch.cdist(x, x).mean() - torch.cdist(y, y).mean()
    return square.clamp(min=0).sqrt().item()


def noise_floor(draw, n: int, rng: torch.Generator, pairs: int = 5) -> float:
    """Mean energy distance between two fresh samples of the same distribution: what even a perfect model shows.

    draw(n, rng) -> (n, D). A model's distance means something only where it is above this.
    """
    if n < 1 or pairs < 1:
        raise ValueError(f"n and pairs must be at least 1, got {n} and {pairs}")
    return sum(energy_distance(draw(n, rng), draw(n, rng)) for _ in range(pairs)) / pairs
