"""The pairs of colour and shape that no training picture had: drawn on request, and judged by the pixel checker."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from genai_core import measuring
from genai_core.data import checker
from genai_core.data.picturebook import COLOURS, UNSEEN, Scene
from genai_core.recorded import Recorder

SEED, PICTURES = 920_001, 4
SETTINGS = {"guidance": "cfg", "scale": 3.0, "steps": 25}


@dataclass(frozen=True)
class Pair:
    """One pair that was never seen. pictures: (n, h, w, 3) uint8; right: for each, whether every object that is seen has
    this colour and this shape; None where the checker cannot tell."""

    colour: str
    shape: str
    prompt: str
    pictures: np.ndarray
    right: tuple[bool | None, ...]


def prompt_of(colour: str, shape: str) -> str:
    return f"{'an' if colour[0] in 'aeio' else 'a'} {colour} {shape}"


def verdict(colour: str, shape: str, picture: np.ndarray) -> bool | None:
    """Whether the picture shows this colour and shape; None where either cannot be told, unless the other is wrong."""
    told = checker.judge(Scene(shape, colour, "", "", 1, ""), picture)
    both = (told["colour"], told["shape"])
    return False if False in both else None if None in both else True


def plate(pipeline, *, n: int = PICTURES, seed: int = SEED, guide=None, **asked) -> Iterator[Pair]:
    """Draw n pictures of each unseen pair, in the order of the colours, yielding each pair when it is drawn. asked: as in
    settings.Settings, before SETTINGS."""
    from genai_core.text_to_image.sampling import frames

    pairs = sorted(UNSEEN, key=lambda pair: tuple(COLOURS).index(pair[0]))
    for index, (colour, shape) in enumerate(pairs):
        prompt = prompt_of(colour, shape)
        for last in frames(pipeline, prompt, strip=False, n=n, seed=seed + index, guide=guide, **{**SETTINGS, **asked}):
            pass
        yield Pair(colour, shape, prompt, last.clean, tuple(verdict(colour, shape, picture) for picture in last.clean))


def rate(pairs) -> dict:
    """The share of pictures that are right, with its interval; one that cannot be told is not right."""
    verdicts = [right for pair in pairs for right in pair.right]
    return measuring.share(sum(right is True for right in verdicts), len(verdicts))


def row(pair: Pair) -> dict:
    """A pair as a row of a table."""
    return {"colour": pair.colour, "shape": pair.shape, "right": sum(r is True for r in pair.right),
            "cannot_tell": sum(r is None for r in pair.right), "of": len(pair.right)}


def _start():
    from genai_core.text_to_image.pipeline import load
    from genai_core.text_to_image.recording import to_png

    pairs = []

    def run():
        for index, pair in enumerate(plate(load()), 1):
            pairs.append(pair)
            yield index, {"colour": pair.colour, "shape": pair.shape, "prompt": pair.prompt, "right": list(pair.right),
                          "pictures": [to_png(picture) for picture in pair.pictures], "rate": rate(pairs)}

    def rows():
        return [row(pair) for pair in pairs]

    return run(), rows


def _scene() -> dict:
    return {"model": "pocket", "pairs": len(UNSEEN), "pictures": PICTURES}


RECORDER = Recorder({**SETTINGS, "pictures": PICTURES}, SEED, _scene, _start)
