"""Latent diffusion in one picture: our loop walks through the pocket model's latents, and its decoder shows each step.

Source: Rombach et al. 2022, arXiv:2112.10752. With DDIM and eta 0 the picture is the one of "Words to picture".
"""

import math
from collections.abc import Iterator

import numpy as np
import torch

from genai_core import runtime
from genai_core.diffusion import samplers, schedule
from genai_core.diffusion.experiment import Frame, Settings
from genai_core.errors import BadInput

SHOTS = 24
LIMIT = 3.0     # latents from -3 to 3 are shown from black to white
MOST_CALLS = 100
MOST_LETTERS = 200


def chain_of(pipeline) -> schedule.Schedule:
    """The pipeline's own schedule."""
    return schedule.Schedule("pocket", pipeline.scheduler.alphas_cumprod.double())


def denoiser(pipeline, prompt: str, guidance: float):
    """The pipeline's network as denoise(x, sigma); it answers v. guidance: 1 is the prompt alone."""
    from genai_core.text_to_image.sampling import _states

    states, own = _states(pipeline, ["", prompt]), chain_of(pipeline).sigma.log().numpy()

    def denoise(x, sigma):
        level = torch.tensor(1 / (1 + sigma**2), dtype=torch.float64)
        a, b, seen = level.sqrt(), (1 - level).sqrt(), (x * level.sqrt()).float()
        t = float(np.interp(math.log(sigma), own, np.arange(len(own))))
        t = torch.tensor(round(t) if abs(t - round(t)) < 1e-3 else t)  # the chain's own levels are whole timesteps
        empty, prompted = pipeline.unet(torch.cat([seen, seen]), t, encoder_hidden_states=states, return_dict=False)[0].chunk(2)
        return (a * seen - b * (empty + guidance * (prompted - empty))).to(x.dtype)

    return denoise


def tiles(latents: torch.Tensor) -> np.ndarray:
    """Four channels (4, s, s), two beside each other.  -> (2s, 2s) uint8"""
    grey = ((latents.float() / LIMIT + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
    return torch.cat([torch.cat([grey[0], grey[1]], 1), torch.cat([grey[2], grey[3]], 1)]).numpy()


def run(asked: Settings, pipeline=None) -> Iterator[Frame]:
    """One picture: latents as they are, and what the decoder makes of them and of the predicted clean ones."""
    from genai_core.text_to_image.pipeline import load
    from genai_core.text_to_image.sampling import _decode

    if asked.calls > MOST_CALLS:
        raise BadInput(f"Each call of the pocket model takes a while: choose at most {MOST_CALLS} for latents; you gave {asked.calls:,}.")
    if not asked.prompt.strip() or len(asked.prompt) > MOST_LETTERS:
        raise BadInput(f"The sentence for latents has 1 to {MOST_LETTERS} letters; yours has {len(asked.prompt.strip())}.")
    pipeline = pipeline or load()
    how, rng = asked.how, runtime.rng(asked.seed)
    at = samplers.levels(chain_of(pipeline), how, asked.calls)
    size = pipeline.unet.config.sample_size
    x = samplers.start((1, pipeline.unet.config.in_channels, size, size), float(at[0]), rng)
    shown = set(torch.linspace(1, len(at) - 1, min(SHOTS, len(at) - 1)).round().long().tolist())
    with torch.no_grad():
        for step in samplers.walk(denoiser(pipeline, asked.prompt, asked.guidance), x, at, how, rng):
            row, made = {}, {}
            if step.index in shown:
                last = step.index == step.steps
                clean = step.x_after if last else step.clean
                made = {"latents": tiles(step.seen[0]), "noisy": _decode(pipeline, step.seen.float())[0],
                        "clean": _decode(pipeline, clean.float())[0]}
                row = {"step": step.index, "calls": step.calls, "sigma": step.sigma}
            yield Frame(step.index, step.steps, {}, None, row, pictures=made)
