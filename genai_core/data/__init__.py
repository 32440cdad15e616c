"""DATASETS by name. Adding one: a function that takes (n, rng), and a line here."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from genai_core import runtime
from genai_core.data import picturebook, points


@dataclass(frozen=True)
class Dataset:
    """title: as shown on screen. draw(n, rng): n examples, a tensor (n, ...) or a tuple of such."""

    title: str
    draw: Callable


def _picturebook(n: int, rng: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    return picturebook.tensors(n, int(torch.randint(2**62, (), generator=rng)))


DATASETS: dict[str, Dataset] = {
    "ring": Dataset("Ring of eight", points.ring),
    "two_moons": Dataset("Two moons", points.two_moons),
    "spiral": Dataset("Spiral", points.spiral),
    "picturebook": Dataset("Picturebook: captioned scenes", _picturebook),
}


def load(name: str, seed: int, n: int = 2000) -> torch.Tensor | tuple[torch.Tensor, ...]:
    """n examples of the named data set, the same for the same seed."""
    if name not in DATASETS:
        raise ValueError(f"no data set {name!r}; there are {', '.join(DATASETS)}")
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")
    return DATASETS[name].draw(n, runtime.rng(seed))
