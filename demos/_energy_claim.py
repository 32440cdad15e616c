"""The view "Check a claim": which numbers agree, which contradict, by what factor, and the likely slip."""

from demos import _figures as figures
from demos._cited import Cited, digits, numbered, sentence
from demos._energy_controls import CLAIM
from demos._energy_screen import Screen
from demos._session import Quantity
from policy import claims, facts, training
from policy.estimate import GIVEN, HERE

UNITS = {"energy_mwh": "MWh", "grid": "g/kWh", "pue": "(ratio)", "tonnes": "t", "gpus": "", "hours": "h", "watts": "W", "requests": "",
         "wh_per_request": "Wh"}
MADE = {"printed": ("energy_mwh",), "machines": ("gpus", "hours", "watts"), "emitted": ("tonnes", "grid"),
        "served": ("requests", "wh_per_request")}  # road: the numbers that it is multiplied from


def screen(v: dict, text) -> Screen:
    given = {name: v[field] for field, name in CLAIM.items()}
    claim = claims.Claim(**given)
    found = claims.check(claim)
    words = {True: text["claim agrees"], False: text["claim contradicts"],
             None: text["claim alone" if found.beside or found.implied else "claim nothing"]}[found.agrees]
    cited, sections = Cited(), []
    every = _made("In this sentence", given, tuple(given), cited)
    slip = every | {"sources": [*every["sources"], *(cited.source(row.source, f"{row.what}, {row.value_text()}") for row in
                                                 (facts.find(id)[0] for id in found.sources))]}
    if found.contradictions:
        sections.append({"title": "What contradicts", "items": [sentence(said, every) for said in found.contradictions]})
    if found.slips:
        sections.append({"title": "Likely slips", "items": [sentence(f"{said}.", slip) for said in found.slips]})
    if found.beside:
        sections.append({"title": text["beside title"], "items": [
            sentence(f"{one.sentence}.", cited.made_of("In this sentence", one.facts)) for one in found.beside]})
    if found.assumptions:
        sections.append({"title": "Taken for granted", "items": [sentence(f"{said}.", every) for said in found.assumptions]})
    if any(check.agrees for check in found.checks):
        sections.append({"title": "What agrees",
                         "items": [sentence(check.sentence, every) for check in found.checks if check.agrees]})
    if found.checks:
        rows = [{"state": "good" if c.agrees else "bad", "cells": [
            _pair(c.pair), *_compared(c, given, cited)]} for c in found.checks]
        sections.append({"title": text["pairs title"], "note": text["pairs note"], "rows": rows, "left": [4], "stack": True,
                         "columns": ["Two ways to one energy", "The one", "The other", "Off by", "Nearest reading"]})
    if found.implied:
        sections.append({"title": "What the numbers imply", "items": [sentence(f"{_name(name)}: {value:,.4g} {unit}", every)
                                                                       for name, value, unit in found.implied]})
    state = "bad" if found.agrees is False else "good" if found.agrees else ""
    top = figures.answer_json(cited.sources, words=words, state=state, sections=sections + _known(given, cited))
    numbers = {c.pair.replace("/", "_over_"): Quantity.exact(c.factor, "times") for c in found.checks}
    table = tuple({"pair": c.pair, "left_mwh": c.left_mwh, "right_mwh": c.right_mwh, "factor": c.factor, "agrees": c.agrees,
                   "reading": c.reading} for c in found.checks)
    gallery = [{"title": text[title], "form": "energy-form", "buttons": cases(failing)}
               for title, failing in (("gallery title", True), ("gallery fine title", False))]
    below = Cited()
    rule = {"title": text["readings title"], "about": text["readings rule"], "sources": [below.source(HERE)]}
    foot = figures.answer_json(below.sources, sections=[
        *gallery, {"title": text["readings title"], "items": [sentence(text["readings"], rule)], "fold": "shut"}])
    return Screen(top, "", "", "", foot, found, numbers, table or ({"pair": "", "reading": "too little was given"},))


def cases(failing: bool) -> list[dict]:
    """Published claims that can be multiplied out, those that fail or those that hold, as buttons that fill the form."""
    def held(run):
        claim = run.claim()
        return {name: "" if (x := getattr(claim, quantity)) is None else f"{x:.12g}" for name, quantity in CLAIM.items()}

    return [{"text": run.name, "values": held(run)} for run in training.gallery() if (run.expect == "fails") == failing]


def _made(title: str, given: dict, names: tuple[str, ...], cited: Cited) -> dict:
    """The record of what was worked out from these quantities of the claim: as published, or as the visitor gave them."""
    run = next((run for run in training.gallery() if all(given[n] == getattr(run.claim(), n) for n in given)), None)
    sources = [cited.source(run.figures[name].source if run and name in run.figures else GIVEN,
                            f"{_name(name)}, {given[name]:,.6g} {UNITS[name]}".rstrip()) for name in names if given[name] is not None]
    return {"title": title, "about": "", "sources": [*sources, cited.source(HERE)]}


def _compared(check, given: dict, cited: Cited) -> list[dict]:
    """Both energies, how far apart they are and the nearest reading; each opens the numbers that it is made of."""
    left, right = check.pair.split("/")
    off = "agrees" if check.agrees else f"{digits(check.factor)} \u00d7"
    cells = [{"text": f"{digits(x)} MWh", "record": _made(claims.ROADS[road], given, MADE[road], cited)}
             for x, road in ((check.left_mwh, left), (check.right_mwh, right))]
    apart = (*MADE[left], *MADE[right], "pue")
    return [*cells, {"text": off, "record": _made("How far apart", given, apart, cited)},
            {"text": check.reading, "record": _made(f"Nearest reading: {check.reading}", given, apart, cited)}]


def _pair(pair: str) -> str:
    return " and ".join(claims.ROADS[road] for road in pair.split("/"))


def _name(name: str) -> str:
    said = claims.NAMES[name]
    return said[0].upper() + said[1:]


def _known(given: dict, cited: Cited) -> list[dict]:
    """Where the numbers are those of a published claim: its sources, and what we know about it."""
    for run in training.gallery():
        claim = run.claim()
        if all(given[name] == getattr(claim, name) for name in given):
            numbers = [{"number": cited.number(fact, f"{fact.central:,.6g} {fact.unit}"), "text": fact.what}
                       for fact in run.figures.values()]
            note = ". ".join(part for part in (run.check, run.note) if part)
            record = cited.made_of(f"As printed: {run.name}", run.figures.values())
            return [{"title": f"As printed: {run.name}", "note": numbered(note, record), "items": numbers}]
    return []
