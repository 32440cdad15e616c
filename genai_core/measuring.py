"""Figures that the README and the screen quote: measured by command, kept in assets/measured, and known to be fresh.

Each file holds the command, the seeds, the hashes of the weights and of the code that matters, and each figure with its
95% interval. A test fails where a file is missing or what it was measured on has changed.
"""

import hashlib
import importlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from genai_core.errors import BadInput
from genai_core.intervals import wilson

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "assets" / "measured"
MEASURES = {"text_to_image": "genai_core.text_to_image.measures:MEASURE"}  # name: "module:name" of its Measure


@dataclass(frozen=True)
class Measure:
    """run(say) -> {"seeds": ..., "figures": {name: figure}}. depends: files and folders, from the root, that it rests on."""

    run: Callable[[Callable[[str], None]], dict]
    depends: tuple[str, ...]


def share(right: int, of: int) -> dict:
    """A figure: the share with its 95% interval (Wilson), and the counts."""
    low, value, high = wilson(right / of, of)
    return {"share": round(value, 4), "low": round(low, 4), "high": round(high, 4), "right": right, "of": of}


def measure(name: str) -> Measure:
    """The named measure; BadInput where there is none."""
    if name not in MEASURES:
        raise BadInput(f"There is no measure {name[:40]!r}; there are {', '.join(MEASURES)}.")
    module, attribute = MEASURES[name].split(":")
    return getattr(importlib.import_module(module), attribute)


def fingerprint(depends: tuple[str, ...]) -> dict[str, str]:
    """{path: sha256} of every file that the figures rest on; of a folder, its weights."""
    files: list[Path] = []
    for path in map(ROOT.joinpath, depends):
        files += sorted(path.rglob("*.safetensors")) if path.is_dir() else [path]
    return {str(f.relative_to(ROOT).as_posix()): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


def write(name: str, say: Callable[[str], None], folder: Path = FOLDER) -> dict:
    """Measure, and write the file anew."""
    given = measure(name)
    told = {"name": name, "command": f"python -m genai_core measure {name}", **given.run(say),
            "rests_on": fingerprint(given.depends)}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return told


def read(name: str, folder: Path = FOLDER) -> dict:
    """What was measured; FileNotFoundError where it never was."""
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


def stale(name: str, folder: Path = FOLDER) -> list[str]:
    """The files that have changed since the figures were measured."""
    now, then = fingerprint(measure(name).depends), read(name, folder)["rests_on"]
    return sorted(path for path in now.keys() | then.keys() if now.get(path) != then.get(path))
