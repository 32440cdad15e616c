"""Figures that the README and the screen quote: measured by command, kept in assets/measured, and known to be fresh.

Each file holds the command, the seeds, the hashes of the weights and of the code that matters, and each figure with its
95% interval. A test fails where a file is missing or what it was measured on has changed. What takes long is measured in
parts, each with hashes of its own, so that one can be measured anew without the others.
"""

import hashlib
import importlib
import json
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from genai_core.errors import BadInput
from genai_core.intervals import wilson

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "assets" / "measured"
MEASURES = {  # name: "module:name" of its Measure
    "text_to_image": "genai_core.text_to_image.measures:MEASURE",
    "digits": "genai_core.digit_measures:MEASURE",
    "collapse": "genai_core.collapse.measures:MEASURE",
    "decide_or_draw": "genai_core.decide_or_draw.measures:MEASURE",
    "gan_plane": "genai_core.gans.measures:MEASURE",
    "gan_digits": "genai_core.digit_gans.measures:MEASURE",
    "autoencoders": "genai_core.autoencoders.few_labels:MEASURE",
    "metrics": "genai_core.quality.measures:MEASURE",
    "families": "genai_core.families.measures:MEASURE",
}


@dataclass(frozen=True)
class Measure:
    """run(say) -> {"seeds": ..., "figures": {name: figure}}. depends: files and folders, from the root, that it rests on.

    parts: where the whole is measured in parts, each a Measure, instead of by run.
    """

    run: Callable[[Callable[[str], None]], dict] | None = None
    depends: tuple[str, ...] = ()
    parts: dict[str, "Measure"] = field(default_factory=dict)


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
    """{path: sha256} of every file that the figures rest on; of a folder, its weights. What is not there is left out."""
    files: list[Path] = []
    for path in map(ROOT.joinpath, depends):
        files += sorted(path.rglob("*.safetensors")) if path.is_dir() else [path] if path.is_file() else []
    return {str(f.relative_to(ROOT).as_posix()): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


def _kept(name: str, folder: Path, told: dict) -> dict:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return told


def write(name: str, say: Callable[[str], None], folder: Path = FOLDER, only: Collection[str] = ()) -> dict:
    """Measure, and write the file anew. only: these parts of it; the others stay as they were measured last."""
    given = measure(name)
    command = f"python -m genai_core measure {name}"
    if unknown := sorted(set(only) - set(given.parts)):
        raise BadInput(f"{name} has no part {unknown[0][:40]!r}; there are {', '.join(given.parts) or 'no parts'}.")
    if not given.parts:
        return _kept(name, folder, {"name": name, "command": command, **given.run(say), "rests_on": fingerprint(given.depends)})
    before = read(name, folder) if (folder / f"{name}.json").is_file() else {}
    parts = {part: about for part, about in before.get("parts", {}).items() if part in given.parts}
    figures = {part: {group: before["figures"][group] for group in about["groups"]} for part, about in parts.items()}
    told = {}
    for part in only or given.parts:
        say(f"{part}: begins")
        began = time.monotonic()
        made = given.parts[part].run(lambda line, part=part: say(f"{part}: {line}"))
        figures[part] = made.pop("figures")
        parts[part] = {**made, "groups": list(figures[part]), "seconds": round(time.monotonic() - began, 1),
                       "rests_on": fingerprint(given.parts[part].depends)}
        in_order = [part for part in given.parts if part in parts]
        told = _kept(name, folder, {  # after each part: a long measurement may be interrupted
            "name": name, "command": command,
            "figures": {group: figure for part in in_order for group, figure in figures[part].items()},
            "parts": {part: parts[part] for part in in_order}})
    return told


def read(name: str, folder: Path = FOLDER) -> dict:
    """What was measured; FileNotFoundError where it never was."""
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


def stale(name: str, folder: Path = FOLDER) -> list[str]:
    """The files that have changed since the figures were measured, and the parts that never were."""
    given, told = measure(name), read(name, folder)
    changed = set()
    for part, about in (given.parts or {"": given}).items():
        then = (told if not part else told.get("parts", {}).get(part, {})).get("rests_on")
        if then is None:
            changed.add(f"the part {part}")
        else:
            now = fingerprint(about.depends)
            changed |= {path for path in now.keys() | then.keys() if now.get(path) != then.get(path)}
    return sorted(changed)
