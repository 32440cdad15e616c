"""Frechet distance: between the two Gaussians that have the samples' means and covariances. It sees nothing else.

On features of Inception-v3 it is called FID (Heusel et al. 2017, arXiv:1706.08500). Ours are other features, so the number is
no FID and must not be set beside one. Like FID it is the squared distance.
Sources: Dowson & Landau 1982, doi:10.1016/0047-259X(82)90077-X (closed form); Chong & Forsyth 2020, arXiv:1911.07023 (its bias
is about proportional to 1/n, and a line through it leads to n without end).
"""

from dataclasses import dataclass

import torch

SIZES = 15          # sample sizes that the line is drawn through, as in Chong & Forsyth
SMALLEST_SHARE = 0.2


def moments(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean (D,) and unbiased covariance (D, D) of a sample (N, D), double."""
    if x.ndim != 2 or len(x) < 2:
        raise ValueError(f"give at least two points as a table, got {tuple(x.shape)}")
    x = x.double()
    return x.mean(0), torch.cov(x.T).reshape(x.shape[1], x.shape[1])


def root(covariance: torch.Tensor) -> torch.Tensor:
    """The symmetric square root of a covariance (D, D); tiny negative eigenvalues of rounding count as 0."""
    values, vectors = torch.linalg.eigh(covariance)
    return (vectors * values.clamp(min=0).sqrt()) @ vectors.T


def between_gaussians(mean_1, covariance_1, mean_2, covariance_2) -> float:
    """|m1 - m2|^2 + tr(C1 + C2 - 2 (C1^1/2 C2 C1^1/2)^1/2), in squared data units, never below 0. Also for singular C."""
    half = root(covariance_1)
    inner = torch.linalg.eigvalsh(half @ covariance_2 @ half).clamp(min=0).sqrt().sum()
    apart = (mean_1 - mean_2).square().sum() + covariance_1.trace() + covariance_2.trace() - 2 * inner
    return apart.clamp(min=0).item()


def frechet(real: torch.Tensor, fake: torch.Tensor) -> float:
    """Squared Frechet distance of two samples (N, D) and (M, D). Above 0 also for a perfect generator: see `bias`."""
    return between_gaussians(*moments(real), *moments(fake))


def bias(covariance: torch.Tensor, n: int) -> float:
    """What two samples of n from one Gaussian show on average, to the leading order in 1/n.

    With eigenvalues l: (2 sum_i l_i + sum_ij l_i l_j (1 + [i = j]) / (l_i + l_j)) / n. The first part is the means' doing,
    the second that of the covariances, of which there are D (D + 1) / 2 numbers: features cost more the more there are.
    """
    values = torch.linalg.eigvalsh(covariance.double()).clamp(min=0)
    product, together = values[:, None] * values, values[:, None] + values
    apart = torch.where(together > 0, product / together.clamp(min=1e-300), torch.zeros_like(product))
    return ((2 * values.sum() + apart.sum() + apart.diagonal().sum()) / n).item()


@dataclass(frozen=True)
class Extrapolated:
    """sizes: how many of both samples. values: the distance of so many. endless: where the line through (1/n, value) meets
    1/n = 0: what is left for n without end. It may fall below 0, by chance."""

    sizes: tuple[int, ...]
    values: tuple[float, ...]
    endless: float


def extrapolated(real: torch.Tensor, fake: torch.Tensor, rng: torch.Generator, sizes: int = SIZES) -> Extrapolated:
    """The distance freed of its bias. Unlike in the paper, where the real sample stays whole, both are thinned: the
    small real sample has a bias of its own."""
    most = min(len(real), len(fake))
    least = max(2, int(SMALLEST_SHARE * most))
    if sizes < 2 or most - least < sizes:
        raise ValueError(f"samples of {len(real)} and {len(fake)} are too few for a line through {sizes} sizes")
    numbers = torch.linspace(least, most, sizes).long()
    values = []
    for n in numbers:
        some = (x[torch.randperm(len(x), generator=rng)[:n]] for x in (real, fake))
        values.append(frechet(*some))
    line = torch.stack([torch.ones(sizes, dtype=torch.double), 1 / numbers.double()], 1)
    endless = torch.linalg.lstsq(line, torch.tensor(values, dtype=torch.double)[:, None]).solution[0].item()
    return Extrapolated(tuple(numbers.tolist()), tuple(values), endless)
