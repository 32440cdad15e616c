"""What the contest on digits is judged by, besides genai_core.quality: `python -m genai_core measure families`.

bands: of real digits, of the readings that only this contest has; then how often a perfect generator lies inside, and the smallest
error that each reading sees. recorded: what the recorded contest came to.
"""

import torch

from genai_core import measuring, recorded, runtime
from genai_core.families import digits
from genai_core.families.settings import FAMILIES
from genai_core.quality import bands, errors, measures, readings
from genai_core.quality.readings import SHOWN, Seen

BAND_SEED, TRIAL_SEED, ERROR_SEED = 91_000, 92_000, 93_000
JUDGES = (*measures.QUALITY, "genai_core/data/strokes.py", "genai_core/data/glyphs.py", "assets/models/digit_classifier")
TOLD = ("updates", "cpu_s", "nats", "per_sample_s")


def read(real: Seen, fake: Seen) -> dict[str, float]:
    """Readings of two samples of a thousand; those of the classes look at one."""
    return digits.of_classes(fake.chances)


def _bands(say) -> dict:
    pool, rng = readings.seen(measures.pool(measures.POOL_SEEDS[0])[0]), runtime.rng(BAND_SEED)
    rows = [read(*bands.two_of(pool, SHOWN, rng)) for _ in range(bands.PAIRS)]
    found = {name: bands.band([row[name] for row in rows], False) for name in rows[0]}
    pictures, labels = measures.pool(measures.POOL_SEEDS[1])
    seen = readings.seen(pictures)

    def pair(seed):
        return bands.two_of(torch.arange(len(seen)), SHOWN, runtime.rng(TRIAL_SEED + seed))

    told = {name: {edge: value and float(f"{value:.6g}") for edge, value in vars(band).items()} for name, band in found.items()}
    figure = {"n": SHOWN, "pairs": bands.PAIRS, "readings": told}
    measures.perfect(figure, found, (read(*(seen[rows] for rows in pair(seed))) for seed in range(measures.SEEDS)))

    def lacking(degree, seed):
        real, rows = pair(seed)
        return read(seen[real], seen[rows[errors.missing_digit(labels[rows], degree, runtime.rng(ERROR_SEED + seed))]])

    softened = {}

    def soft(degree, seed):
        if degree not in softened:
            softened[degree] = readings.seen(errors.softened(pictures, degree))
        real, rows = pair(seed)
        return read(seen[real], softened[degree][rows])

    measures.smallest(figure, found, "missing", errors.MISSING, lacking, say)
    measures.smallest(figure, found, "blur", errors.SOFT, soft, say)
    return {"seeds": [BAND_SEED, TRIAL_SEED, *measures.POOL_SEEDS, ERROR_SEED], "threads": torch.get_num_threads(),
            "figures": {"digits": figure}}


def _recorded(say) -> dict:
    saved = recorded.read("families_digits")
    last = {row["family"]: row for row in saved.rows}
    figure = {family: {name: last[family][name] for name in (*digits.BANDED, *TOLD)} for family in FAMILIES}
    return {"seeds": [saved.manifest["seed"]], "threads": saved.manifest["threads"], "figures": {"contest": figure}}


MEASURE = measuring.Measure(parts={
    "bands": measuring.Measure(_bands, ("genai_core/families/digits.py", *JUDGES)),
    "recorded": measuring.Measure(_recorded, ("assets/recorded/families_digits/frames.json", "genai_core/families/digit_learners.py",
                                              "genai_core/families/mixture.py"))})
