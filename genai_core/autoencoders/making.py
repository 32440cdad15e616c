"""Why an autoencoder makes poor pictures: random codes, a walk through a hole, and what squared error asks for.

Nothing in its loss says where codes should lie, so between them there are places that the decoder was never taught.
"""

import torch

from genai_core import recognition, runtime

STOPS = 11           # pictures of a walk, both ends included
WALKS, PAIR_SEED = 100, 221
DRAWN, DRAW_SEED = 300, 222
JUDGES = recognition.JUDGES  # data sets whose pictures a classifier can recognise


def pairs(labels: torch.Tensor, number: int = WALKS, seed: int = PAIR_SEED) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows of pictures with different labels, to walk between.  -> (number,) each"""
    rng = runtime.rng(seed)
    first, second = (torch.randint(len(labels), (8 * number,), generator=rng) for _ in range(2))
    apart = labels[first] != labels[second]
    return first[apart][:number], second[apart][:number]


def walk(first: torch.Tensor, second: torch.Tensor, stops: int = STOPS) -> torch.Tensor:
    """Codes on the straight line between two.  (N, L) twice -> (stops, N, L)"""
    share = torch.linspace(0, 1, stops)[:, None, None]
    return first + share * (second - first)


@torch.no_grad()
def sure(model, codes: torch.Tensor, name: str) -> torch.Tensor:
    """Whether the classifier of data set `name` is over 90% sure of the picture decoded from each code (N, L).  -> (N,)"""
    return recognition.see(model.decode(codes), name).confidence > recognition.SURE


def hole(codes: torch.Tensor, shelf: torch.Tensor) -> torch.Tensor:
    """How far each code (N, L) is from the nearest on the shelf (M, L).  -> (N,)"""
    return torch.cdist(codes, shelf).amin(1)


def best_guess(pictures: torch.Tensor) -> dict:
    """If only one picture may stand for all of (N, 1, S, S), uint8: the mean is the least wrong, and it is a blur.

    mean: it, 0-1. real: row of the picture that stands for the rest best. errors: mean squared error per pixel of both, and of
    a real one picked at random, which is always the mean's twice, but for a factor N / (N - 1).
    """
    x = pictures.flatten(1).double() / 255                                            # (N, P)
    mean, size = x.mean(0), x.shape[1]
    gaps = torch.cdist(x, x).square() / size                                          # (N, N)
    each = gaps.sum(1) / (len(x) - 1)
    return {"mean": mean.float().view(1, 1, *pictures.shape[2:]), "real": int(each.argmin()),
            "errors": {"mean": ((x - mean).square().sum(1).mean() / size).item(), "real": each.min().item(), "any": each.mean().item()}}
