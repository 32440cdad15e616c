"""A VAE's weights small enough to send to a browser, which then encodes and decodes by itself: a drag waits for nobody.

Every row of weights becomes whole numbers from -31 to 31 and one scale (Jacob et al. 2018, arXiv:1712.05877, section 2,
without a zero point); offsets stay as they are. `restored` gives back the model that the browser computes with: its pictures
are on average less than one of 255 shades away.
"""

import base64
import copy
import zlib

import numpy as np
import torch
from torch import nn

from genai_core.models.digit_vae import DigitVAE

MOST = 31   # 127 would be four times as exact and a third heavier


def _text(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")


def _rounded(weight: torch.Tensor, across: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Whole numbers of weight's shape, and the scale of each output (dimension `across`)."""
    rows = weight.detach().transpose(0, across).flatten(1)
    scale = rows.abs().amax(1).clamp(min=1e-12) / MOST
    whole = (rows / scale[:, None]).round().clamp(-MOST, MOST)
    return whole.view(weight.transpose(0, across).shape).transpose(0, across).contiguous(), scale


def _layers(model: DigitVAE) -> dict[str, list[nn.Module]]:
    """What has weights, in the order in which a picture or a code goes through it."""
    kinds = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)
    return {"encoder": [m for m in (*model.encoder.modules(), model.head) if isinstance(m, kinds)],
            "decoder": [m for m in model.decoder.modules() if isinstance(m, kinds)]}


def _kept(layer: nn.Module) -> dict:
    across = 1 if isinstance(layer, nn.ConvTranspose2d) else 0
    whole, scale = _rounded(layer.weight, across)
    kind = {nn.Linear: "dense", nn.Conv2d: "down", nn.ConvTranspose2d: "up"}[type(layer)]
    return {"kind": kind, "shape": list(layer.weight.shape), "weights": base64.b64encode(zlib.compress(whole.numpy().astype(np.int8).tobytes(), 9)).decode("ascii"),
            "scale": _text(scale.numpy().astype("<f4")), "offset": _text(layer.bias.detach().numpy().astype("<f4"))}


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
            across = 1 if isinstance(layer, nn.ConvTranspose2d) else 0
            whole, scale = _rounded(layer.weight, across)
            shape = [1] * whole.ndim
            shape[across] = -1
            layer.weight.data = whole * scale.view(shape)
    return twin
