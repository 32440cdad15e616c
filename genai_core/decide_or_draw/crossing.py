"""Naive Bayes against logistic regression as data grows, on a case where theory says how it ends.

Two equally likely classes y = -1, +1; the features are Gaussian with mean y * m and one covariance S for both. Half of the
features are correlated with each other, the rest are independent, so that naive Bayes is wrong about half of them. Logistic
regression is right here, log P(+1 | x) / P(-1 | x) = 2 m'S^-1 x, and ends at the best possible error; naive Bayes ends at the
error of 2 m'D^-1 x, D the diagonal of S. Both, and the error of every line learned on the way, are known in closed form.

After Ng and Jordan, "On discriminative vs. generative classifiers", 2001: as there, naive Bayes has one variance a feature for
both classes, so that both models draw a straight boundary, and only the way they learn it differs.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

from genai_core.decide_or_draw.results import SIZES

BEST_ERROR = 0.1   # of the Bayes classifier: the means are set so that it is this, whatever the features and correlation
WEAK = 1000.0      # inverse of the ridge: without any, the weights of separable data would have no bound


@dataclass(frozen=True)
class Case:
    """mean (d,): of the class +1, the other's is its negative. covariance (d, d), with 1 on its diagonal."""

    mean: np.ndarray
    covariance: np.ndarray

    def draw(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """n examples, classes by turns, so that the first few always hold both; more of them begin with the same.

        -> (n, d), (n,) of -1 and 1
        """
        y = 1 - 2 * (np.arange(n) % 2)
        root = np.linalg.cholesky(self.covariance)
        return y[:, None] * self.mean + rng.standard_normal((n, len(self.mean))) @ root.T, y

    def error(self, weights: np.ndarray, bias: float) -> float:
        """Share of all examples on the wrong side of weights . x + bias = 0, exactly."""
        spread = np.sqrt(weights @ self.covariance @ weights)
        middle = weights @ self.mean
        return float((ndtr(-(middle + bias) / spread) + ndtr(-(middle - bias) / spread)) / 2)

    def limits(self) -> dict[str, float]:
        """The errors that the two models come to as the data grow without end."""
        naive = self.mean / np.diag(self.covariance)
        return {"bayes": self.error(naive, 0.0), "logistic": self.error(np.linalg.solve(self.covariance, self.mean), 0.0)}


def case(features: int, correlation: float) -> Case:
    """Half of the features correlated with each other, all equally telling by themselves, best error BEST_ERROR."""
    half = features // 2
    covariance = np.eye(features)
    covariance[:half, :half] += correlation * (1 - np.eye(half))
    ones = np.ones(features)
    size = -ndtri(BEST_ERROR) / np.sqrt(ones @ np.linalg.solve(covariance, ones))
    return Case(size * ones, covariance)


def naive_bayes_line(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, float]:
    """(weights, bias) of scikit-learn's naive Bayes with one variance a feature, pooled over both classes."""
    model = GaussianNB().fit(x, y)
    var = model.class_prior_ @ model.var_
    low, high = model.theta_
    odds = np.log(model.class_prior_[1] / model.class_prior_[0])
    return (high - low) / var, float(odds - ((high**2 - low**2) / (2 * var)).sum())


def logistic_line(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, float]:
    """(weights, bias) of scikit-learn's logistic regression, almost without a penalty."""
    model = LogisticRegression(C=WEAK, solver="newton-cholesky").fit(x, y)
    return model.coef_[0], float(model.intercept_[0])


LINES = {"bayes": naive_bayes_line, "logistic": logistic_line}


def errors(given: Case, size: int, seed: int, run: int) -> dict[str, float]:
    """Exact error of both models after `size` examples. Within a run, more examples are the same ones and others."""
    x, y = given.draw(size, np.random.default_rng([seed, run]))
    return {name: given.error(*line(x, y)) for name, line in LINES.items()}


@dataclass(frozen=True)
class Point:
    """After `size` examples, over all runs: {model: its errors, one a run}."""

    size: int
    errors: dict[str, np.ndarray]

    def row(self) -> dict:
        """Accuracy: mean, and the band that holds 90% of the runs."""
        told = {"examples": self.size}
        for name, found in self.errors.items():
            low, high = np.quantile(1 - found, [0.05, 0.95])
            told |= {f"{name}_accuracy": float(1 - found.mean()), f"{name}_low": float(low), f"{name}_high": float(high)}
        return told


def growth(given: Case, runs: int, seed: int, sizes=SIZES) -> Iterator[Point | None]:
    """A Point for every size; None after every few runs, for who wants to stop. Same seed, same numbers."""
    for size in sizes:
        found = {name: np.zeros(runs) for name in LINES}
        for run in range(runs):
            for name, error in errors(given, size, seed, run).items():
                found[name][run] = error
            if run % 5 == 4:
                yield None
        yield Point(size, found)
