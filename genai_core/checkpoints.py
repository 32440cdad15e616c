"""Snapshots on disk, as safetensors: a run that was stopped goes on where it was, bit for bit."""

import json
import os
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from genai_core.errors import BadInput
from genai_core.training import Snapshot


def save(snapshot: Snapshot, path: Path, **about: str) -> None:
    """Write the snapshot; the old file stays until the new one is whole."""
    tensors = {f"weights/{k}": v for k, v in snapshot.weights.items()}
    tensors |= {f"ema/{k}": v for k, v in snapshot.ema.items()}
    tensors |= {"streams/0": snapshot.streams[0], "streams/1": snapshot.streams[1]}
    tensors |= {f"rows/{epoch}": rows for epoch, rows in snapshot.rows.items()}
    groups = {}
    for name, (kind, state) in snapshot.optimisers.items():
        groups[name] = {"kind": kind, "groups": state["param_groups"]}
        for index, values in state["state"].items():
            tensors |= {f"optimiser/{name}/{index}/{k}": torch.as_tensor(v) for k, v in values.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = path.with_suffix(".part")
    save_file({k: v.detach().cpu().contiguous().clone() for k, v in tensors.items()}, whole,
              metadata={"index": str(snapshot.index), "optimisers": json.dumps(groups), **about})
    os.replace(whole, path)


def load(path: Path) -> tuple[Snapshot, dict[str, str]]:
    """The snapshot, and what else `save` was told about it. Raises BadInput if the file is damaged."""
    try:
        with safe_open(path, "pt") as file:
            about = dict(file.metadata())
            tensors = {key: file.get_tensor(key) for key in file.keys()}
    except Exception as error:
        raise BadInput(f"{path} is not a whole checkpoint ({error}). Delete it to start this part afresh.") from error
    parts: dict[str, dict] = {"weights": {}, "ema": {}, "streams": {}, "rows": {}}
    optimisers = {name: (told["kind"], {"state": {}, "param_groups": told["groups"]})
                  for name, told in json.loads(about.pop("optimisers")).items()}
    for key, value in tensors.items():
        kind, rest = key.split("/", 1)
        if kind == "optimiser":
            name, index, field = rest.split("/")
            optimisers[name][1]["state"].setdefault(int(index), {})[field] = value
        else:
            parts[kind][rest] = value
    snapshot = Snapshot(int(about.pop("index")), parts["weights"], optimisers,
                        (parts["streams"]["0"], parts["streams"]["1"]), parts["ema"],
                        {int(epoch): rows for epoch, rows in parts["rows"].items()})
    return snapshot, about
