"""Generators that are wrong in one known way and to a known degree, to ask of every measure what it can see."""

import torch
from torch.nn.functional import avg_pool2d

from genai_core.data.points import RING_SPREAD, ring_centres

# degree of each error, from small to large
SPREAD = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)         # variance too large by this share
MISSING = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0)        # share of one mode, or one digit, that is drawn elsewhere
BLUR = (0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2)       # std of noise added to points, in data units
SOFT = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0)           # share of a 3 x 3 mean in every picture


def spread(x: torch.Tensor, share: float) -> torch.Tensor:
    """Points or features (N, D) pulled away from their mean until their variance is too large by this share."""
    return x.mean(0) + (1 + share) ** 0.5 * (x - x.mean(0))


def missing_mode(x: torch.Tensor, share: float, rng: torch.Generator) -> torch.Tensor:
    """Points of the ring of eight: this share of those of the first mode is moved to the other seven.  (N, 2) -> (N, 2)"""
    centres = ring_centres()
    first = torch.cdist(x, centres).argmin(1) == 0
    moved = first & (torch.rand(len(x), generator=rng) < share)
    to = torch.randint(1, len(centres), (len(x),), generator=rng)
    elsewhere = centres[to] + RING_SPREAD * torch.randn(x.shape, generator=rng)
    return torch.where(moved[:, None], elsewhere, x)


def missing_digit(labels: torch.Tensor, share: float, rng: torch.Generator) -> torch.Tensor:
    """Rows (N,) to take instead of 0 to N - 1: this share of the first digit's is replaced by rows of other digits."""
    rows = torch.arange(len(labels))
    others = rows[labels != 0]
    moved = (labels == 0) & (torch.rand(len(labels), generator=rng) < share)
    return torch.where(moved, others[torch.randint(len(others), (len(labels),), generator=rng)], rows)


def blurred(x: torch.Tensor, std: float, rng: torch.Generator) -> torch.Tensor:
    """Points with normal noise added.  (N, D) -> (N, D)"""
    return x + std * torch.randn(x.shape, generator=rng)


def softened(pictures: torch.Tensor, share: float) -> torch.Tensor:
    """Pictures (N, 1, H, W), 0-1, mixed with their 3 x 3 mean."""
    return pictures + share * (avg_pool2d(pictures, 3, 1, 1) - pictures)
