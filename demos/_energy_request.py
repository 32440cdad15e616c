"""The view "A request": one answer, its range, and every published figure of its kind."""

from demos import _figures as figures
from demos._cited import Cited, between, filled, numbered, quantity, sentence, shown
from demos._energy_controls import GUESSES
from demos._energy_screen import (Screen, assumed, equivalent_section, place_of, regions_figure, rows_of_estimate, spread,
                                  tiles, told)
from policy import crosscheck, estimate, ratios, requests
from policy.facts import Fact, Source
from policy.units import readable

LEGACY = "flat_3wh"
LOOKS = {"seen_primary": "first", "seen_secondary": "second", "derived": "derived", "recalled": "second"}
LANES = ("cards", "server", "centre", "unstated")


def screen(v: dict, text) -> Screen:
    """The screen for checked values. text: the tab's words. Raises BadInput for what the controls alone cannot see."""
    asked = _asked(v)
    found = requests.request(**asked, n=v["n"], **place_of(v))
    each = requests.request(**asked, n=1, **place_of(v))
    cited = Cited()
    energy = readable(found.energy)
    kind = asked.get("kind", "chat")
    asked_for = numbered(_what(found, v["n"]), cited.given("What was asked"))
    words = filled(text["words request"], what=asked_for, energy=told(energy, cited))
    top = figures.answer_json(cited.sources, words=words, tiles=tiles(cited, found), guess=_guess(v["guess"], cited),
                              chips=chips(found))
    below = Cited()

    def carbon(zone):
        return requests.request(**asked, n=v["n"], **(place_of(v) | {"region": zone})).carbon

    regions = regions_figure(carbon, v, text)
    sections = [equivalent_section(found, below), *_library(v, text, below), assumed(found, below, v)]
    foot = figures.answer_json(below.sources, sections=sections)
    numbers = {"energy_wh": quantity(found.energy), "carbon_g": quantity(found.carbon), "water_ml": quantity(found.water)}
    return Screen(top, _dots(kind, each.energy, text), _tornado(found, text), regions, foot, found, numbers,
                  rows_of_estimate(found))


def _library(v: dict, text, cited: Cited) -> list[dict]:
    """What EcoLogits itself answers for one such request, where it is installed; a sentence where it is not."""
    if v["kind"] != "model" or not v["tokens_out"]:
        return []
    said = crosscheck.ecologits_says(v["model"], v["tokens_out"], place_of(v)["region"])
    if not said:
        return [{"title": text["library title"], "items": [{"text": text["library missing"]}]}]
    source = Source(f"{said.tool} {said.version}, asked here, offline", "https://ecologits.ai", "2026", "derived")
    record = {"title": said.tool, "about": said.note, "sources": [cited.source(source)]}
    return [{"title": text["library title"], "items": [sentence(f"{said}.", record)]}]


def _asked(v: dict) -> dict:
    own = tuple(v["boundary"].split(",")) if v["count"] == "own" and v["boundary"] else None
    asked = {"pue": v["pue"], "boundary": own}
    tokens = {"input_tokens": v["tokens_in"], "output_tokens": v["tokens_out"]}
    if v["kind"] == "model":
        return asked | tokens | {"model": v["model"]}
    if v["kind"] == "size":
        return asked | tokens | {"active_params_b": v["active"], "total_params_b": v["total"]}
    return asked | ({"wh": v["wh"]} if v["kind"] == "wh" else {"kind": v["kind"]})


def _what(found, n: float) -> str:
    what = found.assumptions[0].partition(",")[0].removeprefix("1 request: ")
    return what[0].upper() + what[1:]


def verdict(times: float) -> str:
    """Which guess comes true when the second of video takes that many times the energy."""
    return GUESSES[0] if times < 1 / 3 else GUESSES[1] if times <= 3 else GUESSES[2] if times <= 30 else GUESSES[3]


def chips(found) -> dict | None:
    if not found.boundary:
        return None
    names = {"gpu": "cards", "host": "host", "idle": "idle machines", "pue": "cooling and losses",
             "embodied": "making the machines"}
    return {"name": "Counted:", "items": [{"text": names[part], "on": part in found.boundary} for part in estimate.BOUNDARIES]}


def _guess(said: str, cited: Cited) -> dict | None:
    if not said:
        return None
    answer = ratios.video_second_over_chat()
    showed = verdict(answer.central)
    return {"said": said, "showed": cited.number(answer, f"{showed} ({shown(answer)} times, {between(answer)})"),
            "note": "As you guessed." if said == showed else ""}


def _dots(kind: str, answer: Fact, text) -> str:
    kind = kind if kind in requests.KINDS else "chat"
    name = requests.KINDS[kind][0]
    rows = [row for row in requests.published(kind) if row.central > 0]
    dots = [_dot(row, text) for row in rows]
    used = sorted({dot["lane"] for dot in dots})
    for dot in dots:
        dot["lane"] = used.index(dot["lane"])
    lanes = [{"name": text[f"lane {LANES[lane]}"], "note": f"{sum(d['lane'] == k for d in dots)} figures"}
             for k, lane in enumerate(used)]
    label = text["dots label"].format(count=len(dots), kind=name, low=f"{min(r.central for r in rows):g}",
                                      high=f"{max(r.central for r in rows):g}")
    cited, said = Cited(), f"this answer: {shown(answer)} Wh ({between(answer)})"
    own = {"low": answer.low, "central": answer.central, "high": answer.high, "text": said, "record": cited.record(answer),
           "sources": cited.sources}
    return figures.dots_json(text["dots title"].format(kind=name), label, "Wh per request", lanes, dots, own, text["dots hint"])


def _dot(row: Fact, text) -> dict:
    d = row.details
    lane = 2 if d["pue"] == "yes" else 1 if d["host"] in ("yes", "x2") else 0 if d["gpu"] == "yes" else 3
    source = row.source
    star, note = (text["legacy"], text["legacy history"]) if row.id == LEGACY else (None, source.note)
    return {"id": row.id, "x": row.central, "lane": lane, "name": row.what, "text": row.value_text(),
            "about": f"Counts: {d['scope_included']}.", "look": LOOKS[source.confidence],
            "source": {"title": source.title, "url": source.url, "year": source.year, "confidence": source.confidence,
                       "note": note},
            **({"star": star} if star else {})}


def _tornado(found, text) -> str:
    cited, bars = Cited(), found.tornado("carbon")
    if not bars:
        return ""
    rows = [{"id": f"bar-{k}", "name": _short(bar.what), "low": bar.low, "central": found.carbon.central, "high": bar.high,
             "colour": 1, "text": f"{spread(bar.low, bar.high)} g", "record": cited.record(bar.fact)}
            for k, bar in enumerate(bars)]
    label = "; ".join(f"{row['name']}: {row['text']}" for row in rows)
    return figures.ranges_json(text["tornado title"], label, "gCO2e", rows, cited.sources, base=found.carbon.central,
                               note=text["tornado note"])


def _short(what: str) -> str:
    if what.startswith("carbon intensity"):
        return "the grid"
    if what in [requests.band(kind).what for kind in requests.KINDS]:
        return "the energy of one request"
    return what if len(what) <= 34 else what[:33].rsplit(" ", 1)[0] + " …"
