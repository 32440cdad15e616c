"""A VAE with straight lines only: the one whose likelihood is known exactly, so that bounds can be checked against it.

Source: Tipping & Bishop 1999, doi:10.1111/1467-9868.00196 (probabilistic PCA).
"""

import torch
from torch import nn

from genai_core import elbo


class LinearVAE(nn.Module):
    """x = W z + b + noise, z ~ N(0, I); the posterior is Gaussian with a linear mean and one variance per latent."""

    def __init__(self, dim: int = 2, latent: int = 1, noise: float = 0.3):
        super().__init__()
        self.latent = latent
        self.encode, self.decode = nn.Linear(dim, latent), nn.Linear(latent, dim)
        self.logvar = nn.Parameter(torch.zeros(latent))
        self.register_buffer("log_noise", torch.tensor(noise).log() * 2)  # log variance of the noise, data units

    def log_joint(self, x, z):
        """log p(x, z) in nats.  x (B, dim), z (..., B, latent) -> (..., B)"""
        return elbo.log_normal(x, self.decode(z), self.log_noise) + elbo.log_normal(z)

    def log_likelihood(self, x):
        """log p(x), exactly: x ~ N(b, W W^T + noise^2 I).  (B, dim) -> (B,), nats"""
        w = self.decode.weight                                                            # (dim, latent)
        spread = w @ w.T + self.log_noise.exp() * torch.eye(len(w), device=w.device)
        return torch.distributions.MultivariateNormal(self.decode.bias, spread).log_prob(x)

    def turns(self, x, rng):
        """x (B, dim) -> one turn: the negative ELBO in nats per point."""
        mean, logvar = self.encode(x), self.logvar.expand(len(x), -1)
        z = elbo.drawn(mean, logvar, torch.randn(mean.shape, generator=rng, device=x.device))
        misfit = -elbo.log_normal(x, self.decode(z), self.log_noise)
        yield "loss", (misfit + elbo.kl(mean, logvar).sum(1)).mean(), self

    @torch.no_grad()
    def log_weights(self, x, k, rng):
        """k draws z ~ q(z | x): log p(x, z) - log q(z | x).  -> (k, B), nats"""
        mean = self.encode(x)                                                             # (B, latent)
        z = elbo.drawn(mean, self.logvar, torch.randn(k, *mean.shape, generator=rng, device=x.device))
        return self.log_joint(x, z) - elbo.log_normal(z, mean, self.logvar)

    @torch.no_grad()
    def sample(self, n, rng):
        """n new points: noise and all.  -> (n, dim)"""
        mean = self.decode(torch.randn(n, self.latent, generator=rng, device=rng.device))
        return mean + (self.log_noise / 2).exp() * torch.randn(mean.shape, generator=rng, device=rng.device)
