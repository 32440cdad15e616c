"""Labelled points: the clouds of genai_core.data.points, with the part that a point lies on as its class.

Labels are read from the clean point; noise that is added afterwards makes the classes overlap.
"""

import math

import numpy as np
import torch

from genai_core import runtime
from genai_core.data import DATASETS
from genai_core.data.points import ring_centres

GAUSSIAN_CENTRES = ((-0.6, -0.3), (0.6, 0.3))
GAUSSIAN_SPREADS = ((0.5, 0.25), (0.5, 0.25))  # std of each feature, the same in both classes: naive Bayes is right here
DECIMALS = 4  # points are whole multiples of 1e-4, so that a table of them as text is exact


def two_gaussians(n: int, rng: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Two equally likely Gaussians with independent features and equal spreads.  -> (n, 2), (n,)"""
    label = torch.randint(2, (n,), generator=rng)
    centres, spreads = torch.tensor(GAUSSIAN_CENTRES), torch.tensor(GAUSSIAN_SPREADS)
    return centres[label] + spreads[label] * torch.randn(n, 2, generator=rng), label


def ring_part(p: torch.Tensor) -> torch.Tensor:
    """Every other clump of the ring is of the same class.  (n, 2) -> (n,)"""
    return torch.cdist(p, ring_centres()).argmin(1) % 2


def moon(p: torch.Tensor) -> torch.Tensor:
    """The moon whose half circle is nearer: 0 for the upper, 1 for the lower.  (n, 2) -> (n,)"""
    x, y = p[:, 0] + 0.5, p[:, 1] + 0.25

    def distance(x, y):  # from the upper half of the unit circle
        return torch.where(y >= 0, (x.hypot(y) - 1).abs(), torch.minimum((x - 1).hypot(y), (x + 1).hypot(y)))

    return (distance(1 - x, 0.5 - y) < distance(x, y)).long()


def arm(p: torch.Tensor) -> torch.Tensor:
    """The nearer arm of the spiral.  (n, 2) -> (n,)"""
    t = torch.linspace(0, 1, 400)
    angle = 3 * math.pi * t
    first = torch.stack([t * angle.cos(), t * angle.sin()], 1)  # (400, 2); the second is its reflection at the origin
    return (torch.cdist(p, -first).amin(1) < torch.cdist(p, first).amin(1)).long()


def blade(p: torch.Tensor) -> torch.Tensor:
    """The blade of the pinwheel, 0 to 4, after undoing its twist.  (n, 2) -> (n,)"""
    turned = torch.atan2(p[:, 1], p[:, 0]) - 0.9 * (1 - p.norm(dim=1))
    return (turned / (2 * math.pi / 5)).round().long() % 5


def square(p: torch.Tensor) -> torch.Tensor:
    """Filled squares in even columns are of one class, in odd columns of the other.  (n, 2) -> (n,)"""
    return ((p[:, 0] + 1) * 2).floor().long().clamp(0, 3) % 2


PARTS = {"ring": ring_part, "two_moons": moon, "spiral": arm, "pinwheel": blade, "checkerboard": square}


def labelled(name: str, n: int, seed: int, noise: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """n points of the named cloud and their classes, the same for the same seed.  -> (n, 2) float64, (n,) whole numbers"""
    rng = runtime.rng(seed)
    if name == "two_gaussians":
        points, labels = two_gaussians(n, rng)
    else:
        points = DATASETS[name].draw(n, rng)
        labels = PARTS[name](points)
    points = points + noise * torch.randn(n, 2, generator=rng)
    return points.double().numpy().round(DECIMALS), labels.numpy()
