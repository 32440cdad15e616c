"""The table of the lecture (file 004: error 0.45 to 0.03 over 100 epochs, 784 / 128 = 6.125) against what is possible.

Pixels lie between 0 and 1. A picture that is grey everywhere is never wrong by more than 0.5 at a pixel, so its mean squared
error per pixel is at most 0.25 on any pictures whatever; a network that ends in a sigmoid and has learnt nothing draws such grey.
The best constant picture is the mean of the data, and its error is the data's variance per pixel.
"""

import torch

SLIDE = {"first": 0.45, "last": 0.03, "epochs": 100, "numbers": 784, "code": 128, "ratio": 6.125}
GREY = 0.5
MOST_OF_GREY = 0.25  # the largest squared error that grey can make


def errors_of_constants(learnt: torch.Tensor, held: torch.Tensor) -> dict[str, float]:
    """Mean squared error per pixel on held (M, 1, S, S), uint8, of grey, and of the mean of learnt (N, 1, S, S)."""
    x = held.float() / 255
    mean = learnt.float().mean(0) / 255                                            # (1, S, S)
    return {"grey": (x - GREY).square().mean().item(), "mean": (x - mean).square().mean().item()}
