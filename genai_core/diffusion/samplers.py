"""From noise to data: one loop, whose settings are DDPM, DDIM, the probability-flow ODE and annealed Langevin dynamics.

The loop keeps x = clean + sigma noise. Sources: Ho et al. 2020, arXiv:2006.11239, eq. 7 (DDPM); Song, Meng & Ermon 2021,
arXiv:2010.02502, eq. 12 and 16 (DDIM); Song et al. 2021, arXiv:2011.13456, eq. 13 (the ODE); Karras et al. 2022,
arXiv:2206.00364, algorithm 1 (Heun); Song & Ermon 2019, arXiv:1907.05600, algorithm 1 (annealed Langevin);
Jolicoeur-Martineau et al. 2021, arXiv:2009.05475, section 3.1 (its last step, without noise).
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import torch

from genai_core.diffusion import schedule, targets
from genai_core.errors import BadInput

LANGEVIN_STEPS = 5            # at each level; the paper takes 100
LANGEVIN_RATIO = 0.2          # step size over sigma^2: the paper's 2e-5 / 0.01^2
LANGEVIN_RANGE = (0.01, 4.0)  # levels, in data units: from far below the data's detail to above its width
ODE_RANGE, ODE_POWER = (0.005, 20.0), 7  # the same for the ODE, and rho of Karras et al. 2022, eq. 5
FEWEST_CALLS, MOST_CALLS = 4, 1000


@dataclass(frozen=True)
class Sampler:
    """eta: how much of the posterior's noise is put back at each move, 0 none to 1 all. order: 1 Euler, 2 Heun.
    corrections: Langevin steps at each level before the move. ratio: their step size over sigma^2. moves: False, to go
    down a level without a move (annealed Langevin: the corrections do it all; only the last step cleans up). grid: "chain",
    the schedule's own timesteps, "power" or "geometric", as `levels` makes them."""

    title: str
    eta: float = 0.0
    order: int = 1
    corrections: int = 0
    ratio: float = LANGEVIN_RATIO
    moves: bool = True
    grid: str = "chain"

    def __post_init__(self):
        if not 0 <= self.eta <= 1 or self.order not in (1, 2) or self.corrections < 0 or not 0 < self.ratio < 2:
            raise BadInput("eta goes from 0 to 1, order is 1 or 2, corrections at least 0, and ratio above 0 and below 2; "
                           f"you gave {self.eta}, {self.order}, {self.corrections} and {self.ratio}.")
        if self.order == 2 and self.eta:
            raise BadInput("Heun's method follows the ODE, which has no noise: with it eta is 0.")


SAMPLERS = {
    "ddpm": Sampler("DDPM", eta=1.0),
    "ddim": Sampler("DDIM"),
    "euler": Sampler("ODE, Euler", grid="power"),
    "heun": Sampler("ODE, Heun", order=2, grid="power"),
    "langevin": Sampler("Annealed Langevin", corrections=LANGEVIN_STEPS, moves=False, grid="geometric"),
}


def sampler(name: str, eta: float = 0.0) -> Sampler:
    """The named sampler; eta is DDIM's, the others have their own."""
    if name not in SAMPLERS:
        raise BadInput(f"There is no sampler {str(name)[:40]!r}; there are {', '.join(SAMPLERS)}.")
    return replace(SAMPLERS[name], eta=eta) if name == "ddim" else SAMPLERS[name]


def levels(given: schedule.Schedule, how: Sampler, calls: int) -> torch.Tensor:
    """Noise levels that spend at most `calls` calls of the network, falling to 0.  -> (steps + 1,) float64

    chain: timesteps of the schedule, evenly spaced. power: evenly spaced in sigma^(1/7), as in Karras et al. 2022, eq. 5.
    geometric: evenly spaced in log sigma, as in Song & Ermon 2019. No level is above the schedule's last.
    """
    if not FEWEST_CALLS <= calls <= MOST_CALLS:
        raise BadInput(f"A sampler may call the network {FEWEST_CALLS} to {MOST_CALLS:,} times; you gave {calls}.")
    each = how.corrections + how.order * how.moves
    number = max(1, (calls + how.order - 1 if how.moves else calls - 1) // each)  # the last step takes no second, or one more
    if how.grid == "chain":
        return schedule.sigmas(given, min(number, len(given)))
    low, high = ODE_RANGE if how.grid == "power" else LANGEVIN_RANGE
    high, at = min(high, float(given.sigma[-1])), torch.linspace(0, 1, number, dtype=torch.float64)
    if how.grid == "power":
        inside = (high ** (1 / ODE_POWER) * (1 - at) + low ** (1 / ODE_POWER) * at) ** ODE_POWER
    else:
        inside = (math.log(high) * (1 - at) + math.log(low) * at).exp()
    return torch.cat([inside, torch.zeros(1, dtype=torch.float64)])


@dataclass(frozen=True)
class Move:
    """index: from 1, of `steps`. sigma: the level left, after: the one reached. x (n, ...): before, in units where the
    data keep their size; clean: what the network took it for; x_after: after. calls: of the network, so far."""

    index: int
    steps: int
    sigma: float
    after: float
    x: torch.Tensor
    clean: torch.Tensor
    x_after: torch.Tensor
    calls: int

    @property
    def seen(self) -> torch.Tensor:
        """x as the network sees it, of variance about 1."""
        return self.x / math.sqrt(1 + self.sigma**2)


def start(shape, sigma: float, rng: torch.Generator, dtype=torch.float32) -> torch.Tensor:
    """Noise to begin with, as large as data and noise are together where the data have variance 1."""
    return torch.randn(shape, generator=rng, device=rng.device, dtype=dtype) * math.sqrt(1 + sigma**2)


def walk(denoise: Callable, x: torch.Tensor, at, how: Sampler, rng: torch.Generator) -> Iterator[Move]:
    """Go down the levels and yield a Move after each. denoise(x, sigma) -> the expected clean data, of x's shape.

    at: levels from the first, above 0, to the last. x: at the first level. rng: of the noise that is put back.
    """
    at, calls = [float(level) for level in at], 0

    def noise():
        return torch.randn(x.shape, generator=rng, device=x.device, dtype=x.dtype)

    for index, (sigma, after) in enumerate(zip(at, at[1:], strict=False), 1):
        before = x
        for _ in range(how.corrections):
            clean = denoise(x, sigma)
            calls += 1
            x = x + how.ratio / 2 * (clean - x) + math.sqrt(how.ratio) * sigma * noise()  # score (clean - x) / sigma^2
        if how.moves or after == 0:
            clean = denoise(x, sigma)
            calls += 1
            slope = (x - clean) / sigma                                          # dx / dsigma: the predicted noise
            if how.order == 2 and after > 0:
                there = x + (after - sigma) * slope
                slope = (slope + (there - denoise(there, after)) / after) / 2
                calls += 1
                x = x + (after - sigma) * slope
            else:
                fresh = how.eta * after / sigma * math.sqrt(max(0.0, sigma**2 - after**2))
                x = clean + math.sqrt(after**2 - fresh**2) * slope
                if fresh:
                    x = x + fresh * noise()
        yield Move(index, len(at) - 1, sigma, after, before, clean, x, calls)


def denoiser(network: Callable, kind: str) -> Callable:
    """A network that answers `kind` of targets.TARGETS, as a function of (x, sigma). network(x, log_snr): x as the network
    was trained, of variance about 1, and one number per row.  -> denoise(x, sigma)"""
    def denoise(x, sigma):
        level = torch.as_tensor(1 / (1 + float(sigma) ** 2), dtype=x.dtype)
        seen = x * level.sqrt()
        told = torch.full((len(x),), float(schedule.log_snr(float(sigma))), dtype=x.dtype, device=x.device)
        return targets.clean_of(kind, network(seen, told), seen, level)

    return denoise
