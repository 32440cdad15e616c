"""Every measure by name, in the order in which it is shown, and all of them read at once from two samples.

Points are compared as they are. Pictures of digits are compared by the 64 features of the digit classifier that we ship.
"""

from dataclasses import dataclass

import torch

from genai_core.quality import frechet, kernels
from genai_core.quality.neighbours import neighbours
from genai_core.quality.pairs import Pairs
from genai_core.quality.pictures import inception_style_score, sharpness

SHOWN = 1000  # points of each sample
WIDE = 5000   # points of each sample that the Frechet distance is read from: with fewer it misses a variance 10% off


@dataclass(frozen=True)
class Reading:
    """title: as on screen. about: what it asks. kinds: of what it is read. distance: lower is better without end, so that its
    band has no lower edge; else a value may also be too high. percent: a share."""

    title: str
    about: str
    kinds: tuple[str, ...] = ("points", "digits")
    distance: bool = False
    percent: bool = False


READINGS = {
    "precision": Reading("Precision", "share of fakes inside a real point's ball", percent=True),
    "density": Reading("Density", "in how many real balls a fake lies, over k"),
    "recall": Reading("Recall", "share of real points inside a fake's ball", percent=True),
    "coverage": Reading("Coverage", "share of real balls that hold a fake", percent=True),
    "energy": Reading("Energy distance", "distances between against distances within", distance=True),
    "mmd2": Reading("MMD², unbiased", "as a kernel sees it; 0 in expectation for a perfect generator", distance=True),
    "mmd2_v": Reading("MMD², V-statistic", "the same, never below 0", distance=True),
    "frechet": Reading("Fréchet distance", "between the Gaussians of equal mean and covariance", distance=True),
    "score": Reading("Inception-style score", "sure of each digit, and all digits equally frequent; at most 10", ("digits",)),
    "sharpness": Reading("Edge sharpness", "how steep the edges are, in ink per pixel", ("digits",)),
}


def of_kind(kind: str) -> dict[str, Reading]:
    """The readings of "points" or "digits"."""
    return {name: reading for name, reading in READINGS.items() if kind in reading.kinds}


@dataclass(frozen=True)
class Seen:
    """Pictures as the readings want them. features (N, 64). chances (N, 10). edges (N,): sharpness of each."""

    features: torch.Tensor
    chances: torch.Tensor
    edges: torch.Tensor

    def __len__(self) -> int:
        return len(self.edges)

    def __getitem__(self, rows) -> "Seen":
        return Seen(self.features[rows], self.chances[rows], self.edges[rows])


def seen(pictures: torch.Tensor) -> Seen:
    """Pictures (N, 1, 28, 28), uint8 or 0-1, through the classifier of Strokes."""
    from genai_core import recognition

    what = recognition.see(pictures)
    unit = pictures.float() / 255 if pictures.dtype == torch.uint8 else pictures
    return Seen(what.features, what.chances, sharpness(unit))


def between(real: torch.Tensor, fake: torch.Tensor, kind: str = "points") -> dict[str, float]:
    """The readings that compare two samples. real (N, D), fake (M, D): points, or features of digits. All are read from the
    first thousand of each, but the Frechet distance from all that are given, which should be 5,000.

    The kernel of the MMD: for points a Gaussian as wide as the median distance of the real sample; for features the cubic
    one of the "kernel Inception distance".
    """
    pairs = Pairs(real[:SHOWN], fake[:SHOWN])
    near = neighbours(pairs)
    if kind == "points":
        width = kernels.median_distance(pairs.within_real)
        values = [kernels.gaussian(d, width) for d in (pairs.within_real, pairs.within_fake, pairs.between)]
    else:
        values = [kernels.cubic(a, b) for a, b in ((pairs.real, pairs.real), (pairs.fake, pairs.fake), (pairs.real, pairs.fake))]
    return {"precision": near.precision, "density": near.density, "recall": near.recall, "coverage": near.coverage,
            "energy": pairs.energy_distance(), "mmd2": kernels.mmd2(*values), "mmd2_v": kernels.mmd2(*values, unbiased=False),
            "frechet": frechet.frechet(real, fake)}


def of_points(real: torch.Tensor, fake: torch.Tensor) -> dict[str, float]:
    """All readings of points (N, 2), in the order of READINGS."""
    return between(real, fake)


def of_digits(real: Seen, fake: Seen) -> dict[str, float]:
    """All readings of digits, in the order of READINGS; the last two look at the fakes alone."""
    return between(real.features, fake.features, "digits") | {
        "score": inception_style_score(fake.chances[:SHOWN]), "sharpness": fake.edges[:SHOWN].double().mean().item()}
