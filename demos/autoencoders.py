"""Autoencoders: one family that learns live, and what its codes are for. The core computes; here its answer is drawn."""

from collections.abc import Iterator
from functools import partial

from demos import _digits as digits
from demos import _figures as figures
from demos._autoencoder_views import WORDS, Story
from demos._controls import Choice, Range, Seed
from demos._lab import Lab, Moment, Predict, View
from demos._page import lab_tab
from demos._session import Quantity
from genai_core.autoencoders import settings as options
from genai_core.autoencoders.settings import LIMITS, Settings

D = Settings()
CHOICES = tuple(WORDS[f"chosen {who}"] for who in ("autoencoder", "pca", "equal"))
WITHIN = 0.05     # errors that differ by less are called equal
TITLES = {"strokes": "Strokes, drawn by pen", "digits": "Digits, 8x8 handwriting", "mnist": "MNIST", "fashion_mnist": "Fashion-MNIST"}


def _range(name: str, label: str, step: float = 1) -> Range:
    return Range(label, *LIMITS[name], getattr(D, name), step)


CONTROLS = {
    "task": Choice("What the code is for", options.TASKS, D.task),
    "data": Choice("Data", TITLES, D.data),
    "network": Choice("Network", options.NETWORKS, D.network),
    "bottleneck": _range("bottleneck", "Numbers in a code"),
    "epochs": _range("epochs", "Epochs"),
    "sparse": Choice("Sparse code", options.SPARSE, D.sparse),
    "weight": _range("weight", "Its weight", 0.001),
    "rate": _range("rate", "Target rate of the KL", 0.01),
    "noise": Choice("Noise on what goes in", options.NOISES, D.noise),
    "amount": _range("amount", "Amount of noise", 0.05),
    "code": Choice("The code passes through", options.CODES, D.code),
    "pictures": _range("pictures", "Pictures to learn from", 500),
    "digit": _range("digit", "Class left out"),
    "labels": _range("labels", "Pictures with a label", 10),
    "shape": Choice("Points", options.SHAPES, D.shape),
    "spread": _range("spread", "Noise on points", 0.01),
    "seed": Seed(),
}
IN_VIEW = ("task", "data", "network", "bottleneck", "epochs", "seed")
EXAMPLES = {
    "lecture": {},
    "two": {"bottleneck": 2, "code": "linear"},
    "sparse": {"sparse": "l1", "weight": 0.005},
    "rates": {"sparse": "kl", "weight": 0.0005},
    "denoise": {"noise": "gaussian", "amount": 0.4},
    "eight": {"task": "compress", "bottleneck": 8},
    "sevens": {"task": "odd", "bottleneck": 8},
    "dream": {"task": "new", "bottleneck": 16, "epochs": 14},
}
SET = ("task", "epochs", "network", "bottleneck", "sparse", "weight", "noise", "amount", "code")


def run(*, memory, **controls) -> Iterator[Moment]:
    """Moments of a live run. memory: this visit's trained networks, so that another use of the same one does not start over."""
    from genai_core.autoencoders import experiment

    settings = Settings(**controls)
    for frame in experiment.run(settings, memory):
        yield Moment(frame.index, frame.steps, partial(look, settings, frame))


def look(settings, frame) -> View:
    return Story(settings, frame.index, frame.steps, frame.rows, frame.numbers, frame.about, frame.shown()).view()


def replay(recording) -> View:
    """The recorded run at its end."""
    last, scene = recording.frames[-1], recording.scene
    return Story(Settings(**recording.manifest["settings"]), last["index"], recording.manifest["steps"], recording.rows, last["numbers"],
                 scene["about"], last["shown"]).view()


def verdict(shown: dict[str, Quantity]) -> str:
    """Which guess came true."""
    ours, pca = shown.get("held_out_error"), shown.get("pca_error")
    if ours is None or pca is None:
        return WORDS["no duel"]
    if abs(ours.value - pca.value) <= WITHIN * pca.value:
        return CHOICES[2]
    return CHOICES[0] if ours.value < pca.value else CHOICES[1]


def notebook(**controls) -> dict:
    from genai_core.autoencoders import export

    return export.notebook(Settings(**controls))


def sources() -> tuple:
    """What ran, for "Under the hood"."""
    from genai_core import course
    from genai_core.autoencoders import anomaly, compression, learning, making, retrieval, scores
    from genai_core.models.digit_autoencoder import DigitAutoencoder

    return (DigitAutoencoder, learning.learn, course.squared_error, compression.cut, compression.Components, retrieval.precision,
            anomaly.roc, scores.agreement, making.best_guess)


LAB = Lab(controls=CONTROLS, run=run, more=tuple(name for name in CONTROLS if name not in IN_VIEW),
          pictures={"sheet": digits.tiles_view, "chart": figures.curves_view, "map": digits.codes_view},
          predict=Predict(CHOICES, verdict), sources=sources, replay=replay, notebook=notebook, remembers=True, unit="update",
          examples=tuple({name: getattr(D, name) for name in SET} | example for example in EXAMPLES.values()),
          example_names=tuple(WORDS[f"name {name}"] for name in EXAMPLES))
TAB = lab_tab("Learn", 20, "Autoencoders", LAB)
