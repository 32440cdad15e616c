"""Open a Stable Diffusion pipeline, ours or any other, from a folder or by name; and check that it is whole."""

import threading
from functools import lru_cache
from pathlib import Path

import torch

from genai_core import runtime
from genai_core.errors import BadInput

POCKET = Path(__file__).resolve().parents[2] / "assets" / "models" / "pocket"
_LOADING = runtime.BUILDING  # or what another thread builds while diffusers loads gets weights without numbers
_IMPORTING = threading.Lock()


def import_libraries() -> None:
    """These libraries import their parts when they are first asked for, and two threads that ask at once break each other."""
    with _IMPORTING:
        import open_clip  # noqa: F401
        from diffusers import StableDiffusionPipeline  # noqa: F401
        from transformers import AutoTokenizer, CLIPImageProcessor, CLIPTextModel  # noqa: F401


@lru_cache(maxsize=2)
def _open(folder: str):
    """Read-only after loading: one copy serves every visitor; each run brings a scheduler of its own."""
    import_libraries()
    from diffusers import StableDiffusionPipeline
    from diffusers.utils import logging

    # the pocket autoencoder is an AutoencoderTiny, as in TAESD; diffusers warns that it expects a KL one
    logging.disable_progress_bar()
    level = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        pipeline = StableDiffusionPipeline.from_pretrained(
            folder, dtype=torch.float32, local_files_only=True, safety_checker=None, requires_safety_checker=False)
    finally:
        logging.set_verbosity(level)
    if len(pipeline.tokenizer) < 500:  # transformers can return a two-token tokenizer without an error
        raise BadInput(f"The tokenizer in {folder} has only {len(pipeline.tokenizer)} entries: its files are missing.")
    pipeline.set_progress_bar_config(disable=True)
    for part in (pipeline.unet, pipeline.vae, pipeline.text_encoder):
        part.requires_grad_(False)  # gradients are taken of pictures, never of weights
    return pipeline.to(runtime.device())


def load(model: str | Path = "pocket"):
    """The pipeline called "pocket"; any other name or folder as text_to_image.big opens it.

    Raises BadInput, with a sentence for the user, for what is no folder, no pipeline, or damaged.
    """
    if str(model) != "pocket":
        from genai_core.text_to_image import big

        return big.load(model)
    folder = POCKET
    import_libraries()  # takes seconds, in which nobody else need wait
    with _LOADING:
        try:
            return _open(str(folder.resolve()))
        except BadInput:
            raise
        except Exception as error:
            first = str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
            raise BadInput(f"The model in {str(model)!r} cannot be opened; a file in it is damaged or missing ({first}).") from error


@lru_cache(maxsize=2)
def _open_noise_clip(folder: str):
    import json

    from safetensors.torch import load_file

    from genai_core import models

    weights = load_file(f"{folder}/noise_clip/model.safetensors")
    config = json.loads((Path(folder) / "noise_clip" / "config.json").read_text(encoding="utf-8"))
    model = models.build("picture_noise_clip", 0, **config)
    model.load_state_dict(weights)
    return model.float().eval().requires_grad_(False).to(runtime.device())


def load_noise_clip(folder: Path = POCKET):
    """The CLIP that reads the pocket model's noisy latents (models/picture_noise_clip.py), read-only, from its shipped folder."""
    if not (folder / "noise_clip" / "model.safetensors").is_file():
        raise BadInput(f"{folder.name} comes without a noise-aware CLIP: choose the plain one.")
    with _LOADING:
        return _open_noise_clip(str(folder.resolve()))
