"""Train the course's models of digits epoch by epoch: data whole in memory, one loop, one record per epoch."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import torch
from torch import nn

from genai_core import runtime
from genai_core.errors import BadInput
from genai_core.models.digit_vae import DigitVAE
from genai_core.training import Knobs, Snapshot, train


@dataclass(frozen=True)
class Epoch:
    """One finished epoch: its index from 1; seconds since the start of the run; loss and notes (reconstruction, kl, ...)
    as means over the pictures of the epoch, while they were learnt from. snapshot(): to go on from here."""

    index: int
    seconds: float
    loss: float
    notes: dict[str, float]
    snapshot: Callable[[], Snapshot] = field(repr=False, compare=False)


@dataclass(frozen=True)
class Preset:
    """A training run on Strokes: the model's settings, how many pictures and epochs, and over how many epochs beta rises."""

    settings: dict
    pictures: int
    epochs: int
    rate: float = 1e-3
    warmup: float = 0.0


# Posterior collapse, and its repair: on the same network the KL weighs 30 times too much from the first step, against the
# ELBO's own weight, reached over three epochs (Bowman et al. 2016, arXiv:1511.06349, section 3.1).
COLLAPSED = Preset({"beta": 30.0}, 10_000, 6)
REPAIRED = Preset({"beta": 1.0}, 10_000, 6, warmup=3.0)


def knobs(rate: float = 1e-3, batch: int = 128, precision: str = "fp32", summed: bool = False) -> Knobs:
    """The lecture's optimiser, with one kernel for all weights. The lecture sums its loss over the batch and we take the
    mean, which Adam does not feel but for its epsilon: divided by the batch it is the same to the last step of an epoch.
    summed: in that one, too, its smaller batch counting less."""
    if not 0 < rate <= 1:
        raise BadInput(f"The learning rate must be above 0 and at most 1; you gave {rate}.")
    if not 1 <= batch <= 60_000:
        raise BadInput(f"A batch holds 1 to 60,000 pictures; you gave {batch}.")
    return Knobs("adam", rate, batch, precision=precision, each_once=True, summed=summed, options={"fused": True, "eps": 1e-8 / batch})


def lecture_vae(seed: int) -> tuple[DigitVAE, torch.Generator]:
    """The lecture's 784-400-20 network with the very weights that its code draws after torch.manual_seed(seed), and the stream of
    random numbers as that code leaves it: with it, and a summed loss, `epochs` gives the lecture's loop again, but for rounding."""
    stream, model = runtime.rng(seed), runtime.build(DigitVAE, seed)
    pixels, mean, logvar, code, features = runtime.build(lambda: [
        nn.Linear(784, 400), nn.Linear(400, 20), nn.Linear(400, 20), nn.Linear(20, 400), nn.Linear(400, 784)], stream)
    with torch.no_grad():
        for ours, theirs in ((model.encoder.layers[0], [pixels]), (model.head, [mean, logvar]),
                             (model.decoder.layers[0], [code]), (model.decoder.layers[1], [features])):
            ours.weight.copy_(torch.cat([layer.weight for layer in theirs]))
            ours.bias.copy_(torch.cat([layer.bias for layer in theirs]))
    return model, stream


def epochs(model: nn.Module, data, number: int, seed: int, given: Knobs, warmup: float = 0.0,
           start: Snapshot | None = None, stream: torch.Generator | None = None) -> Iterator[Epoch]:
    """Yield an Epoch after each of `number`. data: a tensor of pictures, or a tuple of pictures and labels.
    warmup: epochs over which beta rises evenly from 0 to the model's own, for a model that has one. stream: as in `train`."""
    rows = len(data[0]) if isinstance(data, tuple) else len(data)
    batches = -(-rows // given.batch)
    asked = getattr(model, "beta", None)

    def warm(done: int) -> None:
        if warmup and asked is not None:
            model.beta = asked * min(1.0, done / (warmup * batches))

    began, sums, seen = time.monotonic(), {}, 0
    warm(start.index if start else 0)
    try:
        for step in train(model, data, number * batches, seed, given, start, stream):
            for key, value in (step.losses | step.notes).items():
                sums[key] = sums.get(key, 0.0) + value * step.rows
            seen += step.rows
            warm(step.index)
            if step.index % batches == 0:
                means = {key: value / seen for key, value in sums.items()}
                yield Epoch(step.index // batches, time.monotonic() - began, means.pop("loss"), means, step.snapshot)
                sums, seen = {}, 0
    finally:
        if asked is not None:
            model.beta = asked


@torch.no_grad()
def squared_error(model: nn.Module, pictures: torch.Tensor, at_once: int = 1000) -> float:
    """Mean squared error per pixel, on the scale 0-1, of pictures (N, 1, S, S) decoded from their codes."""
    from genai_core.models.digit_networks import unit

    total = 0.0
    for part in pictures.split(at_once):
        x = unit(part)
        total += (model.decode(model.encode(x)) - x).square().sum().item()
    return total / pictures.numel()


@torch.no_grad()
def negative_elbo(model: nn.Module, pictures: torch.Tensor, rng: torch.Generator, at_once: int = 1000) -> tuple[float, torch.Tensor]:
    """(reconstruction, KL of each latent (latent,)), nats per picture: their sum is the negative ELBO. One draw each."""
    reconstruction, kl = 0.0, torch.zeros(model.latent)
    for part in pictures.split(at_once):
        misfit, each = model.parts(part, rng)
        reconstruction, kl = reconstruction + misfit.sum().item(), kl + each.sum(0)
    return reconstruction / len(pictures), kl / len(pictures)
