"""Five families learn the same points for the same time, one after the other, and are looked at while they learn."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import torch

from genai_core import data, metrics, runtime
from genai_core.data.points import RING_SPREAD, ring_centres
from genai_core.families.learners import Learner, learner
from genai_core.families.likelihood import Likelihood
from genai_core.families.settings import FAMILIES, LOOKS, UPDATES_PER_SECOND, Settings
from genai_core.measuring import FOLDER
from genai_core.quality import readings
from genai_core.quality.bands import Band
from genai_core.quality.readings import SHOWN, WIDE

TRAINING_POINTS = 2000
REFERENCE_SEED, SAMPLE_SEED, HELD_SEED = 81_000, 82_000, 83_000   # each with the run's own seed added
HELD = 500               # points of which the likelihood is told
AT_ONCE_S = 0.1          # work between two moments


@dataclass(frozen=True)
class Look:
    """One family after `updates` updates and `seconds` of learning, which took `cpu_s` of a core. samples (5000, 2).
    readings: all of readings.of_kind("points"). modes_found: of 8, None where the data has none to count. Of digits: samples are
    the few pictures that are shown, readings those of digits.BANDED, and empty where it was only a glance."""

    family: str
    index: int
    updates: int
    seconds: float
    cpu_s: float
    loss: float
    samples: torch.Tensor
    readings: dict[str, float]
    modes_found: int | None


@dataclass(frozen=True)
class End:
    """What is known once a family has learnt: its last look, its likelihood, the seconds that one sample takes."""

    look: Look
    likelihood: Likelihood
    per_sample_s: float
    chosen: str


@dataclass
class State:
    """Where the contest is. step counts looks over all families. looks: all so far. ends: of the families that are done."""

    step: int = 1
    steps: int = LOOKS * len(FAMILIES)
    looks: list[Look] = field(default_factory=list)
    ends: dict[str, End] = field(default_factory=dict)


@lru_cache(maxsize=8)
def bands(name: str) -> dict[str, Band]:
    """The 99% bands of a data set in the plane, or of "strokes", as they were measured."""
    kind = "digits" if name == "strokes" else "points"
    figure = json.loads((FOLDER / "metrics.json").read_text(encoding="utf-8"))["figures"][f"{kind}_{name}"]
    return {reading: Band(told["low"], told["median"], told["high"]) for reading, told in figure["readings"].items()}


def reference(settings: Settings) -> torch.Tensor:
    """Fresh points that no family sees, others for each seed.  -> (5000, 2)"""
    return data.load(settings.data, REFERENCE_SEED + settings.seed, WIDE)


def held_out(settings: Settings) -> torch.Tensor:
    """Points of which the likelihood is told.  -> (500, 2)"""
    return data.load(settings.data, HELD_SEED + settings.seed, HELD)


def truth(settings: Settings) -> float | None:
    """Mean log density of the held-out points under the ring itself, in nats; None for data without a known density."""
    if settings.data != "ring":
        return None
    from genai_core.diffusion.exact import Mixture

    return Mixture(ring_centres(), RING_SPREAD).log_density(held_out(settings).double(), 0.0).mean().item()


class Points:
    """The plane, as a ground that the families meet on: what they learn from, and how they are looked at."""

    pace = UPDATES_PER_SECOND

    def __init__(self, settings: Settings):
        self.settings, self.points = settings, data.load(settings.data, settings.seed, TRAINING_POINTS)
        self.real, self.held = reference(settings), held_out(settings)

    def learner(self, family: str) -> Learner:
        return learner(family, self.points, self.settings.seed, self.settings.balance)

    def look(self, family: str, index: int, given: Learner, seconds: float, cpu_s: float):
        """Draw and read; changes neither the family nor any stream of its learning. A generator: its value is the Look."""
        yield
        settings = self.settings
        samples = given.draw(WIDE, runtime.rng(SAMPLE_SEED + settings.seed))
        modes = metrics.modes_found(samples, ring_centres(), RING_SPREAD, 0.08) if settings.data == "ring" else None
        return Look(family, index, given.updates, seconds, cpu_s, given.loss, samples, readings.of_points(self.real, samples), modes)

    def end(self, look: Look, given: Learner):
        """A generator: its value is the End."""
        yield
        return End(look, given.likelihood(self.held), per_sample_s(given), given.chosen())


def per_sample_s(given: Learner, drawn: int = SHOWN) -> float:
    """Seconds of a core that one sample takes, of so many drawn at once: the fastest of three."""
    times = []
    for _ in range(3):
        began = time.thread_time()
        given.draw(drawn, runtime.rng(0))
        times.append(time.thread_time() - began)
    return min(times) / drawn


def run(settings: Settings) -> Iterator[State]:
    """The contest in the plane, as `play` tells it."""
    yield from play(settings, Points(settings))


def play(settings: Settings, ground) -> Iterator[State]:
    """The state after every tenth of a second of work, always the same object, filling up; a new look at a family ten times
    while it learns. Looking is not counted as learning. ground: Points, or what has the same parts."""
    state = State()
    for place, family in enumerate(FAMILIES):
        given = ground.learner(family)
        seconds = cpu_s = 0.0
        for index in range(1, LOOKS + 1):
            share = index / LOOKS * settings.seconds
            while not _reached(given, settings, ground.pace[family], seconds, share):
                began, busy = time.perf_counter(), time.thread_time()
                while time.perf_counter() - began < AT_ONCE_S and not _reached(
                        given, settings, ground.pace[family], seconds + time.perf_counter() - began, share):
                    given.update()
                seconds += time.perf_counter() - began
                cpu_s += time.thread_time() - busy
                yield state
            seen = yield from _meanwhile(ground.look(family, index, given, seconds, cpu_s), state)
            state.looks.append(seen)
            state.step = place * LOOKS + index
            if index < LOOKS:
                yield state
        state.ends[family] = yield from _meanwhile(ground.end(seen, given), state)
        yield state


def _meanwhile(work, state: State):
    """The state again and again while `work`, a generator, goes on.  -> what it comes to"""
    while True:
        try:
            next(work)
        except StopIteration as ended:
            return ended.value
        yield state


def _reached(given: Learner, settings: Settings, pace: float, seconds: float, share: float) -> bool:
    """Whether this many seconds of the budget are spent; at least one update is always made."""
    if not given.updates:
        return False
    if settings.pace == "fixed":
        return given.updates >= round(share * pace)
    return seconds >= share
