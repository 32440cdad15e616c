"""The recorded run that the text-to-image tab opens with."""

import base64
import io
from dataclasses import asdict

import numpy as np

from genai_core.data.checker import Reading, Seen
from genai_core.recorded import Recorder

SETTINGS = {"prompt": "a large yellow star on sky", "guidance": "cfg", "scale": 3.0, "steps": 25, "n": 1}
SEED = 1


def to_png(picture: np.ndarray) -> str:
    """(h, w, 3) uint8 as base64 PNG."""
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(picture).save(out, "png")
    return base64.b64encode(out.getvalue()).decode("ascii")


def to_jpeg(picture: np.ndarray) -> str:
    """(h, w, 3) uint8 as base64 JPEG: for what is only looked at."""
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(picture).save(out, "jpeg", quality=80)
    return base64.b64encode(out.getvalue()).decode("ascii")


def from_png(text: str) -> np.ndarray:
    """base64 PNG -> (h, w, 3) uint8."""
    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(base64.b64decode(text))).convert("RGB"))


def reading(frame: dict) -> Reading | None:
    """What the checker read in a recorded frame, kept with it: a page need not load the checker's libraries."""
    told = frame["reading"]
    return told and Reading(told["background"], tuple(Seen(**thing) for thing in told["objects"]))


def _start():
    from genai_core.text_to_image.pipeline import load
    from genai_core.text_to_image.sampling import frames
    from genai_core.text_to_image.watching import found, rows_of

    seen = []

    def run():
        for frame in frames(load(), **SETTINGS, seed=SEED, watch=("similarity", "ratio")):
            seen.append(frame)
            read = found(frame.clean[0])
            yield frame.index, {"step": frame.index, "timestep": frame.timestep, "noisy": to_png(frame.noisy[0]),
                                "clean": to_png(frame.clean[0]), "reading": read and asdict(read)}

    def rows():
        return rows_of(seen)

    return run(), rows


def _scene() -> dict:
    return {"model": "pocket"}


RECORDER = Recorder({**SETTINGS, "seed": SEED}, SEED, _scene, _start)
