"""DATASETS by name. Adding one: a function that takes (n, rng), and a line here."""

import importlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Dataset:
    """title: as shown on screen. made_by: "module:function" in this package, imported when first drawn from."""

    title: str
    made_by: str

    def draw(self, n: int, rng):
        """n examples: a tensor (n, ...) or a tuple of such, every draw from rng, a torch.Generator."""
        module, function = self.made_by.split(":")
        return getattr(importlib.import_module(f"{__name__}.{module}"), function)(n, rng)


DATASETS: dict[str, Dataset] = {
    "ring": Dataset("Ring of eight", "points:ring"),
    "two_moons": Dataset("Two moons", "points:two_moons"),
    "spiral": Dataset("Spiral", "points:spiral"),
    "picturebook": Dataset("Picturebook: captioned scenes", "picturebook:examples"),
}


def load(name: str, seed: int, n: int = 2000):
    """n examples of the named data set, a tensor or a tuple of tensors, the same for the same seed."""
    from genai_core import runtime

    if name not in DATASETS:
        raise ValueError(f"no data set {name!r}; there are {', '.join(DATASETS)}")
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")
    return DATASETS[name].draw(n, runtime.rng(seed))
