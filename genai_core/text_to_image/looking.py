"""What CLIP sees in one picture: stage by stage, beside six scenes of the Picturebook. Opens without torch."""

from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np

from genai_core.data import picturebook
from genai_core.data.picturebook import Scene
from genai_core.recorded import Recorder

MOST_TEXTS = 8
_LOW, _HIGH, _MIDDLE = (32.0, 47.0, 11.5), (32.0, 17.0, 11.5), (32.0, 32.0, 13.0)
# The last three are there on purpose: what is the same but for its place, and a pair that no training picture had.
SCENES = {
    "circle": Scene("circle", "red", "large", "solid", 1, "gray", places=(_MIDDLE,)),
    "stars": Scene("star", "yellow", "small", "solid", 3, "lavender", places=((17.0, 18.0, 8.5), (47.0, 16.0, 8.5), (46.0, 46.0, 8.5))),
    "heart": Scene("heart", "purple", "large", "striped", 1, "white", places=(_MIDDLE,)),
    "moon_above": Scene("moon", "black", "large", "solid", 1, "sky", "above", "square", "orange", (_HIGH, _LOW)),
    "square_above": Scene("square", "orange", "large", "solid", 1, "sky", "above", "moon", "black", (_HIGH, _LOW)),
    "unseen": Scene("moon", "blue", "large", "solid", 1, "mint", places=(_MIDDLE,)),
}
CAPTIONS = {
    "circle": "a large solid red circle on gray", "stars": "three small solid yellow stars on lavender",
    "heart": "a large striped purple heart on white",
    "moon_above": "a large solid black moon above a large solid orange square on sky",
    "square_above": "a large solid orange square above a large solid black moon on sky",
    "unseen": "a large solid blue moon on mint",
}


@cache
def pictures() -> dict[str, np.ndarray]:
    """The six scenes, drawn.  -> {name: (64, 64, 3) uint8}"""
    return {name: picturebook.draw(what, picturebook.stream(970_001, i)) for i, (name, what) in enumerate(SCENES.items())}


def looks(picture: np.ndarray, texts: Sequence[str], model: str = "pocket") -> Iterator[dict]:
    """What CLIP sees of a picture (h, w, 3) uint8, more at each of three stages.

    seen: (size, size, 3) uint8; words: {factor: [{text, share}]}; ranking: [{text, similarity, share}], the nearest
    first; matrix: (1 + scenes, texts), cosines of this picture and of the six scenes with each text.
    """
    from genai_core.errors import BadInput
    from genai_core.text_to_image import reading

    texts = reading.check_texts(texts)
    if len(texts) > MOST_TEXTS:
        raise BadInput(f"{len(texts)} captions are too many to show; at most {MOST_TEXTS} are compared here.")
    clip = reading.reader(model)
    found = {"texts": texts, "seen": clip.seen(picture)}
    yield dict(found)
    found["words"] = reading.words_of(clip, [picture])[0]
    yield dict(found)
    matrix = reading.similarity(clip, [picture, *pictures().values()], texts)
    yield found | {"matrix": matrix, "ranking": reading.ranking(matrix[0], texts, clip.scale)}


def rows_of(found: dict) -> list[dict]:
    """The numbers as a table: one row for each caption, then one for each single word."""
    rows = [{"kind": "caption", **row} for row in found.get("ranking", ())]
    return rows + [{"kind": factor, "text": row["text"], "similarity": "", "share": row["share"]}
                   for factor, told in found.get("words", {}).items() for row in told]


FIRST = "moon_above"  # what the tab opens with


def _start():
    last = []

    def run():
        for stage, found in enumerate(looks(pictures()[FIRST], list(CAPTIONS.values())), 1):
            last.append(found)
            yield stage, {name: part.round(4).tolist() if name == "matrix" else part for name, part in found.items() if name != "seen"}

    def rows():
        return rows_of(last[-1])

    return run(), rows


def _scene() -> dict:
    return {"model": "pocket"}


RECORDER = Recorder({"picture": FIRST, "captions": list(CAPTIONS.values())}, 970_001, _scene, _start)
