"""The use "learn from few labels", live for one number of labels, and as measured over many seeds."""

from genai_core import measuring, models
from genai_core.autoencoders import looks, pretraining
from genai_core.autoencoders.settings import Settings
from genai_core.autoencoders.uses import HELD, Use
from genai_core.errors import BadInput

REPEATS = 3   # live: draws of the labelled pictures
ARMS = ("pretrained", "scratch")
MEASURED = "autoencoders"


class Labels(Use):
    """A classifier of few labels that begins with the autoencoder's weights, against one that does not."""

    def __init__(self, settings: Settings):
        super().__init__(settings)
        self.rows = [pretraining.chosen(self.learnt.labels, settings.labels, settings.seed + k) for k in range(REPEATS)]
        self.found: dict[str, list[float]] = {name: [] for name in ARMS}

    def after(self, nets: dict):
        for k, rows in enumerate(self.rows):
            fresh = models.build("digit_autoencoder", self.s.seed + 1 + k, **self.s.model(self.learnt.size))
            for name, start in zip(ARMS, (nets["autoencoder"], fresh), strict=True):
                for reader in pretraining.fits(start, self.learnt.pictures[rows], self.learnt.labels[rows], self.s.seed + k):
                    yield
                self.found[name].append(pretraining.accuracy(reader, self.held.pictures, self.held.labels))
                values = self.found[name]
                self.tell(f"{name}_accuracy", sum(values) / len(values), "", min(values), max(values))
                yield

    def sheets(self, nets: dict) -> list[dict]:
        some = self.learnt.pictures[self.rows[0].view(pretraining.CLASSES, -1)[:, :4].T.flatten()]  # up to four of each class
        rows = [looks.row("", part) for part in some.split(pretraining.CLASSES)]
        return [{"title": "labelled", "rows": rows}, super().sheets(nets)[0]]

    def chart(self) -> dict:
        here = {name: looks.rounded(values) for name, values in self.found.items() if values}
        bands = measured() if self.s.data == "strokes" else {}
        return {"labels": {"here": here, "at": self.s.labels, "seeds": len(SEEDS), "measured": bands}}


def measured() -> dict:
    """{arm: {"x", "y", "low", "high"}} of the measured file; empty where it was never measured."""
    try:
        groups = measuring.read(MEASURED)["figures"]
    except FileNotFoundError:
        return {}
    told = {}
    for name in ARMS:
        rows = [(int(group.removeprefix("labels_")), figure[name]) for group, figure in groups.items() if group.startswith("labels_")]
        told[name] = {"x": [number for number, _ in rows], **{key: [figure[part] for _, figure in rows] for key, part in
                      (("y", "mean"), ("low", "low"), ("high", "high"))}}
    return told


# -- measured over many seeds ---------------------------------------------------------------------------------------------

SEEDS, NUMBERS, PICTURES, EPOCHS = tuple(range(6)), (10, 30, 100, 300, 1000), 10_000, 10


def _measure(say) -> dict:
    import torch

    from genai_core import course
    from genai_core.data import pictures

    learnt, held = pictures.read("strokes", n=PICTURES), pictures.read("strokes", "test", HELD)
    found = {number: {name: [] for name in ARMS} for number in NUMBERS}
    for seed in SEEDS:
        model = models.build("digit_autoencoder", seed)
        for _ in course.epochs(model, learnt.pictures, EPOCHS, seed, course.knobs()):
            pass
        for number in NUMBERS:
            rows = pretraining.chosen(learnt.labels, number, seed)
            for name, start in zip(ARMS, (model, models.build("digit_autoencoder", 1000 + seed)), strict=True):
                *_, reader = pretraining.fits(start, learnt.pictures[rows], learnt.labels[rows], seed)
                found[number][name].append(pretraining.accuracy(reader, held.pictures, held.labels))
        say(f"seed {seed}: " + ", ".join(f"{n} labels {f['pretrained'][-1]:.3f} against {f['scratch'][-1]:.3f}" for n, f in found.items()))
    figures = {f"labels_{number}": {name: {"mean": round(sum(runs) / len(runs), 4), "low": min(runs), "high": max(runs), "runs": runs}
                                    for name, runs in arms.items()} for number, arms in found.items()}
    return {"seeds": list(SEEDS), "threads": torch.get_num_threads(), "pictures": PICTURES, "epochs": EPOCHS, "held_out": HELD,
            "figures": figures}


DEPENDS = tuple(f"genai_core/{part}.py" for part in (
    "course", "training", "autoencoders/pretraining", "models/digit_networks", "models/digit_autoencoder", "data/strokes", "data/glyphs"))
MEASURE = measuring.Measure(_measure, DEPENDS)
