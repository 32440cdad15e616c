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
    readings: all of readings.of_kind("points"). modes_found: of 8, None where the data has none to count."""

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


def look(family: str, index: int, given: Learner, settings: Settings, seconds: float, cpu_s: float, real: torch.Tensor) -> Look:
    """Draw and read; changes neither the family nor any stream of its learning."""
    samples = given.draw(WIDE, runtime.rng(SAMPLE_SEED + settings.seed))
    modes = metrics.modes_found(samples, ring_centres(), RING_SPREAD, 0.08) if settings.data == "ring" else None
    return Look(family, index, given.updates, seconds, cpu_s, given.loss, samples, readings.of_points(real, samples), modes)


def per_sample_s(given: Learner) -> float:
    """Seconds of a core that one sample takes, of a thousand drawn at once: the fastest of three."""
    times = []
    for _ in range(3):
        began = time.thread_time()
        given.draw(SHOWN, runtime.rng(0))
        times.append(time.thread_time() - began)
    return min(times) / SHOWN


def run(settings: Settings) -> Iterator[State]:
    """The state after every tenth of a second of work, always the same object, filling up; a new look at a family ten times
    while it learns. Looking is not counted as learning."""
    points = data.load(settings.data, settings.seed, TRAINING_POINTS)
    real, held, state = reference(settings), held_out(settings), State()
    for place, family in enumerate(FAMILIES):
        given = learner(family, points, settings.seed, settings.balance)
        seconds = cpu_s = 0.0
        for index in range(1, LOOKS + 1):
            share = index / LOOKS
            while not _reached(given, settings, family, seconds, share):
                began, busy = time.perf_counter(), time.thread_time()
                while time.perf_counter() - began < AT_ONCE_S and not _reached(
                        given, settings, family, seconds + time.perf_counter() - began, share):
                    given.update()
                seconds += time.perf_counter() - began
                cpu_s += time.thread_time() - busy
                yield state
            state.looks.append(look(family, index, given, settings, seconds, cpu_s, real))
            state.step = place * LOOKS + index
            if index < LOOKS:
                yield state
        state.ends[family] = End(state.looks[-1], given.likelihood(held), per_sample_s(given), given.chosen())
        yield state


def _reached(given: Learner, settings: Settings, family: str, seconds: float, share: float) -> bool:
    """Whether this share of the budget is spent; at least one update is always made."""
    if not given.updates:
        return False
    if settings.pace == "fixed":
        return given.updates >= round(share * settings.seconds * UPDATES_PER_SECOND[family])
    return seconds >= share * settings.seconds
