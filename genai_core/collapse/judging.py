"""What a classifier that has learned from real digits sees in drawn ones: the shipped one, or for 8x8 pictures one fitted here."""

import functools
from typing import NamedTuple

import torch

from genai_core import recognition
from genai_core.data import pictures
from genai_core.models.digit_networks import unit


class Seen(NamedTuple):
    """labels: (N,) 0-9. features: (N, 64), the numbers before the classifier's last layer."""

    labels: torch.Tensor
    features: torch.Tensor


@functools.lru_cache(maxsize=1)
def small_classifier():
    """A perceptron with 64 hidden units, fitted to the 1,437 training pictures of 8x8 in about a second: it is right about nine of ten
    test pictures, which are by other writers."""
    from sklearn.neural_network import MLPClassifier

    real = pictures.read("digits")
    return MLPClassifier((64,), alpha=0.1, max_iter=400, random_state=0).fit(unit(real.pictures).flatten(1).numpy(), real.labels.numpy())


@torch.no_grad()
def see(name: str, drawn: torch.Tensor) -> Seen:
    """drawn: (N, 1, S, S), uint8 or 0-1, pictures in the manner of data set `name`: digits, strokes or mnist."""
    if name != "digits":
        seen = recognition.see(drawn, name)
        return Seen(seen.labels, seen.features)
    model = small_classifier()
    (w, last), (b, shift) = ([torch.from_numpy(part).float() for part in parts] for parts in (model.coefs_, model.intercepts_))
    features = torch.relu(unit(drawn).flatten(1) @ w + b)
    return Seen((features @ last + shift).argmax(1), features)
