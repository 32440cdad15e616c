"""One experiment as the lab and the command line set it: models by the lab's names, settings checked together, bands over runs."""

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np

from genai_core import recorded
from genai_core.collapse import engines, readings
from genai_core.collapse.ngram import SAMPLE
from genai_core.collapse.plan import GOLDEN, REGIMES, Generation, Plan
from genai_core.errors import BadInput

QUANTILES = engines.QUANTILES
LIVE_NUMBERS = 12_000_000  # numbers that one live run may keep in memory: about 100 MB
LIVE_UPDATES = 60_000       # of a VAE: about a minute
LIVE_STEPS = 25_000         # updates of a denoiser: about half a minute of one core, and of a busy one not a minute
LIVE_DRAWN = 200_000        # points that denoisers draw for one another: some seconds
UPDATE_MS = {"vae": 2.2, "vae-strokes": 3.5, "denoiser": 2.0, "denoiser-moons": 2.0}  # of one core, reading and drawing included
MOST_AXES = 20              # dimensions of a live Gaussian
GAUSSIANS = ("gaussian", "gaussian-d")
FEW = 20                   # runs of the models whose generations cost more


@dataclass(frozen=True)
class Family:
    """title: as on screen. engine: an ENGINES name. regimes: those that it runs. seeds: runs that suit it."""

    title: str
    engine: str
    regimes: tuple[str, ...]
    seeds: int = 200


ALL = tuple(REGIMES)
VAE_REGIMES = ("replace", "accumulate", "accumulate-subsample", "fresh", "fixed", "pool")
RECORDED = recorded.FOLDER / "collapse_mnist" / "manifest.json"
VAE_DATA = {"vae": "digits", "vae-strokes": "strokes", "vae-mnist": "mnist"}
POINT_DATA = {"denoiser": "ring", "denoiser-moons": "two_moons"}
FITTED = (*VAE_DATA, *POINT_DATA)  # networks, one of which takes seconds
POINT_REGIMES = tuple(r for r in ALL if r != "weighted")
FAMILIES = {
    "gaussian": Family("Gaussian", "gaussian", ALL, 400),
    "gaussian-d": Family("Gaussian, several dimensions", "gaussian", tuple(r for r in ALL if r != "filter"), 100),
    "words": Family("Words (Zipf's law)", "categorical", tuple(r for r in ALL if r != "filter")),
    "kde": Family("Smoothed density (KDE)", "kde", tuple(r for r in ALL if r != "weighted")),
    "mixture": Family("Gaussian mixture (EM)", "gmm", tuple(r for r in ALL if r not in ("weighted", "filter")), FEW),
    "regression": Family("Linear regression", "regression", ("replace", "accumulate", "accumulate-subsample", "fresh")),
    "letters": Family("Letters of a text", "ngram", ("replace", "accumulate", "fresh", "grow"), FEW),
    "digits": Family("Digits (linear VAE)", "linear-vae", ("replace", "accumulate", "fresh"), FEW),
    "denoiser": Family("Ring of points (diffusion)", "denoiser", POINT_REGIMES, 1),
    "denoiser-moons": Family("Two moons (diffusion)", "denoiser", POINT_REGIMES, 1),
    "vae": Family("Digits (VAE, 8x8)", "vae", VAE_REGIMES, 1),
    "vae-strokes": Family("Digits (VAE, strokes)", "vae", VAE_REGIMES, 1),
} | ({"vae-mnist": Family("Digits (VAE, MNIST, recorded)", "vae", ("replace",), 3)} if RECORDED.is_file() else {})


@dataclass(frozen=True)
class Settings:
    """As Plan, and: counts, the definition of collapse, "usual" or a key of readings.SORTS. over: the map's columns, n or
    generations. seeds, pool: 0 for what suits. categories, zipf: words. bandwidth, width: kde. order, text: letters (empty: a text of
    our own). temperature: words and letters; top_p: words. dim: gaussian-d. decoding, latent, population: digits.
    noise: linear VAE; 0: what the data leave.
    updates: VAE and denoiser; 0: what suits. calls: of a denoiser for each point."""

    model: str = "gaussian"
    regime: str = "replace"
    n: int = 100
    real: float = 0.1
    generations: int = 50
    counts: str = "usual"
    over: str = "n"
    estimator: str = "mle"
    bias: float = 1.0
    seeds: int = 0
    since: int = 0
    pool: int = 0
    weight: float = round(GOLDEN, 3)
    growth: float = 2.0
    keep: float = 0.5
    judge: float = 0.0
    categories: int = 50
    zipf: float = 1.0
    temperature: float = 1.0
    bandwidth: str = "constant"
    width: float = 0.3
    order: int = 2
    text: str = ""
    decoding: str = "mean"
    latent: int = 16
    noise: float = 0.0
    population: bool = False
    updates: int = 0
    seed: int = 0
    dim: int = 5
    top_p: float = 1.0
    calls: int = 39


def plan_of(s: Settings) -> Plan:
    """The settings as the core's Plan; BadInput, in the lab's words, for what does not go together."""
    family = FAMILIES.get(s.model)
    if family is None:
        raise BadInput(f"There is no model {str(s.model)[:40]!r}; there are {', '.join(FAMILIES)}.")
    readings.chosen(s.model, s.counts)
    if s.regime in REGIMES and s.regime not in family.regimes:
        known = ", ".join(REGIMES[name].title for name in family.regimes)
        raise BadInput(f"“{family.title}” cannot run “{REGIMES[s.regime].title}”; it knows {known}.")
    if s.bias != 1 and s.model not in GAUSSIANS:
        raise BadInput("Sampling bias scales a variance, and only the Gaussian has one to scale: set it to 1. "
                       "Words and letters are sharpened by their temperature.")
    if s.estimator != "mle" and s.model not in (*GAUSSIANS, "kde"):
        raise BadInput("Only a variance has an unbiased estimate: for this model leave the estimator at maximum likelihood.")
    plan = Plan(s.regime, s.n, s.real if REGIMES[s.regime].real else 0.0, s.pool or None, s.bias, s.estimator, s.weight, s.growth, s.keep,
                s.judge, s.generations, s.seeds or family.seeds, s.seed, s.since if REGIMES[s.regime].real else 0, _options(s))
    _check_room(s, plan)
    return plan


def _options(s: Settings) -> dict:
    if s.model == "words":
        return {"categories": s.categories, "zipf_exponent": s.zipf, "temperature": s.temperature, "top_p": s.top_p}
    if s.model == "gaussian-d":
        return {"dim": s.dim}
    if s.model == "kde":
        return {"bandwidth": s.bandwidth, "width": s.width}
    if s.model == "mixture":
        return {"components": 3}
    if s.model == "regression":
        return {"dim": 10, "rows": s.n}
    if s.model == "letters":
        return {"text": s.text.strip() or SAMPLE, "order": s.order, "temperature": s.temperature}
    if s.model == "digits":
        from genai_core.collapse import digits

        return {"covariance": digits.measured()[1], "latent": s.latent, "noise": s.noise or digits.noise_left(s.latent),
                "decoding": s.decoding, "population": s.population}
    if s.model in VAE_DATA:
        return {"data": VAE_DATA[s.model], "decoding": s.decoding, "updates": s.updates or None, "latent": s.latent,
                "population": s.population}
    if s.model in POINT_DATA:
        return {"data": POINT_DATA[s.model], "updates": s.updates or None, "calls": s.calls}
    return {}


def _check_room(s: Settings, plan: Plan) -> None:
    """A live run shares its machine: say what would not fit, and which setting makes it fit."""
    grows = plan.regime.startswith("accumulate")
    by_points = s.model == "kde" or (s.model in (*GAUSSIANS, "regression") and plan.regime in ("accumulate-subsample", "filter"))
    if s.model == "letters":
        letters = plan.seeds * sum(plan.size(t) for t in range(1, plan.generations + 2))
        if letters > LIVE_NUMBERS:
            raise BadInput(f"That would write {letters:,} letters; here at most {LIVE_NUMBERS:,}. Take fewer letters, generations or runs.")
    elif by_points:
        points = plan.n * (plan.generations + 1) if grows else plan.size(plan.generations + 1) / plan.keep
        most = plan.seeds * points * {"kde": 2, "gaussian-d": s.dim}.get(s.model, 1)  # a smoothed density's points know their ancestor
        if most > LIVE_NUMBERS:
            raise BadInput(f"That would keep {most:,.0f} numbers at once; here at most {LIVE_NUMBERS:,}. "
                           "Take fewer points, generations or runs.")
    elif s.model == "words" and plan.seeds * s.categories > LIVE_NUMBERS:
        raise BadInput(f"{plan.seeds:,} runs of {s.categories:,} words are too many at once; take fewer of either.")
    elif s.model in ("vae", "vae-strokes") and plan.seeds * (plan.generations + 1) * (s.updates or 1500) > LIVE_UPDATES:
        raise BadInput(f"{plan.seeds:,} runs of {plan.generations:,} generations are more than a minute of training; here at most "
                       f"{LIVE_UPDATES:,} updates in all. Take one run, fewer generations or fewer updates.")
    elif s.model in POINT_DATA:
        _check_points(plan)
    elif s.model == "digits" and plan.seeds * plan.generations > 10_000:
        raise BadInput(f"{plan.seeds:,} runs of {plan.generations:,} generations of digits are too many for a live run; "
                       "their product may be 10,000.")


def _check_points(plan: Plan) -> None:
    from genai_core.collapse.denoiser import updates_in_all

    if (work := updates_in_all(plan, plan.options["updates"])) > LIVE_STEPS:
        raise BadInput(f"That would be {work:,} updates of a denoiser; here at most {LIVE_STEPS:,}, about half a minute. "
                       "Take one run, fewer generations or fewer updates.")
    drawn = plan.seeds * sum(plan.size(t) for t in range(2, plan.generations + 2))
    if drawn / (plan.keep if plan.regime == "filter" else 1) * plan.options["calls"] / 39 > LIVE_DRAWN:
        raise BadInput(f"Denoisers would draw {drawn:,} points for one another, {plan.options['calls']} network calls each; here at most "
                       f"{LIVE_DRAWN:,} with 39 calls. Take fewer points or generations, fewer calls, or data that grow less.")


@dataclass(frozen=True)
class Band:
    """One reading of one generation over the runs. runs: the first five."""

    mean: float
    q05: float
    q25: float
    median: float
    q75: float
    q95: float
    runs: tuple[float, ...]
    theory: float | None = None


@dataclass(frozen=True)
class Frame:
    """index: the generation. bands: {reading: Band}. generation: as the engine gave it, for pictures."""

    index: int
    bands: dict[str, Band]
    generation: Generation

    def row(self) -> dict:
        """The bands as one row of the table."""
        out: dict = {"generation": self.index}
        for name, band in self.bands.items():
            out |= {f"{name}_{key}": value for key, value in asdict(band).items() if key != "runs" and value is not None}
            out |= {f"{name}_run_{i}": value for i, value in enumerate(band.runs, 1)}
        return out


def band(values: np.ndarray, theory: float | None = None) -> Band:
    at = np.quantile(values, list(QUANTILES.values()))
    return Band(float(values.mean()), **{name: float(x) for name, x in zip(QUANTILES, at, strict=True)},
                runs=tuple(float(x) for x in values[:5]), theory=theory)


def run(s: Settings) -> Iterator[Frame]:
    """Generation 0 to T."""
    for made in stages(s):
        if isinstance(made, Frame):
            yield made


def stages(s: Settings) -> Iterator:
    """As run, with the engine's words on the way to a generation that takes seconds (vae.Fitting)."""
    plan = plan_of(s)
    if s.model == "vae-mnist":
        from genai_core.collapse import mnist_run

        made = mnist_run.kept(s.decoding, plan)
    else:
        made = engines.stages(FAMILIES[s.model].engine, plan)
    from genai_core.collapse import theory_discrete

    engine = FAMILIES[s.model].engine
    known = engines.expected(engine, plan)
    names = {name: reading.theory or name for name, reading in readings.READINGS[s.model].items()}
    if s.model == "digits" and "eigenvalues" in known:
        known = {"variance": _drawn(plan, known["eigenvalues"])}
    if s.model == "gaussian-d" and "logdet" in known:
        known = known | {"log_volume": known["logdet"] / s.dim}
    if s.model == "regression" and "excess" in known:
        known = known | {"labels": 1 + known["excess"]}
    if s.model == "kde" and s.regime == "replace" and s.n <= theory_discrete.EXACT_CHAIN:
        known = known | {"families": theory_discrete.families(s.n, s.generations)}
    for generation in made:
        if not isinstance(generation, Generation):
            yield generation
            continue
        found = readings.readings(s.model, plan, generation)
        exact = {name: float(known[names[name]][generation.index]) for name in found if names[name] in known}
        yield Frame(generation.index, {name: band(values, exact.get(name)) for name, values in found.items()}, generation)


def _drawn(plan: Plan, eigenvalues: np.ndarray) -> np.ndarray:
    """The digits' exact eigenvalues (T + 1, latent) as the share of the data's variance that is drawn."""
    rest = plan.options["noise"] * (len(plan.options["covariance"]) - plan.options["latent"]) if plan.options["decoding"] == "sample" else 0
    return (eigenvalues.sum(1) + rest) / np.trace(plan.options["covariance"])


def updates(s: Settings) -> tuple[int, int] | None:
    """Of the first generation and of each later one, where networks are trained live; None elsewhere."""
    if s.model not in UPDATE_MS:
        return None
    if s.model in POINT_DATA:
        from genai_core.collapse.denoiser import FIRST, LATER

        return s.updates or FIRST, s.updates or LATER
    from genai_core.collapse.vae import KINDS

    kind = KINDS[VAE_DATA[s.model]]
    return s.updates or kind.first, s.updates or kind.updates


def predicted_seconds(s: Settings) -> float | None:
    """Of one core, for all of a live run; None where it is a second or so."""
    if (each := updates(s)) is None:
        return None
    return (s.seeds or FAMILIES[s.model].seeds) * (each[0] + s.generations * each[1]) * UPDATE_MS[s.model] / 1000


def half_life(s: Settings) -> float | None:
    """Generations in which the Gaussian's typical variance halves under replace (exact, from E ln V); None elsewhere."""
    if s.model != "gaussian" or s.regime != "replace":
        return None
    from genai_core.collapse import theory

    rate = math.log(2) / theory.half_life(s.n, s.estimator) - math.log(s.bias)
    return math.log(2) / rate


def conserves(s: Settings) -> bool:
    """Does E m^2 + E V = 1 hold in every generation? It does for maximum likelihood without bias and without a judge."""
    return s.model in GAUSSIANS and s.estimator == "mle" and s.bias == 1 and s.regime != "filter"
