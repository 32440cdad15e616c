"""Recorded runs: a tab opens on the saved looks of its own generator, so that its picture is never empty.

assets/recorded/<tab>.json is written by `python -m genai_core record TAB` and replayed by a test.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from demos._lab import Lab, Shown, View, play
from demos._session import Quantity

FOLDER = Path(__file__).resolve().parent.parent / "assets" / "recorded"


@dataclass(frozen=True)
class Recording:
    """values: the controls' values. frames: looks in order, the last one the finished run. rows: its table."""

    tab: str
    command: str
    values: dict
    steps: int
    cpu_s: float
    seconds: float
    frames: tuple[tuple[int, View], ...]
    rows: tuple[dict, ...]

    @property
    def last(self) -> View:
        return self.frames[-1][1]


def record(tab: str, lab: Lab, command: str, every_s: float = 1.0) -> Recording:
    """Run the lab on its defaults and keep what it showed."""
    values, frames, end = lab.defaults(), [], None
    for end in play(lab, values, every_s=every_s):
        frames.append((end.step, View(end.view.pictures, end.view.words, end.view.numbers)))
    if not isinstance(end, Shown) or end.ended != "finished":
        raise ValueError(f"the default run of {tab} must finish by itself within {lab.max_seconds:g} s")
    return Recording(tab, command, values, end.steps, end.cpu_s, end.seconds, tuple(frames), end.rows)


def write(recording: Recording, folder: Path = FOLDER) -> Path:
    path = folder / f"{recording.tab}.json"
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(recording), separators=(",", ":")) + "\n", encoding="utf-8")
    return path


def read(tab: str, folder: Path = FOLDER) -> Recording | None:
    """The tab's recorded run; None where there is none (the tab then opens on an empty picture that says so)."""
    path = folder / f"{tab}.json"
    if not path.is_file():
        return None
    saved = json.loads(path.read_text(encoding="utf-8"))
    saved["frames"] = tuple((step, _view(view)) for step, view in saved["frames"])
    saved["rows"] = tuple(saved["rows"])
    return Recording(**saved)


def _view(saved: dict) -> View:
    return View(saved["pictures"], saved["words"], {n: Quantity(**q) for n, q in saved["numbers"].items()})
