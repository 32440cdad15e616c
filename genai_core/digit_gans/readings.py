"""The finished generator against digits that nobody learnt from: every reading of genai_core.quality, beside real against real."""

import torch

from genai_core import recognition, runtime
from genai_core.autoencoders.looks import tiles
from genai_core.data import pictures
from genai_core.digit_gans.settings import Settings
from genai_core.latents.experiment import held_out
from genai_core.models.digit_gan import CLASSES, DigitGAN
from genai_core.quality.pictures import sharpness
from genai_core.quality.readings import Seen, of_digits

JUDGED = 1000        # pictures of each side
SAMPLE_SEED = 403
SHOWN = 20


def seen(drawn: torch.Tensor, name: str) -> Seen:
    """Pictures (N, 1, 28, 28), uint8 or 0-1, through the classifier of data set `name`."""
    what = recognition.see(drawn, name)
    return Seen(what.features, what.chances, sharpness(drawn.float() / 255 if drawn.dtype == torch.uint8 else drawn))


def told(models: dict[str, DigitGAN], settings: Settings) -> dict:
    """As JSON. n: pictures of each side. real: ten or twenty held-out digits. columns: {"floor", then each side} -> {reading: value};
    counts: {side: how often each digit was recognised}. Columns and counts are empty without a judge."""
    held = held_out(settings.data)
    found: dict = {"n": min(JUDGED, len(held)), "size": held.size, "columns": {}, "counts": {}, "real": tiles(held.pictures[:SHOWN])}
    if settings.data not in recognition.JUDGES:
        return found
    real, others = held.pictures[:JUDGED], pictures.read(settings.data, "train", JUDGED).pictures
    seen_real = seen(real, settings.data)
    found["columns"]["floor"] = _rounded(of_digits(seen_real, seen(others, settings.data)))
    for name, model in models.items():
        try:
            fake = model.sample(JUDGED, runtime.rng(SAMPLE_SEED), statistics=settings.statistics)
        except RuntimeError:  # the generator whose pictures have a row too few
            continue
        if not fake.isfinite().all():
            continue
        what = seen(fake.clamp(0, 1), settings.data)
        found["columns"][name] = _rounded(of_digits(seen_real, what))
        confidence, labels = what.chances.max(1)
        found["counts"][name] = torch.bincount(labels[confidence > recognition.SURE], minlength=CLASSES).tolist()
    return found


def _rounded(readings: dict[str, float]) -> dict[str, float]:
    return {name: float(f"{value:.5g}") for name, value in readings.items()}
