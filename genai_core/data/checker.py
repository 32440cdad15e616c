"""Reads a 64x64 picture back into facts, by segmentation and template matching on pixels: no network, no CLIP.

It is the yardstick for text-to-image: what it cannot tell, it says it cannot tell.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from genai_core.data.picturebook import BACKGROUNDS, COLOURS, SIZE, SIZES, Scene, tint
from genai_core.data.shapes import SHAPES, coverage, extent

FOREGROUND = 9.0      # CIE76 distance from the paper above which a pixel belongs to an object
SMALLEST = 24         # pixels; less is a stain
SURE_OVERLAP = 0.68   # intersection over union with the best template below which the shape cannot be told
SURE_COLOUR = 26.0    # CIE76 distance from the nearest named colour above which the colour cannot be told
BETWEEN_SIZES = (SIZES["small"][1] + SIZES["large"][0]) / 2


@dataclass(frozen=True)
class Seen:
    """One object: names as in Picturebook, None where it cannot be told; overlap: 0-1, of the best template."""

    shape: str | None
    colour: str | None
    size: str | None
    fill: str | None
    x: float
    y: float
    overlap: float


@dataclass(frozen=True)
class Reading:
    """What the picture shows: the paper, and the objects from the top left."""

    background: str | None
    objects: tuple[Seen, ...]


def to_lab(rgb: np.ndarray) -> np.ndarray:
    """sRGB 0-255 to CIE L*a*b* (D65).  (..., 3) -> (..., 3)"""
    c = np.asarray(rgb, float) / 255
    c = np.where(c > 0.04045, ((c + 0.055) / 1.055) ** 2.4, c / 12.92)
    xyz = c @ np.array([[.4124564, .2126729, .0193339], [.3575761, .7151522, .1191920], [.1804375, .0721750, .9503041]])
    xyz = xyz / np.array([.95047, 1.0, 1.08883])
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1)


@cache
def _inks() -> tuple[np.ndarray, np.ndarray]:
    """The named colours and their tints in Lab.  -> (9, 3), (9, 3)"""
    return to_lab(np.array(list(COLOURS.values()))), to_lab(np.array([tint(c) for c in COLOURS]))


@cache
def _papers() -> np.ndarray:
    return to_lab(np.array(list(BACKGROUNDS.values())))


def _overlap(shape: str, mask: np.ndarray, box: tuple[float, float, float, float]) -> tuple[float, float]:
    """(intersection over union, radius) of the shape drawn where the mask's bounding box says it should stand."""
    top, left, bottom, right = box
    l, t, r, b = extent(shape)
    radius = ((right - left) / (r - l) + (bottom - top) / (b - t)) / 2
    cx, cy = (left + right) / 2 - radius * (l + r) / 2, (top + bottom) / 2 - radius * (t + b) / 2
    best = 0.0
    for scale in (0.96, 1.0, 1.04):
        cover, rows, columns = coverage(shape, cx, cy, radius * scale, SIZE)
        drawn = np.zeros_like(mask)
        drawn[rows, columns] = cover
        best = max(best, float(np.minimum(mask, drawn).sum() / np.maximum(mask, drawn).sum()))
    return best, radius


def _object(lab: np.ndarray, away: np.ndarray, part: np.ndarray) -> Seen:
    """lab (64, 64, 3); away: distance from the paper; part: which pixels are this object's."""
    from scipy import ndimage

    inside = ndimage.binary_erosion(part)
    core = inside if inside.sum() >= 12 else part
    inks, tints = _inks()
    pixels = lab[core]                                                              # (P, 3)
    to_ink = np.linalg.norm(pixels[:, None] - inks, axis=-1)                        # (P, 9)
    to_tint = np.linalg.norm(pixels[:, None] - tints, axis=-1)
    near = np.minimum(to_ink, to_tint)
    fit = np.median(near, axis=0) + 0.25 * near.mean(0)
    # a tint can look like another colour: an object of it would have no pixel of its own ink
    darkest = np.quantile(to_ink, 0.2, axis=0)
    score = fit + darkest
    ink = int(score.argmin())
    colour = tuple(COLOURS)[ink] if darkest[ink] < SURE_COLOUR and fit[ink] < SURE_COLOUR else None
    light = float((to_tint[:, ink] < to_ink[:, ink]).mean())
    fill = "striped" if 0.2 < light < 0.8 else "solid" if light <= 0.2 else None
    ys, xs = np.nonzero(part)
    full = np.percentile(away[core], 60)
    soft = np.where(ndimage.binary_dilation(part), np.clip(away / max(full, 1e-6), 0, 1), 0)
    soft = np.where(core, 1.0, soft)
    if fill == "striped":  # a pale stripe is all there: what counts is the outline
        soft = np.where(part, np.maximum(soft, 0.9), soft * 0.5)
    rows, columns = soft.max(1), soft.max(0)
    top, bottom = ys.min() + 1 - rows[ys.min()] - rows[max(ys.min() - 1, 0)] * 0.5, ys.max() + rows[ys.max()]
    left, right = xs.min() + 1 - columns[xs.min()] - columns[max(xs.min() - 1, 0)] * 0.5, xs.max() + columns[xs.max()]
    found = {shape: _overlap(shape, soft, (top, left, bottom, right)) for shape in SHAPES}
    shape = max(found, key=lambda s: found[s][0])
    overlap, radius = found[shape]
    sure = overlap >= SURE_OVERLAP
    return Seen(shape if sure else None, colour, ("small" if radius < BETWEEN_SIZES else "large") if sure else None, fill,
                float((left + right) / 2), float((top + bottom) / 2), overlap)


def _objects(lab: np.ndarray, away: np.ndarray, part: np.ndarray) -> list[Seen]:
    """What is in a connected part: one object, or, where its shape cannot be told, the objects that only touch in it.

    Two objects a pixel apart are joined by a faint bridge once they have been through an autoencoder. The part is cut where
    it is more paper than ink or where it is thin; the cut counts only if every piece can be told.
    """
    from scipy import ndimage

    whole = _object(lab, away, part)
    if whole.shape:
        return [whole]
    dense = part & (away > np.percentile(away[part], 75) / 2)
    cores = [(dense, 1), (ndimage.binary_erosion(part), 1), (ndimage.binary_erosion(part, iterations=2), 2)]
    for core, lost in cores:
        pieces, number = ndimage.label(core)
        large = [index for index in range(1, number + 1) if (pieces == index).sum() >= SMALLEST]
        if len(large) < 2:
            continue
        pieces[~np.isin(pieces, large)] = 0
        far, nearest = ndimage.distance_transform_edt(pieces == 0, return_indices=True)
        owner = np.where(far <= lost + 1, pieces[tuple(nearest)], 0)  # what is left of the bridge belongs to nobody
        found = [_object(lab, away, part & (owner == index)) for index in large]
        if all(thing.shape and thing.colour for thing in found):
            return found
    return [whole]


def read(picture: np.ndarray) -> Reading:
    """picture (64, 64, 3) uint8 -> what it shows, objects from the top left."""
    from scipy import ndimage

    if picture.shape != (SIZE, SIZE, 3):
        raise ValueError(f"picture must be ({SIZE}, {SIZE}, 3), got {picture.shape}")
    lab = to_lab(picture)
    edge = np.concatenate([lab[:2].reshape(-1, 3), lab[-2:].reshape(-1, 3), lab[:, :2].reshape(-1, 3), lab[:, -2:].reshape(-1, 3)])
    paper = np.median(edge, 0)
    to_paper = np.linalg.norm(_papers() - paper, axis=1)
    background = tuple(BACKGROUNDS)[int(to_paper.argmin())]
    if to_paper.min() > 12 or np.quantile(np.linalg.norm(edge - paper, axis=1), 0.9) > 12:
        background = None
    away = np.linalg.norm(lab - paper, axis=-1)
    mask = away > FOREGROUND
    parts, number = ndimage.label(mask, np.ones((3, 3)))
    objects = []
    for index in range(1, number + 1):
        part = parts == index
        if part.sum() >= SMALLEST:
            objects += _objects(lab, away, part)
    return Reading(background, tuple(sorted(objects, key=lambda o: (round(o.y / 12), o.x))))


def _agreement(pairs) -> int:
    return sum((seen.colour == colour) + (seen.shape == shape) for (colour, shape), seen in pairs)


def judge(what: Scene, picture: np.ndarray) -> dict[str, bool | None]:
    """Factor by factor, is the picture what the scene says? True, False, or None: cannot tell.

    Colour, shape, size and fill must hold for every object that is seen; of two different ones, for each in its place.
    """
    seen = read(picture)
    verdict: dict[str, bool | None] = {"background": None if seen.background is None else seen.background == what.background}
    wanted = what.objects
    verdict["count"] = len(seen.objects) == len(wanted) if seen.objects else None
    if what.relation and len(seen.objects) == 2:
        key = (lambda o: o.y) if what.relation in ("above", "below") else (lambda o: o.x)
        ordered = sorted(seen.objects, key=key, reverse=what.relation in ("below", "right of"))
        as_told, swapped = list(zip(wanted, ordered, strict=True)), list(zip(wanted, ordered[::-1], strict=True))
        pairs = as_told if _agreement(as_told) >= _agreement(swapped) else swapped
        a, b = ordered
        apart, across = (abs(a.y - b.y), abs(a.x - b.x)) if what.relation in ("above", "below") else (abs(a.x - b.x), abs(a.y - b.y))
        verdict["relation"] = bool(pairs is as_told and apart > across)
    else:
        pairs = [(wanted[0], thing) for thing in seen.objects]
        if what.relation:
            verdict["relation"] = False if seen.objects else None
    for factor, place in (("colour", 0), ("shape", 1)):
        told = [(getattr(o, factor), names[place]) for names, o in pairs]
        verdict[factor] = None if not told or any(t is None for t, _ in told) else all(t == w for t, w in told)
    for factor in ("size", "fill"):
        told = [getattr(o, factor) for _, o in pairs]
        verdict[factor] = None if not told or None in told else all(t == getattr(what, factor) for t in told)
    return verdict
