"""Diffusion of digits: a network of linear layers over patches that is told how noisy the picture is, and which digit.

Sources: Tolstikhin et al. 2021, arXiv:2105.01601 (mixing patches, then channels); Peebles & Xie 2023, arXiv:2212.09748,
section 3.2 (scale, shift and gate from level and class); Ho & Salimans 2022, arXiv:2207.12598 (guidance without a classifier).
"""

import torch
from torch import nn
from torch.nn.functional import silu

from genai_core.diffusion import samplers, schedule, targets
from genai_core.errors import BadInput
from genai_core.models.digit_networks import unit, whole_number
from genai_core.models.point_diffusion import FREQUENCIES, level_features

NOBODY = 10             # the class of "any digit"
DROP_SHARE = 0.15       # of labels that are hidden while learning
MOST_GUIDANCE = 10.0
FINE = 8                # channels of the last, full-size layer


class Mixer(nn.Module):
    """Patches exchange what they hold, then each thinks for itself; level and class say how much."""

    def __init__(self, patches: int, width: int):
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(width, elementwise_affine=False) for _ in range(2))
        self.across = nn.Sequential(nn.Linear(patches, 2 * patches), nn.SiLU(), nn.Linear(2 * patches, patches))
        self.within = nn.Sequential(nn.Linear(width, 2 * width), nn.SiLU(), nn.Linear(2 * width, width))
        self.told = nn.Linear(width, 6 * width)

    def forward(self, h, said):
        """h (B, patches, width), said (B, width) -> as h"""
        scale, shift, gate, scale_in, shift_in, gate_in = self.told(said)[:, None].chunk(6, 2)     # each (B, 1, width)
        mixed = self.across((self.norms[0](h) * (1 + scale) + shift).transpose(1, 2)).transpose(1, 2)
        h = h + gate * mixed
        return h + gate_in * self.within(self.norms[1](h) * (1 + scale_in) + shift_in)


class DigitDiffusion(nn.Module):
    """What the noise in a noisy picture of a digit (or the clean picture, or v) is, given its noise level and the digit.

    size: pixels along one side, which patch divides. target: of targets.TARGETS. Pictures inside go from -1 to 1."""

    def __init__(self, size: int = 28, patch: int = 4, width: int = 128, layers: int = 6, target: str = "v",
                 schedule_name: str = "cosine", length: int = 1000):
        super().__init__()
        if whole_number("picture size", size, 4, 256) % whole_number("patch", patch, 1, size):
            raise BadInput(f"Patches of {patch} pixels do not fit pictures of {size}.")
        self.size, self.patch, self.target = size, patch, targets.check(target)
        self.chain = schedule.chain(schedule_name, length)
        self.enter = nn.Conv2d(1, width, patch, patch)
        self.place = nn.Parameter(0.02 * torch.randn((size // patch) ** 2, width))
        self.level = nn.Sequential(nn.Linear(2 * FREQUENCIES, width), nn.SiLU(), nn.Linear(width, width))
        self.digit = nn.Embedding(NOBODY + 1, width)
        self.mixers = nn.ModuleList(Mixer((size // patch) ** 2, width) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.leave = nn.ConvTranspose2d(width, FINE, patch, patch)
        self.fine = nn.Conv2d(FINE + 1, 1, 3, padding=1)
        self.register_buffer("alpha_bar", self.chain.alpha_bar.float(), persistent=False)

    def forward(self, x, log_snr, labels):
        """x (B, 1, S, S), log_snr (B,), labels (B,) 0-9 or NOBODY -> (B, 1, S, S), the target"""
        said = silu(self.level(level_features(log_snr)) + self.digit(labels))     # (B, width)
        h = self.enter(x).flatten(2).transpose(1, 2) + self.place                 # (B, patches, width)
        for mixer in self.mixers:
            h = mixer(h, said)
        side = self.size // self.patch
        h = self.leave(self.norm(h).transpose(1, 2).unflatten(2, (side, side)))   # (B, FINE, S, S)
        return self.fine(torch.cat([silu(h), x.to(h.dtype)], 1)).float()

    def misfit(self, x, labels, t, noise):
        """Squared error of the answer about pictures x (B, 1, S, S), -1 to 1, at timesteps t (B,) with this noise.  -> (B,)"""
        level = self.alpha_bar[t].view(-1, 1, 1, 1)
        answer = self(targets.noisy(x, noise, level), (level / (1 - level)).log().flatten(), labels)
        return (answer - targets.target(self.target, x, noise, level)).square().flatten(1).mean(1)

    def turns(self, batch, rng):
        """batch: (pictures (B, 1, S, S), labels (B,)) -> one turn: mean squared error, some labels hidden."""
        x, labels = 2 * unit(batch) - 1, batch[1]
        t = torch.randint(len(self.alpha_bar), (len(x),), generator=rng, device=x.device)
        noise = torch.randn(x.shape, generator=rng, device=x.device)
        hidden = torch.rand(len(x), generator=rng, device=x.device) < DROP_SHARE
        yield "loss", self.misfit(x, labels.masked_fill(hidden, NOBODY), t, noise).mean(), self

    def guided(self, labels, scale: float = 1.0):
        """The network of (x, log_snr) that draws these digits (B,). scale as in diffusers: 0 any digit, 1 the digit as it was
        learnt, above 1 further away from any digit. Ho & Salimans 2022, eq. 6, with w = scale - 1."""
        if not 0 <= scale <= MOST_GUIDANCE:
            raise BadInput(f"Guidance goes from 0 to {MOST_GUIDANCE:g}; you gave {scale}.")
        nobody = torch.full_like(labels, NOBODY)

        def network(x, log_snr):
            if scale in (0, 1):
                return self(x, log_snr, labels if scale else nobody)
            both = self(torch.cat([x, x]), torch.cat([log_snr, log_snr]), torch.cat([labels, nobody]))
            named, anyone = both.chunk(2)
            return anyone + scale * (named - anyone)

        return network

    @torch.no_grad()
    def path(self, n, rng, digit: int | None = None, guidance: float = 1.0, sampler: str = "ddim", calls: int = 50, eta: float = 0.0):
        """n pictures on their way from noise: a samplers.Move after each step, `x_after` of the last from -1 to 1.
        digit: 0 to 9, or None: each in turn."""
        if digit is not None:
            whole_number("digit", digit, 0, 9)
        labels = torch.arange(n, device=rng.device) % 10 if digit is None else torch.full((n,), digit, device=rng.device)
        how = samplers.sampler(sampler, eta)
        at = samplers.levels(self.chain, how, calls)
        x = samplers.start((n, 1, self.size, self.size), float(at[0]), rng)
        yield from samplers.walk(samplers.denoiser(self.guided(labels, guidance), self.target), x, at, how, rng)

    def sample(self, n, rng, **how):
        """n new pictures; how: as `path` takes it.  -> (n, 1, S, S), 0-1"""
        for step in self.path(n, rng, **how):
            pass
        return ((step.x_after + 1) / 2).clamp(0, 1)
