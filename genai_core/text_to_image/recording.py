"""The recorded run that the text-to-image tab opens with."""

import base64
import io

import numpy as np

from genai_core.recorded import Recorder
from genai_core.text_to_image.pipeline import load
from genai_core.text_to_image.sampling import frames

SETTINGS = {"prompt": "a red circle above a blue square on gray", "guidance": "cfg", "scale": 3.0, "steps": 25, "n": 1}
SEED = 1


def to_png(picture: np.ndarray) -> str:
    """(h, w, 3) uint8 as base64 PNG."""
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(picture).save(out, "png")
    return base64.b64encode(out.getvalue()).decode("ascii")


def from_png(text: str) -> np.ndarray:
    """base64 PNG -> (h, w, 3) uint8."""
    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(base64.b64decode(text))).convert("RGB"))


def _start():
    rows = []

    def run():
        for frame in frames(load(), **SETTINGS, seed=SEED):
            rows.append({"step": frame.index, "timestep": frame.timestep})
            yield frame.index, {"step": frame.index, "timestep": frame.timestep, "noisy": to_png(frame.noisy[0]),
                                "clean": to_png(frame.clean[0])}

    return run(), rows.copy


def _scene() -> dict:
    return {"model": "pocket"}


RECORDER = Recorder({**SETTINGS, "seed": SEED}, SEED, _scene, _start)
