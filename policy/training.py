"""Training runs: published ones that recompute, the BLOOM paper's table, and a run of one's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from policy import facts
from policy.claims import GRID_MOST, NAMES, WATTS_MOST, Claim
from policy.errors import BadInput
from policy.estimate import HERE, Estimate, estimate, given, given_pue, numbers, one
from policy.facts import Fact
from policy.numbers import number

MOST_MWH = 1e9


@dataclass(frozen=True)
class Run:
    """A published run. figures: quantity -> Fact, as printed. pue_inside: "yes", "no", "unknown". expect: "agrees",
    "fails" or "": whether the printed numbers hold when multiplied. check: the arithmetic in words."""

    id: str
    name: str
    figures: Mapping[str, Fact]
    pue_inside: str
    expect: str
    scope: str
    check: str
    note: str

    def value(self, quantity: str) -> float | None:
        fact = self.figures.get(quantity)
        return None if fact is None else fact.central

    def claim(self) -> Claim:
        return Claim(**{quantity: self.value(quantity) for quantity in NAMES})


@cache
def runs(file: str = "energy_training") -> Mapping[str, Run]:
    """Run id -> Run, in the order of the file: "energy_training" or "published_claims"."""
    found = {}
    for row in facts.load(file).values():
        found.setdefault(row.details["run"], {})[row.details["quantity"]] = row
    made = {}
    for id, figures in found.items():
        first = next(iter(figures.values()))
        d = first.details
        made[id] = Run(id, d["model"], MappingProxyType(figures), d["pue_inside"], d["expect"], d["scope"],
                       d["arithmetic_check"], first.source.note)
    return MappingProxyType(made)


def gallery() -> tuple[Run, ...]:
    """Every published run or table whose numbers can be multiplied out: the failing ones first."""
    both = [run for file in ("energy_training", "published_claims") for run in runs(file).values() if run.expect]
    return tuple(sorted(both, key=lambda run: run.expect != "fails"))


@dataclass(frozen=True)
class Recomputed:
    """One row of the table: MWh of the building, tonnes by multiplication, and printed over computed (None: not printed)."""

    run: Run
    pue_inside: bool
    energy_mwh: float
    tonnes: float | None
    ratio: float | None


def recomputed(run: Run, pue_inside: bool | None = None, grid: float | None = None, pue: float | None = None) -> Recomputed:
    """Energy x grid x PUE. pue_inside None: as the source has it (unknown: inside). grid, pue: in place of the run's."""
    inside = run.pue_inside != "no" if pue_inside is None else pue_inside
    energy, grid = run.value("energy_mwh"), run.value("grid") if grid is None else grid
    if energy is None:
        raise BadInput(f"No energy was published for {run.name}.")
    pue = (run.value("pue") or 1.0) if pue is None else pue
    building = energy if inside else facility_mwh(energy, pue)
    tonnes = None if grid is None else carbon_t(building, grid)
    printed = run.value("tonnes_with_pue") or run.value("tonnes")
    return Recomputed(run, inside, building, tonnes, printed / tonnes if printed and tonnes else None)


@dataclass(frozen=True)
class TableRow:
    """A row of the BLOOM paper's Table 4: what is printed, and MWh x g and MWh x g x PUE in tonnes."""

    run: Run
    printed_t: float
    printed_with_pue_t: float
    plain_t: float
    with_pue_t: float
    verdict: str


def bloom_table() -> tuple[TableRow, ...]:
    """The four rows of Table 4 and which printed column the plain product gives."""
    rows = []
    for run in runs().values():
        if run.id.startswith("table4_"):
            plain = carbon_t(run.value("energy_mwh"), run.value("grid"))
            more = plain * run.value("pue")
            first, last = run.value("tonnes"), run.value("tonnes_with_pue")
            if abs(plain / first - 1) < 0.02 and abs(more / last - 1) < 0.02:
                verdict = "consistent: the energy is without PUE"
            elif abs(plain / last - 1) < 0.005:
                verdict = ("the energy already holds the PUE: energy x grid is the last column; "
                           f"times PUE it would be {more:.0f}")
            else:
                verdict = f"inconsistent: energy x grid is {plain:.1f}, not {first:g}; times PUE {more:.1f}, not {last:g}"
            rows.append(TableRow(run, first, last, plain, more, verdict))
    return tuple(rows)


def machines_mwh(gpus: float, hours: float, watts: float, utilisation_share: float = 1.0) -> float:
    """MWh of devices x hours x watts x the share of those watts that they draw."""
    return gpus * hours * watts * utilisation_share / 1e6


def facility_mwh(it_mwh: float, pue: float) -> float:
    """MWh of the building for this much of the machines."""
    return it_mwh * pue


def carbon_t(facility_mwh: float, grid_g_per_kwh: float) -> float:
    """Tonnes of CO2e: MWh x g/kWh = kg, / 1000."""
    return facility_mwh * grid_g_per_kwh / 1000


def break_even(training_mwh: float, wh_per_request: float) -> float:
    """How many requests take as much energy as the training did."""
    return training_mwh * 1e6 / wh_per_request


def training(*, mwh: float | None = None, grid: float | None = None, pue: float | None = None, pue_inside: bool = False,
             gpus: float | None = None, hours: float | None = None, watts: float | None = None, utilisation: float = 1.0,
             region: str | None = None, market: str | None = None) -> Estimate:
    """A run from its energy, or from devices x hours x watts x utilisation (share 0-1). grid g/kWh, else region's.

    pue None: only what is given is counted. pue_inside: the MWh already are the building's. Energies in Wh, carbon in g.
    """
    machine = {"gpus": gpus, "hours": hours, "watts": watts}
    told = [name for name, x in machine.items() if x is not None]
    if (mwh is None) == (not told):
        raise BadInput("Give the energy in MWh, or devices, hours and watts" + ("; not both." if told else "."))
    if told and len(told) < 3:
        raise BadInput(f"Devices, hours and watts are needed together; missing: {', '.join(set(machine) - set(told))}.")
    if grid is not None and (region or market):
        raise BadInput("Give a grid in g/kWh or a region, not both.")
    said = []
    if told:
        if pue_inside:
            raise BadInput("Devices x hours x watts never hold a PUE; leave out that it is inside.")
        gpus, hours = (number(x, NAMES[n], above=0, most=1e10) for n, x in (("gpus", gpus), ("hours", hours)))
        watts = number(watts, NAMES["watts"], above=0, most=WATTS_MOST)
        share = number(utilisation, "The utilisation", above=0, most=1)
        mwh = machines_mwh(gpus, hours, watts, share)
        said.append(f"{gpus:,.10g} devices x {hours:,.10g} h x {watts:g} W" + (f" x {share:g}" if share < 1 else "")
                    + "; rated watts are an upper bound: up to 4.1 times too much was measured (ML.ENERGY)")
    mwh = number(mwh, NAMES["energy_mwh"], above=0, most=MOST_MWH)
    ratio = one("no PUE given") if pue is None else given_pue(pue)
    if pue is None:
        said.append("the PUE is inside the given energy" if pue_inside
                    else "no PUE given: nothing is added for the data centre")
    else:
        said.append(f"PUE {pue:g} " + ("is inside the given energy" if pue_inside else "comes on top of the given energy"))
    it = given("it_wh", mwh * 1e6 / (ratio.central if pue_inside else 1), "Wh", "energy of the machines for this training")
    own = None
    if grid is not None:
        grid = number(grid, NAMES["grid"], least=0, most=GRID_MOST)
        own = given("grid_given", grid, "gCO2e/kWh", "carbon intensity as given")
    return estimate("this training", it, pue=ratio, region=region, market=market, own_grid=own, boundary=("gpu",),
                    assumptions=tuple(said))


def training_dict(found: Estimate) -> dict:
    """The command line's answer: MWh and tonnes in place of Wh and grams."""
    answer = found.to_dict()
    energy, carbon = ({**numbers(fact), "unit": unit} for fact, unit in ((found.energy, "MWh"), (found.carbon, "tCO2e")))
    for x in ("low", "central", "high"):
        energy[x], carbon[x] = energy[x] / 1e6, carbon[x] / 1e6
    rest = {key: value for key, value in answer.items() if key not in ("energy_wh", "carbon_g")}
    return {"energy_mwh": energy, "carbon_t": carbon, **rest}
