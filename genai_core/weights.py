"""A trained model as one safetensors file that says what it is: its name in MODELS, its settings, data, seed, and more."""

import json
import os
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn

from genai_core import models
from genai_core.errors import BadInput


def save(model: nn.Module, path: Path, name: str, settings: dict, half: bool = False, **about: str) -> None:
    """Write weights and buffers; half: floats in half precision. The old file stays until the new one is whole."""
    tensors = {key: value.detach().cpu().contiguous() for key, value in model.state_dict().items()}
    if half:
        tensors = {key: value.half() if value.is_floating_point() else value for key, value in tensors.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    save_file({key: value.clone() for key, value in tensors.items()}, part,
              metadata={"model": name, "settings": json.dumps(settings), **about})
    os.replace(part, path)
    path.chmod(0o644)


def about(path: Path) -> dict[str, str]:
    """What `save` was told: model, settings (JSON), and more. BadInput where the file is none of ours."""
    if not Path(path).is_file():
        raise BadInput(f"There is no file {str(path)!r} with weights.")
    try:
        with safe_open(path, "pt") as file:
            told = dict(file.metadata() or {})
    except Exception as error:
        raise BadInput(f"{path} is no whole safetensors file ({type(error).__name__}).") from error
    if told.get("model") not in models.MODELS or "settings" not in told:
        raise BadInput(f"{path} does not say which model it holds; give a file that `train` has saved.")
    return told


def load(path: Path) -> tuple[nn.Module, dict[str, str]]:
    """The model, ready to use and not to train; and what is known of it."""
    told = about(path)
    settings = {key: tuple(value) if isinstance(value, list) else value for key, value in json.loads(told["settings"]).items()}
    with safe_open(path, "pt") as file:
        tensors = {key: file.get_tensor(key) for key in file.keys()}
    try:
        model = models.build(told["model"], 0, **settings)
        own = model.state_dict()
        model.load_state_dict({k: v.to(own[k].dtype) if k in own and torch.is_tensor(v) else v for k, v in tensors.items()})
    except (RuntimeError, TypeError) as error:
        raise BadInput(f"{path} does not fit the model {told['model']} as it is today: train it anew.") from error
    return model.eval().requires_grad_(False), told
