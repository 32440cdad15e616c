"""VAEs of digits that learn from one another's digits, as in the famous figure: 8x8 digits, strokes, MNIST.

Source: Shumailov et al. 2024, Nature 631:755, and their notebook (a new network each generation; the decoder's mean is what the next
one learns from). Ours is the lecture's network, and whether the mean is handed on, or a sample, is a switch. The lecture's loss, the
cross-entropy of a pixel, is the likelihood of a pixel that is black or white: its sample is a coin's. A pixel of the 8x8 digits is a
shade, counted over 16 dots of which neighbours mostly agree, so its likelihood is here that of 8 coins: a fitted model leaves as much
variance as 8.2 coins would on pictures that it has learned, as 5.9 on held-out ones. beta = 1/8 makes the lecture's loss that one,
divided by 8.

What is read from a generation is read from its decoder's mean, for codes from N(0, I), whichever way the next one is fed: so the two
ways can be compared, and what falls is what the model knows.
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from genai_core import course, models, runtime
from genai_core.collapse.feed import Feed
from genai_core.collapse.judging import see
from genai_core.collapse.plan import Generation, Plan, stream, whole
from genai_core.data import pictures
from genai_core.errors import BadInput
from genai_core.quality.neighbours import neighbours
from genai_core.quality.pairs import Pairs
from genai_core.training import train

KNOWN = ("replace", "accumulate", "accumulate-subsample", "fresh", "fixed", "pool")
DECODINGS = ("mean", "sample")
MOST_PICTURES = 2_000_000   # that a generation may learn from and keep in memory: 1.6 GB of MNIST
MOST_UPDATES = 20_000_000   # of one call: about a day of one core with MNIST
HELD, READ = 1000, 2000     # real pictures that no model has learned from, and drawn ones, for the readings
RATE = 1e-3                 # the lecture's learning rate
EVERY = 25                  # updates between two words on how far a fit is
SHOWN = 6                   # codes whose pictures every generation shows


@dataclass(frozen=True)
class Kind:
    """What suits a data set. levels: coins that a pixel counts. first, updates: of the first generation and of every later one. start:
    "new" weights for each, as in the paper, or those of the model "before", which nearly knows already what it has drawn. falls: does
    the rate fall to zero over the second half of the updates, so that no generation ends on the jitter of its last batches? The
    lecture's stays."""

    hidden: int
    latent: int
    updates: int
    batch: int = 128
    levels: int = 1
    start: str = "before"
    first: int = 4000
    falls: bool = True


STARTS = ("new", "before")
KINDS = {"digits": Kind(128, 5, 1000, 256, 8, first=2500), "strokes": Kind(128, 16, 1000),
         "mnist": Kind(400, 20, 4690, start="new", first=4690, falls=False)}


@dataclass(frozen=True)
class Fitting:
    """On the way to a generation: its index, which of how many chains is learning, and its updates so far."""

    index: int
    chain: int
    chains: int
    done: int
    of: int


@dataclass(frozen=True)
class Drawn:
    """A chain's generation, for pictures. shown: (SHOWN, S, S) uint8, the decoder's mean of the codes that the chain keeps."""

    model: torch.nn.Module
    shown: np.ndarray


def generations(plan: Plan, data: str = "digits", decoding: str = "mean", updates: int | None = None, latent: int | None = None,
                hidden: int | None = None, network: str = "dense", batch: int | None = None, population: bool = False,
                start: str | None = None) -> Iterator[Generation]:
    """data: digits (8x8), strokes or mnist. decoding: what the next generation learns from, mean or sample. updates (of each generation),
    latent, hidden, batch, start: None for what suits the data (KINDS). network: dense, or convolutional as the paper's. population: under
    "replace", every batch is drawn anew as in the paper, so that no generation sees a picture twice. plan.bias scales the variance of
    the codes. Real pictures are drawn from the data set, anew wherever the regime wants new ones.

    Statistics (S,): variance, of the pictures, as a share of the data's; latent_std, of the codes that the first generation's encoder
    gives them; entropy of their classes, bits; precision and recall in the classifier's features; elbo, the negative one, of real
    held-out pictures, nats; late, nats by which the loss still fell from the third quarter of the updates to the last. classes:
    (S, 10), shares. state: [Drawn of each chain]."""
    for made in stages(plan, data, decoding, updates, latent, hidden, network, batch, population, start):
        if isinstance(made, Generation):
            yield made


def stages(plan: Plan, *settings, **named) -> Iterator[Generation | Fitting]:
    """As generations, with a word on the way every 25 updates."""
    chains = [Chain(plan, c, *settings, **named) for c in range(plan.seeds)]
    for index in range(plan.generations + 1):
        found = []
        for c, chain in enumerate(chains):
            for done in chain.learn(index):
                yield Fitting(index, c, plan.seeds, done, chain.updates_of(index))
            found.append(chain.read())
        yield Generation(index, {name: np.array([each[name] for each in found]) for name in found[0]},
                         [Drawn(chain.model, chain.shown()) for chain in chains])


class Chain:
    """One run: learn(0), read(), learn(1), read(), ... What a generation draws depends on the plan's seed, the chain and its index
    only, so that under "replace" a chain goes on from a kept model bit for bit."""

    def __init__(self, plan, chain=0, data="digits", decoding="mean", updates=None, latent=None, hidden=None, network="dense",
                 batch=None, population=False, start=None):
        if plan.regime not in KNOWN:
            raise BadInput(f"The VAE knows the regimes {', '.join(KNOWN)}; you gave {plan.regime}.")
        if data not in KINDS:
            raise BadInput(f"The VAE's data are {', '.join(KINDS)}; you gave {str(data)[:40]!r}.")
        if decoding not in DECODINGS:
            raise BadInput(f"Decoding must be mean or sample; you gave {str(decoding)[:40]!r}.")
        if plan.estimator != "mle":
            raise BadInput("A VAE has no n - 1 to divide by: leave --estimator at mle.")
        if start not in (None, *STARTS):
            raise BadInput(f"Each model starts new or from the one before; you gave {str(start)[:40]!r}.")
        self.plan, self.number, self.decoding, self.kind, self.start = plan, chain, decoding, KINDS[data], start or KINDS[data].start
        self.updates = whole("updates", self.kind.updates if updates is None else updates, 1, 1_000_000)
        self.first = self.updates if updates or self.start == "new" else self.kind.first
        self.batch = whole("batch", self.kind.batch if batch is None else batch, 1, 60_000)
        if population and plan.regime != "replace":
            raise BadInput("Endless digits are for the regime replace: elsewhere n says how many of each kind there are.")
        self.endless = self.updates * self.batch if population else 0
        keep = self.endless or plan.n * (plan.generations + 1 if plan.regime.startswith("accumulate") else 1)
        if keep > MOST_PICTURES:
            raise BadInput(f"That would keep {keep:,} pictures; at most {MOST_PICTURES:,} fit. Take fewer pictures or generations.")
        if (work := self.updates * plan.seeds * (plan.generations + 1)) > MOST_UPDATES:
            raise BadInput(f"That is {work:,} updates, about a millisecond each for 8x8 digits and five for MNIST; at most "
                           f"{MOST_UPDATES:,}. Take fewer chains, generations or updates.")
        self.real, self.held = pictures.read(data), pictures.read(data, "test")
        if plan.n > len(self.real) or plan.pool_size > len(self.real):
            raise BadInput(f"{self.real.title} has {len(self.real):,} training pictures; n and the pool can be no larger.")
        self.settings = {"size": self.real.size, "hidden": (self.kind.hidden if hidden is None else hidden,), "network": network,
                         "latent": self.kind.latent if latent is None else latent, "beta": 1 / self.kind.levels,
                         **({"channels": 64} if network == "convolutional" else {})}
        self.model = self.encoder = self.codes = None
        rng = stream(plan, chain)
        self.feed = Feed(plan, lambda k: self.real.pictures[rng.choice(len(self.real), k, replace=False)].numpy()[None], rng)

    def seed(self, index: int, what: int) -> int:
        """Of a stream of numbers for one purpose in one generation."""
        return int(stream(self.plan, self.number, index, what).integers(2**62))

    def updates_of(self, index: int) -> int:
        return self.updates if index else self.first

    def learn(self, index: int) -> Iterator[int]:
        """Train generation `index`, yielding the updates done."""
        if self.model is None:
            data = self.feed.first()[0]
        else:
            rng = runtime.rng(self.seed(index, 0))
            data = self.draw(self.endless, rng) if self.endless else self.feed.following(lambda k: self.draw(k, rng)[None])[0][0]
        before, codes, updates = self.model, self.codes, self.updates_of(index)
        self.model = models.build("digit_vae", self.seed(index, 1), **self.settings)
        if before is not None and self.start == "before":
            self.model.load_state_dict(before.state_dict())
        quarters, knobs = np.zeros(4), course.knobs(RATE, self.batch)
        for step in train(self.model, torch.from_numpy(np.ascontiguousarray(data)), updates, self.seed(index, 2), knobs):
            quarters[min(3, 4 * (step.index - 1) // updates)] += step.losses["loss"]
            if self.kind.falls:
                knobs.rate = RATE * min(1.0, max(0.01, 2 * (1 - step.index / updates)))
            if step.index % EVERY == 0 or step.index == updates:
                yield step.index
        self.late = (quarters[2] - quarters[3]) * 4 / updates
        self.model.eval().requires_grad_(False)
        if before is None:
            self.encoder, self.codes = self.model, torch.randn(SHOWN, self.settings["latent"], generator=runtime.rng(self.seed(0, 3)))
        elif self.start == "new":
            self.codes = self.turned(before, codes)

    def turned(self, before, codes):
        """The shown codes in the new model's own coordinates, (SHOWN, latent). A new network names its directions anew; a rotation of
        a normal code is as likely as the code, so the one is taken that maps the old codes of some pictures best to the new ones."""
        z = torch.randn(READ, codes.shape[1], generator=runtime.rng(self.seed(0, 4)))
        left, _, right = torch.linalg.svd(z.T @ self.model.encode(before.decode(z)))   # orthogonal Procrustes
        return codes @ (left @ right)

    def shown(self) -> np.ndarray:
        return whole_pixels(self.model.decode(self.codes))[:, 0]

    @torch.no_grad()
    def draw(self, k: int, rng) -> np.ndarray:
        """k pictures for the next generation to learn from.  -> (k, 1, S, S) uint8"""
        out = []
        for part in torch.zeros(k).split(1000):
            mean = self.model.decode(self.plan.bias**0.5 * torch.randn(len(part), self.model.latent, generator=rng))
            out.append(whole_pixels(mean if self.decoding == "mean" else counted(mean, self.kind.levels, rng)))
        return np.concatenate(out)

    @torch.no_grad()
    def read(self) -> dict:
        """The statistics of the generation just learned."""
        real, rng = self.real, runtime.rng(self.seed(0, 5))
        mean = self.model.decode(self.plan.bias**0.5 * torch.randn(READ, self.model.latent, generator=rng))
        held = self.held.pictures[:HELD]
        misfit, kl = course.negative_elbo(self.model, held, rng)
        seen = see(real.name, mean)
        near = neighbours(Pairs(true_features(real.name), seen.features[:len(held)]))
        classes = torch.bincount(seen.labels, minlength=10).double() / len(mean)
        return {"variance": (mean.var(0).sum() / spread(real.name)).item(), "latent_std": self.encoder.encode(mean).std().item(),
                "entropy": -(classes * classes.clamp(min=1e-12).log2()).sum().item() + 0.0,
                "precision": near.precision, "recall": near.recall, "elbo": misfit + self.settings["beta"] * kl.sum().item(),
                "late": float(self.late), "classes": classes.numpy()}


def whole_pixels(mean: torch.Tensor) -> np.ndarray:
    """Brightness 0 to 1 as uint8 0 to 255."""
    return (255 * mean).round().byte().numpy()


def counted(mean: torch.Tensor, coins: int, rng) -> torch.Tensor:
    """Each pixel as the share of heads among so many coins, each of chance `mean`: a sample of the decoder."""
    heads = torch.zeros_like(mean)
    for _ in range(coins):
        heads += torch.rand(mean.shape, generator=rng) < mean
    return heads / coins


@functools.lru_cache(maxsize=3)
def true_features(name: str) -> torch.Tensor:
    """What the classifier sees in the held-out pictures.  -> (N, 64), N at most HELD"""
    return see(name, pictures.read(name, "test").pictures[:HELD]).features


@functools.lru_cache(maxsize=3)
def spread(name: str) -> float:
    """The total variance of a data set's training pictures: of every pixel, brightness 0 to 1, summed."""
    real, total = pictures.read(name).pictures, 0.0
    for pixels in real.flatten(1).T.split(49):
        total += (pixels.double() / 255).var(1).sum().item()
    return total
