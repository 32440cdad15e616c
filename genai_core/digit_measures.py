"""The course's models of digits against what the lecture prints and what theory says: `python -m genai_core measure digits`.

MNIST is needed: set GENLENS_DATA to the folder that holds it.
"""

import torch

from genai_core import course, measuring, models, runtime
from genai_core.data import pictures
from genai_core.latents.settings import LECTURE

WITHIN = {1: 2.5, 5: 1.0, 10: 1.0}  # nats: how near the loss of these epochs should be to the lecture's
SHARED = tuple(f"genai_core/{part}.py" for part in ("course", "training", "digit_measures", "models/digit_networks"))
VAE = (*SHARED, "genai_core/elbo.py", "genai_core/models/digit_vae.py")
DRAWING = ("genai_core/data/strokes.py", "genai_core/data/glyphs.py")
SEEDS, COLLAPSE_SEEDS = (0, 1, 2), tuple(range(10))


def lecture_run(seed: int, precision: str, epochs: int = 10, say=lambda line: None) -> tuple[list[course.Epoch], torch.nn.Module]:
    """The lecture's VAE as the lecture trains it: 784-400-20, Adam 1e-3, batches of 128, MNIST, and the weights, order and noise
    that its code draws after torch.manual_seed(seed)."""
    data, done = pictures.read("mnist").pictures, []
    model, stream = course.lecture_vae(seed)
    for epoch in course.epochs(model, data, epochs, seed, course.knobs(precision=precision, summed=True), stream=stream):
        done.append(epoch)
        say(f"{precision}, seed {seed}, epoch {epoch.index}: {epoch.loss:.3f}, the lecture {LECTURE[epoch.index - 1]:.3f}")
    return done, model


def _vae(say) -> dict:
    figures = {}
    for precision in runtime.PRECISIONS:
        for seed in SEEDS:
            done, _ = lecture_run(seed, precision, say=say)
            losses = [round(epoch.loss, 3) for epoch in done]
            figures[f"lecture_vae_{precision}_seed_{seed}"] = {
                "loss": losses, "kl": [round(epoch.notes["kl"], 3) for epoch in done],
                "away": {str(index): round(losses[index - 1] - LECTURE[index - 1], 3) for index in WITHIN},
                "within": all(abs(losses[index - 1] - LECTURE[index - 1]) <= most for index, most in WITHIN.items())}
    return {"seeds": list(SEEDS), "lecture": list(LECTURE), "threads": torch.get_num_threads(), "figures": figures}


def _autoencoder(say) -> dict:
    figures = {}
    for name in ("strokes", "mnist"):
        data, held = pictures.read(name), pictures.read(name, "test")
        model = models.build("digit_autoencoder", 0)
        for epoch in course.epochs(model, data.pictures, 10, 0, course.knobs()):
            say(f"{name}, epoch {epoch.index}: {epoch.loss:.5f}")
        figures[f"autoencoder_{name}"] = {"squared_error": round(course.squared_error(model, held.pictures), 6), "held_out": len(held)}
    return {"seeds": [0], "threads": torch.get_num_threads(), "figures": figures}


def _collapse(say) -> dict:
    data, held, figures = pictures.read("strokes", n=course.COLLAPSED.pictures), pictures.read("strokes", "test", 2000), {}
    for seed in COLLAPSE_SEEDS:
        ends = {}
        for name, preset in (("collapsed", course.COLLAPSED), ("repaired", course.REPAIRED)):
            model = models.build("digit_vae", seed, **preset.settings)
            for _ in course.epochs(model, data.pictures, preset.epochs, seed, course.knobs(preset.rate), preset.warmup):
                pass
            reconstruction, kl = course.negative_elbo(model, held.pictures, runtime.rng(seed))
            ends[name] = {"kl": round(kl.sum().item(), 3), "negative_elbo": round(reconstruction + kl.sum().item(), 3)}
        better = ends["collapsed"]["negative_elbo"] - ends["repaired"]["negative_elbo"]
        as_said = ends["collapsed"]["kl"] < 0.5 and ends["repaired"]["kl"] > 5 and better >= 10
        figures[f"collapse_seed_{seed}"] = {**ends, "better_by": round(better, 3), "as_said": as_said}
        say(f"seed {seed}: {figures[f'collapse_seed_{seed}']}")
    figures["collapse_as_said"] = measuring.share(sum(f["as_said"] for f in figures.values()), len(COLLAPSE_SEEDS))
    return {"seeds": list(COLLAPSE_SEEDS), "threads": torch.get_num_threads(), "figures": figures}


MEASURE = measuring.Measure(parts={
    "vae": measuring.Measure(_vae, VAE),
    "autoencoder": measuring.Measure(_autoencoder, (*SHARED, "genai_core/models/digit_autoencoder.py", *DRAWING)),
    "collapse": measuring.Measure(_collapse, VAE + DRAWING)})
