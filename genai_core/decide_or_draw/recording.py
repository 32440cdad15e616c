"""The recorded run that the tab opens with: the default settings, as it ends."""

from dataclasses import asdict

from genai_core.decide_or_draw.settings import Settings
from genai_core.recorded import Recorder


def _start():
    from genai_core.decide_or_draw import experiment, results

    table: list[dict] = []

    def frames():
        for frame in experiment.run(Settings()):
            table[:] = results.rows(frame.found)
            yield frame.index, frame.found if frame.index == frame.steps else None

    return frames(), table.copy


def _nothing() -> dict:
    return {}


RECORDER = Recorder(asdict(Settings()), Settings().seed, _nothing, _start)
