"""Recorded runs: a tab opens on the saved frames of its own experiment, so that its picture is never empty.

They are written by `python -m genai_core record TAB` and drawn by the lab's `replay`, without the heavy libraries.
"""

from dataclasses import dataclass
from functools import cached_property

from demos._lab import Lab, View
from genai_core import recorded


@dataclass(frozen=True)
class Recording:
    """saved: what the core kept, on the lab's default settings. lab: draws it."""

    saved: recorded.Recording
    lab: Lab

    @cached_property
    def last(self) -> View:
        """The finished run."""
        return self.lab.replay(self.saved)

    @property
    def rows(self) -> tuple[dict, ...]:
        return self.saved.rows

    @property
    def steps(self) -> int:
        return self.saved.manifest["steps"]

    @property
    def cpu_s(self) -> float:
        return self.saved.manifest["cpu_s"]

    @property
    def seconds(self) -> float:
        return self.saved.manifest["seconds"]


def read(tab: str, lab: Lab) -> Recording | None:
    """The tab's recorded run; None where there is none (the tab then opens on an empty picture that says so)."""
    saved = recorded.read(tab) if lab.replay else None
    return Recording(saved, lab) if saved else None
