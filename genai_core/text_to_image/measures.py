"""How good the pocket model is, by the pixel checker: prompts from seeds that training never used, one picture each."""

import time
from collections import Counter

import numpy as np
import torch

from genai_core import measuring
from genai_core.data import checker, picturebook
from genai_core.data.captions import caption
from genai_core.models.picture_autoencoder import to_unit
from genai_core.text_to_image.pipeline import load
from genai_core.text_to_image.sampling import frames, to_pictures

SETTINGS = {"guidance": "cfg", "scale": 3.0, "steps": 25, "n": 1, "strip": False}
TRUE_SEED, TRUE_SCENES = 900_001, 2000
AFTER_SCENES = 300
PROMPTS = {"single": (900_101, "train", "single", 200), "equal": (900_102, "train", "equal", 40),
           "relation": (900_103, "train", "relation", 40), "unseen_pair": (900_104, "unseen", "single", 40)}


def checked(scenes, pictures) -> dict[str, dict]:
    """For each factor, the share of scenes that the checker reads rightly."""
    right, asked = Counter(), Counter()
    for what, picture in zip(scenes, pictures, strict=True):
        for factor, verdict in checker.judge(what, picture).items():
            asked[factor] += 1
            right[factor] += verdict is True
    return {factor: measuring.share(right[factor], asked[factor]) for factor in asked}


def prompts(name: str, n: int | None = None) -> list[tuple[picturebook.Scene, str]]:
    """(what is asked for, the prompt) of the named set: factors uniform, phrasings as in training."""
    seed, split, kind, most = PROMPTS[name]
    asked = []
    for index in range(most if n is None else n):
        rng = picturebook.stream(seed, index)
        what = picturebook.scene(rng, split, kind)
        asked.append((what, caption(what, rng)))
    return asked


def draw(pipeline, asked, seed: int, say=None) -> list[np.ndarray]:
    """One picture per prompt, prompt i with seed `seed` + i; no picking."""
    drawn = []
    for index, (_, prompt) in enumerate(asked):
        for last in frames(pipeline, prompt, seed=seed + index, **SETTINGS):
            pass
        drawn.append(last.clean[0])
        if say and (index + 1) % 50 == 0:
            say(f"{index + 1} of {len(asked)} pictures")
    return drawn


def named_right(asked, pictures) -> dict[str, dict]:
    """Colour and shape together; count, relation, and every factor that the prompt names."""
    both, cannot, told = 0, 0, Counter()
    right: Counter = Counter()
    for (what, prompt), picture in zip(asked, pictures, strict=True):
        verdict = checker.judge(what, picture)
        both += verdict["colour"] is True and verdict["shape"] is True
        cannot += verdict["colour"] is None or verdict["shape"] is None
        words = prompt.replace("grey", "gray").replace("little", "small").replace("big", "large").replace("plain", "solid")
        for factor, answer in verdict.items():
            said = {"size": what.size, "fill": what.fill, "background": what.background}.get(factor)
            if said is None or said in words:
                told[factor] += 1
                right[factor] += answer is True
    return {"colour_and_shape": measuring.share(both, len(asked)), "cannot_tell": measuring.share(cannot, len(asked)),
            **{factor: measuring.share(right[factor], told[factor]) for factor in told}}


def _run(say) -> dict:
    began = time.monotonic()
    truth = picturebook.scenes(TRUE_SCENES, TRUE_SEED, "all")
    figures = {"checker_on_true_scenes": checked([s for s, _, _ in truth], [p for _, p, _ in truth])}
    say("checker on true scenes: done")
    pipeline = load()
    some = truth[:AFTER_SCENES]
    with torch.no_grad():
        through = [to_pictures(pipeline.vae.decode(pipeline.vae.encode(to_unit(part)).latents).sample)
                   for part in torch.stack([torch.from_numpy(p).permute(2, 0, 1) for _, p, _ in some]).split(50)]
    figures["checker_after_autoencoder"] = checked([s for s, _, _ in some], np.concatenate(through))
    for name, (seed, *_) in PROMPTS.items():
        say(f"{name}: drawing")
        asked = prompts(name)
        figures[name] = named_right(asked, draw(pipeline, asked, seed, say))
    return {"seeds": {"true_scenes": TRUE_SEED, **{name: row[0] for name, row in PROMPTS.items()}},
            "settings": {k: v for k, v in SETTINGS.items() if k != "strip"}, "threads": torch.get_num_threads(),
            "seconds": round(time.monotonic() - began, 1), "figures": figures}


MEASURE = measuring.Measure(_run, ("assets/models/pocket", *(f"genai_core/{part}.py" for part in (
    "data/picturebook", "data/shapes", "data/captions", "data/checker", "text_to_image/sampling",
    "text_to_image/measures"))))
