"""Many settings in one call: a phase map, a comparison of regimes. Resumable, stoppable, the same for any number of workers.

Every setting is run with the sweep's own seed, so a cell of a map is, number for number, the run that a click on it starts; and what a
job draws depends on its place in the sweep, never on who runs it. Jobs go through joblib, one thread each; on a Ray cluster through
joblib's Ray backend (`pip install ray`), which scikit-learn's documentation describes.
"""

import contextlib
import hashlib
import itertools
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path

import numpy as np

from genai_core.collapse import engines
from genai_core.collapse.plan import Plan
from genai_core.errors import BadInput

MOST_JOBS = 20_000
BACKENDS = ("loky", "ray")


@dataclass(frozen=True)
class Sweep:
    """model: an ENGINES name. axes: {field of Plan, or option of the family: values}; the product of all is run over base."""

    model: str
    base: Plan
    axes: dict = field(default_factory=dict)

    def plans(self) -> list[tuple[dict, Plan]]:
        """(where on the axes, the plan) of every setting, the last axis fastest; BadInput for what cannot be run."""
        if not all(self.axes.values()):
            raise BadInput("Every axis of a sweep needs at least one value.")
        own = {f.name for f in fields(Plan)}
        out = []
        for values in itertools.product(*self.axes.values()):
            at = dict(zip(self.axes, values, strict=True))
            options = self.base.options | {k: v for k, v in at.items() if k not in own}
            out.append((at, replace(self.base, **{k: v for k, v in at.items() if k in own}, options=options)))
            if len(out) > MOST_JOBS:
                raise BadInput(f"A sweep may have {MOST_JOBS:,} settings; this one has more. Take fewer values.")
        return out


@dataclass(frozen=True)
class Cell:
    """at: place on the axes. summary: of every generation, as engines.summary gives it. done of jobs, left_s: estimated."""

    at: dict
    summary: list
    done: int
    of: int
    left_s: float


def _json(value):
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else list(value) if isinstance(value, tuple) else str(value)


def job_name(model: str, plan: Plan) -> str:
    """What a finished job is kept under: the model and every setting."""
    return hashlib.sha256(json.dumps([model, asdict(plan)], sort_keys=True, default=_json).encode()).hexdigest()[:32]


def settle(model: str, plan: Plan) -> list:
    """One job: run the plan, return its summary."""
    return engines.summary(list(engines.generations(model, plan)), engines.expected(model, plan))


def predicted_seconds(sweep: Sweep, n_jobs: int = 1) -> float:
    """A guess from running the start of the first, the middle and the last setting here; work is about even over generations."""
    plans = [plan for _, plan in sweep.plans()]
    some = [plans[i] for i in sorted({0, len(plans) // 2, len(plans) - 1})]
    costs = []
    for plan in some:
        short = min(plan.generations, 3)
        began = time.perf_counter()
        list(itertools.islice(engines.generations(sweep.model, plan), short + 1))
        costs.append((time.perf_counter() - began) / (short + 1) * (plan.generations + 1))
    return float(np.mean(costs)) * len(plans) / max(1, min(n_jobs, len(plans), os.cpu_count() or 1))


def cells(sweep: Sweep, n_jobs: int = 1, backend: str = "loky", folder: Path | None = None) -> Iterator[Cell]:
    """Run all settings, yielding each as it is done, in order of the axes; to stop, stop asking.

    folder: finished jobs are kept there and not run again. n_jobs: processes, -1 for all cores. backend: "ray" needs the
    package ray, and uses the cluster that `ray.init` has joined.
    """
    plans = sweep.plans()
    engines.engine(sweep.model)
    kept: dict[int, list] = {}
    for index, (_, plan) in enumerate(plans):
        path = folder / f"{job_name(sweep.model, plan)}.json" if folder else None
        if path and path.is_file():
            with contextlib.suppress(ValueError):  # a half-written file is run again
                kept[index] = json.loads(path.read_text(encoding="utf-8"))
    ahead = [i for i in range(len(plans)) if i not in kept]
    began, fresh = time.monotonic(), 0
    results = _results(sweep.model, [plans[i][1] for i in ahead], n_jobs, backend)
    try:
        for index, (at, plan) in enumerate(plans):
            if index in kept:
                summary = kept[index]
            else:
                summary, fresh = next(results), fresh + 1
                if folder:
                    _keep(folder / f"{job_name(sweep.model, plan)}.json", summary)
            left = (len(ahead) - fresh) * (time.monotonic() - began) / fresh if fresh else 0.0
            yield Cell(at, summary, index + 1, len(plans), left)
    finally:
        results.close()


def _keep(path: Path, summary: list) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(summary), encoding="utf-8")
    os.replace(part, path)


def _results(model: str, plans: list[Plan], n_jobs: int, backend: str) -> Iterator[list]:
    """The summaries in order. One worker runs here, so that stopping is at once; more are joblib's, in small batches."""
    if backend not in BACKENDS:
        raise BadInput(f"The backend must be loky or ray; you gave {str(backend)[:40]!r}.")
    if n_jobs == 0 or n_jobs < -1:
        raise BadInput(f"n_jobs must be at least 1, or -1 for all cores; you gave {n_jobs}.")
    if n_jobs == 1 and backend == "loky":
        for plan in plans:
            yield settle(model, plan)
        return
    from joblib import Parallel, delayed, parallel_config

    if backend == "ray":
        try:
            from ray.util.joblib import register_ray
        except ImportError as error:
            raise BadInput("The Ray backend needs the package ray: pip install ray.") from error
        register_ray()
        settings = {"backend": "ray"}
    else:
        settings = {"backend": "loky", "inner_max_num_threads": 1}
    with parallel_config(**settings):
        workers = Parallel(n_jobs=n_jobs)
        batch = max(1, 4 * (os.cpu_count() or 1))
        for start in range(0, len(plans), batch):
            yield from workers(delayed(settle)(model, plan) for plan in plans[start:start + batch])
