"""Groups of Picturebook scenes that differ in one thing only: what a contrastive model learns from last, and needs most."""

import numpy as np

from genai_core.data.picturebook import OPPOSITE, RELATIONS, UNSEEN, Scene, _pair, _places, draw, scene, stream
from genai_core.data.shapes import SHAPES


def lookalikes(rng: np.random.Generator, size: int) -> list[Scene]:
    """`size` scenes that differ in one thing only, each from each: which shape, or who is what and where. What tells such
    pictures apart is what a contrastive model learns last when every other picture has another colour as well."""
    first = scene(rng, "train")
    seen, drawn, turn = {_identity(first)}, [first], rng.random()
    while len(drawn) < size:
        shape, colour, shape2, colour2 = first.shape, first.colour, first.shape2, first.colour2
        relation, count, places = first.relation, first.count, first.places
        if relation and turn < 0.4:      # the same objects and others, the other way round
            swap = rng.integers(4)
            if swap == 0:
                relation = OPPOSITE[relation]
            elif swap == 1:
                shape, shape2 = shape2, shape
            elif swap == 2:
                colour, colour2 = colour2, colour
            else:
                shape, relation = SHAPES[rng.integers(len(SHAPES))], RELATIONS[rng.integers(4)]
            places = _places(rng, first.size, 1, relation)
        elif relation:
            which = rng.integers(2)
            shape, shape2 = (SHAPES[rng.integers(len(SHAPES))], shape2) if which else (shape, SHAPES[rng.integers(len(SHAPES))])
        elif turn < 0.75:
            shape = SHAPES[rng.integers(len(SHAPES))]
        else:
            _, shape = colour, _ = _pair(rng, "train")
        other = Scene(shape, colour, first.size, first.fill, count, first.background, relation, shape2, colour2, places)
        known = not any(pair in UNSEEN for pair in other.objects) and (not relation or other.objects[0] != other.objects[1])
        if known and _identity(other) not in seen:
            seen.add(_identity(other))
            drawn.append(other)
        elif rng.random() < 0.02:        # where a group runs dry: an unlike scene
            first = scene(rng, "train")
            if _identity(first) not in seen:
                seen.add(_identity(first))
                drawn.append(first)
    return drawn


def _identity(what: Scene) -> frozenset:
    """What every caption of a scene says, whichever side it is told from."""
    if not what.relation:
        return frozenset({("one", what.objects[0], what.count)})
    return frozenset({(what.relation, what.objects), (OPPOSITE[what.relation], what.objects[::-1])})


def tensors(n: int, seed: int, group: int, full: bool = False):
    """n / group groups of lookalikes for training: pictures (n / group, group, 3, 64, 64) uint8 and their captions' token ids
    (n / group, group, 32) int64. full: in every second group the captions name every factor."""
    import torch

    from genai_core.data.captions import caption
    from genai_core.text_to_image.tokenizer import encode

    if group < 2 or n % group:
        raise ValueError(f"n must be a multiple of group, and group at least 2; got {n} and {group}")
    pictures, texts = [], []
    for index in range(n):
        rng = stream(seed, index)
        if index % group == 0:
            alike = lookalikes(rng, group)
        what = alike[index % group]
        pictures.append(torch.from_numpy(draw(what, rng)).permute(2, 0, 1))
        texts.append(caption(what, rng, full and index // group % 2 == 0))
    return torch.stack(pictures).unflatten(0, (-1, group)), encode(texts).unflatten(0, (-1, group))
