"""The guidance frontier: the harder the prompt is followed, the more alike the pictures of different seeds become.

For one scale: how well pictures fit their prompts in CLIP's eyes, how much those of one prompt differ, and how many the
pixel checker finds right. After Ho & Salimans 2022, arXiv:2207.12598, figure 4, with measures that hold for four pictures.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from genai_core import measuring
from genai_core.data import checker, picturebook
from genai_core.data.captions import caption
from genai_core.recorded import Recorder
from genai_core.text_to_image.watching import difference

SEED, PROMPTS, PICTURES, STEPS = 910_001, 6, 4, 25
KINDS = {  # how the pictures are steered, and the setting that each scale goes to
    "cfg": ({"guidance": "cfg"}, "scale"),
    "noise_aware": ({"guidance": "clip", "clip": "noise_aware", "rounds": 2}, "clip_scale"),
    "plain": ({"guidance": "clip", "clip": "plain", "crops": 4, "rounds": 1}, "clip_scale"),
}
SCALES = {"cfg": (0.0, 1.0, 2.0, 3.0, 5.0, 8.0, 15.0, 30.0), "noise_aware": (1.0, 3.0, 8.0, 20.0, 60.0),
          "plain": (1.0, 3.0, 8.0, 20.0, 60.0)}


@dataclass(frozen=True)
class Point:
    """One scale of one kind. similarity: mean cosine of picture and prompt in the plain CLIP, -1 to 1. diversity_share: mean
    difference between two pictures of one prompt, as a share of full scale. right: a measured share of pictures whose
    colour and shape are right. pictures: (PICTURES, h, w, 3) uint8, of the first prompt; latest: of the
    last one."""

    kind: str
    scale: float
    similarity: float
    diversity_share: float
    right: dict
    pictures: np.ndarray
    latest: np.ndarray | None = None


def diversity_share(pictures: Sequence[np.ndarray]) -> float:
    """Mean absolute difference over all pairs of pictures, as a share of full scale; 0 where all are alike."""
    pairs = list(combinations(pictures, 2))
    if not pairs:
        raise ValueError("diversity needs at least two pictures")
    return float(np.mean([difference(a, b) for a, b in pairs]))


def asked_for(n: int = PROMPTS, seed: int = SEED) -> list[tuple[picturebook.Scene, str]]:
    """n scenes of one object with prompts of them, from a seed that no training used."""
    made = []
    for index in range(n):
        rng = picturebook.stream(seed, index)
        what = picturebook.scene(rng, "train", "single")
        made.append((what, caption(what, rng)))
    return made


def approach(pipeline, kind: str, scale: float, *, asked=None, steps: int = STEPS, seed: int = 1,
             guide=None) -> Iterator[tuple[int, int, Point | None]]:
    """Draw PICTURES pictures of each prompt at one scale, the seeds the same for every scale, and judge them.

    Yields after each step of each prompt (done, of, None, or the Point of the prompts finished so far where one has just been
    finished); the last one is of all.
    """
    from genai_core.text_to_image.sampling import frames
    from genai_core.text_to_image.similarity import guide_for

    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {kind!r}")
    given, name = KINDS[kind]
    asked = asked_for() if asked is None else asked
    guide = guide or guide_for(pipeline)
    first, likes, apart, right = None, [], [], 0
    for index, (what, prompt) in enumerate(asked):
        for last in frames(pipeline, prompt, strip=False, steps=steps, seed=seed + index, n=PICTURES, guide=guide,
                           **given, **{name: scale}):
            if last.index < steps:
                yield index * steps + last.index, len(asked) * steps, None
        first = last.clean if first is None else first
        likes += guide.similarity(last.clean, prompt).tolist()
        apart.append(diversity_share(last.clean))
        verdicts = [checker.judge(what, picture) for picture in last.clean]
        right += sum(v["colour"] is True and v["shape"] is True for v in verdicts)
        yield (index + 1) * steps, len(asked) * steps, Point(
            kind, float(scale), float(np.mean(likes)), float(np.mean(apart)),
            measuring.share(right, (index + 1) * PICTURES), first, last.clean)


def point(pipeline, kind: str, scale: float, **how) -> Point:
    """The point at one scale. how: as for `approach`."""
    for _, _, made in approach(pipeline, kind, scale, **how):
        pass
    return made


def points(pipeline, scales=None, **how) -> Iterator[Point]:
    """The frontier, point by point. scales: {kind: scales}; None: all of SCALES. how: as for `approach`."""
    for kind, row in (SCALES if scales is None else scales).items():
        for scale in row:
            yield point(pipeline, kind, scale, **how)


def row(made: Point) -> dict:
    """A point as a row of a table."""
    return {"kind": made.kind, "scale": made.scale, "similarity": round(made.similarity, 4),
            "diversity_share": round(made.diversity_share, 4), "right_share": made.right["share"],
            "right_low": made.right["low"], "right_high": made.right["high"]}


def _start():
    from genai_core.text_to_image.pipeline import load
    from genai_core.text_to_image.recording import to_png

    rows = []

    def run():
        for index, made in enumerate(points(load()), 1):
            rows.append(row(made))
            yield index, {**rows[-1], "pictures": [to_png(picture) for picture in made.pictures]}

    return run(), lambda: rows


def _scene() -> dict:
    return {"model": "pocket", "prompts": [prompt for _, prompt in asked_for()], "pictures": PICTURES}


RECORDER = Recorder({"steps": STEPS, "prompts": PROMPTS, "pictures": PICTURES, "scales": {k: list(v) for k, v in SCALES.items()}},
                    SEED, _scene, _start)
