"""The tab "What it costs" without a browser: what it answers, where its numbers come from, bad input, links, the ledger."""

import json
import re
from urllib.parse import parse_qs

import pytest

from demos import _links
from demos._cited import filled, numbered
from demos._energy_request import verdict
from demos._form import defaults
from demos._session import Quantity, Result
from genai_core.errors import BadInput
from policy import ratios, requests

SHOWN = ("line", "top", "dots", "bars", "regions", "foot", "home", "ledger")
VIEWS = [dict(view="request", kind=kind) for kind in (*requests.KINDS, "model", "size", "wh")]
VIEWS += [dict(view="request", guess="About the same"), dict(view="request", market="google"),
          dict(view="request", count="own", boundary="gpu", n="1000000"), dict(view="session"),
          dict(view="session", list_price="claude-sonnet-4-5", days="60", people="30", region="CA-AB", other="CA-QC"),
          dict(view="training"), dict(view="training", run="own", region="FRA"), dict(view="training", run="mwh", grid="429"),
          dict(view="claim"), dict(view="claim", c_wh="3"), dict(view="claim", c_mwh="1.3 GWh", c_tonnes="552 tonnes"),
          dict(view="claim", c_mwh="1287", c_grid="429", c_tonnes="502", c_pue="1.1")]


@pytest.fixture
def tab(server):
    return server.house.places["energy"].settled


def plain(text) -> str:
    """A sentence whose numbers may be buttons, as it is read."""
    return text if isinstance(text, str) else "".join(part if isinstance(part, str) else part["text"] for part in text)


def ask(tab, visit=None, **changed):
    """What the page would show: {part: its JSON read, or its text}."""
    said = tab.answer(visit, "world", defaults(tab.all) | changed)
    names = {name: getattr(tab, name) for name in SHOWN if getattr(tab, name) in said}
    return {name: json.loads(said[part]) if isinstance(said[part], str) and said[part] else said[part]
            for name, part in names.items()}


def refusal(said):
    assert list(said) == ["line"], "what was shown stays as it was"
    assert said["line"]["kind"] == "error"
    return said["line"]["text"]


BARE = re.compile(r"(?<![\w.-])\d[\d.,]*(?![\w-])")  # a number, not a part of a name like gpt-4o


def naked(said):
    """Every number that opens nothing: (place, text). Headings and names that were typed are no claims of ours."""
    def bare(text):
        for part in text if isinstance(text, list) else [text]:
            if isinstance(part, str) and BARE.search(part) or isinstance(part, dict) and "record" not in part and BARE.search(part["text"]):
                yield str(part)

    for name in ("top", "foot", "ledger"):
        part = said.get(name) or {}
        texts = [part.get("words") or "", *(tile["range"] for tile in part.get("tiles") or [])]
        for section in part.get("sections") or []:
            texts += [section.get("note") or "", *(cell for row in section.get("rows", []) for cell in row["cells"])]
            for item in section.get("items", []):
                texts += [item["text"], item.get("note") or "", item.get("number") or ""]
        yield from ((name, found) for text in texts for found in bare([text] if isinstance(text, dict) else text))
    for name in ("dots", "bars", "regions"):
        figure = said.get(name) or {}
        yield from ((name, found) for found in bare(figure.get("note") or ""))
        assert "answer" not in figure or figure["answer"]["record"]["sources"]


def numbers(part, inside=None):
    """(record, sources, records) of every number anywhere in a figure or an answer."""
    if isinstance(part, dict):
        inside = part if "sources" in part and "record" not in part and isinstance(part["sources"], list) and (
            not part["sources"] or isinstance(part["sources"][0], dict)) else inside
        if "record" in part:
            yield part["record"], inside["sources"], inside.get("records", [])
        for below in part.values():
            yield from numbers(below, inside)
    elif isinstance(part, list):
        for below in part:
            yield from numbers(below, inside)


def test_numbers_are_found_with_their_units_and_names_are_left_alone():
    parts = numbered("gpt-4o on an H100: 1,287 MWh x 0.429 g/kWh, 3% of 20", 7)
    assert [part["text"] for part in parts if isinstance(part, dict)] == ["1,287 MWh", "0.429 g/kWh", "3%", "20"]
    assert "".join(part if isinstance(part, str) else part["text"] for part in parts).startswith("gpt-4o on an H100: 1,287 MWh x 0.429")
    assert filled("a {x} of {y}", x="few", y=[{"text": "3"}]) == ["a ", "few", " of ", {"text": "3"}]


@pytest.mark.parametrize("values", VIEWS, ids=lambda v: "-".join(v.values())[:40])
def test_every_number_of_every_view_opens_its_sources(tab, values):
    said = ask(tab, **values)
    found = [triple for name in ("top", "bars", "regions", "foot", "ledger") for triple in numbers(said[name] or {})]
    for record, sources, records in found:
        record = records[record] if isinstance(record, int) else record
        assert record["title"] and record["sources"], record
        for source in (sources[k] for k in record["sources"]):
            assert source["title"] and source["confidence"] and any(c.isdigit() for c in source["year"]), source
    assert not list(naked(said))
    assert values["view"] == "claim" or len(found) >= 8
    for tile in said["top"].get("tiles", []):
        assert tile["record"] and tile["unit"] and tile["value"]


@pytest.mark.parametrize("kind", requests.KINDS)
def test_every_published_figure_of_a_kind_is_a_dot_with_its_source(tab, kind):
    dots = ask(tab, kind=kind)["dots"]
    published = [fact for fact in requests.published(kind) if fact.central > 0]
    assert {dot["id"] for dot in dots["dots"]} == {fact.id for fact in published}
    for dot in dots["dots"]:
        assert dots["low"] <= dot["x"] <= dots["high"] and dots["lanes"][dot["lane"]]["name"]
        assert dot["source"]["title"] and dot["source"]["year"] and dot["text"] and dot["about"]


def test_the_three_watt_hours_of_2023_are_a_dot_with_their_history(tab):
    (dot,) = [dot for dot in ask(tab)["dots"]["dots"] if dot.get("star")]
    assert dot["id"] == "flat_3wh" and "chairman" in dot["source"]["note"] and "2023" in dot["star"]


def test_the_lectures_session_stands_at_three_wh_beside_the_rows(tab):
    bars = {row["id"]: row for row in ask(tab, view="session")["bars"]["rows"]}
    assert bars["flat"]["central"] == pytest.approx(150) and bars["flat"]["low"] == bars["flat"]["high"]
    assert bars["whole"]["central"] == pytest.approx(20 * 0.1 + 20 * 2 + 10 * 4)
    assert bars["whole"]["low"] < bars["whole"]["central"] < bars["whole"]["high"]


def test_without_a_region_it_says_so_and_a_region_changes_only_what_it_should(tab):
    nowhere, alberta = (ask(tab, region=region)["top"]["tiles"] for region in ("world", "CA-AB"))
    assert "world average" in nowhere[1]["what"] and "Alberta" in alberta[1]["what"]
    assert nowhere[0]["value"] == alberta[0]["value"] and nowhere[1]["value"] != alberta[1]["value"]


def test_the_chosen_regions_stand_out_among_the_grids(tab):
    rows = ask(tab, view="session", region="CA-AB", other="NOR")["regions"]["rows"]
    assert {row["id"] for row in rows if row["colour"]} == {"CA-AB", "NOR"}
    assert [row["central"] for row in rows] == sorted(row["central"] for row in rows)


def test_market_based_counting_is_labelled_and_has_no_grids_to_compare(tab):
    said = ask(tab, region="CA-AB", market="google")
    assert said["regions"] == "" and any("market-based" in plain(item["text"]).casefold() for item in said["foot"]["sections"][-1]["items"])


@pytest.mark.parametrize(("changed", "says"), [
    (dict(n="-1"), "number of requests"), (dict(n="0"), "number of requests"), (dict(n="1e15"), "every person alive"),
    (dict(n="2,5"), "has a comma"), (dict(n="many"), "'many' is no number"), (dict(n=""), "it is empty"), (dict(pue="0.5"), "PUE"),
    (dict(kind="model", model="gpt-40"), "Did you mean gpt-4"), (dict(kind="model", model=" "), "type something"),
    (dict(kind="model", tokens_out="-3"), "output tokens"), (dict(kind="size", active="9", total="3"), "cannot be more"),
    (dict(kind="elephant"), "is not there"), (dict(region="Atlantis"), "is not there"), (dict(n=["a"]), "is no number"),
    (dict(view="session", rows="count\n3"), "no column 'activity'"), (dict(view="session", rows="activity,count"), "no rows"),
    (dict(view="session", rows="activity,count\ndancing,3"), "no kind of request"), (dict(view="session", flat="0"), "energy of a request"),
    (dict(view="training", run="own", load="70"), "utilisation"), (dict(view="claim", c_mwh="-4"), "energy"),
    (dict(view="session", people="1e-320"), "above 0"),
    (dict(view="claim", c_mwh="3 bananas"), "units Wh, kWh, GWh, TWh"), (dict(view="claim", c_wh="1e300 trillion million"), "no number"),
], ids=lambda v: "-".join(map(str, v.values()))[:30] if isinstance(v, dict) else None)
def test_bad_input_gets_a_sentence_and_leaves_the_answer_standing(tab, changed, says):
    assert says in refusal(ask(tab, **changed))


@pytest.mark.parametrize(("field", "typed", "meant"), [
    ("c_mwh", "564 GWh", 564_000), ("c_mwh", "0.3 million kwh", 300), ("c_requests", "200 million", 2e8), ("c_tonnes", "900 kg", 0.9),
    ("c_tonnes", "552 tonnes", 552), ("c_tonnes", "626,000 lb", None), ("c_grid", "0.429 kg/kWh", 429), ("c_wh", "3 Wh", 3),
    ("c_watts", "0.7 kW", 700), ("c_hours", "14.8 days", 355.2), ("n", "2 billion", 2e9)])
def test_units_and_words_for_large_numbers_are_understood(tab, field, typed, meant):
    if meant is None:
        with pytest.raises(BadInput, match="comma"):
            tab.all[field].check(typed)
    else:
        assert tab.all[field].check(typed) == pytest.approx(meant)


@pytest.mark.parametrize("sent", [None, "kind", [], {}, {"view": "??"}, {"rows": 5, "view": "session"}])
def test_a_form_that_no_page_sends_is_answered_all_the_same(tab, sent):
    said = tab.answer(None, "world", sent)
    assert said[tab.line]["kind"] in ("", "error") and "our mistake" not in said[tab.line]["text"]


def test_a_row_that_cannot_be_read_is_named_and_the_rest_is_kept(tab):
    said = ask(tab, view="session", rows="activity\tcount\twh\nquestion\t15\t\nimage\t2,5\t\nvideo\t3\t")
    assert "Line 3" in plain(said["top"]["sections"][0]["items"][0]["text"])
    assert [row["cells"][0] for row in said["foot"]["sections"][0]["rows"]] == ["question", "video", "Together"]


def test_what_another_view_holds_cannot_be_wrong_here(tab):
    assert "top" in ask(tab, view="claim", n="-5", rows="nonsense")


def test_a_link_brings_back_what_was_set(tab):
    changed = dict(view="session", rows="activity,count\nvideo,3 \n", flat="2.5", region="CA-QC", people="30")
    link = ask(tab, **changed)["home"]["link"]
    assert set(parse_qs(link.lstrip("?"))) == {"tab", "view", "rows", "flat", "region", "people"}
    key, values, wrong = _links.read(link, {"energy": tab.controls})
    assert (key, wrong) == ("energy", []) and tab.restored(values)[tab.form] == defaults(tab.all) | changed
    assert "guess" not in tab.controls, "a link does not give the answer away"


@pytest.mark.parametrize(("times", "guess"), [(0.1, "The chat answer"), (1, "About the same"), (10, "The video, up to 30 times"),
                                              (67, "The video, over 30 times")])
def test_the_guess_is_set_against_the_figures(tab, times, guess):
    assert verdict(times) == guess
    if times == 67:
        assert ratios.video_second_over_chat().central == pytest.approx(100 / 5 / 0.3)
        assert ask(tab, guess=guess)["top"]["guess"]["note"] == "As you guessed."


def test_a_kept_answer_is_in_the_ledger_where_a_policy_can_cite_it(server, tab):
    visit = server.house.store.open()
    said = tab.keep(visit.key, "world", defaults(tab.all) | {"kind": "video"})
    (result,) = visit.results()
    energy = result.numbers["energy_wh"]
    assert isinstance(energy, Quantity) and energy.unit == "Wh" and result.tab == "energy" and "kind=video" in result.link
    assert (energy.low, energy.value, energy.high) == pytest.approx((2, 100, 950))
    shown = json.loads(said[tab.ledger])
    assert not list(naked({"ledger": shown})) and all(record["sources"] for record, *_ in numbers(shown))
    assert shown["acted"] and "100 Wh (2.0 to 950)" in json.dumps(shown["sections"])


def test_the_visits_runs_are_listed_with_their_total(server, tab):
    from demos import _cost

    visit = server.house.store.open()
    for seconds in (10, 20):
        visit.note(Result("plane", "", 1, {}, _cost.price(seconds, seconds, None), "live"))
    shown = ask(tab, visit=visit.key)["ledger"]
    assert shown["tiles"][0]["value"] == "30" and len(shown["sections"][0]["rows"]) == 2


def test_the_table_taken_home_reads_back(server, tab):
    said = tab.take_csv(None, "world", defaults(tab.all) | {"view": "session"})
    text = said[tab.home]["file"]["text"]
    assert text.splitlines()[0].startswith("activity,count,wh") and "voice command,20" in text


def test_the_cards_meter_joins_the_cost_where_there_is_one(monkeypatch):
    from demos import _cost, _lab

    assert [row["what"] for row in _cost.strip(_cost.price(36, 40, None))] == ["Computing", "Energy", "Carbon, world average"]
    with_card = _cost.price(36, 40, None, 2.0)
    assert _cost.strip(with_card)[1] | {"source": ""} == {"what": "Graphics card", "value": "2.0 Wh", "mark": "measured", "source": "",
                                                          "range": "the whole card, all that ran on it"}
    assert with_card.energy.central == pytest.approx(_cost.price(36, 40, None).energy.central + 2)
    together = _cost.together([Result("plane", "", 1, {}, with_card, "live")] * 2, None)
    assert together.card_wh == 4 and together.cpu_s == 72
    readings = iter([10.0, 10.5])
    monkeypatch.setattr(_lab, "card_energy_wh", lambda: next(readings))
    before = _lab.card_energy_wh()
    assert _lab.drawn(before) == 0.5 and _lab.drawn(None) is None


def test_the_library_is_named_with_its_version_or_said_to_be_missing(tab, monkeypatch):
    from policy import crosscheck

    def shown():
        (section,) = [part for part in ask(tab, kind="model")["foot"]["sections"] if part["title"] == "What the library says"]
        return plain(section["items"][0]["text"])

    monkeypatch.setattr(crosscheck, "ecologits_says", lambda *asked: crosscheck.Said("EcoLogits", "0.11.3", (0.58, 0.96), (0.3, 0.5), "x"))
    assert shown().startswith("EcoLogits 0.11.3: 0.58 to 0.96 Wh")
    monkeypatch.setattr(crosscheck, "ecologits_says", lambda *asked: None)
    assert "not installed here" in shown()


def test_the_page_holds_the_tab_lightly(server, tab):
    config = server.get_config_file()
    mine = [part for part in config["components"] if str(part["props"].get("elem_id")).startswith("energy-")]
    assert len(mine) <= 20
