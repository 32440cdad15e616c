"""Two readings of pictures: what a classifier makes of them as a set, and how sharp their edges are.

Sources: Salimans et al. 2016, arXiv:1606.03498 (the score, on Inception-v3; ours is on the digit classifier that we ship, so
the numbers cannot be compared); Sobel & Feldman 1968 (the edge filter).
"""

import torch
from torch.nn.functional import conv2d

INK = 0.1  # a pixel belongs to an edge where its slope is above this, in ink per pixel


def inception_style_score(chances: torch.Tensor) -> float:
    """exp of the mean KL(p(y|x) || p(y)), from class chances (N, C): 1 where the classifier always says the same, at
    most C, where it is sure each time and every class is equally frequent. With ten digits it cannot exceed 10."""
    if chances.ndim != 2 or len(chances) < 1 or (chances < 0).any() or not torch.allclose(
            chances.sum(1), torch.ones(len(chances), dtype=chances.dtype), atol=1e-4):
        raise ValueError("chances must be a table of rows that are at least 0 and sum to 1")
    p = chances.double()
    each = torch.special.xlogy(p, p).sum(1) - torch.special.xlogy(p, p.mean(0)).sum(1)
    return each.mean().exp().item()


def slopes(pictures: torch.Tensor) -> torch.Tensor:
    """Size of the gradient at each inner pixel, in ink per pixel. pictures (N, 1, H, W), 0-1.  -> (N, H - 2, W - 2)"""
    across = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]) / 8
    both = conv2d(pictures.float(), torch.stack([across, across.T])[:, None])         # (N, 2, H - 2, W - 2)
    return both.square().sum(1).sqrt()


def sharpness(pictures: torch.Tensor) -> torch.Tensor:
    """How steep the edges of each picture are: sum of squared slopes over the sum of slopes, where there is an edge, in
    ink per pixel; 0 for a picture without edges. From white to black over w pixels it is (1 - 1 / (2 w)) / w: 0.5 for a
    hard edge, 0.219 for one over four pixels.  (N, 1, H, W) 0-1 -> (N,)"""
    slope = slopes(pictures)
    slope = torch.where(slope > INK, slope, torch.zeros_like(slope)).flatten(1)
    return slope.square().sum(1) / slope.sum(1).clamp(min=1e-12)
