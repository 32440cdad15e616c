"""CLIP without any diffusion: start from noise and change the picture until CLIP likes it. The score becomes high and the
picture rubbish, for nothing here knows what pictures look like.

Like Mordvintsev et al. 2015 ("Inceptionism") for a classifier; why nearly any picture can be given nearly any score:
Szegedy et al. 2014, arXiv:1312.6199.
"""

from collections.abc import Iterator

import torch

from genai_core import runtime
from genai_core.errors import BadInput
from genai_core.text_to_image import similarity
from genai_core.text_to_image.guidance import STREAMS
from genai_core.text_to_image.sampling import Frame, to_pictures
from genai_core.text_to_image.settings import check

WHAT = ("pixels", "latents")
RATE = {"pixels": 0.05, "latents": 0.05}  # Adam's step; pixels from -1 to 1, latents of deviation 1
SIDE = 64  # pixels


def climb(prompt: str, *, what: str = "pixels", steps: int = 40, seed: int = 0, n: int = 1, crops: int = 4, guide=None,
          pipeline=None) -> Iterator[Frame]:
    """Climb the plain CLIP's similarity with a prompt from noise, yielding a Frame after every step of Adam.

    what: "pixels" are changed one by one, or the "latents" that the decoder makes pixels of. crops: views that CLIP looks
    at each time; 1 is the whole picture alone. guide, pipeline: similarity.Guide and the model; None: the pocket model's.
    Frames hold clean (n, h, w, 3) uint8 and similarity (n,), of the whole picture; their timestep is 0.
    """
    asked = check(prompt, guidance="clip", steps=steps, seed=seed, n=n, crops=crops)
    if what not in WHAT:
        raise BadInput(f"What is changed must be one of {', '.join(WHAT)}; you gave {what!r}.")
    if guide is None:
        guide = similarity.guide()
    if what == "latents" and pipeline is None:
        from genai_core.text_to_image.pipeline import load

        pipeline = load()
    rng, views_rng = runtime.rng(asked.seed), runtime.rng(STREAMS + asked.seed)
    target = guide.texts([asked.prompt])                                             # (1, embed)
    if what == "pixels":
        start = torch.randn(asked.n, 3, SIDE, SIDE, generator=rng).mul(0.5).to(target)
    else:
        config = pipeline.unet.config
        start = torch.randn(asked.n, config.in_channels, config.sample_size, config.sample_size, generator=rng).to(target)

    def shown(x):
        """x as pictures (n, 3, h, w), -1 to 1."""
        return x.tanh() if what == "pixels" else pipeline.vae.decode(x / pipeline.vae.config.scaling_factor, return_dict=False)[0]

    x = start.requires_grad_()
    climber = torch.optim.Adam([x], RATE[what], maximize=True)
    for index in range(1, asked.steps + 1):
        with torch.enable_grad():
            seen = similarity.crops(shown(x), asked.crops, guide.size, views_rng)            # (n, crops, 3, s, s)
            climber.zero_grad()
            (guide.scale * guide.pictures(seen.flatten(0, 1)) @ target.T).sum().div(asked.crops).backward()
        slope = x.grad.norm(dim=1).cpu().numpy()                                     # (n, h, w)
        climber.step()
        with torch.no_grad():
            clean = to_pictures(shown(x))
        looked = to_pictures(seen.detach().flatten(0, 1)).reshape(asked.n, asked.crops, guide.size, guide.size, 3)
        yield Frame(index, asked.steps, 0, None, clean, guide.similarity(clean, asked.prompt), None, slope, looked)
