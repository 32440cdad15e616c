"""Data whose answer is known: a mixture of Gaussians, its exact denoiser and score at every noise level, and the exact path.

With noise of deviation sigma on it a Gaussian of deviation s has deviation sqrt(s^2 + sigma^2); the expected clean point
follows, and the score from it (Tweedie's formula: Robbins 1956; Efron 2011, doi:10.1198/jasa.2011.tm11181).
"""

import math
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Mixture:
    """means (K, D), all equally likely. spread: deviation of each, one number or one per axis (D,), at least 0."""

    means: torch.Tensor
    spread: float | torch.Tensor

    def variance(self, sigma: float = 0.0) -> torch.Tensor:
        """Of each part, with noise on it.  -> (D,)"""
        spread = torch.as_tensor(self.spread, dtype=self.means.dtype).expand(self.means.shape[1])
        return spread.square() + sigma**2

    def shares(self, x: torch.Tensor, sigma: float) -> torch.Tensor:
        """How likely each part made the noisy x (n, D).  -> (n, K), rows sum to 1"""
        means, scale = self.means.to(x.dtype), self.variance(sigma).to(x.dtype).sqrt()
        return (-torch.cdist(x / scale, means / scale).square() / 2).softmax(1)

    def denoise(self, x: torch.Tensor, sigma: float) -> torch.Tensor:
        """Expected clean point given x = clean + sigma noise (n, D).  -> (n, D)"""
        means, kept = self.means.to(x.dtype), (self.variance() / self.variance(sigma)).to(x.dtype)   # kept (D,)
        return kept * x + (1 - kept) * (self.shares(x, sigma) @ means)

    def log_density(self, x: torch.Tensor, sigma: float) -> torch.Tensor:
        """Of the noisy x (n, D).  -> (n,), nats"""
        variance = self.variance(sigma).to(x.dtype)
        away = (x[:, None] - self.means.to(x.dtype)).square() / variance                              # (n, K, D)
        return (-away.sum(2) / 2).logsumexp(1) - math.log(len(self.means)) - (2 * math.pi * variance).log().sum() / 2

    def score(self, x: torch.Tensor, sigma: float) -> torch.Tensor:
        """Gradient of the noisy log density.  -> (n, D)"""
        return (self.denoise(x, sigma) - x) / sigma**2

    def draw(self, n: int, rng: torch.Generator) -> torch.Tensor:
        """n clean points.  -> (n, D)"""
        which = torch.randint(len(self.means), (n,), generator=rng)
        noise = torch.randn(n, self.means.shape[1], generator=rng, dtype=self.means.dtype)
        return self.means[which] + self.variance().sqrt() * noise


def of(name: str) -> Mixture | None:
    """The named data set as the mixture that it is drawn from; None where it is no mixture."""
    from genai_core.data.points import OFF_CENTRE, OFF_SIZE, RING_SPREAD, ring_centres

    known = {"ring": (ring_centres(), RING_SPREAD), "off_centre": (OFF_CENTRE + OFF_SIZE * ring_centres(), OFF_SIZE * RING_SPREAD)}
    return Mixture(*known[name]) if name in known else None


def ode_path(given: Mixture, x: torch.Tensor, sigma: float, after: float) -> torch.Tensor:
    """Where the probability-flow ODE takes x from level sigma to `after`, for one Gaussian: in closed form, because
    (x - mean) / deviation stays the same all the way.  -> (n, D)"""
    if len(given.means) != 1:
        raise ValueError(f"the path of a mixture of {len(given.means)} has no closed form; give one Gaussian")
    return given.means + (x - given.means) * (given.variance(after) / given.variance(sigma)).sqrt()
