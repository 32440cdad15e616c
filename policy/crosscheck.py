"""What other tools say, where they are installed: EcoLogits for a request, CodeCarbon for a run. Neither is needed.

Both are asked offline. A tool's answer is shown with its name and version, never mixed into our own.
"""

import logging
import math
from dataclasses import dataclass
from importlib.metadata import version

from policy import grids, sizes
from policy.facts import two_digits
from policy.numbers import number


@dataclass(frozen=True)
class Said:
    """tool and version; energy in Wh and carbon in gCO2e, each low and high as the tool gives them; what it leaves out."""

    tool: str
    version: str
    energy_wh: tuple[float, float]
    carbon_g: tuple[float, float]
    note: str

    def __str__(self) -> str:
        energy, carbon = (" to ".join(dict.fromkeys(map(two_digits, ends))) for ends in (self.energy_wh, self.carbon_g))
        return f"{self.tool} {self.version}: {energy} Wh, {carbon} gCO2e for each request; {self.note}"

    def to_dict(self) -> dict:
        return {"tool": self.tool, "version": self.version, "energy_wh": dict(zip(("low", "high"), self.energy_wh, strict=True)),
                "carbon_g": dict(zip(("low", "high"), self.carbon_g, strict=True)), "note": self.note}


def ecologits_says(model: str, output_tokens: float, region: str | None = None) -> Said | None:
    """EcoLogits' own answer for one request to a model of our table; None where it is not installed.

    It knows countries only: a province or state is asked as its country, and the note says so.
    """
    found = sizes.find_model(model)
    tokens = number(output_tokens, "The output tokens", above=0, most=1e7)
    code, chosen = grids.chosen_zone(region)
    asked = grids.COUNTRIES.get(code.partition("-")[0], code) if "-" in code else code
    try:
        from ecologits.tracers.utils import llm_impacts
    except ImportError:
        return None
    logging.getLogger("ecologits").setLevel(logging.ERROR)  # it warns on the console about every closed model
    said = llm_impacts(found.provider, found.active.details["library_name"], tokens, math.inf, asked)
    if said.energy is None:
        return None
    ends = [tuple(1000 * getattr(x.value, end, x.value) for end in ("min", "max")) for x in (said.energy, said.gwp)]
    note = "output tokens only, no idle machines; range: size and PUE where the provider does not tell them"
    if asked != code:
        note += f"; it knows no zones within a country: {grids.zone_name(asked)} was asked"
    if not chosen:
        note += "; " + grids.NO_REGION
    return Said("EcoLogits", version("ecologits"), *ends, note)


def codecarbon_tracker(region: str | None = None, *, cpu_w: float, ram_w: float = 3.0, pue: float = 1.0):
    """CodeCarbon's offline tracker with every guess of its own replaced by a value; None where it is not installed.

    cpu_w, ram_w: the watts to charge while it runs. Use: tracker.start(), the run, kg = tracker.stop(); then
    tracker.final_emissions_data holds energies in kWh. Cards are measured, the rest are the constants given here. The
    online tracker is never used: without a network it falls back to Quebec's grid.
    """
    watts = [number(cpu_w, "The watts of the processor", least=0, most=1e4), number(ram_w, "The watts of memory", least=0, most=1e4)]
    ratio = number(pue, "The PUE", least=1, most=10)
    grid = grids.intensity(region)
    code = grid.details["zone"]
    try:
        from codecarbon import OfflineEmissionsTracker
    except ImportError:
        return None
    country = grids.COUNTRIES.get(code.partition("-")[0], code) if "-" in code else code
    return OfflineEmissionsTracker(
        country_iso_code="USA" if country == grids.WORLD else country,  # it needs a country; the intensity below is what counts
        force_carbon_intensity_g_co2e_kwh=grid.central, force_cpu_power=watts[0], force_ram_power=watts[1], pue=ratio,
        measure_power_secs=1, save_to_file=False, allow_multiple_runs=True, log_level="error")
