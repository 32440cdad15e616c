"""Generative adversarial network for points in the plane. Source: Goodfellow et al. 2014, arXiv:1406.2661."""

import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, softplus


class GAN(nn.Module):
    """A generator turns noise into points; a discriminator tells them from real ones; each learns from the other."""

    def __init__(self, dim: int = 2, latent: int = 8, width: int = 64):
        super().__init__()
        self.latent = latent
        self.generator = nn.Sequential(nn.Linear(latent, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(),
                                       nn.Linear(width, dim))
        self.discriminator = nn.Sequential(nn.Linear(dim, width), nn.LeakyReLU(0.2), nn.Linear(width, width),
                                           nn.LeakyReLU(0.2), nn.Linear(width, 1))

    def turns(self, x, rng):
        """x (B, dim) -> the discriminator's turn, then the generator's against the updated discriminator.

        Both losses in nats. The generator's is the non-saturating one: -log D(G(z)), section 3 of the paper.
        """
        z = torch.randn(len(x), self.latent, generator=rng, device=x.device)    # (B, latent)
        fake = self.generator(z)                                                # (B, dim)
        on_real, on_fake = self.discriminator(x), self.discriminator(fake.detach())  # each (B, 1)
        loss = (binary_cross_entropy_with_logits(on_real, torch.ones_like(on_real))
                + binary_cross_entropy_with_logits(on_fake, torch.zeros_like(on_fake))) / 2
        yield "discriminator", loss, self.discriminator
        yield "generator", softplus(-self.discriminator(fake)).mean(), self.generator

    @torch.no_grad()
    def sample(self, n, rng):
        """n new points, the generator's answer to codes drawn from N(0, I).  -> (n, dim)"""
        return self.generator(torch.randn(n, self.latent, generator=rng, device=rng.device))
