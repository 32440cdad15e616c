"""Variational autoencoder of digits: the lecture's 784-400-20 network and loss, and its relatives as one family.

Sources: Kingma & Welling 2014, arXiv:1312.6114; Higgins et al. 2017, openreview Sy2fzU9gl (beta); Kingma et al. 2016,
arXiv:1606.04934 (free bits); Burda et al. 2016, arXiv:1509.00519 (importance-weighted bound).
"""

import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from genai_core import elbo
from genai_core.models.digit_networks import networks, share_of, unit


class DigitVAE(nn.Module):
    """Squeeze a picture into a code z near N(0, I), and draw it back from z; each pixel is a coin's chance of ink.

    latent: numbers in z. hidden: widths of the dense encoder, the decoder's in reverse. network: dense or convolutional.
    beta: weight of the KL, 1 for the ELBO; may be changed while training (warm-up). free_bits: nats of KL per latent
    that cost nothing more, 0 for the ELBO.
    """

    def __init__(self, latent: int = 20, hidden: tuple[int, ...] = (400,), network: str = "dense", beta: float = 1.0,
                 free_bits: float = 0.0, activation: str = "relu", channels: int = 16, size: int = 28):
        super().__init__()
        self.size = size
        self.encoder, self.head, self.decoder = networks(network, size, hidden, 2 * latent if isinstance(latent, int) else 0,
                                                         latent, activation, channels)
        self.latent, self.beta, self.free_bits = latent, share_of("beta", beta, 1000), share_of("free bits", free_bits, 100)

    def posterior(self, x):
        """x (B, 1, S, S), uint8 or 0-1 -> mean and log variance of q(z | x), each (B, latent)."""
        mean, logvar = self.head(self.encoder(unit(x))).float().chunk(2, dim=1)
        return mean, logvar

    def encode(self, x):
        """The posterior's mean.  (B, 1, S, S) -> (B, latent)"""
        return self.posterior(x)[0]

    def logits(self, z):
        """Log-odds of ink.  (B, latent) -> (B, 1, S, S)"""
        return self.decoder(z).float()

    def decode(self, z):
        """The chance of ink, 0-1.  (B, latent) -> (B, 1, S, S)"""
        return self.logits(z).sigmoid()

    def misfit(self, x, z):
        """Reconstruction loss -log p(x | z) in nats per picture: cross-entropy of the pixels, summed.  -> (B,)"""
        return binary_cross_entropy_with_logits(self.logits(z), unit(x), reduction="none").sum((1, 2, 3))

    def turns(self, batch, rng):
        """batch: pictures (B, 1, S, S), alone or first of a tuple -> one turn: for beta 1 and no free bits the negative
        ELBO in nats per picture, the lecture's loss; notes: its two halves, the KL without beta or free bits."""
        x = unit(batch)
        mean, logvar = self.posterior(x)                                                  # each (B, latent)
        z = elbo.drawn(mean, logvar, torch.randn(mean.shape, generator=rng, device=x.device))
        reconstruction = binary_cross_entropy_with_logits(self.logits(z), x, reduction="sum") / len(x)
        kl = elbo.kl(mean, logvar)                                                        # (B, latent)
        asked = elbo.freed(kl, self.free_bits).sum() if self.free_bits else kl.sum() / len(x)
        told = {"reconstruction": reconstruction.detach(), "kl": kl.detach().sum() / len(x)}
        yield "loss", reconstruction + self.beta * asked, self, told

    @torch.no_grad()
    def parts(self, x, rng):
        """The negative ELBO of each picture in its parts: misfit (B,) of one draw, and KL per latent (B, latent)."""
        mean, logvar = self.posterior(x)
        z = elbo.drawn(mean, logvar, torch.randn(mean.shape, generator=rng, device=mean.device))
        return self.misfit(x, z), elbo.kl(mean, logvar)

    @torch.no_grad()
    def log_weights(self, x, k, rng):
        """k draws z ~ q(z | x): log p(x, z) - log q(z | x), for `elbo.importance_weighted`.  -> (k, B), nats"""
        mean, logvar = self.posterior(x)
        rows = []
        for _ in range(k):
            z = elbo.drawn(mean, logvar, torch.randn(mean.shape, generator=rng, device=mean.device))
            rows.append(elbo.log_normal(z) - elbo.log_normal(z, mean, logvar) - self.misfit(x, z))
        return torch.stack(rows)

    @torch.no_grad()
    def sample(self, n, rng):
        """n new pictures, the chance of ink for codes drawn from N(0, I).  -> (n, 1, S, S), 0-1"""
        return self.decode(torch.randn(n, self.latent, generator=rng, device=rng.device))
