"""Autoencoder for Picturebook pictures: 64x64 RGB to a 16x16 latent of 4 channels and back.

The network is diffusers' AutoencoderTiny (after TAESD); what is ours is what it is asked to do.
"""

import torch
from torch import nn
from torch.nn.functional import l1_loss, mse_loss

from genai_core import runtime

LATENT_CHANNELS, LATENT_SIZE = 4, 16


def to_unit(pictures: torch.Tensor) -> torch.Tensor:
    """uint8 pictures, 0-255, as floats from -1 to 1; floats are returned as they are."""
    return pictures.float() / 127.5 - 1 if pictures.dtype == torch.uint8 else pictures


class PictureAutoencoder(nn.Module):
    """encode and decode, trained on squared and absolute error, with latents kept near mean 0 and deviation 1."""

    def __init__(self, width: int = 32, encoder_blocks=(1, 2, 3), decoder_blocks=(3, 2, 1), jitter: float = 0.08,
                 keep_encoder: bool = False):
        """keep_encoder: only the decoder learns, so that latents made earlier go on holding."""
        super().__init__()
        from diffusers import AutoencoderTiny

        self.jitter = jitter  # std of the noise on latents in training: the decoder learns to forgive small errors
        self.vae = AutoencoderTiny(
            latent_channels=LATENT_CHANNELS, num_encoder_blocks=encoder_blocks, num_decoder_blocks=decoder_blocks,
            encoder_block_out_channels=(width,) * 3, decoder_block_out_channels=(width,) * 3, scaling_factor=1.0)
        self.vae.encoder.requires_grad_(not keep_encoder)
        self.to(memory_format=torch.channels_last)  # 10 times faster in bfloat16 on a CPU

    def turns(self, batch, rng):
        """batch: pictures (B, 3, 64, 64), alone or first of a tuple -> one turn: mean squared error on the scale of
        -1 to 1, with shares of absolute error and of the latents' distance from mean 0 and deviation 1."""
        x = to_unit(batch[0] if isinstance(batch, tuple) else batch)
        z = self.vae.encoder(x)                                                      # (B, 4, 16, 16)
        noise = torch.randn(z.shape, generator=rng, device=z.device)
        y = self.vae.decoder(z + self.jitter * noise)                                # (B, 3, 64, 64)
        mean, deviation = z.float().mean((0, 2, 3)), z.float().std((0, 2, 3))        # each (4,)
        off_scale = mean.square().mean() + deviation.clamp_min(1e-4).log().square().mean()
        y = y.float()
        edges = l1_loss(y.diff(dim=3), x.diff(dim=3)) + l1_loss(y.diff(dim=2), x.diff(dim=2))
        yield "loss", mse_loss(y, x) + 0.2 * l1_loss(y, x) + 0.2 * edges + 0.01 * off_scale, self

    @torch.no_grad()
    def encode(self, pictures):
        """Pictures (B, 3, 64, 64), uint8 or -1 to 1 -> latents (B, 4, 16, 16)."""
        return self.vae.encoder(to_unit(pictures))

    @torch.no_grad()
    def decode(self, latents):
        """Latents (B, 4, 16, 16) -> pictures (B, 3, 64, 64), -1 to 1."""
        return self.vae.decoder(latents).clamp(-1, 1)

    @torch.no_grad()
    def encode_all(self, pictures, at_once: int = 500):
        """Many uint8 pictures (N, 3, 64, 64) -> latents (N, 4, 16, 16), computed in bfloat16, kept in half precision."""
        where = next(self.parameters()).device
        latents = torch.empty(len(pictures), LATENT_CHANNELS, LATENT_SIZE, LATENT_SIZE, dtype=torch.float16)
        for into, part in zip(latents.split(at_once), pictures.split(at_once), strict=True):
            with runtime.autocast("bf16", where):
                encoded = self.encode(part.to(where))
            into.copy_(encoded)
        return latents
