"""What the two players of a GAN minimise: each objective is two small losses of scores, its formula beside its code.

A score is the discriminator's last number, before any squashing: s(x) for real x, s(G(z)) for drawn ones, shapes (B, 1) or
(B,). Where it stands for a probability, D(x) = 1 / (1 + exp(-s(x))). E is the mean over the batch. Losses are what is
minimised, so a player that maximises has its sign turned.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.functional import softplus
from torch.nn.utils import parametrizations

# -- losses -------------------------------------------------------------------------------------------------------


def minimax_critic(real, fake):
    """L_D = -E log D(x) - E log(1 - D(G(z))), in nats.  -log D = softplus(-s), -log(1 - D) = softplus(s)"""
    return softplus(-real).mean() + softplus(fake).mean()


def minimax_generator(fake):
    """L_G = E log(1 - D(G(z))), in nats: the same game, the other way round. Goodfellow et al. 2014, eq. 1"""
    return -softplus(fake).mean()


def non_saturating_generator(fake):
    """L_G = -E log D(G(z)), in nats: another game with the same fixed point. Goodfellow et al. 2014, section 3"""
    return softplus(-fake).mean()


def least_squares_critic(real, fake):
    """L_D = E (s(x) - 1)^2 / 2 + E s(G(z))^2 / 2. Mao et al. 2017, eq. 9: real is 1, drawn is 0"""
    return (real - 1).square().mean() / 2 + fake.square().mean() / 2


def least_squares_generator(fake):
    """L_G = E (s(G(z)) - 1)^2 / 2"""
    return (fake - 1).square().mean() / 2


def wasserstein_critic(real, fake):
    """L_D = E s(G(z)) - E s(x), no logarithm. Arjovsky et al. 2017, eq. 2: right only while s is 1-Lipschitz"""
    return fake.mean() - real.mean()


def wasserstein_generator(fake):
    """L_G = -E s(G(z))"""
    return -fake.mean()


def hinge_critic(real, fake):
    """L_D = E max(0, 1 - s(x)) + E max(0, 1 + s(G(z))). Miyato et al. 2018, eq. 16"""
    return torch.relu(1 - real).mean() + torch.relu(1 + fake).mean()


# -- what keeps the discriminator tame ----------------------------------------------------------------------------


def slopes(critic, x):
    """The gradient of the score at each point, x (B, ...) -> (B, ...), itself differentiable."""
    x = x.detach().requires_grad_(True)
    with torch.enable_grad():
        return torch.autograd.grad(critic(x).sum(), x, create_graph=True)[0]


def gradient_penalty(critic, real, fake, rng):
    """E (|grad s(y)| - 1)^2 at y = u x + (1 - u) G(z), u uniform, one per pair. Gulrajani et al. 2017, eq. 3"""
    u = torch.rand(len(real), *[1] * (real.dim() - 1), generator=rng, device=real.device)   # (B, 1, ...)
    slope = slopes(critic, u * real + (1 - u) * fake.detach())
    return (slope.flatten(1).norm(dim=1) - 1).square().mean()


def zero_centred_penalty(critic, real, fake=None, rng=None):
    """E |grad s(x)|^2 / 2 at real points alone, R1. Mescheder et al. 2018, eq. 9; gamma is its strength"""
    return slopes(critic, real).flatten(1).square().sum(1).mean() / 2


@torch.no_grad()
def clip(critic: nn.Module, most: float) -> None:
    """Every weight back into [-most, most] after each update. Arjovsky et al. 2017, algorithm 1"""
    for weight in critic.parameters():
        weight.clamp_(-most, most)


def spectrally_normed(critic: nn.Module) -> nn.Module:
    """Every linear and convolutional layer divided by its largest singular value, followed by power iteration, so that
    the critic is 1-Lipschitz where its activations are. Miyato et al. 2018, algorithm 1, in torch's own form."""
    for layer in critic.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            parametrizations.spectral_norm(layer)
    return critic


# -- all of them --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Objective:
    """critic(real, fake) and generator(fake): the two losses, of scores.

    threshold: the score above which the discriminator says "real"; None for a critic, which only compares.
    penalty(critic, real, fake, rng): added to the critic's loss, times `strength`. keeps: "" or how the discriminator is
    kept tame besides: "clip" (to `strength`) or "spectral". unit: of the losses.
    """

    critic: Callable
    generator: Callable
    threshold: float | None
    penalty: Callable | None = None
    keeps: str = ""
    strength: float = 0.0
    unit: str = ""

    def critic_loss(self, critic, real, fake, rng, strength: float | None = None):
        """The whole loss of the critic on points real, fake (B, ...): its own, and the penalty where there is one."""
        scores = critic(torch.cat([real, fake.detach()]))                  # one pass for both halves
        loss = self.critic(scores[:len(real)], scores[len(real):])
        if self.penalty is None:
            return loss
        return loss + (self.strength if strength is None else strength) * self.penalty(critic, real, fake, rng)


OBJECTIVES: dict[str, Objective] = {
    "minimax": Objective(minimax_critic, minimax_generator, 0.0, unit="nats"),
    "non_saturating": Objective(minimax_critic, non_saturating_generator, 0.0, unit="nats"),
    "least_squares": Objective(least_squares_critic, least_squares_generator, 0.5),
    "wasserstein_clip": Objective(wasserstein_critic, wasserstein_generator, None, keeps="clip", strength=0.1),
    "wasserstein_gp": Objective(wasserstein_critic, wasserstein_generator, None, gradient_penalty, strength=1.0),
    "spectral": Objective(hinge_critic, wasserstein_generator, 0.0, keeps="spectral"),
    "r1": Objective(minimax_critic, non_saturating_generator, 0.0, zero_centred_penalty, strength=0.1, unit="nats"),
}
