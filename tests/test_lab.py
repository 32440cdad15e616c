"""A lab without a browser: its links, its controls, how it is played, and what is said about it."""

import csv
import io
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demos import _cost, _links, _say
from demos._controls import Choice, Range, Seed, Switch, Text
from demos._lab import Lab, Moment, Predict, View, play
from demos._session import Quantity, Result
from demos._words import words
from genai_core.errors import BadInput

CONTROLS = {"steps": Range("Steps", 1, 500, 20), "rate": Range("Rate", 0.001, 1.0, 0.1, 0.001), "seed": Seed(),
            "model": Choice("Model", {"vae": "VAE", "gan": "GAN"}, "vae"), "fast": Switch("Fast"), "prompt": Text("Prompt", "a")}


# -- links ------------------------------------------------------------------------------------------------------------

VALUES = st.fixed_dictionaries({
    "steps": st.integers(1, 500), "rate": st.floats(0.001, 1.0), "seed": st.integers(0, 2**31 - 1),
    "model": st.sampled_from(["vae", "gan"]), "fast": st.booleans(),
    "prompt": st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300).filter(str.strip)})


@given(VALUES)
def test_a_link_restores_exactly_what_was_set(values):
    assert _links.read(_links.write("plane", CONTROLS, values), {"plane": CONTROLS}) == ("plane", values, [])


@given(st.text(max_size=200))
def test_no_link_breaks_the_page(query):
    tab, values, wrong = _links.read(query, {"plane": CONTROLS})
    assert tab in (None, "plane")
    for name, value in values.items():
        CONTROLS[name].check(value)


def test_a_wrong_value_is_named_and_the_right_ones_are_restored():
    tab, values, wrong = _links.read("?tab=plane&steps=30&rate=9&colour=red&__theme=dark", {"plane": CONTROLS})
    assert tab == "plane" and values == {"steps": 30}
    assert len(wrong) == 2
    assert "Rate" in wrong[0] and "0.001 to 1" in wrong[0]
    assert "'colour'" in wrong[1] and "steps, rate" in wrong[1]


def test_an_unknown_tab_is_named_with_those_there_are():
    assert _links.read("?tab=nowhere&steps=3", {"plane": CONTROLS, "gan": {}}) == (
        None, {}, ["The link names a tab 'nowhere' that is not here; there are plane, gan."])
    assert _links.read("", {"plane": CONTROLS}) == (None, {}, [])


def test_a_long_value_is_not_repeated_in_full():
    *_, wrong = _links.read("?tab=plane&steps=" + "9" * 5000, {"plane": CONTROLS})
    assert len(wrong[0]) < 200


# -- controls ---------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("name", "value", "says"), [
    ("steps", 0, "1 to 500"), ("steps", 501, "1 to 500"), ("steps", 2.5, "whole number"), ("steps", None, "no number"),
    ("steps", "many", "no number"), ("rate", float("nan"), "0.001 to 1"), ("rate", float("inf"), "0.001 to 1"),
    ("seed", -1, "0 to 2147483647"), ("seed", 0.5, "whole number"), ("seed", None, "whole number"),
    pytest.param("seed", 10**400, "whole number", id="seed-huge"),
    pytest.param("steps", 10**400, "1 to 500", id="steps-huge"),
    ("model", "bert", "vae, gan"), ("model", ["vae"], "vae, gan"),
    ("model", None, "vae, gan"), ("fast", "yes", "true or false"), ("prompt", "  \n", "empty"),
    ("prompt", "x" * 10_000, "10,000 characters"), ("prompt", None, "no text"), ("prompt", 7, "no text")])
def test_a_bad_value_is_answered_with_what_would_be_right(name, value, says):
    with pytest.raises(BadInput, match=says) as error:
        CONTROLS[name].check(value)
    assert CONTROLS[name].label in str(error.value) and len(str(error.value)) < 200


@pytest.mark.parametrize("name", CONTROLS)
def test_a_default_passes_its_own_check(name):
    assert CONTROLS[name].check(CONTROLS[name].default) == CONTROLS[name].default


def test_a_value_from_a_slider_keeps_its_kind():
    assert CONTROLS["steps"].check(7.0) == 7 and isinstance(CONTROLS["steps"].check(7.0), int)
    assert isinstance(CONTROLS["rate"].check(1), float)


# -- playing a lab ----------------------------------------------------------------------------------------------------

def look(log, step):
    log.append(step)
    return View({"curve": f"[{step}]"}, f"Step {step}.", {"height": Quantity.exact(step, "m")})


def climb(*, steps, seed, log, ended):
    try:
        for step in range(1, steps + 1):
            yield Moment(step, steps, partial(look, log, step))
    finally:
        ended.append(True)


def climbing(**settings):
    log, ended = [], []
    lab = Lab({"steps": CONTROLS["steps"], "seed": Seed()}, partial(climb, log=log, ended=ended), {}, **settings)
    return lab, log, ended


def test_a_run_is_looked_at_by_the_clock_and_always_at_its_end():
    lab, log, _ = climbing()
    shown = list(play(lab, {"steps": 500, "seed": 0}, every_s=1000))
    assert log == [1, 500] or log == [500]
    assert shown[-1].ended == "finished" and shown[-1].step == 500 and shown[-1].cpu_s > 0


def test_stop_shows_the_step_it_stopped_at_and_ends_the_work():
    lab, log, ended = climbing()
    asked = iter([False, False, False, True])
    shown = list(play(lab, {"steps": 500, "seed": 0}, stopped=lambda: next(asked), every_s=1000))
    assert (shown[-1].ended, shown[-1].step, log[-1], ended) == ("stopped", 4, 4, [True])


def test_a_run_that_nobody_watches_ends_at_its_cap():
    lab, _, ended = climbing(max_seconds=1e-9)
    shown = list(play(lab, {"steps": 500, "seed": 0}))
    assert [s.ended for s in shown] == ["cap"] and shown[0].step == 1 and ended == [True]


def test_closing_the_player_ends_the_work_at_once():
    ended, held = [], []   # held: the work's generator, so that it does not end by itself when nobody knows it

    def run(**values):
        held.append(climb(**values, log=[], ended=ended))
        return held[0]

    playing = play(Lab({"steps": CONTROLS["steps"], "seed": Seed()}, run, {}), {"steps": 500, "seed": 0}, every_s=0)
    next(playing)
    playing.close()
    assert ended == [True]


def test_every_look_leaves_a_row_where_the_lab_brings_no_table():
    lab, *_ = climbing(unit="metre")
    *_, last = play(lab, {"steps": 3, "seed": 0}, every_s=0)
    assert last.rows == tuple({"metre": n, "height": n} for n in (1, 2, 3, 3))[: len(last.rows)]
    assert last.rows[-1] == {"metre": 3, "height": 3}


@pytest.mark.parametrize(("settings", "says"), [
    (dict(controls={f"c{n}": Seed() for n in range(6)}), "at most five"), (dict(more=("speed",)), "speed"),
    (dict(max_seconds=61), "at most 60"), (dict(controls={"zone": Seed()}), "zone")])
def test_a_lab_that_breaks_the_frames_rules_fails_at_start(settings, says):
    with pytest.raises(ValueError, match=says):
        Lab(**(dict(controls={}, run=climb, pictures={}) | settings))


# -- what is said -----------------------------------------------------------------------------------------------------

def test_the_guess_stands_beside_what_the_run_showed():
    lab = Lab({}, climb, {}, predict=Predict(("low", "high"), lambda numbers: "high"))
    assert _say.guess(lab, "low", {}, final=True) == {"said": "low", "showed": "high", "note": "", "right": False}
    assert _say.guess(lab, "high", {}, final=True)["note"] == "As you guessed."
    assert _say.guess(lab, None, {}, final=True)["note"] == "You made no guess this time."
    assert _say.guess(lab, "low", {}, final=False) is None


def test_cost_is_marked_and_carries_range_and_source():
    computing, energy, carbon = _cost.strip(_cost.price(36.0, 40.0, "CA-AB"))
    assert (computing["mark"], energy["mark"], carbon["mark"]) == ("measured", "modelled", "modelled")
    assert computing["value"] == "36 s" and energy["value"].endswith(" Wh") and carbon["value"].endswith(" gCO2e")
    assert "Alberta" in carbon["what"] and " to " in energy["range"] and len(carbon["source"]) > 60


def test_the_visits_total_adds_the_runs_that_were_live():
    def result(cpu_s, badge):
        return Result("plane", "?", 0, {}, _cost.price(cpu_s, cpu_s, None), badge)

    said = _cost.total([result(10, "live"), result(100, "recorded"), result(30, "live")], None)
    assert said.startswith("2 runs, 40 s of computing, ")
    assert _cost.price(40, 40, None).energy.value_text() in said
    assert _cost.total([result(5, "recorded")], None) == ""


def test_a_table_keeps_late_columns_and_disarms_formulas():
    text = _say.table(({"step": 1}, {"step": 2, "loss": 0.5, "note": "=1+1"}, {"step": 3, "loss": float("nan")}))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [r["step"] for r in rows] == ["1", "2", "3"] and [r["loss"] for r in rows] == ["", "0.5", ""]
    assert rows[1]["note"] == "'=1+1"


@pytest.mark.parametrize(("n", "unit", "said"), [(1, "update", "1 update"), (1000, "update", "1,000 updates"),
                                                 (50, "toss", "50 tosses")])
def test_counts_are_said_as_people_say_them(n, unit, said):
    assert _say.count(n, unit) == said


def test_words_are_read_by_heading_and_missing_ones_fail_by_name(tmp_path):
    (tmp_path / "walk.md").write_text("## Question\nHow far?\n\n## Controls\n- steps: how many\n- `seed`: which ones\n")
    text = words("walk", tmp_path)
    assert text["question"] == "How far?" and text.controls() == {"steps": "how many", "seed": "which ones"}
    with pytest.raises(ValueError, match=r"walk\.md needs a section '## Idea'"):
        text["idea"]
    with pytest.raises(FileNotFoundError, match=r"assets/copy/run\.md"):
        words("run", tmp_path)
