"""Diffusion: data dissolve in noise, a network learns to take it away, and samplers go back. The core computes; here it is drawn."""

from collections.abc import Iterator
from functools import partial
from types import SimpleNamespace

from demos import _figures as figures
from demos._controls import Choice, Range, Seed, Text
from demos._diffusion_views import WORDS, Story, little, shot, tiny
from demos._lab import Lab, Moment, Predict, View
from demos._page import lab_tab
from demos._session import Quantity

CHOICES = ("In the first half", "In the third quarter", "In the last quarter")

CONTROLS = {
    "part": Choice("What happens", {"forward": "Forward: data dissolve", "train": "Train: learn to denoise",
                                    "reverse": "Reverse: noise becomes data", "calls": "Quality against network calls",
                                    "latent": "Latent diffusion"}, "reverse"),
    "data": Choice("Data", {"ring": "Ring of eight", "two_moons": "Two moons", "spiral": "Spiral", "pinwheel": "Pinwheel",
                            "checkerboard": "Checkerboard", "off_centre": "Ring, off centre", "strokes": "Digits, 28 × 28"}, "ring"),
    "sampler": Choice("Sampler", {"ddpm": "DDPM", "ddim": "DDIM", "euler": "Probability-flow ODE, Euler",
                                  "heun": "Probability-flow ODE, Heun", "langevin": "Annealed Langevin"}, "ddpm"),
    "calls": Range("Network calls", 4, 1000, 50),
    "schedule": Choice("Noise schedule", {"cosine": "Cosine", "linear": "Linear", "scaled": "Linear, fitted to T"}, "cosine"),
    "length": Range("Timesteps T of the chain", 4, 1000, 1000),
    "eta": Range("Stochasticity of DDIM (eta)", 0, 1, 0, 0.05),
    "denoiser": Choice("Denoiser", {"network": "The network, trained here", "exact": "The exact answer (rings)"}, "network"),
    "target": Choice("The network answers", {"v": "v", "epsilon": "the noise (epsilon)", "x0": "the clean data (x0)"}, "v"),
    "updates": Range("Updates of the weights", 100, 6000, 2000, 100),
    "digit": Choice("Digit", {"any": "Any", **{d: d for d in "0123456789"}}, "any"),
    "guidance": Range("Guidance", 0, 10, 2, 0.5),
    "prompt": Text("Sentence for latents", "a large yellow star on sky", longest=200),
    "seed": Seed(),
}
IN_VIEW = ("part", "data", "sampler", "calls", "schedule", "seed")
DEFAULTS = {name: control.default for name, control in CONTROLS.items()}
EXAMPLES = {
    "noise": {"part": "forward", "data": "strokes"},
    "short": {"data": "off_centre", "schedule": "linear", "length": 50, "denoiser": "exact"},
    "straight": {"sampler": "heun", "calls": 25},
    "langevin": {"sampler": "langevin", "calls": 500, "denoiser": "exact"},
    "calls": {"part": "calls", "denoiser": "exact"},
    "seven": {"data": "strokes", "sampler": "ddim", "calls": 25, "digit": "7"},
    "latent": {"part": "latent", "sampler": "ddim", "calls": 25, "guidance": 3},
}


def settings_of(**controls):
    """The controls' values as the core's Settings; BadInput where they do not go together."""
    from genai_core.diffusion.experiment import Settings

    return Settings(**controls)


def run(*, memory, **controls) -> Iterator[Moment]:
    """Moments of a live run. memory: this visit's trained network, so that the next run need not train it again."""
    from genai_core.diffusion import experiment, recording

    asked = settings_of(**controls)
    frames = experiment.run(asked, memory)
    story, n = Story(asked, recording.scene(asked)), 0
    for frame in frames:
        story.add(shot(frame), frame.losses)
        n = max(1, frame.index)
        yield Moment(n, frame.steps, partial(look, story, n, frame.steps))


def look(story: Story, index: int, steps: int) -> View:
    learning = not story.rows
    drawn, said, numbers = story.view(index, steps, over=not learning and index >= steps)
    return View(drawn, said, numbers, tuple(story.rows))


def replay(recording) -> View:
    """The recorded run at its end, with its film."""
    story = Story(SimpleNamespace(**recording.manifest["settings"]), recording.scene)
    for made in recording.frames:
        story.add(made)
    steps = recording.manifest["steps"]
    return look(story, steps, steps)


def verdict(shown: dict[str, Quantity]) -> str:
    """Which guess came true: where noise had become half of the data."""
    if "fell_at" not in shown:
        return WORDS["no verdict"]
    share = shown["fell_at"].value
    return CHOICES[0] if share <= 0.5 else CHOICES[1] if share <= 0.75 else CHOICES[2]


def hint(**controls) -> str:
    """What the chain ends at, before anything is run."""
    from genai_core.diffusion.schedule import chain

    ends = chain(controls["schedule"], controls["length"])
    said = WORDS["hint chain"].format(length=f"{len(ends):,}", terminal=tiny(ends.terminal_snr), left=little(ends.signal_left))
    return f"{said} {WORDS['reaches' if ends.signal_left < 0.05 else 'never reaches']}"


def notebook(**controls) -> dict:
    from genai_core.diffusion import export

    return export.notebook(settings_of(**controls))


def sources() -> tuple:
    """What ran, for "Under the hood"."""
    from genai_core.diffusion import samplers, schedule, targets
    from genai_core.models.point_diffusion import PointDiffusion

    return samplers.walk, schedule.betas, targets.target, targets.clean_of, PointDiffusion.turns


LAB = Lab(controls=CONTROLS, run=run,
          pictures={"points": figures.scatter_view, "strip": figures.strip_view, "curves": figures.curves_view,
                    "levels": figures.curves_view},
          more=tuple(name for name in CONTROLS if name not in IN_VIEW), predict=Predict(CHOICES, verdict), sources=sources, replay=replay,
          examples=tuple(DEFAULTS | example for example in EXAMPLES.values()),
          example_names=tuple(WORDS[f"name {name}"] for name in EXAMPLES),
          hint=hint, notebook=notebook, remembers=True, unit="step")
TAB = lab_tab("Learn", 50, "Diffusion", LAB)
