"""Model collapse: models that learn from models, many runs at once, with the exact theory beside them. The core computes."""

import math
import time
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial

from demos import _bands as figures
from demos._controls import Choice, Range, Seed, Switch, Text
from demos._lab import Lab, Moment, Predict, View
from demos._page import lab_tab
from demos._session import Quantity
from demos._words import words
from genai_core.collapse import experiment, readings
from genai_core.collapse.experiment import FAMILIES, FITTED, MOST_AXES, POINT_DATA, VAE_DATA, Settings, conserves
from genai_core.collapse.phase import BY_GENERATION, FEW_RUNS, WITHOUT
from genai_core.collapse.plan import REGIMES
from genai_core.collapse.readings import READINGS, SORTS
from genai_core.collapse.scenarios import DIGITS, GAUSSIAN, OTHERS, POINTS, SCENARIOS

WORDS = words("collapse")
CHOICES = ("More than the truth has", "Nearly all of it", "Part of it", "Almost nothing")
MORE, ALL, LITTLE = 1.2, 0.8, 0.2  # shares of the truth's spread that part them
HURRIED = 300  # updates of a generation of VAEs, fewer than which leave even the first one grey; of denoisers, blurred
D = Settings()

CONTROLS = {
    "model": Choice("Model", {name: family.title for name, family in FAMILIES.items()}, D.model),
    "regime": Choice("What each model learns from", {name: regime.title for name, regime in REGIMES.items()}, D.regime),
    "n": Range("Data per generation", 2, 5000, D.n),
    "real": Range("Real share", 0, 1, D.real, 0.01),
    "generations": Range("Generations", 1, 500, D.generations),
    "counts": Choice("Your definition of collapse", {"usual": "The usual one for the model", **SORTS}, D.counts),
    "over": Choice("The map runs over", {"n": "Data per generation", "generations": "Generations"}, D.over),
    "estimator": Choice("Estimator", {"mle": "Maximum likelihood", "unbiased": "Unbiased"}, D.estimator),
    "bias": Range("Sampling bias", 0.05, 1, D.bias, 0.05),
    "seeds": Range("Runs (0: as many as suit)", 0, 1000, D.seeds),
    "since": Range("Real data from generation", 0, 500, D.since),
    "pool": Range("Real points in the pool (0: n)", 0, 5000, D.pool),
    "weight": Range("Weight of real data", 0, 1, D.weight, 0.001),
    "growth": Range("Growth of the data", 0, 3, D.growth, 0.1),
    "keep": Range("Share that the judge keeps", 0.05, 1, D.keep, 0.05),
    "judge": Range("What the judge likes", -4, 4, D.judge, 0.1),
    "dim": Range("Dimensions", 2, MOST_AXES, D.dim),
    "categories": Range("Words in the language", 2, 2000, D.categories),
    "zipf": Range("Zipf's exponent", 0, 3, D.zipf, 0.1),
    "temperature": Range("Temperature", 0.1, 3, D.temperature, 0.05),
    "top_p": Range("Top-p", 0.05, 1, D.top_p, 0.05),
    "bandwidth": Choice("Bandwidth", {"constant": "Constant", "scott": "Scott's rule", "shrunk": "Scott's, variance kept"}, D.bandwidth),
    "width": Range("Constant bandwidth", 0.01, 2, D.width, 0.01),
    "order": Range("Letters it looks back", 1, 3, D.order),
    "text": Text("Your text", D.text, longest=20_000, lines=3, placeholder=WORDS["own text"], optional=True),
    "decoding": Choice("Digits are drawn as", {"mean": "Decoder mean", "sample": "Sample"}, D.decoding),
    "latent": Range("Directions the model has", 1, 32, D.latent),
    "noise": Range("Decoder's noise (0: as the data leave)", 0, 0.2, D.noise, 0.001),
    "population": Switch("Infinitely many digits", D.population),
    "updates": Range("Updates per generation (0: enough)", 0, 10_000, D.updates),
    "calls": Range("Network calls for each point", 4, 200, D.calls),
    "seed": Seed(),
}
# where each of the others matters; it stands also where it is not at its default
VAES, POINT_MODELS = "vae|vae-strokes", "|".join(POINT_DATA)
SIZED = "|".join(name for name in FAMILIES if name not in (*WITHOUT, *BY_GENERATION))
WHERE = {"over": f"model={SIZED}", "estimator": "model=gaussian|gaussian-d|kde", "bias": "model=gaussian|gaussian-d",
         "since": "regime=" + "|".join(name for name, regime in REGIMES.items() if regime.real),
         "pool": "regime=pool", "weight": "regime=weighted", "growth": "regime=grow", "keep": "regime=filter", "judge": "regime=filter",
         "categories": "model=words", "zipf": "model=words", "temperature": "model=words|letters", "top_p": "model=words",
         "dim": "model=gaussian-d", "calls": f"model={POINT_MODELS}", "bandwidth": "model=kde",
         "width": "model=kde&bandwidth=constant", "order": "model=letters", "text": "model=letters",
         "decoding": f"model=digits|{VAES}|vae-mnist", "latent": f"model=digits|{VAES}", "noise": "model=digits",
         "population": f"model=digits|{VAES}", "updates": f"model={VAES}|{POINT_MODELS}"}
SOON_S = 2.0  # of a run, before it says how long it will take
IN_VIEW = ("model", "regime", "n", "real", "generations", "seed")


def run(**controls) -> Iterator[Moment]:
    """A moment for every generation, then for every cell of the map."""
    from genai_core.collapse import phase
    from genai_core.collapse.drawn import Gallery

    settings = Settings(**controls)
    gallery, rows, cells, grid = Gallery(settings), [], [], phase.axes(settings)
    story = Story(settings, gallery.kind, gallery.truth(), asdict(grid), experiment.half_life(settings))
    first, fitted = None, False
    for frame in experiment.stages(settings):
        if not isinstance(frame, experiment.Frame):
            fitted = True
            yield Moment(frame.index, settings.generations, partial(story.meanwhile, frame, rows, gallery.rows))
            continue
        gallery.add(frame)
        rows.append(frame.row())
        if first is None:
            first = readings.readings(settings.model, gallery.plan, frame.generation)
            story.truth = readings.truth(settings.model, gallery.plan, first)
        yield Moment(frame.index, settings.generations, partial(story.view, rows, gallery.rows, cells), fitted)
    for cell in phase.cells(settings):
        cells.append(asdict(cell))
        yield Moment(settings.generations, settings.generations, partial(story.view, rows, gallery.rows, cells))


def replay(recording) -> View:
    """The recorded run at its end."""
    settings, scene = Settings(**recording.manifest["settings"]), recording.scene
    story = Story(settings, scene["kind"], scene["over"], scene["axes"], scene["half_life"])
    story.truth = scene["truth"]
    return story.view(recording.rows, recording.frames, scene["cells"])


class Story:
    """What all looks at one run share. kind, over: of its drawings. axes: of its map. half: half-life of the variance.
    truth: {reading: value}."""

    def __init__(self, settings: Settings, kind: str, over: dict, axes: dict, half: float | None):
        self.s, self.kind, self.over, self.axes, self.half = settings, kind, over, axes, half
        self.truth: dict[str, float] = {}
        self.looked: tuple | None = None
        self.began, self.ahead = time.monotonic(), experiment.updates(settings)
        self.chosen = readings.chosen(settings.model, settings.counts)

    def view(self, rows, drawn, cells) -> View:
        self.look(rows, drawn)
        _, said, pictures = self.looked
        return View(pictures | {"map": self.map(cells, rows)}, said, self.numbers(rows), tuple(rows),
                    recorded=self.s.model == "vae-mnist")

    def look(self, rows, drawn) -> bool:
        """Draw what the rows say, unless it is drawn: while the map is made, or a network learns, nothing else changes."""
        if fresh := self.looked is None or self.looked[0] != len(rows):
            said = self.sentence(rows)
            self.looked = len(rows), said, {"draws": self.draws(drawn), "bands": self.bands(rows, said)}
        return fresh

    def meanwhile(self, fitting, rows, drawn) -> View:
        """While a generation learns, the pictures stay as they are; unless the last one ended between two looks, and none saw it."""
        said = [WORDS["learning"].format(generation=fitting.index, done=fitting.done, of=fitting.of)]
        if fitting.chains > 1:
            said.append(WORDS["learning run"].format(run=fitting.chain + 1, runs=fitting.chains))
        said = " ".join(filter(None, (*said, self.left(fitting))))
        if not rows:
            return View({}, said, {}, ())
        pictures = self.looked[2] if self.look(rows, drawn) else {}
        return View(pictures, f"{self.looked[1]} {said}", self.numbers(rows), tuple(rows))

    def left(self, fitting) -> str:
        """How long the run will still take, by how fast it has been."""
        chains, (first, later) = fitting.chains, self.ahead
        before = fitting.index and chains * (first + (fitting.index - 1) * later)
        done, gone = before + fitting.chain * fitting.of + fitting.done, time.monotonic() - self.began
        if gone < SOON_S:
            return ""
        return WORDS["left"].format(seconds=number(math.ceil(gone * (chains * (first + self.s.generations * later) / done - 1))))

    # -- pictures -------------------------------------------------------------------------------------------------

    def draws(self, drawn) -> str:
        shown = [row | {"title": WORDS["generation"].format(g=row["generation"]), "note": self.note(row)} for row in drawn]
        label = WORDS[f"{self.kind} label"].format(generations=", ".join(str(row["generation"]) for row in drawn))
        key = WORDS["codes key" if self.s.model in VAE_DATA else f"{self.s.model} key" if self.s.model in ("kde", "gaussian-d") else
                    f"{self.kind} key"]
        return figures.draws_json(self.kind, shown, self.over, label, key, axis=WORDS.get(f"{self.kind} axis", ""))

    def note(self, row: dict) -> str:
        if self.kind == "bars":
            return WORDS["words left"].format(left=row["left"], of=self.over["words"])
        if "modes" in row:
            return WORDS["modes left"].format(left=row["modes"])
        if "family" in row:
            return WORDS["families left"].format(left=row["left"])
        if self.kind == "texts":
            gone = WORDS["gone"].format(words=", ".join(row["gone"])) if row["gone"] else WORDS["none gone"]
            return f"{WORDS['words left'].format(left=row['left'], of=row['of'])}. {gone}"
        return ""

    def bands(self, rows, said: str) -> str:
        known = READINGS[self.s.model]
        adds_up = conserves(self.s)
        panels = [figures.band_panel(r.title, r.unit, rows, name, log=r.log, percent=r.percent,
                                     truth=self.truth.get(name))
                  for name, r in sorted(known.items(), key=lambda item: item[0] != self.chosen)
                  if not adds_up or name != "mean_square" or name == self.chosen]
        if adds_up:
            panels.append(self.conservation(rows))  # it holds the squared mean, too
        return figures.bands_json(panels, WORDS["bands label"].format(said=said), self.s.generations, WORDS["bands hint"])

    def conservation(self, rows) -> dict:
        """Mean variance, mean squared mean, and their sum, which stays 1."""
        kept, drift = [row["var_mean"] for row in rows], [row["mean_square_mean"] for row in rows]
        both = [a + b for a, b in zip(kept, drift, strict=True)]
        return figures.line_panel(WORDS["conserved"], WORDS["conserved unit"],
                                  [(WORDS["kept"], kept, 0, False), (WORDS["drifted"], drift, 1, False), (WORDS["both"], both, 2, True)],
                                  truth=1.0)

    def map(self, cells, rows) -> str:
        if self.s.model in WITHOUT:
            if rows[-1]["generation"] < self.s.generations:
                return ""
            return figures.phase_json("", WORDS["no map"], "", [], [], [], "", WORDS["no map"])
        if not cells:
            return ""
        reading = READINGS[self.s.model][self.chosen]
        real, over = self.axes["rows"] == "real", self.axes["columns"]
        names = [f"{value:.0%} real" if real else REGIMES[value].title for value in self.axes["values"]]
        made = []
        for cell in cells:
            text = "–" if cell["value"] is None else short(cell["value"], reading.percent)
            about = cell["why"] or WORDS["cell"].format(title=reading.title.lower(), value=text)
            made.append({"text": text, "about": about, "level": round(cell["severity"], 3), "settings": cell["settings"]})
        mine = self.s.real if real else self.s.regime
        here = f"{self.axes['values'].index(mine)},{self.axes['sizes'].index(getattr(self.s, over))}"
        title = WORDS[f"map title {over}"].format(title=reading.title.lower(), generations=self.s.generations)
        if self.s.model in BY_GENERATION and not self.s.seeds:
            title += WORDS["map few"].format(runs=FEW_RUNS)
        columns = [WORDS[f"map column {over}"].format(at=f"{at:,}") for at in self.axes["sizes"]]
        return figures.phase_json(title, WORDS["map label"].format(title=title), WORDS["map corner real" if real else "map corner"],
                                  names, columns, made, here, WORDS["map hint"])

    # -- words and numbers ----------------------------------------------------------------------------------------

    def sentence(self, rows) -> str:
        """The run in words, from its own numbers."""
        last, name = rows[-1], self.chosen
        reading, at = READINGS[self.s.model][name], partial(self.told, last, name)
        one = at("q05") == at("q95")
        kind = ("run" if one else "runs") if self.s.model in VAE_DATA else "one" if one and self.s.model in POINT_DATA else ""
        said = WORDS[f"sentence {kind}".strip()].format(
            generation=last["generation"], title=reading.title[0].lower() + reading.title[1:], median=at("median"), low=at("q05"),
            high=at("q95"), mean=at("mean"), truth=number(self.truth[name], reading.percent),
            theory=WORDS["theory"].format(theory=at("theory")) if f"{name}_theory" in last else "")
        parts = [said, self.verdicts(rows)]
        if self.half:
            parts.append(WORDS["half-life"].format(half=number(self.half)))
        if self.s.model == "vae-mnist":
            from genai_core.collapse import mnist_run

            parts.append(WORDS["recorded mnist"].format(**mnist_run.about()))
        if self.s.model in FITTED and 0 < self.s.updates < HURRIED:
            parts.append(WORDS["hurried" if self.s.model in VAE_DATA else "hurried points"])
        if last["generation"] == self.s.generations and (paper := self.paper()):
            shares = {name for name, reading in READINGS[self.s.model].items() if reading.percent}
            told = {key: number(value, key.rpartition("_")[0] in shares) for key, value in last.items()}
            parts.append(WORDS[f"report {paper}"].format(**told))
        return " ".join(parts)

    def told(self, row: dict, name: str, which: str) -> str:
        return number(row[f"{name}_{which}"], READINGS[self.s.model][name].percent)

    def verdicts(self, rows) -> str:
        """Whether, and when, the typical run had collapsed, by every definition: they disagree."""
        found = []
        for name, reading in READINGS[self.s.model].items():
            if not reading.sort:
                continue
            at = readings.collapsed_at(reading, [row[f"{name}_median"] for row in rows], self.truth[name])
            found.append(WORDS["never" if at is None else "when"].format(sort=SORTS[reading.sort].lower(), at=at))
        return WORDS["verdicts"].format(found="; ".join(found))

    def paper(self) -> str | None:
        """The scenario that these settings are, whatever the seed."""
        mine = asdict(self.s) | {"seed": 0}
        return next((name for name, settings in SCENARIOS.items() if asdict(settings) == mine), None)

    def numbers(self, rows) -> dict[str, Quantity]:
        """Medians with their middle halves, and the share of the truth's spread that the typical run has."""
        last, found = rows[-1], {}
        for name, reading in READINGS[self.s.model].items():
            unit = "" if reading.percent else reading.unit
            found[name] = Quantity(last[f"{name}_q25"], last[f"{name}_median"], last[f"{name}_q75"], unit)
        name = readings.chosen(self.s.model, "spread")
        if true := self.truth[name]:
            found["spread_kept"] = Quantity(*(last[f"{name}_{q}"] / true for q in ("q25", "median", "q75")))
        return found


def number(value: float, percent: bool = False) -> str:
    """Three digits that are read easily."""
    if percent:
        return f"{100 * value:.3g}%"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.1e}" if 0 < abs(value) < 1e-4 else f"{value:.3g}"


def short(value: float, percent: bool) -> str:
    """Two digits, for a cell of the map."""
    if percent:
        return f"{100 * value:.0f}%"
    return "<0.01" if 0 < value < 0.01 else f"{value:.2g}" if abs(value) < 10 else f"{value:.0f}"


def verdict(shown: dict[str, Quantity]) -> str:
    """Which guess came true: how much of the truth's spread the typical run has at the end."""
    kept = shown["spread_kept"].value if "spread_kept" in shown else 0.0
    return CHOICES[0] if kept > MORE else CHOICES[1] if kept >= ALL else CHOICES[2] if kept >= LITTLE else CHOICES[3]


def sources() -> tuple:
    """What ran, for "Under the hood"."""
    from genai_core.collapse import categorical, gaussian, theory

    return gaussian.generations, categorical.generations, theory.replace_gaussian, theory.mixed_gaussian, readings.severity


def notebook(**controls) -> dict:
    from genai_core.collapse import export

    return export.notebook(Settings(**controls))


def hint(**controls) -> str:
    """How long networks will learn, before they do."""
    settings = Settings(**controls)
    experiment.plan_of(settings)
    seconds = experiment.predicted_seconds(settings)
    return "" if seconds is None else WORDS["predicted"].format(seconds=number(math.ceil(seconds)))


def warm() -> None:
    """The classifier that reads 8x8 digits, and what real points would read, before the first run waits for them."""
    from genai_core.collapse import denoiser, vae

    vae.true_features("digits")
    denoiser.truth("ring")


def example(settings: Settings) -> dict:
    """A scenario as the controls' values."""
    return {name: value for name, value in asdict(settings).items() if name != "seed"}


LAB = Lab(controls=CONTROLS, run=run, pictures={"draws": figures.draws_view, "bands": figures.bands_view, "map": figures.phase_view},
          more=tuple(name for name in CONTROLS if name not in IN_VIEW), where=WHERE, predict=Predict(CHOICES, verdict), sources=sources,
          replay=replay, examples=tuple(example(s) for s in SCENARIOS.values()),
          example_names=tuple(WORDS[f"name {name}"] for name in SCENARIOS),
          example_groups=tuple((WORDS[f"try {sort}"], len(some))
                               for sort, some in (("digits", DIGITS), ("points", POINTS), ("gaussian", GAUSSIAN), ("others", OTHERS))),
          picks=("map",), unit="generation", notebook=notebook, warm=warm, hint=hint)
TAB = lab_tab("Impact", 20, "Model collapse", LAB)
