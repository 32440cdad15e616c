"""Ten shapes as signed-distance fields, so that any size and place is drawn with smooth edges."""

from functools import cache

import numpy as np

SHAPES = ("circle", "square", "triangle", "diamond", "star", "heart", "cross", "ring", "moon", "arrow")
_REACH, _GRID = 1.6, 161  # a field covers [-1.6, 1.6] in units of the radius, on 161 x 161 points


def _heart() -> np.ndarray:
    t = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    x, y = 16 * np.sin(t) ** 3, 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    return np.stack([x, -y - 2.5], 1) / 16.5


def _star() -> np.ndarray:
    angle = np.arange(10) * np.pi / 5 - np.pi / 2
    radius = np.where(np.arange(10) % 2 == 0, 1.12, 0.47)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1)


_CORNERS = {  # y points down, as in a picture
    "square": np.array([(-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85)]),
    "triangle": np.array([(0, -0.98), (1.02, 0.78), (-1.02, 0.78)]),
    "diamond": np.array([(0, -1.1), (0.72, 0), (0, 1.1), (-0.72, 0)]),
    "star": _star(),
    "heart": _heart(),
    "cross": np.array([(-.32, -1), (.32, -1), (.32, -.32), (1, -.32), (1, .32), (.32, .32),
                       (.32, 1), (-.32, 1), (-.32, .32), (-1, .32), (-1, -.32), (-.32, -.32)]),
    "arrow": np.array([(1.08, 0), (0.12, -0.92), (0.12, -0.36), (-1.02, -0.36),
                       (-1.02, 0.36), (0.12, 0.36), (0.12, 0.92)]),
}


def _polygon_distance(p: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Signed distance of points p (..., 2) to a polygon (K, 2), negative inside; even-odd rule."""
    best, inside = np.full(p.shape[:-1], np.inf), np.zeros(p.shape[:-1], bool)
    for a, b in zip(corners, np.roll(corners, -1, 0), strict=True):
        along = np.clip(((p - a) @ (b - a)) / ((b - a) @ (b - a)), 0, 1)[..., None]
        best = np.minimum(best, ((p - a - along * (b - a)) ** 2).sum(-1))
        crosses = (a[1] > p[..., 1]) != (b[1] > p[..., 1])
        with np.errstate(divide="ignore", invalid="ignore"):
            inside ^= crosses & (p[..., 0] < (b[0] - a[0]) * (p[..., 1] - a[1]) / (b[1] - a[1]) + a[0])
    return np.where(inside, -1, 1) * np.sqrt(best)


@cache
def distance_field(shape: str) -> np.ndarray:
    """Distance to the shape's edge in units of its radius, negative inside.  -> (161, 161)"""
    if shape not in SHAPES:
        raise ValueError(f"no shape {shape!r}; there are {', '.join(SHAPES)}")
    axis = np.linspace(-_REACH, _REACH, _GRID)
    p = np.stack(np.meshgrid(axis, axis), -1)  # (161, 161, 2): x, y
    r = np.hypot(p[..., 0], p[..., 1])
    if shape == "circle":
        return r - 0.98
    if shape == "ring":
        return np.abs(r - 0.76) - 0.26
    if shape == "moon":
        full = np.hypot(p[..., 0] - 0.18, p[..., 1]) - 1.02
        bite = np.hypot(p[..., 0] - 0.66, p[..., 1]) - 0.84
        return np.maximum(full, -bite)
    return _polygon_distance(p, _CORNERS[shape]) - 0.04  # corners rounded a little


@cache
def extent(shape: str) -> tuple[float, float, float, float]:
    """Bounding box (left, top, right, bottom) in units of the radius."""
    axis = np.linspace(-_REACH, _REACH, _GRID)
    inside = distance_field(shape) <= 0
    x, y = axis[inside.any(0)], axis[inside.any(1)]
    return float(x[0]), float(y[0]), float(x[-1]), float(y[-1])


def coverage(shape: str, cx: float, cy: float, r: float, size: int) -> tuple[np.ndarray, slice, slice]:
    """How much of each pixel the shape covers, 0-1, with the rows and columns of the patch that it touches."""
    half = 1.25 * r + 1
    rows = slice(max(0, int(cy - half)), min(size, int(cy + half) + 1))
    columns = slice(max(0, int(cx - half)), min(size, int(cx + half) + 1))
    field, scale = distance_field(shape), (_GRID - 1) / (2 * _REACH)

    def place(pixels, centre):
        at = np.clip((np.arange(pixels.start, pixels.stop) + 0.5 - centre) / r * scale + (_GRID - 1) / 2, 0, _GRID - 1.001)
        low = at.astype(int)
        return low, at - low

    (y, fy), (x, fx) = place(rows, cy), place(columns, cx)
    lines = field[y] * (1 - fy)[:, None] + field[y + 1] * fy[:, None]
    distance = lines[:, x] * (1 - fx) + lines[:, x + 1] * fx
    return np.clip(0.5 - distance * r, 0, 1), rows, columns
