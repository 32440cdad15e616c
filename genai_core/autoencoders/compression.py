"""How small, and how wrong: codes cut to a few bits, PCA with as many numbers, and JPEG at the same size.

A number is not a byte: a code of 128 numbers is 512 bytes as they are learnt in, and 64 with 4 bits each. None of the sizes
counts what both ends must have beside: the decoder, the components, JPEG's program.
"""

import io
from dataclasses import dataclass

import numpy as np
import torch

BITS = (1, 2, 3, 4, 5, 6, 8)
FLOAT_BITS = 32
NO_WORSE = 1.05   # an error up to this times that of uncut codes counts as no loss
QUALITIES = (1, 3, 5, 8, 12, 18, 25, 35, 50, 65, 80, 90, 95)
SHEET = 10        # digits along the side of the sheet that JPEG gets, so that its tables are shared by 100


@dataclass(frozen=True)
class Rate:
    """bits: per number of a code, or JPEG's quality. size: bytes per picture. error: mean squared error per pixel, 0-1."""

    bits: int
    size: float
    error: float


def cut(codes: torch.Tensor, low: torch.Tensor, high: torch.Tensor, bits: int) -> torch.Tensor:
    """Codes (N, L), each number rounded to the nearest of 2**bits values evenly from low to high (L,)."""
    steps = 2**bits - 1
    span = (high - low).clamp(min=1e-12)
    return low + ((codes - low) / span * steps).round().clamp(0, steps) / steps * span


def code_bytes(numbers: int, bits: int) -> int:
    """Whole bytes that hold so many numbers of so many bits."""
    return -(-numbers * bits // 8)


class Components:
    """PCA: the directions in which pictures (N, 1, S, S), uint8, differ most; encode and decode as an autoencoder has them."""

    def __init__(self, pictures: torch.Tensor, numbers: int):
        x = pictures.flatten(1).float() / 255                                      # (N, P)
        self.size, self.mean = pictures.shape[-1], x.mean(0)
        centred = x - self.mean
        _, axes = torch.linalg.eigh((centred.T @ centred / len(x)).double())       # rising
        self.axes = axes.flip(1)[:, :numbers].float()                              # (P, L)

    def encode(self, pictures: torch.Tensor) -> torch.Tensor:
        """-> (N, L)"""
        x = pictures.flatten(1).float()
        return (x / 255 if pictures.dtype == torch.uint8 else x).sub(self.mean) @ self.axes

    def decode(self, codes: torch.Tensor) -> torch.Tensor:
        """-> (N, 1, S, S), cut to 0-1"""
        return (codes @ self.axes.T + self.mean).clamp(0, 1).view(-1, 1, self.size, self.size)


def error(drawn: torch.Tensor, pictures: torch.Tensor) -> float:
    """Mean squared error per pixel of drawn, 0-1, against uint8 pictures."""
    return (drawn - pictures.float() / 255).square().mean().item()


@torch.no_grad()
def rates(coder, learnt: torch.Tensor, held: torch.Tensor) -> list[Rate]:
    """The held-out error at every number of bits, uncut codes last. The range of each number is taken from learnt."""
    seen, codes = coder.encode(learnt), coder.encode(held)
    low, high = seen.amin(0), seen.amax(0)
    cuts = [(bits, cut(codes, low, high, bits)) for bits in BITS]
    return [Rate(bits, code_bytes(codes.shape[1], bits), error(coder.decode(z), held)) for bits, z in (*cuts, (FLOAT_BITS, codes))]


def enough(found: list[Rate]) -> Rate:
    """The rate with the fewest bits that is no worse than uncut codes, but for 5%."""
    return next(rate for rate in found if rate.error <= NO_WORSE * found[-1].error)


def _sheet(pictures: torch.Tensor) -> np.ndarray:
    """(100, 1, S, S) -> (10 S, 10 S)"""
    side = pictures.shape[-1]
    return pictures.view(SHEET, SHEET, side, side).transpose(1, 2).reshape(SHEET * side, SHEET * side).numpy()


def jpeg_rate(pictures: torch.Tensor, quality: int) -> tuple[Rate, torch.Tensor]:
    """JPEG of sheets of 100 pictures at this quality: bytes per picture, and what comes back (N, 1, S, S), uint8."""
    from PIL import Image

    side, size, back = pictures.shape[-1], 0, []
    sheets = pictures[:len(pictures) // SHEET**2 * SHEET**2].split(SHEET**2)
    for part in sheets:
        file = io.BytesIO()
        Image.fromarray(_sheet(part)).save(file, "jpeg", quality=quality, optimize=True)
        size += file.tell()
        pixels = torch.from_numpy(np.array(Image.open(file)))
        back.append(pixels.view(SHEET, side, SHEET, side).transpose(1, 2).reshape(-1, 1, side, side))
    drawn = torch.cat(back)
    return Rate(quality, size / len(drawn), error(drawn.float() / 255, pictures[:len(drawn)])), drawn


def jpeg_alone(pictures: torch.Tensor, quality: int) -> float:
    """Bytes per picture where each is a JPEG file of its own: most of it is tables."""
    from PIL import Image

    total = 0
    for picture in pictures:
        file = io.BytesIO()
        Image.fromarray(picture[0].numpy()).save(file, "jpeg", quality=quality, optimize=True)
        total += file.tell()
    return total / len(pictures)


def at_size(found: list[Rate], size: float) -> Rate | None:
    """The best of the rates that are no larger than size; None where all are larger."""
    fitting = [rate for rate in found if rate.size <= size]
    return min(fitting, key=lambda rate: rate.error) if fitting else None
