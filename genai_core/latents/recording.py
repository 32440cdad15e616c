"""A run as JSON: what the tab draws, live or recorded."""

import base64
import io
from dataclasses import asdict

import numpy as np

from genai_core.latents.settings import Settings
from genai_core.recorded import Recorder, pack

ACROSS = 4       # digits side by side in a picture of the film
SHOTS = 8        # epochs of a run that stay on its film, besides its first two frames
LIVE = 0.1       # nats of KL from which a number of the code counts as used


def image(pixels: np.ndarray) -> str:
    """uint8 (h, w) as a data URL; JPEG, because a film is sent while it moves."""
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "jpeg", quality=70, optimize=True)
    return f"data:image/jpeg;base64,{base64.b64encode(out.getvalue()).decode('ascii')}"


def sheet(pictures) -> np.ndarray:
    """Pictures (N, S, S), 0-1 or uint8, side by side in rows of four.  -> uint8"""
    pixels = np.asarray(pictures)
    if pixels.dtype != np.uint8:
        pixels = np.rint(255 * pixels).astype(np.uint8)
    n, size, _ = pixels.shape
    return pixels.reshape(n // ACROSS, ACROSS, size, size).transpose(0, 2, 1, 3).reshape(n // ACROSS * size, ACROSS * size)


def kept_on_film(frame, epochs: int) -> bool:
    """Whether the film shows this frame."""
    from genai_core.latents.experiment import LOOK_EVERY

    every = -(-epochs // SHOTS)
    ended = frame.epoch_loss is not None and (frame.epoch % every == 0 or frame.epoch == epochs)
    return ended or frame.index in (LOOK_EVERY, 2 * LOOK_EVERY)


def shot(frame, held) -> dict:
    """A frame of the film. held: the first eight held-out pictures (8, S, S)."""
    given, again = (np.split(np.asarray(part), len(held) // ACROSS) for part in (held / 255, frame.again))
    again = np.concatenate([row for pair in zip(given, again, strict=True) for row in pair])  # a row of digits, below it the same again
    return {"update": frame.index, "images": [image(sheet(frame.samples)), image(sheet(again))]}


def row(frame) -> dict:
    """A line of the table: update, epochs done, losses in nats per picture, and the KL of each number."""
    line = {"update": frame.index, "epoch": frame.epoch, "loss": frame.loss, "reconstruction": frame.reconstruction, "kl": frame.kl}
    return {k: round(v, 5) if isinstance(v, float) else v for k, v in line.items()} | {"epoch_loss": frame.epoch_loss} | \
        {f"kl_{k + 1}": round(v, 4) for k, v in enumerate(frame.kl_each.tolist())}


def bound_row(bound) -> dict:
    return {"draws": bound.draws, "mean": round(bound.mean, 4), "error": round(bound.error, 4)}


def told(end) -> dict:
    """The finished model as JSON."""
    factors = []
    for k, name in enumerate(end.factors):
        best = int(end.r2_each[:, k].argmax())
        factors.append({"name": name, "r2": round(float(end.r2[k]), 4), "latent": best, "single": round(float(end.r2_each[best, k]), 4),
                        "direction": [round(v, 4) for v in end.directions[k].tolist()]})
    return {"model": end.model, "reconstruction": round(end.reconstruction, 4), "kl": [round(v, 4) for v in end.kl_each.tolist()],
            "codes": pack(end.means), "labels": end.labels.tolist(), "recognised": end.recognised,
            "bounds": [bound_row(bound) for bound in end.bounds], "factors": factors,
            "digits": base64.b64encode(end.digits.numpy().tobytes()).decode("ascii"), "digit_labels": end.digit_labels.tolist()}


RECORDED = Settings()  # the tab opens on a run of the default settings


def _start():
    """One run to record: its frames, and its table once it is over."""
    from genai_core.latents import experiment

    rows: list[dict] = []

    def frames():
        held, steps = experiment.held_out(RECORDED.data).pictures[:experiment.SHOWN, 0], 0
        for moment in experiment.run(RECORDED):
            if isinstance(moment, experiment.Frame):
                rows.append(row(moment))
                steps = moment.index
                yield steps, shot(moment, held) if kept_on_film(moment, RECORDED.epochs) else None
            else:
                yield steps, {"end": told(moment)} if isinstance(moment, experiment.End) else None

    return frames(), lambda: rows


RECORDER = Recorder(asdict(RECORDED), RECORDED.seed, dict, _start)
