"""Gaussians fitted to samples of Gaussians, by sufficient statistics: the cost does not depend on n.

The mean of k points is N(m, S/k) and their scatter an independent Wishart with k - 1 degrees of freedom (drawn by Bartlett's
decomposition), so each generation is a handful of array operations over all chains. `raw=True` draws every point instead: the
same in law. Sources: Shumailov et al. 2024 (Theorem 3.1); Alemohammad et al. 2024; Kazdan et al. 2025.
"""

from collections.abc import Iterator

import numpy as np

from genai_core.collapse.feed import Feed, some
from genai_core.collapse.plan import Generation, Plan, stream, whole
from genai_core.errors import BadInput

BY_POINTS = ("accumulate-subsample", "filter")  # regimes that must remember single points


def statistics(m: np.ndarray, v: np.ndarray) -> dict[str, np.ndarray]:
    """m (S, d), v (S, d, d) -> in one dimension mean and var, else mean_square |m|^2 / d, trace / d and logdet; each (S,)."""
    if m.shape[1] == 1:
        return {"mean": m[:, 0].copy(), "var": v[:, 0, 0].copy()}
    with np.errstate(divide="ignore"):
        logdet = np.linalg.slogdet(v)[1]
    return {"mean_square": (m**2).mean(1), "trace": np.trace(v, axis1=1, axis2=2) / m.shape[1], "logdet": logdet}


def root(v: np.ndarray) -> np.ndarray:
    """L with L L^T = v (S, d, d); a direction without variance stays without."""
    if v.shape[-1] == 1:
        return np.sqrt(np.maximum(v, 0))
    try:
        return np.linalg.cholesky(v)
    except np.linalg.LinAlgError:  # fewer points than dimensions, or collapsed
        values, vectors = np.linalg.eigh(v)
        return vectors * np.sqrt(np.maximum(values, 0))[:, None, :]


def wishart_root(rng, seeds: int, d: int, df: int) -> np.ndarray:
    """A with A A^T ~ Wishart_d(I, df): (S, d, d), lower triangular (Bartlett 1933); with df < d, (S, d, df) normal columns."""
    if df < d:
        return rng.standard_normal((seeds, d, df))
    if d == 1:
        return np.sqrt(rng.chisquare(df, (seeds, 1, 1)))
    a = np.tril(rng.standard_normal((seeds, d, d)), -1)
    a[:, range(d), range(d)] = np.sqrt(rng.chisquare(df - np.arange(d), (seeds, d)))
    return a


def group(rng, m: np.ndarray, v: np.ndarray, k: int):
    """k points of N(m, v): their mean (S, d) and scatter about it (S, d, d)."""
    s, d = m.shape
    l = root(v)
    mean = m + np.einsum("sij,sj->si", l, rng.standard_normal((s, d))) / np.sqrt(k)
    half = l @ wishart_root(rng, s, d, k - 1) if k > 1 else np.zeros((s, d, 1))
    return mean, half @ half.transpose(0, 2, 1)


def described(points):
    """Points (S, k, d): their mean (S, d) and scatter about it (S, d, d)."""
    mean = points.mean(1)
    gap = points - mean[:, None]
    return mean, gap.transpose(0, 2, 1) @ gap


def merged(a, b, ka: int, kb: int):
    """Mean and scatter of two groups together (Chan et al. 1983)."""
    gap = b[0] - a[0]
    both = ka + kb
    return a[0] + gap * (kb / both), a[1] + b[1] + np.einsum("si,sj->sij", gap, gap) * (ka * kb / both)


def generations(plan: Plan, dim: int = 1, raw: bool = False, known_variance: bool = False) -> Iterator[Generation]:
    """The truth is N(0, I) in `dim` dimensions. known_variance: only the mean is learned, the variance stays 1 (He et al.)."""
    dim = whole("dim", dim, 1, 200)
    if raw or plan.regime in BY_POINTS:
        if dim > 1 and plan.regime == "filter":
            raise BadInput("The judge filters points on a line: choose one dimension.")
        yield from _by_points(plan, dim, known_variance)
        return
    rng, s, n = stream(plan), plan.seeds, plan.n
    zero, unit = np.zeros((s, dim)), np.broadcast_to(np.eye(dim), (s, dim, dim))
    pool = rng.standard_normal((s, plan.pool_size, dim)) if plan.regime in ("fixed", "pool") and plan.real_points else None
    data, size = group(rng, zero, unit, n), n
    if pool is not None:
        k = min(n, plan.pool_size)  # the first model has seen as much of the pool as it holds
        data = merged(described(pool[:, :k]), group(rng, zero, unit, n - k), k, n - k) if k < n else described(pool[:, :k])
    everything, share = data, None
    for index in range(plan.generations + 1):
        m, v = data[0], _variance(data[1], size, plan.estimator, share)
        if known_variance:
            v = unit
        yield Generation(index, statistics(m, v), (m, v))
        if index == plan.generations:
            return
        share, fit, nr = None, index + 2, plan.real_at(index + 1)
        source = m, v * plan.bias
        if plan.regime == "accumulate":
            everything = merged(everything, group(rng, *source, n), n * (fit - 1), n)
            data, size = everything, n * fit
        elif nr:
            real = group(rng, zero, unit, nr) if pool is None else described(some(pool, nr, rng))
            if nr == n:
                data = real
            elif plan.regime == "weighted":
                made, w = group(rng, *source, n - nr), plan.weight
                gap = made[0] - real[0]
                share = w * real[1] / nr + (1 - w) * made[1] / (n - nr) + w * (1 - w) * np.einsum("si,sj->sij", gap, gap)
                data = real[0] + gap * (1 - w), None
            else:
                data = merged(real, group(rng, *source, n - nr), nr, n - nr)
            size = n
        else:
            size = plan.size(fit)
            data = group(rng, *source, size)


def _variance(scatter, size: int, estimator: str, share=None) -> np.ndarray:
    if share is not None:
        return share
    return scatter / (size if estimator == "mle" else size - 1)


def _by_points(plan: Plan, dim: int, known_variance: bool) -> Iterator[Generation]:
    rng, s = stream(plan), plan.seeds
    feed = Feed(plan, lambda k: rng.standard_normal((s, k, dim)), rng)
    unit = np.broadcast_to(np.eye(dim), (s, dim, dim))
    data, weights = feed.first(), None
    for index in range(plan.generations + 1):
        if weights is None:
            m, scatter = described(data)
            v = scatter / (data.shape[1] - (plan.estimator == "unbiased"))
        else:
            m = np.einsum("n,snd->sd", weights, data)
            gap = data - m[:, None]
            v = np.einsum("n,sni,snj->sij", weights, gap, gap)
        v = unit if known_variance else v
        yield Generation(index, statistics(m, v), (m, v))
        if index < plan.generations:
            l = root(v * plan.bias)
            data, weights = feed.following(
                lambda k, m=m, l=l: m[:, None] + np.einsum("sij,skj->ski", l, rng.standard_normal((s, k, dim))))
