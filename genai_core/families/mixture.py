"""A mixture of Gaussians, fitted by EM within a budget: other numbers of components and other starts are tried until it is
spent, and the one that held-out points find likeliest is kept. Source: Dempster, Laird & Rubin 1977, JRSS B 39:1; Bishop 2006,
section 9.2.2.
"""

import math
from dataclasses import dataclass

import torch

COMPONENTS = (8, 4, 16, 2, 12, 24)  # tried in turn, with a fresh start each time
RIDGE = 1e-6        # added to every variance, in squared data units: a component cannot shrink to one point
TOLERANCE = 1e-5    # nats per point: an EM step that gains less ends a start
LEAST_WEIGHT = 1e-4
HELD_SHARE = 0.1


@dataclass(frozen=True)
class Mixture:
    """weights (K,), means (K, D), covariances (K, D, D), double."""

    weights: torch.Tensor
    means: torch.Tensor
    covariances: torch.Tensor

    def log_parts(self, x: torch.Tensor) -> torch.Tensor:
        """log of weight times density of each component at x (N, D), in nats.  -> (N, K)"""
        factor = torch.linalg.cholesky(self.covariances)                                          # (K, D, D)
        away = x.double()[None] - self.means[:, None]                                             # (K, N, D)
        scaled = torch.linalg.solve_triangular(factor, away.transpose(1, 2), upper=False)         # (K, D, N)
        volume = factor.diagonal(dim1=1, dim2=2).log().sum(1) + x.shape[1] / 2 * math.log(2 * math.pi)
        return (self.weights.log() - volume)[None] - scaled.square().sum(1).T / 2

    def log_density(self, x: torch.Tensor) -> torch.Tensor:
        """Exact log density at x (N, D), in nats.  -> (N,)"""
        return self.log_parts(x).logsumexp(1)

    @torch.no_grad()
    def sample(self, n: int, rng: torch.Generator) -> torch.Tensor:
        """n new points: a component by its weight, a point by its Gaussian.  -> (n, D)"""
        which = torch.multinomial(self.weights, n, replacement=True, generator=rng)
        factor = torch.linalg.cholesky(self.covariances)[which]                                   # (n, D, D)
        noise = torch.randn(n, self.means.shape[1], 1, generator=rng, dtype=torch.double)
        return (self.means[which] + (factor @ noise)[:, :, 0]).float()


def first_guess(x: torch.Tensor, k: int, rng: torch.Generator) -> Mixture:
    """k components at points of x (N, D), each further from the others than chance (k-means++), as wide as all data."""
    chosen = [int(torch.randint(len(x), (1,), generator=rng))]
    for _ in range(k - 1):
        square = torch.cdist(x, x[chosen]).square().amin(1)
        chosen.append(int(torch.multinomial(square + 1e-12, 1, generator=rng)))
    spread = torch.cov(x.T) / k + RIDGE * torch.eye(x.shape[1], dtype=x.dtype)
    return Mixture(torch.full((k,), 1 / k, dtype=x.dtype), x[chosen], spread.expand(k, -1, -1).clone())


def em_step(given: Mixture, x: torch.Tensor) -> tuple[Mixture, float]:
    """One step of EM on x (N, D).  -> the next mixture, and the mean log density of x under the given one, in nats"""
    parts = given.log_parts(x)                                                                    # (N, K)
    density = parts.logsumexp(1, keepdim=True)
    shares = (parts - density).exp()                                                              # (N, K), rows sum to 1
    counts = shares.sum(0).clamp(min=LEAST_WEIGHT)
    means = shares.T @ x / counts[:, None]
    away = x[None] - means[:, None]                                                               # (K, N, D)
    covariances = torch.einsum("nk,kni,knj->kij", shares, away, away) / counts[:, None, None]
    covariances += RIDGE * torch.eye(x.shape[1], dtype=x.dtype)
    return Mixture(counts / counts.sum(), means, covariances), density.mean().item()


class MixtureSearch:
    """EM from start to start. `update()` is one EM step; `best` what to draw from. points (N, D): a tenth is held out to
    choose by. components: how many each start has, in turn. tolerance: nats per point, an EM step that gains less ends a start."""

    def __init__(self, points: torch.Tensor, seed: int, components: tuple[int, ...] = COMPONENTS, tolerance: float = TOLERANCE):
        self.components, self.tolerance = components, tolerance
        held = max(1, round(HELD_SHARE * len(points)))
        self.x, self.held = points[held:].double(), points[:held].double()
        self.rng = torch.Generator().manual_seed(seed)
        self.tried, self.best, self.best_held = 0, None, -math.inf
        self._begin()

    def _begin(self) -> None:
        self.current = first_guess(self.x, self.components[self.tried % len(self.components)], self.rng)
        self.tried, self.before = self.tried + 1, -math.inf

    def update(self) -> float:
        """One EM step.  -> the mean negative log density of the points under the mixture before it, in nats"""
        self.current, density = em_step(self.current, self.x)
        ended = density - self.before < self.tolerance
        if self.tried == 1 or ended:
            held = self.current.log_density(self.held).mean().item()
            if held > self.best_held or self.tried == 1:
                self.best, self.best_held = self.current, held
        self.before = density
        if ended:
            self._begin()
        return -density

    def sample(self, n: int, rng: torch.Generator) -> torch.Tensor:
        return self.best.sample(n, rng)
