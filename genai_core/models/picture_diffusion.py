"""Latent diffusion for Picturebook: a UNet that reads the caption by cross-attention.

Sources: Ho et al. 2020, arXiv:2006.11239 (the chain); Rombach et al. 2022, arXiv:2112.10752 (latents, cross-attention);
Salimans & Ho 2022, arXiv:2202.00512, appendix D (v-prediction); Ho & Salimans 2022, arXiv:2207.12598 (dropped prompts).
"""

import torch
from torch import nn
from torch.nn.functional import mse_loss

from genai_core import runtime
from genai_core.models.picture_autoencoder import LATENT_CHANNELS, LATENT_SIZE, PictureAutoencoder

DROP_SHARE = 0.2  # captions replaced by the empty prompt: CLIP guidance starts from what the empty prompt draws

MIDDLE, SPREAD, UNIFORM_SHARE = 390, 170, 0.35  # of the timesteps trained on: centre and deviation of the bell


def noise_schedule():
    """The chain of Ho et al.: 1000 steps, beta from 1e-4 to 0.02; the network predicts v."""
    from diffusers import DDIMScheduler

    return DDIMScheduler(beta_schedule="linear", beta_start=1e-4, beta_end=0.02, prediction_type="v_prediction",
                         clip_sample=False, set_alpha_to_one=True, timestep_spacing="trailing", steps_offset=1)


def untrained_encoder():
    """Pictures to latents through a small autoencoder that knows nothing: enough to test a loop."""
    return runtime.build(lambda: PictureAutoencoder(8, (1, 1, 1), (1, 1, 1)), 0).encode


def timesteps_to_train(n: int, length: int, rng: torch.Generator, middle: int = MIDDLE) -> torch.Tensor:
    """n timesteps below length: most around `middle`, where shape is decided (signal-to-noise from about 4 to 0.01), the rest
    anywhere. After Esser et al. 2024, arXiv:2403.03206, section 3.1, with a bell over t instead of over its logit.
    -> (n,) on the generator's device"""
    anywhere = torch.randint(length, (n,), generator=rng, device=rng.device)
    near = (middle + SPREAD * torch.randn(n, generator=rng, device=rng.device)).round().clamp(0, length - 1).long()
    return torch.where(torch.rand(n, generator=rng, device=rng.device) < UNIFORM_SHARE, anywhere, near)


class PictureDiffusion(nn.Module):
    """What a noisy latent should become, given the text states of a caption."""

    def __init__(self, text: nn.Module | None = None, encode_pictures=None, channels=(64, 128), layers: int = 2,
                 text_width: int = 128, learn_text: bool = False, middle: int = MIDDLE):
        """text: gives the states of token ids; encode_pictures: uint8 pictures to latents. Without them, untrained ones
        of the same kind stand in, which is enough to test the loop. learn_text: the text tower learns together with the
        UNet. What CLIP needs of a sentence is which words are in it; a picture needs which word belongs to which. middle: the
        timestep around which it learns most; which object stands where is decided in the chain's first third, from about 650 up."""
        super().__init__()
        from diffusers import UNet2DConditionModel
        from diffusers.models.attention_processor import AttnProcessor

        from genai_core.text_to_image.tokenizer import encode

        self.unet = UNet2DConditionModel(
            sample_size=LATENT_SIZE, in_channels=LATENT_CHANNELS, out_channels=LATENT_CHANNELS, layers_per_block=layers,
            block_out_channels=channels, cross_attention_dim=text_width, attention_head_dim=4,
            down_block_types=("DownBlock2D",) * (len(channels) - 1) + ("CrossAttnDownBlock2D",),
            up_block_types=("CrossAttnUpBlock2D",) + ("UpBlock2D",) * (len(channels) - 1), norm_num_groups=16)
        self.unet.to(memory_format=torch.channels_last)
        self.unet.set_attn_processor(AttnProcessor())  # the fused kernel's backward is slower on a CPU in bfloat16
        self.text = (text if text is not None else nn.Embedding(4096, text_width)).requires_grad_(learn_text)
        self.learn_text, self.middle = learn_text, middle
        self.encode_pictures = encode_pictures or untrained_encoder()
        self.register_buffer("empty", encode([""])[0], persistent=False)             # (32,)
        self.register_buffer("alpha_bar", noise_schedule().alphas_cumprod, persistent=False)  # (1000,)

    def states(self, ids):
        """Text states of token ids (B, 32) -> (B, 32, text_width)."""
        with torch.set_grad_enabled(self.learn_text and torch.is_grad_enabled()):
            out = self.text(ids)
        return out if torch.is_tensor(out) else out.last_hidden_state

    def turns(self, batch, rng):
        """batch: (latents (B, 4, 16, 16) or uint8 pictures (B, 3, 64, 64), ids (B, 32)) -> one turn: mean squared
        error of the predicted v."""
        x, ids = batch
        x = (self.encode_pictures(x) if x.dtype == torch.uint8 else x).float().contiguous(memory_format=torch.channels_last)
        where = x.device
        t = timesteps_to_train(len(x), len(self.alpha_bar), rng, self.middle)
        noise = torch.randn(x.shape, generator=rng, device=where)
        dropped = torch.rand(len(x), generator=rng, device=where) < DROP_SHARE
        ids = torch.where(dropped[:, None], self.empty, ids)
        signal = self.alpha_bar[t].sqrt()[:, None, None, None]                        # (B, 1, 1, 1)
        spread = (1 - self.alpha_bar[t]).sqrt()[:, None, None, None]
        predicted = self.unet(signal * x + spread * noise, t, self.states(ids), return_dict=False)[0]
        yield "loss", mse_loss(predicted.float(), signal * noise - spread * x), self if self.learn_text else self.unet
