"""One run of the lab: six models on the same points, a question about one place, a climb, and the learning curves.

What is found is plain JSON, so that a recorded run and a live one are drawn by the same code.
"""

import base64
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass

import numpy as np

from genai_core.decide_or_draw import crossing, families, sureness
from genai_core.decide_or_draw.results import SIZES
from genai_core.decide_or_draw.sample import Sample, sample
from genai_core.decide_or_draw.settings import DRAWERS, FAMILIES, FARTHEST, LIMIT, Settings, place
from genai_core.errors import BadInput
from genai_core.recorded import pack

DRAWN = 250          # new points of each model that can draw
LEVELS = 31          # of a field of confidence: the highest is "over 99% sure"
YARDSTICK = "kde"    # its density says where the data are: the only one here that assumes no shape
NATS = 12.0          # below the peak that a field of densities shows, at least


@dataclass(frozen=True)
class Frame:
    """After each piece of work. found: {"scene", "models", "asked", "climb", "growth"}, as far as it is known."""

    index: int
    steps: int
    found: dict


def steps_of(settings: Settings) -> int:
    """Pieces of work: a model each, the question, the climb, and every size of each pair of learning curves."""
    return len(FAMILIES) + 2 + len(correlations(settings)) * len(SIZES)


def correlations(settings: Settings) -> list[float]:
    """Of the learning curves: none, where naive Bayes is right, and the one that is set."""
    return sorted({0.0, settings.correlation})


def run(settings: Settings, kept: MutableMapping | None = None) -> Iterator[Frame]:
    """Frames, at most 0.2 s of work apart. kept: of earlier runs; what has not changed since is not computed again."""
    yield from stages(sample(settings), settings, {} if kept is None else kept)


def stages(points: Sample, settings: Settings, kept: MutableMapping) -> Iterator[Frame]:
    """The frames of a run on these points."""
    at = points.inside(place(settings.at))
    check(points, settings, at)
    steps, done, found = steps_of(settings), 0, {"scene": scene(points), "models": {}}
    models = kept.get("models", (None, {}, {}))
    if models[0] != settings.of_models():
        models = (settings.of_models(), {}, {})
    fit, told = models[1], models[2]
    for name in order():
        if name not in told:
            fit[name] = families.fitted(name, points.points, points.labels, settings.seed, settings.components, settings.bandwidth)
            told[name] = learnt(fit[name], points, fit[YARDSTICK], settings.seed)
            kept["models"] = models
        found["models"] = {each: told[each] for each in FAMILIES if each in told}
        done += 1
        yield Frame(done, steps, dict(found))
    found["asked"] = asked(fit, points, at)
    done += 1
    yield Frame(done, steps, dict(found))
    found["climb"] = climbed(fit, points, at, settings.climber)
    done += 1
    yield Frame(done, steps, dict(found))
    grown = kept.get("growth", (None, {}))
    if grown[0] != settings.of_growth():
        grown = (settings.of_growth(), {})
    for correlation in correlations(settings):
        given = crossing.case(settings.features, correlation)
        rows = grown[1].setdefault(correlation, [])
        found["growth"] = [*found.get("growth", []), {"correlation": correlation, "features": settings.features, "runs": settings.runs,
                                                      "seed": settings.seed, "limits": given.limits(), "rows": []}]
        for size in SIZES:
            if len(rows) <= SIZES.index(size):
                for point in crossing.growth(given, settings.runs, settings.seed, (size,)):
                    if point:
                        rows.append(point.row())
                        kept["growth"] = grown
                    else:
                        yield Frame(done, steps, dict(found))
            done += 1
            found["growth"] = [*found["growth"][:-1], found["growth"][-1] | {"rows": rows[:SIZES.index(size) + 1]}]
            yield Frame(done, steps, dict(found))


def order() -> tuple[str, ...]:
    """The yardstick first: every other model's field is read against it."""
    return (YARDSTICK, *(name for name in FAMILIES if name != YARDSTICK))


def check(points: Sample, settings: Settings, at: np.ndarray) -> None:
    """BadInput where a mixture has more components than a class has points, or a question is about nowhere near."""
    if np.abs(at).max() > FARTHEST:
        raise BadInput(f"The point {settings.at[:40]!r} is more than {FARTHEST:g} times as far away as the points are wide; nearer is "
                       "far enough.")
    counts = np.bincount(points.labels)
    if counts.min() < settings.components:
        raise BadInput(f"Class {points.classes[counts.argmin()][:20]!r} has {counts.min()} points, too few for a mixture of "
                       f"{settings.components} Gaussians; take fewer components, or more points.")


def scene(points: Sample) -> dict:
    """What every picture is drawn over."""
    return {"title": points.title, "classes": list(points.classes), "real": pack(points.points), "labels": points.labels.tolist(),
            "limit": LIMIT, "side": sureness.SIDE, "centre": points.centre.tolist(), "unit": points.unit.tolist(),
            "own": points.fresh is None}


# -- one model ------------------------------------------------------------------------------------------------------

def learnt(model, points: Sample, yardstick, seed: int) -> dict:
    """What is shown of one model: its field of P(y | x), and where it can, of P(x), and new points.

    right_share: of fresh points, None for own ones. sure_share: of the empty cells, those where it is over 99% sure.
    """
    grid = sureness.cells(LIMIT)
    posterior = model.log_posterior(grid)
    edge = sureness.rare_below(yardstick.log_density_of_data(points.points))
    found = {"posterior": confidence_bytes(posterior), "sure_share": sureness.sure_share(posterior, yardstick.log_density(grid) < edge),
             "right_share": None}
    if points.fresh:
        found["right_share"] = float((model.log_posterior(points.fresh[0]).argmax(1) == points.fresh[1]).mean())
    if isinstance(model, families.Drawer):
        own_edge = sureness.rare_below(model.log_density_of_data(points.points))
        found |= density_bytes(model.log_density(grid), own_edge)
        new, labels = model.draw(DRAWN, seed)
        found |= {"drawn": pack(new), "drawn_labels": labels.tolist()}
    return found


def confidence_bytes(log_posterior: np.ndarray) -> str:
    """A byte a cell, base64: the likeliest class times 32, and how sure, 0 (all alike) to 30, 31 for over 99%."""
    sure, most = np.exp(log_posterior.max(1)), log_posterior.shape[1]
    level = np.floor((LEVELS - 1) * np.clip((sure - 1 / most) / (sureness.SURE - 1 / most), 0, 1))
    level[sure > sureness.SURE] = LEVELS
    return _text(32 * log_posterior.argmax(1) + level)


def density_bytes(log_density: np.ndarray, edge: float) -> dict:
    """A byte a cell, base64, from 255 at the peak down; and where on that scale 99% of the data are more likely."""
    peak = log_density.max()
    span = max(NATS, 1.3 * (peak - edge))
    return {"density": _text(255 * np.clip(1 - (peak - log_density) / span, 0, 1)), "edge": round(255 * (1 - (peak - edge) / span), 2)}


def _text(values: np.ndarray) -> str:
    return base64.b64encode(np.rint(values).astype(np.uint8).tobytes()).decode("ascii")


# -- one place ------------------------------------------------------------------------------------------------------

def asked(models: dict, points: Sample, at: np.ndarray) -> dict:
    """What every model says about one place: P(y | x), and where it has one, log P(x) and the share of the data below."""
    found = {"at": at.tolist(), "place": points.outside(at).tolist(), "models": {}}
    for name in FAMILIES:
        told = {"shares": np.exp(models[name].log_posterior(at[None])[0]).tolist()}
        if name in DRAWERS:
            score = float(models[name].log_density(at[None])[0])
            told |= {"log_density": score - points.log_area,
                     "below": float(sureness.share_below(models[name].log_density_of_data(points.points), score))}
        found["models"][name] = told
    return found


def climbed(models: dict, points: Sample, at: np.ndarray, climber: str) -> dict:
    """Two ways uphill from one place: to more confidence of a classifier, and to more density of the same class.

    class: the likeliest where it starts. path: places in the lab's plane. sure: the classifier's P(class | x). below: share of
    the data that is at most as likely, by the kernel density. left: first step from which on below is under 1%, else None.
    """
    judge, yardstick = models[climber], models[YARDSTICK]
    k = int(judge.log_posterior(at[None])[0].argmax())
    data = yardstick.log_density_of_data(points.points)
    found = {"class": k, "climber": climber, "ways": {}}
    heights = {"confidence": lambda x: sureness.log_odds(judge.log_posterior(x), k), "density": lambda x: yardstick.log_joint(x)[:, k]}
    for way, height in heights.items():
        path = sureness.climb(height, at)
        below = sureness.share_below(data, yardstick.log_density(path))
        rare = below < sureness.RARE
        left = len(rare) - int(rare[::-1].argmin()) if not rare.all() else 0
        found["ways"][way] = {"path": path.round(4).tolist(), "sure": np.exp(judge.log_posterior(path)[:, k]).tolist(),
                              "below": below.tolist(), "left": left if left < len(path) else None}
    return found
