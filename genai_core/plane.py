"""Two models learn a shape in the plane, and can be taken back to any recorded update and sent another way.

A run is a pure function of its Settings: seed, learning rates and their changes. What is kept from an earlier run only
saves the time of computing it again, so a run that goes on from update 1,200 gives the numbers of one that never stopped.
"""

import math
from collections.abc import Iterator, MutableMapping
from dataclasses import asdict, dataclass
from functools import cache, partial

import torch

from genai_core import data, metrics, models, runtime
from genai_core.data.points import RING_SPREAD, ring_centres
from genai_core.errors import BadInput
from genai_core.recorded import Recorder, pack
from genai_core.training import Knobs, Snapshot, train

MODELS = ("vae", "gan")
DATA = ("ring", "two_moons", "spiral")
MODES = {"ring": (ring_centres, RING_SPREAD)}  # data sets whose clumps can be counted: centres, std of each
TRAINING_POINTS = 2000
LOOK_EVERY = 50      # updates between two frames: about 0.1 s of work for both models
SAMPLES = 500        # points that a frame draws from each model, always from the same codes
SAMPLE_SEED, REFERENCE_SEED, FLOOR_SEED = 101, 102, 103
KEPT = 12            # states kept, of one run or several; each about 0.25 MB for both models
MOST_STEPS = 12000
RATES = (1e-5, 0.1)  # learning rates that are taken
BALANCES = (0.1, 10.0)


@dataclass(frozen=True)
class Settings:
    """model: "vae", "gan" or "both". steps: updates, 50 to 12,000. balance: the discriminator's learning rate as a
    multiple of the generator's. rates: ((from_update, learning_rate), ...), the first from 0. Raises BadInput."""

    model: str = "both"
    data: str = "ring"
    steps: int = 3000
    seed: int = 0
    balance: float = 2.0
    rates: tuple[tuple[int, float], ...] = ((0, 1e-3),)

    def __post_init__(self):
        _one_of("model", self.model, (*MODELS, "both"))
        _one_of("data set", self.data, DATA)
        _within("updates", self.steps, (LOOK_EVERY, MOST_STEPS))
        _within("seed", self.seed, (0, 2**31 - 1))
        _within("discriminator's share", self.balance, BALANCES)
        for _, rate in self.rates:
            _within("learning rate", rate, RATES)
        starts = [start for start, _ in self.rates]
        if starts != sorted(set(starts)) or starts[0] != 0:
            raise BadInput(f"Learning rates must follow each other from update 0 on; these start at {starts}.")
        if starts[-1] >= self.steps:
            raise BadInput(f"Going on from update {starts[-1]:,} leaves nothing to do in a run of {self.steps:,} updates: "
                           "go back further, or ask for more updates.")

    @property
    def models(self) -> tuple[str, ...]:
        return MODELS if self.model == "both" else (self.model,)

    def rate_at(self, done: int) -> float:
        """The learning rate of the update that follows `done` finished ones."""
        return [rate for start, rate in self.rates if start <= done][-1]

    def lineage(self, index: int) -> tuple:
        """All that the state after `index` updates depends on: equal lineages have equal numbers."""
        return (self.model, self.data, self.seed, self.balance, tuple(r for r in self.rates if r[0] < index), index)


def _one_of(what: str, given, names) -> None:
    if given not in names:
        raise BadInput(f"There is no {what} {str(given)[:40]!r}; choose one of {', '.join(names)}.")


def _within(what: str, given, limits) -> None:
    if not limits[0] <= given <= limits[1]:
        raise BadInput(f"{what.capitalize()}: {given:g} is out of range; it goes from {limits[0]:g} to {limits[1]:g}.")


def schedule(rate: float, earlier: str = "") -> tuple[tuple[int, float], ...]:
    """rate from the end of `earlier` on; earlier: "0.001 until 1200, 0.002 until 2000", or "" -> as Settings.rates."""
    rates, start = [], 0
    for piece in filter(None, (p.strip() for p in earlier.split(","))):
        words = piece.split()
        try:
            before, until = float(words[0]), int(words[2])
            fits = len(words) == 3 and words[1] == "until"
        except (ValueError, IndexError):
            fits = False
        if not fits:
            raise BadInput(f"Earlier learning rates: {piece[:40]!r} cannot be read; write for example 0.001 until 1200.")
        if until <= start:
            raise BadInput(f"Earlier learning rates: {piece[:40]!r} ends at or before update {start}; each must end later.")
        rates.append((start, before))
        start = until
    return (*rates, (start, rate))


@dataclass(frozen=True)
class Drawing:
    """What one model had learned. losses: of the last update, by turn. mean_losses: since the frame before.

    samples (500, 2). modes_found 0 to 8 and near_share 0 to 1: None where the data has no modes to count.
    distance: energy distance from fresh data, in data units.
    """

    model: str
    losses: dict[str, float]
    mean_losses: dict[str, float]
    samples: torch.Tensor
    modes_found: int | None
    near_share: float | None
    distance: float


@dataclass(frozen=True)
class State:
    """Everything to go on from after `index` updates, for each model; frames' rows up to there."""

    index: int
    snapshots: dict[str, Snapshot]
    rows: tuple[dict, ...]


@dataclass(frozen=True)
class Frame:
    """index: finished updates. began: where this run was taken up, 0 or a kept state's index. rows: table from 0 on."""

    index: int
    steps: int
    drawings: tuple[Drawing, ...]
    rows: tuple[dict, ...]
    began: int = 0


def knobs_of(model: str, rate: float, balance: float) -> Knobs:
    """How each model is trained here. Two rates for a GAN: Heusel et al. 2017, arXiv:1706.08500, section 2."""
    if model == "gan":
        return Knobs(rate={"discriminator": rate * balance, "generator": rate}, options={"betas": (0.5, 0.9)})
    return Knobs(rate=rate)


@cache
def reference(name: str) -> torch.Tensor:
    """Fresh points of the data set that no model was trained on.  -> (500, 2)"""
    return data.load(name, REFERENCE_SEED, SAMPLES)


@cache
def floor(name: str) -> float:
    """Energy distance between two fresh samples of the data set, mean of five pairs, in data units."""
    return metrics.noise_floor(data.DATASETS[name].draw, SAMPLES, runtime.rng(FLOOR_SEED))


def look(model: str, net, name: str, losses: list[dict[str, float]]) -> Drawing:
    """Draw from the model and measure what it drew; changes neither the model nor any stream of its training."""
    samples = net.sample(SAMPLES, runtime.rng(SAMPLE_SEED))  # (500, 2)
    found = share = None
    if name in MODES:
        centres, spread = MODES[name]
        found = metrics.modes_found(samples, centres(), spread)
        share = metrics.near_mode_share(samples, centres(), spread)
    means = {turn: sum(step[turn] for step in losses) / len(losses) for turn in losses[-1]}
    return Drawing(model, losses[-1], means, samples, found, share, metrics.energy_distance(samples, reference(name)))


def row(index: int, drawings: tuple[Drawing, ...]) -> dict:
    """One line of the table: the update, then each model's losses in nats (the last, and the mean since the line
    before) and its measures."""
    line = {"update": index}
    for d in drawings:
        for turn, loss in d.losses.items():
            name = f"{d.model}_loss" if turn == "loss" else f"{d.model}_{turn}_loss"
            line |= {name: loss, f"{name}_mean": d.mean_losses[turn]}
        if d.modes_found is not None:
            line |= {f"{d.model}_modes_found": d.modes_found, f"{d.model}_near_share": d.near_share}
        line[f"{d.model}_distance"] = d.distance
    return line


def run(settings: Settings, kept: MutableMapping | None = None) -> Iterator[Frame]:
    """Train and yield a Frame every 50 updates and at the end; work between two yields is about 0.1 s on one core.

    kept: states of earlier runs by lineage; read to start as late as may be before the last change of rate, and filled
    at about KEPT updates. Without it everything is computed from update 0: the numbers are the same.
    """
    points = data.load(settings.data, settings.seed, TRAINING_POINTS)
    start = _latest(settings, kept)
    nets = {name: models.build(name, settings.seed) for name in settings.models}
    knobs = {name: knobs_of(name, settings.rate_at(0), settings.balance) for name in nets}
    runs = {name: train(net, points, settings.steps, settings.seed, knobs[name], start.snapshots[name] if start else None)
            for name, net in nets.items()}
    done = began = start.index if start else 0
    rows = list(start.rows) if start else []
    keep_every = max(1, round(settings.steps / KEPT / LOOK_EVERY)) * LOOK_EVERY
    try:
        while done < settings.steps:
            until = min(settings.steps, (done // LOOK_EVERY + 1) * LOOK_EVERY)
            drawings, steps = [], {}
            for name, net in nets.items():
                losses = []
                for index in range(done, until):
                    knobs[name].rate = knobs_of(name, settings.rate_at(index), settings.balance).rate
                    steps[name] = next(runs[name])
                    losses.append(_finite(steps[name].losses, name, index + 1, settings))
                drawings.append(look(name, net, settings.data, losses))
            done = until
            rows.append(row(done, drawings))
            if kept is not None and (done % keep_every == 0 or done == settings.steps):
                snapshots = {name: step.snapshot() for name, step in steps.items()}
                _keep(kept, settings.lineage(done), State(done, snapshots, tuple(rows)))
            yield Frame(done, settings.steps, tuple(drawings), tuple(rows), began)
    finally:
        for training in runs.values():
            training.close()


def _finite(losses: dict[str, float], model: str, index: int, settings: Settings) -> dict[str, float]:
    """The losses; BadInput where one is no finite number any more, because nothing learns from there on."""
    if not all(map(math.isfinite, losses.values())):
        raise BadInput(f"The {model.upper()} came apart at update {index:,}: its loss is no number any more. "
                       f"Take a learning rate below {settings.rate_at(index - 1):g}.")
    return losses


def _keep(kept: MutableMapping, key: tuple, state: State) -> None:
    """Store a state as the newest; the oldest go when there are more than KEPT. Other things in `kept` stay."""
    kept.pop(key, None)
    kept[key] = state
    for old in [k for k, value in kept.items() if isinstance(value, State)][:-KEPT]:
        del kept[old]


def _latest(settings: Settings, kept: MutableMapping | None) -> State | None:
    """The latest kept state that this run passes through, up to where the last rate begins; None for a run from 0."""
    last = settings.rates[-1][0]
    states = [s for key, s in (kept or {}).items() if isinstance(s, State) and s.index <= last
              and key == settings.lineage(s.index)]
    return max(states, key=_index, default=None)


def _index(state: State) -> int:
    return state.index


DRAWN = 400                 # of a frame's points, those that are drawn and saved
RECORDED = Settings()       # the tab opens on a run of the default settings
RECORD_EVERY = 150          # updates between two frames that are saved


def scene(settings: Settings) -> dict:
    """What every frame of a run is drawn over, as JSON: training points (packed), modes [x, y, radius], noise floor."""
    modes = []
    if settings.data in MODES:
        centres, spread = MODES[settings.data]
        modes = [[x, y, metrics.NEAR_STDS * spread] for x, y in centres().tolist()]
    points = data.load(settings.data, settings.seed, TRAINING_POINTS)[:SAMPLES]
    return {"real": pack(points), "modes": modes, "floor": floor(settings.data)}


def saved(frame: Frame) -> dict:
    """A frame as JSON: the update, and each model's points (packed), as many as are drawn."""
    return {"update": frame.index, "samples": {d.model: pack(d.samples[:DRAWN]) for d in frame.drawings}}


def _start():
    """One run to record: its frames, and its table once it is over."""
    rows: list[dict] = []

    def frames():
        for frame in run(RECORDED):
            rows[:] = frame.rows
            keep = frame.index % RECORD_EVERY == 0 or frame.index in (LOOK_EVERY, frame.steps)
            yield frame.index, saved(frame) if keep else None

    return frames(), rows.copy


RECORDER = Recorder(asdict(RECORDED), RECORDED.seed, partial(scene, RECORDED), _start)
