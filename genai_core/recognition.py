"""What a small classifier sees in pictures of digits: labels, confidence, features. Shipped for strokes and for MNIST.

It has learnt to be unsure of what is no digit, so that its confidence says something about a generator's pictures. What lies
between two digits it may read as either; ink is white on black, and of pictures with the two swapped it can be sure and wrong.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import torch

from genai_core import measuring, runtime, weights
from genai_core.data import pictures as data
from genai_core.errors import BadInput

FOLDER = Path(__file__).resolve().parent.parent / "assets" / "models" / "digit_classifier"
JUDGES = ("strokes", "mnist")
SURE = 0.9              # confidence above which a picture counts as recognised
RECOGNISABLE = 0.6      # share of recognised samples above which a generator's pictures count as digits


@dataclass(frozen=True)
class Seen:
    """labels: (N,) 0-9. confidence: (N,) 0-1, of that label. chances: (N, 10). features: (N, 64)."""

    labels: torch.Tensor
    confidence: torch.Tensor
    chances: torch.Tensor
    features: torch.Tensor


@lru_cache(maxsize=2)
def classifier(name: str = "strokes"):
    """The shipped classifier of the data set, read-only."""
    if name not in JUDGES:
        raise BadInput(f"There is no digit classifier for {str(name)[:40]!r}; there are {', '.join(JUDGES)}.")
    return weights.load(FOLDER / f"{name}.safetensors")[0]


def manifest() -> dict:
    """How the classifiers were trained and how often they are right."""
    return json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))


@torch.no_grad()
def see(pictures: torch.Tensor, name: str = "strokes", at_once: int = 500) -> Seen:
    """pictures (N, 1, 28, 28), uint8 or 0-1 -> what the classifier trained on data set `name` sees."""
    if pictures.ndim != 4 or pictures.shape[1:] != (1, 28, 28) or len(pictures) == 0:
        raise ValueError(f"pictures must be (N, 1, 28, 28) with N at least 1, got {tuple(pictures.shape)}")
    model = classifier(name)
    features = torch.cat([model.features(part) for part in pictures.split(at_once)])       # (N, 64)
    chances = model.last(features).softmax(1)                                              # (N, 10)
    confidence, labels = chances.max(1)
    return Seen(labels, confidence, chances, features)


def judged(test: data.Pictures) -> dict:
    """How the classifier does on the test split of its own data set, and on pictures of nothing made from it."""
    seen = see(test.pictures, test.name)
    nothing = classifier(test.name).nothing(test.pictures[:2000].float() / 255, runtime.rng(0))
    sure = seen.confidence > SURE
    right = seen.labels == test.labels
    return {"accuracy": measuring.share(int(right.sum()), len(test)), "recognised": measuring.share(int(sure.sum()), len(test)),
            "accuracy_where_recognised": measuring.share(int((right & sure).sum()), int(sure.sum())),
            "nothing_recognised": measuring.share(int((see(nothing, test.name).confidence > SURE).sum()), len(nothing))}


def ship(model, settings: dict, name: str, told: dict[str, str], folder: str | Path | None = None) -> dict:
    """Write the classifier of data set `name` to assets, judge it, and say both in the manifest.  -> its entry"""
    weights.save(model, FOLDER / f"{name}.safetensors", "digit_classifier", settings, half=True, **told)
    classifier.cache_clear()
    entry = {**told, "held_out": "test split", **judged(data.read(name, "test", folder=folder))}
    whole = (manifest() if (FOLDER / "manifest.json").is_file() else {}) | {name: entry}
    (FOLDER / "manifest.json").write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    return entry


def recognised_share(pictures: torch.Tensor, name: str = "strokes") -> float:
    """Share of pictures that are classed with a confidence above 0.9."""
    return (see(pictures, name).confidence > SURE).float().mean().item()


def recognisable(pictures: torch.Tensor, name: str = "strokes") -> bool:
    """Whether at least 60% of the pictures are classed with a confidence above 0.9."""
    return recognised_share(pictures, name) >= RECOGNISABLE
