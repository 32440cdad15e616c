"""The recorded run that the autoencoder lab opens with: the lecture's network on 10,000 strokes."""

from dataclasses import asdict

from genai_core.autoencoders.settings import Settings
from genai_core.recorded import Recorder

FIRST = 2  # frames kept from the start, so that a replay can be compared soon


def _saved(frame) -> dict:
    return {"index": frame.index, "numbers": frame.numbers, "shown": frame.shown()}


def _about() -> dict:
    """What is said of the run besides its numbers: of its first frame, which needs one update only."""
    from genai_core.autoencoders.experiment import run

    frames = run(Settings())
    about = next(frames).about
    frames.close()
    return {"about": about}


def _start():
    from genai_core.autoencoders.experiment import run

    rows: list[dict] = []

    def frames():
        last = None
        for number, frame in enumerate(run(Settings())):
            rows[:] = frame.rows
            last = frame
            yield frame.index, _saved(frame) if number < FIRST else None
        yield last.index, _saved(last)

    return frames(), rows.copy


RECORDER = Recorder(asdict(Settings()), 0, _about, _start)
