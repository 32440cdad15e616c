"""From a sentence to a picture, one denoising step at a time, over the parts of a Stable Diffusion pipeline.

Source: Rombach et al. 2022, arXiv:2112.10752; guidance: Ho & Salimans 2022, arXiv:2207.12598, eq. 6 as diffusers counts
it (scale 1 is the prompt alone). The same model, steps, scheduler and seed give StableDiffusionPipeline's own picture.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from genai_core import runtime
from genai_core.data.captions import split_words
from genai_core.errors import BadInput

GUIDANCE = ("cfg", "none")
STEPS = (1, 200)
SCALE = (0.0, 30.0)
PICTURES = (1, 4)
LONGEST = 500  # characters


@dataclass(frozen=True)
class Frame:
    """One step: index from 1, of how many; timestep of the chain; noisy and predicted clean pictures.

    noisy, clean: (n, height, width, 3) uint8, decoded from the latents, or None where they were not asked for. In the
    last frame clean is the picture.
    """

    index: int
    steps: int
    timestep: int
    noisy: np.ndarray | None
    clean: np.ndarray | None


def _whole(name: str, value, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value != int(value):
        raise BadInput(f"{name} must be a whole number from {low} to {high}; you gave {value!r}.")
    if not low <= value <= high:
        raise BadInput(f"{name} must be from {low} to {high}; you gave {int(value)}.")
    return int(value)


def check(prompt: str, guidance: str, scale: float, steps: int, seed: int, n: int) -> tuple[str, float, int, int, int]:
    """The settings, cleaned; raises BadInput with a sentence that says what was wrong and what would be right."""
    if guidance not in GUIDANCE:
        raise BadInput(f"Guidance must be one of {', '.join(GUIDANCE)}; you gave {guidance!r}.")
    text = " ".join(str(prompt or "").split())
    if guidance != "none":
        if not text:
            raise BadInput("The prompt is empty. Describe a picture, for example: a red circle above a blue square on gray.")
        if len(text) > LONGEST:
            raise BadInput(f"The prompt has {len(text):,} characters; at most {LONGEST} are read. One sentence is enough.")
        if not split_words(text):
            raise BadInput("The prompt has no words in it. Describe a picture, for example: a yellow star on sky.")
    if isinstance(scale, bool) or not isinstance(scale, int | float) or not math.isfinite(scale) \
            or not SCALE[0] <= scale <= SCALE[1]:
        raise BadInput(f"Guidance scale must be a number from {SCALE[0]:g} to {SCALE[1]:g}; you gave {scale!r}.")
    steps, n = _whole("Steps", steps, *STEPS), _whole("The number of pictures", n, *PICTURES)
    return text, float(scale), steps, _whole("The seed", seed, 0, 2**31 - 1), n


def to_pictures(decoded: torch.Tensor) -> np.ndarray:
    """(n, 3, h, w) from -1 to 1 -> (n, h, w, 3) uint8, rounded as diffusers does."""
    unit = (decoded / 2 + 0.5).clamp(0, 1).permute(0, 2, 3, 1)
    return (unit.cpu().float().numpy() * 255).round().astype(np.uint8)


@torch.no_grad()
def _states(pipeline, texts: list[str]) -> torch.Tensor:
    """Text states (len(texts), tokens, width), as the pipeline computes them."""
    ids = pipeline.tokenizer(texts, padding="max_length", max_length=pipeline.tokenizer.model_max_length,
                             truncation=True, return_tensors="pt").input_ids
    return pipeline.text_encoder(ids.to(pipeline.device))[0]


@torch.no_grad()
def _decode(pipeline, latents: torch.Tensor) -> np.ndarray:
    return to_pictures(pipeline.vae.decode(latents / pipeline.vae.config.scaling_factor, return_dict=False)[0])


def frames(pipeline, prompt: str, *, guidance: str = "cfg", scale: float = 3.0, steps: int = 25, seed: int = 0, n: int = 1,
           strip: bool = True) -> Iterator[Frame]:
    """Draw n pictures, yielding a Frame after every step.

    guidance: "cfg" follows the prompt by `scale`, "none" is the empty prompt alone. strip: decode every step's noisy
    and predicted clean picture; without it only the last frame has pictures.
    """
    text, scale, steps, seed, n = check(prompt, guidance, scale, steps, seed, n)
    guided = guidance == "cfg" and scale != 1.0
    with torch.no_grad():
        told = _states(pipeline, [text if guidance == "cfg" else ""]).repeat_interleave(n, 0)
        states = torch.cat([_states(pipeline, [""]).repeat_interleave(n, 0), told]) if guided else told
    scheduler = type(pipeline.scheduler).from_config(pipeline.scheduler.config)
    scheduler.set_timesteps(steps, device=pipeline.device)
    unet, size = pipeline.unet, pipeline.unet.config.sample_size
    rng = runtime.rng(seed)
    latents = torch.randn(n, unet.config.in_channels, size, size, generator=rng).to(pipeline.device)
    latents = latents * scheduler.init_noise_sigma
    for index, t in enumerate(scheduler.timesteps, 1):
        with torch.no_grad():
            both = scheduler.scale_model_input(torch.cat([latents] * 2) if guided else latents, t)
            out = unet(both, t, encoder_hidden_states=states, return_dict=False)[0]
            if guided:
                empty, prompted = out.chunk(2)
                out = empty + scale * (prompted - empty)
            before, done = latents, scheduler.step(out, t, latents)
            latents = done.prev_sample
            last = index == len(scheduler.timesteps)
            noisy = clean = None
            if last:
                clean = _decode(pipeline, latents)
                noisy = _decode(pipeline, before) if strip else None
            elif strip:
                noisy, clean = np.split(_decode(pipeline, torch.cat([before, done.pred_original_sample])), 2)
        yield Frame(index, len(scheduler.timesteps), int(t), noisy, clean)
