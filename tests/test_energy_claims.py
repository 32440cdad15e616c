"""The claim checker flags every published table that fails a multiplication and none that holds; training recomputes."""

import json
import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy import claims, facts, requests, training
from policy.claims import Claim, check
from policy.errors import BadInput

FAILS = ("table4_gpt3", "table4_opt", "sd1", "olmo2_13b", "omission_llama7b", "omission_olmo13b", "power_hungry_table3",
         "codecarbon_page")
AGREES = ("gpt3", "table4_gopher", "table4_bloom", "llama31_8b", "llama31_70b", "llama31_405b", "llama31_all", "deepseekv3",
          "olmo2_7b", "llama1_7b", "llama4_scout", "starcoder", "codellama", "t5", "switch", "devries", "bloom_api")


def test_the_gallery_holds_every_case_of_the_notes():
    assert sorted(run.id for run in training.gallery() if run.expect == "fails") == sorted(FAILS)
    assert sorted(run.id for run in training.gallery() if run.expect == "agrees") == sorted(AGREES)


@pytest.mark.parametrize("run", training.gallery(), ids=lambda run: run.id)
def test_every_published_case_gets_its_verdict(run):
    verdict = check(run.claim())
    assert verdict.agrees is (run.expect == "agrees")
    assert bool(verdict.contradictions) is (run.expect == "fails") and (run.expect == "agrees" or verdict.slips)
    assert all(facts.find(id) for id in verdict.sources) and bool(verdict.sources) is any(
        text.startswith(("perhaps rows", "perhaps another")) for text in verdict.slips)
    assert all("e+" not in text and "e-" not in text.replace("be-", "") for text in verdict.contradictions)


@pytest.mark.parametrize("id, says", [
    ("table4_gpt3", "tonnes were divided by it: times 1.1"),          # 502 x 1.1 = 552
    ("table4_opt", "tonnes were divided by it: times 1.09"),          # 75 / 1.09, rounded to 70
    ("sd1", "Oregon.*297.6"), ("olmo2_13b", "divided by the PUE of 1.12 instead of multiplied"),
    ("omission_llama7b", "356 MWh is OPT.*324 MWh x 1.1"), ("omission_olmo13b", "157 MWh is OLMo 2 7B"),
    ("power_hungry_table3", "139 g/kWh.*Oregon"), ("codecarbon_page", "kg per MWh for kg per kWh"),
])
def test_the_likely_slip_is_the_one_that_the_notes_found(id, says):
    run = next(run for run in training.gallery() if run.id == id)
    assert any(re.search(says, text) for text in check(run.claim()).slips), check(run.claim()).slips


def test_the_contradiction_is_named_with_its_factor():
    verdict = check(Claim(energy_mwh=324, grid=231, pue=1.09, tonnes=70))
    assert verdict.contradictions[0].startswith("324 MWh x 231 g/kWh = 74.84 t (81.58 t with the PUE of 1.09 on top), but 70 t")
    assert verdict.checks[0].factor == pytest.approx(70 / 74.844)
    assert verdict.implied[0] == ("grid", pytest.approx(216.05, abs=0.01), "gCO2e/kWh")


@pytest.mark.parametrize("claim, says", [
    (Claim(energy_mwh=1287, grid=429, pue=1.1, tonnes=552.1 * 1.1, gpus=10000, hours=355.2, watts=330), "counted twice"),
    (Claim(energy_mwh=433_000, grid=57, tonnes=24.7), "kWh"),                              # kWh printed as MWh
    (Claim(hours=1000, watts=400, gpus=8, energy_mwh=3200), "kWh printed as MWh"),
    (Claim(energy_mwh=100, grid=400, tonnes=40 * 2.2046), "pounds printed as kilograms"),
    (Claim(energy_mwh=100, grid=400, tonnes=40 / 2.2046), "kilograms read as pounds"),
    (Claim(hours=8000, watts=400, gpus=8, energy_mwh=3.2), "already those of all devices"),
    (Claim(hours=1000, watts=400, gpus=8, energy_mwh=3.2 * 1.3), "a PUE of 1.3 that is not told"),
    (Claim(energy_mwh=100, grid=400, tonnes=0), "market-based"), (Claim(energy_mwh=100, grid=400, tonnes=4), "decimal point"),
    (Claim(energy_mwh=100, grid=384.4, tonnes=4.1), "another region's grid.*France"),
])
def test_made_up_slips_are_found(claim, says):
    verdict = check(claim)
    assert verdict.agrees is False and any(re.search(says, text) for text in verdict.slips), verdict


@pytest.mark.parametrize("claim, says", [
    (Claim(grid=1501), "No grid has"), (Claim(grid=-1), "No grid has"), (Claim(watts=50_000, hours=1), "No machine draws"),
    (Claim(pue=0.9, grid=100), "No data centre"), (Claim(gpus=8, hours=1e6, watts=400), "ten years"),
    (Claim(energy_mwh=1, tonnes=2), "no grid has more than 1,500"),
    (Claim(energy_mwh=1000, gpus=8, hours=24), "no machine draws"),
])
def test_what_no_grid_and_no_machine_can_have_contradicts(claim, says):
    assert check(claim).agrees is False and any(says in text for text in check(claim).contradictions)


def test_nothing_to_compare_is_neither_true_nor_false():
    for claim in (Claim(), Claim(grid=400), Claim(energy_mwh=100), Claim(pue=1.1, hours=5)):
        assert check(claim).agrees is None
    implied = {name: value for name, value, _ in check(Claim(energy_mwh=356, tonnes=14)).implied}
    assert implied["grid"] == pytest.approx(39.3, abs=0.05)


@pytest.mark.parametrize("claim", [Claim(energy_mwh=0), Claim(energy_mwh=-3), Claim(tonnes=-1), Claim(hours=math.nan),
                                   Claim(requests=0), Claim(watts=math.inf), Claim(gpus="8")])
def test_what_is_no_quantity_is_refused_with_a_sentence(claim):
    with pytest.raises(BadInput, match="must be a number"):
        check(claim)


@given(st.floats(1e-3, 1e6), st.floats(1, 1500), st.floats(1.05, 2), st.booleans(), st.floats(0.971, 1.029), st.floats(1.04, 20))
@settings(max_examples=150, deadline=None)
def test_within_three_percent_of_a_reading_agrees_and_beyond_does_not(mwh, grid, pue, outside, wobble, wrong):
    plain = mwh * grid / 1000
    right = plain * (pue if outside else 1)
    assert check(Claim(mwh, grid, pue, right * wobble)).agrees
    assert not check(Claim(mwh, grid, pue, max(plain * pue, plain) * wrong)).agrees
    assert not check(Claim(mwh, grid, pue, plain / wrong)).agrees


@given(st.integers(1, 10_000), st.floats(1, 1e5), st.floats(10, 20_000), st.floats(1.05, 2), st.floats(10, 1500))
@settings(max_examples=60, deadline=None)
def test_a_claim_made_by_multiplying_agrees_and_one_with_the_pue_twice_does_not(gpus, hours, watts, pue, grid):
    hours = min(hours, claims.TEN_YEARS_H)
    it = training.machines_mwh(gpus, hours, watts)
    for building in (it, it * pue):
        assert check(Claim(building, grid, pue, it * pue * grid / 1000, gpus, hours, watts)).agrees
    assert not check(Claim(it * pue, grid, pue, it * pue**2 * grid / 1000, gpus, hours, watts)).agrees


def test_the_bloom_table_by_hand():
    """MWh x g and MWh x g x PUE: GPT-3 552.1, 607.3; Gopher 351.8, 379.9; OPT 74.8, 81.6; BLOOM 24.7, 29.6 t."""
    rows = {row.run.id: row for row in training.bloom_table()}
    for id, plain, more, printed in (("gpt3", 552.1, 607.3, 502), ("gopher", 351.8, 379.9, 352), ("opt", 74.8, 81.6, 70),
                                     ("bloom", 24.7, 29.6, 25)):
        row = rows[f"table4_{id}"]
        assert (row.plain_t, row.with_pue_t) == pytest.approx((plain, more), abs=0.05) and row.printed_t == printed
    assert "already holds the PUE" in rows["table4_gpt3"].verdict and "inconsistent" in rows["table4_opt"].verdict
    assert {rows[f"table4_{id}"].verdict[:10] for id in ("gopher", "bloom")} == {"consistent"}


def test_the_training_table_recomputes_with_the_flag_of_each_row():
    runs = training.runs()
    gpt3 = training.recomputed(runs["gpt3"])
    assert gpt3.pue_inside and gpt3.tonnes == pytest.approx(552.1, abs=0.1) and gpt3.ratio == pytest.approx(1, abs=0.001)
    assert training.recomputed(runs["gpt3"], pue_inside=False).tonnes == pytest.approx(607.3, abs=0.1)
    assert training.recomputed(runs["table4_bloom"]).tonnes == pytest.approx(29.6, abs=0.05)
    assert training.recomputed(runs["table4_bloom"], grid=405).tonnes == pytest.approx(433 * 1.2 * 0.405)
    with pytest.raises(BadInput, match="No energy was published"):
        training.recomputed(runs["gemma"])
    assert all(training.recomputed(run).energy_mwh > 0 for run in runs.values() if run.value("energy_mwh"))


def test_bloomz_breaks_even_after_592_570_000_answers():
    run = training.runs()["bloomz7b"]
    both = run.value("energy_mwh") + run.value("tuning_mwh")
    assert training.break_even(both, run.value("wh_per_request")) == pytest.approx(592_570_000)


def test_a_run_of_ones_own():
    """992 x 816 h x 400 W = 323.8 MWh; x 1.09 = 352.9 MWh; x 231 g/kWh = 81.5 t."""
    got = training.training_dict(training.training(gpus=992, hours=816, watts=400, pue=1.09, grid=231))
    assert got["energy_mwh"]["central"] == pytest.approx(352.93, abs=0.01) and got["energy_mwh"]["unit"] == "MWh"
    assert got["carbon_t"]["central"] == pytest.approx(81.53, abs=0.01) and got["carbon_t"]["unit"] == "tCO2e"
    inside = training.training(mwh=1287, grid=429, pue=1.1, pue_inside=True)
    assert inside.energy.central == pytest.approx(1287e6) and inside.it.central == pytest.approx(1170e6)
    assert training.training(gpus=1, hours=10, watts=100, utilisation=0.5).it.central == pytest.approx(500)


@pytest.mark.parametrize("wrong, says", [
    ({}, "Give the energy"), ({"mwh": 1, "gpus": 1, "hours": 1, "watts": 1}, "not both"),
    ({"gpus": 1, "hours": 1}, "missing: watts"),
    ({"mwh": 0}, "above 0"), ({"mwh": -1}, "above 0"), ({"mwh": 1, "grid": 2000}, "up to 1,500"),
    ({"mwh": 1, "pue": 0.5}, "never below 1"),
    ({"mwh": 1, "grid": 3, "region": "DEU"}, "not both"), ({"gpus": 1, "hours": 1, "watts": 1e6}, "up to 20,000"),
    ({"gpus": 1, "hours": 1, "watts": 1, "utilisation": 1.5}, "up to 1"),
    ({"gpus": 1, "hours": 1, "watts": 1, "pue_inside": True}, "never hold"),
])
def test_bad_training_input_gets_a_sentence(wrong, says):
    with pytest.raises(BadInput, match=says):
        training.training(**wrong)


def test_one_number_alone_is_set_beside_what_was_published():
    """By hand: of the chat figures, in Wh, those below and above; GPT-3's own energy finds GPT-3; a grid finds its neighbours."""
    rows = [row for row in requests.published("chat") if row.central > 0]
    found = claims.check(claims.Claim(wh_per_request=3))
    rank, band = found.beside
    assert found.agrees is None and f"of {len(rows)} published" in rank.sentence
    assert f"{sum(row.central < 3 for row in rows)} are lower and {sum(row.central > 3 for row in rows)} higher" in rank.sentence
    assert "flat_3wh" in {fact.id for fact in rank.facts} and "a reasoning or debugging turn (1 to 30 Wh)" in band.sentence
    outside = claims.check(claims.Claim(wh_per_request=5e6)).beside
    assert "56 are lower and 0 higher" in outside[0].sentence and "outside every band" in outside[1].sentence
    implied = claims.check(claims.Claim(energy_mwh=1287, tonnes=552)).beside
    assert "GPT-3 1,287 MWh" in implied[0].sentence and "428.9 g/kWh" in implied[1].sentence and "Alberta" in implied[1].sentence
    both = claims.check(claims.Claim(energy_mwh=564, requests=195e6, wh_per_request=2.9))
    assert both.agrees and len(both.beside) == 2 and both.beside[0].sentence.startswith("2.9 Wh"), "the sum holds, the figure stands out"
    assert claims.check(claims.Claim(tonnes=5)).beside == ()
    assert json.loads(json.dumps(found.to_dict()))["beside"][0]["sources"]
