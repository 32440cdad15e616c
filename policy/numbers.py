"""Numbers that people give: checked, and refused with a sentence that says what was given and what would be right."""

import math

from policy.errors import BadInput


def number(x, what: str, *, least: float | None = None, above: float | None = None, most: float = math.inf,
           why: str = "") -> float:
    """x as a float, least <= x (or above < x) and x <= most. what: "The PUE". why: one more sentence without its dot."""
    low = f"{above:g} (not {above:g} itself)" if above is not None else f"{least:g}"
    right = f"from {low} to {most:,.0f}" if math.isfinite(most) else f"{'above' if above is not None else 'at least'} " + (
        f"{above:g}" if above is not None else f"{least:g}")
    fine = isinstance(x, int | float) and not isinstance(x, bool) and math.isfinite(x)
    if not fine or (least is not None and x < least) or (above is not None and x <= above) or x > most:
        raise BadInput(f"{what} must be a number {right}; got {str(x)[:40]}.{' ' + why + '.' if why else ''}")
    return float(x)
