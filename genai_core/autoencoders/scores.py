"""Denoising points: the arrows r(x) - x against the score, the direction in which the density rises.

For noise of deviation s the best denoiser is known: r(x) - x = s**2 grad log p_s(x), where p_s is the density of the noisy points
(Miyasawa 1961; Vincent 2011, doi:10.1162/NECO_a_00142; Alain & Bengio 2014, JMLR 15:3563, for small s). Here p_s is exact for
the ring, a mixture of eight Gaussians, and for one Gaussian; for the other shapes 20,000 fresh points stand for their density.
"""

import torch

from genai_core import data, runtime
from genai_core.data.points import RING_SPREAD, ring_centres
from genai_core.errors import BadInput

COVARIANCE = ((0.36, 0.21), (0.21, 0.20))  # of the one Gaussian, in squared data units
POINTS, UPDATES, BATCH = 4000, 2000, 256
STAND_IN, STAND_IN_SEED, JUDGED, JUDGE_SEED = 20_000, 211, 1000, 212


def gaussian(n: int, rng: torch.Generator) -> torch.Tensor:
    """One long Gaussian around the origin.  -> (n, 2)"""
    return torch.randn(n, 2, generator=rng) @ torch.linalg.cholesky(torch.tensor(COVARIANCE)).T


def points(shape: str, n: int, rng: torch.Generator) -> torch.Tensor:
    """n points of the shape.  -> (n, 2)"""
    return gaussian(n, rng) if shape == "gaussian" else data.DATASETS[shape].draw(n, rng)


def mixture_score(x: torch.Tensor, centres: torch.Tensor, deviation: float) -> torch.Tensor:
    """grad log of an even mixture of round Gaussians at centres (K, 2).  x (N, 2) -> (N, 2), in 1 / data units"""
    share = (-torch.cdist(x.double(), centres.double()).square() / (2 * deviation**2)).softmax(1)   # (N, K)
    return ((share @ centres.double() - x) / deviation**2).float()


def gaussian_score(x: torch.Tensor, covariance: torch.Tensor) -> torch.Tensor:
    """grad log of a Gaussian around the origin.  x (N, 2) -> (N, 2)"""
    return -torch.linalg.solve(covariance, x.T).T


def score(shape: str, x: torch.Tensor, spread: float) -> torch.Tensor:
    """The score at x (N, 2) of the shape's points with noise of deviation `spread` added.  -> (N, 2)"""
    if shape == "gaussian":
        return gaussian_score(x, torch.tensor(COVARIANCE) + spread**2 * torch.eye(2))
    if shape == "ring":
        return mixture_score(x, ring_centres(), (RING_SPREAD**2 + spread**2) ** 0.5)
    if shape not in data.DATASETS or data.DATASETS[shape].pictures:
        raise BadInput(f"There are no points of the shape {shape[:40]!r}.")
    fresh = data.load(shape, STAND_IN_SEED, STAND_IN)
    return torch.cat([mixture_score(part, fresh, spread) for part in x.split(100)])


def judged(shape: str, spread: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Noisy points that no model learnt from, where arrows are compared, and the score's own arrows there.  -> (N, 2) each"""
    rng = runtime.rng(JUDGE_SEED)
    x = points(shape, JUDGED, rng)
    x = x + spread * torch.randn(x.shape, generator=rng)
    return x, spread**2 * score(shape, x, spread)


def agreement(arrows: torch.Tensor, true: torch.Tensor) -> dict[str, float]:
    """cosine: between the two, each arrow weighed by its length: 1 same ways, 0 unrelated, -1 opposite. missed: what is left of
    the true arrows' squared length once the given ones are taken off; 0 none, 1 as much as with no arrows at all."""
    size = (arrows.norm() * true.norm()).clamp(min=1e-12)
    return {"cosine": ((arrows * true).sum() / size).item(),
            "missed": ((arrows - true).square().sum() / true.square().sum().clamp(min=1e-12)).item()}
