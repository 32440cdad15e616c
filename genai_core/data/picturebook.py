"""Picturebook: 64x64 scenes of coloured shapes that know what is in them. Drawn here, by seed; nothing is fetched."""

from dataclasses import dataclass, fields

import numpy as np

from genai_core.data.shapes import SHAPES, coverage

SIZE = 64  # pixels
COLOURS = {"red": (222, 42, 42), "orange": (250, 140, 20), "yellow": (246, 208, 32), "green": (38, 152, 66),
           "blue": (40, 92, 220), "purple": (132, 50, 182), "pink": (246, 112, 176), "brown": (120, 70, 36),
           "black": (22, 22, 26)}
BACKGROUNDS = {"white": (252, 252, 252), "gray": (176, 178, 182), "beige": (238, 224, 196),
               "mint": (204, 240, 216), "lavender": (222, 212, 246), "sky": (184, 222, 250)}
SIZES = {"small": (7.5, 9.0), "large": (11.5, 13.5)}  # radius in pixels
FILLS = ("solid", "striped")
RELATIONS = ("above", "below", "left of", "right of")
OPPOSITE = {"above": "below", "below": "above", "left of": "right of", "right of": "left of"}
KINDS = {"single": 0.35, "equal": 0.2, "relation": 0.45}  # how often each is drawn
SPLITS = ("train", "unseen", "all")
STRIPE_PERIOD = 6.0  # pixels, half of it in the colour and half in its tint

# Kept out of everything that is trained: a fixed tenth of the pairs, every colour once and nine shapes once.
UNSEEN = frozenset({("red", "star"), ("orange", "cross"), ("yellow", "diamond"), ("green", "heart"), ("blue", "moon"),
                    ("purple", "triangle"), ("pink", "arrow"), ("brown", "ring"), ("black", "square")})


@dataclass(frozen=True)
class Scene:
    """What a picture shows. relation, shape2, colour2 are empty unless two different objects stand together;
    size and fill hold for every object. places: (x, y, radius) in pixels, one per object."""

    shape: str
    colour: str
    size: str
    fill: str
    count: int
    background: str
    relation: str = ""
    shape2: str = ""
    colour2: str = ""
    places: tuple = ()

    @property
    def objects(self) -> tuple[tuple[str, str], ...]:
        """(colour, shape) of each object, in the order of places."""
        if self.relation:
            return (self.colour, self.shape), (self.colour2, self.shape2)
        return ((self.colour, self.shape),) * self.count


FACTORS = tuple(f.name for f in fields(Scene) if f.name != "places")


def tint(colour: str) -> np.ndarray:
    """The lighter stripe of a colour: half way to white.  -> (3,), 0-255"""
    return (np.array(COLOURS[colour], float) + 255) / 2


def _pair(rng, split: str) -> tuple[str, str]:
    names = tuple(COLOURS)
    if split == "unseen":
        return sorted(UNSEEN)[rng.integers(len(UNSEEN))]
    while True:
        pair = names[rng.integers(len(names))], SHAPES[rng.integers(len(SHAPES))]
        if split == "all" or pair not in UNSEEN:
            return pair


def _places(rng, size: str, count: int, relation: str) -> tuple:
    low, high = SIZES[size]
    if count == 1 and not relation:
        r = rng.uniform(low, high)
        x, y = rng.uniform(1.25 * r + 2, SIZE - 1.25 * r - 2, 2)
        return ((x, y, r),)
    high = min(high, 12.5)  # so that two large ones never touch
    wobble = 1.2 if size == "large" else 5.0
    if relation:
        near, far, across = 17 + rng.uniform(-wobble, wobble), 47 + rng.uniform(-wobble, wobble), rng.uniform(-6, 6, 2) + 32
        first, second = (near, far) if relation in ("above", "left of") else (far, near)
        upright = relation in ("above", "below")
        centres = [(across[0], first), (across[1], second)] if upright else [(first, across[0]), (second, across[1])]
    else:
        corners = np.array([(17, 17), (47, 17), (17, 47), (47, 47)])[rng.permutation(4)[:count]]
        centres = corners + rng.uniform(-wobble, wobble, (count, 2))
    r = rng.uniform(low, high)
    return tuple((float(x), float(y), float(r)) for x, y in centres)


def scene(rng: np.random.Generator, split: str = "train", kind: str | None = None) -> Scene:
    """One scene, factors uniform given its kind (single, equal, relation; None: as in KINDS).

    split: train has no unseen pair in it, unseen has nothing else, all draws from everything.
    """
    if split not in SPLITS:
        raise ValueError(f"split must be one of {', '.join(SPLITS)}, got {split!r}")
    if kind is None:
        kind = tuple(KINDS)[int(np.searchsorted(np.cumsum(tuple(KINDS.values())), rng.random(), side="right"))]
    colour, shape = _pair(rng, split)
    size, fill = tuple(SIZES)[rng.integers(2)], FILLS[rng.integers(2)]
    background = tuple(BACKGROUNDS)[rng.integers(len(BACKGROUNDS))]
    count, relation, colour2, shape2 = 1, "", "", ""
    if kind == "equal":
        count = int(rng.integers(2, 4))
    elif kind == "relation":
        relation, colour2, shape2 = RELATIONS[rng.integers(4)], colour, shape
        while (colour2, shape2) == (colour, shape):
            colour2, shape2 = _pair(rng, split)
    elif kind != "single":
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {kind!r}")
    places = _places(rng, size, count, relation)
    return Scene(shape, colour, size, fill, count, background, relation, shape2, colour2, places)


def draw(what: Scene, rng: np.random.Generator) -> np.ndarray:
    """The picture: flat paper, smooth edges, each colour a little off its name.  -> (64, 64, 3) uint8"""
    paper = np.array(BACKGROUNDS[what.background], np.float32) + rng.uniform(-3, 3, 3)
    canvas = np.broadcast_to(paper, (SIZE, SIZE, 3)).astype(np.float32)
    for (colour, shape), (x, y, r) in zip(what.objects, what.places, strict=True):
        cover, rows, columns = coverage(shape, x, y, r, SIZE)
        ink = np.array(COLOURS[colour], np.float32) + rng.uniform(-6, 6, 3)
        if what.fill == "striped":
            phase = (np.arange(rows.start, rows.stop) + 0.5 - y) / STRIPE_PERIOD % 1
            light = np.clip((np.abs(phase - 0.5) - 0.25) * STRIPE_PERIOD + 0.5, 0, 1)[:, None, None]  # (rows, 1, 1)
            ink = ink * (1 - light) + (ink + 255) / 2 * light
        patch = canvas[rows, columns]
        canvas[rows, columns] = patch + (ink - patch) * cover[..., None]
    return np.clip(canvas + 0.5, 0, 255).astype(np.uint8)


def stream(seed: int, index: int) -> np.random.Generator:
    """The generator of scene number `index` of a seed: scenes can be drawn in any order."""
    return np.random.default_rng([seed, index])


def scenes(n: int, seed: int, split: str = "train", kind: str | None = None) -> list[tuple[Scene, np.ndarray, str]]:
    """n scenes as (scene, picture (64, 64, 3) uint8, caption), the same for the same seed."""
    from genai_core.data.captions import caption

    drawn = []
    for index in range(n):
        rng = stream(seed, index)
        what = scene(rng, split, kind)
        drawn.append((what, draw(what, rng), caption(what, rng)))
    return drawn


def tensors(n: int, seed: int, split: str = "train", full: bool = False):
    """n scenes for training: pictures (n, 3, 64, 64) uint8 and their captions' token ids (n, 32) int64. full: every second
    caption names every factor."""
    import torch

    from genai_core.data.captions import caption
    from genai_core.text_to_image.tokenizer import encode

    pictures, texts = torch.empty(n, 3, SIZE, SIZE, dtype=torch.uint8), []
    for index in range(n):
        rng = stream(seed, index)
        what = scene(rng, split)
        pictures[index] = torch.from_numpy(draw(what, rng)).permute(2, 0, 1)
        texts.append(caption(what, rng, full and index % 2 == 0))
    return pictures, encode(texts)


def examples(n: int, rng):
    """As `tensors`, from a seed drawn from rng, a torch.Generator."""
    import torch

    return tensors(n, int(torch.randint(2**62, (), generator=rng)))
