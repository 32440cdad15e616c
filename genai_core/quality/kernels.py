"""Maximum mean discrepancy: how far apart two samples are in the eyes of a kernel. The value depends on the kernel.

Sources: Gretton et al. 2012, JMLR 13:723 (eq. 3 unbiased, eq. 5 V-statistic); Binkowski et al. 2018, arXiv:1801.01401
(the cubic kernel, on features).
"""

import torch

from genai_core.quality.pairs import Pairs


def gaussian(distance: torch.Tensor, width: float) -> torch.Tensor:
    """exp(-d^2 / (2 width^2)) of distances; width in data units, > 0."""
    if width <= 0:
        raise ValueError(f"width must be above 0, got {width}")
    return torch.exp(-distance.square() / (2 * width**2))


def cubic(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """(x . y / D + 1)^3, the kernel that the "kernel Inception distance" is measured with.  (N, D), (M, D) -> (N, M)"""
    return (x.double() @ y.double().T / x.shape[1] + 1) ** 3


def median_distance(within: torch.Tensor) -> float:
    """Median distance between two different points of a sample: the usual width of a Gaussian kernel (section 8)."""
    upper = torch.ones_like(within, dtype=torch.bool).triu(1)
    return within[upper].median().item()


def mmd2(xx: torch.Tensor, yy: torch.Tensor, xy: torch.Tensor, unbiased: bool = True) -> float:
    """Squared MMD from kernel values within (N, N), (M, M) and between (N, M).

    unbiased: 0 in expectation where the distributions agree, so it may fall below 0. Else the V-statistic: never below 0,
    and above it also for a perfect generator.
    """
    n, m = xy.shape
    if unbiased:
        return ((xx.sum() - xx.trace()) / (n * (n - 1)) + (yy.sum() - yy.trace()) / (m * (m - 1)) - 2 * xy.mean()).item()
    return (xx.mean() + yy.mean() - 2 * xy.mean()).clamp(min=0).item()


def gaussian_mmd2(pairs: Pairs, width: float, unbiased: bool = True) -> float:
    """Squared MMD with a Gaussian kernel."""
    return mmd2(*(gaussian(d, width) for d in (pairs.within_real, pairs.within_fake, pairs.between)), unbiased)


def cubic_mmd2(pairs: Pairs, unbiased: bool = True) -> float:
    """Squared MMD with the cubic kernel; unbiased and on Inception features it is called KID."""
    real, fake = pairs.real, pairs.fake
    return mmd2(cubic(real, real), cubic(fake, fake), cubic(real, fake), unbiased)
