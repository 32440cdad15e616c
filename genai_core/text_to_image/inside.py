"""CLIP steers, looked at from inside: the same noise with and without it, what CLIP saw, and where it pulled.

Sources: guidance.py and climbing.py, which do the work; here their frames are put beside each other.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import repeat

import numpy as np

from genai_core.recorded import Recorder
from genai_core.text_to_image.settings import check

HOW = ("noise_aware", "plain", "climb")
SETTINGS = {"prompt": "a yellow star on sky", "how": "plain", "clip_scale": 20.0, "steps": 25, "rounds": 1, "crops": 4,
            "through_unet": False, "bound": 0.0, "slip": False}
SEED = 0


@dataclass(frozen=True)
class Inside:
    """One step. steered, plain: the predicted clean pictures with and without CLIP, (h, w, 3) uint8; plain is None where
    there is no diffusion to compare with. gradient: (h, w), its length at each place, 0-1 of the largest. crops: (k, s, s, 3)
    uint8, what CLIP looked at, or None. similarity, similarity_plain: cosines, -1 to 1. ratio: length of CLIP's push as a share
    of the predicted noise's."""

    index: int
    steps: int
    timestep: int
    steered: np.ndarray
    plain: np.ndarray | None
    gradient: np.ndarray
    crops: np.ndarray | None
    similarity: float
    similarity_plain: float | None
    ratio: float | None


def insides(prompt: str, *, how: str = "noise_aware", clip_scale: float = 25.0, steps: int = 25, seed: int = 0, rounds: int = 2,
            crops: int = 4, through_unet: bool = False, bound: float = 0.0, slip: bool = False, pipeline=None) -> Iterator[Inside]:
    """Draw one picture with CLIP alone, and beside it what the empty prompt makes of the same noise.

    how: "noise_aware" or "plain" CLIP, or "climb": no diffusion at all. The rest as in settings.Settings.
    """
    from genai_core.errors import BadInput
    from genai_core.text_to_image.pipeline import load
    from genai_core.text_to_image.sampling import frames

    if how not in HOW:
        raise BadInput(f"What steers must be one of {', '.join(HOW)}; you gave {how!r}.")
    pipeline = pipeline or load()
    if how == "climb":
        from genai_core.text_to_image.climbing import climb

        with_, without = climb(prompt, steps=steps, seed=seed, crops=crops, pipeline=pipeline), repeat(None)
    else:
        asked = {"clip": how, "clip_scale": clip_scale, "rounds": rounds, "crops": crops, "through_unet": through_unet,
                 "bound": bound, "slip": slip}
        check(prompt, guidance="clip", steps=steps, seed=seed, **asked)
        with_ = frames(pipeline, prompt, guidance="clip", steps=steps, seed=seed,
                       watch=("similarity", "ratio", "gradient", "crops"), **asked)
        without = frames(pipeline, prompt, guidance="none", steps=steps, seed=seed, watch=("similarity",))
    for frame, other in zip(with_, without, strict=False):
        slope = frame.gradient[0]
        yield Inside(frame.index, frame.steps, frame.timestep, frame.clean[0], None if other is None else other.clean[0],
                     slope / max(float(slope.max()), 1e-12), None if frame.crops is None else frame.crops[0],
                     float(frame.similarity[0]), None if other is None else float(other.similarity[0]),
                     None if frame.ratio is None else float(frame.ratio[0]))


def row(made: Inside) -> dict:
    """A step as a row of a table."""
    known = {"similarity": made.similarity, "similarity_without": made.similarity_plain, "push_share": made.ratio}
    return {"step": made.index, "timestep": made.timestep, **{k: None if v is None else round(v, 5) for k, v in known.items()}}


def sheet(crops: np.ndarray) -> np.ndarray:
    """Crops (k, s, s, 3) as one picture, two beside each other, on black where one is missing.  -> (h, w, 3) uint8"""
    k, s = crops.shape[:2]
    wide = 1 if k == 1 else 2
    high = -(-k // wide)
    out = np.zeros((high * s, wide * s, 3), np.uint8)
    for i, crop in enumerate(crops):
        out[i // wide * s:(i // wide + 1) * s, i % wide * s:(i % wide + 1) * s] = crop
    return out


def heat(gradient: np.ndarray, side: int = 64) -> np.ndarray:
    """A map (h, w) of 0-1 as a picture from dark blue over green to yellow (viridis), each place a square.  -> (side, side, 3)"""
    stops = np.array([[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]], float)
    at = np.clip(gradient, 0, 1) * (len(stops) - 1)
    low = np.minimum(at.astype(int), len(stops) - 2)
    colour = stops[low] + (stops[low + 1] - stops[low]) * (at - low)[..., None]
    rows, columns = (np.arange(side) * n // side for n in gradient.shape)
    return colour[rows][:, columns].round().astype(np.uint8)


def _start():
    from genai_core.text_to_image.recording import to_jpeg, to_png
    from genai_core.text_to_image.watching import found

    rows = []

    def run():
        for made in insides(**SETTINGS, seed=SEED):
            rows.append(row(made))
            read = found(made.steered)
            yield made.index, {**rows[-1], "reading": read and asdict(read), "steered": to_png(made.steered),
                               "plain": to_png(made.plain), "heat": to_png(heat(made.gradient)),
                               "crops": to_jpeg(sheet(made.crops)) if made.crops is not None else None}

    return run(), lambda: rows


def _scene() -> dict:
    return {"model": "pocket"}


RECORDER = Recorder({**SETTINGS, "seed": SEED}, SEED, _scene, _start)
