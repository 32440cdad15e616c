"""A run as JSON: what the tab draws, live or recorded."""

import base64
import io
import math
from dataclasses import asdict

import numpy as np

from genai_core.digit_gans.settings import Settings
from genai_core.recorded import Recorder

JPEG = 70
PER_ROW = 10


def image(pictures) -> str:
    """Pictures (N, S, S), 0-1, ten in a row, as a data URL; JPEG, because a film is sent while it moves."""
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(sheet(pictures)).save(out, "jpeg", quality=JPEG, optimize=True)
    return f"data:image/jpeg;base64,{base64.b64encode(out.getvalue()).decode('ascii')}"


def sheet(pictures) -> np.ndarray:
    """Pictures (N, S, S), 0-1, N a multiple of ten, in rows.  -> uint8"""
    pixels = np.rint(255 * np.asarray(pictures)).astype(np.uint8)
    n, size, _ = pixels.shape
    return pixels.reshape(n // PER_ROW, PER_ROW, size, size).transpose(0, 2, 1, 3).reshape(n // PER_ROW * size, PER_ROW * size)


def number(value: float | None) -> float | None:
    """Five digits; None for what is no finite number."""
    return None if value is None or not math.isfinite(value) else float(f"{value:.5g}")


def row(frame) -> dict:
    """A line of the table: turns and epochs done, and of each side losses, mean D of real and of fake, and what the judge saw. The
    columns of the side with the mistake begin with wrong_."""
    line = {"turn": frame.index, "epoch": frame.epoch}
    for name, side in frame.sides.items():
        before = "wrong_" if name == "wrong" else ""
        line |= {before + column: number(getattr(side, column)) for column in ("d_loss", "g_loss", "on_real", "on_fake", "recognised")}
        line |= {f"{before}found": side.found, f"{before}broke": side.broke}
        if side.asked is not None:
            line[f"{before}asked"] = number(side.asked)
    return line


def told_line(line) -> dict:
    """A line of code with its numbers; its pictures as PNG in base64."""
    from genai_core.autoencoders.looks import tiles

    told = {"name": line.name, "who": line.who, "code": line.code, "numbers": {k: number(v) for k, v in line.numbers.items()}}
    if line.pictures is not None:
        told |= {"tiles": tiles(line.pictures[:, None]), "n": len(line.pictures)}
    return told | ({"wrong": True} if line.wrong else {})


def shot(frame) -> dict:
    """A frame of the film: the fixed codes' pictures, and the walks or the mistake's pictures; and the lines of its turn."""
    drawn = [side.samples for side in frame.sides.values()] + ([] if frame.walks is None else [frame.walks])
    return {"turn": frame.index, "images": [image(part) for part in drawn]}


def lines_of(frame) -> list[dict]:
    return [told_line(line) for line in frame.told]


RECORDED = Settings()  # the tab opens on a run of the default settings


def _start():
    """One run to record: its frames, and its table once it is over."""
    from genai_core.digit_gans import experiment, readings

    rows: list[dict] = []

    def frames():
        last = None
        for moment in experiment.run(RECORDED):
            if isinstance(moment, experiment.Tick):
                yield moment.index, None
                continue
            last = moment
            rows.append(row(moment))
            ended = moment.index == moment.steps
            kept = None
            if experiment.on_film(moment.index, moment.steps):
                kept = shot(moment) | ({"lines": lines_of(moment)} if ended else {})
            yield moment.index, kept
        yield last.index, {"end": readings.told(last.models, RECORDED)}

    return frames(), lambda: rows


RECORDER = Recorder(asdict(RECORDED), RECORDED.seed, dict, _start)
