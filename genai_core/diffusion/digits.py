"""The diffusion model of digits that comes with the app: where it is, and how good its pictures are at how many calls."""

import json
from functools import lru_cache
from pathlib import Path

import torch

from genai_core import measuring, recognition, runtime, weights
from genai_core.errors import BadInput

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "models" / "digit_diffusion"
JUDGED = {"ddpm": (10, 25), "ddim": (4, 10, 25), "heun": (5, 11, 25)}   # network calls
JUDGED_PICTURES, JUDGE_SEED = 60, 5
GUIDANCES, GUIDED_CALLS = (1.0, 3.0), 10


def fresh():
    """A copy of the model, to go on training. BadInput where it is not there."""
    if not (FOLDER / "strokes.safetensors").is_file():
        raise BadInput("The network of digits is not here yet: `python -m genai_core train diffusion --data strokes --ship` makes it. "
                       "Digits can dissolve without it, and points learn while you wait.")
    return weights.load(FOLDER / "strokes.safetensors")[0]


@lru_cache(maxsize=1)
def shipped():
    """The model, read-only and shared."""
    return fresh()


def manifest() -> dict:
    """How it was trained, and its measured quality; without measurements where it is not there."""
    if not (FOLDER / "manifest.json").is_file():
        return {"samplers": {}, "guidance": []}
    return json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))


def shares(pictures: torch.Tensor, labels: torch.Tensor | None = None) -> dict:
    """recognised: of pictures (N, 1, 28, 28), 0-1, classed with a confidence above 0.9; right: as the digit asked for, and so."""
    seen = recognition.see(pictures, "strokes")
    sure = seen.confidence > recognition.SURE
    told = {"recognised": measuring.share(int(sure.sum()), len(sure))}
    return told if labels is None else told | {"right": measuring.share(int((sure & (seen.labels == labels)).sum()), len(sure))}


def judged(model) -> dict:
    """{sampler: [{calls, recognised}, ...]}, any digit; and {"guidance": [{scale, recognised, right}, ...]}, each digit in turn."""
    labels = torch.arange(JUDGED_PICTURES) % 10
    told = {"samplers": {}, "guidance": []}
    for name, budgets in JUDGED.items():
        told["samplers"][name] = [
            {"calls": calls, **shares(model.sample(JUDGED_PICTURES, runtime.rng(JUDGE_SEED), guidance=0.0, sampler=name, calls=calls))}
            for calls in budgets]
    for scale in GUIDANCES:
        drawn = model.sample(JUDGED_PICTURES, runtime.rng(JUDGE_SEED), guidance=scale, sampler="ddim", calls=GUIDED_CALLS)
        told["guidance"].append({"scale": scale, **shares(drawn, labels)})
    return told


def ship(model, settings: dict, told: dict[str, str], folder: Path = FOLDER) -> dict:
    """Write the model to assets, judge what was written, and say both in the manifest.  -> its entry"""
    weights.save(model, folder / "strokes.safetensors", "digit_diffusion", settings, half=True, **told)
    entry = {**told, "pictures": JUDGED_PICTURES, **judged(weights.load(folder / "strokes.safetensors")[0])}
    (folder / "manifest.json").write_text(json.dumps(entry, indent=1) + "\n", encoding="utf-8")
    return entry
