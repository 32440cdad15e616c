"""How sure a classifier is, and of what: fields over the plane, how usual a point is, and the climb to more confidence."""

from collections.abc import Callable

import numpy as np

from genai_core.decide_or_draw.families import log_sum

SURE = 0.99       # "over 99% sure"
RARE = 0.01       # less likely than 99 of 100 of the data
SIDE = 60         # cells of a field along each axis
STEP = 0.1        # length of a step of the climb
MOST_STEPS = 60
NUDGE = 0.02      # of the central differences
BETTER = 1e-9     # a smaller gain is none


def cells(limit: float, side: int = SIDE) -> np.ndarray:
    """Middles of side x side cells from -limit to limit, row by row from the top.  -> (side * side, 2)"""
    at = (np.arange(side) + 0.5) / side * 2 * limit - limit
    x, y = np.meshgrid(at, at[::-1])
    return np.stack([x.ravel(), y.ravel()], 1)


def share_below(scores: np.ndarray, score) -> np.ndarray:
    """Share of the data that is at most as likely as this: 0 far away from all of it.  score: a number or (m,)"""
    return np.searchsorted(np.sort(scores), score, side="right") / len(scores)


def rare_below(scores: np.ndarray) -> float:
    """The log density below which a point is less likely than 99 of 100 of the data."""
    return float(np.quantile(scores, RARE))


def sure_share(log_posterior: np.ndarray, empty: np.ndarray) -> float:
    """Share of the empty cells in which the model is over 99% sure. log_posterior (m, K); empty (m,) true or false."""
    sure = log_posterior.max(1) > np.log(SURE)
    return float(sure[empty].mean()) if empty.any() else 0.0


def log_odds(log_posterior: np.ndarray, k: int) -> np.ndarray:
    """log of P(class k) over the rest. Unlike P itself it goes on rising where P has come to 1.  (m, K) -> (m,)"""
    return log_posterior[:, k] - log_sum(np.delete(log_posterior, k, 1))


def climb(height: Callable[[np.ndarray], np.ndarray], start, step: float = STEP, most: int = MOST_STEPS) -> np.ndarray:
    """Go uphill until nothing near leads further up. height: (m, 2) -> (m,).  -> (steps + 1, 2)

    A step follows the gradient by central differences. Where that does not lead up, as on the flat ground of a forest, it
    goes to the best of 16 directions and four lengths.
    """
    angle = np.arange(16) * np.pi / 8
    star = np.stack([np.cos(angle), np.sin(angle)], 1)  # (16, 2)
    around = step * np.concatenate([star, 2 * star, 4 * star, 8 * star])  # (64, 2)
    cross = NUDGE * np.array([[1, 0], [-1, 0], [0, 1], [0, -1], [0, 0]])
    path = [np.asarray(start, dtype=float)]
    for _ in range(most):
        here = path[-1]
        at = height(here + cross)
        slope, now = np.array([at[0] - at[1], at[2] - at[3]]), at[4]
        to = here + step * slope / max(np.hypot(*slope), BETTER)
        if height(to[None])[0] <= now + BETTER:
            heights = height(here + around)
            if heights.max() <= now + BETTER:
                break
            to = here + around[heights.argmax()]
        path.append(to)
    return np.array(path)
