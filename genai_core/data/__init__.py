"""DATASETS by name. Adding one: a function that takes (n, rng), and a line here."""

import importlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Dataset:
    """title: as shown on screen. made_by: "module:function" in this package, imported when first drawn from.
    pictures: a name that `pictures.read` knows, for data with files and splits of its own; "" for what is only drawn."""

    title: str
    made_by: str
    pictures: str = ""

    def there(self) -> bool:
        """Whether it can be drawn from on this machine without the network."""
        if not self.pictures:
            return True
        from genai_core.data import pictures

        return pictures.there(self.pictures)

    def draw(self, n: int, rng):
        """n examples: a tensor (n, ...) or a tuple of such, every draw from rng, a torch.Generator."""
        module, function = self.made_by.split(":")
        return getattr(importlib.import_module(f"{__name__}.{module}"), function)(n, rng)


DATASETS: dict[str, Dataset] = {
    "ring": Dataset("Ring of eight", "points:ring"),
    "two_moons": Dataset("Two moons", "points:two_moons"),
    "spiral": Dataset("Spiral", "points:spiral"),
    "pinwheel": Dataset("Pinwheel", "points:pinwheel"),
    "checkerboard": Dataset("Checkerboard", "points:checkerboard"),
    "off_centre": Dataset("Ring, off centre", "points:off_centre"),
    "strokes": Dataset("Strokes: digits drawn by pen", "pictures:strokes", "strokes"),
    "digits": Dataset("Digits: 8x8 handwriting", "pictures:digits", "digits"),
    "mnist": Dataset("MNIST: 28x28 handwriting", "pictures:mnist", "mnist"),
    "fashion_mnist": Dataset("Fashion-MNIST: 28x28 clothes", "pictures:fashion_mnist", "fashion_mnist"),
    "picturebook": Dataset("Picturebook: captioned scenes", "picturebook:examples"),
    "picturebook_layouts": Dataset("Picturebook captions: who stands where", "layouts:examples"),
}


def load(name: str, seed: int, n: int = 2000):
    """n examples of the named data set, a tensor or a tuple of tensors, the same for the same seed."""
    from genai_core import runtime

    if name not in DATASETS:
        raise ValueError(f"no data set {name!r}; there are {', '.join(DATASETS)}")
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")
    return DATASETS[name].draw(n, runtime.rng(seed))
