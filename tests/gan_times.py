"""How many updates a second a GAN in the plane makes on one core while it is drawn ten times a second, and where the time goes.

An update is one optimiser step of one player. Sizes: GAN Lab's opening game (one hidden layer of about 14 units for each player),
and the tab's default (two of 64). Processor seconds are the calling thread's, so that a busy machine is told apart.
"""

import statistics
import time
from dataclasses import replace

import torch

from demos import gan_plane as tab
from demos._lab import play
from genai_core import runtime
from genai_core.gans import drawn, plane
from genai_core.gans.game import BATCH, codes
from genai_core.gans.settings import DEFAULT, Settings

SIZES = {"gan_lab": {"width": "14", "d_layers": 1, "g_layers": 1}, "default": {}}
ROUNDS = 5


def shown(controls: dict, steps: int) -> tuple[float, float, float]:
    """(updates a second by the clock, updates a processor second, pictures a second) of a run as the page plays it."""
    values = tab.LAB.check(tab.LAB.defaults() | controls | {"steps": steps})
    pictures, began, busy = 0, time.perf_counter(), time.thread_time()
    for look in play(tab.LAB, values):
        pictures += bool(look.view.pictures)
    seconds, spent = time.perf_counter() - began, time.thread_time() - busy
    return steps / seconds, steps / spent, pictures / seconds


def shares(repeats: int = 300) -> dict:
    """Where the time of a turn goes in the default game, as shares of its processor time; and of a row and a picture in ms."""
    settings = Settings()
    points = plane.real_points(settings)
    game = plane.new_game(settings, points)
    d, g = game.nets["d"], game.nets["g"]

    def clock(work) -> float:
        began = time.thread_time()
        for _ in range(repeats):
            work()
        return (time.thread_time() - began) / repeats

    def turn():
        game.update("d")
        game.update("g")

    def draw():
        game.real()
        codes(game.noise, BATCH, game.dice)
        codes(game.noise, BATCH, game.dice)

    fake, real, z = g(codes(game.noise, BATCH, game.dice)).detach(), game.real(), codes(game.noise, BATCH, game.dice)

    def forward():
        with torch.no_grad():
            g(z)
        game.objective.critic_loss(d, real, fake, game.dice)
        game.objective.generator(d(g(z)))

    def both_ways():
        with torch.no_grad():
            g(z)
        game.objective.critic_loss(d, real, fake, game.dice).backward(inputs=list(d.parameters()))
        game.objective.generator(d(g(z))).backward(inputs=list(g.parameters()))

    def step():
        for optimiser in game.optimisers.values():
            optimiser.step()

    turn()
    whole, drawing, there, there_and_back, steps = (clock(work) for work in (turn, draw, forward, both_ways, step))
    parts = {"batches": drawing, "forward": there, "backward": there_and_back - there, "optimiser": steps}
    fresh = plane.fresh_points(settings, points)
    repeats = 20
    return {"turn_ms": round(1000 * whole, 3), **{f"{name}_share": round(part / whole, 3) for name, part in parts.items()},
            "row_ms": round(1000 * clock(lambda: plane.measured(game, fresh, True)), 2),
            "picture_ms": round(1000 * clock(lambda: drawn.saved(game, settings)), 2)}


def measure(steps: int = 3000) -> dict:
    """{size: medians}, and where the time goes."""
    runtime.set_threads(1)
    shown({}, 200)
    told: dict = {"threads": 1, "batch": BATCH, "rounds": ROUNDS, "default_knobs": vars(replace(DEFAULT))}
    for name, controls in SIZES.items():
        found = [shown(controls, steps) for _ in range(ROUNDS)]
        by_clock, by_thread, pictures = (round(statistics.median(column), 1) for column in zip(*found, strict=True))
        told[name] = {"updates_per_s": by_clock, "updates_per_cpu_s": by_thread, "pictures_per_s": pictures}
    return told | {"where_the_time_goes": shares()}
