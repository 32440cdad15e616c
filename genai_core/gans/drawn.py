"""What a picture of the game shows, as JSON: points, the discriminator's field, arrows, the generator's mesh; and one turn
in slow motion, sub-step by sub-step, with the very batch that the turn uses."""

import base64
from collections.abc import Iterator

import torch

from genai_core import metrics, runtime
from genai_core.data.points import RING_SPREAD, ring_centres
from genai_core.gans.dirac import place
from genai_core.gans.game import BATCH, Game, codes
from genai_core.gans.plane import drawn_points, real_points
from genai_core.gans.settings import Settings
from genai_core.recorded import pack

GRID, MESH, ARROWS, DRAWN, REAL = 24, 16, 60, 250, 400
LIMITS = {"own": 2.5, "dirac": 1.5}   # the picture goes from minus this to this; made data are about 2 wide
LIMIT = 1.6


def limit(settings: Settings) -> float:
    return LIMITS.get(settings.data, LIMIT)


def scene(settings: Settings) -> dict:
    """What all pictures of a run are drawn over. real: packed points. modes: circles x, y, radius. limit: of both axes."""
    ring = settings.data == "ring"
    modes = [[round(x, 4), round(y, 4), metrics.NEAR_STDS * RING_SPREAD] for x, y in ring_centres().tolist()] if ring else []
    points = real_points(settings)
    real = points[:REAL] if settings.data != "dirac" else torch.zeros(1, 2)
    return {"real": pack(real), "modes": modes, "limit": limit(settings), "data": settings.data, "seed": settings.seed,
            "noise": settings.noise, "width": settings.width, "points": settings.points if settings.data == "own" else ""}


def saved(game: Game, settings: Settings) -> dict:
    """One picture: the update, fake points, field, arrows, mesh. The Dirac-GAN has but one point, (theta, psi)."""
    frame = {"update": game.index}
    if settings.data == "dirac":
        return frame | {"at": [round(v, 5) for v in place(game.nets)], "trail": pack(list(game.trail))}
    critic, was = game.nets["d"], game.nets["d"].training
    critic.eval()
    fake = drawn_points(game, DRAWN)
    frame |= {"fake": pack(fake), "field": field(game, limit(settings)), "arrows": pack(arrows(game, fake[:ARROWS]))}
    critic.train(was)
    net = mesh(game)
    return frame if net is None else frame | {"mesh": pack(net)}


@torch.no_grad()
def field(game: Game, reach: float) -> str:
    """How real the discriminator finds each of 24 x 24 places, 0 to 255, row by row from the top: base64 of bytes.

    D(x) where the score is of a probability; the score itself, cut to 0 to 1, for least squares; a critic's scores have no
    scale of their own, so they are shown against their mean and spread over the picture.
    """
    line = torch.linspace(-reach, reach, GRID)
    places = torch.stack([line.repeat(GRID), line.flip(0).repeat_interleave(GRID)], 1)              # (576, 2)
    score = game.nets["d"](places)[:, 0]
    goal = game.objective
    if goal.threshold is None:
        shown = torch.sigmoid((score - score.mean()) / score.std().clamp(min=1e-9))
    elif goal.threshold == 0:
        shown = torch.sigmoid(score)
    else:
        shown = score.clamp(0, 1)
    return base64.b64encode((shown.nan_to_num(0.5) * 255).round().to(torch.uint8).numpy().tobytes()).decode("ascii")


def arrows(game: Game, fake: torch.Tensor) -> torch.Tensor:
    """Where G's loss sends each drawn point: rows x, y, dx, dy. Length 0.4 n / (1 + n) for a gradient of length n, so
    that a gradient that vanishes is seen to vanish and a steep one still fits.  -> (60, 4)"""
    x = fake.clone().requires_grad_(True)
    slope = -torch.autograd.grad(game.objective.generator(game.nets["d"](x)), x)[0] * len(x)         # (60, 2), per point
    return torch.cat([fake, 0.4 * slope / (1 + slope.norm(dim=1, keepdim=True))], 1)


@torch.no_grad()
def mesh(game: Game) -> torch.Tensor | None:
    """Where the generator puts a net of codes whose cells hold equal shares of all codes; 8 numbers have no such net.

    -> (256, 2) row by row, or for one number (256, 2) along the line.
    """
    share = (torch.arange(MESH) + 0.5) / MESH                                                       # (16,)
    if game.noise == "gaussian_8":
        return None
    if game.noise == "line":
        return game.nets["g"](2 * ((torch.arange(MESH**2) + 0.5) / MESH**2)[:, None] - 1)
    line = torch.special.ndtri(share) if game.noise == "gaussian" else 2 * share - 1
    return game.nets["g"](torch.stack([line.repeat(MESH), line.repeat_interleave(MESH)], 1))


# -- one turn, slowly ---------------------------------------------------------------------------------------------

STAGES = {"d": ("draw", "real", "judge", "d_loss", "d_step"), "g": ("codes", "judged", "g_loss", "g_step")}


def peek(stream: torch.Generator) -> torch.Generator:
    """A copy of a stream, so that what is drawn next can be shown before it is drawn."""
    return runtime.rng(0).set_state(stream.get_state())


def slowly(game: Game, settings: Settings, who: str) -> Iterator[tuple[str, dict, dict]]:
    """(stage, numbers for its caption, picture) of each sub-step of one update, which it carries out."""
    if settings.data == "dirac":
        game.update(who)
        theta, psi = place(game.nets)
        yield f"dirac_{who}", {"theta": theta, "psi": psi, "loss": game.losses[who]}, saved(game, settings)
        return
    before, goal = saved(game, settings), game.objective
    with torch.no_grad():
        fake = game.nets["g"](codes(game.noise, BATCH, peek(game.dice)))
        rows = torch.randint(len(game.data), (BATCH,), generator=peek(game.order))
        real = game.data.index_select(0, rows)
        critic = game.nets["d"].eval()
        on_fake, on_real = critic(fake), critic(real)
        critic.train()
    bare = before | {"fake": pack(fake), "arrows": ""}
    numbers = {"n": BATCH, "on_real": shown(goal, on_real), "on_fake": shown(goal, on_fake)}
    if who == "d":
        yield "draw", numbers, bare | {"batch": ""}
        yield "real", numbers, bare | {"batch": pack(real)}
        yield "judge", numbers, bare | {"batch": pack(real)}
        loss = game.update("d")
        yield "d_loss", numbers | {"loss": loss}, bare | {"batch": pack(real)}
        with torch.no_grad():
            critic.eval()
            after = {"after_real": shown(goal, critic(real)), "after_fake": shown(goal, critic(fake))}
            critic.train()
        yield "d_step", numbers | after, saved(game, settings) | {"fake": pack(fake), "arrows": "", "batch": pack(real)}
        return
    critic.eval()
    pushed = pack(arrows(game, fake[:ARROWS]))
    critic.train()
    yield "codes", numbers, bare
    yield "judged", numbers, bare
    z = codes(game.noise, BATCH, peek(game.dice))
    loss = game.update("g")
    yield "g_loss", numbers | {"loss": loss}, bare | {"arrows": pushed}
    with torch.no_grad():
        moved = game.nets["g"](z)
    yield "g_step", numbers | {"moved": (moved - fake).norm(dim=1).mean().item()}, saved(game, settings) | {
        "fake": pack(moved), "arrows": pushed}


def shown(goal, scores: torch.Tensor) -> float:
    """The mean of D over points: a probability where the score stands for one, else the score."""
    return (torch.sigmoid(scores) if goal.unit == "nats" else scores).mean().item()
