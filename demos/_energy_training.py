"""The view "Training": published runs recomputed, the BLOOM paper's table, and a run of one's own."""

from demos import _figures as figures
from demos._cited import Cited, digits, filled, numbered, quantity
from demos._energy_screen import Screen, assumed, equivalent_section, place_of, regions_figure, rows_of_estimate, tiles, told
from policy import training
from policy.units import readable

OWN_RUNS = ("own", "mwh")
WORDS = {"energy_mwh": "MWh", "grid": "g/kWh", "pue": "PUE", "tonnes": "t", "tonnes_with_pue": "t x PUE"}


def screen(v: dict, text) -> Screen:
    found, said = _estimated(v, text)
    elsewhere = {"grid": None}
    cited, energy, carbon = Cited(), readable(found.energy), readable(found.carbon)
    about = numbered(f"{digits(energy.central)} {energy.unit}", cited.record(energy))
    words = filled(text["words training"], what=said, energy=about, carbon=told(carbon, cited))
    top = figures.answer_json(cited.sources, words=words, tiles=tiles(cited, found))
    below = Cited()
    sections = [_bloom(below, text), _published(below, text), equivalent_section(found, below), assumed(found, below, v)]
    numbers = {"energy_wh": quantity(found.energy), "carbon_g": quantity(found.carbon), "water_ml": quantity(found.water)}

    def carbon(zone):
        return _estimated(v | elsewhere | {"region": zone or "WOR"}, text)[0].carbon

    regions = regions_figure(carbon, v, text)
    foot = figures.answer_json(below.sources, records=below.records_kept, sections=sections)
    return Screen(top, "", "", regions, foot, found, numbers, rows_of_estimate(found))


def _estimated(v: dict, text) -> tuple:
    """(Estimate, what it is about)."""
    place = place_of(v) if v["grid"] is None or v["run"] not in OWN_RUNS else {"grid": v["grid"]}
    if v["run"] == "own":
        machines = {"gpus": v["gpus"], "hours": v["hours"], "watts": v["watts"], "utilisation": v["load"]}
        return training.training(**machines, pue=v["train_pue"], **place), text["own run"]
    if v["run"] == "mwh":
        return training.training(mwh=v["mwh"], pue=v["train_pue"], pue_inside=v["inside"], **place), text["own run"]
    run = training.runs()[v["run"]]
    printed = v["region"] == "world" and v["market"] == "location" and run.value("grid")
    own = {"grid": run.value("grid")} if printed else place
    inside = run.pue_inside != "no"
    return training.training(mwh=run.value("energy_mwh"), pue=run.value("pue"), pue_inside=inside, **own), run.name


def _printed(run, name: str, record: int):
    fact = run.figures.get(name)
    return "" if fact is None else {"text": f"{fact.central:,.6g}", "record": record}


def _tonnes(x: float) -> str:
    return f"{x:,.0f}" if x >= 1000 else f"{x:.4g}"


def _published(cited: Cited, text) -> dict:
    rows = []
    for run in training.runs().values():
        if run.value("energy_mwh") is None or run.id.startswith("table4_"):
            continue
        again = training.recomputed(run)
        printed = "tonnes_with_pue" if "tonnes_with_pue" in run.figures else "tonnes"
        record = cited.shared(run.name, run.figures.values(), ". ".join(said for said in (run.check, run.note) if said))
        state = "bad" if run.expect == "fails" else "good" if run.expect == "agrees" else ""
        inside = {"yes": "inside", "no": "on top", "unknown": "not told"}[run.pue_inside]
        pue = f", {run.value('pue'):g}" if run.value("pue") else ""
        tonnes = off = ""
        if again.tonnes is not None:
            made = [run.figures[name] for name in ("energy_mwh", "grid", "pue") if name in run.figures]
            about = f"{again.energy_mwh:,.6g} MWh of the building x {run.value('grid'):g} g/kWh / 1000"
            tonnes = {"text": _tonnes(again.tonnes), "record": cited.shared(f"{run.name}, t, multiplied", made, about)}
        if again.ratio is not None:
            about = f"{run.value(printed):,.6g} t printed / {_tonnes(again.tonnes)} t multiplied"
            off = {"text": f"{digits(again.ratio)} \u00d7",
                   "record": cited.shared(f"{run.name}, printed / multiplied", [run.figures[printed], *made], about)}
        rows.append({"state": state, "cells": [
            {"text": run.name, "record": record}, _printed(run, "energy_mwh", record),
            {"text": inside + pue, "record": record} if pue else inside, _printed(run, "grid", record), tonnes,
            _printed(run, printed, record), off]})
    return {"title": text["published title"], "note": text["published note"], "rows": rows, "stack": True,
            "columns": ["Run", "MWh", "PUE", "g/kWh", "t, multiplied", "t, printed", "printed / multiplied"]}


def _bloom(cited: Cited, text) -> dict:
    rows = []
    for row in training.bloom_table():
        state = "good" if row.verdict.startswith("consistent") else "bad"
        record = cited.shared(row.run.name, row.run.figures.values(), row.run.check)
        mwh, grid, pue = (row.run.figures[name] for name in ("energy_mwh", "grid", "pue"))
        product = f"{mwh.central:,.6g} MWh x {grid.central:g} g/kWh / 1000"
        plain = cited.shared(f"{row.run.name}, MWh x g: {row.plain_t:.1f} t", (mwh, grid), product)
        more = cited.shared(f"{row.run.name}, x PUE: {row.with_pue_t:.1f} t", (mwh, grid, pue),
                            f"{product} x {pue.central:g}")
        rows.append({"state": state, "cells": [
            {"text": row.run.name, "record": record}, *(_printed(row.run, name, record) for name in WORDS),
            {"text": f"{row.plain_t:.1f}", "record": plain}, {"text": f"{row.with_pue_t:.1f}", "record": more},
            {"text": row.verdict, "record": record}]})
    return {"title": text["bloom title"], "note": text["bloom note"], "rows": rows, "left": [8], "stack": True,
            "columns": ["Model", "MWh", "g/kWh", "PUE", "CO2eq, printed", "x PUE, printed", "MWh x g", "x PUE", "Verdict"]}
