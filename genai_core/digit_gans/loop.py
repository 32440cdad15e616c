"""The slide's two-phase loop as it is printed, and with one of the five mistakes of the week-13 notes in it.

Compare genai_core.models.digit_gan.DigitGAN.turns, which plays the same game for any objective and without wasted work.
"""

import math

import torch
from torch import nn

from genai_core.digit_gans.settings import TOO_LARGE
from genai_core.models.digit_gan import DigitGAN, lecture_discriminator

BETA2 = 0.999
NEVER_DETACHED = ("no_detach", "no_detach_kept")


class Loop:
    """Two networks, their optimisers and the loss of the slide. mistake: "" for none, or one of settings.MISTAKES.

    broke: what stopped the loop, "" while it runs. losses, chances: of the last turn.
    """

    def __init__(self, model: DigitGAN, rate: float, beta1: float = 0.9, mistake: str = ""):
        self.model, self.mistake, self.broke = model, mistake, ""
        self.generator, self.discriminator = with_mistake(model, mistake)
        self.rate = rate * TOO_LARGE if mistake == "big_rate" else rate
        self.criterion = nn.BCELoss()
        self.d_optimizer = torch.optim.Adam(self.discriminator.parameters(), lr=self.rate, betas=(beta1, BETA2))
        self.g_optimizer = torch.optim.Adam(self.generator.parameters(), lr=self.rate, betas=(beta1, BETA2))
        self.losses, self.chances = {}, {}

    def discriminate(self, images):
        """Pictures (B, 784) -> the discriminator's answer, a probability (B, 1)"""
        return torch.sigmoid(self.discriminator(images))

    def turn(self, real_images: torch.Tensor, rng: torch.Generator) -> None:
        """One update of each player. real_images (B, 784), -1 to 1."""
        mistake, n = self.mistake, len(real_images)
        real_labels, fake_labels = torch.ones(n, 1), torch.zeros(n, 1)

        # Train Discriminator
        on_real = self.discriminate(real_images)
        z = self.model.codes(n, rng)
        fake_images = self.generator(z)
        if mistake not in NEVER_DETACHED:
            fake_images = fake_images.detach()
        on_fake = self.discriminate(fake_images)
        d_loss = self.criterion(on_real, real_labels) + self.criterion(on_fake, fake_labels)
        if mistake != "no_zero_grad":
            self.d_optimizer.zero_grad()
            self.g_optimizer.zero_grad()
        d_loss.backward()
        self.d_optimizer.step()

        # Train Generator
        z = self.model.codes(n, rng)
        g_loss = self.criterion(self.discriminate(self.generator(z)), real_labels)
        if mistake not in ("no_zero_grad", "no_detach_kept"):  # "kept": gradients are cleared once a turn, above
            self.d_optimizer.zero_grad()
            self.g_optimizer.zero_grad()
        g_loss.backward()
        self.g_optimizer.step()
        self.losses = {"d_loss": d_loss.item(), "g_loss": g_loss.item()}
        self.chances = {"on_real": on_real.mean().item(), "on_fake": on_fake.mean().item()}

    def play(self, real_images: torch.Tensor, rng: torch.Generator) -> bool:
        """A turn, if the loop still runs. -> whether it does: an error of torch's, or a number that is none, ends it for good."""
        if not self.broke:
            try:
                self.turn(real_images, rng)
            except (RuntimeError, ValueError) as error:
                self.broke = f"{type(error).__name__}: {error}"
            if not all(map(math.isfinite, self.losses.values())):
                self.broke = "The loss is no number any more."
        return not self.broke


def with_mistake(model: DigitGAN, mistake: str) -> tuple[nn.Module, nn.Module]:
    """The generator and the discriminator, built as the mistake would have it; all other weights are the model's own."""
    if mistake == "relu":
        wrong = lecture_discriminator(model.size**2, model.discriminator[0].out_features, "relu")
        wrong.load_state_dict(model.discriminator.state_dict())
        model.discriminator = wrong
    if mistake == "sizes":
        last = model.generator[-2]
        short = nn.Linear(last.in_features, model.size * (model.size - 1))  # a row of pixels is missing
        short.load_state_dict({name: part[:short.out_features] for name, part in last.state_dict().items()})
        model.generator[-2] = short
    return model.generator, model.discriminator
