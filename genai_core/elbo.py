"""The evidence lower bound taken apart: pure functions, in nats.

Sources: Kingma & Welling 2014, arXiv:1312.6114, appendix B (KL); Burda et al. 2016, arXiv:1509.00519 (importance-weighted
bound); Kingma et al. 2016, arXiv:1606.04934, eq. 15 (free bits).
"""

import math

import torch


def kl(mean: torch.Tensor, logvar: torch.Tensor) -> torch.Tensor:
    """KL(N(mean, exp(logvar)) || N(0, 1)) of each number, in nats, >= 0. Shapes are kept."""
    return (mean.square() + logvar.exp() - 1 - logvar) / 2


def log_normal(x: torch.Tensor, mean: torch.Tensor | float = 0.0, logvar: torch.Tensor | float = 0.0) -> torch.Tensor:
    """Log density of N(mean, exp(logvar)) at x, summed over the last dimension.  (..., D) -> (...)"""
    logvar = torch.as_tensor(logvar, dtype=x.dtype)
    return -0.5 * ((x - mean).square() / logvar.exp() + logvar + math.log(2 * math.pi)).sum(-1)


def drawn(mean: torch.Tensor, logvar: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
    """The reparameterisation: a code from N(mean, exp(logvar)) as a smooth function of mean, logvar and noise ~ N(0, I)."""
    return mean + (logvar / 2).exp() * noise


def freed(kl_each: torch.Tensor, free_bits: float) -> torch.Tensor:
    """KL per dimension (B, L) -> what is asked to shrink (L,): its mean over the batch, but never below free_bits (nats)."""
    return kl_each.mean(0).clamp(min=free_bits)


def importance_weighted(log_weights: torch.Tensor) -> torch.Tensor:
    """log of the mean of K importance weights p(x, z) / q(z | x), z ~ q.  (K, B) -> (B,), in nats.

    In expectation a lower bound of log p(x): the ELBO for K = 1, never looser for larger K, tight as K grows.
    """
    return torch.logsumexp(log_weights, 0) - math.log(len(log_weights))
