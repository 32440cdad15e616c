"""Variational autoencoder for points in the plane. Source: Kingma & Welling 2014, arXiv:1312.6114."""

import torch
from torch import nn


class VAE(nn.Module):
    """Squeeze x into a code z near N(0, I), and learn to draw x back from z."""

    def __init__(self, dim: int = 2, latent: int = 2, width: int = 64, noise: float = 0.1):
        super().__init__()
        self.latent, self.noise = latent, noise  # noise: std of p(x|z), in data units
        self.encode = nn.Sequential(nn.Linear(dim, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(),
                                    nn.Linear(width, 2 * latent))
        self.decode = nn.Sequential(nn.Linear(latent, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(),
                                    nn.Linear(width, dim))

    def turns(self, x, rng):
        """x (B, dim) -> one turn for all weights: negative ELBO in nats per point, up to the constant
        dim * log(noise * sqrt(2 pi)). Eq. 10 of the paper, with a Gaussian p(x|z)."""
        mean, logvar = self.encode(x).chunk(2, dim=1)                           # each (B, latent)
        z = mean + (logvar / 2).exp() * torch.randn(mean.shape, generator=rng, device=x.device)
        misfit = (self.decode(z) - x).square().sum(1) / (2 * self.noise**2)     # (B,)
        kl = (mean.square() + logvar.exp() - 1 - logvar).sum(1) / 2             # (B,), >= 0
        yield "loss", (misfit + kl).mean(), self

    @torch.no_grad()
    def sample(self, n, rng):
        """n new points: the mean of p(x|z) for codes drawn from N(0, I).  -> (n, dim)"""
        return self.decode(torch.randn(n, self.latent, generator=rng, device=rng.device))
