"""The five families on pictures of digits, each behind the face of learners.Learner.

A mixture cannot have 784 x 784 numbers for each component, so it learns where pictures lie along their 40 directions of largest
variance; in all others they vary by chance, equally much. It is close to mixtures of probabilistic principal components (Tipping &
Bishop 1999, doi:10.1162/089976699300016728), but all components share their directions.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch

from genai_core import elbo, models, runtime
from genai_core.diffusion import samplers
from genai_core.families.learners import BOUND_SEED, ENDLESS, Learner
from genai_core.families.likelihood import Likelihood, flow_density
from genai_core.families.mixture import Mixture, MixtureSearch
from genai_core.models.digit_diffusion import NOBODY
from genai_core.training import Knobs, train

# With pace "fixed", the updates that stand for a second: about what one core of a server does.
UPDATES = {"mixture": 4.5, "autoencoder": 85, "vae": 130, "gan": 165, "diffusion": 16}
DIRECTIONS = 40
STARTS = (20, 10, 40, 30)    # tried in turn
ENOUGH = 0.02                    # nats per picture: an EM step that gains less ends a start
CALLS = 10                       # of the diffusion's network, for each picture
BLUR = 0.1                       # deviation of the noise, in ink, with which a picture's density is asked for
BOUND_DRAWS, FITTED_ON = 64, 1000
FAN = {"mixture": 500, "autoencoder": 500, "vae": 500, "gan": 500, "diffusion": 20}   # pictures drawn at once
FIRST = 20                       # the first to be drawn, alone: always from the same noise, however many follow
RECIPES = {  # model, its settings where not the tabs' own, and how it is trained
    "autoencoder": ("digit_autoencoder", {}, Knobs(options={"fused": True})),
    "vae": ("digit_vae", {}, Knobs(options={"fused": True})),
    "gan": ("digit_gan", {}, Knobs(batch=64, each_once=True, options={"fused": True, "betas": (0.5, 0.999)})),
    "diffusion": ("digit_diffusion", {"width": 64, "layers": 3}, Knobs(rate=2e-3, batch=64, options={"fused": True})),
}


@dataclass(frozen=True)
class PictureMixture:
    """middle (D,), axes (D, K): where the mixture of K numbers lies among pictures of D pixels. rest: variance of every other
    direction. Double, but pictures are float."""

    middle: torch.Tensor
    axes: torch.Tensor
    rest: float
    mixture: Mixture

    def sample(self, n: int, rng: torch.Generator) -> torch.Tensor:
        """Expected pictures, without what varies by chance.  -> (n, 1, S, S), 0-1"""
        drawn = self.middle + self.mixture.sample(n, rng).double() @ self.axes.T
        side = math.isqrt(len(self.middle))
        return drawn.clamp(0, 1).float().view(n, 1, side, side)

    def log_density(self, x: torch.Tensor, blur: float = 0.0) -> torch.Tensor:
        """Exact log density at x (N, D) of pictures to which noise of deviation `blur` was added, in nats.  -> (N,)"""
        away = x.double() - self.middle
        along = away @ self.axes                                                            # (N, K)
        wide = blur**2 * torch.eye(along.shape[1], dtype=torch.double)
        told = Mixture(self.mixture.weights, self.mixture.means, self.mixture.covariances + wide).log_density(along)
        left, variance = away.square().sum(1) - along.square().sum(1), self.rest + blur**2
        others = x.shape[1] - along.shape[1]
        return told - left / (2 * variance) - others / 2 * math.log(2 * math.pi * variance)


def directions(x: torch.Tensor, many: int = DIRECTIONS) -> tuple[torch.Tensor, torch.Tensor, float]:
    """Pictures (N, D), double -> middle (D,), axes (D, many) of largest variance, and the mean variance of all other directions."""
    values, axes = torch.linalg.eigh(torch.cov(x.T))
    return x.mean(0), axes.flip(1)[:, :many], values[:-many].clamp(min=0).mean().item()


def mixture(pictures: torch.Tensor, seed: int) -> Learner:
    """EM over pictures (N, 1, S, S) uint8; its first update also finds the directions."""
    kept: dict = {}

    def learn() -> float:
        if not kept:
            x = pictures.flatten(1).double() / 255
            kept["plane"] = directions(x)
            middle, axes, _ = kept["plane"]
            kept["search"] = MixtureSearch((x - middle) @ axes, seed, STARTS, ENOUGH)
        return kept["search"].update()

    def found() -> PictureMixture:
        return PictureMixture(*kept["plane"], kept["search"].best)

    def likelihood(x: torch.Tensor):
        yield
        return Likelihood(found().log_density(x.flatten(1), BLUR).mean().item(), "exact")

    def chosen() -> str:
        return f"{len(kept['search'].best.weights)} components along {DIRECTIONS} directions, the best of {kept['search'].tried} starts"

    return Learner(learn, lambda n, rng: found().sample(n, rng), likelihood, chosen)


@torch.no_grad()
def vae_bound(model, x: torch.Tensor, spread: float, rng: torch.Generator, draws: int = BOUND_DRAWS) -> torch.Tensor:
    """Importance-weighted bound on log p(x), x (N, 1, S, S), where p is: a code from N(0, I), decoded, every pixel then off by a
    normal number of deviation `spread`. The posterior is only what codes are proposed by, so the bound holds.  -> (N,), nats"""
    mean, logvar = model.posterior(x)
    rows = []
    for _ in range(draws):
        z = elbo.drawn(mean, logvar, torch.randn(mean.shape, generator=rng))
        about = elbo.log_normal(x.flatten(1), model.decode(z).flatten(1), torch.tensor(2 * math.log(spread)))
        rows.append(about + elbo.log_normal(z) - elbo.log_normal(z, mean, logvar))
    return elbo.importance_weighted(torch.stack(rows))


@torch.no_grad()
def misfit(model, pictures: torch.Tensor, rng: torch.Generator) -> float:
    """Mean squared difference between pictures (N, 1, S, S) uint8 and what a VAE makes of a code drawn for each, in ink squared."""
    x = pictures.float() / 255
    mean, logvar = model.posterior(x)
    return (model.decode(elbo.drawn(mean, logvar, torch.randn(mean.shape, generator=rng))) - x).square().mean().item()


def diffusion_density(model, x: torch.Tensor, rng: torch.Generator):
    """Log density of pictures x (N, 1, S, S) with noise of deviation BLUR in them, along the ODE; its divergence is estimated from one
    direction each, which is right on average. A generator: its value is (N,), nats."""
    size = x.shape[1:]
    denoise = samplers.denoiser(model.guided(torch.full((len(x),), NOBODY), 0.0), model.target)
    probe = torch.randint(0, 2, (len(x), x[0].numel()), generator=rng).float() * 2 - 1
    inside = yield from flow_density(lambda y, sigma: denoise(y.view(-1, *size), sigma).flatten(1), (2 * x - 1).flatten(1),
                                     lowest=2 * BLUR, probe=probe)
    return inside + probe.shape[1] * math.log(2)    # inside it ink goes from -1 to 1


def network(family: str, pictures: torch.Tensor, seed: int, balance: float) -> Learner:
    """A family that is one network, or two, trained by the one loop. No label is told to any."""
    name, more, knobs = RECIPES[family]
    if family == "gan":
        knobs = Knobs(**vars(knobs) | {"rate": {"discriminator": 1e-3 * balance, "generator": 1e-3}})
    net = models.build(name, seed, **more)
    nobody = torch.full((len(pictures),), NOBODY)
    steps = train(net, (pictures, nobody), ENDLESS, seed, knobs)

    def learn() -> float:
        losses = next(steps).losses
        return losses.get("loss", losses.get("generator"))

    def likelihood(x: torch.Tensor):
        yield
        rng = runtime.rng(BOUND_SEED)
        if family == "vae":
            spread = math.sqrt(misfit(net, pictures[:FITTED_ON], rng) + BLUR**2)
            return Likelihood(vae_bound(net, x, spread, rng).mean().item(), "bound")
        if family == "diffusion":
            each = yield from diffusion_density(net, x, rng)
            return Likelihood(each.mean().item(), "ode")
        return Likelihood(None, "none", family)

    def draw(n, rng):
        if family != "diffusion":
            return net.sample(n, rng).clamp(0, 1)
        return net.sample(n, rng, guidance=0.0, sampler="ddim", calls=CALLS)

    return Learner(learn, draw, likelihood)


def learner(family: str, pictures: torch.Tensor, seed: int, balance: float = 1.0) -> Learner:
    """The named family, before its first update. Its likelihood is a generator, whose value is the Likelihood."""
    return mixture(pictures, seed) if family == "mixture" else network(family, pictures, seed, balance)


def drawings(given: Learner, family: str, n: int, rng: torch.Generator) -> Iterator[torch.Tensor]:
    """n pictures in parts (m, 1, S, S), 0-1: first FIRST of them, then as many as are drawn within moments."""
    left = n
    while left:
        some = min(left, FIRST if left == n else FAN[family])
        yield given.draw(some, rng)
        left -= some
