"""A VAE's weights small enough to send to a browser, which then encodes and decodes by itself: a drag waits for nobody.

The weights of a layer become whole numbers of one step, a quarter of their root mean square, which zlib then packs into about
four bits each (uniform steps are what packs best: Gish & Pierce 1968, doi:10.1109/TIT.1968.1054193); offsets stay as
they are. `restored` gives back the model that the browser computes with: its pictures are on average about one of
255 shades away.
"""

import base64
import copy
import zlib

import numpy as np
import torch
from torch import nn

from genai_core.models.digit_vae import DigitVAE

FINE = 4     # steps in a root mean square: twice as many cost one more bit per weight
MOST = 127   # what one byte holds


def _text(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")


def _rounded(weight: torch.Tensor) -> tuple[torch.Tensor, float]:
    """Whole numbers of weight's shape, and the step that they count."""
    step = max(weight.square().mean().sqrt().item(), 1e-12) / FINE
    return (weight.detach() / step).round().clamp(-MOST, MOST), step


def _layers(model: DigitVAE) -> dict[str, list[nn.Module]]:
    """What has weights, in the order in which a picture or a code goes through it."""
    kinds = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)
    return {"encoder": [m for m in (*model.encoder.modules(), model.head) if isinstance(m, kinds)],
            "decoder": [m for m in model.decoder.modules() if isinstance(m, kinds)]}


def _kept(layer: nn.Module) -> dict:
    whole, step = _rounded(layer.weight)
    packed = base64.b64encode(zlib.compress(whole.numpy().astype(np.int8).tobytes(), 9)).decode("ascii")
    kind = {nn.Linear: "dense", nn.Conv2d: "down", nn.ConvTranspose2d: "up"}[type(layer)]
    return {"kind": kind, "shape": list(layer.weight.shape), "weights": packed, "step": step,
            "offset": _text(layer.bias.detach().numpy().astype("<f4"))}


def portable(model: DigitVAE) -> dict:
    """The model as JSON: {"size", "latent", "activation", "encoder": [layer], "decoder": [layer]}, last activation left out."""
    activation = getattr(model.encoder, "activation", None)
    return {"size": model.size, "latent": model.latent, "activation": type(activation).__name__.lower() if activation else "relu",
            **{part: [_kept(layer) for layer in layers] for part, layers in _layers(model).items()}}


def restored(model: DigitVAE) -> DigitVAE:
    """A copy with the rounded weights: what a browser has."""
    twin = copy.deepcopy(model)
    for layers in _layers(twin).values():
        for layer in layers:
            whole, step = _rounded(layer.weight)
            layer.weight.data = whole * step
    return twin
