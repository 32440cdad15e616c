"""Objective by architecture: the plate of the lecture "GAN Advances" with our own small networks, every cell one short live run.

The lecture shows four objectives (DCGAN's, least squares, Wasserstein with clipping, with gradient penalty) on three architectures
of Gulrajani et al. 2017, arXiv:1704.00028, figure 2. `python -m genai_core record gan_digits_plate` rebuilds ours; a cell that is done
is kept in the user's cache folder, so that what was begun goes on where it stopped.
"""

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from itertools import product
from pathlib import Path

from genai_core.digit_gans.settings import Settings
from genai_core.measuring import fingerprint
from genai_core.recorded import Recorder, read

NAME = "gan_digits_plate"
OBJECTIVES = ("non_saturating", "least_squares", "wasserstein_clip", "wasserstein_gp")
NETWORKS = ("conv", "conv_plain", "conv_tanh")
EPOCHS, SHOWN = 4, 10   # of 10,000 pictures: 628 turns; pictures in a cell
DEPENDS = (*(f"genai_core/{part}.py" for part in ("models/digit_gan", "gans/objectives", "training", "data/strokes", "data/glyphs")),
           "assets/models/digit_classifier")


def settings_of(objective: str, network: str) -> Settings:
    """A cell's run: the lab's own settings but for these two, and shorter."""
    return Settings(objective=objective, network=network, epochs=EPOCHS)


def cell(settings: Settings) -> dict:
    """One run to its end. samples: of the first ten fixed codes, as PNG tiles in base64. recognised, found: as in experiment.Side.
    d_loss, g_loss, on_real, on_fake: means of the last 50 turns. broke: what ended it, "" at its end. cpu_s: of this process."""
    import math

    from genai_core import models
    from genai_core.autoencoders.looks import tiles
    from genai_core.digit_gans import experiment, recording

    began, data, means, broke = time.process_time(), experiment.learnt_from(settings), experiment.Means(), ""
    steps = experiment.turns_of(settings, len(data))
    model = models.build("digit_gan", settings.seed, **settings.model(data.size))
    last = steps - experiment.LOOK_EVERY * ((steps - 1) // experiment.LOOK_EVERY)
    for step in experiment.legs(model, (data.pictures, data.labels), settings.seed,
                                [(steps, settings.objective, experiment.knobs(settings))]):
        if step.index > steps - last:
            means.add(experiment.named(step))
        if not all(map(math.isfinite, step.losses.values())):
            broke = f"no number any more after {step.index:,} turns"
            break
    side = experiment.side(model, settings, means, broke)
    numbers = {name: recording.number(getattr(side, name)) for name in ("recognised", *experiment.SAID)}
    return {"objective": settings.objective, "network": settings.network, "turns": step.index, "found": side.found, **numbers,
            "broke": broke, "samples": tiles(side.samples[:SHOWN, None]), "cpu_s": round(time.process_time() - began, 1)}


def place(folder: Path | None = None) -> Path:
    """Where finished cells are kept: in the user's cache folder, unless another is given. Delete it to begin anew."""
    from genai_core.data import strokes_kept

    return (folder or strokes_kept.cache_folder()) / f"{NAME}.jsonl"


def cells(folder: Path | None = None) -> Iterator[tuple[int, dict]]:
    """Every cell in order: kept ones as they are while the code and the settings that they rest on are the same, others now."""
    import torch

    file, rests = place(folder), {**fingerprint(DEPENDS), "torch": torch.__version__}
    told = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.is_file() else []
    for index, (objective, network) in enumerate(product(OBJECTIVES, NETWORKS), 1):
        settings = settings_of(objective, network)
        key = {"settings": asdict(settings), "rests_on": rests}
        made = next((one["cell"] for one in told if one["key"] == key), None)
        if made is None:
            made = cell(settings)
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("a", encoding="utf-8") as out:
                out.write(json.dumps({"key": key, "cell": made}) + "\n")
        print(f"{objective}, {network}: sure of {made['recognised']:.0%}, {made['found']} digits; {made['cpu_s']:.0f} s", file=sys.stderr)
        yield index, made


def kept() -> dict[tuple[str, str], dict]:
    """{(objective, network): cell} of the recorded plate; empty where there is none."""
    saved = read(NAME)
    return {(one["objective"], one["network"]): one for one in saved.frames} if saved else {}


def _start():
    return cells(), lambda: []


RECORDER = Recorder({"objectives": OBJECTIVES, "networks": NETWORKS, "epochs": EPOCHS}, Settings().seed, dict, _start, resumed=True)
