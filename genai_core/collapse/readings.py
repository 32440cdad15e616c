"""What counts as collapse: every reading of a generation, by model, and when it says that the model has collapsed.

The literature holds at least eight definitions that disagree (Schaeffer et al. 2025, arXiv:2503.03150), so a reading is always named.
Where the truth has a value of its own, a reading says "collapsed" below half or above double of it; where the truth has zero,
above a limit.
"""

import math
from dataclasses import dataclass

import numpy as np

from genai_core.collapse.plan import Generation, Plan
from genai_core.errors import BadInput

TAIL = 2.0  # true standard deviations: beyond them is the tail
ALIVE = 1e-9  # variance below which a direction is gone


@dataclass(frozen=True)
class Reading:
    """title, unit: for axes. sort: the definition of collapse that it stands for, a key of SORTS, or "" for none. limit: where it says
    collapsed, for a reading that is zero for the truth; None: it is compared with the truth's own value. log, percent: how drawn.
    theory: its name among the engine's exact expectations, where it differs."""

    title: str
    unit: str
    sort: str
    limit: float | None = None
    log: bool = False
    percent: bool = False
    theory: str = ""


SORTS = {"spread": "Spread", "tail": "Tails", "distance": "Distance to the truth", "drift": "Drift", "variety": "What is left"}
_LINE = {
    "var": Reading("Variance", "true variances", "spread", log=True),
    "tail": Reading("Mass beyond 2 standard deviations", "share", "tail", percent=True),
    "distance": Reading("Squared distance to the truth (W2)", "true variances", "distance", limit=0.25, theory="w2"),
    "mean_square": Reading("Squared mean", "true variances", "drift", limit=0.25),
}
_PICTURES = {
    "variance": Reading("Variance of what it draws", "share of the data's", "spread", percent=True),
    "recall": Reading("Recall: real digits that it might draw", "share", "tail", percent=True),
    "entropy": Reading("Variety of its classes", "bits", "variety"),
    "precision": Reading("Precision: drawn digits that look real", "share", "drift", percent=True),
    "elbo": Reading("Surprise at real digits (minus ELBO)", "nats", "distance"),
}
_PLANE = {
    "recall": Reading("Recall: real points that it might draw", "share", "tail", percent=True),
    "precision": Reading("Precision: drawn points that look real", "share", "drift", percent=True),
    "distance": Reading("Energy distance to fresh real points", "radii of the ring", "distance", limit=0.25),
    "spread": Reading("Variance of what it draws", "share of the truth's", "spread", percent=True),
}
READINGS: dict[str, dict[str, Reading]] = {
    "gaussian": _LINE,
    "kde": _LINE | {"families": Reading("Real points that it descends from", "points", "variety")},
    "gaussian-d": {
        "var": Reading("Variance, mean over the dimensions", "true variances", "spread", log=True, theory="trace"),
        "thinnest": Reading("Variance in its thinnest direction", "true variances", "tail", log=True),
        "distance": Reading("Squared distance to the truth (W2), per dimension", "true variances", "distance", limit=0.25),
        "log_volume": Reading("Volume: log det of the covariance, per dimension", "nats", "variety", limit=-math.log(2)),
        "mean_square": Reading("Squared mean, per dimension", "true variances", "drift", limit=0.25),
    },
    "words": {
        "heterozygosity": Reading("Chance that two words differ", "share", "spread", percent=True),
        "support": Reading("Words left", "words", "variety"),
        "lost": Reading("True use of words now lost", "share", "tail", limit=0.5, percent=True),
        "distance": Reading("Distance to the truth (total variation)", "share", "distance", limit=0.5, percent=True),
        "entropy": Reading("Entropy", "bits", ""),
    },
    "mixture": {
        "variance": Reading("Variance of its components", "true variances", "spread", log=True),
        "modes": Reading("Components left", "with at least 1% of the weight", "variety"),
        "smallest": Reading("Weight of its smallest component", "share", "tail", percent=True),
        "product": Reading("Product of two weights", "", "drift"),
    },
    "regression": {
        "excess": Reading("Excess test error", "noise variances", "distance", limit=1.0),
        "labels": Reading("Variance of the labels it gives", "noise variances", "spread"),
    },
    "letters": {
        "words": Reading("Words of the text still written", "words", "variety"),
        "coverage": Reading("Real letter groups it can still write", "share", "tail", percent=True),
        "entropy": Reading("Surprise per letter", "bits", "spread"),
    },
    "digits": {
        "variance": Reading("Variance of what it draws", "share of the data's", "spread", percent=True),
        "directions": Reading("Directions left", "directions", "variety"),
    },
    "denoiser": {"modes": Reading("Modes left", "of eight", "variety")} | _PLANE,
    "denoiser-moons": _PLANE | {"distance": Reading("Energy distance to fresh real points", "radii of a moon", "distance", limit=0.25)},
    "vae": _PICTURES, "vae-strokes": _PICTURES, "vae-mnist": _PICTURES,
}


def outside(m: np.ndarray, v: np.ndarray, at: float = TAIL) -> np.ndarray:
    """Mass of N(m, v) outside [-at, at]; m, v (S,). A point mass is outside or not."""
    from scipy.special import ndtr

    s = np.sqrt(np.maximum(v, 0))
    with np.errstate(divide="ignore", invalid="ignore"):
        mass = ndtr((-at - m) / s) + ndtr((m - at) / s)
    return np.where(s > 0, mass, (np.abs(m) > at).astype(float))


def gaussian_distance(m: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Squared Wasserstein-2 distance of N(m, v) to N(0, 1)."""
    return m**2 + (1 - np.sqrt(np.maximum(v, 0))) ** 2


def points_distance(x: np.ndarray) -> np.ndarray:
    """Squared Wasserstein-2 distance of the points x (S, n) to N(0, 1), exactly: the i-th point takes the i-th n-th of the truth.

    mean x^2 + 1 - 2 sum x_(i) (phi(q_(i-1)) - phi(q_i)), where q_i are the truth's quantiles at i/n and phi is its density.
    """
    from scipy.special import ndtri

    n = x.shape[1]
    edges = ndtri(np.arange(n + 1) / n)
    density = np.exp(-edges**2 / 2) / math.sqrt(2 * math.pi)
    return (x**2).mean(1) + 1 - 2 * (np.sort(x, 1) * (density[:-1] - density[1:])).sum(1)


def truth(model: str, plan: Plan, first: dict | None = None) -> dict[str, float]:
    """Each reading's value for the truth itself. first: readings of generation 0, needed
    for letters, which that model has read, and for VAEs, whose first model is what later ones are held against."""
    if model in ("gaussian", "kde"):
        line = {"var": 1.0, "tail": float(outside(np.zeros(1), np.ones(1))[0]), "distance": 0.0, "mean_square": 0.0}
        return line if model == "gaussian" else line | {"families": float(plan.n)}
    if model == "gaussian-d":
        return {"var": 1.0, "thinnest": 1.0, "distance": 0.0, "log_volume": 0.0, "mean_square": 0.0}
    if model in ("denoiser", "denoiser-moons"):  # its distance is the noise floor
        from genai_core.collapse.denoiser import truth as perfect

        found = perfect(plan.options["data"])
        return {name: found[name] for name in READINGS[model]}
    if model == "words":
        p = _words(plan)
        return {"heterozygosity": float(1 - (p**2).sum()), "support": float(len(p)), "lost": 0.0, "distance": 0.0,
                "entropy": float(-(p * np.log2(p)).sum())}
    if model == "mixture":
        k = plan.options["components"]
        return {"variance": 1.0, "modes": float(k), "smallest": 1 / k, "product": 1 / k**2}
    if model == "regression":
        return {"excess": 0.0, "labels": 1.0}
    if model == "digits":
        return {"variance": 1.0, "directions": float(plan.options["latent"])}
    return {name: float(np.median(values)) for name, values in first.items()} if first else {}


def _words(plan: Plan) -> np.ndarray:
    from genai_core.collapse.categorical import truth as probabilities

    return probabilities(plan.options.get("categories", 10), plan.options.get("zipf_exponent", 0.0))


def readings(model: str, plan: Plan, frame: Generation) -> dict[str, np.ndarray]:
    """{name: (S,)} of one generation, in the order of READINGS[model]."""
    found = frame.statistics
    if model == "gaussian":
        m, v = found["mean"], found["var"]
        return {"var": v, "tail": outside(m, v), "distance": gaussian_distance(m, v), "mean_square": m**2}
    if model == "gaussian-d":
        m, v = frame.state
        axes = np.maximum(np.linalg.eigvalsh(v), 0)                             # (S, d), the truth's are 1
        with np.errstate(divide="ignore"):
            log_volume = np.maximum(np.log(axes), math.log(ALIVE)).mean(1)      # a flat direction counts as one nearly gone
        return {"var": found["trace"], "thinnest": axes[:, 0], "distance": (m**2).mean(1) + ((1 - np.sqrt(axes)) ** 2).mean(1),
                "log_volume": log_volume, "mean_square": found["mean_square"]}
    if model == "kde":
        from genai_core.collapse.kde import families

        x = frame.state[..., 0]
        return {"var": found["var"], "tail": (np.abs(x) > TAIL).mean(1), "distance": points_distance(x),
                "mean_square": found["mean"] ** 2, "families": families(frame.state)}
    if model == "words":
        apart = np.abs(frame.state - _words(plan)).sum(1) / 2
        return {name: found[name] for name in ("heterozygosity", "support", "lost")} | {"distance": apart, "entropy": found["entropy"]}
    if model == "regression":
        return {"excess": found["excess"], "labels": 1 + found["excess"]}
    if model == "digits":
        drawn = found["eigenvalues"].sum(1)
        if plan.options["decoding"] == "sample":  # beyond the kept directions there is the decoder's noise
            drawn = drawn + plan.options["noise"] * (len(plan.options["covariance"]) - plan.options["latent"])
        w = frame.state[1]
        return {"variance": drawn / np.trace(plan.options["covariance"]),
                "directions": ((w**2).sum(1) > ALIVE).sum(1).astype(float)}
    return {name: found[name] for name in READINGS[model]}


def chosen(model: str, sort: str) -> str:
    """The name of the model's reading for this definition of collapse; "usual" is its first. BadInput where it has none."""
    if sort == "usual":
        return next(iter(READINGS[model]))
    for name, reading in READINGS[model].items():
        if sort and reading.sort == sort:
            return name
    known = ", ".join(f"“{SORTS[r.sort]}”" for r in READINGS[model].values() if r.sort)
    raise BadInput(f"This model has no reading for “{SORTS.get(sort, str(sort)[:40])}”; as your definition of collapse choose {known}.")


def severity(reading: Reading, value: float, true: float) -> float:
    """How collapsed a value is: 0 as the truth, 1 (or more: 1) where the reading says collapsed."""
    if reading.limit is not None:
        return float(min(1.0, max(0.0, (value - true) / reading.limit)))
    if value <= 0 or true <= 0:
        return 0.0 if value == true else 1.0
    return float(min(1.0, abs(math.log2(value / true))))


def collapsed_at(reading: Reading, path, true: float) -> int | None:
    """The first generation at which the path (T + 1,) says collapsed; None where it never does."""
    return next((g for g, value in enumerate(path) if severity(reading, float(value), true) >= 1), None)
