"""The recorded run that the tab "GAN in the plane" opens with: the default game on the ring of eight."""

from dataclasses import asdict
from functools import partial

from genai_core.gans.settings import Settings
from genai_core.recorded import Recorder

RECORD_EVERY = 200   # updates between two frames that are saved


def _start():
    """One run to record: its frames, and its table once it is over."""
    from genai_core.gans import drawn, plane

    rows: list[dict] = []

    def frames():
        for frame in plane.run(Settings()):
            rows[:] = frame.rows
            keep = frame.index % RECORD_EVERY == 0 or frame.index in (plane.LOOK_EVERY, Settings().steps)
            yield frame.index, drawn.saved(frame.game, frame.settings) if keep else None

    return frames(), rows.copy


def _scene(settings: Settings) -> dict:
    from genai_core.gans import drawn

    return drawn.scene(settings)


RECORDER = Recorder(asdict(Settings()), Settings().seed, partial(_scene, Settings()), _start)
