"""Probabilistic PCA, the linear VAE: why decoding the mean collapses a model even with infinitely much data.

Source: Tipping & Bishop 1999 (the fit: W W' = (L - s^2)+ on the leading axes). Decoding the mean draws W z; sampling draws
W z + s e, which has the very covariance that was fitted.
"""

from collections.abc import Iterator

import numpy as np

from genai_core.collapse.gaussian import group
from genai_core.collapse.plan import Generation, Plan, number, stream, whole
from genai_core.errors import BadInput

KNOWN = ("replace", "accumulate", "fresh")


def spectrum(values, noise: float, dim: int) -> np.ndarray:
    """The truth's eigenvalues: those given, and the decoder's own noise in every other direction.  -> (dim,)"""
    values = np.atleast_1d(np.asarray(values, float))
    if values.ndim != 1 or not np.isfinite(values).all() or (values <= 0).any() or len(values) > dim:
        raise BadInput(f"Eigenvalues must be positive numbers, at most {dim} of them, for example 4 2 1 0.5.")
    return np.concatenate([np.sort(values)[::-1], np.full(dim - len(values), noise)])


def generations(plan: Plan, values=(4.0, 2.0, 1.0, 0.5), noise: float = 0.1, dim: int = 20, decoding: str = "mean",
                population: bool = False, covariance: np.ndarray | None = None, latent: int | None = None) -> Iterator[Generation]:
    """noise: s^2, the fixed variance of the decoder. decoding: mean or sample. population: infinitely many points.
    covariance: the truth as a matrix, instead of values; latent: axes kept (default: as many as values).
    Statistic: eigenvalues (S, latent) of what the generation draws. state: (mean (S, d), axes W (S, d, latent))."""
    if decoding not in ("mean", "sample"):
        raise BadInput(f"Decoding must be mean or sample; you gave {str(decoding)[:40]!r}.")
    if plan.regime not in KNOWN:
        raise BadInput(f"The linear VAE knows the regimes {', '.join(KNOWN)}; you gave {plan.regime}.")
    if plan.bias != 1 or plan.estimator != "mle":
        raise BadInput("For the linear VAE leave --bias at 1 and --estimator at mle: its decoder's noise says how it samples.")
    if number("noise", noise, 0, 1e6) == 0:
        raise BadInput("The decoder's noise must be above 0.")
    true = np.diag(spectrum(values, noise, whole("dim", dim, 1, 1000))) if covariance is None else np.asarray(covariance, float)
    d = len(true)
    latent = whole("latent", min(len(np.atleast_1d(values)), d) if latent is None else latent, 1, d)
    rng, s, n = stream(plan), plan.seeds, plan.n
    if s * d * d > 20_000_000:
        raise BadInput(f"{s:,} chains in {d} dimensions need too much memory: take fewer chains.")
    wide, zero = np.broadcast_to(true, (s, d, d)), np.zeros((s, d))

    def sample(mean, cov, k):
        return (mean, cov * k) if population else group(rng, mean, cov, k)

    mean, scatter = sample(zero, wide, n)
    cov, everything = scatter / n, None
    for index in range(plan.generations + 1):
        found, axes = np.linalg.eigh(cov)
        found, axes = found[:, ::-1][:, :latent], axes[:, :, ::-1][:, :, :latent]
        left = np.maximum(found - noise, 0)
        w = axes * np.sqrt(left)[:, None, :]
        drawn = w @ w.transpose(0, 2, 1) + (noise * np.eye(d) if decoding == "sample" else 0)
        yield Generation(index, {"eigenvalues": left + (noise if decoding == "sample" else 0)}, (mean, w))
        if index == plan.generations:
            return
        nr = plan.real_at(index + 1)
        sources = [(mean, drawn, n - nr), (zero, wide, nr)]
        parts = [(*sample(m, c, k), k) for m, c, k in sources if k]
        if plan.regime == "accumulate":
            everything = [*(everything or [(mean, cov * n, n)]), *parts]
            parts = everything = [_merge(everything)]
        mean, scatter, size = _merge(parts)
        cov = scatter / size


def _merge(parts):
    mean, scatter, size = parts[0]
    for other, more, k in parts[1:]:
        gap, both = other - mean, size + k
        mean, scatter = mean + gap * (k / both), scatter + more + np.einsum("si,sj->sij", gap, gap) * (size * k / both)
        size = both
    return mean, scatter, size
