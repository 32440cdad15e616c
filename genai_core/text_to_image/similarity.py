"""How well a picture fits a text, in CLIP's eyes: of clean pictures, of crops of them, and of noisy latents.

Sources: Radford et al. 2021, arXiv:2103.00020 (CLIP); Nichol et al. 2021, arXiv:2112.10741, section 2.4 (a CLIP that reads
noise); many changed views of one picture against pictures that only CLIP likes: Crowson et al. 2022, arXiv:2204.08583.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import affine_grid, grid_sample, interpolate

from genai_core.errors import BadInput
from genai_core.text_to_image.pipeline import POCKET
from genai_core.text_to_image.reading import Reader, reader

ZOOM, SHIFT, TURN = (0.7, 1.1), 0.12, math.radians(6)  # of a crop: its side as a share, its centre's move, its rotation


@dataclass(frozen=True)
class Guide:
    """A CLIP whose judgement of pictures has a gradient. noisy: gives the tower that reads noisy latents, where there is one:
    it has image_embedding(latents, timestep) -> (n, embed), unit vectors, and logit_scale, a positive number."""

    reader: Reader
    noisy: Callable[[], torch.nn.Module] | None = None

    @property
    def size(self) -> int:
        """Side of the picture that CLIP reads, in pixels."""
        return self.reader.size

    @property
    def scale(self) -> float:
        """What similarities were multiplied by in training; at most 100, as there."""
        return self.reader.scale

    def texts(self, texts: Sequence[str]) -> torch.Tensor:
        """Unit vectors of texts.  -> (len(texts), embed)"""
        return self.reader.texts(texts).to(self.reader.where)

    def pictures(self, pictures: torch.Tensor) -> torch.Tensor:
        """Unit vectors of pictures (n, 3, h, w), -1 to 1.  -> (n, embed); differentiable"""
        if tuple(pictures.shape[-2:]) != (self.size, self.size):
            pictures = interpolate(pictures, (self.size, self.size), mode="bicubic", antialias=True)
        told = getattr(self.reader.model.visual, "preprocess_cfg", None) or {}
        mean, std = (pictures.new_tensor(told.get(name) or (0.5,) * 3)[:, None, None] for name in ("mean", "std"))
        return self.reader.model.encode_image((pictures / 2 + 0.5 - mean) / std, normalize=True)

    @torch.no_grad()
    def similarity(self, pictures: np.ndarray, prompt: str) -> np.ndarray:
        """Cosine of pictures (n, h, w, 3) uint8 with one text, -1 to 1.  -> (n,)"""
        return (self.pictures(floats(pictures, self.reader.where)) @ self.texts([prompt]).T)[:, 0].cpu().numpy()

    def noise_tower(self) -> torch.nn.Module:
        """The tower that reads noisy latents; BadInput where this model has none."""
        if self.noisy is None:
            raise BadInput("This model comes without a noise-aware CLIP: choose the plain one.")
        return self.noisy()


def guide(model: str | Path = "pocket", noisy: Callable[[], torch.nn.Module] | None = None) -> Guide:
    """The CLIP of the pocket model, or another as reading.reader opens it. noisy: gives the noise-aware tower; None: the
    one that comes with the model, where one does. BadInput, with a sentence, where there is no such CLIP."""
    from genai_core.text_to_image.pipeline import load_noise_clip

    folder = POCKET if str(model) == "pocket" else Path(model).expanduser()
    if noisy is None and (folder == POCKET or (folder / "noise_clip").is_dir()):
        noisy = partial(load_noise_clip, folder)
    return Guide(reader(model), noisy)


def guide_for(pipeline) -> Guide:
    """The CLIP that belongs to a pipeline: the one in its own folder, else open_clip's ViT-B-32."""
    folder = Path(pipeline.name_or_path)
    if folder == POCKET:
        return guide()
    return guide(folder if (folder / "clip").is_dir() else "ViT-B-32")


def floats(pictures: np.ndarray, where="cpu") -> torch.Tensor:
    """(n, h, w, 3) uint8 -> (n, 3, h, w), -1 to 1."""
    return torch.from_numpy(np.array(pictures)).to(where).permute(0, 3, 1, 2).float() / 127.5 - 1


def crops(pictures: torch.Tensor, number: int, size: int, rng: torch.Generator) -> torch.Tensor:
    """`number` views of each picture (n, 3, h, w): the whole, then squares of it moved, zoomed and turned a little.

    What lies outside continues the edge. No mirror, which would change left and right; no change of colour.
    Differentiable; the same rng gives the same views.  -> (n, number, 3, size, size)
    """
    n = len(pictures)
    draw = torch.rand(4, n, number, generator=rng).to(pictures.device)
    side = ZOOM[0] + (ZOOM[1] - ZOOM[0]) * draw[0]
    turn = TURN * (2 * draw[1] - 1)
    move = SHIFT * (2 * draw[2:] - 1) * 2                                             # a picture spans -1 to 1: (2, n, number)
    side[:, 0], turn[:, 0], move[:, :, 0] = 1, 0, 0
    cos, sin = side * turn.cos(), side * turn.sin()
    theta = torch.stack([cos, -sin, move[0], sin, cos, move[1]], -1).view(n * number, 2, 3)
    grid = affine_grid(theta, [n * number, 3, size, size], align_corners=False)       # (n * number, size, size, 2)
    views = grid_sample(pictures.repeat_interleave(number, 0), grid, padding_mode="border", align_corners=False)
    return views.view(n, number, 3, size, size)
