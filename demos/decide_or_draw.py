"""Decide or draw? Six models of the same labelled points: what they decide, how likely they find a place, what they draw."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from importlib import import_module

import gradio as gr

from demos import _figures as figures
from demos import _readings as readings
from demos._controls import Choice, Range, Seed, Text
from demos._lab import Lab, Moment, Predict, View
from demos._own_points import OwnPoints
from demos._page import lab_tab
from demos._session import Quantity
from demos._words import minus, words
from genai_core.decide_or_draw import results
from genai_core.decide_or_draw.settings import DATA, DECIDERS, FAMILIES, LIMITS, Settings, place
from genai_core.intervals import wilson

WORDS = words("decide_or_draw")
CHOICES = ("Naive Bayes all the way", "First naive Bayes, then logistic regression", "First logistic regression, then naive Bayes",
           "Logistic regression all the way")
BAYES, LOGISTIC = 3, 2     # colours that no class of two has
FRESH = 1000               # points behind each share of right answers
SURE, RARE = 0.99, 0.01
D = Settings()


@dataclass(frozen=True)
class Place(Text):
    """Two numbers in one line."""

    def check(self, value) -> str:
        place(value)
        return super().check(value)


def _range(label: str, name: str, step: float = 1) -> Range:
    return Range(label, *LIMITS[name], getattr(D, name), step)


CONTROLS = {
    "data": Choice("Data", DATA, D.data),
    "own": OwnPoints("Own points", {part: WORDS[f"own {part}"] for part in ("title", "table", "none", "few", "used", "odd")}),
    "at": Place("Ask about the point", D.at, longest=60, placeholder="x, y"),
    "climber": Choice("Whose confidence to climb", {name: FAMILIES[name].title for name in DECIDERS}, D.climber),
    "correlation": _range("Correlation in the learning curves", "correlation", 0.05),
    "n": _range("Points", "n", 10),
    "noise": _range("Noise", "noise", 0.05),
    "components": _range("Gaussians a class", "components"),
    "bandwidth": _range("Width of a kernel", "bandwidth", 0.01),
    "features": _range("Features in the learning curves", "features", 4),
    "runs": _range("Runs of the learning curves", "runs", 5),
    "seed": Seed(),
}
EXAMPLES = tuple(dict(zip(("data", "at", "climber", "correlation"), values, strict=True)) for values in (
    ("two_moons", "6, 6", "logistic", 0.1), ("two_moons", "0, 1.5", "svm", 0.1), ("ring", "0.7, 0.2", "logistic", 0.1),
    ("two_gaussians", "0, 0.4", "logistic", 0.0), ("checkerboard", "0.3, 0.3", "forest", 0.6)))
IN_VIEW = ("data", "own", "at", "climber", "correlation")


def fields_view(elem_id: str, value: str = "") -> gr.HTML:
    """Six squares; a place that is pressed is the event `click`, which carries {"at": "x, y"}."""
    template = (figures.ASSETS / "ui" / "fig_fields.html").read_text(encoding="utf-8")
    return gr.HTML(value, html_template=template, elem_id=elem_id,
                   js_on_load="genlens.fields(element, props, watch, (settings) => trigger('click', settings));")


def run(*, memory, **controls) -> Iterator[Moment]:
    """A moment for every model, the question, the climb, and every size of the learning curves."""
    from genai_core.decide_or_draw import experiment

    for frame in experiment.run(Settings(**controls), memory):
        yield Moment(frame.index, frame.steps, partial(look, frame.found))


def replay(recording) -> View:
    """The recorded run at its end."""
    return look(recording.frames[-1])


def look(found: dict) -> View:
    """What is known so far."""
    said = sentence(found)
    drawn = {"fields": fields(found, said)}
    if "asked" in found:
        drawn["answer"] = answer(found)
    if "climb" in found:
        drawn["climb"] = climb(found)
    if any(case["rows"] for case in found.get("growth", ())):
        drawn["growth"] = growth(found)
    return View(drawn, said, quantities(results.numbers(found), found), tuple(results.rows(found)))


# -- pictures -------------------------------------------------------------------------------------------------------

def fields(found: dict, said: str) -> str:
    scene, asked = found["scene"], found.get("asked")
    panels = []
    for name, family in FAMILIES.items():
        model = found["models"].get(name)
        panel = {"name": name, "title": family.title, "draws": family.draws, "notes": {}}
        if model:
            panel |= {part: model[part] for part in ("posterior", "density", "edge", "drawn", "drawn_labels") if part in model}
            panel["notes"] = notes(model, asked and asked["models"][name])
        panels.append(panel)
    paths = []
    if "climb" in found:
        on = [found["climb"]["climber"], "kde"]
        paths = [{"path": way["path"], "dash": kind == "density", "on": on} for kind, way in found["climb"]["ways"].items()]
    return json.dumps({
        **{part: scene[part] for part in ("classes", "real", "labels", "limit", "side", "centre", "unit")}, "panels": panels,
        "at": asked and asked["at"], "paths": paths, "yardstick": "kde", "groups": [WORDS["decides"], WORDS["draws"]],
        "blind": {mode: WORDS[f"blind {mode}"] for mode in ("density", "drawn")},
        "hints": {mode: WORDS[f"hint {mode}"] for mode in ("posterior", "density", "drawn")},
        "said": WORDS["label"].format(said=said)}, separators=(",", ":"), allow_nan=False)


def notes(model: dict, told: dict | None) -> dict[str, list[str]]:
    """Two short lines over a square, for each thing that it can show."""
    right = [WORDS["right"].format(share=percent(model["right_share"]))] if model["right_share"] is not None else []
    found = {"posterior": [*right, WORDS["sure"].format(share=percent(model["sure_share"]))]}
    if told and "below" in told:
        found["density"] = [WORDS["at log"].format(score=number(told["log_density"])),
                            WORDS["at below"].format(share=percent(told["below"]))]
    if "drawn_labels" in model:
        found["drawn"] = [WORDS["new"].format(n=len(model["drawn_labels"]))]
    return found


def answer(found: dict) -> str:
    panels = []
    for name, told in found["asked"]["models"].items():
        note = WORDS["answer note"].format(score=number(told["log_density"]), share=percent(told["below"])) if "below" in told \
            else WORDS["answer none"]
        both = zip(found["scene"]["classes"], told["shares"], strict=True)
        bars = [(f"P({label} | x)", share, chance(share)) for label, share in both]
        panels.append(readings.bars(FAMILIES[name].title, note, bars))
    return readings.bars_json(panels, WORDS["answer label"].format(place=spot(found)))


def climb(found: dict) -> str:
    told, model = found["climb"], FAMILIES[found["climb"]["climber"]].short
    sure, usual = [], []
    for way, name, colour in (("confidence", "up confidence", 3), ("density", "up density", 2)):
        path, steps = told["ways"][way], range(len(told["ways"][way]["path"]))
        sure.append(figures.line(name, steps, path["sure"], colour, dash=way == "density"))
        usual.append(figures.line(name, steps, path["below"], colour, dash=way == "density"))
    panels = [{"title": WORDS["sure title"].format(model=model), "unit": "", "percent": True, "low": 0, "high": 1, "lines": sure},
              {"title": WORDS["usual title"], "unit": "", "percent": True, "low": 0, "high": 1, "lines": usual}]
    longest = max(len(way["path"]) for way in told["ways"].values()) - 1
    label = WORDS["climb label"].format(place=spot(found), model=model, said=climb_sentence(found))
    return figures.curves_json(panels, label, max(1, longest), unit="step", mark=told["ways"]["confidence"]["left"] or None,
                               hint=WORDS["climb hint"])


def growth(found: dict) -> str:
    cases, panels = [case for case in found["growth"] if case["rows"]], []
    rows = [row for case in cases for row in case["rows"]]
    low = min(row[f"{name}_low"] for row in rows for name in ("bayes", "logistic"))
    for case in cases:
        at, lines = [row["examples"] for row in case["rows"]], []
        for name, colour in (("bayes", BAYES), ("logistic", LOGISTIC)):
            column = {part: [row[f"{name}_{part}"] for row in case["rows"]] for part in ("accuracy", "low", "high")}
            lines.append(figures.line(FAMILIES[name].short, at, column["accuracy"], colour, band=(column["low"], column["high"])))
            lines.append(figures.line("", [16, 4096], [1 - case["limits"][name]] * 2, colour, dash=True, faint=True))
        title = WORDS["growth broken"].format(correlation=f"{case['correlation']:g}") if case["correlation"] else WORDS["growth holds"]
        panels.append({"title": title, "unit": WORDS["growth unit"], "percent": True, "low": low, "high": 0.92, "lines": lines})
    hint = WORDS["growth hint"].format(features=cases[0]["features"], runs=cases[0]["runs"], seed=cases[0]["seed"])
    return figures.curves_json(panels, WORDS["growth label"].format(said=growth_sentence(found)), 4096, unit="example", first=16,
                               hint=hint, logx=True)


# -- words and numbers ----------------------------------------------------------------------------------------------

def sentence(found: dict) -> str:
    """The run in words, from its own numbers."""
    parts = []
    if "asked" in found:
        parts.append(asked_sentence(found))
    if "climb" in found:
        parts.append(climb_sentence(found))
    told = found["models"]
    shares = [f"{FAMILIES[name].short} {percent(told[name]['sure_share'])}" for name in DECIDERS if name in told]
    if shares:
        parts.append(WORDS["said models"].format(title=found["scene"]["title"], shares=", ".join(shares)))
    drawers = [f"{FAMILIES[name].short} {percent(told[name]['sure_share'])}" for name, family in FAMILIES.items()
               if family.draws and name in told]
    if drawers:
        parts.append(WORDS["said drawers"].format(shares=", ".join(drawers)))
    return " ".join([*parts, growth_sentence(found)]).strip() or f"{found['scene']['title']}."


def asked_sentence(found: dict) -> str:
    told, classes = found["asked"]["models"], found["scene"]["classes"]
    first = {name: max(range(len(classes)), key=told[name]["shares"].__getitem__) for name in DECIDERS}
    below = told["kde"]["below"]
    surest = max(DECIDERS, key=lambda name: max(told[name]["shares"]))
    sure = max(told[surest]["shares"])
    if below < RARE and sure > SURE:
        return WORDS["said nothing"].format(place=spot(found), model=FAMILIES[surest].short, sure=chance(sure),
                                            first=classes[first[surest]])
    if len(set(first.values())) == 1:
        return WORDS["said asked"].format(place=spot(found), first=classes[first["logistic"]], below=percent(below))
    votes = ", ".join(f"{FAMILIES[name].short} sees {classes[k]}" for name, k in first.items())
    return WORDS["said asked split"].format(place=spot(found), votes=votes, below=percent(below))


def climb_sentence(found: dict) -> str:
    told = found["climb"]
    way = told["ways"]["confidence"]
    stays = "said returns" if way["below"][0] < RARE else "said stays"
    how = stays if way["left"] is None else "said left" if way["left"] else "said outside"
    said = WORDS["said sure" if way["sure"][0] > SURE else "said climb"].format(
        model=FAMILIES[told["climber"]].short, sure=chance(way["sure"][0]), end=chance(way["sure"][-1]),
                                      first=found["scene"]["classes"][told["class"]])
    return said + (", " if how in ("said outside", "said returns") else " ") + WORDS[how].format(left=way["left"]).lstrip(", ")


def growth_sentence(found: dict) -> str:
    case = found.get("growth", [None])[-1]
    told = results.numbers(found)
    if not case or f"{tag(case)}_bayes_accuracy" not in told:
        return ""
    met = told.get(f"{tag(case)}_crossing_examples")
    limits = {name: percent(1 - limit, 1) for name, limit in case["limits"].items()}
    if met and case["correlation"]:
        return WORDS["said crossing"].format(met=number(met), **limits)
    last = case["rows"][-1]
    return WORDS["said no crossing"].format(examples=f"{last['examples']:,}", bayes=percent(last["bayes_accuracy"], 1),
                                            logistic=percent(last["logistic_accuracy"], 1),
                                            **{f"{name}_limit": limit for name, limit in limits.items()})


def tag(case: dict) -> str:
    """How the numbers of a pair of curves begin."""
    return f"correlation_{case['correlation']:g}".replace(".", "_")


def spot(found: dict) -> str:
    x, y = found["asked"]["place"]
    return f"({number(x)}, {number(y)})"


def percent(share: float, digits: int = 0) -> str:
    """A share as one reads it; close to 0 and 1 never rounded to them."""
    if share in (0, 1):
        return f"{share:.0%}"
    if share > 0.999:
        return "over 99.9%"
    return "under 0.1%" if share < 0.001 else f"{100 * share:.{digits if 0.015 < share < 0.985 else 1}f}%"


def chance(p: float) -> str:
    """A probability of a class: none is 0 or 1, though a float may be."""
    return percent(min(max(p, 1e-12), 1 - 1e-12))


def number(value: float) -> str:
    return minus(f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}")


def quantities(told: dict[str, float], found: dict) -> dict[str, Quantity]:
    """The run's numbers for the ledger: shares of fresh points with their 95% interval, accuracies with the band of the runs."""
    listed = {}
    bands = {f"{tag(case)}_{name}_accuracy": (case["rows"][-1][f"{name}_low"], case["rows"][-1][f"{name}_high"])
             for case in found.get("growth", ()) if case["rows"] for name in case["limits"]}
    for name, value in told.items():
        if name.endswith("_right_share"):
            listed[name] = Quantity(*wilson(value, FRESH))
        elif name in bands:
            listed[name] = Quantity(bands[name][0], value, bands[name][1])
        else:
            unit = "nats" if name.endswith("_log_density") else "examples" if name.endswith("_examples") else ""
            listed[name] = Quantity.exact(value, unit)
    return listed


def verdict(shown: dict[str, Quantity]) -> str:
    """Which guess came true, for the curves with the highest correlation."""
    end = "_bayes_accuracy"
    last = [name.removesuffix(end) for name in shown if name.endswith(end) and "_first_" not in name][-1]
    began, ended = (shown[f"{last}{when}{end}"].value >= shown[f"{last}{when}_logistic_accuracy"].value for when in ("_first", ""))
    return CHOICES[0 if began and ended else 1 if began else 2 if ended else 3]


def notebook(**controls) -> dict:
    from genai_core.decide_or_draw import export

    return export.notebook(Settings(**controls))


def sources() -> tuple:
    """What ran, for "Under the hood"."""
    from genai_core.decide_or_draw import crossing, families, sureness

    return families.Drawer, families.fitted, sureness.climb, sureness.sure_share, crossing.case, crossing.Case


def warm() -> None:
    """Load scikit-learn behind the first page."""
    import_module("genai_core.decide_or_draw.experiment")


PICTURES = {"fields": fields_view, "answer": readings.bars_view, "climb": figures.curves_view, "growth": figures.curves_view}
LAB = Lab(controls=CONTROLS, run=run, pictures=PICTURES, more=tuple(name for name in CONTROLS if name not in IN_VIEW),
          predict=Predict(CHOICES, verdict), sources=sources, replay=replay,
          examples=EXAMPLES, example_names=tuple(WORDS[f"example {name}"] for name in ("far", "svm", "line", "right", "copies")),
          notebook=notebook, picks=("fields",), remembers=True, unit="step", warm=warm)
TAB = lab_tab("Learn", 5, "Decide or draw?", LAB)
