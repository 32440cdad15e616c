"""The smallest GAN there is: real data is the one point 0, the generator is one number theta, the critic is s(x) = psi x.

Mescheder et al. 2018, arXiv:1801.04406, section 2. Its only equilibrium is (0, 0). With alternating steps of rate h and the
Wasserstein losses each step is a matrix of determinant 1: the path stays on an ellipse for ever, and that is known exactly.
"""

import math
from collections import deque

import torch
from torch import nn

from genai_core.gans.game import Game, Snapshot

START = (1.0, 0.0)   # theta, psi
TRAIL = 600          # updates that are drawn


class Point(nn.Module):
    """A generator that answers every code with the same number."""

    def __init__(self):
        super().__init__()
        self.theta = nn.Parameter(torch.tensor([START[0]]))

    def forward(self, z):
        return self.theta.expand(len(z), 1)                                         # (B, 1)


def slope() -> nn.Sequential:
    """The critic s(x) = psi x, as a network of one weight."""
    net = nn.Sequential(nn.Linear(1, 1, bias=False))
    nn.init.constant_(net[0].weight, START[1])
    return net


def ellipse(updates: int, rate: float, start=START) -> tuple[float, float]:
    """(theta, psi) after so many single updates, the critic first, Wasserstein losses, plain gradient steps of 0 < rate < 2.

    One turn maps (psi, theta) by [[1, -h], [h, 1 - h^2]]: a rotation by phi with cos phi = 1 - h^2 / 2, seen in axes in which
    psi^2 + theta^2 - h psi theta is the squared radius. Powers of it by M^n = (sin n phi M - sin (n - 1) phi I) / sin phi.
    """
    if not 0 < rate < 2:
        raise ValueError(f"rate must be above 0 and below 2, got {rate}")
    theta, psi = start
    turns, phi = updates // 2, math.acos(1 - rate**2 / 2)
    along, back = math.sin(turns * phi) / math.sin(phi), math.sin((turns - 1) * phi) / math.sin(phi)
    moved = (psi - rate * theta, rate * psi + (1 - rate**2) * theta)
    psi, theta = along * moved[0] - back * psi, along * moved[1] - back * theta
    return (theta, psi - rate * theta) if updates % 2 else (theta, psi)


class Duel(Game):
    """The game of the two numbers. trail: where it was after each of the last updates, as (theta, psi)."""

    def __init__(self, *given):
        super().__init__(*given)
        self.trail = deque([place(self.nets)], maxlen=TRAIL)

    def update(self, who: str) -> float:
        loss = super().update(who)
        self.trail.append(place(self.nets))
        return loss

    def restore(self, kept: Snapshot) -> None:
        super().restore(kept)
        self.trail = deque([place(self.nets)], maxlen=TRAIL)

    def make(self, who: str) -> nn.Module:
        return slope() if who == "d" else Point()


def place(nets: dict) -> tuple[float, float]:
    """(theta, psi) of a game."""
    with torch.no_grad():
        return nets["g"].theta.item(), nets["d"][0].weight.item()
