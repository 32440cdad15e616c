"""Diffusion models of points in the plane that learn from one another's points.

The network, its training and its samplers are those of the tab on diffusion: 2,000 points, 2,000 updates and 39 calls bring it near to
fresh data. A later generation starts from the weights of the one before, which nearly knows what it has drawn, so fewer updates do;
start="new" begins each anew, as Shumailov et al. 2024 do. Points are drawn by the probability-flow ODE in Heun's steps, which add no
noise of their own: what is lost is lost to the sample, to the fit, or to too few steps. `calls` is the switch for the last: with about 20
calls every generation comes out a few per cent wider than the one before, however many points there are.

What is read from a generation is read from points that are drawn apart from those it hands on: always as many, and from the same noise,
so that what changes is the model.
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from genai_core import metrics, runtime
from genai_core.collapse.feed import Feed
from genai_core.collapse.plan import Generation, Plan, stream, whole
from genai_core.collapse.vae import EVERY, STARTS, Fitting
from genai_core.data import DATASETS
from genai_core.data.points import RING_SPREAD, ring_centres
from genai_core.diffusion.experiment import BATCH, RATE, rate_at
from genai_core.diffusion.samplers import FEWEST_CALLS, MOST_CALLS
from genai_core.errors import BadInput
from genai_core.models.point_diffusion import PointDiffusion
from genai_core.quality.neighbours import neighbours
from genai_core.quality.pairs import Pairs
from genai_core.training import Knobs, train

DATA = ("ring", "two_moons")
FIRST, LATER = 2000, 400       # updates of the first generation, as in that tab, and of each later one that starts from the one before
CALLS = 39                     # of the network, for each point
READ = 1000                    # points behind the readings
SHOWN = 400                    # of them, those that are drawn
MOST_UPDATES = 2_000_000       # of one call: about an hour of one core
MOST_DRAWN = 5_000_000         # points that the models draw for one another: some minutes
REFERENCE_SEED, FLOOR_SEED = 211, 212


@dataclass(frozen=True)
class Drawn:
    """A chain's generation, for pictures. shown: (SHOWN, 2) points, from the same noise in every generation."""

    model: torch.nn.Module
    shown: np.ndarray


def generations(plan: Plan, data: str = "ring", updates: int | None = None, calls: int = CALLS,
                start: str | None = None) -> Iterator[Generation]:
    """data: ring (eight modes) or two_moons. updates: of every generation, the first too; None: FIRST, then LATER. calls: of the network
    for each point drawn. start: each model's weights, new or from the one before (None: before). The judge of "filter" likes an x.

    Statistics (S,): spread, the trace of the covariance as a share of the truth's; distance, the energy distance to fresh real points in
    units of the plane (the ring's radius is 1), never below the noise of its samples (truth(data)["distance"]); precision and recall by
    nearest neighbours; for the ring modes, those of eight that hold at least a fifth of their share, and smallest, the share of all
    points that lies near the rarest mode. No closed form is known. state: [Drawn of each chain]"""
    for made in stages(plan, data, updates, calls, start):
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
                         [Drawn(chain.model, chain.points[:SHOWN].numpy()) for chain in chains])


def updates_in_all(plan: Plan, updates: int | None = None, start: str | None = None) -> int:
    """Of every chain and generation together."""
    later = updates or (FIRST if start == "new" else LATER)
    return plan.seeds * ((updates or FIRST) + plan.generations * later)


class Chain:
    """One run: learn(0), read(), learn(1), read(), ... It depends on the plan and its number, not on the chains beside it."""

    def __init__(self, plan, chain=0, data="ring", updates=None, calls=CALLS, start=None):
        if data not in DATA:
            raise BadInput(f"The denoiser's data are {', '.join(DATA)}; you gave {str(data)[:40]!r}.")
        if start not in (None, *STARTS):
            raise BadInput(f"Each model starts new or from the one before; you gave {str(start)[:40]!r}.")
        if plan.regime == "weighted":
            raise BadInput("The denoiser does not know the regime weighted, for its points all count alike: choose fresh, or the Gaussian.")
        if plan.bias != 1 or plan.estimator != "mle":
            raise BadInput("A denoiser has no variance to scale and no n - 1 to divide by: leave --bias at 1 and --estimator at mle.")
        self.plan, self.number, self.data, self.start = plan, chain, data, start
        self.updates = None if updates is None else whole("updates", updates, 1, 1_000_000)
        self.calls = whole("calls", calls, FEWEST_CALLS, MOST_CALLS)
        if (work := updates_in_all(plan, self.updates, start)) > MOST_UPDATES:
            raise BadInput(f"That is {work:,} updates, about 1.5 milliseconds each; at most {MOST_UPDATES:,}. Take fewer chains, "
                           "generations or updates.")
        drawn = plan.seeds * sum(plan.size(t) for t in range(2, plan.generations + 2)) / (plan.keep if plan.regime == "filter" else 1)
        if drawn > MOST_DRAWN:
            raise BadInput(f"The models would draw {drawn:,.0f} points for one another; at most {MOST_DRAWN:,}. Take fewer points, "
                           "chains or generations, or let the data grow less.")
        rng, width = stream(plan, chain), truth_points(data)[:, 0].std().item()
        self.model = self.points = None
        self.feed = Feed(plan, lambda k: DATASETS[data].draw(k, runtime.rng(int(rng.integers(2**62)))).numpy()[None], rng,
                         score=lambda points: -np.abs(points[..., 0] / width - plan.judge))

    def seed(self, index: int, what: int) -> int:
        """Of a stream of numbers for one purpose in one generation."""
        return int(stream(self.plan, self.number, index, what).integers(2**62))

    def updates_of(self, index: int) -> int:
        return self.updates or (LATER if index and self.start != "new" else FIRST)

    def learn(self, index: int) -> Iterator[int]:
        """Train generation `index`, yielding the updates done."""
        if self.model is None:
            data = self.feed.first()[0]
        else:
            rng = runtime.rng(self.seed(index, 0))
            data = self.feed.following(lambda k: self.draw(k, rng).numpy()[None])[0][0]
        before, updates, knobs = self.model, self.updates_of(index), Knobs(rate=RATE, batch=BATCH, options={"fused": True})
        self.model = runtime.build(PointDiffusion, self.seed(index, 1))
        if before is not None and self.start != "new":
            self.model.load_state_dict(before.state_dict())
        for step in train(self.model, torch.from_numpy(data), updates, self.seed(index, 2), knobs):
            knobs.rate = rate_at(step.index, updates)
            if step.index % EVERY == 0 or step.index == updates:
                yield step.index
        self.model.eval().requires_grad_(False)

    def draw(self, k: int, rng) -> torch.Tensor:
        """k points for the next generation to learn from.  -> (k, 2)"""
        return torch.cat([self.model.sample(len(part), rng, calls=self.calls) for part in torch.zeros(k).split(10_000)])

    def read(self) -> dict:
        """The statistics of the generation just learned."""
        self.points = self.draw(READ, runtime.rng(self.seed(0, 3)))
        return read(self.points, self.data)


def read(points: torch.Tensor, data: str) -> dict:
    """The readings of points (READ, 2)."""
    real = truth_points(data)
    near = neighbours(Pairs(real, points))
    found = {"spread": points.var(0).sum().item() / spread(data), "distance": metrics.energy_distance(points, real),
             "precision": near.precision, "recall": near.recall}
    if data != "ring":
        return found
    centres = ring_centres()
    mode = metrics.near_mode(points, centres, RING_SPREAD)
    counts = torch.bincount(mode[mode >= 0], minlength=len(centres))
    return {"modes": float(metrics.modes_found(points, centres, RING_SPREAD)), "smallest": counts.min().item() / len(points)} | found


@functools.lru_cache(maxsize=4)
def truth_points(data: str) -> torch.Tensor:
    """Fresh real points that no model learns from.  -> (READ, 2)"""
    return DATASETS[data].draw(READ, runtime.rng(REFERENCE_SEED))


@functools.lru_cache(maxsize=4)
def spread(data: str) -> float:
    """The trace of the data's covariance."""
    return DATASETS[data].draw(100_000, runtime.rng(REFERENCE_SEED)).var(0).sum().item()


@functools.lru_cache(maxsize=4)
def truth(data: str) -> dict:
    """What a perfect model would read: the means over 8 other samples of real points. distance is thus the noise floor."""
    rng = runtime.rng(FLOOR_SEED)
    found = [read(DATASETS[data].draw(READ, rng), data) for _ in range(8)]
    return {name: float(np.mean([each[name] for each in found])) for name in found[0]}
