"""ENGINES by name, and what every run of one ends in: a table, a summary with bands, and the theory beside it."""

import importlib
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from genai_core.collapse.plan import Generation, Plan
from genai_core.errors import BadInput

QUANTILES = {"q05": 0.05, "q25": 0.25, "median": 0.5, "q75": 0.75, "q95": 0.95}


@dataclass(frozen=True)
class Engine:
    """title: as on screen. made_by: module in this package with generations(plan, **options). theory(plan, **options) ->
    {statistic: (T + 1,) or (T + 1, k)}, exact expectations. chains: True where each seed is a run of its own (fitted models),
    so that a sweep may spread them over workers."""

    title: str
    made_by: str
    theory: Callable[..., dict] | None = None
    chains: bool = False

    @property
    def module(self):
        return importlib.import_module(f"genai_core.collapse.{self.made_by}")

    @property
    def options(self) -> dict:
        """{name: default} of what the family takes besides the plan."""
        given = list(inspect.signature(self.module.generations).parameters.values())[1:]
        return {p.name: p.default for p in given}


def _gaussian(plan, dim=1, raw=False, known_variance=False):
    from genai_core.collapse import theory

    return theory.gaussian(plan, dim, known_variance)


def _categorical(plan, categories=10, zipf_exponent=0.0, temperature=1.0, top_p=1.0, true=None):
    from genai_core.collapse import categorical
    from genai_core.collapse import theory_discrete

    if temperature != 1 or top_p != 1:
        return {}
    p = categorical.truth(categories, zipf_exponent) if true is None else np.asarray(true, float)
    h, out = theory_discrete.heterozygosity(plan, 1 - (p**2).sum()), {}
    if h is not None:
        out["heterozygosity"] = h
    if plan.regime == "replace" and plan.n <= theory_discrete.EXACT_CHAIN:
        left = theory_discrete.survival(p, plan.n, plan.generations)
        out |= {"support": left.sum(1), "lost": ((1 - left) * p).sum(1)}
    return out


def _kde(plan, bandwidth="constant", width=0.3):
    from genai_core.collapse import theory_discrete

    n, to = plan.n, plan.generations
    if plan.regime != "replace":
        return {}
    if bandwidth == "scott":
        unbiased = theory_discrete.kde_scott(n, to)
        return {"var": unbiased if plan.estimator == "unbiased" else unbiased * (1 - 1 / n)}
    mle = theory_discrete.kde_constant(n, width, to) if bandwidth == "constant" else theory_discrete.kde_shrunk(n, to)
    return {"var": mle if plan.estimator == "mle" else mle / (1 - 1 / n)}


def _regression(plan, dim=10, rows=None, design="same"):
    from genai_core.collapse import theory_discrete

    excess = theory_discrete.regression(plan, dim, plan.n if rows is None else rows, design)
    return {} if excess is None else {"excess": excess}


def _linear_vae(plan, values=(4.0, 2.0, 1.0, 0.5), noise=0.1, dim=20, decoding="mean", population=False, covariance=None, latent=None):
    from genai_core.collapse import theory_discrete

    if plan.regime != "replace" or not population:
        return {}
    found = np.linalg.eigvalsh(covariance)[::-1] if covariance is not None else np.sort(np.atleast_1d(values))[::-1]
    return {"eigenvalues": theory_discrete.linear_vae(found[:latent or len(np.atleast_1d(values))], noise, plan.generations, decoding)}


def _mixture(plan, components=2, separation=4.0, dim=1, labels="em"):
    from genai_core.collapse import theory

    if plan.regime != "replace":
        return {}
    return {"product": (1 - 1 / plan.n) ** theory.fits(plan.generations) / components**2}


ENGINES: dict[str, Engine] = {
    "gaussian": Engine("Gaussian", "gaussian", _gaussian),
    "categorical": Engine("Words (categories)", "categorical", _categorical),
    "kde": Engine("Kernel density estimate", "kde", _kde),
    "regression": Engine("Linear regression", "regression", _regression),
    "linear-vae": Engine("Linear VAE", "linear_vae", _linear_vae),
    "gmm": Engine("Gaussian mixture (EM)", "mixture", _mixture, chains=True),
    "ngram": Engine("Letters of a text (n-gram)", "ngram"),
    "vae": Engine("VAE of digits", "vae", chains=True),
    "denoiser": Engine("Denoiser of points (diffusion)", "denoiser", chains=True),
}


def engine(name: str) -> Engine:
    if name not in ENGINES:
        raise BadInput(f"There is no model {str(name)[:40]!r}; there are {', '.join(ENGINES)}.")
    return ENGINES[name]


def generations(model: str, plan: Plan) -> Iterator[Generation]:
    """The plan, run with the named family; BadInput for what does not go together."""
    known = engine(model).options
    if unknown := set(plan.options) - set(known):
        raise BadInput(f"{model} has no option {', '.join(sorted(unknown))}; it has {', '.join(known) or 'none'}.")
    return engine(model).module.generations(plan, **plan.options)


def stages(model: str, plan: Plan) -> Iterator:
    """As generations, and of a family whose generations take seconds also words on the way (vae.Fitting)."""
    on_the_way = getattr(engine(model).module, "stages", None)
    return on_the_way(plan, **plan.options) if on_the_way else generations(model, plan)


def expected(model: str, plan: Plan) -> dict[str, np.ndarray]:
    """Exact expectations of the plan's statistics over generations, {} where no closed form is known."""
    given = engine(model).theory
    return given(plan, **plan.options) if given else {}


def columns(statistics: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Statistics as columns (S,): a statistic of several numbers becomes name_1, name_2, ..."""
    out = {}
    for name, values in statistics.items():
        out |= {name: values} if values.ndim == 1 else {f"{name}_{j + 1}": values[:, j] for j in range(values.shape[1])}
    return out


def table(frames: list[Generation]):
    """One row per (generation, seed): a pandas DataFrame with generation, seed and the model's statistics."""
    import pandas

    parts = [pandas.DataFrame({"generation": f.index, "seed": range(len(next(iter(f.statistics.values())))), **columns(f.statistics)})
             for f in frames]
    return pandas.concat(parts, ignore_index=True)


def summary(frames: list[Generation], known: dict[str, np.ndarray] | None = None) -> list[dict]:
    """Per generation: {statistic: {mean, se, q05, q25, median, q75, q95}}, with `theory` where it is known. se: standard
    error of the mean over seeds, None for one seed. Where the statistic is a mean, its square stands beside it."""
    flat = {}
    for name, values in (known or {}).items():
        flat |= {name: values} if values.ndim == 1 else {f"{name}_{j + 1}": values[:, j] for j in range(values.shape[1])}
    out = []
    for frame in frames:
        found = columns(frame.statistics)
        if "mean" in found:
            found["mean_square"] = found["mean"] ** 2
        row: dict = {"generation": frame.index}
        for name, values in found.items():
            row[name] = {"mean": float(values.mean()),
                         "se": float(values.std(ddof=1) / len(values) ** 0.5) if len(values) > 1 else None,
                         **{q: float(x) for q, x in zip(QUANTILES, np.quantile(values, list(QUANTILES.values())), strict=True)}}
        row["theory"] = {name: float(values[frame.index]) for name, values in flat.items()}
        out.append(row)
    return out
