"""Generative adversarial networks of digits: the lectures' two, and three small convolutional ones.

Sources: Goodfellow et al. 2014, arXiv:1406.2661; Radford et al. 2016, arXiv:1511.06434 (convolutional, DCGAN); Mirza &
Osindero 2014, arXiv:1411.1784 (asking for a class); Gulrajani et al. 2017, arXiv:1704.00028, figure 2 (the three
architectures of the plate).
"""

from contextlib import contextmanager

import torch
from torch import nn
from torch.nn.functional import one_hot

from genai_core.errors import BadInput
from genai_core.gans.objectives import OBJECTIVES, clip, spectrally_normed
from genai_core.models.digit_networks import one_of, unit, whole_number

CLASSES = 10
LEAK, DROPOUT = 0.2, 0.3
STATISTICS = ("running", "batch")
ACTIVATIONS = ("leaky", "relu", "tanh")


def activation(name: str) -> nn.Module:
    return {"leaky": nn.LeakyReLU(LEAK), "relu": nn.ReLU(), "tanh": nn.Tanh()}[name]


class SeededDropout(nn.Dropout):
    """Dropout by the stream that a turn lends it, so that the same seed makes the same run; torch's own takes the process's."""

    stream: torch.Generator | None = None

    def forward(self, x):
        if not self.training or self.stream is None:
            return super().forward(x)
        kept = torch.rand(x.shape, generator=self.stream, device=x.device) >= self.p
        return x * kept / (1 - self.p)


# -- dense: (B, codes) -> (B, S * S) and (B, S * S) -> (B, 1) ---------------------------------------------------------

def lecture_generator(codes: int, pixels: int, width: int) -> nn.Sequential:
    """As on the slide "GAN Example": 100-256-256-784, batch norm after each LeakyReLU, tanh at the end."""
    return nn.Sequential(nn.Linear(codes, width), nn.LeakyReLU(LEAK), nn.BatchNorm1d(width),
                         nn.Linear(width, width), nn.LeakyReLU(LEAK), nn.BatchNorm1d(width),
                         nn.Linear(width, pixels), nn.Tanh())


def lecture_discriminator(pixels: int, width: int, kind: str = "leaky") -> nn.Sequential:
    """As on the slide, 784-256-256-1, but for its last layer, the sigmoid: a score is what the objectives want."""
    return nn.Sequential(nn.Linear(pixels, width), activation(kind), nn.Linear(width, width), activation(kind), nn.Linear(width, 1))


def notes_generator(codes: int, pixels: int, width: int) -> nn.Sequential:
    """The diagram of the week-13 notes: linear, batch norm, three activations, final. The notes give no sizes, nor what stands
    between the activations: here linear layers as wide as the slide's, and its LeakyReLU 0.2 and tanh."""
    return nn.Sequential(nn.Linear(codes, width), nn.BatchNorm1d(width), nn.LeakyReLU(LEAK),
                         nn.Linear(width, width), nn.LeakyReLU(LEAK), nn.Linear(width, width), nn.LeakyReLU(LEAK),
                         nn.Linear(width, pixels), nn.Tanh())


def notes_discriminator(pixels: int, width: int, kind: str = "leaky") -> nn.Sequential:
    """The notes' "784 to 1" with dropout, whose share they do not give (0.3 here); sizes are the slide's."""
    return nn.Sequential(nn.Linear(pixels, width), activation(kind), SeededDropout(DROPOUT),
                         nn.Linear(width, width), activation(kind), SeededDropout(DROPOUT), nn.Linear(width, 1))


# -- convolutional: the same shapes outside ---------------------------------------------------------------------------

def conv_generator(codes: int, size: int, channels: int, *, norm: bool = True, grow: int = 2, kind: str = "relu") -> nn.Sequential:
    """A small DCGAN: a quarter of the side, doubled twice. grow: how many times more channels the first layer has."""
    side, first = size // 4, grow * channels

    def normed(layer: nn.Module) -> list[nn.Module]:
        return [layer] if norm else []

    return nn.Sequential(
        nn.Linear(codes, first * side**2), nn.Unflatten(1, (first, side, side)), *normed(nn.BatchNorm2d(first)), activation(kind),
        nn.ConvTranspose2d(first, channels, 4, 2, 1), *normed(nn.BatchNorm2d(channels)), activation(kind),
        nn.ConvTranspose2d(channels, 1, 4, 2, 1), nn.Tanh(), nn.Flatten())


def conv_discriminator(planes: int, size: int, channels: int, kind: str = "leaky") -> nn.Sequential:
    """A small DCGAN without batch norm, which a gradient penalty forbids. planes: 1, and 10 more where it is told the digit."""
    return nn.Sequential(
        nn.Unflatten(1, (planes, size, size)), nn.Conv2d(planes, channels, 4, 2, 1), activation(kind),
        nn.Conv2d(channels, 2 * channels, 4, 2, 1), activation(kind), nn.Flatten(), nn.Linear(2 * channels * (size // 4) ** 2, 1))


CONVOLUTIONAL = {"conv": {}, "conv_plain": {"norm": False, "grow": 1}, "conv_tanh": {"kind": "tanh"}}
NETWORKS = ("lecture", "notes", *CONVOLUTIONAL)


class DigitGAN(nn.Module):
    """A generator turns codes into pictures, a discriminator scores pictures; each learns from the other alone.

    network: one of NETWORKS. objective: a name in OBJECTIVES. latent: numbers in a code. conditional: both are told the digit.
    strength: of the objective's penalty or clipping, 0 for its own. judge_with: the discriminator's activation, "" for its own.
    """

    def __init__(self, network: str = "lecture", objective: str = "non_saturating", latent: int = 100, width: int = 256,
                 channels: int = 16, conditional: bool = False, strength: float = 0.0, judge_with: str = "", size: int = 28):
        super().__init__()
        one_of("network", network, NETWORKS)
        one_of("objective", objective, OBJECTIVES)
        one_of("activation", judge_with or "leaky", ACTIVATIONS)
        self.latent, self.size = whole_number("code size", latent, 1, 4096), whole_number("picture size", size, 4, 256)
        self.network, self.conditional, self.objective = network, bool(conditional), OBJECTIVES[objective]
        self.strength = strength or self.objective.strength
        more, pixels = CLASSES * self.conditional, size * size
        if network in CONVOLUTIONAL:
            if size % 4:
                raise BadInput(f"The convolutional networks need a picture size that 4 divides; {size} is not.")
            kind = judge_with or CONVOLUTIONAL[network].get("kind", "leaky")
            self.generator = conv_generator(latent + more, size, channels, **CONVOLUTIONAL[network])
            self.discriminator = conv_discriminator(1 + more, size, channels, kind)
        else:
            makers = {"lecture": (lecture_generator, lecture_discriminator), "notes": (notes_generator, notes_discriminator)}[network]
            self.generator = makers[0](latent + more, pixels, width)
            self.discriminator = makers[1](pixels + more, width, judge_with or "leaky")
        if self.objective.keeps == "spectral":
            spectrally_normed(self.discriminator)

    # -- the two players --------------------------------------------------------------------------------------------

    def codes(self, n: int, rng: torch.Generator) -> torch.Tensor:
        """n codes from N(0, I).  -> (n, latent)"""
        return torch.randn(n, self.latent, generator=rng, device=rng.device)

    def draw(self, z, labels=None):
        """Codes (B, latent), and labels (B,) where it is conditional -> pictures (B, S * S), -1 to 1"""
        return self.generator(torch.cat([z, one_hot(labels, CLASSES).to(z)], 1) if self.conditional else z)

    def score(self, x, labels=None):
        """Pictures (B, S * S), -1 to 1, and labels -> how real they look (B, 1): a score, before any sigmoid"""
        if not self.conditional:
            return self.discriminator(x)
        told = one_hot(labels, CLASSES).to(x)                                                   # (B, 10)
        if self.network in CONVOLUTIONAL:
            told = told.repeat_interleave(self.size**2, 1)                                      # (B, 10 * S * S), a plane each
        return self.discriminator(torch.cat([x, told], 1))

    def chance(self, scores):
        """D of scores: a probability where they stand for one, else the scores themselves."""
        return scores.sigmoid() if self.objective.threshold == 0 else scores

    # -- learning ---------------------------------------------------------------------------------------------------

    @contextmanager
    def drops_by(self, stream: torch.Generator):
        """While this holds, dropout takes its chances from the stream."""
        dropping = [part for part in self.modules() if isinstance(part, SeededDropout)]
        try:
            for part in dropping:
                part.stream = stream
            yield self
        finally:
            for part in dropping:
                part.stream = None

    def turns(self, batch, rng):
        """batch: pictures (B, 1, S, S), uint8 or 0-1, alone or with labels (B,) -> the discriminator's turn on them and as many
        fakes, then the generator's with new codes. notes: mean D of the real and of the fake half."""
        x = 2 * unit(batch).flatten(1) - 1                                                      # (B, S * S)
        labels = batch[1] if self.conditional else None
        with torch.no_grad():
            fake = self.draw(self.codes(len(x), rng), labels)                                   # (B, S * S)
        said = []

        def critic(pictures):
            again = None if labels is None else labels.repeat(len(pictures) // len(labels))
            with self.drops_by(rng):
                said.append(self.score(pictures, again).float())
            return said[-1]

        loss = self.objective.critic_loss(critic, x, fake, rng, self.strength)
        on_real, on_fake = self.chance(said[0].detach()).split(len(x))
        yield "discriminator", loss, self.discriminator, {"on_real": on_real.mean(), "on_fake": on_fake.mean()}
        if self.objective.keeps == "clip":
            clip(self.discriminator, self.strength)
        fake = self.draw(self.codes(len(x), rng), labels)
        with self.drops_by(rng):
            scores = self.score(fake, labels).float()
        yield "generator", self.objective.generator(scores), self.generator

    # -- drawing ----------------------------------------------------------------------------------------------------

    @contextmanager
    def looked_at(self, statistics: str = "running"):
        """To look without changing anything: both players as they are used, not trained; afterwards as before.

        statistics: batch norm's, "running" means over training (eval mode, as in the notes) or those of the "batch" that is drawn
        (as on the slide, which never calls eval).
        """
        one_of("statistics", statistics, STATISTICS)
        was = {part: part.training for part in self.modules()}
        kept = [(part, part.momentum) for part in self.modules() if isinstance(part, nn.modules.batchnorm._BatchNorm)]
        counted = [part.num_batches_tracked.clone() for part, _ in kept]
        self.eval()
        if statistics == "batch":
            for part, _ in kept:
                part.train()
                part.momentum = 0.0  # the running means are neither used nor moved
        try:
            yield self
        finally:
            for (part, momentum), count in zip(kept, counted, strict=True):
                part.momentum = momentum
                part.num_batches_tracked.copy_(count)
            for part, training in was.items():
                part.training = training

    @torch.no_grad()
    def pictures(self, z, labels=None, statistics: str = "running"):
        """Codes (B, latent) -> pictures (B, 1, S, S), 0-1"""
        with self.looked_at(statistics):
            return ((self.draw(z, labels).float() + 1) / 2).view(len(z), 1, self.size, self.size)

    def sample(self, n, rng, digit: int | None = None, statistics: str = "running"):
        """n new pictures of codes drawn from N(0, I).  digit: 0 to 9 where it is conditional, else None; None there: each in
        turn.  -> (n, 1, S, S), 0-1"""
        if digit is not None and not self.conditional:
            raise BadInput("This GAN was not told the digits: it cannot be asked for one. Train it with --conditional.")
        labels = None
        if self.conditional:
            labels = torch.arange(n, device=rng.device) % CLASSES
            if digit is not None:
                labels = torch.full_like(labels, whole_number("digit", digit, 0, 9))
        return self.pictures(self.codes(n, rng), labels, statistics)

