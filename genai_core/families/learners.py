"""The five families behind one small face: `update()` learns a little, `sample(n, rng)` draws, `likelihood(x)` says what it can."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from genai_core import models, runtime
from genai_core.families.likelihood import Likelihood, diffusion_density, vae_bound
from genai_core.families.mixture import MixtureSearch
from genai_core.training import Knobs, train

ENDLESS = 10**9          # updates: the contest ends the training, not the loop
BOUND_SEED = 207
CALLS = 25               # of the diffusion's network, for each sample


@dataclass
class Learner:
    """learn(): one update, and its loss. draw(n, rng) -> (n, 2). likelihood(x) -> Likelihood. chosen(): what it settled on."""

    learn: Callable[[], float]
    draw: Callable
    likelihood: Callable[[torch.Tensor], Likelihood]
    chosen: Callable[[], str] = str
    updates: int = 0
    loss: float = float("nan")

    def update(self) -> None:
        self.loss = self.learn()
        self.updates += 1


def knobs_of(family: str, balance: float = 2.0) -> Knobs:
    """How each network is trained here: Adam, batches of 128; a GAN with two rates (Heusel et al. 2017, section 2), the
    discriminator's `balance` times the generator's."""
    if family == "gan":
        return Knobs(rate={"discriminator": 1e-3 * balance, "generator": 1e-3}, options={"betas": (0.5, 0.9)})
    return Knobs(rate=2e-3 if family == "diffusion" else 1e-3)


MODELS = {"autoencoder": "point_autoencoder", "vae": "vae", "gan": "gan", "diffusion": "point_diffusion"}


def network(family: str, points: torch.Tensor, seed: int, balance: float) -> Learner:
    """A family that is one network, or two, trained by the one loop."""
    net = models.build(MODELS[family], seed)
    steps = train(net, points, ENDLESS, seed, knobs_of(family, balance))

    def learn() -> float:
        losses = next(steps).losses
        return losses.get("loss", losses.get("generator"))

    def likelihood(x: torch.Tensor) -> Likelihood:
        if family == "vae":
            return Likelihood(vae_bound(net, x, runtime.rng(BOUND_SEED)).mean().item(), "bound")
        if family == "diffusion":
            return Likelihood(diffusion_density(net, x).mean().item(), "ode")
        return Likelihood(None, "none", family)

    def draw(n, rng):
        return net.sample(n, rng, calls=CALLS) if family == "diffusion" else net.sample(n, rng)

    return Learner(learn, draw, likelihood)


def mixture(points: torch.Tensor, seed: int) -> Learner:
    search = MixtureSearch(points, seed)

    def likelihood(x: torch.Tensor) -> Likelihood:
        return Likelihood(search.best.log_density(x).mean().item(), "exact")

    def chosen() -> str:
        return f"{len(search.best.weights)} components, the best of {search.tried} starts"

    return Learner(search.update, search.sample, likelihood, chosen)


def learner(family: str, points: torch.Tensor, seed: int, balance: float = 2.0) -> Learner:
    """The named family, before its first update."""
    return mixture(points, seed) if family == "mixture" else network(family, points, seed, balance)
