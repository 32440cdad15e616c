"""Do the bands hold, and what can each reading see at the n shown? `python -m genai_core measure metrics`.

Bands come from 399 real pairs. Then a perfect generator is tried with 100 seeds, and generators with one known error each:
the smallest error that a reading flags on at least 95 of 100 seeds is what it can see.
"""

from collections.abc import Callable, Iterable

import torch

from genai_core import data, measuring, runtime
from genai_core.quality import bands, errors, frechet, readings
from genai_core.quality.bands import Band
from genai_core.quality.readings import SHOWN, WIDE, Seen

SEEDS = 100
FLAGGED = 95
POINTS = ("ring", "two_moons", "spiral")
BAND_SEED, TRIAL_SEED, POOL_SEEDS, ERROR_SEED = 71_000, 72_000, (73_001, 73_002), 74_000
POOL = 20_000       # digits that a pair is taken from: one pool for the bands, another for the trials
QUALITY = tuple(f"genai_core/quality/{name}.py" for name in (
    "pairs", "neighbours", "kernels", "frechet", "pictures", "readings", "bands", "errors", "measures"))


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.6g}")


def _told(found: dict[str, Band], **more) -> dict:
    return {"n": SHOWN, "n_frechet": WIDE, "pairs": bands.PAIRS, **more, "readings": {
        name: {"low": _rounded(band.low), "median": _rounded(band.median), "high": _rounded(band.high)} for name, band in found.items()}}


def perfect(figure: dict, found: dict[str, Band], trials: Iterable[dict[str, float]]) -> None:
    """On how many seeds a perfect generator lies inside, into the figure."""
    rows = list(trials)
    for name, band in found.items():
        figure["readings"][name]["inside"] = measuring.share(sum(band.holds(row[name]) for row in rows), len(rows))


def smallest(figure: dict, found: dict[str, Band], error: str, degrees: Iterable[float],
             trial: Callable[[float, int], dict[str, float]], say: Callable[[str], None]) -> None:
    """The smallest degree that each reading flags on 95 of 100 seeds, None where it never does; and on how many seeds that
    degree was flagged. A degree is left as soon as no reading can reach 95 any more."""
    seen: dict[str, tuple[float, int]] = {}
    for degree in degrees:
        missed = {name: 0 for name in found if name not in seen}
        for seed in range(SEEDS):
            row = trial(degree, seed)
            for name in missed:
                missed[name] += found[name].holds(row[name])
            if all(count > SEEDS - FLAGGED for count in missed.values()):
                break
        seen |= {name: (degree, SEEDS - count) for name, count in missed.items() if count <= SEEDS - FLAGGED}
        say(f"{error} {degree:g}: seen by {', '.join(seen) or 'none'}")
        if len(seen) == len(found):
            break
    for name in found:
        degree, count = seen.get(name, (None, None))
        figure["readings"][name] |= {f"sees_{error}": degree, f"flagged_{error}": count}


def points_bands(name: str) -> dict[str, Band]:
    """Bands of a data set in the plane at the n shown, drawn afresh."""
    return bands.of_draws(data.DATASETS[name].draw, readings.of_points, WIDE, runtime.rng(BAND_SEED))


def _points(say) -> dict:
    figures = {}
    for name in POINTS:
        draw, found = data.DATASETS[name].draw, points_bands(name)

        def pair(seed, draw=draw):
            rng = runtime.rng(TRIAL_SEED + seed)
            return draw(WIDE, rng), draw(WIDE, rng), rng

        figure = figures[f"points_{name}"] = _told(found)
        perfect(figure, found, (readings.of_points(*pair(seed)[:2]) for seed in range(SEEDS)))
        say(f"{name}: inside {min(r['inside']['right'] for r in figure['readings'].values())} of {SEEDS} or more")
        if name != "ring":
            continue
        covariance = frechet.moments(draw(200_000, runtime.rng(BAND_SEED)))[1]
        figure["frechet_bias"] = _rounded(frechet.bias(covariance, WIDE))

        def wrong(how, pair=pair):
            def trial(degree, seed):
                real, fake, rng = pair(seed)
                return readings.of_points(real, how(fake, degree, rng))

            return trial

        smallest(figure, found, "spread", errors.SPREAD, wrong(lambda x, degree, rng: errors.spread(x, degree)), say)
        smallest(figure, found, "missing", errors.MISSING, wrong(errors.missing_mode), say)
        smallest(figure, found, "blur", errors.BLUR, wrong(errors.blurred), say)
    return {"seeds": [BAND_SEED, TRIAL_SEED], "threads": torch.get_num_threads(), "figures": figures}


def pool(seed: int, n: int = POOL) -> tuple[torch.Tensor, torch.Tensor]:
    """(pictures (n, 1, 28, 28) 0-1, labels (n,)) of Strokes that no model has seen."""
    pictures, labels = data.DATASETS["strokes"].draw(n, runtime.rng(seed))
    return pictures.float() / 255, labels


def digits_bands(seen: Seen) -> dict[str, Band]:
    """Bands at the n shown, from pairs out of one pool."""
    rng = runtime.rng(BAND_SEED)
    return bands.bands(readings.of_digits(*bands.two_of(seen, WIDE, rng)) for _ in range(bands.PAIRS))


def _digits(say) -> dict:
    found = digits_bands(readings.seen(pool(POOL_SEEDS[0])[0]))
    say("bands are cut")
    pictures, labels = pool(POOL_SEEDS[1])
    seen = readings.seen(pictures)

    def pair(seed):
        return bands.two_of(torch.arange(POOL), WIDE, runtime.rng(TRIAL_SEED + seed))

    figure = _told(found, frechet_bias=_rounded(frechet.bias(frechet.moments(seen.features)[1], WIDE)))
    perfect(figure, found, (readings.of_digits(*(seen[rows] for rows in pair(seed))) for seed in range(SEEDS)))
    say(f"inside {min(r['inside']['right'] for r in figure['readings'].values())} of {SEEDS} or more")

    def too_wide(degree, seed):
        real, fake = (seen[rows] for rows in pair(seed))
        return readings.of_digits(real, Seen(errors.spread(fake.features, degree), fake.chances, fake.edges))

    def lacking(degree, seed):
        real, rows = pair(seed)
        instead = errors.missing_digit(labels[rows], degree, runtime.rng(ERROR_SEED + seed))
        return readings.of_digits(seen[real], seen[rows[instead]])

    softened = {}

    def soft(degree, seed):
        if degree not in softened:
            softened[degree] = readings.seen(errors.softened(pictures, degree))
        real, rows = pair(seed)
        return readings.of_digits(seen[real], softened[degree][rows])

    of_features = {name: band for name, band in found.items() if name not in ("score", "sharpness")}
    smallest(figure, of_features, "spread", errors.SPREAD, too_wide, say)
    smallest(figure, found, "missing", errors.MISSING, lacking, say)
    smallest(figure, found, "blur", errors.SOFT, soft, say)
    return {"seeds": [BAND_SEED, TRIAL_SEED, *POOL_SEEDS, ERROR_SEED], "threads": torch.get_num_threads(),
            "figures": {"digits_strokes": figure}}


MEASURE = measuring.Measure(parts={
    "points": measuring.Measure(_points, (*QUALITY, "genai_core/data/points.py")),
    "digits": measuring.Measure(_digits, (*QUALITY, "genai_core/data/strokes.py", "genai_core/data/glyphs.py",
                                          "assets/models/digit_classifier"))})
