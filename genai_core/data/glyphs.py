"""How the ten digits are written: for each, a few styles as pen strokes through a handful of points.

A style is a name, its share among the styles of that digit, and its strokes. A stroke is a list of points (x, y), y down, in
a box about 1 high; the pen runs through them on a smooth curve, and "|" where it stands ends one curve and starts the next
at the same point: a corner.
"""

from functools import cache

import numpy as np

MOST_POINTS = 16   # control points of one glyph, at most
PEN_POINTS = 72    # points of the pen's path at which ink is laid

_STYLES: dict[int, dict[str, tuple[float, str]]] = {
    0: {
        "closed": (4, "53,3 24,16 14,52 30,92 58,93 78,56 71,16 48,4"),
        "overlapping": (2, "60,12 38,3 16,30 15,68 38,97 66,86 78,46 66,10 40,9"),
        "open": (1, "46,6 20,24 15,64 38,97 68,86 77,46 60,8"),
    },
    1: {
        "bar": (6, "50,0 50,33 50,66 50,100"),
        "flag": (2, "30,24 42,14 53,2 | 53,2 52,50 51,100"),
        "foot": (1, "32,22 43,13 53,2 | 53,2 52,50 52,98 / 28,98 52,97 76,98"),
    },
    2: {
        "corner": (3, "18,25 31,6 53,2 71,15 69,38 47,66 15,96 | 15,96 32,93 52,95 83,96"),
        "loop": (3, "19,22 36,4 60,4 74,22 65,48 42,76 22,93 9,88 14,76 34,80 60,95 88,88"),
        "round": (2, "22,20 40,3 64,6 73,26 60,52 36,76 18,93 34,95 56,92 82,94"),
    },
    3: {
        "round": (4, "20,13 42,2 66,9 68,30 42,46 | 42,46 70,55 75,79 50,98 17,88"),
        "looped": (2, "22,12 46,2 69,14 62,35 40,47 34,43 46,41 71,57 71,84 46,98 15,88"),
        "flat top": (1, "18,5 45,4 73,4 | 73,4 58,22 42,40 | 42,40 70,49 75,78 50,98 17,90"),
    },
    4: {
        "open": (3, "25,5 20,28 16,51 | 16,51 44,53 78,48 / 69,6 65,50 60,100"),
        "cup": (2, "22,6 16,30 24,50 48,52 68,36 | 74,4 66,48 58,100"),
        "closed": (3, "63,2 38,33 12,65 | 12,65 46,64 86,62 / 63,2 61,50 59,100"),
    },
    5: {
        "two strokes": (4, "30,7 27,24 24,43 | 24,43 50,36 74,49 76,75 54,97 18,91 / 30,7 52,6 79,3"),
        "one stroke": (2, "78,6 52,5 34,8 27,24 32,42 58,49 72,68 58,94 18,92"),
        "square": (1, "76,5 52,5 29,6 | 29,6 27,24 26,44 | 26,44 52,38 73,54 70,80 48,98 16,90"),
    },
    6: {
        "curved": (4, "63,2 40,18 23,48 19,77 37,98 63,92 72,72 57,57 35,62 21,78"),
        "straight": (2, "52,0 36,32 23,64 24,90 46,99 67,88 68,68 49,59 29,71 24,82"),
        "wide": (1, "72,8 50,8 28,30 17,62 26,92 52,98 74,82 72,62 50,55 26,66"),
    },
    7: {
        "plain": (4, "15,10 46,7 79,6 | 79,6 57,50 43,100"),
        "bar": (3, "15,10 46,7 79,6 | 79,6 57,50 43,100 / 34,51 54,49 76,48"),
        "curved": (2, "15,14 40,6 68,4 80,12 66,40 52,68 44,100"),
        "hook": (1, "17,26 18,10 | 18,10 48,8 78,6 | 78,6 58,50 46,100"),
    },
    8: {
        "one stroke": (4, "70,14 48,2 27,14 32,35 56,53 72,76 52,97 24,84 29,62 56,42 72,23 66,8"),
        "two rings": (2, "49,2 30,10 30,34 49,45 68,34 68,11 49,2 / 49,45 25,56 23,86 49,98 75,86 74,57 49,45"),
        "open": (2, "76,10 50,3 30,14 34,36 58,54 70,78 48,98 25,84 34,60 60,38 80,18"),
    },
    9: {
        "straight": (4, "72,16 54,3 30,10 20,33 37,50 60,42 73,16 | 73,16 70,52 64,100"),
        "hooked": (2, "71,18 52,3 29,12 21,34 38,49 61,41 73,16 | 73,16 74,50 63,84 41,98 22,90"),
        "one stroke": (2, "73,12 52,2 29,13 22,36 40,48 62,36 74,12 72,40 62,70 48,100"),
    },
}


def _strokes(text: str) -> list[list[np.ndarray]]:
    """Pen strokes ("/" lifts the pen) as lists of smooth curves ("|" is a corner), each (K, 2)."""
    def points(piece):
        return np.array([tuple(map(float, p.split(","))) for p in piece.split()]) / 100

    return [[points(piece) for piece in stroke.split("|")] for stroke in text.split("/")]


def _catmull_rom(k: int, t: np.ndarray) -> np.ndarray:
    """Weights of k control points on a uniform Catmull-Rom spline at t in 0..k-1, ends doubled by reflection.  -> (T, k)"""
    ends = np.zeros((k + 2, k))                       # extended points as combinations of the given ones
    ends[1:-1] = np.eye(k)
    ends[0, :2], ends[-1, -2:] = (2, -1), (-1, 2)
    low = np.minimum(t.astype(int), k - 2)
    f = t - low
    basis = np.stack([-f + 2 * f**2 - f**3, 2 - 5 * f**2 + 3 * f**3, f + 4 * f**2 - 3 * f**3, -f**2 + f**3], 1) / 2  # (T, 4)
    weights = np.zeros((len(t), k + 2))
    for j in range(4):
        np.add.at(weights, (np.arange(len(t)), low + j), basis[:, j])
    return weights @ ends


def _glyph(text: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(points (16, 2), pen (72, 16), tied (16,)): pen @ points is the pen's path in equal steps; tied: the control point
    whose place each one shares, itself or, at a corner, the one before."""
    curves = [(curve, i > 0) for stroke in _strokes(text) for i, curve in enumerate(stroke)]
    lengths = np.array([np.linalg.norm(np.diff(curve, axis=0), axis=1).sum() for curve, _ in curves])
    counts = np.floor(lengths / lengths.sum() * PEN_POINTS).astype(int)
    counts[0] += PEN_POINTS - counts.sum()
    points, pen, tied = np.zeros((MOST_POINTS, 2)), np.zeros((PEN_POINTS, MOST_POINTS)), np.arange(MOST_POINTS)
    row = column = 0
    for (curve, corner), count in zip(curves, counts, strict=True):
        k = len(curve)
        dense = np.linspace(0, k - 1, 40 * k)
        length = np.linalg.norm(np.diff(_catmull_rom(k, dense) @ curve, axis=0), axis=1).cumsum()
        t = np.interp(np.linspace(0, length[-1], count), [0, *length], dense)
        points[column:column + k], pen[row:row + count, column:column + k] = curve, _catmull_rom(k, t)
        if corner:
            tied[column] = column - 1
        row, column = row + count, column + k
    return points, pen, tied


@cache
def table() -> tuple[np.ndarray, ...]:
    """All styles in order: (digit (S,), share (S,) within its digit, points (S, 16, 2), pen (S, 72, 16), tied (S, 16))."""
    rows = [(digit, share / sum(s for s, _ in _STYLES[digit].values()), *_glyph(text))
            for digit in _STYLES for share, text in _STYLES[digit].values()]
    return tuple(np.array(column) for column in zip(*rows, strict=True))


def style_names() -> tuple[str, ...]:
    """In the order of `table`, such as "7 bar"."""
    return tuple(f"{digit} {style}" for digit in _STYLES for style in _STYLES[digit])
