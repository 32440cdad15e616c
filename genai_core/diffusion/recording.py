"""What every frame of a run is drawn over, and the recorded run that the tab opens with."""

from dataclasses import asdict

import torch

from genai_core import data
from genai_core.diffusion import experiment
from genai_core.diffusion.experiment import PICTURES, SAMPLES, Settings
from genai_core.diffusion.schedule import NAMES, chain
from genai_core.recorded import Recorder, pack

RECORDED = Settings()
DRAWN = 300


def scene(asked: Settings) -> dict:
    """JSON. Points: real (packed) and floor. Digits: judged, how many pictures are behind a share, and samplers, the measured
    shares. Forward: t, and snr_db of each schedule in decibels; terminal: snr and signal_left of the chosen one."""
    told = {}
    if asked.part == "latent":
        return told
    if asked.data == PICTURES:
        from genai_core.diffusion import digit_runs, digits

        told["judged"] = digit_runs.JUDGED_LIVE if asked.part == "calls" else digit_runs.SHEET**2
        if asked.part == "calls":
            told["samplers"] = digits.manifest()["samplers"]
    else:
        told |= {"real": pack(data.load(asked.data, asked.seed, SAMPLES)), "floor": experiment.floor(asked.data)}
    if asked.part == "forward":
        at = torch.linspace(0, asked.length - 1, min(60, asked.length)).round().long().unique()
        told |= {"t": (at + 1).tolist(), "terminal": {"snr": asked.chain.terminal_snr, "signal_left": asked.chain.signal_left},
                 "snr_db": {name: (10 * chain(name, asked.length).snr[at].log10()).tolist() for name in NAMES}}
    return told


def saved(frame) -> dict:
    """A frame of points as JSON, with clouds and arrows packed, as the tab draws it."""
    return {"step": frame.index, "clouds": {name: pack(points[:DRAWN]) for name, points in frame.clouds.items()},
            "score": None if frame.score is None else pack(frame.score), "pictures": {},
            "row": {name: round(value, 5) if isinstance(value, float) else value for name, value in frame.row.items()}}


def _start():
    """One run to record: its frames, and its table once it is over."""
    rows: list[dict] = []

    def frames():
        for frame in experiment.run(RECORDED):
            if frame.clouds:
                made = saved(frame)
                rows.append(made["row"])
                yield frame.index, made

    return frames(), rows.copy


def _scene() -> dict:
    return scene(RECORDED)


RECORDER = Recorder(asdict(RECORDED), RECORDED.seed, _scene, _start)
