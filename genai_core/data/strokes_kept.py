"""Where Strokes come from: the first 10,000 are shipped, the rest is drawn by seed and kept in the user's cache folder.

Digit i of a split is always the same, whichever way it comes: each block of 1,000 has a stream of numbers of its own.
"""

import hashlib
import json
import os
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from genai_core import runtime
from genai_core.data import glyphs, strokes
from genai_core.data.strokes import BLOCK, SIZE, SIZES, STREAMS, Drawn, joined

FOLDER = Path(__file__).resolve().parent.parent.parent / "assets" / "data" / "strokes"
SHIPPED = 10_000
ACROSS = 100  # digits side by side on the shipped sheet


def cache_folder() -> Path:
    """The user's own: what is there may be deleted at any time. GENLENS_CACHE names another."""
    import platformdirs

    return Path(os.environ.get("GENLENS_CACHE") or platformdirs.user_cache_dir("genlens", appauthor=False))


def block(split: str, index: int) -> Drawn:
    """Digits 1,000 * index and on of the split, drawn."""
    return strokes.draw(BLOCK, runtime.rng(STREAMS[split] + index))


def ship(folder: Path = FOLDER) -> None:
    """Draw the first 10,000 of the training split and write them: a sheet of pictures, and what is known of each."""
    from PIL import Image

    drawn = joined([block("train", i) for i in range(SHIPPED // BLOCK)])
    sheet = drawn.pictures.view(-1, ACROSS, SIZE, SIZE).transpose(1, 2).reshape(-1, ACROSS * SIZE)
    folder.mkdir(parents=True, exist_ok=True)
    Image.fromarray(sheet.numpy()).save(folder / "digits.png", optimize=True)
    save_file({"labels": drawn.labels.to(torch.uint8), "styles": drawn.styles.to(torch.uint8), "factors": drawn.factors.half()},
              folder / "factors.safetensors")
    told = {"what": "28x28 grey digits, 100 in a row, drawn by genai_core/data/strokes.py",
            "command": "python -m genai_core strokes --ship", "digits": SHIPPED, "split": "train", "seeds": list(range(SHIPPED // BLOCK)),
            "factors": {name: {"low": low, "high": high, "unit": unit} for name, (low, high, unit) in strokes.FACTORS.items()},
            "styles": glyphs.style_names()}
    (folder / "manifest.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def shipped(folder: Path = FOLDER) -> Drawn:
    """The 10,000 digits that come with the app."""
    from PIL import Image

    with Image.open(folder / "digits.png") as image:
        sheet = torch.from_numpy(np.array(image))
    pictures = sheet.view(-1, SIZE, ACROSS, SIZE).transpose(1, 2).reshape(-1, 1, SIZE, SIZE)
    told = load_file(folder / "factors.safetensors")
    return Drawn(pictures, told["labels"].long(), told["styles"].long(), told["factors"].float())


def _version() -> str:
    """Of the drawing: digits kept by another version are not used."""
    source = b"".join(Path(module.__file__).read_bytes() for module in (strokes, glyphs))
    return hashlib.sha256(source).hexdigest()[:12]


def _whole(split: str) -> Drawn:
    """All digits of the split, from the cache folder, or drawn and kept there; where it cannot be written, only drawn."""
    path = cache_folder() / f"strokes-{split}-{_version()}.safetensors"
    names = ("pictures", "labels", "styles", "factors")
    try:
        told = load_file(path)
        return Drawn(*(told[name] for name in names))
    except Exception:  # missing or damaged: draw afresh
        drawn = joined([block(split, i) for i in range(SIZES[split] // BLOCK)])
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.part")
        save_file({name: getattr(drawn, name) for name in names}, part)
        os.replace(part, path)
    except OSError:  # a read-only or full disk costs a few seconds next time, nothing else
        pass
    return drawn


def first(split: str, n: int) -> Drawn:
    """The first n digits of the split, "train" (60,000) or "test" (10,000)."""
    if split not in SIZES or not 1 <= n <= SIZES[split]:
        raise ValueError(f"split must be one of {', '.join(SIZES)} and n from 1 to its size, got {split!r} and {n}")
    if split == "train" and n <= SHIPPED:
        return shipped()[:n]
    if n <= 2 * BLOCK:
        return joined([block(split, i) for i in range(-(-n // BLOCK))])[:n]
    return _whole(split)[:n]
