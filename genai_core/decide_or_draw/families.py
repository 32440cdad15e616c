"""The six models, all of scikit-learn, behind two small faces: one that decides, and one that can also draw.

A Decider knows P(y | x) and nothing about x. A Drawer knows P(x, y) = P(y) P(x | y): from it follow P(x), P(y | x) by
Bayes' rule, and new points.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.mixture import GaussianMixture
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KernelDensity
from sklearn.svm import SVC

FAINTEST = 1e-12  # a share of 0 has no logarithm: votes of trees can be 0
TREES = 100


def log_sum(values: np.ndarray) -> np.ndarray:
    """log of the sum of exp(values) over the last axis, safe for large values.  (..., k) -> (...)"""
    most = values.max(-1, keepdims=True)
    most = np.where(np.isfinite(most), most, 0.0)
    with np.errstate(divide="ignore"):
        return np.log(np.exp(values - most).sum(-1)) + most[..., 0]


@dataclass(frozen=True)
class Decider:
    """A classifier: P(y | x), and no P(x)."""

    model: object

    def log_posterior(self, x: np.ndarray) -> np.ndarray:
        """log P(y | x) of every class.  (m, 2) -> (m, K)"""
        if isinstance(self.model, LogisticRegression):  # from the scores themselves, which do not round to 1
            z = self.model.decision_function(x)
            z = z if z.ndim == 2 else np.stack([np.zeros(len(x)), z], 1)
            return z - log_sum(z)[:, None]
        return np.log(np.clip(self.model.predict_proba(x), FAINTEST, None))


@dataclass(frozen=True)
class NaivePart:
    """P(x | y) of one class in naive Bayes: every feature a Gaussian by itself. mean, var (2,)."""

    mean: np.ndarray
    var: np.ndarray

    def score_samples(self, x: np.ndarray) -> np.ndarray:
        return -0.5 * (np.log(2 * np.pi * self.var) + (x - self.mean) ** 2 / self.var).sum(1)

    def draw(self, n: int, seed: int) -> np.ndarray:
        return self.mean + np.sqrt(self.var) * np.random.default_rng(seed).standard_normal((n, len(self.mean)))


@dataclass(frozen=True)
class Drawer:
    """A model of each class's points. parts: P(x | y) of each class. shares: P(y).

    kernel: density in the middle of one kernel where the parts are sums of kernels on the data themselves, else 0.
    """

    parts: tuple
    shares: np.ndarray
    kernel: float = 0.0

    def log_joint(self, x: np.ndarray) -> np.ndarray:
        """log P(x, y).  (m, 2) -> (m, K)"""
        return np.log(self.shares) + np.stack([part.score_samples(x) for part in self.parts], 1)

    def log_density(self, x: np.ndarray) -> np.ndarray:
        """log P(x), the sum over the classes, in nats per unit of area.  (m, 2) -> (m,)"""
        return log_sum(self.log_joint(x))

    def log_posterior(self, x: np.ndarray) -> np.ndarray:
        """log P(y | x) by Bayes' rule.  (m, 2) -> (m, K)"""
        joint = self.log_joint(x)
        return joint - log_sum(joint)[:, None]

    def log_density_of_data(self, points: np.ndarray) -> np.ndarray:
        """log P(x) of the very points it was fitted on, to compare others with.

        Where each point carries a kernel of its own, that kernel is left out: else no new point could be as likely.
        """
        scores = self.log_density(points)
        if not self.kernel:
            return scores
        n = len(points)
        return np.log(np.maximum((n * np.exp(scores) - self.kernel) / (n - 1), 1e-300))

    def draw(self, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """n new points: first a class from P(y), then a point from P(x | y).  -> (n, 2), (n,)"""
        labels = np.random.default_rng(seed).choice(len(self.shares), n, p=self.shares)
        points = np.zeros((n, 2))
        for k, part in enumerate(self.parts):
            if (count := int((labels == k).sum())) > 0:
                points[labels == k] = drawn(part, count, seed + k)
        return points, labels


def drawn(part, n: int, seed: int) -> np.ndarray:
    """n points from P(x | y).  -> (n, 2)"""
    if isinstance(part, GaussianMixture):
        part.random_state = seed
        return part.sample(n)[0]
    return part.sample(n, random_state=seed) if isinstance(part, KernelDensity) else part.draw(n, seed)


def fitted(name: str, points: np.ndarray, labels: np.ndarray, seed: int, components: int, bandwidth: float) -> Decider | Drawer:
    """The named model, fitted. points (n, 2); labels (n,) 0 to K - 1, each there."""
    if name == "logistic":
        return Decider(LogisticRegression().fit(points, labels))
    if name == "svm":  # the machine only gives a side and a distance; Platt's sigmoid, fitted on fifths, makes it a probability
        return Decider(CalibratedClassifierCV(SVC(), ensemble=False, cv=5).fit(points, labels))
    if name == "forest":
        return Decider(RandomForestClassifier(TREES, random_state=seed).fit(points, labels))
    shares = np.bincount(labels) / len(labels)
    each = [points[labels == k] for k in range(len(shares))]
    if name == "bayes":
        model = GaussianNB().fit(points, labels)
        return Drawer(tuple(map(NaivePart, model.theta_, model.var_)), shares)
    if name == "mixture":
        return Drawer(tuple(GaussianMixture(components, reg_covar=1e-3, n_init=3, random_state=seed).fit(p) for p in each), shares)
    parts = tuple(KernelDensity(bandwidth=bandwidth).fit(p) for p in each)
    return Drawer(parts, shares, kernel=1 / (2 * np.pi * bandwidth**2))
