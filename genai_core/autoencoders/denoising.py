"""The use "denoise points": learn to move noisy points back, and compare the arrows with the score."""

import torch

from genai_core import models, runtime
from genai_core.autoencoders import scores
from genai_core.autoencoders.settings import Settings
from genai_core.recorded import pack
from genai_core.training import Knobs, train

EVERY = 20
SIDE, LIMIT = 21, 1.5     # of the grid on which arrows are drawn
GRID_FROM = 0.02          # share of the densest place below which no arrow is drawn: nobody ever was there


def grid() -> torch.Tensor:
    """-> (441, 2)"""
    line = torch.linspace(-LIMIT, LIMIT, SIDE)
    return torch.cartesian_prod(line, line)


def run(settings: Settings, make):
    """Frames, made by make(index, steps, rows, numbers, about, shown)."""
    s = settings
    learnt = scores.points(s.shape, scores.POINTS, runtime.rng(s.seed))
    model = models.build("point_denoiser", s.seed, spread=float(s.spread))
    where, true = scores.judged(s.shape, s.spread)
    at = grid()
    crowd = (torch.cdist(at, learnt).square() / (-2 * s.spread**2)).exp().mean(1)
    at = at[crowd > GRID_FROM * crowd.max()]
    beside = s.spread**2 * scores.score(s.shape, at, s.spread)
    about, rows = {"shape": s.shape, "spread": s.spread, "learnt": len(learnt), "judged": len(where)}, []
    losses, numbers = [], {}

    def shown() -> dict:
        with torch.no_grad():
            arrows = model.arrows(at)
        return {"field": {"points": pack(learnt[:500]), "at": pack(at), "arrows": pack(arrows), "score": pack(beside), "limit": LIMIT}}

    for step in train(model, learnt, scores.UPDATES, s.seed, Knobs(batch=scores.BATCH, rate=2e-3)):
        losses.append(step.losses["loss"])
        if step.index % EVERY and step.index != scores.UPDATES:
            continue
        with torch.no_grad():
            found = scores.agreement(model.arrows(where), true)
        numbers = {"loss": (losses[-1],) * 3 + ("squared data units",), "cosine": (found["cosine"],) * 3 + ("",),
                   "missed": (found["missed"],) * 3 + ("",)}
        rows.append({"update": step.index, "loss": sum(losses) / len(losses), "last_loss": losses[-1], **found})
        losses = []
        yield make(step.index, scores.UPDATES, tuple(rows), numbers, about, shown)
