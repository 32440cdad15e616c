"""Few labels: a classifier whose first half has learnt to draw pictures back, against the same one from scratch.

Both have the same layers, see the same labelled pictures as often, and are judged on the same held-out ones. Only the weights
they begin with differ.
"""

import copy
from collections.abc import Iterator

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from genai_core import runtime
from genai_core.errors import BadInput
from genai_core.models.digit_networks import unit
from genai_core.training import Knobs, train

UPDATES = 200
CLASSES = 10


class Reader(nn.Module):
    """An autoencoder's encoder, a copy of it, and one layer from its code to ten labels."""

    def __init__(self, autoencoder: nn.Module):
        super().__init__()
        self.encoder, self.head, self.code = (copy.deepcopy(part) for part in (autoencoder.encoder, autoencoder.head, autoencoder.code))
        self.last = nn.Linear(autoencoder.bottleneck, CLASSES)

    def forward(self, x):
        """Pictures (B, 1, S, S) -> logits (B, 10)"""
        return self.last(self.code(self.head(self.encoder(unit(x)))))

    def turns(self, batch, rng):
        """batch: pictures and labels -> one turn: cross-entropy in nats."""
        x, y = batch
        yield "loss", cross_entropy(self(x), y), self


def chosen(labels: torch.Tensor, number: int, seed: int) -> torch.Tensor:
    """Rows of `number` labelled examples, as many of each class.  -> (number,)"""
    if number % CLASSES or number < CLASSES:
        raise BadInput(f"Labels: take a multiple of ten, as many of each class; you gave {number}.")
    order = torch.randperm(len(labels), generator=runtime.rng(seed))
    rows = [order[labels[order] == label][:number // CLASSES] for label in range(CLASSES)]
    if (fewest := min(map(len, rows))) < number // CLASSES:
        raise BadInput(f"There are only {fewest} pictures of one class here; take at most {fewest * CLASSES} labels.")
    return torch.cat(rows)


@torch.no_grad()
def accuracy(reader: nn.Module, pictures: torch.Tensor, labels: torch.Tensor) -> float:
    """Share of pictures that are read right."""
    return (reader(pictures).argmax(1) == labels).double().mean().item()


def fits(autoencoder: nn.Module, pictures: torch.Tensor, labels: torch.Tensor, seed: int, every: int = 10) -> Iterator[Reader]:
    """Teach a Reader these few pictures (N, 1, S, S) and labels (N,), all weights; yields it every few updates and at the end."""
    reader = runtime.build(lambda: Reader(autoencoder), seed)
    knobs = Knobs(batch=min(64, len(pictures)), each_once=True, options={"fused": True})
    for step in train(reader, (pictures, labels), UPDATES, seed, knobs):
        if step.index % every == 0:
            yield reader
