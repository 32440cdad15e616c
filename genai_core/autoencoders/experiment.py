"""A run of the autoencoder lab: learn, judge at the ends of epochs, then do what the task asks; a Frame after each piece of work."""

import math
from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass, field

from genai_core import models
from genai_core.autoencoders import denoising
from genai_core.autoencoders.few_labels import Labels
from genai_core.autoencoders.learning import learn
from genai_core.autoencoders.settings import Settings
from genai_core.autoencoders.uses import Compress, New, Odd, Similar, Use
from genai_core.errors import BadInput

USES = {"reconstruct": Use, "compress": Compress, "similar": Similar, "odd": Odd, "labels": Labels, "new": New}
KEPT_EPOCHS = (1, 3, 10, 30)  # ends of epochs whose drawings stay on the sheet
JUDGEMENTS = 6                # a use is judged about so often; the held-out error after every epoch
KEPT = 2                      # trained networks kept of one visit


@dataclass(frozen=True)
class Frame:
    """index of steps: pieces of work. rows: the table so far. numbers: {name: (low, value, high, unit)} as judged last.
    about: what is said of the run besides. shown(): JSON of what there is to look at; changes nothing."""

    index: int
    steps: int
    rows: tuple[dict, ...]
    numbers: dict[str, tuple]
    about: dict
    shown: Callable[[], dict] = field(repr=False, compare=False)


@dataclass(frozen=True)
class Trained:
    """A finished training: all that depends on its lineage alone."""

    weights: dict
    rows: tuple[dict, ...]
    film: tuple


def networks(settings: Settings, size: int) -> dict:
    """The models that the task needs: the autoencoder, and for new pictures a VAE of the same layers beside it."""
    nets = {"autoencoder": models.build("digit_autoencoder", settings.seed, **settings.model(size))}
    if settings.task == "new":
        alike = {"network": settings.model(size)["network"], "hidden": (512, 256), "size": size}
        nets["vae"] = models.build("digit_vae", settings.seed, latent=settings.bottleneck, **alike)
    return nets


def run(settings: Settings, kept: MutableMapping | None = None) -> Iterator[Frame]:
    """kept: what this visit has trained before; a network of equal lineage is not trained again. The numbers are the same."""
    if settings.task == "points":
        yield from denoising.run(settings, Frame)
        return
    use = USES[settings.task](settings)
    nets = networks(settings, use.learnt.size)
    epochs, batches = settings.epochs, -(-len(use.to_learn) // 128)
    about = {"data": use.learnt.name, "title": use.learnt.title, "learnt": len(use.to_learn), "held": len(use.held),
             "size": use.learnt.size, "epochs": epochs, "batches": batches}
    trained = {name: old for name in nets if (old := (kept or {}).get((name, settings.lineage())))}
    for name, old in trained.items():
        nets[name].load_state_dict(old.weights)
    rows = list(trained["autoencoder"].rows) if "autoencoder" in trained else []
    use.film = list(trained["autoencoder"].film) if "autoencoder" in trained else []
    steps = epochs * batches
    index = steps if not set(nets) - set(trained) else 0

    def frame() -> Frame:
        return Frame(max(1, index), steps, tuple(rows), dict(use.numbers), about, lambda: use.look(nets))

    learning = {name: learn(net, use.to_learn, epochs, settings.seed) for name, net in nets.items() if name not in trained}
    try:
        while learning:
            told = {name: next(progress) for name, progress in learning.items()}
            progress = told.get("autoencoder") or next(iter(told.values()))
            index = progress.index
            if not math.isfinite(progress.loss):
                raise BadInput(f"The network came apart at update {index:,}: its loss is no number any more. Take a smaller weight.")
            if "autoencoder" in told:
                _note(use, nets["autoencoder"], progress, rows, batches)
            yield frame()
            if index == steps:
                break
    finally:
        for progress in learning.values():
            progress.close()
    if not rows[-1:] or not use.numbers:
        use.judge(nets["autoencoder"])
    use.weigh(nets["autoencoder"])
    clean = tuple(rows)  # what depends on the training alone; what the task adds to the last row is its own
    if kept is not None:
        for name, net in nets.items():
            kept.pop((name, settings.lineage()), None)
            weights = {key: value.clone() for key, value in net.state_dict().items()}
            kept[name, settings.lineage()] = Trained(weights, clean, tuple(use.film)) if name == "autoencoder" else Trained(weights, (), ())
        for old in list(kept)[:-KEPT]:
            del kept[old]
    yield frame()
    for _ in use.after(nets):
        yield frame()
    rows[-1] = rows[-1] | {name: told[1] for name, told in use.numbers.items()}
    yield frame()


def _note(use: Use, model, progress, rows: list[dict], batches: int) -> None:
    """One row of the table, and at the end of an epoch the judgement and a drawing to keep."""
    ended, last = progress.epoch, progress.index == progress.steps
    if progress.index == 1:
        use.keep("first", model)
    if ended and not last:
        if ended in KEPT_EPOCHS:
            use.keep("epoch", model, epoch=ended)
    if ended:
        use.judge(model)
        if not last and ended % max(1, use.s.epochs // JUDGEMENTS) == 0:
            use.weigh(model)
    held = use.numbers["held_out_error"][1] if ended else None
    rows.append({"update": progress.index, "epoch": round(progress.index / batches, 4), "loss": progress.loss, "error": progress.error,
                 "held_out_error": held})
