"""CLIP guidance: the gradient of CLIP's similarity moves the noise that the UNet predicts.

    guided noise = noise - s * sqrt(1 - alpha_bar_t) * gradient of (logit scale * similarity), with respect to the
    UNet's input

The gradient points to where similarity rises. Sources: Dhariwal & Nichol 2021, arXiv:2105.05233, algorithm 2; Nichol et
al. 2021 (GLIDE), arXiv:2112.10741, section 2.4 (CLIP guidance, and a CLIP that reads noise).
"""

from dataclasses import dataclass

import torch

from genai_core import runtime
from genai_core.text_to_image import schedulers
from genai_core.text_to_image.settings import Settings
from genai_core.text_to_image.similarity import Guide, crops

STREAMS = 2**40  # seeds of crops and fresh noise lie beyond those of the latents: guidance changes no other draw


@dataclass(frozen=True)
class Seen:
    """What CLIP did at one step. gradient: (n, c, h, w), before scale and factor; step: (n, c, h, w), what was added to
    the noise; crops: (n, crops, 3, size, size), -1 to 1, or None where CLIP read latents."""

    gradient: torch.Tensor
    step: torch.Tensor
    crops: torch.Tensor | None


class Steering:
    """CLIP's share in one run: the vector it pulls towards and the random stream of its crops."""

    def __init__(self, asked: Settings, guide: Guide):
        self.asked, self.guide = asked, guide
        self.tower = guide.noise_tower() if asked.clip == "noise_aware" else None
        self.rng = runtime.rng(STREAMS + asked.seed)
        towards = guide.texts([asked.prompt])
        self.target = towards - guide.texts([asked.negative]) if asked.negative else towards   # (1, embed)

    def noise(self, like: torch.Tensor) -> torch.Tensor:
        """Fresh noise to go back a step with, of the shape of `like`."""
        return torch.randn(like.shape, generator=self.rng).to(like)

    def _pull(self, embedded: torch.Tensor, scale) -> torch.Tensor:
        """Logit scale times similarity: with a negative prompt, the log-odds of prompt against it.  (..., embed) -> (...)"""
        return scale * (embedded @ self.target.to(embedded).T)[..., 0]

    def _noise_aware(self, x, chain, index):
        with torch.enable_grad():
            x = x.detach().requires_grad_()
            t = chain.timesteps[index].round().long().expand(len(x))
            pull = self._pull(self.tower.image_embedding(x, t), self.tower.logit_scale.detach()).sum()
        return torch.autograd.grad(pull, x)[0], None

    def _plain(self, vae, x, velocity, chain, index):
        """velocity holds a graph where the gradient goes through the UNet; else it counts as fixed, which is exact where
        the clean latents have deviation 1: then E[x0 | x] = sqrt(alpha_bar) x."""
        with torch.enable_grad():
            clean = schedulers.clean_of(velocity, x, chain, index)
            decoded = vae.decode(clean / vae.config.scaling_factor, return_dict=False)[0]         # (n, 3, h, w)
            views = crops(decoded, self.asked.crops, self.guide.size, self.rng)                   # (n, crops, 3, s, s)
            embedded = self.guide.pictures(views.flatten(0, 1)).unflatten(0, views.shape[:2])     # (n, crops, embed)
            pull = self._pull(embedded, self.guide.scale).mean(1).sum()
        return torch.autograd.grad(pull, x)[0], views.detach()

    def steered(self, vae, predict, x: torch.Tensor, chain, index: int) -> tuple[torch.Tensor, torch.Tensor, Seen]:
        """One prediction for the UNet's input x (n, c, h, w) at step `index`, from 0, with CLIP's share in it.

        predict(x) -> (what the UNet answers, what it answers without any guidance).
        -> (the guided answer, the unguided one, what CLIP did)
        """
        asked = self.asked
        if asked.clip == "noise_aware":
            out, alone = predict(x)
            gradient, views = self._noise_aware(x, chain, index)
        else:
            x = x.detach().requires_grad_()
            with torch.set_grad_enabled(asked.through_unet):
                out, alone = predict(x)
                velocity = schedulers.velocity(out, x, chain, index)
            gradient, views = self._plain(vae, x, velocity, chain, index)
        out, alone, x = out.detach(), alone.detach(), x.detach()
        step = -asked.clip_scale * schedulers.factor(chain, index, asked.slip) * gradient
        if asked.bound:
            step = step * limit(step, schedulers.noise_in(out, x, chain, index), asked.bound)
        return schedulers.moved(out, step, chain, index), alone, Seen(gradient, step, views)


def length(vectors: torch.Tensor) -> torch.Tensor:
    """Euclidean length of each of (n, c, h, w).  -> (n,)"""
    return vectors.flatten(1).norm(dim=1)


def limit(step: torch.Tensor, noise: torch.Tensor, bound: float) -> torch.Tensor:
    """What to multiply each step with, so that none is longer than `bound` times its noise.  -> (n, 1, 1, 1)"""
    return (bound * length(noise) / length(step).clamp_min(1e-12)).clamp(max=1)[:, None, None, None]


def ratio(out: torch.Tensor, alone: torch.Tensor, x: torch.Tensor, chain, index: int) -> torch.Tensor:
    """How far all guidance has moved the predicted noise, as a share of the unguided noise's length.  -> (n,)"""
    before, after = (schedulers.noise_in(answer, x, chain, index) for answer in (alone, out))
    return length(after - before) / length(before)
