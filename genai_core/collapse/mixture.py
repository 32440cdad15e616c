"""Gaussian mixtures fitted by EM to samples of fitted mixtures: small modes die first.

Source: Shumailov et al. 2024 (their mixture experiment uses the same library: scikit-learn's EM, two components, full covariance,
tol 1e-5). Each chain has a generator of its own, so chain number c is the same however many run beside it.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from genai_core.collapse.feed import Feed
from genai_core.collapse.plan import Generation, Plan, number, stream, whole
from genai_core.errors import BadInput

MOST_POINTS = 30_000_000  # points seen by EM in one run: a few minutes
LABELS = ("em", "ideal")


def truth(components: int, separation: float, dim: int) -> np.ndarray:
    """Centres (components, dim), unit variance around each: on a line in one dimension, on a circle in two."""
    if dim == 1:
        return separation * np.linspace(-1, 1, components)[:, None]
    angles = 2 * np.pi * np.arange(components) / components
    return separation * np.stack([np.cos(angles), np.sin(angles)], 1)


def draw(rng, weights, means, covariances, k: int) -> np.ndarray:
    """k points of the mixture.  -> (k, dim) and their components (k,)"""
    which = rng.choice(len(weights), k, p=weights / weights.sum())
    roots = np.stack([np.linalg.cholesky(c + 1e-12 * np.eye(len(c))) for c in covariances])
    return means[which] + np.einsum("kij,kj->ki", roots[which], rng.standard_normal((k, means.shape[1]))), which


def fit(points, labels, before, how: str):
    """(weights, means, covariances) of points (k, dim): EM from the model before, or the averages by true component."""
    if how == "em":
        from sklearn.mixture import GaussianMixture

        weights, means, covariances = before
        precisions = np.linalg.inv(covariances + 1e-6 * np.eye(means.shape[1]))
        weights = np.maximum(weights, 1e-12)
        model = GaussianMixture(len(weights), tol=1e-5, max_iter=200, weights_init=weights / weights.sum(),
                                means_init=means, precisions_init=precisions, random_state=0)
        model.fit(points)
        return model.weights_, model.means_, model.covariances_
    weights, means, covariances = (part.copy() for part in before)
    for c in range(len(weights)):
        own = points[labels == c]
        weights[c] = len(own) / len(points)
        if len(own):
            means[c] = own.mean(0)
            gap = own - means[c]
            covariances[c] = gap.T @ gap / len(own)
    return weights, means, covariances


def generations(plan: Plan, components: int = 2, separation: float = 4.0, dim: int = 1, labels: str = "em") -> Iterator[Generation]:
    """labels: "em" learns which point belongs where, "ideal" is told. Statistics (S,): smallest weight, product of the first two
    weights, variance (mean over components and dimensions), modes (components that hold at least 1% of the weight).
    state: [(weights (K,), means (K, dim), covariances (K, dim, dim)) of each chain]"""
    components, dim = whole("components", components, 2, 12), whole("dim", dim, 1, 2)
    number("separation", separation, 0, 100)
    if labels not in LABELS:
        raise BadInput(f"labels must be em or ideal; you gave {str(labels)[:40]!r}.")
    if plan.regime in ("weighted", "filter"):
        raise BadInput(f"The mixture does not know the regime {plan.regime}: choose the Gaussian for it.")
    if labels == "ideal" and plan.regime != "replace":
        raise BadInput("Ideal labels are for the regime replace.")
    if plan.estimator != "mle":
        raise BadInput("EM maximises the likelihood: leave the estimator at mle.")
    if plan.n < 2 * components:
        raise BadInput(f"{components} components need at least {2 * components} points; n is {plan.n}.")
    if plan.n * plan.seeds * (plan.generations + 1) > MOST_POINTS:
        raise BadInput(f"EM would see {plan.n * plan.seeds * (plan.generations + 1):,} points; at most {MOST_POINTS:,}, "
                       f"some minutes of work. Take fewer points, chains or generations.")
    centres = truth(components, separation, dim)
    real = np.full(components, 1 / components), centres, np.broadcast_to(np.eye(dim), (components, dim, dim)).copy()
    chains = [_Chain(replace(plan, seeds=1), stream(plan, c), real, labels) for c in range(plan.seeds)]
    for index in range(plan.generations + 1):
        for chain in chains:
            chain.learn()
        models = [chain.model for chain in chains]
        yield Generation(index, {
            "smallest": np.array([m[0].min() for m in models]), "product": np.array([m[0][0] * m[0][1] for m in models]),
            "variance": np.array([np.trace(m[2], axis1=1, axis2=2).mean() / dim for m in models]),
            "modes": np.array([(m[0] >= 0.01).sum() for m in models], float)}, models)


class _Chain:
    def __init__(self, plan, rng, real, labels):
        self.plan, self.rng, self.labels, self.model, self.data, self.which = plan, rng, labels, real, None, None
        self.feed = Feed(plan, lambda k: draw(rng, *real, k)[0][None], rng)
        self.real = real

    def learn(self):
        if self.labels == "ideal":
            points, which = draw(self.rng, *self.model, self.plan.n)
        elif self.data is None:
            points, which = self.feed.first()[0], None
        else:
            weights, means, covariances = self.model
            points, which = self.feed.following(
                lambda k: draw(self.rng, weights, means, covariances * self.plan.bias, k)[0][None])[0][0], None
        self.data = points
        self.model = fit(points, which, self.model, self.labels)
