"""Fidelity and coverage by nearest neighbours: a ball around every point, out to its k-th neighbour in its own sample.

Sources: Kynkaanniemi et al. 2019, arXiv:1904.06991 (precision, recall); Naeem et al. 2020, arXiv:2002.09797 (density,
coverage, and how often chance alone covers, eq. 8).
"""

from dataclasses import dataclass

import torch

from genai_core.quality.pairs import Pairs

K = 5  # neighbours, as in the second paper


@dataclass(frozen=True)
class Neighbours:
    """precision: share of fakes inside some real ball. recall: share of real points inside some fake ball.
    density: in how many real balls a fake lies, over k: 1 for a perfect generator, more where it stays in the thick of
    the data. coverage: share of real balls that hold a fake."""

    precision: float
    recall: float
    density: float
    coverage: float


def radii(within: torch.Tensor, k: int = K) -> torch.Tensor:
    """Distance of every point to its k-th nearest other one. within (N, N): distances of a sample from itself.  -> (N,)"""
    if not 1 <= k < len(within):
        raise ValueError(f"k must be from 1 to {len(within) - 1} for {len(within)} points, got {k}")
    others = within.clone().fill_diagonal_(torch.inf)  # never its own neighbour, also where two points are one
    return others.kthvalue(k, dim=1).values


def neighbours(pairs: Pairs, k: int = K) -> Neighbours:
    """All four. A point exactly on a ball's edge lies outside, as in the authors' code."""
    in_real = pairs.between < radii(pairs.within_real, k)[:, None]                    # (N, M)
    in_fake = pairs.between < radii(pairs.within_fake, k)[None, :]                    # (N, M)
    return Neighbours(in_real.any(0).double().mean().item(), in_fake.any(1).double().mean().item(),
                      in_real.sum(0).double().mean().item() / k, in_real.any(1).double().mean().item())


def coverage_of_chance(n: int, m: int, k: int = K) -> float:
    """Expected coverage of n real points by m fakes of a perfect generator, whatever the distribution: 1 minus the chance
    that the k nearest of a real point's n - 1 + m neighbours are all real."""
    missed = 1.0
    for i in range(1, k + 1):
        missed *= (n - i) / (m + n - i)
    return 1 - missed
