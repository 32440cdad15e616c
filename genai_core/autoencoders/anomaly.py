"""Spot the odd one: what was never learnt should come back worse. How well, as a curve and as one number.

The area under the ROC curve is the chance that an odd picture has the higher score than a known one, ties counted half
(Hanley & McNeil 1982, Radiology 143:29, whose standard error is used here).
"""

import torch


def roc(scores: torch.Tensor, odd: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """scores (N,), odd (N,) true or false -> shares flagged among the known and among the odd, from (0, 0) to (1, 1), one
    point for each different score: flagged is what scores at least as much."""
    order = scores.argsort(descending=True)
    scores, odd = scores[order], odd[order].double()
    last = torch.cat([scores[1:] != scores[:-1], torch.ones(1, dtype=torch.bool)])  # equal scores are flagged together
    hits, alarms = odd.cumsum(0)[last] / odd.sum(), (1 - odd).cumsum(0)[last] / (1 - odd).sum()
    start = torch.zeros(1, dtype=torch.double)
    return torch.cat([start, alarms]), torch.cat([start, hits])


def area(alarms: torch.Tensor, hits: torch.Tensor) -> float:
    """The area under the curve."""
    return torch.trapezoid(hits, alarms).item()


def area_interval(value: float, odd: int, known: int) -> tuple[float, float, float]:
    """(low, value, high) of an area from so many odd and known pictures, 95%."""
    first, second = value / (2 - value), 2 * value**2 / (1 + value)
    spread = (value * (1 - value) + (odd - 1) * (first - value**2) + (known - 1) * (second - value**2)) / (odd * known)
    half = 1.96 * max(0.0, spread) ** 0.5
    return max(0.0, value - half), value, min(1.0, value + half)


@torch.no_grad()
def misfits(model, pictures: torch.Tensor) -> torch.Tensor:
    """Mean squared error per pixel of each picture.  (N, 1, S, S) uint8 -> (N,)"""
    x = pictures.float() / 255
    return (model.decode(model.encode(x)) - x).square().mean((1, 2, 3))


def distances(pictures: torch.Tensor, learnt: torch.Tensor, at_once: int = 250) -> torch.Tensor:
    """Mean squared error per pixel from the nearest of the learnt pictures: what needs no network.  -> (N,)"""
    shelf, pixels = learnt.flatten(1).float() / 255, pictures.flatten(1).float() / 255
    return torch.cat([torch.cdist(part, shelf).amin(1) for part in pixels.split(at_once)]).square() / pixels.shape[1]
