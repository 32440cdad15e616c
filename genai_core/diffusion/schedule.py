"""How fast noise replaces the data: alpha_bar at each of T timesteps, and what follows from it.

A noisy example is sqrt(alpha_bar) x0 + sqrt(1 - alpha_bar) noise. Divided by sqrt(alpha_bar) it is x0 + sigma noise with
sigma^2 = (1 - alpha_bar) / alpha_bar; its signal-to-noise ratio is alpha_bar / (1 - alpha_bar) = 1 / sigma^2.
"""

import math
from dataclasses import dataclass

import torch

from genai_core.errors import BadInput

PAPER_STEPS, BETA_FIRST, BETA_LAST = 1000, 1e-4, 0.02  # Ho et al. 2020, arXiv:2006.11239, section 4
COSINE_OFFSET, BETA_MOST = 0.008, 0.999                # Nichol & Dhariwal 2021, arXiv:2102.09672, section 3.2
NAMES = ("linear", "scaled", "cosine")
SHORTEST, LONGEST = 4, 1000
SPACINGS = ("trailing", "leading")


@dataclass(frozen=True)
class Schedule:
    """name: one of NAMES. alpha_bar: (T,) float64, falling, 0 to 1; entry t is of timestep t, from 0."""

    name: str
    alpha_bar: torch.Tensor

    def __len__(self) -> int:
        return len(self.alpha_bar)

    @property
    def sigma(self) -> torch.Tensor:
        """Deviation of the noise where the data keep their size.  -> (T,)"""
        return ((1 - self.alpha_bar) / self.alpha_bar).sqrt()

    @property
    def snr(self) -> torch.Tensor:
        """Signal-to-noise ratio, of powers, for data of variance 1.  -> (T,)"""
        return self.alpha_bar / (1 - self.alpha_bar)

    @property
    def terminal_snr(self) -> float:
        """At the last timestep. Sampling starts from noise alone, so it should be near 0. Lin et al. 2024, arXiv:2305.08891."""
        return float(self.snr[-1])

    @property
    def signal_left(self) -> float:
        """sqrt(alpha_bar) at the last timestep: how much of the data, as a share of its size, is still there."""
        return math.sqrt(float(self.alpha_bar[-1]))


def betas(name: str, steps: int) -> torch.Tensor:
    """Share of variance that each timestep replaces by noise.  -> (steps,) float64

    linear: 0.0001 to 0.02 whatever the number of steps, as it is often copied; made for 1,000. scaled: the same times
    1000 / steps (at most 0.999), so that the end is reached with fewer. cosine: alpha_bar falls as a squared cosine.
    """
    if name not in NAMES:
        raise BadInput(f"There is no schedule {str(name)[:40]!r}; there are {', '.join(NAMES)}.")
    if not SHORTEST <= steps <= LONGEST:
        raise BadInput(f"A chain has {SHORTEST} to {LONGEST:,} timesteps; you gave {steps}.")
    if name == "cosine":
        at = torch.arange(steps + 1, dtype=torch.float64) / steps
        level = torch.cos((at + COSINE_OFFSET) / (1 + COSINE_OFFSET) * (math.pi / 2)).square()     # (steps + 1,)
        return (1 - level[1:] / level[:-1]).clamp(max=BETA_MOST)
    factor = PAPER_STEPS / steps if name == "scaled" else 1.0
    return (torch.linspace(BETA_FIRST, BETA_LAST, steps, dtype=torch.float64) * factor).clamp(max=BETA_MOST)


def chain(name: str = "cosine", steps: int = PAPER_STEPS) -> Schedule:
    """The named schedule over `steps` timesteps, 4 to 1,000."""
    return Schedule(name, (1 - betas(name, steps)).cumprod(0))


def timesteps(length: int, number: int, spacing: str = "trailing") -> torch.Tensor:
    """`number` timesteps of a chain of `length`, falling.  -> (number,)

    trailing: from the last timestep on, as Lin et al. 2024 advise. leading: from 0 up, so that the last is left out.
    Both as in diffusers (timestep_spacing, with steps_offset 0).
    """
    if spacing not in SPACINGS or not 1 <= number <= length:
        raise BadInput(f"Of a chain of {length:,} timesteps 1 to {length:,} can be taken, trailing or leading; "
                       f"you asked for {number}, {spacing}.")
    if spacing == "leading":
        return torch.arange(number - 1, -1, -1) * (length // number)
    return (length - torch.arange(number, dtype=torch.float64) * length / number).round().long() - 1


def sigmas(given: Schedule, number: int, spacing: str = "trailing") -> torch.Tensor:
    """Noise levels for a sampler of `number` steps, falling to 0.  -> (number + 1,) float64"""
    return torch.cat([given.sigma[timesteps(len(given), number, spacing)], torch.zeros(1, dtype=torch.float64)])


def log_snr(sigma) -> torch.Tensor:
    """log(alpha_bar / (1 - alpha_bar)) = -2 log sigma: how a network is told the level, whatever the schedule."""
    return -2 * torch.as_tensor(sigma).log()
