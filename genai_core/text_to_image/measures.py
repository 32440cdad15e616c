"""How good the pocket model is, by the pixel checker: prompts from seeds that training never used, one picture each.

Run by `make measure`, in parts: `python -m genai_core measure text_to_image --only clip`.
"""

import time
from collections import Counter
from functools import partial

import numpy as np
import torch

from genai_core import measuring
from genai_core.data import checker, picturebook
from genai_core.data.captions import caption
from genai_core.models.picture_autoencoder import to_unit
from genai_core.text_to_image import reading
from genai_core.text_to_image.pipeline import load
from genai_core.text_to_image.sampling import frames, to_pictures
from genai_core.text_to_image.settings import PRESETS
from genai_core.text_to_image.similarity import guide

SETTINGS = {"guidance": "cfg", "scale": 3.0, "steps": 25}
TRUE_SEED, NOISE_SEED, PAIRS_SEED = 900_001, 900_002, 900_003
TRUE_SCENES, NOISE_PICTURES, PAIRS = 2000, 500, 1000
# name: (seed, split, kind of scene, prompts, what must be right at once)
PROMPTS = {"single": (900_201, "train", "single", 200, ("every_named_factor", None)),
           "equal": (900_202, "train", "equal", 100, ("count_colour_and_shape", ("count", "colour", "shape"))),
           "relation": (900_203, "train", "relation", 100, ("colours_shapes_and_relation", ("colour", "shape", "relation"))),
           "unseen_pair": (900_204, "unseen", "single", 100, ("colour_and_shape", ("colour", "shape"))),
           "clip": (900_205, "train", "single", 100, ("colour_and_shape", ("colour", "shape")))}
SAID = {"grey": "gray", "little": "small", "big": "large", "plain": "solid"}
SAY_EVERY = 10  # pictures


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
    seed, split, kind, most, _ = PROMPTS[name]
    asked = []
    for index in range(most if n is None else n):
        rng = picturebook.stream(seed, index)
        what = picturebook.scene(rng, split, kind)
        asked.append((what, caption(what, rng)))
    return asked


def draw(pipeline, asked, seed: int, say=None, given=SETTINGS, judge=None) -> list[np.ndarray]:
    """One picture per prompt, prompt i with seed `seed` + i; no picking. given: settings; judge: the CLIP that steers."""
    drawn, began = [], time.monotonic()
    for index, (_, prompt) in enumerate(asked, 1):
        for last in frames(pipeline, prompt, seed=seed + index - 1, strip=False, guide=judge, **given):
            pass
        drawn.append(last.clean[0])
        if say and index % SAY_EVERY == 0:
            left = (time.monotonic() - began) / index * (len(asked) - index)
            say(f"{index} of {len(asked)} pictures, about {left:.0f} s left")
    return drawn


def named(what: picturebook.Scene, prompt: str) -> set[str]:
    """The factors that the prompt says; colour, shape, count and relation it always does."""
    words = {SAID.get(word, word) for word in prompt.replace(",", " ").split()}
    told = {factor for factor in ("size", "fill", "background") if getattr(what, factor) in words}
    return told | {"colour", "shape", "count"} | ({"relation"} if what.relation else set())


def named_right(asked, pictures, together=("colour_and_shape", ("colour", "shape"))) -> dict[str, dict]:
    """Shares of prompts whose picture is right: in `together`, (name, factors; None: all that the prompt names) at once,
    in colour and shape, in each factor that the prompt names; and where colour or shape cannot be told."""
    name, factors = together
    whole, both, cannot, told, right = 0, 0, 0, Counter(), Counter()
    for (what, prompt), picture in zip(asked, pictures, strict=True):
        verdict, said = checker.judge(what, picture), named(what, prompt)
        whole += all(verdict[factor] is True for factor in factors or said)
        both += verdict["colour"] is True and verdict["shape"] is True
        cannot += verdict["colour"] is None or verdict["shape"] is None
        for factor in sorted(said):
            told[factor] += 1
            right[factor] += verdict[factor] is True
    return {name: measuring.share(whole, len(asked)), "colour_and_shape": measuring.share(both, len(asked)),
            "cannot_tell": measuring.share(cannot, len(asked)),
            **{factor: measuring.share(right[factor], told[factor]) for factor in told}}


# -- the parts ------------------------------------------------------------------------------------------------------------

def _checker(say, true: int = TRUE_SCENES, noise: int = NOISE_PICTURES) -> dict:
    """The yardstick itself: on true scenes, on the same after the autoencoder, and on noise."""
    truth = picturebook.scenes(true, TRUE_SEED, "all")
    scenes, pictures = [s for s, _, _ in truth], [p for _, p, _ in truth]
    figures = {"checker_on_true_scenes": checked(scenes, pictures)}
    say("on true scenes: done")
    vae = load().vae
    with torch.no_grad():
        through = [to_pictures(vae.decode(vae.encode(to_unit(part)).latents).sample)
                   for part in torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).split(50)]
    figures["checker_after_autoencoder"] = checked(scenes, np.concatenate(through))
    say("after the autoencoder: done")
    rng = np.random.default_rng(NOISE_SEED)
    read = [checker.read(rng.integers(0, 256, (checker.SIZE, checker.SIZE, 3), np.uint8)) for _ in range(noise)]
    silent = sum(not seen.objects or any(o.colour is None or o.shape is None for o in seen.objects) for seen in read)
    figures["checker_on_noise"] = {"cannot_tell": measuring.share(silent, noise)}
    return {"seeds": [TRUE_SEED, NOISE_SEED], "figures": figures}


def _cfg(name: str, say, n: int | None = None) -> dict:
    """Classifier-free guidance on one of the sets of prompts."""
    seed, *_, together = PROMPTS[name]
    asked = prompts(name, n)
    began = time.monotonic()
    pictures = draw(load(), asked, seed, say)
    return {"seeds": [seed], "settings": SETTINGS, "threads": torch.get_num_threads(),
            "each_s": round((time.monotonic() - began) / len(asked), 3),
            "figures": {name: named_right(asked, pictures, together)}}


def _clip(preset: str, say, n: int | None = None) -> dict:
    """CLIP alone, in a named way, beside the same prompts, steps and seeds without any guidance: the checker's shares of
    both, and how often the plain CLIP likes the guided picture more."""
    seed, *_ = PROMPTS["clip"]
    asked, pipeline, judge, given = prompts("clip", n), load(), guide(), PRESETS[preset]
    began = time.monotonic()
    pictures = draw(pipeline, asked, seed, say, given, judge)
    each_s = (time.monotonic() - began) / len(asked)
    say("the same without guidance")
    free = draw(pipeline, asked, seed, say, {"guidance": "none", "steps": given["steps"]})
    likes, liked = ([float(judge.similarity(picture[None], prompt)[0]) for picture, (_, prompt) in zip(drawn, asked, strict=True)]
                    for drawn in (pictures, free))
    figures, unguided = named_right(asked, pictures), named_right(asked, free)
    figures |= {f"unguided_{name}": unguided[name] for name in ("colour_and_shape", "cannot_tell")}
    figures["similarity_above_unguided"] = measuring.share(sum(map(float.__gt__, likes, liked)), len(asked))
    return {"seeds": [seed], "settings": given, "threads": torch.get_num_threads(), "each_s": round(each_s, 3),
            "mean_similarity": round(float(np.mean(likes)), 4), "unguided_mean_similarity": round(float(np.mean(liked)), 4),
            "figures": {f"clip_{preset}": figures}}


def _retrieval(say, n: int = PAIRS) -> dict:
    """Which caption of all is a picture's own, and the other way round."""
    pictures, captions = reading.held_out_pairs(n, PAIRS_SEED)
    say("pairs drawn")
    to_text, to_picture = reading.recall_at_1(pictures, captions)
    return {"seeds": [PAIRS_SEED], "figures": {"retrieval": {
        "picture_to_text": measuring.share(round(to_text * n), n), "text_to_picture": measuring.share(round(to_picture * n), n)}}}


def _on(folders: str, files: str) -> tuple[str, ...]:
    return (*(f"assets/models/pocket/{name}" for name in folders.split()),
            *(f"genai_core/{name}.py" for name in f"data/picturebook data/shapes data/captions {files}".split()))


_DRAW = "text_to_image/sampling text_to_image/schedulers text_to_image/measures"
_STEER = "text_to_image/settings text_to_image/guidance text_to_image/similarity models/picture_noise_clip text_to_image/reading"
PARTS = {
    "checker": measuring.Measure(_checker, _on("vae", "data/checker text_to_image/measures")),
    **{name: measuring.Measure(partial(_cfg, name), _on("unet vae text_encoder", f"data/checker {_DRAW}"))
       for name in ("single", "equal", "relation", "unseen_pair")},
    **{f"clip_{name}": measuring.Measure(
        partial(_clip, name), _on("unet vae text_encoder clip noise_clip", f"data/checker {_DRAW} {_STEER}"))
       for name in PRESETS},
    "retrieval": measuring.Measure(_retrieval, _on("clip", "text_to_image/reading text_to_image/measures")),
}
MEASURE = measuring.Measure(parts=PARTS)
