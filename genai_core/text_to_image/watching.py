"""What a run of the pocket model shows beside its picture: when it settled, and what a look at the pixels finds."""

from collections.abc import Sequence

import numpy as np

from genai_core.data import checker

SETTLED = 0.2  # difference from the last pictures, as a share of what stands out in them


def difference(a: np.ndarray, b: np.ndarray) -> float:
    """Mean absolute difference of two uint8 pictures as a share of full scale, 0-1."""
    return float(np.abs(a.astype(float) - b.astype(float)).mean() / 255)


def standing_out(pictures: np.ndarray) -> float:
    """How far pictures (N, H, W, 3), uint8, are from their own median colours, which are their grounds: as `difference`, 0-1."""
    ground = np.median(pictures.reshape(len(pictures), -1, 3), axis=1)
    return difference(pictures, np.broadcast_to(ground[:, None, None], pictures.shape))


def settled(clean: Sequence[np.ndarray], limit: float = SETTLED) -> int:
    """The first step, from 1, from which every step's predicted clean pictures (N, H, W, 3) stay near the last ones: they differ by at
    most `limit` of what stands out there. A share of full scale would not do: a small figure on a ground is a small share of it."""
    if not clean:
        raise ValueError("there is no picture to settle on")
    first, near = len(clean), limit * standing_out(clean[-1])
    while first > 1 and difference(clean[first - 2], clean[-1]) <= near:
        first -= 1
    return first


def found(picture: np.ndarray) -> checker.Reading | None:
    """What the checker reads in a picture, or None where it is not of the Picturebook's size."""
    return checker.read(picture) if picture.shape == (checker.SIZE, checker.SIZE, 3) else None


def rows_of(frames) -> list[dict]:
    """One row a step: how far the predicted picture has moved since the step before, as a share of full scale; and of each picture,
    where they were watched, its similarity with the prompt and how far guidance pushed the predicted noise, as a share."""
    rows = []
    for before, frame in zip([None, *frames], frames, strict=False):
        moved = round(difference(frame.clean, before.clean), 5) if before else None
        row = {"step": frame.index, "timestep": frame.timestep, "moved_share": moved}
        for name, values in (("similarity", frame.similarity), ("push_share", frame.ratio)):
            if values is not None:
                row |= {name if len(values) == 1 else f"{name}_{i}": round(float(v), 5) for i, v in enumerate(values, 1)}
        rows.append(row)
    return rows
