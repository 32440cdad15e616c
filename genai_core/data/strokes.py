"""Strokes: 28x28 grey digits drawn with a pen whose hand varies. Every factor of every digit is known.

A path of pen points is bent, slanted, sized and turned; each pixel's ink is how deep it lies under the nearest point of
the pen. As in MNIST the ink is white on black, and its centre of mass is in the middle of the picture.
"""

from dataclasses import dataclass

import torch

from genai_core.data import glyphs

SIZE = 28
AT_ONCE = 128     # digits drawn together: small enough to stay in the processor's cache
BLOCK = 1000      # digits of one stream of numbers, so that any part can be drawn without what comes before
STREAMS = {"train": 0, "test": 1_000_000}
SIZES = {"train": 60_000, "test": 10_000}
FACTORS = {  # name: (low, high, unit), each drawn uniformly and on its own
    "slant": (-0.25, 0.6, "pixels to the right per pixel up"),
    "weight": (0.9, 1.8, "radius of the pen in pixels"),
    "height": (15.0, 20.0, "pixels"),
    "width": (0.7, 1.2, "times the style's own"),
    "turn": (-0.16, 0.16, "radians, clockwise"),
    "wobble": (0.0, 1.0, "0 a steady hand, 1 an unsteady one"),
}


@dataclass(frozen=True)
class Drawn:
    """pictures: uint8 (N, 1, 28, 28), 0 to 255. labels: (N,) 0-9. styles: (N,) rows of glyphs.table.
    factors: (N, 6) float32, columns as FACTORS."""

    pictures: torch.Tensor
    labels: torch.Tensor
    styles: torch.Tensor
    factors: torch.Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, rows) -> "Drawn":
        return Drawn(self.pictures[rows], self.labels[rows], self.styles[rows], self.factors[rows])


def joined(parts: list[Drawn]) -> Drawn:
    """Several as one."""
    return Drawn(*(torch.cat([getattr(p, name) for p in parts]) for name in ("pictures", "labels", "styles", "factors")))


def _choose(n: int, rng: torch.Generator):
    """Digits equally often, styles by their shares, factors uniform.  -> labels (n,), styles (n,), factors (n, 6)"""
    digit, share = (torch.from_numpy(column) for column in glyphs.table()[:2])
    labels = torch.randint(10, (n,), generator=rng)
    upto = torch.where(digit == torch.arange(10)[:, None], share, 0).cumsum(1)           # (10, S)
    styles = (torch.rand(n, 1, generator=rng) >= upto[labels]).sum(1).clamp(max=len(digit) - 1)
    low, high = (torch.tensor([bounds[i] for bounds in FACTORS.values()]) for i in (0, 1))
    return labels, styles, low + (high - low) * torch.rand(n, len(FACTORS), generator=rng)


def pen_paths(styles, factors, rng: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """styles (n,), factors (n, 6) -> the pen's points (n, 72, 2) in pixels, x right and y down, and its radius (n, 72)."""
    _, _, points, pen, tied = (torch.from_numpy(column) for column in glyphs.table())
    slant, weight, height, width, turn, wobble = factors.unbind(1)
    n = len(styles)
    shaky = 0.01 + 0.03 * wobble[:, None, None]
    moved = torch.randn(n, glyphs.MOST_POINTS, 2, generator=rng)
    moved = shaky * (moved + 0.7 * (moved.roll(1, 1) + moved.roll(-1, 1)))                # neighbours lean the same way
    moved = moved.gather(1, tied[styles][..., None].expand(-1, -1, 2))                    # corners stay corners
    paths = pen[styles].float() @ (points[styles].float() + moved)                        # (n, 72, 2)
    x, y = paths.unbind(2)
    x, y = x - 0.48, y - 0.5
    bow = torch.randn(n, 4, generator=rng) * torch.tensor([0.06, 0.09, 0.08, 0.09])
    x = x + bow[:, :1] * (4 * y**2 - 0.5) + bow[:, 1:2] * y * (x * 2)
    y = y + bow[:, 2:3] * (4 * x**2 - 0.3) + bow[:, 3:4] * x * (y * 2)
    x = x * width[:, None] - slant[:, None] * y
    c, s = turn.cos()[:, None], turn.sin()[:, None]
    x, y = (c * x - s * y) * height[:, None], (s * x + c * y) * height[:, None]
    swell = torch.randn(n, 3, generator=rng) * 0.09
    along = torch.linspace(0, 3.1416, glyphs.PEN_POINTS)
    press = 1 + swell[:, :1] * along.cos() + swell[:, 1:2] * (2 * along).cos() + swell[:, 2:] * (3 * along).cos()
    radius = weight[:, None] * press.clamp(0.7, 1.3)
    paths = torch.stack([x, y], 2)
    paths = paths + SIZE / 2 - (paths * radius[..., None]).sum(1, keepdim=True) / radius.sum(1)[:, None, None]
    inside = SIZE - 1 - radius[..., None]                      # the few that would leave the picture are pushed back
    over = (paths - inside).amax(1, keepdim=True).clamp(min=0) - (1 + radius[..., None] - paths).amax(1, keepdim=True).clamp(min=0)
    return paths - over, radius


def inked(paths: torch.Tensor, radius: torch.Tensor, soft: float = 0.7) -> torch.Tensor:
    """The picture of pen points (n, P, 2) with radii (n, P).  -> uint8 (n, 1, 28, 28)

    How deep a pixel lies under a disc of radius r at distance d is r - d, near the edge (r^2 - d^2) / 2r, which is
    a product of (|pixel|^2, x, y, 1) with four numbers of the disc: one matrix product gives it for all.
    """
    n, half = len(paths), 0.5 / radius                                                    # half (n, P)
    disc = torch.stack([-half, 2 * half * paths[..., 0], 2 * half * paths[..., 1],
                        half * (radius**2 - paths.square().sum(2))], 2)                   # (n, P, 4)
    at = torch.arange(SIZE) + 0.5
    y, x = torch.meshgrid(at, at, indexing="ij")
    pixel = torch.stack([x**2 + y**2, x, y, torch.ones_like(x)]).flatten(1)               # (4, 784)
    depth = (disc @ pixel).amax(1)                                                        # (n, 784)
    ink = (0.5 + depth / (2 * soft)).clamp(0, 1)
    ink = ink * ink * (3 - 2 * ink)
    return (ink * 255).round().to(torch.uint8).view(n, 1, SIZE, SIZE)


def draw(n: int, rng: torch.Generator) -> Drawn:
    """n digits, every number from rng."""
    labels, styles, factors = _choose(n, rng)
    pictures = torch.empty(n, 1, SIZE, SIZE, dtype=torch.uint8)
    for rows in torch.arange(n).split(AT_ONCE):
        pictures[rows] = inked(*pen_paths(styles[rows], factors[rows], rng))
    return Drawn(pictures, labels, styles, factors)
