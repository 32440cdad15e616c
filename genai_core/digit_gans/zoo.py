"""Broken on purpose: three ways in which a GAN of digits fails within a short run, what counts as its repair, and repairs that work.

`python -m genai_core measure gan_digits --only zoo_collapse zoo_strong zoo_swing ...` counts both over seeds. No torch before a run.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace

from genai_core.digit_gans.settings import Settings

FEW, ENOUGH, SURE = 3, 6, 0.25   # digits found, of ten: at most, at least; share of 200 pictures that the judge is sure of
BEATEN = 0.01                    # D of fakes, on average, at most: the generator has lost
TURNS_OVER = 3                   # times that fakes overtake real digits in D's mean score, or fall behind again
BASE = Settings(epochs=8)        # 1,256 turns: the default, a third shorter. Two of the games are one step away from it
FREE = ("seed", "earlier")   # of these a run may have others and be the broken game still


@dataclass(frozen=True)
class Case:
    """settings: the broken run. broken(rows), repaired(rows): of a run's whole table. repairs: {name: settings} that are measured."""

    settings: Settings
    broken: Callable[[list[dict]], bool]
    repaired: Callable[[list[dict]], bool]
    repairs: dict[str, Settings]


def few(rows: list[dict]) -> bool:
    """At most three of the ten digits."""
    return (rows[-1]["found"] or 0) <= FEW


def enough(rows: list[dict]) -> bool:
    """At least six digits, and the judge is sure of at least a quarter of the pictures: about what the default has after as long."""
    return (rows[-1]["found"] or 0) >= ENOUGH and (rows[-1]["recognised"] or 0) >= SURE


def beaten(rows: list[dict]) -> bool:
    """D gives fakes at most 0.01 on average, and few digits are found."""
    return few(rows) and rows[-1]["on_fake"] is not None and rows[-1]["on_fake"] <= BEATEN


def overtakings(rows: list[dict]) -> int:
    """How often who has the higher mean score, real digits or fakes, changes from one row to the next."""
    leads = [row["on_real"] >= row["on_fake"] for row in rows if row["on_real"] is not None and row["on_fake"] is not None]
    return sum(a != b for a, b in zip(leads, leads[1:], strict=False))


def swinging(rows: list[dict]) -> bool:
    return overtakings(rows) >= TURNS_OVER


def settled(rows: list[dict]) -> bool:
    """It swings no more, and draws digits."""
    return not swinging(rows) and enough(rows)


def changed(mine: Settings, theirs: Settings) -> list[str]:
    """Names of the settings in which the two differ, but for those that are free."""
    return [f.name for f in fields(Settings) if f.name not in FREE and getattr(mine, f.name) != getattr(theirs, f.name)]


COLLAPSE = replace(BASE, balance=0.1)
STRONG = replace(BASE, objective="minimax", optimiser="sgd", rate=0.1)
SWING = replace(BASE, objective="wasserstein_clip")
CASES = {
    "collapse": Case(COLLAPSE, few, enough, {"base": BASE}),
    "strong": Case(STRONG, beaten, enough, {"non_saturating": replace(STRONG, objective="non_saturating")}),
    "swing": Case(SWING, swinging, settled, {"base": BASE}),
}


def preset(name: str) -> dict:
    """A broken game as plain settings; the seed is whoever's."""
    return {name: value for name, value in asdict(CASES[name].settings).items() if name != "seed"}


def table(settings: Settings) -> list[dict]:
    """The run's table in what the checks read, as `experiment.run` has it, without the looks in between."""
    from genai_core import models
    from genai_core.digit_gans import experiment

    data = experiment.learnt_from(settings)
    steps, rows, means = experiment.turns_of(settings, len(data)), [], experiment.Means()
    model = models.build("digit_gan", settings.seed, **settings.model(data.size))
    for step in experiment.legs(model, (data.pictures, data.labels), settings.seed,
                                [(steps, settings.objective, experiment.knobs(settings))]):
        means.add(experiment.named(step))
        if step.index % experiment.LOOK_EVERY == 0 and step.index < steps:
            told = means.take()
            rows.append({"turn": step.index, "on_real": told["on_real"], "on_fake": told["on_fake"]})
    side = experiment.side(model, settings, means)
    return [*rows, {"turn": steps, "on_real": side.on_real, "on_fake": side.on_fake, "recognised": side.recognised, "found": side.found}]
