"""How sure a share is. Plain arithmetic, no torch: the page uses it too."""

import math

Z = 1.96  # of a 95% interval


def wilson(share: float, n: int) -> tuple[float, float, float]:
    """(low, share, high): the 95% interval of a share seen in n draws (Wilson 1927, doi:10.2307/2276774)."""
    if n < 1 or not 0 <= share <= 1:
        raise ValueError(f"a share from 0 to 1 of at least 1 draw, got {share} of {n}")
    middle = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    wide = Z * math.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2)) / (1 + Z**2 / n)
    return max(0.0, min(share, middle - wide)), share, min(1.0, max(share, middle + wide))
