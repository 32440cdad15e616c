"""Numbers that people give: checked, and refused with a sentence that says what was given and what would be right."""

import math

from policy.errors import BadInput

TINY = 1e-30  # nothing that is measured here is that small, and dividing by less leaves the numbers of a computer


def number(x, what: str, *, least: float | None = None, above: float | None = None, most: float = math.inf,
           why: str = "") -> float:
    """x as a float, least <= x (or above < x) and x <= most. what: "The PUE". why: one more sentence without its dot."""
    low = f"above {above:g}" if above is not None else f"{least:g} or more"
    right = low + (f" and up to {_plain(most)}" if math.isfinite(most) else "")
    fine = isinstance(x, int | float) and not isinstance(x, bool) and math.isfinite(x)
    if not fine or (least is not None and x < least) or (above is not None and x <= above + TINY) or x > most:
        got = _plain(x) if isinstance(x, float) else str(x)[:40]
        raise BadInput(f"{what} must be a number {right}; got {got}.{' ' + why + '.' if why else ''}")
    return float(x)


def _plain(x: float) -> str:
    return f"{x:,.0f}" if 1e6 <= abs(x) < 1e16 else f"{x:,.6g}"
