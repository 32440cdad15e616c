"""Kernel density estimates of kernel density estimates: here collapse means over-smoothing, the variance grows.

With the shrunk draw (Jones 1991, "On correcting for variance inflation") the variance behaves like the plain bootstrap's.
Beware: scikit-learn's rule-of-thumb bandwidths do not scale with the data's deviation; these do (Scott 1992).
"""

from collections.abc import Iterator

import numpy as np

from genai_core.collapse.feed import MOST_POINTS, Feed
from genai_core.collapse.plan import Generation, Plan, number, stream
from genai_core.errors import BadInput

BANDWIDTHS = ("constant", "scott", "shrunk")


def generations(plan: Plan, bandwidth: str = "constant", width: float = 0.3) -> Iterator[Generation]:
    """bandwidth: constant (h = width), scott (h = n^(-1/5) times the unbiased deviation) or shrunk (as scott, but drawn
    towards the mean so that the variance stays). Statistics: mean and var of the points that each model is made of.
    state: (S, points, 2), each point's place and the number of the real point that it descends from."""
    if bandwidth not in BANDWIDTHS:
        raise BadInput(f"The bandwidth must be one of {', '.join(BANDWIDTHS)}; you gave {str(bandwidth)[:40]!r}.")
    number("width", width, 0, 10)
    if plan.regime == "weighted":
        raise BadInput("The KDE counts every point alike: choose fresh instead of weighted.")
    if plan.bias != 1:
        raise BadInput("The KDE has no variance to scale: change the width instead of --bias.")
    most = plan.n * (plan.generations + 1 if plan.regime.startswith("accumulate") else 1) * plan.seeds
    if most > MOST_POINTS:
        raise BadInput(f"That would keep {most:,} points; at most {MOST_POINTS:,} fit. Take fewer points, chains or generations.")
    rng = stream(plan)
    born = 0

    def real(k):  # real points have no ancestors: each begins a family
        nonlocal born
        born += k
        place = rng.standard_normal((plan.seeds, k))
        return np.stack([place, np.broadcast_to(np.arange(born - k, born), place.shape)], 2)

    feed = Feed(plan, real, rng)
    data = feed.first()
    for index in range(plan.generations + 1):
        x = data[..., 0]
        mean, size = x.mean(1), x.shape[1]
        mle = x.var(1)
        yield Generation(index, {"mean": mean, "var": mle if plan.estimator == "mle" else mle * size / (size - 1)}, data)
        if index == plan.generations:
            return
        h = np.full(plan.seeds, width) if bandwidth == "constant" else size**-0.2 * np.sqrt(mle * size / (size - 1))
        shrink = np.sqrt(mle / (mle + h**2)) if bandwidth == "shrunk" else np.ones(plan.seeds)

        def draw(k, x=x, family=data[..., 1], h=h, shrink=shrink, mean=mean):
            parent = rng.integers(0, x.shape[1], (plan.seeds, k))
            near = np.take_along_axis(x, parent, 1)
            moved = near + h[:, None] * rng.standard_normal((plan.seeds, k))
            return np.stack([mean[:, None] + shrink[:, None] * (moved - mean[:, None]), np.take_along_axis(family, parent, 1)], 2)

        data, _ = feed.following(draw)


def families(data: np.ndarray) -> np.ndarray:
    """How many real points the points (S, n, 2) descend from.  -> (S,)"""
    return 1.0 + (np.diff(np.sort(data[..., 1], axis=1), axis=1) > 0).sum(1)
