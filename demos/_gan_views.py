"""What one look at a game in the plane shows: the picture with its moves, the curves, the sentence, and whether a broken game is
repaired. Plain data from genai_core.gans in, figures and words out."""

import json
from dataclasses import dataclass, field

from demos import _figures as figures
from demos._lab import View
from demos._session import Quantity
from demos._words import minus, words
from genai_core.gans import zoo
from genai_core.gans.knobs import story
from genai_core.gans.settings import Settings
from genai_core.intervals import wilson

WORDS = words("gan_plane")
SAMPLES, CALLS = 2000, 1000   # points behind each share, and behind the accuracy
NO_PUSH = 0.005
ACTS = ("play", "d", "g", "both", "slow")
D, G, REST = 0, 1, 2          # colours: blue is real and the discriminator's, orange the generator's


def game_view(elem_id: str, value: str = ""):
    """The picture; pressing a move or a broken game is the event `click`, which carries {control: value}."""
    import gradio as gr

    template = (figures.ASSETS / "ui" / "fig_game.html").read_text(encoding="utf-8")
    return gr.HTML(value, html_template=template, elem_id=elem_id,
                   js_on_load="genlens.game(element, props, watch, (settings) => trigger('click', settings));")


@dataclass(frozen=True)
class Story:
    """What all looks at one run share. scene: from the core. case: the broken game it is checked against, "none" for none.

    before: the last row of that broken game in this visit, or None. ghost: rows of the run before, where this one left it.
    began: where this run was taken up. film: recorded frames. presets: {case: {control: value}} for the buttons. measured: figures.
    """

    settings: Settings
    scene: dict
    case: str = "none"
    before: dict | None = None
    ghost: tuple[dict, ...] = ()
    began: int = 0
    presets: dict = field(default_factory=dict)
    measured: dict = field(default_factory=dict)

    def view(self, frame: dict, rows, film=(), slow=()) -> View:
        """frame: as the core saves it. rows: the table up to it. slow: frames of one turn in slow motion, with captions."""
        said = self.sentence(rows[-1])
        drawn = {"game": self.game(frame, said, rows, film, slow), "curves": self.curves(rows, said)}
        return View(drawn, said, self.numbers(rows[-1]), tuple(rows))

    # -- pictures -------------------------------------------------------------------------------------------------

    def game(self, frame: dict, said: str, rows, film, slow) -> str:
        s, by_update = self.settings, {row["update"]: row for row in rows}
        shots = [*({**f, "label": self.sentence(by_update[f["update"]])} for f in film if f["update"] in by_update), *slow]
        parts = [part.split(" ", 1) for part in story(s.parts).split("; ")]
        record = {
            "base": json.dumps([s.data, s.seed, s.noise, s.width, s.points]), "scene": self.scene, "began": self.began,
            "steps": s.steps, "parts": [[int(until), rest] for until, rest in parts], "now": {**frame, "label": said},
            "film": shots or None, "slow": bool(slow) or None, "key": WORDS[f"key {self.tint}"], "case": self.case, "group": "gan_plane",
            "zoo": [{"name": name, "title": WORDS[f"case {name}"], "settings": given} for name, given in self.presets.items()],
            "words": {"acts": [[act, WORDS[act if act in ("play", "slow") else f"step {act}"]] for act in ACTS], "unit": "Update",
                      **{name: WORDS[name] for name in ("moves", "zoo", "brush", "theta", "psi")}}}
        return json.dumps({k: v for k, v in record.items() if v is not None}, separators=(",", ":"), allow_nan=False)

    @property
    def tint(self) -> str:
        if self.settings.data == "dirac":
            return "dirac"
        return "critic" if self.settings.parts[-1].knobs.objective.startswith("wasserstein") else "probability"

    def curves(self, rows, said: str) -> str:
        fork = self.settings.began
        ghost = [row for row in self.ghost if row["update"] >= fork]
        panels = [panel("Losses", rows, ghost, (("discriminator", "d_loss", D), ("generator", "g_loss", G)))]
        if self.settings.data == "dirac":
            panels.append(panel("The two numbers", rows, ghost, (("θ", "theta", G), ("ψ", "psi", D))))
            panels.append(panel("Distance from rest", rows, ghost, (("distance", "radius", REST),), low=0))
        else:
            if any(row["accuracy"] is not None for row in rows):
                right = panel("D is right", rows, ghost, (("of 1,000 points", "accuracy", D),), percent=True, low=0, high=1)
                right["lines"].append(figures.line("guessing", [0, self.settings.steps], [0.5, 0.5], REST, dash=True))
                panels.append(right)
            else:
                panels.append(panel("Push on a fake", rows, ghost, (("mean gradient", "push", G),), low=0))
            if "modes_found" in rows[0]:
                eighths = [{**row, "modes_share": row["modes_found"] / 8} for row in rows]
                before = [{**row, "modes_share": row["modes_found"] / 8} for row in ghost]
                panels.append(panel("Modes", eighths, before, (("found, of 8", "modes_share", G), ("points near one", "near_share", REST)),
                                    percent=True, low=0, high=1))
            else:
                panels.append(panel("Distance from the data", rows, ghost, (("distance", "distance", REST),), low=0))
        return figures.curves_json(panels, f"Curves to update {rows[-1]['update']:,}. {plain(said)}", self.settings.steps, unit="update",
                                   mark=fork or None, group="gan_plane", hint=WORDS["hint fork" if ghost else "hint"])

    # -- words and numbers ----------------------------------------------------------------------------------------

    def sentence(self, row: dict) -> str:
        """The run in words, from its own numbers; and the check of a broken game at its end."""
        fields = {"step": f"{row['update']:,}", "judge": "", "push": ""}
        if "radius" in row:
            place = {name: minus(f"{row[name]:.2f}") for name in ("theta", "psi", "radius")}
            fields["points"] = WORDS["place"].format(**place)
        else:
            if "modes_found" in row:
                fields["points"] = WORDS["modes"].format(found=row["modes_found"], share=percent(row["near_share"]))
            else:
                fields["points"] = WORDS["distance"].format(distance=f"{row['distance']:.2f}")
            judged = row["accuracy"]
            fields["judge"] = " " + (WORDS["judge critic"] if judged is None else WORDS["judge"].format(accuracy=percent(judged)))
            fields["push"] = WORDS["push none" if row["push"] < NO_PUSH else "push"].format(push=f"{row['push']:.2g}")
        said = WORDS["sentence"].format(**fields).strip()
        return " ".join(filter(None, [said, self.check(row)])) if row["update"] == self.settings.steps else said

    def check(self, row: dict) -> str:
        """Whether the broken game is repaired, with its numbers; or what was measured of these very settings."""
        if self.case == "none":
            return self.over_seeds("default") if self.is_default else ""
        case = zoo.CASES[self.case]
        turned = zoo.changed(self.settings, case)
        if not turned:
            broken = WORDS["check broken" if case.broken(row) else "check not broken"]
            return " ".join(filter(None, [broken, self.over_seeds(self.case), WORDS["check same"]]))
        names = ", ".join(f"{LABELS[name]} to {value}" for name, value in values_of(self.settings, turned))
        wanted = WORDS["wanted rest" if self.case == "swing" else "wanted modes"]
        before = result(self.before) if self.before else WORDS["case " + self.case].lower()
        which = "check repaired" if case.repaired(row) else "check open"
        said = plain(WORDS[which].format(before=before, after=result(row), changed=names, wanted=wanted))
        known = next((name for name, knobs in case.repairs.items() if knobs == self.settings.parts[-1].knobs), None)
        return " ".join(filter(None, [said, self.over_seeds(f"repair_{known}")]))

    @property
    def is_default(self) -> bool:
        return self.settings.parts == Settings().parts and self.settings.data == "ring" and self.settings.noise == "gaussian"

    def over_seeds(self, name: str) -> str:
        """What `python -m genai_core measure gan_plane` found of these settings over ten seeds."""
        figure = self.measured.get(name)
        what = WORDS["measured repair" if name.startswith("repair_") else f"measured {name}"] if figure else ""
        return WORDS["measured"].format(good=figure["right"], what=what) if figure else ""

    def numbers(self, row: dict) -> dict[str, Quantity]:
        """What the run leaves in the ledger; a share with its 95% interval."""
        unit = "nats" if self.settings.parts[-1].knobs.objective in ("minimax", "non_saturating", "r1") else ""
        found = {name: Quantity.exact(row[name], unit) for name in ("d_loss", "g_loss")}
        found["push"] = Quantity.exact(row["push"], "per data unit")
        if row["accuracy"] is not None and "radius" not in row:
            found["accuracy_share"] = Quantity(*wilson(row["accuracy"], CALLS))
        if "modes_found" in row:
            found |= {"modes_found": Quantity.exact(row["modes_found"]), "near_share": Quantity(*wilson(row["near_share"], SAMPLES))}
        return found | {name: Quantity.exact(row[name], "data units") for name in ("distance", "radius") if name in row}


LABELS = {"objective": "the objective", "optimiser": "the optimiser", "strength": "the strength", "data": "the data", "noise": "the codes",
          "width": "the units", **{f"{who}_{part}": f"the {name}'s {part}" for who, name in (("d", "discriminator"), ("g", "generator"))
                                   for part in ("rate", "layers", "updates")}}


def values_of(settings: Settings, names) -> list[tuple[str, str]]:
    knobs = settings.parts[-1].knobs
    values = [(name, getattr(knobs, name, getattr(settings, name, ""))) for name in names]
    return [(name, f"{value:g}" if isinstance(value, float) else str(value).replace("_", " ")) for name, value in values]


def result(row: dict) -> str:
    """A run's end in a few words."""
    if "radius" in row:
        return f"{row['radius']:.2f} from rest"
    if "modes_found" in row:
        return f"{row['modes_found']} of 8 modes with {percent(row['near_share'])} of the points on one"
    return f"{row['distance']:.2f} from fresh data"


def percent(share: float) -> str:
    return f"{100 * share:.0f}%"


def plain(text: str) -> str:
    return text.replace("**", "")


def panel(title: str, rows, ghost, lines, **style) -> dict:
    """A panel of curves; faint: the run before, from the fork on."""
    drawn = [figures.line(name, *points(rows, column), colour) for name, column, colour in lines]
    drawn += [figures.line(f"{name}, before", *points(ghost, column), colour, faint=True)
              for name, column, colour in lines if ghost and column in ghost[0]]
    return {"title": title, "unit": "", "lines": drawn, **style}


def points(rows, column: str) -> tuple[list, list]:
    return [r["update"] for r in rows], [float("nan") if r.get(column) is None else r[column] for r in rows]


def captions(stages) -> list[dict]:
    """Frames of slow motion: the core's (stage, numbers, picture), with their captions, in the order they come."""
    found = []
    for k, (stage, numbers, picture) in enumerate(stages, 1):
        told = {name: minus(f"{value:.3f}") if isinstance(value, float) else value for name, value in numbers.items()}
        found.append({**picture, "update": picture["update"], "sub": k, "caption": WORDS[f"slow {stage}"].format(**told), "label": ""})
    return found
