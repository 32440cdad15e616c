"""Models that we did not train: Stable Diffusion 1.5, SD-Turbo, any of their kind on the hub or in a folder.

They are opened into the same StableDiffusionPipeline as the pocket model and drawn from by the same loop. Every part is
checked against the others, and what a model's safety checker refuses is never shown.
"""

import json
import threading
from functools import lru_cache
from pathlib import Path

import torch

from genai_core import runtime
from genai_core.errors import BadInput
from genai_core.text_to_image import hub
from genai_core.text_to_image.pipeline import import_libraries

_OPENING = threading.Lock()
LEAST_TOKENS = 500  # transformers can return a two-token tokenizer without an error


def _where(model: str | Path) -> tuple[Path, bool]:
    """(folder, from the hub?) of a model's name or folder."""
    name, folder = str(model), Path(model).expanduser()
    if folder.is_dir():
        return folder, False
    repo = hub.repository(name)
    if repo is None:
        known = ("pocket", *hub.NAMES)
        raise BadInput(f"There is no model folder {name!r}, and no model of that name.{hub.nearest(name, known)} Give one of "
                       f"{', '.join(known)}, the owner/name of a Stable Diffusion model on the hub, or a folder that holds "
                       "model_index.json.")
    return hub.fetched(repo, hub.PIPELINE), True


def _check_index(folder: Path, name: str) -> dict[str, str]:
    """{part: class name}; BadInput where this is no Stable Diffusion folder of the kind that can be drawn from."""
    if not (folder / "model_index.json").is_file():
        raise BadInput(f"{name!r} is no Stable Diffusion folder: it has no model_index.json.")
    try:
        index = json.loads((folder / "model_index.json").read_text(encoding="utf-8"))
        kind, parts = index["_class_name"], hub.parts_of(folder)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadInput(f"The model_index.json in {name!r} is damaged.") from None
    if kind != "StableDiffusionPipeline":
        raise BadInput(f"{name!r} is a {kind}; only a StableDiffusionPipeline can be drawn from here, such as Stable "
                       "Diffusion 1.5 or SD-Turbo.")
    lost = [part for part in ("tokenizer", "text_encoder", "unet", "vae", "scheduler") if part not in parts]
    if lost := lost or [part for part in parts if not (folder / part).is_dir()]:
        raise BadInput(f"The model in {name!r} is not whole: {' and '.join(lost)} missing.")
    return parts


def check_parts(pipeline, name: str) -> None:
    """BadInput, naming both sides, where tokenizer, text encoder, UNet and autoencoder do not fit together."""
    tokenizer, text = pipeline.tokenizer, pipeline.text_encoder.config
    unet, vae = pipeline.unet.config, pipeline.vae.config
    if len(tokenizer) < LEAST_TOKENS:
        raise BadInput(f"The tokenizer in {name!r} has only {len(tokenizer)} entries: its files are missing.")
    pairs = [
        (len(tokenizer) <= text.vocab_size, f"its tokenizer has {len(tokenizer):,} tokens, its text encoder knows {text.vocab_size:,}"),
        (tokenizer.model_max_length <= text.max_position_embeddings,
         f"its tokenizer writes {tokenizer.model_max_length:,} tokens a prompt, its text encoder reads {text.max_position_embeddings:,}"),
        (unet.cross_attention_dim == text.hidden_size,
         f"its UNet reads text states of width {unet.cross_attention_dim}, its text encoder writes {text.hidden_size}"),
        (unet.in_channels == vae.latent_channels == unet.out_channels,
         f"its UNet takes {unet.in_channels} channels and gives {unet.out_channels}, its autoencoder has {vae.latent_channels}"),
        (pipeline.safety_checker is None or pipeline.feature_extractor is not None,
         "it has a safety checker but no feature extractor to prepare its pictures")]
    wrong = [said for fits, said in pairs if not fits]
    if wrong:
        raise BadInput(f"The parts of the model in {name!r} do not fit together: {'; '.join(wrong)}.")


@lru_cache(maxsize=1)
def _open(folder: str, name: str, guarded: bool):
    """Read-only after loading. guarded: with a safety checker even where the model brings none."""
    import_libraries()
    from diffusers import StableDiffusionPipeline
    from diffusers.utils import logging

    place = Path(folder)
    own = "safety_checker" in _check_index(place, name)
    given = {} if own else {"safety_checker": None, "requires_safety_checker": False}
    if guarded and not own:
        from diffusers.pipelines.stable_diffusion import StableDiffusionSafetyChecker
        from transformers import CLIPImageProcessor

        watch = hub.fetched(hub.CHECKER, hub.SAFETY)
        with runtime.BUILDING:  # see pipeline.py; not while something is fetched
            checker = StableDiffusionSafetyChecker.from_pretrained(str(watch / "safety_checker"), use_safetensors=True)
        given = {"safety_checker": checker,
                 "feature_extractor": CLIPImageProcessor.from_pretrained(str(watch / "feature_extractor"))}
    logging.disable_progress_bar()
    level = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        with runtime.BUILDING:
            pipeline = StableDiffusionPipeline.from_pretrained(folder, dtype=torch.float32, local_files_only=True,
                                                               use_safetensors=True, **given)
    finally:
        logging.set_verbosity(level)
    check_parts(pipeline, name)
    pipeline.set_progress_bar_config(disable=True)
    for part in filter(None, (pipeline.unet, pipeline.vae, pipeline.text_encoder, pipeline.safety_checker)):
        part.requires_grad_(False)
    return pipeline.to(runtime.device())


def load(model: str | Path):
    """The pipeline of "sd15", "sd-turbo", an owner/name on the hub, or a folder; on the GPU where there is one.

    Its own safety checker is on; a model from the hub that brings none gets that of Stable Diffusion 1.5. Raises BadInput,
    with a sentence for the user, for whatever cannot be opened; where the hub is needed and silent, after 3 s.
    """
    name = str(model)
    folder, guarded = _where(model)
    with _OPENING:
        try:
            return _open(str(folder.resolve()), name, guarded)
        except BadInput:
            raise
        except torch.OutOfMemoryError as error:
            raise BadInput(f"There is not enough memory for the model {name!r} here; stay with the pocket model.") from error
        except Exception as error:
            first = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
            raise BadInput(f"The model in {name!r} cannot be opened; a file in it is damaged or missing ({first}).") from error


@torch.no_grad()
def cleared(pipeline, decoded: torch.Tensor) -> torch.Tensor:
    """Decoded pictures (n, 3, h, w), -1 to 1, with those that the model's safety checker refuses made black."""
    if pipeline.safety_checker is None:
        return decoded
    _, refused = pipeline.run_safety_checker(decoded.clone(), pipeline.device, decoded.dtype)
    black = torch.tensor([bool(r) for r in refused], device=decoded.device)[:, None, None, None]
    return torch.where(black, torch.full_like(decoded, -1.0), decoded)


def withheld(pipeline, picture) -> bool:
    """Whether this finished picture, uint8, was made black by the safety checker."""
    return pipeline.safety_checker is not None and not picture.any()
