"""The points of a run: made here from a seed, or a visitor's own, brought to the size that the lab's plane has."""

from dataclasses import dataclass

import numpy as np

from genai_core.decide_or_draw.settings import DATA, FEWEST_EACH, MOST_CLASSES, MOST_OWN, Settings
from genai_core.errors import BadInput

FRESH = 1000       # new points of the same kind, to count mistakes on
FRESH_SEED = 1_000_003
SPREAD = 0.5**0.5  # std of own points along each axis in the lab's plane, about that of the made ones
DECIMALS = 4


@dataclass(frozen=True)
class Sample:
    """points (n, 2) float64 in the lab's plane; labels (n,) 0 to K - 1; classes: their names. fresh: (points, labels) of the
    same kind that no model has seen, None for own points. centre, unit (2,): file = centre + unit * plane."""

    points: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]
    fresh: tuple[np.ndarray, np.ndarray] | None
    centre: np.ndarray
    unit: np.ndarray
    title: str

    def inside(self, place) -> np.ndarray:
        """A place in the file's units, in the lab's plane."""
        return (np.asarray(place, dtype=float) - self.centre) / self.unit

    def outside(self, place) -> np.ndarray:
        """A place in the lab's plane, in the file's units."""
        return self.centre + self.unit * np.asarray(place, dtype=float)

    @property
    def log_area(self) -> float:
        """To take off a log density in the lab's plane, to have it per unit of area of the file."""
        return float(np.log(self.unit).sum())


def sample(settings: Settings) -> Sample:
    """The points that these settings ask for; BadInput where own points cannot be used."""
    return own(settings.own) if settings.own.strip() else made(settings)


def made(settings: Settings) -> Sample:
    """Points of a named kind, and fresh ones."""
    from genai_core.data.point_classes import labelled

    points, labels = labelled(settings.data, settings.n, settings.seed, settings.noise)
    kinds = 5 if settings.data == "pinwheel" else 2
    counts = np.bincount(labels, minlength=kinds)
    if counts.min() < FEWEST_EACH:
        raise BadInput(f"With {settings.n} points and this seed a class has only {counts.min()}; each needs {FEWEST_EACH}. Take more "
                       "points, or another seed.")
    fresh = labelled(settings.data, FRESH, settings.seed + FRESH_SEED, settings.noise)
    return Sample(points, labels, tuple("ABCDE"[:kinds]), fresh, np.zeros(2), np.ones(2), DATA[settings.data])


def own(text: str) -> Sample:
    """A visitor's table x,y,class. Each axis is shifted and stretched to mean 0 and one spread."""
    from genai_core.data import own_points

    given = own_points.parse(text, with_class=True)
    points, labels = given.points.double().numpy(), given.labels.numpy()
    if len(points) > MOST_OWN:
        raise BadInput(f"There are {len(points):,} points; this lab takes at most {MOST_OWN:,}, because kernels are summed over all "
                       "of them. Take every so many of them, or the first ones.")
    if len(given.classes) > MOST_CLASSES:
        raise BadInput(f"There are {len(given.classes)} classes; this lab takes at most {MOST_CLASSES}, so that their colours can be "
                       "told apart.")
    counts = np.bincount(labels)
    if counts.min() < FEWEST_EACH:
        least, few = given.classes[counts.argmin()], int(counts.min())
        raise BadInput(f"Class {least[:20]!r} has {few} point{'s' * (few != 1)}; every class needs at least {FEWEST_EACH}.")
    centre, unit = points.mean(0), points.std(0) / SPREAD
    scaled = ((points - centre) / unit).round(DECIMALS)
    return Sample(scaled, labels, given.classes, None, centre, unit, f"{len(points):,} own points")
