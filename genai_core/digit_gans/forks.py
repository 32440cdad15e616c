"""Moments of a run that one visit keeps, so that going on from one need not compute what came before it again."""

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass

from genai_core.digit_gans import experiment
from genai_core.digit_gans.experiment import LOOK_EVERY, SHOTS, Frame, Tick
from genai_core.digit_gans.settings import Settings
from genai_core.training import Snapshot

KEPT = 3   # moments of a visit: one of the slide's networks with its optimisers is 7 MB


@dataclass(frozen=True)
class State:
    """A moment right after a look: all that the next turn depends on, and table and film up to there."""

    snapshot: Snapshot
    rows: tuple[dict, ...]
    film: tuple[dict, ...]


def key(settings: Settings, index: int, steps: int) -> tuple:
    """What a kept moment depends on; how far apart the film's shots are follows from the run's length."""
    return settings.lineage(index), -(-steps // SHOTS // LOOK_EVERY)


def keep(kept: MutableMapping, settings: Settings, frame: Frame, rows, film) -> None:
    """Keep this moment if a further quarter of the run is over, or a little less; the oldest go. Other things in `kept` stay."""
    quarter = max(1, frame.steps // (KEPT + 1) // LOOK_EVERY) * LOOK_EVERY
    if frame.snapshot is None or frame.index % quarter or frame.index == frame.steps:
        return
    kept[key(settings, frame.index, frame.steps)] = State(frame.snapshot(), tuple(rows), tuple(film))
    for old in [name for name, value in kept.items() if isinstance(value, State)][:-KEPT]:
        del kept[old]


def latest(kept: MutableMapping, settings: Settings, steps: int) -> State | None:
    """The latest kept moment that this run passes through before its end; None for a run from the beginning."""
    found = [state for name, state in kept.items() if isinstance(state, State) and state.snapshot.index < steps
             and name == key(settings, state.snapshot.index, steps)]
    return max(found, key=lambda state: state.snapshot.index, default=None)


def run(settings: Settings, kept: MutableMapping) -> tuple[State | None, Iterator[Tick | Frame]]:
    """The kept moment that the run begins at, and its moments from there on: the same as those of `experiment.run`."""
    if settings.part != "train":
        return None, experiment.run(settings)
    data = experiment.learnt_from(settings)
    steps = experiment.turns_of(settings, len(data))
    state = latest(kept, settings, steps)
    return state, experiment.trained(settings, data, steps, state and state.snapshot)
