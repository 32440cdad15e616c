"""A contest on digits as rows and frames of JSON, and the recorded one, in which every family learns for a minute."""

import base64
import io
from dataclasses import asdict
from functools import partial

import torch

from genai_core.data import pictures
from genai_core.digit_gans.recording import image, sheet
from genai_core.families import digits, recording
from genai_core.families.contest import Look, State
from genai_core.families.settings import DIGITS, DIGITS_SECONDS, LOOKS, Settings
from genai_core.quality.readings import SHOWN, WIDE
from genai_core.recorded import Recorder

RECORDED = Settings(DIGITS, DIGITS_SECONDS, "fixed", balance=1.0)
NEAR = 10               # drawn pictures whose nearest training picture is shown
DIGITS_KEPT = 6         # significant digits of a number


def row(look: Look, state: State) -> dict:
    """As recording.row, with None for what was not read, and numbers of few digits."""
    line = recording.row(look, state, digits.BANDED)
    return {name: float(f"{value:.{DIGITS_KEPT}g}") if isinstance(value, float) else value for name, value in line.items()}


def rows(state: State) -> list[dict]:
    return [row(look, state) for look in state.looks]


def png(drawn: torch.Tensor) -> str:
    """Pictures (N, 1, S, S), 0-1, N a multiple of ten, ten in a row, as a data URL."""
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(sheet(drawn[:, 0])).save(out, "png", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode('ascii')}"


def nearest(drawn: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
    """For each picture (N, 1, S, S), 0-1, the one of known (M, 1, S, S), uint8, that differs least in its pixels.  -> (N, 1, S, S), 0-1"""
    rows = torch.cdist(drawn.flatten(1), known.flatten(1).float() / 255).argmin(1)
    return known[rows].float() / 255


def frame(look: Look) -> dict:
    """What one family drew at one look, on the way as JPEG, which is smaller; near: at its last, the training pictures nearest to the
    first ten."""
    told = {"family": look.family, "look": look.index}
    if look.index < LOOKS:
        return told | {"image": image(look.samples[:, 0])}
    return told | {"image": png(look.samples), "near": png(nearest(look.samples[:NEAR], digits.learnt_from().pictures))}


def scene(settings: Settings) -> dict:
    """What every frame is seen beside and judged by: real digits, what the classifier makes of a thousand of them (of_classes), the
    bands of real data at n pictures (wide: of the Fréchet distance, where it is read)."""
    bands = {name: [band.low, band.median, band.high] for name, band in digits.bands(settings).items()}
    real = digits.fresh(digits.contest.REFERENCE_SEED + settings.seed, SHOWN)
    shown = digits.of_classes(digits.readings.seen(real).chances)
    return {"real": png(real[:digits.FIRST].float() / 255), "of_classes": shown, "bands": bands, "truth_nats": None, "n": SHOWN,
            "wide": WIDE if settings.long else None, "held": digits.HELD if settings.long else digits.HELD_FEW,
            "title": pictures.TITLES[DIGITS], "measured": "digits_strokes"}


RECORDER = Recorder(asdict(RECORDED), RECORDED.seed, partial(scene, RECORDED),
                    partial(recording.started, partial(digits.run, RECORDED), frame, rows))
