"""What a run cost, for the strip below the picture. The arithmetic and its sources are policy.energy's."""

from dataclasses import dataclass

from policy import energy
from policy.facts import Fact, two_digits


@dataclass(frozen=True)
class Cost:
    """cpu_s: measured core-seconds. seconds: wall clock, without waiting. energy in Wh, carbon in gCO2e: modelled.

    card_wh: what the graphics cards drew by their own meter, None where there is none; it is inside the energy.
    """

    cpu_s: float
    seconds: float
    energy: Fact
    carbon: Fact
    card_wh: float | None = None


def price(cpu_s: float, seconds: float, zone: str | None, card_wh: float | None = None) -> Cost:
    """The cost of this much computing on the grid of `zone` (None: world average)."""
    spent = energy.run_energy_wh(cpu_s, card_wh)
    return Cost(cpu_s, seconds, spent, energy.carbon_g(spent, zone), card_wh)


def strip(cost: Cost) -> list[dict[str, str]]:
    """The rows of the cost strip: what, value, range, mark (measured, modelled, assumed), and the source in full."""
    card = [] if cost.card_wh is None else [
        {"what": "Graphics card", "value": f"{two_digits(cost.card_wh)} Wh", "range": "the whole card, all that ran on it",
         "mark": "measured", "source": "Read from the card's own meter through NVML, before and after the run."}]
    return [
        {"what": "Computing", "value": f"{two_digits(cost.cpu_s)} s", "range": "on one processor core", "mark": "measured",
         "source": "Counted by the operating system for the thread that did the work."},
        *card,
        _row("Energy", cost.energy),
        _row(f"Carbon, {_grid(cost.carbon)}", cost.carbon),
    ]


def _grid(carbon: Fact) -> str:
    return carbon.details["zone_name"] if carbon.details["zone_chosen"] == "yes" else "world average"


def _row(what: str, fact: Fact) -> dict[str, str]:
    return {"what": what, "value": f"{two_digits(fact.central)} {fact.unit}",
            "range": f"{two_digits(fact.low)} to {two_digits(fact.high)}", "mark": fact.mark, "source": str(fact)}


def together(results, zone: str | None) -> Cost | None:
    """What everything that this visit has run live cost in all, on one grid; None where nothing has run."""
    live = [r.cost for r in results if r.badge == "live" and r.cost]
    cards = [c.card_wh for c in live if c.card_wh is not None]
    return price(sum(c.cpu_s for c in live), sum(c.seconds for c in live), zone, sum(cards) if cards else None) if live else None


def total(results, zone: str | None) -> str:
    """One sentence on everything that this visit has run."""
    cost = together(results, zone)
    if cost is None:
        return ""
    count = sum(r.badge == "live" and r.cost is not None for r in results)
    runs = "1 run" if count == 1 else f"{count} runs"
    return (f"{runs}, {two_digits(cost.cpu_s)} s of computing, {cost.energy.value_text()}, "
            f"{cost.carbon.value_text()}")
