"""The view "A session": rows of activities, bottom-up beside one flat figure for every request."""

from dataclasses import replace

from demos import _figures as figures
from demos._cited import Cited, between, digits, filled, numbered, quantity, sentence, shown
from demos._energy_screen import (Screen, assumed, ends_in, equivalent_section, place_of, regions_figure, rows_of_estimate,
                                  tiles, told)
from policy import sessions
from policy.equivalents import quotient
from policy.estimate import GIVEN
from policy.units import readable

MOST_BARS = 8


def screen(v: dict, text) -> Screen:
    table = sessions.read_table(v["rows"])
    if not table.rows:
        raise sessions.BadInput(" ".join(table.problems) or "The table has a heading but no rows below it.")
    times = {"days": v["days"], "people": v["people"]}

    def worked(**more):
        return sessions.session(table.rows, **(place_of(v) | times | more))

    flat, found = worked(wh=v["flat"]), worked(api_model=v["list_price"] or None)
    whole, cited = found.whole, Cited()
    energy = readable(whole.energy)
    flatly = numbered(_text(flat.whole.energy), cited.record(readable(flat.whole.energy)))
    words = filled(text["words session"], energy=told(energy, cited), flat=numbered(f"{v['flat']:g}", cited.given("The flat figure")),
                   flat_energy=flatly)
    top = figures.answer_json(cited.sources, words=words, tiles=tiles(cited, whole),
                              sections=[_problems(table, cited)] if table.problems else None)
    below = Cited()
    sections = [_table(found, flat, below), equivalent_section(whole, below), assumed(whole, below, v)]
    foot = figures.answer_json(below.sources, sections=sections)
    regions = regions_figure(lambda zone: worked(region=zone).whole.carbon, v, text)
    numbers = {"energy_wh": quantity(whole.energy), "carbon_g": quantity(whole.carbon), "water_ml": quantity(whole.water),
               "flat_energy_wh": quantity(flat.whole.energy)}
    return Screen(top, "", _bars(found, flat, v, text), regions, foot, whole, numbers, _rows(found) + rows_of_estimate(whole))


def _rows(found) -> tuple[dict, ...]:
    return tuple({"activity": row.activity, "count": row.count, "wh": "" if row.wh is None else row.wh,
                  "energy_low_wh": one.energy.low, "energy_wh": one.energy.central, "energy_high_wh": one.energy.high,
                  "carbon_g": one.carbon.central} for row, one in zip(found.rows, found.each))


def _text(fact) -> str:
    fact = readable(fact)
    return f"{shown(fact)} {fact.unit}"


def _problems(table, cited: Cited) -> dict:
    return {"title": "Left out", "items": [sentence(problem, cited.given("The table")) for problem in table.problems]}


def _table(found, flat, cited: Cited) -> dict:
    rows = []
    for row, one, flatly in zip(found.rows, found.each, flat.each):
        energy, carbon, even = readable(one.energy), readable(one.carbon), readable(flatly.energy)
        rows.append({"cells": [row.activity, _count(row, cited), cited.number(energy),
                               cited.number(energy, between(energy)), cited.number(even),
                               cited.number(carbon)]})
    whole = [readable(fact) for fact in (found.whole.energy, flat.whole.energy, found.whole.carbon)]
    rows.append({"state": "sum", "cells": ["Together", "", cited.number(whole[0]),
                                           cited.number(whole[0], between(whole[0])), cited.number(whole[1]),
                                           cited.number(whole[2])]})
    columns = ["Activity", "Count", "Bottom-up", "Range", "Flat", "Carbon"]
    return {"title": "Row by row", "columns": columns, "rows": rows, "stack": True}


def _count(row, cited: Cited) -> dict:
    return {"text": f"{row.count:g}", "record": {"title": "Count", "about": "", "sources": [cited.source(GIVEN)]}}


def _bars(found, flat, v: dict, text) -> str:
    cited, unit = Cited(), readable(found.whole.energy).unit
    named = [("flat", f"Flat: {v['flat']:g} Wh each", flat.whole.energy, 2), ("whole", "Bottom-up", found.whole.energy, 1)]
    largest = sorted(zip(found.rows, found.each), key=lambda pair: -pair[1].energy.central)[:MOST_BARS]
    if len(found.rows) > 1:
        named += [(f"row-{k}", row.activity[:26], one.energy, 0) for k, (row, one) in enumerate(largest)]
    rows = []
    for id, name, fact, colour in named:
        fact = replace(fact, unit=unit, **ends_in(fact, unit))
        said = "" if fact.low == fact.high else f" ({between(fact)})"
        rows.append(cited.row(id, name, fact, colour, f"{shown(fact)} {unit}{said}"))
    times = quotient("flat_over_bottom_up", "flat over bottom-up", flat.whole.energy, found.whole.energy)
    note = filled(text["session note"], times=[{"text": digits(times.central), "record": cited.record(times)}])
    label = "; ".join(f"{row['name']}: {row['text']}" for row in rows)
    return figures.ranges_json(text["session title"], label, unit, rows, cited.sources, note=note)
