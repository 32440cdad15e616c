"""Autoencoder for points in the plane: the VAE's two networks without its noise and without its KL.

Source: Hinton & Salakhutdinov 2006, doi:10.1126/science.1127647.
"""

import torch
from torch import nn

MEMORY = 100  # batches over which mean and deviation of the codes are kept


class PointAutoencoder(nn.Module):
    """Squeeze x into a code and draw it back. What codes are usual is only written down, never learnt."""

    def __init__(self, dim: int = 2, latent: int = 2, width: int = 64):
        super().__init__()
        self.latent = latent
        self.encode = nn.Sequential(nn.Linear(dim, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, latent))
        self.decode = nn.Sequential(nn.Linear(latent, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, dim))
        self.register_buffer("code_mean", torch.zeros(latent))
        self.register_buffer("code_square", torch.ones(latent))
        self.register_buffer("batches_seen", torch.zeros(()))

    def turns(self, x, rng):
        """x (B, dim) -> one turn: mean squared distance between a point and its copy, in squared data units."""
        z = self.encode(x)                                                      # (B, latent)
        if self.training:
            with torch.no_grad():
                self.batches_seen += 1
                new = 1 / self.batches_seen.clamp(max=MEMORY)
                self.code_mean.lerp_(z.mean(0), new)
                self.code_square.lerp_(z.square().mean(0), new)
        yield "loss", (self.decode(z) - x).square().sum(1).mean(), self

    @torch.no_grad()
    def sample(self, n, rng):
        """n points decoded from random codes, each number with its own mean and deviation: nothing was trained to make
        these look like data.  -> (n, dim)"""
        deviation = (self.code_square - self.code_mean.square()).clamp(min=0).sqrt()
        return self.decode(self.code_mean + deviation * torch.randn(n, self.latent, generator=rng, device=rng.device))
