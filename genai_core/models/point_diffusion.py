"""Diffusion for points in the plane: a small network that is told how noisy the points are.

Sources: Ho et al. 2020, arXiv:2006.11239 (the loss); Salimans & Ho 2022, arXiv:2202.00512, appendix D (v).
"""

import math

import torch
from torch import nn

from genai_core.diffusion import samplers, schedule, targets

FREQUENCIES = 6        # sines and cosines that tell the noise level
LEVEL_SCALE = 0.125    # log signal-to-noise ratios of -20 to 9 become numbers that sines can tell apart


def level_features(log_snr: torch.Tensor) -> torch.Tensor:
    """log signal-to-noise ratio (B,) -> (B, 2 * FREQUENCIES)"""
    angle = log_snr[:, None] * LEVEL_SCALE * 2.0 ** torch.arange(FREQUENCIES, device=log_snr.device) / 2
    return torch.cat([angle.sin(), angle.cos()], 1)


class PointDiffusion(nn.Module):
    """What the noise in x (or the clean point, or v) is, given x and its noise level.

    target: of targets.TARGETS. schedule_name, length: the chain whose timesteps are learnt, all equally often."""

    def __init__(self, dim: int = 2, width: int = 128, layers: int = 3, target: str = "v", schedule_name: str = "cosine",
                 length: int = 1000):
        super().__init__()
        self.dim, self.target = dim, targets.check(target)
        self.chain = schedule.chain(schedule_name, length)
        sizes = [dim + 2 * FREQUENCIES, *[width] * layers]
        hidden = [part for a, b in zip(sizes, sizes[1:], strict=False) for part in (nn.Linear(a, b), nn.SiLU())]
        self.body = nn.Sequential(*hidden, nn.Linear(width, dim))
        self.register_buffer("alpha_bar", self.chain.alpha_bar.float(), persistent=False)

    def forward(self, x, log_snr):
        """x (B, dim) of variance about 1, log_snr (B,) -> (B, dim), the target"""
        return self.body(torch.cat([x, level_features(log_snr)], 1))

    def misfit(self, x, t, noise):
        """Squared error of the answer about clean points x (B, dim) at timesteps t (B,) with this noise (B, dim).  -> (B,)"""
        level = self.alpha_bar[t][:, None]                                      # (B, 1)
        answer = self(targets.noisy(x, noise, level), (level / (1 - level)).log()[:, 0])
        return (answer - targets.target(self.target, x, noise, level)).square().mean(1)

    def turns(self, x, rng):
        """x (B, dim) -> one turn: mean squared error of the answer, at a random timestep for each point."""
        t = torch.randint(len(self.alpha_bar), (len(x),), generator=rng, device=x.device)
        noise = torch.randn(x.shape, generator=rng, device=x.device)
        yield "loss", self.misfit(x, t, noise).mean(), self

    @torch.no_grad()
    def path(self, n, rng, sampler: str = "heun", calls: int = 49, eta: float = 0.0):
        """n points on their way from noise: a samplers.Move after each step, `x_after` of the last being the sample."""
        how = samplers.sampler(sampler, eta)
        at = samplers.levels(self.chain, how, calls)
        x = samplers.start((n, self.dim), float(at[0]), rng)
        yield from samplers.walk(samplers.denoiser(self, self.target), x, at, how, rng)

    def sample(self, n, rng, **how):
        """n new points; how: as `path` takes it.  -> (n, dim)"""
        for step in self.path(n, rng, **how):
            pass
        return step.x_after
