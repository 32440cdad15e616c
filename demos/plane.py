"""Learn a shape: a VAE and a GAN learn the same points, side by side. The core computes; here its answer is drawn."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace

from demos import _figures as figures
from demos._controls import Choice, Range, Seed
from demos._lab import Lab, Moment, Predict, View
from demos._page import lab_tab
from demos._session import Quantity
from demos._words import words
from genai_core.intervals import wilson

WORDS = words("plane")
NAMES = {"vae": "VAE", "gan": "GAN"}
COLOURS = {"vae": 0, "gan": 1, "discriminator": 2}
MODES = 8
SAMPLES = 500        # points behind each share
CHOICES = ("All 8", "5 to 7", "4 or fewer")


@dataclass(frozen=True)
class Earlier:
    """The learning rates up to where a run is taken up again: "0.001 until 1200", or empty for none."""

    label: str = "Go on from"
    default: str = ""
    longest: int = 200

    def check(self, value) -> str:
        from genai_core import plane
        from genai_core.errors import BadInput

        if not isinstance(value, str) or len(value) > self.longest:
            raise BadInput(f"{self.label}: write at most {self.longest} characters, for example 0.001 until 1200.")
        plane.schedule(1e-3, value)
        return value.strip()

    read = check

    def write(self, value: str) -> str:
        return value

    def widget(self, info: str, elem_id: str):
        import gradio as gr

        return gr.Textbox(self.default, label=self.label, info=info, lines=1, max_lines=1, elem_id=elem_id,
                          placeholder="the start")


CONTROLS = {
    "model": Choice("Model", {"both": "Both", "vae": "VAE", "gan": "GAN"}, "both"),
    "data": Choice("Data", {"ring": "Ring of eight", "two_moons": "Two moons", "spiral": "Spiral"}, "ring"),
    "steps": Range("Updates", 100, 12000, 3000, 100),
    "rate": Range("Learning rate", 0.0001, 0.01, 0.001, 0.0001),
    "earlier": Earlier(),
    "balance": Range("Discriminator's rate, times the generator's", 0.25, 4, 2, 0.25),
    "seed": Seed(),
}


def settings_of(*, model, data, steps, rate, earlier, balance, seed):
    """The controls' values as the core's Settings; BadInput where they do not go together."""
    from genai_core import plane

    return plane.Settings(model, data, steps, seed, balance, plane.schedule(rate, earlier))


def run(*, memory, **controls) -> Iterator[Moment]:
    """Moments of a live run. memory: this visit's states and last table, so that going on does not start over."""
    from genai_core import plane

    settings, old, rows = settings_of(**controls), memory.get("last"), ()
    run_of = Run(settings, plane.scene(settings), old[1] if old and _forked(settings, old[0]) else ())
    try:
        for frame in plane.run(settings, memory):
            rows = frame.rows
            yield Moment(frame.index, frame.steps, partial(run_of.view, plane.saved(frame), rows))
    finally:
        if rows:
            memory["last"] = (settings, rows)


def _forked(settings, old) -> bool:
    """Did the run before pass through the state from which this one goes on?"""
    began = settings.rates[-1][0]
    return began > 0 and old.lineage(began) == settings.lineage(began)


def replay(recording) -> View:
    """The recorded run at its end, with its film."""
    s = recording.manifest["settings"]
    return Run(SimpleNamespace(**s), recording.scene).view(recording.frames[-1], recording.rows, recording.frames)


@dataclass(frozen=True)
class Run:
    """What all looks at one run share. settings: the core's, or equal fields. scene: what frames are drawn over.

    ghost: rows of the run before, where this one left its path: they stay on the curves, faint.
    """

    settings: object
    scene: dict
    ghost: tuple[dict, ...] = ()

    def view(self, frame: dict, rows, film=()) -> View:
        """frame: {"update", "samples"} as the core saves it. rows: the table up to it. film: frames to scrub at once."""
        said = self.sentence(rows[-1])
        return View({"points": self.points(frame, rows, film), "curves": self.curves(rows, said)}, said,
                    self.numbers(rows[-1]), tuple(rows))

    def points(self, frame: dict, rows, film) -> str:
        s, by_update = self.settings, {r["update"]: r for r in rows}
        shots = [{"step": f["update"], "label": self.sentence(by_update[f["update"]]),
                  "panels": self.panels(f, by_update[f["update"]])} for f in film]
        return figures.scatter_json(
            self.scene["real"], self.panels(frame, rows[-1]), self.sentence(rows[-1]), frame["update"], s.steps,
            unit="update", modes=self.scene["modes"], base=f"{s.model} {s.data} {s.seed} {s.balance:g}", rates=s.rates,
            began=s.rates[-1][0], rewind={"control": "plane-earlier", "focus": "plane-rate"}, group="plane",
            film=shots or None)

    def panels(self, frame: dict, row: dict) -> list[dict]:
        """One square per model, with its counts as a note."""
        return [figures.panel(NAMES[m], note(m, row), samples, COLOURS[m]) for m, samples in frame["samples"].items()]

    def curves(self, rows, said: str) -> str:
        s, began = self.settings, self.settings.rates[-1][0]
        ghost = [r for r in self.ghost if r["update"] >= began]
        plots = [losses_panel(model, rows, ghost) for model in models_in(rows)] + [quality_panel(rows, ghost)]
        return figures.curves_json(plots, f"Curves to update {rows[-1]['update']:,}. {said}", s.steps, unit="update",
                                   mark=began or None, group="plane", hint=WORDS["hint fork" if ghost else "hint"])

    def sentence(self, row: dict) -> str:
        """The run in words, from its own numbers."""
        said = []
        for m in models_in([row]):
            fields = {"model": NAMES[m], "distance": f"{row[m + '_distance']:.2f}"}
            which = "distance"
            if f"{m}_near_share" in row:
                share = f"{row[m + '_near_share']:.0%}"
                fields |= {"found": row[f"{m}_modes_found"], "share": share, "rest": f"{100 - int(share[:-1])}%"}
                which = "clumps" if share != "100%" else "clumps all"
            said.append(WORDS[which].format(**fields))
        whole = WORDS["sentence" if self.scene["modes"] else "sentence distance"]
        return whole.format(step=f"{row['update']:,}", said="; ".join(said), floor=f"{self.scene['floor']:.2f}")

    def numbers(self, row: dict) -> dict[str, Quantity]:
        """What the run leaves in the ledger; a share with its 95% interval."""
        found = {"distance_floor": Quantity.exact(self.scene["floor"], "data units")}
        for name, value in row.items():
            if name.endswith("_loss"):
                found[name] = Quantity.exact(value, "nats")
            elif name.endswith("_distance"):
                found[name] = Quantity.exact(value, "data units")
            elif name.endswith("_modes_found"):
                found[name] = Quantity.exact(value)
            elif name.endswith("_near_share"):
                found[name] = Quantity(*wilson(value, SAMPLES))
        return found


def models_in(rows) -> list[str]:
    return [m for m in NAMES if f"{m}_distance" in rows[0]]


def note(model: str, row: dict) -> str:
    """A few words beside a square's title."""
    if f"{model}_modes_found" not in row:
        return f"distance {row[model + '_distance']:.2f}"
    return f"{row[model + '_modes_found']} of {MODES} clumps · {row[model + '_near_share']:.0%} on one"


def losses_panel(model: str, rows, ghost) -> dict:
    """The losses of one model, each point the mean since the one before; faint: the run before, from the fork on."""
    lines = []
    for name, column, dash in {"vae": (("VAE", "vae_loss_mean", False),),
                               "gan": (("generator", "gan_generator_loss_mean", False),
                                       ("discriminator", "gan_discriminator_loss_mean", True))}[model]:
        lines.append(curve(name, column, rows, COLOURS[model if not dash else "discriminator"], dash=dash))
        if ghost:
            lines.append(curve(f"{name}, before", column, ghost, lines[-1]["colour"], dash=dash, faint=True))
    return {"title": f"{NAMES[model]} loss", "unit": "nats", "log": model == "vae", "lines": lines}


def quality_panel(rows, ghost) -> dict:
    """What the losses do not say: the share of points on a clump, or the distance where there are no clumps."""
    clumps = any(name.endswith("_near_share") for name in rows[0])
    column = "near_share" if clumps else "distance"
    lines = [curve(NAMES[m], f"{m}_{column}", rows, COLOURS[m]) for m in models_in(rows)]
    if ghost:
        lines += [curve(f"{NAMES[m]}, before", f"{m}_{column}", ghost, COLOURS[m], faint=True)
                  for m in models_in(rows)]
    if clumps:
        return {"title": "Points on a clump", "unit": "", "percent": True, "low": 0, "high": 1, "lines": lines}
    return {"title": "Distance", "unit": "data units", "low": 0, "lines": lines}


def curve(name: str, column: str, rows, colour: int, **style) -> dict:
    return figures.line(name, [r["update"] for r in rows], [r[column] for r in rows], colour, **style)


def verdict(shown: dict[str, Quantity]) -> str:
    """Which guess came true: for the GAN, or for the VAE where it ran alone."""
    found = shown.get("gan_modes_found") or shown.get("vae_modes_found")
    if found is None:
        return WORDS["no clumps"]
    return CHOICES[0] if found.value == MODES else CHOICES[1] if found.value >= 5 else CHOICES[2]


def notebook(**controls) -> dict:
    from genai_core import notebook as notebooks

    return notebooks.plane_notebook(settings_of(**controls))


def sources() -> tuple:
    """What ran, for "Under the hood"; called when it is opened, so that the page does not wait for torch."""
    from genai_core import plane, training
    from genai_core.models.gan import GAN
    from genai_core.models.vae import VAE

    return VAE.turns, GAN.turns, training.train, plane.run


LAB = Lab(controls=CONTROLS, run=run, pictures={"points": figures.scatter_view, "curves": figures.curves_view},
          more=("balance",), predict=Predict(CHOICES, verdict), sources=sources,
          replay=replay, notebook=notebook, remembers=True,
          unit="update")
TAB = lab_tab("Learn", 10, "Learn a shape", LAB)
