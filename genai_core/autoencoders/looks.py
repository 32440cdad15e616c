"""What a look at an autoencoder holds, as plain JSON: tiles of pixels, the first layer's filters, the map of codes."""

import base64
import io

import numpy as np
import torch
from torch import nn

from genai_core.recorded import pack

REACH = 1.4   # the map's points lie within this of its middle


def tiles(pictures: torch.Tensor, palette: bytes | None = None) -> str:
    """Pictures (N, 1, S, S), uint8 or 0-1, side by side as one PNG, in base64. palette: 256 colours, for what is no grey."""
    from PIL import Image

    pixels = pictures if pictures.dtype == torch.uint8 else (pictures.clamp(0, 1) * 255).round().to(torch.uint8)
    sheet = Image.fromarray(pixels[:, 0].permute(1, 0, 2).reshape(pixels.shape[-1], -1).contiguous().numpy())  # (S, N S)
    if palette:
        sheet.putpalette(palette)
    file = io.BytesIO()
    sheet.save(file, "png")
    return base64.b64encode(file.getvalue()).decode("ascii")


def signed_palette() -> bytes:
    """Blue for weights below 0, orange above, white for none: told apart with every common kind of colour blindness."""
    blue, orange, share = np.array([0, 103, 168]), np.array([193, 77, 0]), np.linspace(-1, 1, 256)[:, None]
    end = np.where(share < 0, blue, orange)
    return (255 + (end - 255) * np.abs(share)).round().astype(np.uint8).tobytes()


def row(name: str, pictures: torch.Tensor, said=(), marks=(), palette: bytes | None = None, **fields) -> dict:
    """One row of tiles. name: what it is called in the words; fields: what is filled in there. said: a few characters below each
    tile. marks: which tiles are framed, as wrong or odd."""
    told = {"name": name, "fields": fields, "tiles": tiles(pictures, palette), "n": len(pictures), "side": pictures.shape[-1]}
    return told | ({"said": [str(s) for s in said]} if len(said) else {}) | ({"marks": [int(m) for m in marks]} if len(marks) else {})


@torch.no_grad()
def filters(model: nn.Module, deviation: torch.Tensor, number: int = 20) -> torch.Tensor:
    """The first layer's units that do most, each scaled to -1 to 1 and moved to 0-1: 0.5 is no weight.  -> (number, 1, S, S)

    Dense: a unit's weight of each pixel times that pixel's deviation (S, S) in the data, because the weight of a pixel that is
    always black stays as it was drawn and does nothing. Convolutional: the small kernels as they are."""
    first = next(part for part in model.encoder.modules() if isinstance(part, nn.Linear | nn.Conv2d))
    w = first.weight.detach()                                                          # (units, 784) or (units, 1, 4, 4)
    side = int(w[0].numel() ** 0.5)
    w = w.reshape(len(w), 1, side, side)
    if isinstance(first, nn.Linear):
        w = w * deviation
    size = w.abs().amax((1, 2, 3), keepdim=True).clamp(min=1e-12)
    order = w.square().sum((1, 2, 3)).argsort(descending=True)[:number]
    return (w / size)[order] / 2 + 0.5


def flat(codes: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, float]:
    """Codes (N, L) seen from where they differ most.  -> (middle (L,), two axes (L, 2), share of the variance they show)"""
    middle = codes.mean(0)
    if codes.shape[1] == 2:
        return middle, torch.eye(2), 1.0
    values, axes = torch.linalg.eigh(torch.cov((codes - middle).T).double())
    return middle, axes.flip(1)[:, :2].float(), (values[-2:].sum() / values.sum().clamp(min=1e-12)).item()


def map_of(codes: torch.Tensor, labels: torch.Tensor, compass: torch.Tensor, path: torch.Tensor | None = None) -> dict:
    """The map of codes (N, L). compass (N, 2): it is turned so as to fit these best, so that it does not tumble from look to look.
    path (K, L): codes of a walk over it."""
    middle, axes, share = flat(codes)
    place = (codes - middle) @ axes                                                    # (N, 2)
    if codes.shape[1] > 2:
        left, _, right = torch.linalg.svd(place.T @ compass)                           # Procrustes
        turn = left @ right
        place, axes = place @ turn, axes @ turn
    reach = place.abs().amax().clamp(min=1e-9) / REACH
    told = {"xy": pack((place / reach).numpy()), "labels": "".join(str(int(label)) for label in labels), "share": round(share, 4)}
    return told if path is None else told | {"path": pack(((path - middle) @ axes / reach).numpy())}


def compass(pictures: torch.Tensor) -> torch.Tensor:
    """Where pictures (N, 1, S, S) lie on the two directions in which their pixels differ most.  -> (N, 2)"""
    x = pictures.flatten(1).float() / 255
    middle, axes, _ = flat(x)
    place = (x - middle) @ axes
    return place * torch.sign(axes.sum(0))                                             # eigenvectors come with either sign


def rounded(values, digits: int = 5) -> list:
    return [float(f"{float(v):.{digits}g}") for v in np.asarray(values, dtype=float)]
