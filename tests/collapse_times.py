"""How fast models that learn from models are run: every regime with sufficient statistics, a map, and a plain loop beside them."""

import statistics
import time

import numpy as np

from genai_core.collapse import engines, phase
from genai_core.collapse.experiment import Settings
from genai_core.collapse.gaussian import BY_POINTS
from genai_core.collapse.plan import REGIMES, Plan

SEEDS, GENERATIONS, N, ROUNDS = 1000, 100, 100, 5


def took(work) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def plan(regime: str) -> Plan:
    return Plan(regime, N, 0.1 if REGIMES[regime].real else 0.0, generations=GENERATIONS, seeds=SEEDS)


def ours(regime: str = "replace") -> None:
    for _ in engines.generations("gaussian", plan(regime)):
        pass


def plain_loop() -> None:
    """The same experiment as one writes it first: for each seed, for each generation, draw the points and fit them."""
    for seed in range(SEEDS):
        rng = np.random.default_rng(seed)
        x = rng.standard_normal(N)
        for _ in range(GENERATIONS):
            x = rng.normal(np.mean(x), np.std(x), N)


def map_of_thirty() -> None:
    cells = list(phase.cells(Settings(regime="fresh", generations=GENERATIONS, seeds=200)))
    assert len(cells) == 30, len(cells)


def measure() -> dict:
    """Seconds of each regime (the middle of five), of the map, and how many times as long the plain loop took, paired."""
    ours()  # imports
    regimes = {name: statistics.median(took(lambda name=name: ours(name)) for _ in range(ROUNDS))
               for name in REGIMES if name not in BY_POINTS}
    ratios = [took(plain_loop) / took(ours) for _ in range(3)]
    return {"regime_s": regimes, "map_of_30_cells_s": statistics.median(took(map_of_thirty) for _ in range(3)),
            "plain_loop_times_ours": ratios}
