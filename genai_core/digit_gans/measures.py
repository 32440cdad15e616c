"""The five mistakes, Géron's remark on RMSProp and Nadam, the objectives, and the zoo, over seeds: `python -m genai_core measure
gan_digits`. What the zoo counts is the table of genai_core.digit_gans.zoo, as its check on the page reads it.

Each run is the tab's default network on Strokes. A run is told by how many of the ten digits the judge finds among 1,000 of its
pictures, and by the share of them that it is sure of.
"""

import time
from dataclasses import asdict, replace
from functools import partial

import torch

from genai_core import measuring, runtime
from genai_core.digit_gans import experiment, zoo
from genai_core.digit_gans.settings import MISTAKES, Settings
from genai_core.gans.knobs import OBJECTIVE_NAMES

SEEDS, ZOO_SEEDS = tuple(range(10)), tuple(range(5))
JUDGED, SAMPLE_SEED = 1000, 404
ENOUGH = 8           # digits found, of ten
BASE = Settings(epochs=10)
KERAS_RATE = 1e-3    # Keras's default for both optimisers of the remark
DEPENDS = (*(f"genai_core/{part}.py" for part in (
    "digit_gans/experiment", "digit_gans/loop", "digit_gans/settings", "models/digit_gan", "gans/objectives", "training",
    "data/strokes", "data/glyphs")), "assets/models/digit_classifier")


def told(model, settings: Settings, broke: str = "") -> dict:
    """{"found", "recognised"} of 1,000 pictures of a finished generator; of one that broke both are 0."""
    if broke:
        return {"found": 0, "recognised": 0.0}
    drawn = model.sample(JUDGED, runtime.rng(SAMPLE_SEED), statistics=settings.statistics).clamp(0, 1).nan_to_num(0)
    seen = experiment.judged(drawn, None, settings.data)
    return {"found": seen["found"], "recognised": round(seen["recognised"], 4)}


def ended(settings: Settings) -> dict[str, dict]:
    """{side: told} at the end of a run."""
    for moment in experiment.run(settings):
        last = moment
    return {name: told(last.models[name], settings, side.broke) for name, side in last.sides.items()}


def figure(ends: list[dict], updates: int) -> dict:
    """Over seeds: on how many at least eight digits were found, and each seed's numbers."""
    return {**measuring.share(sum(end["found"] >= ENOUGH for end in ends), len(ends)), "found": [end["found"] for end in ends],
            "recognised": [end["recognised"] for end in ends], "turns": updates}


def _over_seeds(say, name: str, settings: Settings) -> dict:
    """One setting over all seeds; of a mistake both sides."""
    runtime.set_threads(1)
    rows, spent = [], time.process_time()
    for seed in SEEDS:
        rows.append(ended(replace(settings, seed=seed)))
        say(f"seed {seed}: {rows[-1]}")
    turns = settings.epochs * -(-settings.pictures // experiment.BATCH)
    figures = {f"{name}_{side}" if len(rows[0]) > 1 else name: figure([row[side] for row in rows], turns) for side in rows[0]}
    return {"seeds": list(SEEDS), "threads": torch.get_num_threads(), "cpu_s": round(time.process_time() - spent, 1),
            "settings": asdict(settings), "figures": figures}


def _part(name: str, settings: Settings) -> measuring.Measure:
    return measuring.Measure(partial(_over_seeds, name=name, settings=settings), DEPENDS)


def _zoo(say, name: str, settings: Settings, good) -> dict:
    """A broken game, or its repair, over a few seeds. good(rows): whether it is broken, or repaired."""
    runtime.set_threads(1)
    rows, spent = [], time.process_time()
    for seed in ZOO_SEEDS:
        rows.append(zoo.table(replace(settings, seed=seed)))
        last = rows[-1][-1]
        say(f"seed {seed}: {last['found']} digits, sure of {last['recognised']:.0%}, D of fakes {last['on_fake']:.3g}, "
            f"{zoo.overtakings(rows[-1])} overtakings: {good(rows[-1])}")
    figure = {**measuring.share(sum(map(good, rows)), len(rows)), "found": [row[-1]["found"] for row in rows],
              "recognised": [round(row[-1]["recognised"], 4) for row in rows], "overtakings": [zoo.overtakings(row) for row in rows],
              "on_fake": [float(f"{row[-1]['on_fake']:.4g}") for row in rows], "turns": rows[0][-1]["turn"]}
    return {"seeds": list(ZOO_SEEDS), "threads": torch.get_num_threads(), "cpu_s": round(time.process_time() - spent, 1),
            "settings": asdict(settings), "figures": {f"zoo_{name}": figure}}


def _zoo_part(name: str, settings: Settings, good) -> measuring.Measure:
    return measuring.Measure(partial(_zoo, name=name, settings=settings, good=good), DEPENDS)


MEASURE = measuring.Measure(parts={
    **{name: _part(name, replace(BASE, part=name)) for name in MISTAKES},
    **{f"remark_{name}": _part(f"remark_{name}", replace(BASE, optimiser=name, rate=KERAS_RATE, beta1=0.9))
       for name in ("rmsprop", "nadam")},
    **{f"objective_{name}": _part(f"objective_{name}", replace(BASE, objective=name)) for name in OBJECTIVE_NAMES},
    **{f"zoo_{name}": _zoo_part(name, case.settings, case.broken) for name, case in zoo.CASES.items()},
    **{f"zoo_{name}": _zoo_part(name, settings, zoo.settled) for case in zoo.CASES.values() for name, settings in case.repairs.items()},
})
