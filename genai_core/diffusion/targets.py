"""What the network is asked for: the noise (epsilon), the clean data (x0), or v between them; each gives the others.

x = a x0 + b noise with a = sqrt(alpha_bar), b = sqrt(1 - alpha_bar), and v = a noise - b x0. Sources: Ho et al. 2020,
arXiv:2006.11239 (epsilon); Salimans & Ho 2022, arXiv:2202.00512, appendix D (v).
"""

import torch

from genai_core.errors import BadInput

TARGETS = ("epsilon", "x0", "v")


def check(kind: str) -> str:
    """kind, if it is one of TARGETS."""
    if kind not in TARGETS:
        raise BadInput(f"There is no target {str(kind)[:40]!r}; there are {', '.join(TARGETS)}.")
    return kind


def parts(alpha_bar) -> tuple[torch.Tensor, torch.Tensor]:
    """(a, b): shares of signal and noise, of the same shape as alpha_bar."""
    level = torch.as_tensor(alpha_bar)
    return level.sqrt(), (1 - level).sqrt()


def noisy(clean, noise, alpha_bar) -> torch.Tensor:
    """The data after so much of the chain; alpha_bar broadcasts against clean."""
    a, b = parts(alpha_bar)
    return a * clean + b * noise


def target(kind: str, clean, noise, alpha_bar) -> torch.Tensor:
    """What the network should answer."""
    if check(kind) == "epsilon":
        return noise
    if kind == "x0":
        return clean
    a, b = parts(alpha_bar)
    return a * noise - b * clean


def clean_of(kind: str, answer, x, alpha_bar) -> torch.Tensor:
    """The clean data that an answer means. From epsilon it is divided by a: where there is hardly any signal, errors grow."""
    a, b = parts(alpha_bar)
    if check(kind) == "epsilon":
        return (x - b * answer) / a
    return answer if kind == "x0" else a * x - b * answer


def noise_of(kind: str, answer, x, alpha_bar) -> torch.Tensor:
    """The noise that an answer means. From x0 it is divided by b: where there is hardly any noise, errors grow."""
    a, b = parts(alpha_bar)
    if check(kind) == "x0":
        return (x - a * answer) / b
    return answer if kind == "epsilon" else b * x + a * answer


def score_of(kind: str, answer, x, alpha_bar) -> torch.Tensor:
    """The gradient of the noisy data's log density that an answer means: -noise / b (Vincent 2011, doi:10.1162/NECO_a_00142)."""
    return -noise_of(kind, answer, x, alpha_bar) / parts(alpha_bar)[1]
