"""What the tab on diffusion runs on points: dissolve them, learn to denoise, go back from noise, and spend network calls.

A run is a pure function of its Settings. What is kept from an earlier run, a trained network, only saves time.
"""

import math
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, field
from functools import cache

import torch

from genai_core import data, metrics, runtime
from genai_core.diffusion import exact, samplers, targets
from genai_core.diffusion.schedule import Schedule, chain
from genai_core.errors import BadInput
from genai_core.models.point_diffusion import PointDiffusion
from genai_core.training import Knobs, train

PARTS = ("forward", "train", "reverse", "calls", "latent")
POINTS = ("ring", "two_moons", "spiral", "pinwheel", "checkerboard", "off_centre")
EXACT = ("ring", "off_centre")    # made from a formula, so that the best possible answer is known
PICTURES = "strokes"
DENOISERS = ("network", "exact")
TRAINING_POINTS, SAMPLES = 2000, 500
SAMPLE_SEED, REFERENCE_SEED, FLOOR_SEED, LOSS_SEED = 201, 202, 203, 204
RATE, BATCH = 5e-3, 256
LOOK_EVERY = 50             # updates between two looks
LOOK_CALLS = 19             # network calls of a look, with Heun
SHOTS = 30                  # of a walk, those that are shown
BUDGETS = (4, 8, 16, 32, 64, 128, 256, 512, 1000)
COMPARED = ("ddpm", "ddim", "heun", "langevin")
SHOWN = (4, 32)             # budgets whose clouds stand beside the chosen one
FIELD_SIDE, FIELD_REACH, ARROW = 13, 2.4, 0.2   # score arrows on a grid, drawn at this share of their length
LOSS_LEVELS = 24


@dataclass(frozen=True)
class Settings:
    """part: of PARTS. data: of POINTS, or strokes. schedule, length: the chain. target: what the network answers.
    updates: of its weights, 100 to 6,000. sampler, calls, eta: as in samplers. denoiser: the trained network, or the exact
    answer, which only EXACT have. digit: "any" or "0" to "9"; guidance: 0 to 10, of strokes and latents. prompt: of latents.
    Raises BadInput."""

    part: str = "reverse"
    data: str = "ring"
    sampler: str = "ddpm"
    calls: int = 50
    schedule: str = "cosine"
    length: int = 1000
    target: str = "v"
    updates: int = 2000
    eta: float = 0.0
    denoiser: str = "network"
    digit: str = "any"
    guidance: float = 2.0
    seed: int = 0
    prompt: str = "a large yellow star on sky"

    def __post_init__(self):
        for what, given, names in (("part", self.part, PARTS), ("data set", self.data, (*POINTS, PICTURES)),
                                   ("denoiser", self.denoiser, DENOISERS), ("digit", self.digit, ("any", *"0123456789"))):
            if given not in names:
                raise BadInput(f"There is no {what} {str(given)[:40]!r}; choose one of {', '.join(names)}.")
        targets.check(self.target)
        chain(self.schedule, self.length)
        samplers.levels(self.chain, self.how, self.calls)
        if not 100 <= self.updates <= 6000 or not 0 <= self.seed < 2**31:
            raise BadInput(f"Updates go from 100 to 6,000 and the seed from 0 to 2**31 - 1; you gave {self.updates} and {self.seed}.")
        if self.denoiser == "exact" and self.data not in EXACT and self.part in ("reverse", "calls"):
            raise BadInput("Only the rings are made from a formula, so only they have an exact denoiser: choose one of them, or the "
                           "network.")

    @property
    def chain(self) -> Schedule:
        return chain(self.schedule, self.length)

    @property
    def how(self) -> samplers.Sampler:
        return samplers.sampler(self.sampler, self.eta)

    @property
    def network(self) -> tuple:
        """All that the trained network depends on."""
        return self.data, self.schedule, self.length, self.target, self.updates, self.seed


@dataclass(frozen=True)
class Frame:
    """One moment. index of steps, in the unit of the part. clouds: {"noisy" | "clean" | a title: points (n, 2)}. score:
    arrows (m, 4) as x, y, dx, dy, or None. row: what is told of it. losses: [t, loss, least possible or None] by timestep, or ().
    pictures: {title: (h, w) or (h, w, 3) uint8}, instead of clouds."""

    index: int
    steps: int
    clouds: dict[str, torch.Tensor]
    score: torch.Tensor | None
    row: dict
    losses: tuple = ()
    pictures: dict = field(default_factory=dict)


@cache
def reference(name: str) -> torch.Tensor:
    """Fresh points that no network was trained on.  -> (500, 2)"""
    return data.load(name, REFERENCE_SEED, SAMPLES)


@cache
def floor(name: str) -> float:
    """Energy distance between two fresh samples of 500, mean of twenty pairs."""
    return metrics.noise_floor(data.DATASETS[name].draw, SAMPLES, runtime.rng(FLOOR_SEED), pairs=20)


def distance(points: torch.Tensor, name: str) -> float:
    return metrics.energy_distance(points.float(), reference(name))


def forward(asked: Settings) -> Iterator[Frame]:
    """The data dissolve, always in the same noise: 41 timesteps from 0 (the data) to T."""
    points, noise = data.load(asked.data, asked.seed, SAMPLES), torch.randn(SAMPLES, 2, generator=runtime.rng(asked.seed + 1))
    level = torch.cat([torch.ones(1, dtype=torch.float64), asked.chain.alpha_bar])
    for index, t in enumerate(torch.linspace(0, asked.length, 41).round().long().unique().tolist()):
        x = targets.noisy(points, noise, level[t]).float()
        yield Frame(t, asked.length, {"noisy": x}, None, {"t": t, **ratios(float(level[t]))})


def ratios(level: float) -> dict:
    """signal and noise: shares in size. snr_db: signal-to-noise ratio of powers in decibels; None for the data themselves."""
    return {"signal": math.sqrt(level), "noise": math.sqrt(1 - level),
            "snr_db": 10 * math.log10(level / (1 - level)) if level < 1 else None}


def rate_at(done: int, updates: int) -> float:
    """The learning rate of the update that follows `done` finished ones: even for half of them, then falling to 0."""
    return RATE * min(1.0, 2 * (1 - done / updates))


def fitted(asked: Settings) -> Iterator[tuple]:
    """Train, yielding (update, network, loss) after each update."""
    points = data.load(asked.data, asked.seed, TRAINING_POINTS)
    net = runtime.build(lambda: PointDiffusion(target=asked.target, schedule_name=asked.schedule, length=asked.length), asked.seed)
    knobs = Knobs(rate=RATE, batch=BATCH, options={"fused": True})
    for step in train(net, points, asked.updates, asked.seed, knobs):
        knobs.rate = rate_at(step.index, asked.updates)
        yield step.index, net, step.losses["loss"]


@torch.no_grad()
def losses_by_level(net: PointDiffusion, asked: Settings) -> tuple:
    """Mean squared error at 24 timesteps, on fresh points and always the same noise; and, for EXACT, that of the exact
    answer, which no network can go below on average.  -> ([t, loss, least or None], ...)"""
    points, found = reference(asked.data), []
    noise = torch.randn(points.shape, generator=runtime.rng(LOSS_SEED))
    for t in torch.linspace(0, asked.length - 1, LOSS_LEVELS).round().long().unique().tolist():
        at, least = torch.full((len(points),), t), None
        if asked.data in EXACT:
            level, sigma = asked.chain.alpha_bar[t].float(), float(asked.chain.sigma[t])
            x = targets.noisy(points, noise, level)
            best = exact.of(asked.data).denoise(x / level.sqrt(), sigma)
            least = (targets.target(asked.target, best, targets.noise_of("x0", best, x, level), level)
                     - targets.target(asked.target, points, noise, level)).square().mean().item()
        found.append((t + 1, net.misfit(points, at, noise).mean().item(), least))
    return tuple(found)


def training(asked: Settings, kept: MutableMapping | None = None) -> Iterator[Frame]:
    """A Frame every 50 updates and at the end: what the network draws, how far from fresh data, and its loss."""
    losses = []
    for index, net, loss in fitted(asked):
        losses.append(loss)
        if not math.isfinite(loss):
            raise BadInput(f"The network came apart at update {index:,}: its loss is no number any more.")
        if index % LOOK_EVERY and index != asked.updates:
            continue
        drawn = net.sample(SAMPLES, runtime.rng(SAMPLE_SEED), calls=LOOK_CALLS)
        row = {"update": index, "loss": sum(losses) / len(losses), "distance": distance(drawn, asked.data)}
        losses = []
        if index == asked.updates and kept is not None:
            kept["network"] = (asked.network, net)
        yield Frame(index, asked.updates, {"drawn": drawn}, None, row, losses_by_level(net, asked))


def learnt(asked: Settings, kept: MutableMapping | None) -> Iterator:
    """The denoiser that the settings name; where it must be trained first, (update, of) come before it. Returns the denoiser."""
    if asked.denoiser == "exact":
        return exact.of(asked.data).denoise
    known = (kept or {}).get("network")
    if known and known[0] == asked.network:
        net = known[1]
    else:
        for index, net, _ in fitted(asked):
            if index % 25 == 0:
                yield index, asked.updates
        if kept is not None:
            kept["network"] = (asked.network, net)
    with torch.no_grad():
        return samplers.denoiser(net.requires_grad_(False), asked.target)


def arrows(denoise, sigma: float) -> torch.Tensor:
    """The score on a grid, as the network sees the plane at this level, times the noise's deviation.  -> (169, 4) x, y, dx, dy"""
    line = torch.linspace(-FIELD_REACH, FIELD_REACH, FIELD_SIDE)
    y, x = torch.meshgrid(line, line, indexing="ij")
    seen = torch.stack([x.flatten(), y.flatten()], 1)                            # (169, 2)
    level = torch.tensor(1 / (1 + sigma**2))
    clean = denoise(seen / level.sqrt(), sigma)
    step = -ARROW * targets.noise_of("x0", clean, seen, level)
    return torch.cat([seen, step], 1)


def reverse(asked: Settings, kept: MutableMapping | None = None) -> Iterator[Frame]:
    """From noise to points: a Frame for each of at most 30 steps, evenly taken, and the last."""
    denoise = yield from told_as_learning(asked, kept)
    how, rng = asked.how, runtime.rng(asked.seed + SAMPLE_SEED)
    at = samplers.levels(asked.chain, how, asked.calls)
    shown = set(torch.linspace(1, len(at) - 1, min(SHOTS, len(at) - 1)).round().long().tolist())
    for step in samplers.walk(denoise, samplers.start((SAMPLES, 2), float(at[0]), rng), at, how, rng):
        if step.index not in shown:
            continue
        last = step.index == step.steps
        row = {"step": step.index, "calls": step.calls, "sigma": step.sigma, "distance_noisy": distance(step.seen, asked.data),
               "distance_clean": distance(step.clean, asked.data)}
        if last:
            row["distance"] = distance(step.x_after, asked.data)
        yield Frame(step.index, step.steps, {"noisy": step.seen, "clean": step.x_after if last else step.clean},
                    arrows(denoise, step.sigma), row)


def told_as_learning(asked: Settings, kept: MutableMapping | None) -> Iterator:
    """As `learnt`, with a Frame without clouds now and then while it trains."""
    work = learnt(asked, kept)
    while True:
        try:
            index, of = next(work)
        except StopIteration as done:
            return done.value
        yield Frame(index, of, {}, None, {"learning": index})


def spent(asked: Settings, kept: MutableMapping | None = None) -> Iterator[Frame]:
    """Quality against calls of the network: every sampler compared at every budget, small ones first, and the chosen one at its own."""
    denoise = yield from told_as_learning(asked, kept)
    plans = [("chosen", asked.how, asked.calls)]
    plans += [(name, samplers.sampler(name), calls) for calls in BUDGETS for name in COMPARED]
    clouds: dict[str, torch.Tensor] = {}
    for index, (name, how, calls) in enumerate(plans, 1):
        rng = runtime.rng(asked.seed + SAMPLE_SEED)
        at = samplers.levels(asked.chain, how, calls)
        row = {}
        for step in samplers.walk(denoise, samplers.start((SAMPLES, 2), float(at[0]), rng), at, how, rng):
            if step.index % 25 == 0:
                yield Frame(index, len(plans), dict(clouds), None, row)
        if name == "chosen" or name == asked.sampler and calls in SHOWN:
            clouds[name if name == "chosen" else str(calls)] = step.x_after
        row = {"sampler": name, "asked": calls, "calls": step.calls, "distance": distance(step.x_after, asked.data)}
        yield Frame(index, len(plans), dict(clouds), None, row)


def run(asked: Settings, kept: MutableMapping | None = None) -> Iterator[Frame]:
    """The frames of the part that the settings name."""
    if asked.part == "latent":
        from genai_core.diffusion import latents

        return latents.run(asked)
    if asked.data == PICTURES:
        from genai_core.diffusion import digit_runs

        return digit_runs.run(asked)
    if asked.part == "forward":
        return forward(asked)
    return {"train": training, "reverse": reverse, "calls": spent}[asked.part](asked, kept)
