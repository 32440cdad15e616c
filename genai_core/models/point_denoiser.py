"""Denoising autoencoder of points in the plane. Sources: Vincent 2011, doi:10.1162/NECO_a_00142; Alain & Bengio 2014, JMLR 15:3563."""

import torch
from torch import nn


class PointDenoiser(nn.Module):
    """Move a noisy point back to where it came from: r(x), learnt with the mean squared distance.

    spread: deviation of the noise, in data units. The best r is x + spread**2 times the score of the noisy points' density.
    """

    def __init__(self, spread: float = 0.15, width: int = 128):
        super().__init__()
        self.spread = spread
        self.net = nn.Sequential(nn.Linear(2, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 2))

    def arrows(self, x):
        """r(x) - x.  (N, 2) -> (N, 2)"""
        return self.net(x)

    def forward(self, x):
        """r(x).  (N, 2) -> (N, 2)"""
        return x + self.arrows(x)

    def turns(self, x, rng):
        """x (B, 2) -> one turn: mean squared distance from where the point came from, in squared data units."""
        noisy = x + self.spread * torch.randn(x.shape, generator=rng, device=x.device)
        yield "loss", (self(noisy) - x).square().sum(1).mean(), self
