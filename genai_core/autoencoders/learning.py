"""Learn pictures batch by batch, as `train autoencoder` does, and tell how it goes every few updates."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import nn

from genai_core import course
from genai_core.training import train

EVERY = 10  # updates between two looks


@dataclass(frozen=True)
class Progress:
    """index: finished updates of `steps`. loss: mean over the updates since the Progress before, and its squared error alone.
    epoch: finished epochs where one has just ended, else None."""

    index: int
    steps: int
    loss: float
    error: float
    epoch: int | None


def learn(model: nn.Module, pictures: torch.Tensor, epochs: int, seed: int, every: int = EVERY) -> Iterator[Progress]:
    """Train on uint8 pictures (N, 1, S, S) with the lecture's Adam, rate 1e-3 and batches of 128."""
    knobs = course.knobs()
    batches = -(-len(pictures) // knobs.batch)
    losses, errors, rows = 0.0, 0.0, 0
    for step in train(model, pictures, epochs * batches, seed, knobs):
        losses += step.losses["loss"] * step.rows
        errors += step.notes["reconstruction"] * step.rows
        rows += step.rows
        ended = step.index % batches == 0
        if ended or step.index % every == 0 or step.index == 1:
            yield Progress(step.index, epochs * batches, losses / rows, errors / rows, step.index // batches if ended else None)
            losses, errors, rows = 0.0, 0.0, 0
