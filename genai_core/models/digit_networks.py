"""The encoders and decoders that the autoencoder and the VAE of digits share: pictures to features, codes to logits."""

import torch
from torch import nn

from genai_core.errors import BadInput

NETWORKS = ("dense", "convolutional")
ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}
MOST = 4096


def unit(batch) -> torch.Tensor:
    """A batch, pictures alone or first of a tuple, uint8 or 0-1 -> floats 0-1 (B, 1, S, S)."""
    x = batch[0] if isinstance(batch, tuple) else batch
    return x.float().div_(255) if x.dtype == torch.uint8 else x


def whole_number(name: str, value, low: int, high: int) -> int:
    """value, if it is a whole number from low to high; else BadInput."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise BadInput(f"{name} must be a whole number from {low} to {high}; you gave {str(value)[:20]}.")
    return value


def share_of(name: str, value, high: float = 1.0) -> float:
    """value, if it is a number from 0 to high; else BadInput."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= high:
        raise BadInput(f"{name} must be a number from 0 to {high:g}; you gave {str(value)[:20]}.")
    return float(value)


def one_of(name: str, value, choices) -> str:
    """value, if it is among choices; else BadInput."""
    if value not in choices:
        raise BadInput(f"{name} must be one of {', '.join(choices)}; you gave {str(value)[:20]!r}.")
    return value


class DenseEncoder(nn.Module):
    """Pixels through fully connected layers.  (B, 1, S, S) -> (B, width)"""

    def __init__(self, size: int, hidden: tuple[int, ...], activation: str):
        super().__init__()
        sizes = (size * size, *hidden)
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:], strict=False))
        self.activation, self.width = ACTIVATIONS[activation](), sizes[-1]

    def forward(self, x):
        h = x.flatten(1)                                  # (B, S * S)
        for layer in self.layers:
            h = self.activation(layer(h))
        return h                                          # (B, width)


class DenseDecoder(nn.Module):
    """A code through fully connected layers, the encoder's turned round.  (B, latent) -> logits (B, 1, S, S)"""

    def __init__(self, latent: int, size: int, hidden: tuple[int, ...], activation: str):
        super().__init__()
        sizes = (latent, *reversed(hidden), size * size)
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:], strict=False))
        self.activation, self.size = ACTIVATIONS[activation](), size

    def forward(self, z):
        h = z
        for layer in self.layers[:-1]:
            h = self.activation(layer(h))
        return self.layers[-1](h).view(len(z), 1, self.size, self.size)


class ConvEncoder(nn.Module):
    """Two convolutions, each halving the picture.  (B, 1, S, S) -> (B, width)"""

    def __init__(self, size: int, channels: int):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(1, channels, 4, 2, 1), nn.ReLU(),
                                    nn.Conv2d(channels, 2 * channels, 4, 2, 1), nn.ReLU(), nn.Flatten())
        self.width = 2 * channels * (size // 4) ** 2

    def forward(self, x):
        return self.layers(x)


class ConvDecoder(nn.Module):
    """Two transposed convolutions, each doubling the picture.  (B, latent) -> logits (B, 1, S, S)"""

    def __init__(self, latent: int, size: int, channels: int):
        super().__init__()
        side = size // 4
        self.layers = nn.Sequential(
            nn.Linear(latent, 2 * channels * side**2), nn.ReLU(), nn.Unflatten(1, (2 * channels, side, side)),
            nn.ConvTranspose2d(2 * channels, channels, 4, 2, 1), nn.ReLU(), nn.ConvTranspose2d(channels, 1, 4, 2, 1))

    def forward(self, z):
        return self.layers(z)


def networks(network: str, size: int, hidden: tuple[int, ...], code: int, latent: int, activation: str, channels: int):
    """(encoder, head from features to `code` numbers, decoder from `latent` numbers), checked."""
    one_of("network", network, NETWORKS)
    one_of("activation", activation, ACTIVATIONS)
    whole_number("latent size", latent, 1, MOST)
    whole_number("picture size", size, 4, 256)
    if network == "convolutional":
        if size % 4:
            raise BadInput(f"The convolutional network needs a picture size that 4 divides; {size} is not.")
        encoder, decoder = ConvEncoder(size, whole_number("channels", channels, 1, 256)), ConvDecoder(latent, size, channels)
    else:
        if not isinstance(hidden, tuple | list) or len(hidden) > 8:
            raise BadInput(f"hidden must be a list of at most 8 layer sizes; you gave {str(hidden)[:40]}.")
        hidden = tuple(whole_number("hidden layer", width, 1, MOST) for width in hidden)
        encoder, decoder = DenseEncoder(size, hidden, activation), DenseDecoder(latent, size, hidden, activation)
    return encoder, nn.Linear(encoder.width, code), decoder
