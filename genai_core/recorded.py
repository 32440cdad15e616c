"""Recorded runs: the saved frames of an experiment's own generator, which a tab opens with.

assets/recorded/<tab>/ holds manifest.json (what was run, how, how long it took) and frames.json (what came out). A tab
with a recorded run has one line in RECORDERS; `python -m genai_core record TAB` writes it anew.
"""

import base64
import importlib
import json
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from genai_core.errors import BadInput

FOLDER = Path(__file__).resolve().parent.parent / "assets" / "recorded"
# tab: "module:name" of its Recorder
RECORDERS = {"plane": "genai_core.plane:RECORDER", "text_to_image": "genai_core.text_to_image.recording:RECORDER",
             "clip_reader": "genai_core.text_to_image.looking:RECORDER",
             "clip_guidance": "genai_core.text_to_image.inside:RECORDER",
             "guidance_frontier": "genai_core.text_to_image.frontier:RECORDER",
             "never_seen": "genai_core.text_to_image.never_seen:RECORDER",
             "decide_or_draw": "genai_core.decide_or_draw.recording:RECORDER",
             "autoencoders": "genai_core.autoencoders.recording:RECORDER",
             "vae": "genai_core.latents.recording:RECORDER",
             "gan_plane": "genai_core.gans.recording:RECORDER",
             "gan_digits": "genai_core.digit_gans.recording:RECORDER",
             "gan_digits_plate": "genai_core.digit_gans.plate:RECORDER",
             "families": "genai_core.families.recording:RECORDER",
             "families_digits": "genai_core.families.digit_recording:RECORDER",
             "diffusion": "genai_core.diffusion.recording:RECORDER",
             "collapse": "genai_core.collapse.recording:RECORDER",
             "collapse_mnist": "genai_core.collapse.mnist_run:RECORDER"}
UNIT = 8192  # numbers from -4 to 4 are kept as whole numbers of 1/8192


@dataclass(frozen=True)
class Recorder:
    """settings: what is run, JSON. seed: of every draw. scene(): JSON that all frames are drawn over.

    start() begins a run and returns two functions of it: a generator of (step, JSON of a frame to keep, or None), and
    one that returns the rows of its table once it is over. resumed: some of it may have run in earlier calls, so the cost is what the
    frames say, each in its own cpu_s.
    """

    settings: dict
    seed: int
    scene: Callable[[], dict]
    start: Callable[[], tuple[Iterator[tuple[int, dict | None]], Callable[[], list[dict]]]]
    resumed: bool = False


@dataclass(frozen=True)
class Recording:
    """manifest: command, settings, seed, steps, seconds, cpu_s and more. scene: what frames are drawn over.
    frames: as saved, in order. rows: the table."""

    manifest: dict
    scene: dict
    frames: tuple[dict, ...]
    rows: tuple[dict, ...]


def pack(numbers) -> str:
    """Any array of numbers from -4 to 4, flattened and rounded to 1/8192, as base64 of little-endian int16.

    What lies outside is cut off, and what is no number becomes 0: this is for looking at.
    """
    whole = np.clip(np.rint(np.nan_to_num(np.asarray(numbers, dtype=np.float64)) * UNIT), -32768, 32767)
    return base64.b64encode(whole.astype("<i2").tobytes()).decode("ascii")


def unpack(text: str, *shape: int) -> np.ndarray:
    """What `pack` packed, in this shape (default: flat), float32."""
    return (np.frombuffer(base64.b64decode(text), "<i2").astype(np.float32) / UNIT).reshape(shape or -1)


def recorder(tab: str) -> Recorder:
    """The tab's Recorder; BadInput where it has none."""
    if tab not in RECORDERS:
        raise BadInput(f"There is no recorder for {tab[:40]!r}; there are {', '.join(RECORDERS)}.")
    module, name = RECORDERS[tab].split(":")
    return getattr(importlib.import_module(module), name)


def record(tab: str, folder: Path = FOLDER) -> dict:
    """Run the tab's experiment on one thread and save what it showed.  -> the manifest"""
    from genai_core import runtime

    given = recorder(tab)
    threads = runtime.set_threads(1)
    began, busy = time.monotonic(), time.thread_time()
    frames, table = given.start()
    kept, steps = [], 0
    for step, frame in frames:
        steps = step
        if frame is not None:
            kept.append(frame)
    import torch

    seconds, cpu_s = time.monotonic() - began, time.thread_time() - busy
    if given.resumed:
        seconds = cpu_s = sum(frame["cpu_s"] for frame in kept)
    manifest = {"tab": tab, "command": f"python -m genai_core record {tab}", "settings": given.settings,
                "seed": given.seed, "steps": steps, "frames": len(kept), "seconds": round(seconds, 2),
                "cpu_s": round(cpu_s, 2), "threads": threads, "torch": torch.__version__,
                "machine": platform.machine()}
    place = folder / tab
    place.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(frame, separators=(",", ":")) for frame in kept)
    scene = json.dumps(given.scene(), separators=(",", ":"))
    rows = ",\n".join(json.dumps(line, separators=(",", ":")) for line in table())
    (place / "frames.json").write_text(f'{{"scene":{scene},\n"frames":[\n{lines}\n],"rows":[\n{rows}\n]}}\n', encoding="utf-8")
    (place / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    return manifest


def read(tab: str, folder: Path = FOLDER) -> Recording | None:
    """The tab's recorded run; None where there is none."""
    place = folder / tab
    if not (place / "manifest.json").is_file():
        return None
    saved = json.loads((place / "frames.json").read_text(encoding="utf-8"))
    manifest = json.loads((place / "manifest.json").read_text(encoding="utf-8"))
    return Recording(manifest, saved["scene"], tuple(saved["frames"]), tuple(saved["rows"]))
