"""This visit: every run of every lab with what it cost, and the running total on the grid chosen at the foot of the page."""

from importlib.metadata import version
from importlib.util import find_spec

from demos import _cost
from demos._cited import Cited, Kept, sentence
from demos._figures import answer_json
from policy.facts import Source, two_digits

MOST_ROWS = 12


def visit_json(results, zone: str | None, text, kept: bool = False) -> str:
    """results: the visit's ledger. kept: the answer has just been put into it."""
    cited, rows = Cited(), []
    for result in list(results)[-MOST_ROWS:][::-1]:
        if result.cost is not None:
            cost = _cost.price(result.cost.cpu_s, result.cost.seconds, zone, result.cost.card_wh)
            cells = [_computing(cost, cited), cited.number(cost.energy), cited.number(cost.carbon)]
        else:
            cells = ["", *(_kept(result, name, cited) for name in ("energy_wh", "carbon_g"))]
        rows.append({"cells": [f"{result.tab.replace('_', ' ')}, {result.badge}", *cells]})
    total = _cost.together(results, zone)
    tiles = None if total is None else [
        {"what": "Computing", "value": two_digits(total.cpu_s), "unit": "s", "range": ["on one processor core"], "mark": "measured",
         "record": _computing(total, cited)["record"]},
        cited.tile("Energy", total.energy), cited.tile(f"Carbon, {_grid(total)}", total.carbon)]
    installed = find_spec("codecarbon") is not None
    check = text["codecarbon"].format(version=version("codecarbon")) if installed else text["codecarbon missing"]
    section = {"title": text["visit title"], "note": text["visit note" if rows else "visit empty"]}
    if rows:
        section |= {"columns": ["Run", "Computing", "Energy", "Carbon"], "rows": rows}
    else:
        section["items"] = []
    own = Source("CodeCarbon, as it is installed here", "https://github.com/mlco2/codecarbon", "2026", "derived")
    record = {"title": "CodeCarbon", "about": "", "sources": [cited.source(own)]} if installed else None
    second = {"title": text["check title"], "fold": "shut", "items": [sentence(check, record)]}
    return answer_json(cited.sources, tiles=tiles, sections=[section, second], act=text["keep"], acted=text["kept"] if kept else "")


def _computing(cost, cited: Cited) -> dict:
    """Core-seconds; their source is the measured number below the energy."""
    clock = next(source for source in cost.energy.sources() if "operating system" in source.title)
    return {"text": f"{two_digits(cost.cpu_s)} s", "record": {"title": "Processor time of the threads that did the work", "about": "",
                                                              "sources": [cited.source(clock)]}}


def _kept(result, name: str, cited: Cited):
    """A kept figure, which opens what it was worked out from."""
    q = result.numbers.get(name)
    if q is None:
        return ""
    text = f"{two_digits(q.value)} {q.unit} ({two_digits(q.low)} to {two_digits(q.high)})"
    return {"text": text, "record": cited.made_of(f"{q.what}, {q.mark}", q.rows)} if isinstance(q, Kept) else text


def _grid(cost) -> str:
    return cost.carbon.details["zone_name"] if cost.carbon.details["zone_chosen"] == "yes" else "world average"
