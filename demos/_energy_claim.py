"""The view "Check a claim": which numbers agree, which contradict, by what factor, and the likely slip."""

from demos import _figures as figures
from demos._cited import Cited, digits
from demos._energy_controls import CLAIM
from demos._energy_screen import Screen
from demos._session import Quantity
from policy import claims, training

def screen(v: dict, text) -> Screen:
    given = {name: v[field] for field, name in CLAIM.items()}
    claim = claims.Claim(**given)
    found = claims.check(claim)
    words = {True: text["claim agrees"], False: text["claim contradicts"], None: text["claim nothing"]}[found.agrees]
    sections = []
    if found.contradictions:
        sections.append({"title": "What contradicts", "items": [{"text": said} for said in found.contradictions]})
    if found.slips:
        sections.append({"title": "Likely slips", "items": [{"text": f"{said[0].upper()}{said[1:]}."} for said in found.slips]})
    if found.assumptions:
        sections.append({"title": "Taken for granted", "items": [{"text": f"{said[0].upper()}{said[1:]}."} for said in found.assumptions]})
    if any(check.agrees for check in found.checks):
        sections.append({"title": "What agrees",
                         "items": [{"text": check.sentence} for check in found.checks if check.agrees]})
    if found.checks:
        rows = [{"state": "good" if c.agrees else "bad", "cells": [
            _pair(c.pair), f"{digits(c.left_mwh)} MWh", f"{digits(c.right_mwh)} MWh",
            "agrees" if c.agrees else f"{digits(c.factor)} \u00d7", c.reading]} for c in found.checks]
        sections.append({"title": text["pairs title"], "note": text["pairs note"], "rows": rows, "left": [4],
                         "columns": ["Two ways to one energy", "The one", "The other", "Off by", "Nearest reading"]})
    if found.implied:
        sections.append({"title": "What the numbers imply", "items": [{"text": f"{_name(name)}: {value:,.4g} {unit}"}
                                                                       for name, value, unit in found.implied]})
    cited = Cited()
    state = "bad" if found.agrees is False else "good" if found.agrees else ""
    top = figures.answer_json(cited.sources, words=words, state=state, sections=sections + _known(given, cited))
    numbers = {c.pair.replace("/", "_over_"): Quantity.exact(c.factor, "times") for c in found.checks}
    table = tuple({"pair": c.pair, "left_mwh": c.left_mwh, "right_mwh": c.right_mwh, "factor": c.factor, "agrees": c.agrees,
                   "reading": c.reading} for c in found.checks)
    gallery = [{"title": text[title], "form": "energy-form", "buttons": cases(failing)}
               for title, failing in (("gallery title", True), ("gallery fine title", False))]
    foot = figures.answer_json([], sections=[
        *gallery, {"title": text["readings title"], "items": [{"text": text["readings"]}], "fold": "shut"}])
    return Screen(top, "", "", "", foot, found, numbers, table or ({"pair": "", "reading": "too little was given"},))


def cases(failing: bool) -> list[dict]:
    """Published claims that can be multiplied out, those that fail or those that hold, as buttons that fill the form."""
    def held(run):
        claim = run.claim()
        return {name: "" if (x := getattr(claim, quantity)) is None else f"{x:.12g}" for name, quantity in CLAIM.items()}

    return [{"text": run.name, "values": held(run)} for run in training.gallery() if (run.expect == "fails") == failing]


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
            return [{"title": f"As printed: {run.name}", "note": note, "items": numbers}]
    return []
