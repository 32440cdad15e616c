"""Closed forms for categories (Wright-Fisher), smoothed densities, regression and the linear VAE.

Sources: Wright 1931 and Kimura 1955 for drift; Suresh et al. 2024, arXiv:2412.17646, for survival; Gerstgrasser et al. 2024,
arXiv:2404.01413, for regression. As everywhere, arrays run over generations 0 to T, which are fits 1 to T + 1.
"""

import math

import numpy as np

from genai_core.collapse.plan import Plan
from genai_core.collapse.theory import fits

EXACT_CHAIN = 1500  # largest n whose (n + 1)-state chain is solved exactly


def heterozygosity(plan: Plan, start: float) -> np.ndarray | None:
    """E H with H = 1 - sum p^2, from the true distribution's H = start; None where it is not known."""
    n, t = plan.n, fits(plan.generations)
    if plan.regime == "replace" or (plan.regime in ("fresh", "fixed", "pool") and not plan.real_points):
        return start * (1 - 1 / n) ** t
    if plan.regime == "accumulate":
        return start * np.cumprod(1 - 1 / (t**2 * n))
    if plan.regime == "grow":
        return start * np.cumprod([1 - 1 / plan.size(int(k)) for k in t])
    if plan.regime == "fresh":
        h = start * (1 - 1 / n)
        out = [h]
        for index in range(1, plan.generations + 1):
            ns = n - plan.real_at(index)
            # two of the n points: both synthetic (kappa), or with a real one, whose partner is independent of it
            apart = start * (1 - ns * (ns - 1) / n**2 - 1 / n) + ns * (ns - 1) / n**2 * h
            h = apart
            out.append(h)
        return np.array(out)
    return None


def families(n: int, generations: int) -> np.ndarray:
    """Expected number of n first points that still have descendants, where each point of a generation of n has a parent drawn from
    the one before: n times the chance that a word of probability 1/n survives as many fits.  -> (T + 1,)"""
    return n * np.concatenate([[1.0], survival(np.array([1 / n]), n, generations)[:generations, 0]])


def fresh_limit(start: float, n: int, n_real: int) -> float:
    """E H for ever with n_real fresh points of n each generation: H_0 (1 - kappa - 1/n) / (1 - kappa)."""
    kappa = (n - n_real) * (n - n_real - 1) / n**2
    return start * (1 - kappa - 1 / n) / (1 - kappa)


def genealogy(generations: int) -> np.ndarray:
    """g_1 = 1, g_{t+1} = 1 - exp(-g_t): what a rare type's expected count is multiplied with in its survival."""
    g = [1.0]
    for _ in range(generations):
        g.append(1 - math.exp(-g[-1]))
    return np.array(g)


def survival(p, n: int, generations: int) -> np.ndarray:
    """P(a category of true probability p is still there), replace: (T + 1, len(p)). Exact up to n = 1,500 by the binomial
    chain, above by 1 - exp(-n p g_t) (for t = 1 exactly)."""
    p = np.atleast_1d(np.asarray(p, float))
    first = 1 - (1 - p) ** n
    if n > EXACT_CHAIN:
        rest = 1 - np.exp(-n * p * genealogy(generations)[1:, None])
        return np.concatenate([first[None], rest])
    from scipy.stats import binom

    counts = np.arange(n + 1)
    step = binom.pmf(counts[None, :], n, counts[:, None] / n)      # (from, to)
    lost = np.zeros(n + 1)                                         # P(lost within j further fits | count now)
    lost[0] = 1.0
    start = binom.pmf(counts[None, :], n, p[:, None])              # (len(p), count)
    out = []
    for _ in range(generations + 1):
        out.append(1 - start @ lost)
        lost = step @ lost
    return np.array(out)


def zipf(categories: int, beta: float) -> np.ndarray:
    """p_i proportional to i**-beta, i = 1 .. categories."""
    p = np.arange(1, categories + 1, dtype=float) ** -beta
    return p / p.sum()


def mass_lost(p: np.ndarray, n: int, generations: int) -> np.ndarray:
    """E of the true probability whose categories are gone, replace: (T + 1,)."""
    return ((1 - survival(p, n, generations)) * p).sum(1)


def absorption(p: float, n: int) -> float:
    """Mean number of fits until a category of probability p has been lost or is all there is (exact solve)."""
    from scipy.stats import binom

    inner = np.arange(1, n)
    step = binom.pmf(inner[None, :], n, inner[:, None] / n)
    times = np.linalg.solve(np.eye(n - 1) - step, np.ones(n - 1))
    return 1 + float(binom.pmf(inner, n, p) @ times)


def kde_constant(n: int, width: float, generations: int) -> np.ndarray:
    """E of the data's MLE variance, replace, constant bandwidth: S_{t+1} = (1 - 1/n)(S_t + h^2), fixed point (n - 1) h^2."""
    s = [1 - 1 / n]
    for _ in range(generations):
        s.append((1 - 1 / n) * (s[-1] + width**2))
    return np.array(s)


def kde_scott(n: int, generations: int) -> np.ndarray:
    """E of the data's unbiased variance, replace, bandwidth n^(-1/5) times the standard deviation."""
    return (1 - 1 / n + n**-0.4) ** (fits(generations) - 1)


def kde_shrunk(n: int, generations: int) -> np.ndarray:
    """E of the MLE variance when the smoothed draw is shrunk to keep the variance (Jones 1991): as without smoothing."""
    return (1 - 1 / n) ** fits(generations)


def kde_accumulate(width: float, generations: int) -> np.ndarray:
    """E of the second moment of all data, accumulate, constant bandwidth: 1 + h^2 (Harmonic_t - 1)."""
    return 1 + width**2 * (np.cumsum(1 / fits(generations)) - 1)


def regression(plan: Plan, dim: int, rows: int, design: str) -> np.ndarray | None:
    """E |w - w*|^2 with label noise 1 and an isotropic design: replace exactly; accumulate with the same design exactly."""
    unit, t = dim / (rows - dim - 1), fits(plan.generations)
    if plan.regime == "replace":
        return unit * t
    if plan.regime == "accumulate" and design == "same":
        return unit * np.cumsum(1 / t**2)
    return None


def linear_vae(eigenvalues, noise: float, generations: int, decoding: str) -> np.ndarray:
    """Eigenvalues of what generation g draws, from infinitely many points: (T + 1, len). Decoder mean: max(l - t s^2, 0);
    sampled: unchanged."""
    values = np.asarray(eigenvalues, float)[None]
    if decoding == "sample":
        return np.repeat(values, generations + 1, axis=0)
    return np.maximum(values - fits(generations)[:, None] * noise, 0)
