"""Picturebook captions, and who stands where in the scene that they tell of: what a text encoder should know of order."""

from genai_core.data.picturebook import COLOURS, KINDS, Scene, scene, stream
from genai_core.data.shapes import SHAPES

RELATION_SHARE = 0.75  # of the captions; the rest is drawn as in Picturebook
SIZES = (len(COLOURS) + 1, len(SHAPES) + 1, len(COLOURS) + 1, len(SHAPES) + 1, 3)  # classes of each label; the last is "none"


def labels(what: Scene) -> tuple[int, int, int, int, int]:
    """(colour, shape) of the object on the left or above, (colour, shape) of the other, and whether they stand side by side (0),
    one above the other (1), or are no two different objects (2); without a second object its colour and shape are "none"."""
    objects = [(list(COLOURS).index(colour), SHAPES.index(shape)) for colour, shape in what.objects]
    if not what.relation:
        return *objects[0], len(COLOURS), len(SHAPES), 2
    first, second = objects if what.relation in ("left of", "above") else objects[::-1]
    return *first, *second, int(what.relation in ("above", "below"))


def tensors(n: int, seed: int):
    """n captions for training: token ids (n, 32) and labels (n, 5), both int64."""
    import torch

    from genai_core.data.captions import caption
    from genai_core.text_to_image.tokenizer import encode

    texts, told = [], []
    for index in range(n):
        rng = stream(seed, index)
        kind = "relation" if rng.random() < RELATION_SHARE else list(KINDS)[rng.integers(len(KINDS))]
        what = scene(rng, "train", kind)
        texts.append(caption(what, rng))
        told.append(labels(what))
    return encode(texts), torch.tensor(told)


def examples(n: int, rng):
    """As `tensors`, from a seed drawn from rng, a torch.Generator."""
    import torch

    return tensors(n, int(torch.randint(2**62, (), generator=rng)))
