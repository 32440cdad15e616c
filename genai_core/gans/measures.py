"""The default game, the broken one and its repairs over seeds 0 to 9: `python -m genai_core measure gan_plane`."""

import time
from dataclasses import replace
from functools import partial

from genai_core import measuring, runtime
from genai_core.gans import plane, zoo
from genai_core.gans.knobs import Knobs, Segment
from genai_core.gans.settings import STEPS, Settings

SEEDS = tuple(range(10))
DEPENDS = tuple(f"genai_core/{part}.py" for part in (
    "gans/objectives", "gans/game", "gans/settings", "gans/zoo"))


def _over_seeds(say, name: str, knobs: Knobs, good) -> dict:
    """One setting over all seeds. good(row): whether its last row is as it should be."""
    runtime.set_threads(1)
    ends, spent = [], time.process_time()
    for seed in SEEDS:
        settings = Settings(seed=seed, parts=(Segment(STEPS, "both", knobs),))
        points = plane.real_points(settings)
        game = plane.new_game(settings, points)
        for _ in plane.play(settings, points, game):
            pass
        ends.append(plane.measured(game, plane.fresh_points(settings, points), True))
        say(f"seed {seed}: {ends[-1]['modes_found']} of 8 modes, {ends[-1]['near_share']:.0%} of the points on one")
    figure = {**measuring.share(sum(map(good, ends)), len(SEEDS)), "modes_found": [row["modes_found"] for row in ends],
              "near_share": [round(row["near_share"], 4) for row in ends], "updates": STEPS}
    return {"seeds": list(SEEDS), "cpu_s": round(time.process_time() - spent, 1), "figures": {name: figure}}


def _seven(row: dict) -> bool:
    return row["modes_found"] >= zoo.ENOUGH_MODES


def _part(name: str, knobs: Knobs, good) -> measuring.Measure:
    return measuring.Measure(partial(_over_seeds, name=name, knobs=knobs, good=good), DEPENDS)


MEASURE = measuring.Measure(parts={
    "default": _part("default", Settings().parts[-1].knobs, _seven),
    "collapse": _part("collapse", zoo.COLLAPSE, zoo.found_few),
    **{f"repair_{name}": _part(f"repair_{name}", replace(knobs), zoo.found_all) for name, knobs in zoo.CASES["collapse"].repairs.items()},
})
