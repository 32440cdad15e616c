"""Categories and words: each generation counts its sample, and that is the next model (Wright-Fisher drift).

A unigram model of text is this engine with Zipf's law as truth. Sources: Wright 1931; Shumailov et al. 2024 (discrete case);
Suresh et al. 2024, arXiv:2412.17646.
"""

from collections.abc import Iterator

import numpy as np

from genai_core.collapse.plan import Generation, Plan, number, stream, whole
from genai_core.collapse.theory_discrete import zipf
from genai_core.errors import BadInput

MOST_CELLS = 50_000_000  # chains x categories


def truth(categories: int = 10, zipf_exponent: float = 0.0) -> np.ndarray:
    """The true probabilities: uniform, or Zipf's law."""
    return zipf(whole("categories", categories, 2, 100_000), number("zipf", zipf_exponent, 0, 5))


def statistics(p: np.ndarray, true: np.ndarray) -> dict[str, np.ndarray]:
    """p (S, K) -> heterozygosity 1 - sum p^2, entropy in bits, support (categories left), lost (their true probability)."""
    logs = np.log2(p, where=p > 0, out=np.zeros_like(p))
    return {"heterozygosity": 1 - (p**2).sum(1), "entropy": np.maximum(-(p * logs).sum(1), 0.0),
            "support": (p > 0).sum(1).astype(float), "lost": (true * (p == 0)).sum(1)}


def sharpened(p: np.ndarray, temperature: float, top_p: float) -> np.ndarray:
    """p (S, K) at a temperature (p**(1/T)), then cut to the smallest set that holds top_p of it (Holtzman et al. 2020)."""
    if temperature != 1:
        with np.errstate(divide="ignore"):
            logs = np.log(p) / temperature
        p = np.exp(logs - logs.max(1, keepdims=True))
        p = p / p.sum(1, keepdims=True)
    if top_p < 1:
        order = np.argsort(-p, axis=1, kind="stable")
        sorted_p = np.take_along_axis(p, order, 1)
        kept = sorted_p * (np.cumsum(sorted_p, 1) - sorted_p < top_p)
        p = np.zeros_like(p)
        np.put_along_axis(p, order, kept / kept.sum(1, keepdims=True), 1)
    return p


def taken(rng, counts: np.ndarray, k: int) -> np.ndarray:
    """Counts (S, K) of k draws without replacement from urns with these counts, a category at a time."""
    left, need = counts.sum(1), np.full(len(counts), k)
    out = np.zeros_like(counts)
    for j in range(counts.shape[1]):
        left = left - counts[:, j]
        out[:, j] = rng.hypergeometric(counts[:, j], left, need)
        need = need - out[:, j]
    return out


def generations(plan: Plan, categories: int = 10, zipf_exponent: float = 0.0, temperature: float = 1.0, top_p: float = 1.0,
                true: np.ndarray | None = None) -> Iterator[Generation]:
    """temperature, top_p: how each model is sampled (1: as it is). true: probabilities (K,), instead of uniform or Zipf."""
    number("temperature", temperature, 0.05, 20)
    if not number("top_p", top_p, 0, 1):
        raise BadInput("top_p must be above 0: at 0 no word is left.")
    if plan.bias != 1:
        raise BadInput("Categories have no variance to scale: use --temperature or --top-p instead of --bias.")
    if plan.regime == "filter":
        raise BadInput("Categories cannot be filtered by a judge of numbers: choose the Gaussian or the KDE, or use --top-p.")
    p0 = truth(categories, zipf_exponent) if true is None else np.asarray(true, float)
    s, n = plan.seeds, plan.n
    if s * len(p0) > MOST_CELLS:
        raise BadInput(f"{s:,} chains of {len(p0):,} categories are too many at once; their product may be {MOST_CELLS:,}.")
    rng = stream(plan)
    wide = np.broadcast_to(p0, (s, len(p0)))
    pool = rng.multinomial(plan.pool_size, wide) if plan.regime in ("fixed", "pool") else None
    if pool is None:
        counts = rng.multinomial(n, wide)
    elif plan.pool_size >= n:
        counts = taken(rng, pool, n)
    else:
        counts = pool + rng.multinomial(n - plan.pool_size, wide)
    everything, weights = counts, None
    for index in range(plan.generations + 1):
        p = counts / counts.sum(1, keepdims=True) if weights is None else weights
        yield Generation(index, statistics(p, p0), p)
        if index == plan.generations:
            return
        source, weights, nr = sharpened(p, temperature, top_p), None, plan.real_at(index + 1)
        if plan.regime.startswith("accumulate"):
            everything = everything + rng.multinomial(n, source)
            counts = everything if plan.regime == "accumulate" else taken(rng, everything, n)
        elif nr:
            real = rng.multinomial(nr, wide) if pool is None else pool if plan.regime == "fixed" else taken(rng, pool, nr)
            made = rng.multinomial(n - nr, source)
            counts = real + made
            if plan.regime == "weighted":
                weights = plan.weight * real / nr + (1 - plan.weight) * made / (n - nr)
        else:
            counts = rng.multinomial(plan.size(index + 2), source)
