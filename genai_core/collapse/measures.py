"""What VAEs do to digits, generation after generation: `python -m genai_core measure collapse`.

fingerprint: the official experiment's, read from the authors' notebook: pictures are handed on as the decoder's mean, and the deviation of
the codes that the first generation's encoder gives a generation's pictures is 0.85 to 0.95 of the one before. Needs MNIST in GENLENS_DATA.
digits: the lab's two scenarios. Chains are kept, so what was begun goes on where it stopped.
"""

from genai_core import measuring
from genai_core.collapse import long_run, mnist_run, vae
from genai_core.collapse.plan import Plan
from genai_core.collapse.readings import READINGS, severity

SEEDS, LOW, HIGH, GENERATIONS = (0, 1, 2), 0.85, 0.95, 5
PAPER = (0.688, 0.603, 0.534, 0.483, 0.443)  # Shumailov et al.'s network, the mean of five runs
DEPENDS = tuple(f"genai_core/{part}.py" for part in ("collapse/vae", "collapse/measures", "models/digit_vae", "models/digit_networks"))


def _fingerprint(say) -> dict:
    figures = {}
    for seed in SEEDS:
        rows = list(long_run.rows(mnist_run.plan(GENERATIONS), mnist_run.options("mean"), seed, say))
        spread = [row["latent_std"] for row in rows]
        ratios = [round(after / before, 4) for before, after in zip(spread, spread[1:], strict=False)]
        figures[f"seed_{seed}"] = {"latent_std": [round(value, 4) for value in spread], "ratios": ratios,
                                   "within": all(LOW <= ratio <= HIGH for ratio in ratios),
                                   "late_nats": [round(row["late"], 3) for row in rows],
                                   "cpu_s": round(sum(row["cpu_s"] for row in rows), 1)}
    ratios = [ratio for figure in figures.values() for ratio in figure["ratios"]]
    figures["fingerprint"] = measuring.share(sum(LOW <= ratio <= HIGH for ratio in ratios), len(ratios)) | {
        "lowest": min(ratios), "highest": max(ratios), "paper_latent_std": list(PAPER)}
    return {"seeds": list(SEEDS), "figures": figures}


def digits_plan() -> Plan:
    """As the lab's scenarios digits_mean and digits_sample, with a chain for each seed."""
    return Plan(n=1437, generations=20, seeds=len(SEEDS))


def digits_options(decoding: str) -> dict:
    # what suits the data is named, for chains are kept under what they are asked for
    return {"data": "digits", "decoding": decoding, "population": True, "latent": vae.KINDS["digits"].latent}


def _digits(say) -> dict:
    figures = {}
    for seed in SEEDS:
        for decoding in mnist_run.DECODINGS:
            rows = list(long_run.rows(digits_plan(), digits_options(decoding), seed, say))
            first, last = rows[0], rows[-1]
            gone = [name for name, reading in READINGS["vae"].items() if severity(reading, last[name], first[name]) >= 1]
            figures[f"{decoding}_seed_{seed}"] = {
                "first": {name: round(first[name], 3) for name in READINGS["vae"]},
                "last": {name: round(last[name], 3) for name in READINGS["vae"]},
                "collapsed": gone, "late_nats": [round(row["late"], 3) for row in rows],
                "cpu_s": round(sum(row["cpu_s"] for row in rows), 1)}
    for decoding in mnist_run.DECODINGS:
        chains = [figures[f"{decoding}_seed_{seed}"] for seed in SEEDS]
        figures[decoding] = {when: {name: _range([chain[when][name] for chain in chains]) for name in READINGS["vae"]}
                             for when in ("first", "last")}
        figures[decoding]["collapsed"] = {name: sum(name in chain["collapsed"] for chain in chains) for name in READINGS["vae"]}
    return {"seeds": list(SEEDS), "figures": figures}


def _range(values: list[float]) -> dict:
    """Of few chains: their mean, and the lowest and highest of them."""
    return {"lowest": min(values), "mean": round(sum(values) / len(values), 3), "highest": max(values)}


MEASURE = measuring.Measure(parts={"digits": measuring.Measure(_digits, DEPENDS), "fingerprint": measuring.Measure(_fingerprint, DEPENDS)})
