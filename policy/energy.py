"""What one run of a lab cost: energy from processor time, carbon from energy and a grid.

Boundary: the busy processor cores (and the graphics card where its own meter was read). Not counted: memory, screen,
fans, power supply, cooling of a data centre, network, the time a machine idles, and making the machine.
"""

import math

from policy import facts
from policy.errors import BadInput
from policy.facts import Fact, Source
from policy.grids import WORLD, described, find_zone, intensity, zone_name, zones

__all__ = ["WORLD", "carbon_g", "core_watts", "find_zone", "run_energy_wh", "zone_name", "zones"]

BOUNDARY = ("busy processor cores only; no memory, screen, cooling, network, idle time or manufacture")
GPU_BOUNDARY = ("busy processor cores and the graphics card's own reading; "
                "no memory, screen, cooling, network, idle time or manufacture")
MACHINES = {"server": "cpu_core_w", "laptop": "laptop_core_w"}  # rows of infrastructure.csv
HERE = Source("computed by GenLens from the sources listed with it", "", "2026", "derived")


def core_watts(machine: str | None = None) -> Fact:
    """Watts that one busy core draws: assumed, because a program can rarely measure it.

    machine: "server", "laptop", or None for unknown: then the range spans both, and the centre is their geometric mean.
    """
    rows = {name: facts.load("infrastructure")[id] for name, id in MACHINES.items()}
    if machine is None:
        low, high = min(row.low for row in rows.values()), max(row.high for row in rows.values())
        centre = math.prod(row.central for row in rows.values()) ** (1 / len(rows))
        return Fact("core_w", low, centre, high, "W", "one busy core of a machine of unknown kind, server or laptop",
                    HERE, "assumed", tuple(rows.values()))
    if machine not in rows:
        raise BadInput(f"There is no kind of machine {machine!r}; choose one of {', '.join(rows)}, or none if unknown.")
    row = rows[machine]
    return Fact(row.id, row.low, row.central, row.high, row.unit, row.what, row.source, "assumed", (), row.details)


def run_energy_wh(cpu_s: float, gpu_wh: float | None = None, machine: str | None = None) -> Fact:
    """Energy of a run in Wh: cpu_s core-seconds (measured) times watts per busy core (assumed), plus the card's Wh.

    cpu_s: seconds summed over cores, as time.process_time() or thread_time() count them. gpu_wh: what the graphics
    card's own meter (NVML) counted during the run, None where there is no card. Raises BadInput below zero.
    """
    if not at_least_zero(cpu_s):
        raise BadInput(f"CPU time must be a number of seconds, 0 or more; got {cpu_s!r}.")
    if gpu_wh is not None and not at_least_zero(gpu_wh):
        raise BadInput(f"The graphics card's energy must be a number of Wh, 0 or more, or nothing; got {gpu_wh!r}.")
    time = Fact("cpu_s", cpu_s, cpu_s, cpu_s, "s", "processor time of the run, summed over cores",
                Source("this run, counted by the operating system", "", "2026", "seen_primary"), "measured")
    cpu = described(facts.product("cpu_wh", "energy of the processor", "Wh", (time, core_watts(machine)), HERE,
                                  scale=1 / 3600), {"boundary": BOUNDARY})
    if gpu_wh is None:
        return described(cpu, {"boundary": BOUNDARY}, id="run_energy_wh", what="energy of this run")
    meter = facts.load("uncertainty")["nvml_reading"]
    card = facts.within_factor(
        Fact("gpu_wh", gpu_wh, gpu_wh, gpu_wh, "Wh", "energy of the graphics card by its own meter",
             Source("this run, read from the card through NVML", "", "2026", "seen_primary"), "measured"), meter)
    both = facts.total("run_energy_wh", "energy of this run", (cpu, card), HERE)
    return described(both, {"boundary": GPU_BOUNDARY})


def carbon_g(energy_wh: Fact | float, zone: str | None = None) -> Fact:
    """Greenhouse gas of that energy in g CO2e at the yearly average of a zone's grid, location-based.

    energy_wh: a Fact in Wh, or a bare number of Wh. zone: a code or a name of zones(); None, "" or "world": the world
    average, and the answer says that no region was chosen. Raises BadInput for an unknown zone.
    """
    grid = intensity(zone)
    if not isinstance(energy_wh, Fact):
        if not at_least_zero(energy_wh):
            raise BadInput(f"Energy must be a number of Wh, 0 or more; got {energy_wh!r}.")
        energy_wh = Fact("energy_wh", energy_wh, energy_wh, energy_wh, "Wh", "energy as given",
                         Source("given by the caller", "", "2026", "seen_primary"), "assumed")
    if energy_wh.unit != "Wh":
        raise ValueError(f"carbon_g needs energy in Wh, got {energy_wh.unit}")
    carbon = facts.product("carbon_g", f"greenhouse gas of this energy ({grid.details['zone_name']})", "gCO2e",
                           (energy_wh, grid), HERE, scale=1 / 1000)
    return described(carbon, {**grid.details, "boundary": energy_wh.details.get("boundary", "the energy as given")})


def at_least_zero(x) -> bool:
    return isinstance(x, (int, float)) and not isinstance(x, bool) and math.isfinite(x) and x >= 0
