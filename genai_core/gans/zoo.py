"""Broken on purpose: three ways in which a GAN fails, each a setting, and what counts as its repair. No torch here."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace

from genai_core.gans.knobs import Knobs, Segment
from genai_core.gans.settings import STEPS, Settings

ENOUGH_MODES, ENOUGH_NEAR = 7, 0.5
NEAR_REST = 0.1   # of the start's distance from the equilibrium


@dataclass(frozen=True)
class Case:
    """settings: the broken run. broken(row), repaired(row): of the last row of a run. repairs: ones that are known to work."""

    settings: Settings
    broken: Callable[[dict], bool]
    repaired: Callable[[dict], bool]
    repairs: dict[str, Knobs]


def found_all(row: dict) -> bool:
    """At least 7 of the 8 modes, and at least half of the points on one."""
    return row.get("modes_found", 0) >= ENOUGH_MODES and row["near_share"] >= ENOUGH_NEAR


def found_few(row: dict) -> bool:
    return row.get("modes_found", 8) <= 3


def at_rest(row: dict) -> bool:
    """Within a tenth of the way that it began from the equilibrium."""
    return row.get("radius", 1.0) <= NEAR_REST


def swinging(row: dict) -> bool:
    return row.get("radius", 0.0) >= 0.5


def changed(mine: Settings, case: Case) -> list[str]:
    """Names of the knobs of the last part that are no longer as the case set them; and of what else fixes the run."""
    knobs, theirs = mine.parts[-1].knobs, case.settings.parts[-1].knobs
    found = [f.name for f in fields(Knobs) if getattr(knobs, f.name) != getattr(theirs, f.name)]
    return found + [name for name in ("data", "noise", "width") if getattr(mine, name) != getattr(case.settings, name)]


COLLAPSE = Knobs(d_rate=0.0005, g_rate=0.005)
STRONG = Knobs("minimax", "sgd", 1.0, 0.02, d_updates=10)
SWING = Knobs("minimax", "sgd", 0.2, 0.2)
CASES = {
    "collapse": Case(Settings(parts=(Segment(STEPS, "both", COLLAPSE),)), found_few, found_all,
                     {"slower_generator": replace(COLLAPSE, g_rate=0.0005),
                      "faster_discriminator": replace(COLLAPSE, d_rate=0.01)}),
    "strong": Case(Settings(parts=(Segment(STEPS, "both", STRONG),)), found_few, found_all,
                   {"adam": replace(STRONG, optimiser="adam", d_rate=0.002, g_rate=0.001, d_updates=1)}),
    "swing": Case(Settings("dirac", parts=(Segment(2000, "both", SWING),)), swinging, at_rest,
                  {"r1": replace(SWING, objective="r1", strength=0.5)}),
}
