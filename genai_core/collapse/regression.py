"""Least squares on labels that the last model gave: Gerstgrasser et al. 2024, arXiv:2404.01413; Dohmatob et al. 2024.

Truth: y = x w* + noise of variance 1, x ~ N(0, I) in d dimensions, w* = 0 without loss. Only the labels are synthetic. The
estimate moves by N(0, (X'X)^-1) a generation, so no label need be drawn where whole designs are used again.
"""

from collections.abc import Iterator

import numpy as np

from genai_core.collapse.gaussian import wishart_root
from genai_core.collapse.plan import Generation, Plan, stream, whole
from genai_core.errors import BadInput

KNOWN = ("replace", "accumulate", "accumulate-subsample", "fresh")


def generations(plan: Plan, dim: int = 10, rows: int | None = None, design: str = "same") -> Iterator[Generation]:
    """dim d, rows T (None: n), design: "same" X in every generation or a "fresh" one. Statistic: excess, the test
    error above the noise, |w - w*|^2; in (0, inf)."""
    dim, rows = whole("dim", dim, 1, 500), whole("rows", plan.n if rows is None else rows, 3, 100_000)
    if rows < dim + 2:
        raise BadInput(f"With {rows} rows and {dim} unknowns the expected error is infinite: take at least {dim + 2} rows.")
    if design not in ("same", "fresh"):
        raise BadInput(f"The design must be same or fresh; you gave {str(design)[:40]!r}.")
    if plan.regime not in KNOWN:
        raise BadInput(f"Regression knows the regimes {', '.join(KNOWN)}; you gave {plan.regime}.")
    if plan.bias != 1 or plan.estimator != "mle":
        raise BadInput("Regression estimates no variance: leave --bias at 1 and --estimator at mle.")
    rng, s = stream(plan), plan.seeds
    if plan.regime in ("accumulate-subsample", "fresh"):
        yield from _by_rows(plan, dim, rows, design, rng)
        return

    def design_root():
        return wishart_root(rng, s, dim, rows)              # R with R R' = X'X, (S, d, d)

    def moved(r):  # (X'X)^-1 X' noise = R'^-1 z
        return np.linalg.solve(r.transpose(0, 2, 1), rng.standard_normal((s, dim, 1)))[..., 0]

    r = design_root()
    w = moved(r)
    gram = r @ r.transpose(0, 2, 1)                         # of all rows so far, for fresh designs
    moment = np.einsum("sij,sj->si", gram, w)               # X'y of all rows so far
    for index in range(plan.generations + 1):
        yield Generation(index, {"excess": (w**2).sum(1)}, w)
        if index == plan.generations:
            return
        if design == "fresh":
            r = design_root()
        made = w + moved(r)                                 # least squares on the new labels alone
        if plan.regime == "replace":
            w = made
        elif design == "same":
            w = w + (made - w) / (index + 2)
        else:
            own = r @ r.transpose(0, 2, 1)
            gram, moment = gram + own, moment + np.einsum("sij,sj->si", own, made)
            w = np.linalg.solve(gram, moment[..., None])[..., 0]


def _by_rows(plan, dim, rows, design, rng) -> Iterator[Generation]:
    """Row by row, chain by chain: for regimes that mix rows. One chain at a time keeps the memory of many chains small."""
    s, nr = plan.seeds, round(plan.real * rows) if plan.regime == "fresh" else 0
    if plan.seeds * rows * (plan.generations + 1) * (dim if design == "fresh" else 1) > 50_000_000:
        raise BadInput("Mixing rows keeps every row ever made: take fewer chains, rows or generations.")
    x = rng.standard_normal((s, rows, dim))
    y = rng.standard_normal((s, rows))
    pool_x, pool_y = x, y
    for index in range(plan.generations + 1):
        try:
            w = np.linalg.solve(x.transpose(0, 2, 1) @ x, np.einsum("sij,si->sj", x, y)[..., None])[..., 0]
        except np.linalg.LinAlgError as error:
            raise BadInput(f"{rows} rows drawn from all are so often the same ones that they no longer fix {dim} unknowns: take more "
                           "rows, or a fresh design.") from error
        yield Generation(index, {"excess": (w**2).sum(1)}, w)
        if index == plan.generations:
            return
        base = pool_x[:, :rows] if design == "same" else rng.standard_normal((s, rows, dim))
        labels = np.einsum("sij,sj->si", base, w) + rng.standard_normal((s, rows))
        if plan.regime == "fresh":
            if index + 1 >= plan.since:
                labels[:, :nr] = rng.standard_normal((s, nr))  # the truth is w* = 0
            x, y = base, labels
        else:
            pool_y = np.concatenate([pool_y, labels], 1)
            if design == "fresh":
                pool_x = np.concatenate([pool_x, base], 1)
            some = np.argpartition(rng.random((s, pool_y.shape[1])), rows - 1, axis=1)[:, :rows]
            y = np.take_along_axis(pool_y, some, 1)
            x = np.take_along_axis(pool_x, (some % rows if design == "same" else some)[..., None], 1)
