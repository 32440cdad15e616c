"""Clouds of points in the plane, each about 2 wide, with mean near zero."""

import math

import torch

RING_MODES = 8
RING_SPREAD = 0.05  # std of each of the eight, radius of the ring 1
OFF_CENTRE, OFF_SIZE = 1.0, 0.5  # where the ring off centre lies, in x and in y, and its size


def ring_centres() -> torch.Tensor:
    """The eight centres, on the unit circle.  -> (8, 2)"""
    angle = torch.arange(RING_MODES) * (2 * math.pi / RING_MODES)
    return torch.stack([angle.cos(), angle.sin()], 1)  # (8, 2)


def ring(n: int, rng: torch.Generator) -> torch.Tensor:
    """Eight equal Gaussians on the unit circle: the usual test for mode collapse (Metz et al. 2017).  -> (n, 2)"""
    mode = torch.randint(RING_MODES, (n,), generator=rng)
    return ring_centres()[mode] + RING_SPREAD * torch.randn(n, 2, generator=rng)  # (n, 2)


def two_moons(n: int, rng: torch.Generator) -> torch.Tensor:
    """Two interleaved half circles with noise 0.06.  -> (n, 2)"""
    upper = torch.rand(n, generator=rng) < 0.5
    angle = math.pi * torch.rand(n, generator=rng)
    x = torch.where(upper, angle.cos(), 1 - angle.cos()) - 0.5
    y = torch.where(upper, angle.sin(), 0.5 - angle.sin()) - 0.25
    return torch.stack([x, y], 1) + 0.06 * torch.randn(n, 2, generator=rng)  # (n, 2)


def spiral(n: int, rng: torch.Generator) -> torch.Tensor:
    """Two arms of one and a half turns, noise 0.03.  -> (n, 2)"""
    t = torch.rand(n, generator=rng).sqrt()
    arm = math.pi * torch.randint(2, (n,), generator=rng)
    angle = 3 * math.pi * t + arm
    return torch.stack([t * angle.cos(), t * angle.sin()], 1) + 0.03 * torch.randn(n, 2, generator=rng)  # (n, 2)


def pinwheel(n: int, rng: torch.Generator) -> torch.Tensor:
    """Five Gaussian blades, twisted the more the further out (after Johnson et al. 2016, arXiv:1603.06277).  -> (n, 2)"""
    blade = torch.randint(5, (n,), generator=rng)
    x = 0.7 + 0.22 * torch.randn(n, generator=rng)
    y = 0.06 * torch.randn(n, generator=rng)
    turn = blade * (2 * math.pi / 5) + 0.9 * (1 - x)
    return torch.stack([x * turn.cos() - y * turn.sin(), x * turn.sin() + y * turn.cos()], 1)  # (n, 2)


def checkerboard(n: int, rng: torch.Generator) -> torch.Tensor:
    """The eight black squares of a 4 x 4 board from -1 to 1, each filled evenly.  -> (n, 2)"""
    column = torch.randint(4, (n,), generator=rng)
    row = 2 * torch.randint(2, (n,), generator=rng) + column % 2
    within = torch.rand(n, 2, generator=rng)
    return (torch.stack([column, row], 1) + within) / 2 - 1  # (n, 2)


def off_centre(n: int, rng: torch.Generator) -> torch.Tensor:
    """The ring of eight at half its size, round (1, 1): its mean is far from that of noise.  -> (n, 2)"""
    return OFF_CENTRE + OFF_SIZE * ring(n, rng)  # (n, 2)
