"""A contest as rows and frames of JSON: what the tab draws, live or recorded, and what the command line writes."""

from dataclasses import asdict
from functools import partial

from genai_core import data, metrics
from genai_core.data.points import RING_SPREAD, ring_centres
from genai_core.families import contest
from genai_core.families.contest import Look, State
from genai_core.families.settings import Settings
from genai_core.quality import readings
from genai_core.recorded import Recorder, pack

DRAWN = 250              # points of each family that a frame shows
RECORDED = Settings(pace="fixed")
NOT_YET = {"nats": None, "nats_kind": None, "per_sample_s": None, "chosen": None}


def row(look: Look, state: State, named: tuple[str, ...] = ()) -> dict:
    """One line of the table: a look at a family, and at its last look what is known only then. named: readings that stand in it even
    where they were not read, as None."""
    line = {"family": look.family, "look": look.index, "updates": look.updates, "seconds": look.seconds, "cpu_s": look.cpu_s,
            "loss": look.loss, "modes_found": look.modes_found, **dict.fromkeys(named), **look.readings, **NOT_YET}
    end = state.ends.get(look.family)
    if end and end.look is look:
        line |= {"nats": end.likelihood.nats, "nats_kind": end.likelihood.kind, "per_sample_s": end.per_sample_s, "chosen": end.chosen}
    return line


def rows(state: State) -> list[dict]:
    return [row(look, state) for look in state.looks]


def frame(look: Look) -> dict:
    """What one family drew at one look, as JSON."""
    return {"family": look.family, "look": look.index, "samples": pack(look.samples[:DRAWN])}


def scene(settings: Settings) -> dict:
    """What every frame is drawn over and judged by: real points (packed), modes [x, y, radius], the bands of real data
    {reading: [low, median, high]} at n points (wide: for the Frechet distance), and what the truth itself scores (nats; None
    where it is not known)."""
    modes = [[x, y, metrics.NEAR_STDS * RING_SPREAD] for x, y in ring_centres().tolist()] if settings.data == "ring" else []
    bands = {name: [band.low, band.median, band.high] for name, band in contest.bands(settings.data).items()}
    return {"real": pack(contest.reference(settings)[:DRAWN]), "modes": modes, "bands": bands, "truth_nats": contest.truth(settings),
            "n": readings.SHOWN, "wide": readings.WIDE, "title": data.DATASETS[settings.data].title}


def started(run, frame, rows):
    """One contest to record: its frames, and its table once it is over. run() yields States; frame(look) and rows(state) are JSON."""
    told: list[dict] = []

    def frames():
        seen = 0
        for state in run():
            if len(state.looks) > seen:
                seen = len(state.looks)
                yield state.step, frame(state.looks[-1])
            told[:] = rows(state)

    return frames(), told.copy


RECORDER = Recorder(asdict(RECORDED), RECORDED.seed, partial(scene, RECORDED),
                    partial(started, partial(contest.run, RECORDED), frame, rows))
