"""The famous figure, recorded: VAEs of MNIST that learn from one another, some chains for each way of handing digits on.

`python -m genai_core record collapse_mnist` rebuilds it from MNIST in GENLENS_DATA, in about 40 seconds of one core for each generation
of each chain; what was begun goes on where it stopped, and what is there stays as it is where GENERATIONS or CHAINS grow. The paper's
figure has 20 generations.
"""

import base64
import sys
from collections.abc import Iterator

import numpy as np

from genai_core.collapse.plan import Generation, Plan
from genai_core.errors import BadInput
from genai_core.recorded import Recorder, read

DECODINGS = ("mean", "sample")
NAME, PICTURES, UPDATES, SIDE = "collapse_mnist", 60_000, 4690, 28
CHAINS, GENERATIONS = 3, {"mean": 20, "sample": 20}


def plan(generations: int) -> Plan:
    return Plan(n=PICTURES, generations=generations, seeds=CHAINS)


def options(decoding: str) -> dict:
    return {"data": "mnist", "decoding": decoding}


def frames() -> Iterator[tuple[int, dict]]:
    """A frame for each generation of each chain: its statistics, and the pictures of the first chain."""
    from genai_core.collapse import long_run

    for chain in range(CHAINS):
        for decoding in DECODINGS:
            for row in long_run.rows(plan(GENERATIONS[decoding]), options(decoding), chain, lambda line: print(line, file=sys.stderr)):
                told = {name: value for name, value in row.items() if name not in ("shown", "codes")}
                if chain == 0:
                    told["shown"] = [base64.b64encode(np.array(picture, np.uint8).tobytes()).decode() for picture in row["shown"]]
                yield row["generation"], {"decoding": decoding, "chain": chain, **told}


def _start():
    return frames(), lambda: []


RECORDER = Recorder({"data": "mnist", "n": PICTURES, "regime": "replace", "chains": CHAINS, "generations": GENERATIONS,
                     "updates": UPDATES}, 0, lambda: {"side": SIDE}, _start, resumed=True)


class _Shown:
    """As vae.Drawn, without a model."""

    def __init__(self, packed: list[str]):
        self.model = None
        self.shown = np.stack([np.frombuffer(base64.b64decode(text), np.uint8).reshape(SIDE, SIDE) for text in packed])


def kept(decoding: str, asked: Plan) -> Iterator[Generation]:
    """The recorded generations for this way of handing digits on, 0 to asked.generations; the chains that reach so far."""
    saved = read(NAME)
    told = [frame for frame in saved.frames if frame["decoding"] == decoding] if saved else []
    if not told:
        raise BadInput("There is no recorded run of MNIST; make it with: python -m genai_core record collapse_mnist")
    most = max(frame["generation"] for frame in told)
    if asked.generations > most:
        raise BadInput(f"The recorded run of MNIST has {most} generations; you asked for {asked.generations}. "
                       f"Set Generations to {most} or fewer.")
    whole = {frame["chain"] for frame in told if frame["generation"] == most}
    for index in range(asked.generations + 1):
        here = [frame for frame in told if frame["generation"] == index and frame["chain"] in whole]
        names = [name for name in here[0] if name not in ("decoding", "chain", "generation", "shown", "cpu_s")]
        yield Generation(index, {name: np.array([frame[name] for frame in here]) for name in names},
                         [_Shown(next(frame["shown"] for frame in here if "shown" in frame))])


def about() -> dict:
    """Of the recorded run: chains of each decoding, pictures and updates of a generation, mean and sample, the generations of each,
    minutes of one core for all of it."""
    saved = read(NAME)
    told = saved.manifest["settings"]
    chains = "one chain" if told["chains"] == 1 else f"{told['chains']} chains"
    return {"chains": chains, "n": told["n"], "updates": told["updates"], **told["generations"],
            "minutes": sum(frame["cpu_s"] for frame in saved.frames) / 60}
