"""Chains of VAEs that take hours, one generation after the other, kept after each: what was begun goes on where it stopped."""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch

from genai_core import weights
from genai_core.collapse.plan import Plan
from genai_core.collapse.sweep import job_name
from genai_core.collapse.vae import Chain
from genai_core.data import strokes_kept
from genai_core.errors import BadInput


def place(folder: Path | None = None) -> Path:
    """Where chains are kept: in the user's cache folder, unless another is given. Delete it to begin anew."""
    return folder or strokes_kept.cache_folder() / "collapse"


def rows(plan: Plan, options: dict, chain: int, say: Callable[[str], None] = lambda line: None,
         folder: Path | None = None) -> Iterator[dict]:
    """One chain of the plan, which must be "replace": for each generation its statistics, `shown` (as vae.Drawn), codes and cpu_s. Those
    that are kept are not run again; how many generations or chains the plan has makes no difference to what one is."""
    if plan.regime != "replace":
        raise BadInput("Only chains of the regime replace are kept: what others learn from is more than the last model.")
    one = Plan(n=plan.n, bias=plan.bias, generations=1, seeds=1, seed=plan.seed, options={**options, "chain": chain})
    own = place(folder) / job_name("vae", one)
    own.mkdir(parents=True, exist_ok=True)
    made = Chain(plan, chain, **options)
    told = [json.loads(line) for line in _lines(own / "rows.jsonl")]
    yield from told[:plan.generations + 1]
    if told:
        made.encoder, made.model = (weights.load(own / f"{index}.safetensors")[0] for index in (0, len(told) - 1))
        made.codes = torch.tensor(told[-1]["codes"])
    for index in range(len(told), plan.generations + 1):
        began = time.process_time()
        for _ in made.learn(index):
            pass
        row = {"generation": index, **{name: _plain(value) for name, value in made.read().items()}, "shown": made.shown().tolist(),
               "codes": made.codes.tolist(), "cpu_s": round(time.process_time() - began, 2)}
        weights.save(made.model, own / f"{index}.safetensors", "digit_vae", made.settings)
        with (own / "rows.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        if index > 1:
            (own / f"{index - 1}.safetensors").unlink(missing_ok=True)
        say(f"{options.get('decoding', 'mean')}, chain {chain}, generation {index}: latent std {row['latent_std']:.3f}, "
            f"variance {row['variance']:.3f}, entropy {row['entropy']:.2f}, -ELBO {row['elbo']:.1f}, still falling {row['late']:.2f}; "
            f"{row['cpu_s']:.0f} s")
        yield row


def forget(folder: Path | None = None) -> None:
    """Delete all kept chains."""
    shutil.rmtree(place(folder), ignore_errors=True)


def _lines(path: Path) -> list[str]:
    """The whole lines of the file; a half-written last one is left out."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return text.split("\n")[:-1]


def _plain(value):
    return value.tolist() if isinstance(value, np.ndarray) else value
