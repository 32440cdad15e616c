"""What a run found as numbers and as a table. Plain Python: a recorded run is shown before any library is loaded.

found: plain JSON, as genai_core.decide_or_draw.experiment makes it.
"""

SIZES = (16, 32, 64, 128, 256, 512, 1024, 2048, 4096)  # examples of the learning curves


def numbers(found: dict) -> dict[str, float]:
    """The run's numbers by name, as far as they are known: the ledger's, the CSV's and the notebook's."""
    told = {}
    for name, model in found["models"].items():
        told[f"{name}_sure_of_nothing_share"] = model["sure_share"]
        if model["right_share"] is not None:
            told[f"{name}_right_share"] = model["right_share"]
    for name, model in found.get("asked", {}).get("models", {}).items():
        told[f"{name}_confidence_share"] = max(model["shares"])
        if "below" in model:
            told |= {f"{name}_log_density": model["log_density"], f"{name}_below_share": model["below"]}
    for way, path in found.get("climb", {}).get("ways", {}).items():
        told |= {f"{way}_climb_sure_share": path["sure"][-1], f"{way}_climb_below_share": path["below"][-1],
                 f"{way}_climb_steps": len(path["path"]) - 1}
    for case in found.get("growth", []):
        if len(case["rows"]) == len(SIZES):
            tag = f"correlation_{case['correlation']:g}".replace(".", "_")
            told |= {f"{tag}_{name}_limit_accuracy": 1 - limit for name, limit in case["limits"].items()}
            told |= {f"{tag}_{name}_accuracy": case["rows"][-1][f"{name}_accuracy"] for name in case["limits"]}
            told |= {f"{tag}_first_{name}_accuracy": case["rows"][0][f"{name}_accuracy"] for name in case["limits"]}
            met = meeting(case["rows"])
            if met is not None:
                told[f"{tag}_crossing_examples"] = met
    return told


def rows(found: dict) -> list[dict]:
    """The table: the learning curves, a row a size and correlation."""
    return [{"correlation": case["correlation"], **row} for case in found.get("growth", []) for row in case["rows"]]


def meeting(rows: list[dict]) -> float | None:
    """Examples from which on logistic regression is the better one, between two sizes on a log scale; None where it never
    is, 0 where it always was, and where they change places more than once, the last."""
    gap = [row["logistic_accuracy"] - row["bayes_accuracy"] for row in rows]
    if not gap or gap[-1] <= 0:
        return None
    behind = [k for k, ahead in enumerate(gap) if ahead <= 0]
    if not behind:
        return 0.0
    k = behind[-1]
    part = -gap[k] / (gap[k + 1] - gap[k])
    return float(rows[k]["examples"] * (rows[k + 1]["examples"] / rows[k]["examples"]) ** part)
