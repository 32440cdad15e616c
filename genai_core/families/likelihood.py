"""How likely held-out points are under each family, in nats per point; or why that is not defined.

Sources: Burda et al. 2016, arXiv:1509.00519 (bound of the VAE); Song et al. 2021, arXiv:2011.13456, section 4.3 (density of
a diffusion model along its probability-flow ODE); Hutchinson 1990, doi:10.1080/03610919008812866 (its divergence by chance).
"""

import math
from dataclasses import dataclass

import torch

from genai_core import elbo
from genai_core.diffusion import samplers

DRAWS = 64                     # importance-weighted draws for each point of the VAE's bound
LEVELS, LOWEST, HIGHEST = 48, 0.01, 80.0   # the ODE's grid, geometric, in data units


@dataclass(frozen=True)
class Likelihood:
    """nats: mean log density of a held-out point, None where there is none. kind: "exact", "bound" (the truth is at least
    that), "ode" (exact but for the steps of its integration) or "none"; why: then, the reason."""

    nats: float | None
    kind: str
    why: str = ""


@torch.no_grad()
def vae_bound(model, x: torch.Tensor, rng: torch.Generator, draws: int = DRAWS) -> torch.Tensor:
    """Importance-weighted bound on log p(x) of a VAE in the plane, its decoder's noise included.  (N, D) -> (N,), nats"""
    mean, logvar = model.encode(x).chunk(2, dim=1)
    noise = torch.randn(draws, *mean.shape, generator=rng)                                   # (K, N, latent)
    z = elbo.drawn(mean, logvar, noise)
    out = model.decode(z)                                                                    # (K, N, D)
    weights = (elbo.log_normal(x, out, torch.tensor(2 * math.log(model.noise)))
               + elbo.log_normal(z) - elbo.log_normal(z, mean, logvar))
    return elbo.importance_weighted(weights)


def ode_density(denoise, x: torch.Tensor, levels: int = LEVELS, lowest: float = LOWEST, highest: float = HIGHEST) -> torch.Tensor:
    """All of `flow_density` at once, its divergence exact.  (N, D) -> (N,), nats"""
    return value_of(flow_density(denoise, x, levels, lowest, highest))


def value_of(work):
    """What a generator comes to, when all of it is run."""
    while True:
        try:
            next(work)
        except StopIteration as ended:
            return ended.value


def flow_density(denoise, x: torch.Tensor, levels: int = LEVELS, lowest: float = LOWEST, highest: float = HIGHEST, probe=None):
    """log density of points x (N, D) blurred by `lowest`, along the probability-flow ODE to noise of deviation `highest`.

    d x / d sigma = (x - denoise(x, sigma)) / sigma; the log density changes by minus its divergence, which is worked out
    exactly, one derivative per dimension; or, with probe (N, D) of random signs, estimated without bias by one derivative along it
    (Hutchinson's trace). Heun's method on a grid even in log sigma. A generator, which yields between levels: its value is (N,), nats.
    """
    at = torch.exp(torch.linspace(math.log(lowest), math.log(highest), levels + 1, dtype=torch.double)).tolist()
    lost = torch.zeros(len(x), dtype=x.dtype)

    def slope(x, sigma):
        with torch.enable_grad():
            x = x.detach().requires_grad_()
            flow = (x - denoise(x, sigma)) / sigma
            if probe is not None:
                divergence = (torch.autograd.grad((flow * probe).sum(), x)[0] * probe).sum(1)
            else:
                divergence = sum(torch.autograd.grad(flow[:, d].sum(), x, retain_graph=True)[0][:, d] for d in range(x.shape[1]))
        return flow.detach(), divergence.detach()

    for sigma, after in zip(at, at[1:], strict=False):
        flow, divergence = slope(x, sigma)
        yield
        there, divergence_there = slope(x + (after - sigma) * flow, after)
        x = x + (after - sigma) / 2 * (flow + there)
        lost = lost + (after - sigma) / 2 * (divergence + divergence_there)
        yield
    return elbo.log_normal(x, 0.0, torch.tensor(math.log(1 + highest**2), dtype=x.dtype)) + lost


def diffusion_density(model, x: torch.Tensor) -> torch.Tensor:
    """log density of points under a PointDiffusion.  (N, D) -> (N,), nats"""
    return ode_density(samplers.denoiser(model, model.target), x)
