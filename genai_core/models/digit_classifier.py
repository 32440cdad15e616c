"""A small convolutional classifier of digits, which also learns to be unsure of what is none.

Sources: LeCun et al. 1998, doi:10.1109/5.726791 (the network's kind); Hendrycks et al. 2019, arXiv:1812.04606 (pictures of
nothing, for which every class should be equally likely).
"""

import torch
from torch import nn
from torch.nn.functional import avg_pool2d, cross_entropy, log_softmax, pad

from genai_core.models.digit_networks import unit

SMUDGED = 8  # pictures in one smudge
SHIFT = 2  # pixels: pictures are moved by up to this much while learning


class DigitClassifier(nn.Module):
    """28x28 pictures to ten classes; `features` are the 64 numbers before the last layer."""

    def __init__(self, channels: int = 16, width: int = 64, nothing_weight: float = 0.1):
        super().__init__()
        self.nothing_weight = nothing_weight
        self.body = nn.Sequential(
            nn.Conv2d(1, channels, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(channels, 2 * channels, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(2 * channels * 49, width), nn.ReLU())
        self.last = nn.Linear(width, 10)

    def features(self, x):
        """x (B, 1, 28, 28), uint8 or 0-1 -> (B, 64)"""
        return self.body(unit(x))

    def forward(self, x):
        """Logits of the ten classes.  (B, 1, 28, 28) -> (B, 10)"""
        return self.last(self.features(x))

    @staticmethod
    def moved(x, rng):
        """Every picture shifted by its own -2 to 2 pixels, down and across."""
        n, size = len(x), x.shape[-1]
        by = torch.randint(2 * SHIFT + 1, (2, n, 1), generator=rng, device=x.device)
        at = torch.arange(size, device=x.device)
        wide = pad(x, (SHIFT,) * 4)[:, 0]
        rows = torch.arange(n, device=x.device)[:, None, None]
        return wide[rows, (at + by[0])[:, :, None], (at + by[1])[:, None, :]][:, None]

    @staticmethod
    def restyled(x, rng):
        """Half of the pictures blurred, each by its own share, and every one brightened or dimmed: a soft digit is still
        one, and softness alone is no sign of nothing."""
        n = len(x)
        soft = torch.rand(n, 1, 1, 1, generator=rng, device=x.device) * (torch.rand(n, 1, 1, 1, generator=rng, device=x.device) < 0.5)
        blurred = avg_pool2d(avg_pool2d(x, 3, 1, 1), 3, 1, 1)
        gain = 0.7 + 0.7 * torch.rand(n, 1, 1, 1, generator=rng, device=x.device)
        return ((x + soft * (blurred - x)) * gain).clamp(max=1)

    @staticmethod
    def nothing(x, rng):
        """Pictures of no digit, as many as x and about as bright: smudges, each the mean of eight pictures, and smooth blobs.
        What lies between two or three digits is left out: a generator that draws it is asked what it looks like."""
        n, size = len(x), x.shape[-1]
        some = torch.randint(n, (n, SMUDGED), generator=rng, device=x.device)
        smudge = (2 / SMUDGED * sum(x[some[:, i]] for i in range(SMUDGED))).clamp(max=1)
        noise = torch.randn(n, 1, size + 6, size + 6, generator=rng, device=x.device)
        blob = avg_pool2d(avg_pool2d(noise, 4, 1), 4, 1)
        blob = ((blob / blob.flatten(1).std(1).view(n, 1, 1, 1) - 0.8).clamp(min=0) * 0.9).clamp(max=1)
        return torch.where(torch.rand(n, 1, 1, 1, generator=rng, device=x.device) < 0.5, smudge, blob)

    def turns(self, batch, rng):
        """batch: (pictures (B, 1, 28, 28), labels (B,)) -> one turn: cross-entropy in nats, with a share of how far
        pictures of nothing are from equal chances; notes: the share of the batch that is classed rightly."""
        x, labels = unit(batch), batch[1]
        logits = self(self.restyled(self.moved(x, rng), rng)).float()                     # (B, 10)
        nothing = self.restyled(self.nothing(x, rng), rng)
        unsure = -log_softmax(self(nothing).float(), 1).mean(1)                           # (B,), log 10 at best
        right = (logits.detach().argmax(1) == labels).float().mean()
        yield "loss", cross_entropy(logits, labels) + self.nothing_weight * unsure.mean(), self, {"right_share": right}
