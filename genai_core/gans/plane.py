"""A GAN in the plane, played update by update: what it draws, what it measures, and how a run goes on from any moment.

A run is a pure function of its Settings. What is kept from an earlier run only saves the time of computing it again.
"""

import math
from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass

import torch

from genai_core import data, metrics, runtime
from genai_core.data import own_points
from genai_core.data.points import RING_SPREAD, ring_centres
from genai_core.errors import BadInput
from genai_core.gans.dirac import Duel, place
from genai_core.gans.game import Game, Snapshot, codes
from genai_core.gans.knobs import Knobs, Segment
from genai_core.gans.settings import Settings

TRAINING_POINTS = 2000
LOOK_EVERY = 100     # updates between two rows of the table: about 0.08 s of work
MEASURED = 2000      # points behind the modes and shares; 500 of them behind losses and accuracy
MODE_SHARE = 0.01    # of the points, that a mode must hold to be found
SAMPLE_SEED, REAL_SEED, DICE_SEED = 101, 102, 103
KEPT = 12            # states that one visit keeps
OWN_REACH = 2.4      # own points up to here from 0 are taken as they are; others get mean 0 and spread 1


@dataclass(frozen=True)
class State:
    """Everything to go on from after `index` updates, and the table up to there."""

    index: int
    snapshot: Snapshot
    rows: tuple[dict, ...]


@dataclass(frozen=True)
class Frame:
    """index: updates so far. game: as it stands, to be looked at before the next frame is asked for. rows: the table.
    settings: with the changes that were made on the way. began: where this run was taken up, 0 or a kept state's index."""

    index: int
    settings: Settings
    game: Game
    rows: tuple[dict, ...]
    began: int


def real_points(settings: Settings) -> torch.Tensor:
    """The training data.  -> (N, 2), for the Dirac-GAN (1, 1)"""
    if settings.data == "dirac":
        return torch.zeros(1, 1)
    if settings.data == "own":
        own = own_points.parse(settings.points)
        fits = own.points.abs().max() <= OWN_REACH  # drawn on the picture: they stay where they were put
        return own.points if fits else own.scaled()[0]
    return data.load(settings.data, settings.seed, TRAINING_POINTS)


def new_game(settings: Settings, points: torch.Tensor) -> Game:
    """The players before their first update."""
    kind = Duel if settings.data == "dirac" else Game
    if settings.data == "dirac" and any(part.knobs.objective == "spectral" for part in settings.parts):
        raise BadInput("Spectral norm leaves the one slope of the Dirac-GAN nothing but +1 or -1. Choose another objective.")
    return kind(points, settings.seed, settings.noise, settings.width, settings.parts[0].knobs)


def measured(game: Game, fresh: torch.Tensor, modes: bool) -> dict:
    """One row's numbers: a pure function of the weights, on the same codes and points every time. fresh (500, 2): real.

    d_loss, g_loss: both players' losses. accuracy: share of 500 real and 500 drawn points that D calls right, None for a
    critic. push: mean length of the gradient of G's loss at a drawn point, what G learns from. modes_found, near_share: of
    2,000 drawn points, where there are modes; else distance: energy distance of 500 from fresh.
    """
    critic, goal = game.nets["d"], game.objective
    was = critic.training
    critic.eval()  # looking must not turn the power iteration of spectral norm
    drawn = drawn_points(game, MEASURED)
    fake = drawn[:len(fresh)].clone().requires_grad_(True)
    scores = critic(fake)
    loss = goal.generator(scores)
    push = torch.autograd.grad(loss, fake)[0].norm(dim=1) * len(fake)
    row = {"d_loss": goal.critic_loss(critic, fresh, fake, runtime.rng(DICE_SEED), game.strength).item(), "g_loss": loss.item()}
    with torch.no_grad():
        right = None
        if goal.threshold is not None and drawn.shape[1] == 2:
            right = ((critic(fresh) > goal.threshold).sum() + (scores <= goal.threshold).sum()).item() / (2 * len(fresh))
    critic.train(was)
    row |= {"accuracy": right, "push": push.mean().item()}
    if modes:
        row["modes_found"] = metrics.modes_found(drawn, ring_centres(), RING_SPREAD, MODE_SHARE * len(ring_centres()))
        row["near_share"] = metrics.near_mode_share(drawn, ring_centres(), RING_SPREAD)
    elif drawn.shape[1] == 2:
        row["distance"] = metrics.energy_distance(drawn[:500], fresh)
    else:
        theta, psi = place(game.nets)
        row |= {"theta": theta, "psi": psi, "radius": math.hypot(theta, psi)}
    return row


@torch.no_grad()
def drawn_points(game: Game, n: int) -> torch.Tensor:
    """n points of the generator, always from the same codes.  -> (n, 2)"""
    return game.nets["g"](codes(game.noise, n, runtime.rng(SAMPLE_SEED)))


def fresh_points(settings: Settings, points: torch.Tensor) -> torch.Tensor:
    """Real points that are not those of a batch: 500 new ones, or of one's own points 500 of them.  -> (500, 2)"""
    if settings.data == "dirac":
        return points.expand(500, 1)
    if settings.data == "own":
        return points[torch.randint(len(points), (500,), generator=runtime.rng(REAL_SEED))]
    return data.load(settings.data, REAL_SEED, 500)


def due(settings: Settings, index: int) -> bool:
    """Whether the table has a row after `index` updates: every 100 (of the Dirac-GAN 10), after a single step, at the end."""
    every = LOOK_EVERY // 10 if settings.data == "dirac" else LOOK_EVERY
    return index % every == 0 or index == settings.steps or settings.part_at(index - 1).who != "both"


def play(settings: Settings, points: torch.Tensor, game: Game, wish: Callable[[], Knobs | None] = lambda: None) -> Iterator[Settings]:
    """Play on to the end; yield the settings where the table has a row. wish(): knobs that were turned meanwhile, or None."""
    while game.index < settings.steps:
        if wanted := wish():
            settings = turned(settings, game.index, wanted)
        part = settings.part_at(game.index)
        if part.knobs != game.knobs:
            game.turn(part.knobs)
        game.update(settings.mover(game.index))
        if due(settings, game.index):
            yield settings


def turned(settings: Settings, index: int, knobs: Knobs) -> Settings:
    """The same run, with these knobs from the update after `index` on."""
    part = settings.part_at(index)
    return settings if part.knobs == knobs else settings.cut(index, (Segment(settings.steps, part.who, knobs),))


def run(settings: Settings, kept: MutableMapping | None = None, wish: Callable[[], Knobs | None] = lambda: None) -> Iterator[Frame]:
    """Play and yield a Frame at each row of the table; work between two yields is about 0.1 s on one core.

    kept: states of earlier runs by lineage, read to begin as late as may be, and filled. Without it everything is computed
    from update 0: the numbers are the same. wish: as for `play`.
    """
    points = real_points(settings)
    fresh, modes = fresh_points(settings, points), settings.data == "ring"
    game, state = new_game(settings, points), latest(settings, kept)
    rows: list[dict] = []
    if state:
        game.restore(state.snapshot)
        rows = [row for row in state.rows if due(settings, row["update"])]
    began, every = game.index, max(1, settings.steps // KEPT // LOOK_EVERY) * LOOK_EVERY
    for current in play(settings, points, game, wish):
        row = {"update": game.index, **measured(game, fresh, modes)}
        rows.append(finite(row, current))
        if kept is not None and (game.index % every == 0 or game.index == current.steps or current.part_at(game.index - 1).who != "both"):
            keep(kept, current.lineage(game.index), State(game.index, game.snapshot(), tuple(rows)))
        yield Frame(game.index, current, game, tuple(rows), began)


def finite(row: dict, settings: Settings) -> dict:
    """The row; BadInput where a number in it is none any more, because nothing is learned from there on."""
    wrong = [name for name, value in row.items() if value is not None and not math.isfinite(value)]
    if wrong:
        rates = settings.part_at(row["update"] - 1).knobs
        raise BadInput(f"The game came apart before update {row['update']:,}: {wrong[0].replace('_', ' ')} is no number any more. "
                       f"Go back and take smaller learning rates than {rates.d_rate:g} and {rates.g_rate:g}, or tame the critic.")
    return row


def keep(kept: MutableMapping, key: tuple, state: State) -> None:
    """Store a state as the newest; the oldest go when there are more than KEPT. Other things in `kept` stay."""
    kept.pop(key, None)
    kept[key] = state
    for old in [k for k, value in kept.items() if isinstance(value, State)][:-KEPT]:
        del kept[old]


def latest(settings: Settings, kept: MutableMapping | None) -> State | None:
    """The latest kept state that this run passes through, before its end; None for a run from 0."""
    states = [s for key, s in (kept or {}).items() if isinstance(s, State) and s.index < settings.steps
              and key == settings.lineage(s.index)]
    return max(states, key=lambda state: state.index, default=None)


def stepped(settings: Settings, at: int, act: str) -> Settings:
    """The run up to update `at`, then one update of "d" or "g", or one turn of "both"."""
    knobs = settings.parts[-1].knobs
    more = knobs.d_updates + knobs.g_updates if act == "both" else 1
    return settings.cut(at, (Segment(at + more, act, knobs),))
