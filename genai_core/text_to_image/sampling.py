"""From a sentence to a picture, one denoising step at a time, over the parts of a Stable Diffusion pipeline.

Source: Rombach et al. 2022, arXiv:2112.10752; guidance: Ho & Salimans 2022, arXiv:2207.12598, eq. 6 as diffusers counts
it (scale 1 is the prompt alone). The same model, steps, scheduler and seed give StableDiffusionPipeline's own picture.
"""

import copy
import inspect
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from genai_core import runtime
from genai_core.text_to_image import schedulers
from genai_core.text_to_image.big import cleared
from genai_core.text_to_image.settings import Settings, check

WATCH = ("similarity", "ratio", "gradient", "crops")
SMALL = 5_000_000  # weights of an autoencoder that is copied in no time


@dataclass(frozen=True)
class Frame:
    """One step: index from 1, of how many; timestep of the chain; noisy and predicted clean pictures.

    noisy, clean: (n, height, width, 3) uint8, decoded from the latents, or None where they were not asked for. In the
    last frame clean is the picture.

    Filled where `watch` names them. similarity: (n,), the plain CLIP's cosine of clean and prompt, -1 to 1. ratio: (n,),
    how far guidance moved the predicted noise, as a share of the unguided noise's length. gradient: (n, h, w) on the
    latents' grid, the length of CLIP's gradient over the channels, before scale and factor; and crops: (n, crops, side,
    side, 3) uint8, what the plain CLIP saw; both None where CLIP did not steer so.
    """

    index: int
    steps: int
    timestep: int
    noisy: np.ndarray | None
    clean: np.ndarray | None
    similarity: np.ndarray | None = None
    ratio: np.ndarray | None = None
    gradient: np.ndarray | None = None
    crops: np.ndarray | None = None


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


@torch.inference_mode()
def _decode(pipeline, latents: torch.Tensor, vae=None) -> np.ndarray:
    vae = vae or pipeline.vae
    decoded = vae.decode((latents / vae.config.scaling_factor).to(vae.dtype), return_dict=False)[0]
    return to_pictures(cleared(pipeline, decoded.to(latents.dtype)))


def _strip_vae(pipeline):
    """The decoder for steps on their way: a small one in bfloat16 where the CPU computes in it (2.7 times as fast), else laid
    out anew (a third faster). That moves a pixel by up to 4 of 255, so the picture itself comes from the pipeline's own."""
    vae = pipeline.vae
    if vae.device.type != "cpu" or sum(weights.numel() for weights in vae.parameters()) >= SMALL:
        return vae
    return copy.deepcopy(vae).to(torch.bfloat16 if runtime.fast_bf16() else vae.dtype, memory_format=torch.channels_last)


def _predictor(pipeline, asked: Settings):
    """predict(x, t) -> (the UNet's answer as guided by the prompt, its answer without guidance), each (n, c, h, w)."""
    followed = _states(pipeline, [asked.prompt if asked.guidance in ("cfg", "both") else ""]).repeat_interleave(asked.n, 0)
    states = followed
    if asked.free:
        states = torch.cat([_states(pipeline, [asked.negative]).repeat_interleave(asked.n, 0), followed])

    def predict(x, t):
        out = pipeline.unet(torch.cat([x] * 2) if asked.free else x, t, encoder_hidden_states=states, return_dict=False)[0]
        if not asked.free:
            return out, out
        empty, prompted = out.chunk(2)
        return empty + asked.scale * (prompted - empty), empty

    return predict


def _watched(pipeline, watch: Collection[str], asked: Settings, guide):
    """(what is watched, the CLIP for it or None). A CLIP is opened only where something needs it."""
    if unknown := set(watch) - set(WATCH):
        raise ValueError(f"watch may name {', '.join(WATCH)}; got {', '.join(sorted(unknown))}")
    needed = asked.steered or ("similarity" in watch and asked.prompt)
    if needed and guide is None:
        from genai_core.text_to_image.similarity import guide_for

        guide = guide_for(pipeline)
    return set(watch), guide if needed else None


def frames(pipeline, prompt: str, *, strip: bool = True, watch: Collection[str] = (), guide=None, **asked) -> Iterator[Frame]:
    """Draw n pictures, yielding a Frame after every step.

    asked: as in settings.Settings. strip: decode every step's noisy and predicted clean picture; without it only the last
    frame has pictures. watch: what else a frame shall hold, of WATCH. guide: the CLIP that steers and that `similarity`
    is of (similarity.Guide; None: the one that belongs to the pipeline).
    """
    asked = check(prompt, **asked)
    watch, guide = _watched(pipeline, watch, asked, guide)
    predict = _predictor(pipeline, asked)
    steering = None
    if asked.steered:
        from genai_core.text_to_image.guidance import Steering

        steering = Steering(asked, guide)
    watcher = _strip_vae(pipeline) if strip or "similarity" in watch else None
    chain = schedulers.scheduler(pipeline, asked.scheduler, asked.steps)
    unet, size = pipeline.unet, pipeline.unet.config.sample_size
    rng = runtime.rng(asked.seed)
    extra = {"generator": rng} if "generator" in inspect.signature(chain.step).parameters else {}
    latents = torch.randn(asked.n, unet.config.in_channels, size, size, generator=rng).to(pipeline.device)
    latents = latents * chain.init_noise_sigma
    for index, t in enumerate(chain.timesteps):
        last = index == len(chain.timesteps) - 1
        with torch.no_grad():
            before = latents
            for round_left in reversed(range(asked.rounds if steering else 1)):
                x, seen = chain.scale_model_input(before, t), None
                if steering:
                    out, alone, seen = steering.steered(pipeline.vae, partial(predict, t=t), x, chain, index)
                else:
                    out, alone = predict(x, t)
                taker = schedulers.twin(chain) if round_left else chain
                latents = taker.step(out, t, before, **extra, return_dict=False)[0]
                if round_left:
                    before = schedulers.back(latents, steering.noise(latents), chain, index)
            noisy = clean = None
            if last:
                clean = _decode(pipeline, latents)
                noisy = _decode(pipeline, x, watcher) if strip else None
            elif strip or "similarity" in watch:
                predicted = schedulers.clean_of(schedulers.velocity(out, x, chain, index), x, chain, index)
                noisy = _decode(pipeline, x, watcher) if strip else None  # one after the other is faster than both at once
                clean = _decode(pipeline, predicted, watcher)
            beside = _beside(pipeline, watch, asked, guide, chain, index, clean, out, alone, x, seen)
        yield Frame(index + 1, len(chain.timesteps), int(t), noisy, clean if strip or last else None, **beside)


def _beside(pipeline, watch, asked, guide, chain, index, clean, out, alone, x, seen) -> dict:
    """The watched fields of a Frame."""
    told = {}
    if "similarity" in watch and guide is not None:
        told["similarity"] = guide.similarity(clean, asked.prompt)
    if "ratio" in watch:
        from genai_core.text_to_image.guidance import ratio

        told["ratio"] = ratio(out, alone, x, chain, index).cpu().numpy()
    if seen and "gradient" in watch:
        told["gradient"] = seen.gradient.norm(dim=1).cpu().numpy()
    if seen and "crops" in watch and seen.crops is not None:
        shown = to_pictures(cleared(pipeline, seen.crops.flatten(0, 1)))
        told["crops"] = shown.reshape(*seen.crops.shape[:2], *shown.shape[1:])
    return told
