"""One run of the tab: a GAN learns digits and is looked at on the way; or the slide's loop runs twice, right and with a mistake."""

import copy
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import torch

from genai_core import models, recognition, runtime
from genai_core.data import pictures
from genai_core.digit_gans import lines
from genai_core.digit_gans.loop import Loop
from genai_core.digit_gans.settings import BATCH, Settings
from genai_core.errors import BadInput
from genai_core.latents.codes import spherical
from genai_core.gans.objectives import OBJECTIVES
from genai_core.models.digit_gan import CLASSES, DigitGAN
from genai_core.training import Knobs, Snapshot, Step, train

LOOK_EVERY, TICK_EVERY = 50, 10   # turns between two rows of the table, and between two signs of life
SHOWN, ROWS, ACROSS = 40, 4, 10   # fixed codes that are drawn, in rows
WATCHED = 200                     # fixed codes that the judge sees at every look; the first are those that are drawn
FOUND_SHARE = 0.02                # of the watched pictures that must be sure to be a digit for it to be found
SHOTS = 8                         # looks of a run that stay on its film, besides the first ones
FIRST = (50, 100, 200)
CODE_SEED, WALK_SEED = 401, 402
ADAM = ("adam", "nadam")
SAID = ("d_loss", "g_loss", "on_real", "on_fake")


@dataclass(frozen=True)
class Tick:
    """Nothing to look at yet, but it runs: `index` of `steps` turns."""

    index: int
    steps: int


@dataclass(frozen=True)
class Side:
    """One loop since the look before. d_loss, g_loss: in the objective's unit; on_real, on_fake: D of real pictures and of fakes,
    means over the turns, None where none was finished. samples (40, S, S): of the fixed codes, 0-1. recognised: share of 200 that
    the judge is sure of; found: how many digits they show; asked: share recognised as the digit that was asked for. None without
    a judge. broke: what ended the loop."""

    d_loss: float | None
    g_loss: float | None
    on_real: float | None
    on_fake: float | None
    samples: torch.Tensor
    recognised: float | None
    found: int | None
    asked: float | None
    broke: str = ""


@dataclass(frozen=True)
class Frame:
    """After `index` turns. sides: {"gan"}, or {"right", "wrong"}. walks (40, S, S): four walks between fixed codes, or None.
    told: the next turn line by line, where it was taken, else None. models: as they stand. snapshot(): all that the next turn
    depends on, to go on from here; None where a mistake is made."""

    index: int
    steps: int
    epoch: int
    sides: dict[str, Side]
    walks: torch.Tensor | None
    told: list[lines.Line] | None
    models: dict[str, DigitGAN]
    snapshot: Callable[[], Snapshot] | None = None


def learnt_from(settings: Settings, folder=None) -> pictures.Pictures:
    """The run's training pictures; BadInput where they are not on this machine, too few, or one is left over for a batch."""
    known = pictures.size_of(settings.data, "train")
    if known and settings.pictures > known and settings.data != "digits":
        raise BadInput(f"{pictures.TITLES[settings.data]} has {known:,} training pictures; you asked for {settings.pictures:,}.")
    data = pictures.read(settings.data, "train", min(settings.pictures, known or settings.pictures), folder)
    check_batches(len(data))
    return data


def check_batches(n: int) -> None:
    """BadInput where one of n pictures is left over for the last batch."""
    if n % BATCH == 1:
        raise BadInput(f"Of {n:,} pictures the last batch of {BATCH} holds one, and batch norm cannot tell how one varies: "
                       "take one more or one less.")


def knobs(settings: Settings, precision: str = "fp32") -> Knobs:
    """The settings as the training loop wants them."""
    options = {"adam": {"fused": True}, "sgd": {"fused": True}, "rmsprop": {"foreach": True}, "nadam": {"foreach": True}}
    more = options[settings.optimiser] | ({"betas": (settings.beta1, 0.999)} if settings.optimiser in ADAM else {})
    updates = {"discriminator": settings.d_updates} if settings.d_updates > 1 else {}
    rate: float | dict = settings.rate
    if settings.balance != 1:
        rate = {"discriminator": settings.rate * settings.balance, "generator": settings.rate}
    return Knobs(settings.optimiser, rate, BATCH, updates=updates, precision=precision, each_once=True, options=more)


def run(settings: Settings) -> Iterator[Tick | Frame]:
    """Learn, with a Frame every 50 turns and at the end, and a Tick every 10."""
    data = learnt_from(settings)
    return (trained if settings.part == "train" else compared)(settings, data, turns_of(settings, len(data)))


def turns_of(settings: Settings, n: int) -> int:
    """How many turns the run has with n pictures; BadInput where it would end before what came earlier does."""
    steps = settings.epochs * -(-n // BATCH)
    *earlier, _ = settings.parts
    if earlier and earlier[-1][0] >= steps:
        raise BadInput(f"With {settings.epochs} epochs the run ends after {steps:,} turns, so it cannot go on from turn "
                       f"{earlier[-1][0]:,}: take more epochs, or an earlier turn.")
    return steps


def trained(settings: Settings, data: pictures.Pictures, steps: int, start: Snapshot | None = None) -> Iterator[Tick | Frame]:
    """The GAN of the settings through the one loop of all models, part by part. start: a kept moment of this very run, right after
    a look; what follows is the same as without."""
    parts = settings.until(steps)
    model = models.build("digit_gan", settings.seed, **parts[0][1].model(data.size))
    batches, means, columns = -(-len(data) // BATCH), Means(), (data.pictures, data.labels)
    for step in legs(model, columns, settings.seed, [(until, part.objective, knobs(part)) for until, part in parts], start):
        means.add(named(step))
        part = next(part for until, part in parts if step.index <= until)
        if not all(map(math.isfinite, step.losses.values())):
            raise BadInput(f"The loss is no number any more after {step.index:,} turns: take a learning rate below {part.rate:g}.")
        if step.index % LOOK_EVERY == 0 or step.index == steps:
            told = None
            if on_film(step.index, steps):
                told = lines.walk(model, step.snapshot(), data, knobs(part), settings.seed)
            yield Frame(step.index, steps, step.index // batches, {"gan": side(model, settings, means)}, walks(model, settings), told,
                        {"gan": model}, step.snapshot)
        elif step.index % TICK_EVERY == 0:
            yield Tick(step.index, steps)


def legs(model: DigitGAN, data: tuple, seed: int, parts: list[tuple[int, str, Knobs]], start: Snapshot | None = None) -> Iterator[Step]:
    """The one loop, part after part of a run: (last turn, objective, knobs) each. start: where to begin, None at the beginning."""
    for until, objective, given in parts:
        if start and start.index >= until:
            continue
        model.objective = OBJECTIVES[objective]
        model.strength = model.objective.strength
        for step in train(model, data, until, seed, given, start and with_options(start, given)):
            yield step
        start = step.snapshot()


def with_options(kept: Snapshot, given: Knobs) -> Snapshot:
    """The snapshot, its optimisers with these options; else torch brings back those that were kept, Adam's memory too."""
    def renewed(state: dict) -> dict:
        return state | {"param_groups": [group | given.options for group in state["param_groups"]]}

    return replace(kept, optimisers={name: (kind, renewed(state)) for name, (kind, state) in kept.optimisers.items()})


def named(step) -> dict[str, float]:
    """A step's losses and notes by the names of SAID."""
    return {"d_loss": step.losses["discriminator"], "g_loss": step.losses["generator"], **step.notes}


def compared(settings: Settings, data: pictures.Pictures, steps: int) -> Iterator[Tick | Frame]:
    """The slide's loop, right and with the mistake, on the same batches and codes from the same weights, a turn of each at a time."""
    whole = models.build("digit_gan", settings.seed, **settings.model(data.size))
    loops = {"right": Loop(whole, settings.rate, settings.beta1)}
    loops["wrong"] = Loop(copy.deepcopy(whole), settings.rate, settings.beta1, settings.part)
    batches, means = -(-len(data) // BATCH), {name: Means() for name in loops}
    dice = {name: runtime.rng(settings.seed + 1) for name in loops}
    for index, rows in enumerate(batch_rows(len(data), settings.seed, steps), 1):
        x = data.pictures[rows].float().flatten(1) / 127.5 - 1                                  # (B, S * S)
        before = {name: loop.broke for name, loop in loops.items()}
        for name, loop in loops.items():
            if loop.play(x, dice[name]):
                means[name].add(loop.losses | loop.chances)
        broke = any(loop.broke and not before[name] for name, loop in loops.items())
        if index % LOOK_EVERY == 0 or index == steps or broke:
            told = lines.walk_loop(loops["wrong"], x, dice["wrong"]) if on_film(index, steps) or broke else None
            sides = {name: side(loop.model, settings, means[name], loop.broke) for name, loop in loops.items()}
            yield Frame(index, steps, index // batches, sides, None, told, {name: loop.model for name, loop in loops.items()})
        elif index % TICK_EVERY == 0:
            yield Tick(index, steps)


def on_film(index: int, steps: int) -> bool:
    """Whether the film keeps the look after `index` turns."""
    every = max(1, -(-steps // SHOTS // LOOK_EVERY)) * LOOK_EVERY
    return index in FIRST or index % every == 0 or index == steps


def batch_rows(n: int, seed: int, steps: int) -> Iterator[torch.Tensor]:
    """Which rows each batch holds: as `training.train` takes them, every row once an epoch."""
    done = 0
    for epoch in range(steps):
        order = torch.randperm(n, generator=runtime.rng((seed * 1_000_003 + epoch) % 2**63))
        for rows in order.split(BATCH):
            if done == steps:
                return
            done += 1
            yield rows


class Means:
    """Means of several numbers over turns."""

    def __init__(self):
        self.sums: dict[str, float] = {}
        self.turns = 0

    def add(self, numbers: dict[str, float]) -> None:
        for name, value in numbers.items():
            self.sums[name] = self.sums.get(name, 0.0) + value
        self.turns += 1

    def take(self) -> dict[str, float | None]:
        """The means, None where there was no turn; from here on it begins anew."""
        told = {name: self.sums[name] / self.turns if self.turns else None for name in SAID}
        self.__init__()
        return told


# -- looking ------------------------------------------------------------------------------------------------------

def fixed_codes(model: DigitGAN, n: int = WATCHED) -> tuple[torch.Tensor, torch.Tensor | None]:
    """The same codes for every look; where it is conditional each row of ten asks for 0 to 9 with one code."""
    if not model.conditional:
        return model.codes(n, runtime.rng(CODE_SEED)), None
    return (model.codes(n // CLASSES, runtime.rng(CODE_SEED)).repeat_interleave(CLASSES, 0),
            torch.arange(n) % CLASSES)


def side(model: DigitGAN, settings: Settings, means: Means, broke: str = "") -> Side:
    """A look at one loop. Changes nothing of it."""
    told = means.take()
    if settings.part == "sizes" and broke:  # what it draws has no shape of a picture
        return Side(**told, samples=torch.zeros(SHOWN, model.size, model.size), recognised=None, found=None, asked=None, broke=broke)
    z, labels = fixed_codes(model)
    drawn = model.pictures(z, labels, settings.statistics).clamp(0, 1).nan_to_num(0)            # (200, 1, S, S)
    return Side(**told, samples=drawn[:SHOWN, 0], **judged(drawn, labels, settings.data), broke=broke)


def judged(drawn: torch.Tensor, labels: torch.Tensor | None, data: str) -> dict:
    """recognised, found and asked, as in Side, of pictures (N, 1, 28, 28)."""
    if data not in recognition.JUDGES:
        return {"recognised": None, "found": None, "asked": None}
    seen = recognition.see(drawn, data)
    sure = seen.confidence > recognition.SURE
    kinds = torch.bincount(seen.labels[sure], minlength=CLASSES)
    return {"recognised": sure.float().mean().item(), "found": int((kinds >= FOUND_SHARE * len(drawn)).sum()),
            "asked": None if labels is None else (sure & (seen.labels == labels)).float().mean().item()}


def walks(model: DigitGAN, settings: Settings) -> torch.Tensor:
    """Four walks along the arc from one code to another, ten pictures each.  -> (40, S, S)"""
    ends = model.codes(2 * ROWS, runtime.rng(WALK_SEED))
    z = torch.cat([spherical(a, b, ACROSS) for a, b in zip(ends[::2], ends[1::2], strict=True)])
    labels = torch.arange(ROWS).repeat_interleave(ACROSS) if model.conditional else None
    return model.pictures(z, labels, settings.statistics).clamp(0, 1)[:, 0]
