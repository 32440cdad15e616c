"""A CLIP that reads noisy latents: what the picture is going to be, asked while it is still mostly noise.

Source: Nichol et al. 2021 (GLIDE), arXiv:2112.10741, section 2.4 "noised CLIP models". The text side is the plain CLIP's
and stays as it is, so that both give similarities to the same sentence vectors. Architecture: a vision transformer over
2x2 patches of the latent (Dosovitskiy et al. 2021, arXiv:2010.11929) with the timestep as one more token.
"""

import math

import torch
from torch import nn
from torch.nn.functional import cross_entropy, normalize

from genai_core import runtime
from genai_core.models.picture_autoencoder import LATENT_CHANNELS, LATENT_SIZE
from genai_core.models.picture_diffusion import noise_schedule, timesteps_to_train, untrained_encoder

PATCH = 2


class NoisyPictureClip(nn.Module):
    """The picture tower alone: noisy latents and their timestep to a unit vector beside the caption's."""

    def __init__(self, text_embedding=None, encode_pictures=None, width: int = 128, layers: int = 4, embed: int = 128):
        """text_embedding: token ids (B, 32) -> unit vectors (B, embed), not trained here; encode_pictures: uint8
        pictures to latents. Without them, untrained ones of the same kind stand in, enough to test the loop."""
        super().__init__()
        from diffusers.models.embeddings import TimestepEmbedding, Timesteps

        tokens = (LATENT_SIZE // PATCH) ** 2
        self.stem = nn.Sequential(nn.Conv2d(LATENT_CHANNELS, width // 2, 3, padding=1), nn.SiLU(),
                                  nn.Conv2d(width // 2, width, PATCH, stride=PATCH))
        self.frequencies = Timesteps(width, flip_sin_to_cos=True, downscale_freq_shift=0)
        self.when = TimestepEmbedding(width, width)
        self.place = nn.Parameter(torch.randn(tokens + 1, width) / width**0.5)
        block = nn.TransformerEncoderLayer(width, max(1, width // 32), 4 * width, 0.0, "gelu", batch_first=True, norm_first=True)
        self.blocks = nn.TransformerEncoder(block, layers, nn.LayerNorm(width), enable_nested_tensor=False)
        self.out = nn.Linear(width, embed, bias=False)
        self.log_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))
        self.text_embedding = text_embedding or runtime.build(lambda: _Sentences(embed), 0)
        self.encode_pictures = encode_pictures or untrained_encoder()
        self.register_buffer("alpha_bar", noise_schedule().alphas_cumprod, persistent=False)  # (1000,)

    @property
    def logit_scale(self) -> torch.Tensor:
        """What similarities are multiplied with, at most 100: a positive number."""
        return self.log_scale.exp().clamp(max=100)

    def image_embedding(self, latents, timestep):
        """Noisy latents (B, 4, 16, 16) at a timestep from 0 to 999, one or (B,) -> unit vectors (B, embed)."""
        timestep = torch.as_tensor(timestep, device=latents.device).expand(len(latents))
        when = self.when(self.frequencies(timestep).to(latents.dtype))[:, None]       # (B, 1, width)
        patches = self.stem(latents).flatten(2).transpose(1, 2)                       # (B, 64, width)
        read = self.blocks(torch.cat([when, patches], 1) + self.place)                # (B, 65, width)
        return normalize(self.out(read[:, 0]).float(), dim=1)

    def turns(self, batch, rng):
        """batch: (latents (B, 4, 16, 16) or uint8 pictures (B, 3, 64, 64), ids (B, 32)), or both in groups, (G, B / G, ...)
        -> one turn: the mean of both directions' cross-entropy, in nats; log(B) at chance."""
        x, ids = batch
        x, ids = x.flatten(0, -4), ids.flatten(0, -2)
        x = (self.encode_pictures(x) if x.dtype == torch.uint8 else x).float()
        t = timesteps_to_train(len(x), len(self.alpha_bar), rng)
        noise = torch.randn(x.shape, generator=rng, device=x.device)
        signal, spread = self.alpha_bar[t].sqrt(), (1 - self.alpha_bar[t]).sqrt()     # (B,)
        image = self.image_embedding(signal[:, None, None, None] * x + spread[:, None, None, None] * noise, t)
        with torch.no_grad():
            text = self.text_embedding(ids).float()                                   # (B, embed)
        logits = self.logit_scale * image @ text.T                                    # (B, B)
        own = torch.arange(len(ids), device=logits.device)
        yield "loss", (cross_entropy(logits, own) + cross_entropy(logits.T, own)) / 2, self


class _Sentences:
    """Stands in for a text tower: a fixed random vector for each token, summed."""

    def __init__(self, embed: int):
        self.table = torch.randn(4096, embed)

    def __call__(self, ids):
        return normalize(self.table.to(ids.device)[ids].sum(1), dim=1)
