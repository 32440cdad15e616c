"""Closed forms for recursive training, as arrays over generations 0 to T (fit number t = generation + 1).

Truth N(0, 1) unless said otherwise. Where a paper states the result it is named; the rest follows from second moments: the mean
of k independent points adds 1/k of their variance, and points drawn around the same ancestor stay together (coalescence).
"""

import math

import numpy as np
from scipy.special import digamma, gammaln, polygamma

from genai_core.collapse.plan import Plan


def fits(generations: int) -> np.ndarray:
    """t = 1 .. T + 1"""
    return np.arange(1, generations + 2, dtype=float)


def c4(n: int) -> float:
    """E s / sigma of the unbiased sample variance's root: sqrt(2 / (n - 1)) Gamma(n / 2) / Gamma((n - 1) / 2)."""
    return math.sqrt(2 / (n - 1)) * math.exp(gammaln(n / 2) - gammaln((n - 1) / 2))


def replace_gaussian(n: int, generations: int, estimator: str = "mle", bias: float = 1.0) -> dict[str, np.ndarray]:
    """var E V, mean_square E m^2, log_var E ln V, log_var_spread Var ln V, std E sqrt(V), w2 E W2^2 to the truth."""
    t = fits(generations)
    shrink = 1 - 1 / n if estimator == "mle" else 1.0
    var = shrink**t * bias ** (t - 1)
    drift = bias * np.concatenate([[1 / bias], var[:-1]]) / n
    nu = n - 1
    log_step = digamma(nu / 2) + math.log(2 / (n if estimator == "mle" else nu))
    std = (c4(n) * (math.sqrt(1 - 1 / n) if estimator == "mle" else 1)) ** t * bias ** ((t - 1) / 2)
    mean_square = np.cumsum(drift)
    return {"var": var, "mean_square": mean_square, "log_var": t * log_step + (t - 1) * math.log(bias),
            "log_var_spread": t * polygamma(1, nu / 2), "std": std, "w2": mean_square + var + 1 - 2 * std}


def kl_unbiased(n: int, generations: int) -> np.ndarray:
    """E KL(P0 || P_t) under replace with the unbiased variance; infinite for n <= 3."""
    t, nu = fits(generations), n - 1
    if nu <= 2:
        return np.full(len(t), np.inf)
    r = nu / (nu - 2)
    return 0.5 * (t * (digamma(nu / 2) + math.log(2 / nu)) + r**t + r * (r**t - 1) / (r - 1) / n - 1)


def log_det(n: int, d: int, generations: int, estimator: str = "mle", bias: float = 1.0) -> np.ndarray:
    """E log det of the fitted covariance under replace; minus infinity where n <= d."""
    t = fits(generations)
    if n <= d:
        return np.full(len(t), -np.inf)
    step = sum(digamma((n - i) / 2) for i in range(1, d + 1)) + d * math.log(2 / (n if estimator == "mle" else n - 1))
    return t * step + (t - 1) * d * math.log(bias)


def mixed_gaussian(plan: Plan) -> dict[str, np.ndarray]:
    """var and mean_square where real points, fresh or from a pool of N0, join every generation; any bias.

    M' = nr/n^2 + (ns/n^2)(M + bias V) + ns(ns - 1)/n^2 M + 2 nr ns/n^2 K with K = E[pool mean x m] (0 for fresh points).
    """
    n, lam = plan.n, plan.bias
    pool = plan.pool_size if plan.regime in ("fixed", "pool") else math.inf
    correct = n / (n - 1) if plan.estimator == "unbiased" else 1.0
    m, v = 1 / n, (1 - 1 / n) * correct
    k = 0.0 if pool == math.inf else min(n, pool) / n / pool
    out = [(v, m)]
    for index in range(1, plan.generations + 1):
        nr = plan.real_at(index)
        ns = n - nr
        second = nr / n + ns / n * (m + lam * v)
        m = nr / n**2 + ns / n**2 * (m + lam * v) + ns * (ns - 1) / n**2 * m + 2 * nr * ns / n**2 * k
        k = 0.0 if pool == math.inf else nr / n / pool + ns / n * k
        v = (second - m) * correct
        out.append((v, m))
    var, mean_square = np.array(out).T
    return {"var": var, "mean_square": mean_square}


def weighted_gaussian(plan: Plan, known_variance: bool) -> dict[str, np.ndarray]:
    """var and mean_square with weight w on fresh real points; He et al. 2025: with known variance and equal halves the
    best w is 1 / golden ratio."""
    nr, w, lam = plan.real_points, plan.weight, plan.bias
    ns = plan.n - nr
    shrink = 1 - 1 / plan.n if plan.estimator == "mle" else 1.0
    m, v = 1 / plan.n, 1.0 if known_variance else shrink
    out = [(v, m)]
    for index in range(1, plan.generations + 1):
        if index < plan.since:  # as replace
            m, v = m + lam * v / plan.n, 1.0 if known_variance else shrink * lam * v
            out.append((v, m))
            continue
        second = w + (1 - w) * (m + lam * v)
        m = w**2 / nr + (1 - w) ** 2 * (m + lam * v / ns)
        v = 1.0 if known_variance else second - m
        out.append((v, m))
    var, mean_square = np.array(out).T
    return {"var": var, "mean_square": mean_square}


def accumulate_gaussian(n: int, generations: int, bias: float = 1.0) -> dict[str, np.ndarray]:
    """var and mean_square, MLE on all t n points; without bias var = prod (1 - 1 / (i^2 n))."""
    m, second, out = 1 / n, 1.0, [(1 - 1 / n, 1 / n)]
    for t in range(1, generations + 1):
        drawn = m + bias * (second - m)
        second = (t * second + drawn) / (t + 1)
        m += bias * out[-1][0] / (n * (t + 1) ** 2)
        out.append((second - m, m))
    var, mean_square = np.array(out).T
    return {"var": var, "mean_square": mean_square}


def accumulate_limit(n: int) -> float:
    """E V of accumulate for ever: sin(pi / sqrt n) / (pi / sqrt n)."""
    return float(np.sinc(1 / math.sqrt(n)))


def subsample_gaussian(n: int, generations: int) -> dict[str, np.ndarray]:
    """var and mean_square of accumulate-subsample, MLE: (1 - 1/n) prod_{s=2..t} [1 - (3n - 1) / (s n (s n - 1))]."""
    s = np.arange(2, generations + 2, dtype=float) * n
    var = (1 - 1 / n) * np.concatenate([[1.0], np.cumprod(1 - (3 * n - 1) / (s * (s - 1)))])
    return {"var": var, "mean_square": 1 - var}


def subsample_limit(n: int) -> float:
    """E V of accumulate-subsample for ever, about 1 - 2.935 / n."""
    a, b = ((1 + sign * math.sqrt(12 * n - 3)) / (2 * n) for sign in (1, -1))
    return (1 - 1 / n) * math.exp(gammaln(2 - 1 / n) - gammaln(2 - a) - gammaln(2 - b))


def grow_gaussian(sizes) -> dict[str, np.ndarray]:
    """var and mean_square under replace with sizes n_1, n_2, ... (MLE): var = prod (1 - 1 / n_i)."""
    var = np.cumprod(1 - 1 / np.asarray(sizes, float))
    return {"var": var, "mean_square": 1 - var}


def effective_size(n_real: int, n_synthetic: int) -> float:
    """1 / E m^2 in the fresh loop for ever, without bias: between n_real and 2 n_real + 1 (Alemohammad et al., Fig. 11)."""
    n = n_real + n_synthetic
    return n_real * (1 + n_synthetic / n) + n_synthetic / n


def half_life(n: int, estimator: str = "mle") -> float:
    """Generations until the typical variance (exp of E ln V) has halved, under replace."""
    nu = n - 1
    return math.log(2) / -(digamma(nu / 2) + math.log(2 / (n if estimator == "mle" else nu)))


def gaussian(plan: Plan, dim: int = 1, known_variance: bool = False) -> dict[str, np.ndarray]:
    """What is known exactly of this plan: var and mean_square (d > 1: trace, mean_square, logdet), {} where nothing is."""
    mle, plain = plan.estimator == "mle", plan.bias == 1
    if plan.regime == "weighted":
        known = weighted_gaussian(plan, known_variance)
    elif known_variance:
        return {}
    elif plan.regime == "replace" or (plan.regime in ("fresh", "fixed", "pool") and not plan.real_points):
        known = replace_gaussian(plan.n, plan.generations, plan.estimator, plan.bias)
    elif plan.regime in ("fresh", "fixed", "pool"):
        known = mixed_gaussian(plan)
    elif plan.regime == "accumulate" and mle:
        known = accumulate_gaussian(plan.n, plan.generations, plan.bias)
    elif plan.regime == "accumulate-subsample" and mle and plain:
        known = subsample_gaussian(plan.n, plan.generations)
    elif plan.regime == "grow" and mle and plain:
        known = grow_gaussian([plan.size(t) for t in range(1, plan.generations + 2)])
    else:
        return {}
    if dim == 1:
        return known
    out = {"trace": known["var"], "mean_square": known["mean_square"]}
    if plan.regime == "replace":
        out["logdet"] = log_det(plan.n, dim, plan.generations, plan.estimator, plan.bias)
    return out
