"""How the pocket model's three parts are trained: one recipe each, run by `python -m genai_core train`."""

import hashlib
import math
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from genai_core import checkpoints, models, runtime
from genai_core.data import layouts, lookalikes, picturebook
from genai_core.errors import BadInput
from genai_core.training import Knobs, Step, train

SAVE_EVERY_S = 120.0


@dataclass(frozen=True)
class Recipe:
    """model: a MODELS name; scenes: how many Picturebook scenes it sees; rate: the peak learning rate; begins: the part whose
    weights it starts from, none for random ones; reads: "pictures" or "latents" of the trained autoencoder, with captions,
    or "captions" alone; full: every second caption names every factor; group: so many scenes of a batch are lookalikes
    (genai_core.data.lookalikes); keep: the share of each kind of scene that it sees, all where it is empty."""

    model: str
    scenes: int
    steps: int
    batch: int
    rate: float
    warmup: int = 100
    ema: float = 0.0
    options: dict = field(default_factory=dict)
    settings: dict = field(default_factory=dict)
    begins: str = ""
    reads: str = "pictures"
    full: bool = False
    group: int = 1
    keep: dict = field(default_factory=dict)


RECIPES = {
    "autoencoder": Recipe("picture_autoencoder", 20_000, 2_500, 32, 2e-3, ema=0.998, options={"betas": (0.9, 0.99)}),
    "clip": Recipe("picture_clip", 60_000, 1_000, 128, 1e-3, options={"betas": (0.9, 0.98), "weight_decay": 0.02}),
    "unet": Recipe("picture_diffusion", 50_000, 8_700, 128, 7e-4, warmup=200, ema=0.999,
                   options={"betas": (0.9, 0.99), "weight_decay": 0.01}, reads="latents"),
    # What follows makes parts better without moving what the UNet stands on: the latents and the text states.
    "decoder": Recipe("picture_autoencoder", 20_000, 2_400, 32, 1e-3, ema=0.998, options={"betas": (0.9, 0.99)},
                      settings={"keep_encoder": True}, begins="autoencoder"),
    "clip_pictures": Recipe("picture_clip", 64_000, 1_600, 256, 7e-4, begins="clip", full=True, group=8,
                            options={"betas": (0.9, 0.98), "weight_decay": 0.02}),
    "noise_clip": Recipe("picture_noise_clip", 48_000, 3_600, 128, 1e-3, ema=0.998, reads="latents", full=True, group=8,
                         options={"betas": (0.9, 0.98), "weight_decay": 0.02}),
    # The UNet once more, together with its text encoder: CLIP had taught it which words there are, not what belongs to what.
    "unet_text": Recipe("picture_diffusion", 50_000, 5_200, 128, 5e-4, warmup=200, ema=0.999, begins="unet", reads="latents",
                        options={"betas": (0.9, 0.99), "weight_decay": 0.01}, settings={"learn_text": True, "middle": 650}),
    # Which of two objects stands where: learnt by the text encoder alone, then by both together.
    "text_layout": Recipe("picture_layout", 20_000, 800, 128, 1e-3, warmup=50, reads="captions",
                          options={"betas": (0.9, 0.98), "weight_decay": 0.01}),
    "unet_order": Recipe("picture_diffusion", 50_000, 1_000, 128, 4e-4, warmup=50, ema=0.995, begins="unet_text", reads="latents",
                         options={"betas": (0.9, 0.99), "weight_decay": 0.01}, settings={"learn_text": True, "middle": 650}),
    # The same on, mostly from scenes of several objects: one object alone is learnt by then, two colours still change places.
    "unet_pairs": Recipe("picture_diffusion", 50_000, 2_600, 128, 4e-4, warmup=100, ema=0.998, begins="unet_order", reads="latents",
                         options={"betas": (0.9, 0.99), "weight_decay": 0.01}, settings={"learn_text": True, "middle": 650},
                         keep={"single": 0.3, "equal": 0.9, "relation": 1.0}),
    # From every kind again, slowly: what stood alone had become a little worse meanwhile.
    "unet_all": Recipe("picture_diffusion", 50_000, 700, 128, 2e-4, warmup=50, ema=0.995, begins="unet_pairs", reads="latents",
                       options={"betas": (0.9, 0.99), "weight_decay": 0.01}, settings={"learn_text": True, "middle": 550},
                       keep={"single": 0.7, "equal": 1.0, "relation": 0.6}),
}


def rate_at(recipe: Recipe, index: int) -> float:
    """Linear warm-up, then half a cosine down to a fiftieth of the peak."""
    if index < recipe.warmup:
        return recipe.rate * (index + 1) / recipe.warmup
    done = min(1.0, (index - recipe.warmup) / max(1, recipe.steps - recipe.warmup))
    return recipe.rate * (0.02 + 0.98 * (1 + math.cos(math.pi * done)) / 2)


def examples(part: str, folder: Path, seed: int, where):
    """What a part learns from: (pictures (n, 3, 64, 64) uint8 or latents (n, 4, 16, 16) float16, ids (n, 32)), both
    (n / group, group, ...) where the recipe groups them. Latents are kept in `folder`, so that going on starts at once."""
    recipe = RECIPES[part]
    if recipe.reads == "captions":
        return layouts.tensors(recipe.scenes, seed)
    if recipe.group > 1:
        drawn = partial(lookalikes.tensors, recipe.scenes, seed, recipe.group, recipe.full)
    else:
        drawn = partial(picturebook.tensors, recipe.scenes, seed, full=recipe.full)
    columns = _latents(drawn, recipe, folder, seed, where) if recipe.reads == "latents" else drawn()
    if not recipe.keep:
        return columns
    rows = torch.tensor(kept(recipe, seed))
    return tuple(column[rows] for column in columns)


def kept(recipe: Recipe, seed: int) -> list[int]:
    """The numbers of the scenes that the recipe keeps: the first so many of each kind."""
    by_kind = {kind: [] for kind in picturebook.KINDS}
    for index in range(recipe.scenes):
        what = picturebook.scene(picturebook.stream(seed, index), "train")
        by_kind["relation" if what.relation else "equal" if what.count > 1 else "single"].append(index)
    return sorted(row for kind, rows in by_kind.items() for row in rows[:round(len(rows) * recipe.keep.get(kind, 1.0))])


def _latents(drawn, recipe: Recipe, folder: Path, seed: int, where):
    told = {"seed": str(seed), "scenes": str(recipe.scenes),
            "autoencoder": hashlib.sha256((folder / "autoencoder.safetensors").read_bytes()).hexdigest()}
    if recipe.group > 1:
        told |= {"group": str(recipe.group), "full": str(recipe.full)}
    path = folder / ("latents.safetensors" if recipe.group == 1 else "latents_lookalikes.safetensors")
    if path.is_file():
        with safe_open(path, "pt") as file:
            if file.metadata() == told:
                return file.get_tensor("latents"), file.get_tensor("ids")
    pictures, ids = drawn()
    autoencoder, _ = trained("autoencoder", folder)
    encoded = autoencoder.to(where).encode_all(pictures.flatten(0, -4)).unflatten(0, pictures.shape[:-3])
    own = path.with_suffix(f".{runtime.processes()[0]}.part")  # processes that train together may all come here at once
    save_file({"latents": encoded, "ids": ids}, own, metadata=told)
    os.replace(own, path)
    return encoded, ids


def run(part: str, data, model, folder: Path, seed: int, precision: str, steps: int | None = None) -> Iterator[Step]:
    """Train one part, resuming from `folder` if it was begun there; a checkpoint every two minutes and at the end."""
    recipe = RECIPES[part]
    steps = recipe.steps if steps is None else steps
    if steps < 1:
        raise BadInput(f"--steps must be at least 1, got {steps}.")
    path, spent, start = folder / f"{part}.safetensors", 0.0, None
    if path.is_file():
        start, about = checkpoints.load(path)
        spent = float(about["seconds"])
        if about["seed"] != str(seed) or about["precision"] != precision:
            raise BadInput(f"{path} was begun with seed {about['seed']} and precision {about['precision']}: "
                           f"go on with these, or choose another folder.")
    rank, number = runtime.processes()
    knobs = Knobs("adamw", rate_at(recipe, 0), max(1, recipe.batch // recipe.group // number), ema=recipe.ema, clip=1.0,
                  precision=precision, options=recipe.options)
    began = saved = time.monotonic()
    knobs.rate = rate_at(recipe, start.index if start else 0)
    for step in train(model, data, steps, seed, knobs, start):
        knobs.rate = rate_at(recipe, step.index)
        yield step
        if time.monotonic() - saved > SAVE_EVERY_S or step.index == steps:
            saved = time.monotonic()
            if rank == 0:
                checkpoints.save(step.snapshot(), path, seed=str(seed), precision=precision,
                                 seconds=f"{spent + saved - began:.1f}")


def untrained(part: str, folder: Path, seed: int):
    """The part as its training begins, with what it needs of the parts trained before it in `folder`."""
    recipe, given = RECIPES[part], {}
    if recipe.model in ("picture_diffusion", "picture_layout"):
        given["text"] = trained("clip", folder)[0].text_tower()
    if part == "text_layout":
        given["text"] = trained("unet_text", folder, **given)[0].text
    elif part == "noise_clip":
        given["text_embedding"] = partial(trained("clip_pictures", folder)[0].clip.encode_text, normalize=True)
    model = models.build(recipe.model, seed, **recipe.settings, **given)
    if recipe.begins:
        model.load_state_dict(trained(recipe.begins, folder, **given)[0].state_dict())
        if recipe.model == "picture_diffusion":
            model.text.requires_grad_(model.learn_text)
    if part == "unet_order":
        model.text.load_state_dict(trained("text_layout", folder, **given)[0].text.state_dict())
    return model


def trained(part: str, folder: Path, **given):
    """The part as trained in `folder`, with its averaged weights where it has them; and what is known of the run."""
    path = folder / f"{part}.safetensors"
    if not path.is_file():
        raise BadInput(f"{part} has not been trained in {folder}: run `python -m genai_core train pocket {part}` first.")
    snapshot, about = checkpoints.load(path)
    model = models.build(RECIPES[part].model, 0, **RECIPES[part].settings, **given)
    model.load_state_dict(snapshot.ema or snapshot.weights)
    return model.eval().requires_grad_(False), {"steps": snapshot.index, **about}
