"""What one does with codes: walks, arithmetic, and directions of known factors. Pure functions.

Sources: White 2016, arXiv:1609.04468 (spherical interpolation); Mikolov et al. 2013, NAACL N13-1090 (arithmetic of codes);
Locatello et al. 2019, arXiv:1811.12359 (how well latents predict known factors).
"""

import torch

RIDGE = 1e-3  # of the latents' own variance, so that a latent that never moves gets no weight


def linear(a: torch.Tensor, b: torch.Tensor, steps: int) -> torch.Tensor:
    """The straight walk from code a (L,) to code b (L,), both ends included.  -> (steps, L)"""
    t = torch.linspace(0, 1, steps)[:, None]
    return (1 - t) * a + t * b


def spherical(a: torch.Tensor, b: torch.Tensor, steps: int) -> torch.Tensor:
    """The walk along the arc from a (L,) to b (L,): by equal angles, its length going evenly from |a| to |b|.  -> (steps, L)

    Codes of N(0, I) lie near a sphere of radius sqrt(L); the straight walk cuts through its middle, this one does not.
    Where no arc is defined (a code of length 0, or two that point the same or opposite ways) it is the straight walk.
    """
    long_a, long_b = a.norm(), b.norm()
    if not (long_a > 0 and long_b > 0):
        return linear(a, b, steps)
    angle = torch.dot(a / long_a, b / long_b).clamp(-1, 1).arccos()
    if angle.sin() < 1e-4:
        return linear(a, b, steps)
    t = torch.linspace(0, 1, steps)[:, None]
    way = (((1 - t) * angle).sin() * (a / long_a) + (t * angle).sin() * (b / long_b)) / angle.sin()
    return way * ((1 - t) * long_a + t * long_b)


def sums(a: torch.Tensor, b: torch.Tensor, c: torch.Tensor) -> torch.Tensor:
    """a - b + c: what a has and b has not, put on c. Shapes are kept."""
    return a - b + c


def fitted(codes: torch.Tensor, factors: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Least squares from codes (N, L) to factors (N, F).  -> weights (L, F), offset (F,)"""
    x, y = codes.double(), factors.double()
    x_mean, y_mean = x.mean(0), y.mean(0)
    x, y = x - x_mean, y - y_mean
    gram = x.T @ x
    weights = torch.linalg.solve(gram + RIDGE * gram.diagonal().mean().clamp(min=1e-12) * torch.eye(x.shape[1], dtype=x.dtype), x.T @ y)
    return weights.float(), (y_mean - x_mean @ weights).float()


def explained(factors: torch.Tensor, told: torch.Tensor) -> torch.Tensor:
    """R^2 of each column: 1 - squared error over variance, at most 1; 0 is the mean's own, below it is worse.  (N, F) -> (F,)"""
    y = factors.double()
    return (1 - (y - told.double()).square().sum(0) / (y - y.mean(0)).square().sum(0)).float()


def predicted(codes: torch.Tensor, factors: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """How well codes (N, L) tell factors (N, F): fitted on the first half of the rows, judged on the other, held out.

    -> R^2 from all latents together (F,), R^2 from each latent alone (L, F)
    """
    half = len(codes) // 2
    learn, held = slice(0, half), slice(half, None)

    def score(columns) -> torch.Tensor:
        weights, offset = fitted(codes[learn][:, columns], factors[learn])
        return explained(factors[held], codes[held][:, columns] @ weights + offset)

    return score(slice(None)), torch.stack([score([i]) for i in range(codes.shape[1])])


def directions(codes: torch.Tensor, factors: torch.Tensor) -> torch.Tensor:
    """How the mean code moves as each factor grows by one standard deviation.  (N, L), (N, F) -> (F, L)

    The regression of codes on one factor: the factors of Strokes are drawn independently, so one does not stand for another.
    """
    y = (factors - factors.mean(0)) / factors.std(0).clamp(min=1e-12)
    return y.T @ (codes - codes.mean(0)) / (len(codes) - 1)
