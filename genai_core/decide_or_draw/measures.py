"""What Ng and Jordan found, over seeds and numbers of features: `python -m genai_core measure decide_or_draw`."""

import math

from genai_core import measuring
from genai_core.decide_or_draw import crossing
from genai_core.decide_or_draw.results import SIZES, meeting

SEEDS, RUNS, FEATURES = tuple(range(10)), 20, (8, 16, 32, 64)
NEAR = 0.01  # accuracy below its own limit that counts as there
DEPENDS = tuple(f"genai_core/decide_or_draw/{part}.py" for part in ("crossing", "results", "measures"))


def rows(features: int, correlation: float, seed: int) -> tuple[crossing.Case, list[dict]]:
    given = crossing.case(features, correlation)
    return given, [point.row() for point in crossing.growth(given, RUNS, seed) if point]


def needed(table: list[dict], name: str, limit: float) -> float | None:
    """Examples from which on the mean accuracy stays within NEAR of its limit, between two sizes on a log scale; None where
    that is beyond the last, the first size where it always was."""
    gap = [limit - NEAR - row[f"{name}_accuracy"] for row in table]  # above 0: not there yet
    short = [k for k, missing in enumerate(gap) if missing > 0]
    if not short:
        return float(SIZES[0])
    if (k := short[-1]) + 1 == len(gap):
        return None
    return SIZES[k] * (SIZES[k + 1] / SIZES[k]) ** (gap[k] / (gap[k] - gap[k + 1]))


def _crossing(say) -> dict:
    """Where logistic regression overtakes, for ten seeds of twenty runs each."""
    met, as_said = [], 0
    for seed in SEEDS:
        _, table = rows(32, 0.1, seed)
        met.append(meeting(table))
        as_said += table[0]["bayes_accuracy"] > table[0]["logistic_accuracy"] and bool(met[-1])
        say(f"seed {seed}: {met[-1]:.0f}")
    logs = [math.log(x) for x in met]
    return {"seeds": list(SEEDS), "figures": {"crossing": {
        "features": 32, "correlation": 0.1, "runs": RUNS, "examples": [round(x, 1) for x in met],
        "typical": round(math.exp(sum(logs) / len(logs)), 1), "as_said": measuring.share(as_said, len(SEEDS))}}}


def _features(say) -> dict:
    """Examples until each is within one percentage point of its limit, where the naive assumption holds."""
    figures = {}
    for features in FEATURES:
        given, table = rows(features, 0.0, 0)
        found = {name: needed(table, name, 1 - limit) for name, limit in given.limits().items()}
        figures[f"features_{features}"] = {name: x and round(x, 1) for name, x in found.items()}
        say(f"{features}: {found}")
    return {"seeds": [0], "figures": figures}


MEASURE = measuring.Measure(parts={"crossing": measuring.Measure(_crossing, DEPENDS), "features": measuring.Measure(_features, DEPENDS)})
