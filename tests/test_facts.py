"""Facts keep their sources; ranges combine as independent factors do; energy and carbon are known where they can be."""

import csv
import json
import math
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy import energy, facts
from policy.errors import BadInput
from policy.facts import Fact, Source

FILES = sorted(path.stem for path in facts.FOLDER.glob("*.csv"))
SOURCE = Source("a source", "", "2020", "recalled")
HEADING = "id,kind,name,value,low,high,unit,year,source_title,source_url,confidence,note\n"


def fact(central, below=1.0, above=1.0, unit="Wh"):
    return Fact("x", central / below, central, central * above, unit, "a quantity", SOURCE)


@pytest.mark.parametrize("name", FILES)
def test_the_loader_drops_no_row_and_no_column(name):
    with (facts.FOLDER / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    loaded = list(facts.load(name).values())
    assert len(rows) == len(loaded) > 0
    for row, got in zip(rows, loaded, strict=True):
        assert (got.source.title, got.source.url, got.source.year, got.source.confidence, got.source.note) == tuple(
            row[key] for key in ("source_title", "source_url", "year", "confidence", "note"))
        assert got.central == float(row["value"]) and got.unit == row["unit"]
        kept = {*row.values()} - {got.unit, got.what, "", row["value"], row["low"], row["high"]}
        assert kept <= {*vars(got.source).values(), *got.details.values(), got.id, got.id.split("/")[0]}


@pytest.mark.parametrize("name", FILES)
def test_the_text_of_a_fact_has_value_range_unit_source_and_year(name):
    for one in facts.load(name).values():
        text = str(one)
        assert f"{one.central:.6g} {one.unit}" in text and one.source.title in text and one.source.year in text
        assert ("no range given" in text) == (one.low == one.high > 0)
        if one.low != one.high:
            assert f"{one.low:.6g} to {one.high:.6g}" in text


@pytest.mark.parametrize("row, says", [
    ("a,k,n,1,,,Wh,2020,,u,recalled,x", "source needs a title"),
    ("a,k,n,1,,,Wh,,t,u,recalled,x", "a year"),
    ("a,k,n,1,,,,2020,t,u,recalled,x", "needs a unit"),
    ("a,k,n,1,,,Wh,2020,t,u,sure,x", "confidence must be one of"),
    ("a,k,n,one,,,Wh,2020,t,u,recalled,x", "could not convert"),
    ("a,k,n,1,2,3,Wh,2020,t,u,recalled,x", "low <= central"),
    ("a,k,n,1,,,Wh,2020,t,u,recalled", "as many fields"),
    ("a,k,n,1,,,Wh,2020,t,u,recalled,x,y", "as many fields"),
    ("a,k,n,nan,,,Wh,2020,t,u,recalled,x", "must be finite"),
    ("a,k,n,1,,,Wh,lately,t,u,recalled,x", "year with four digits"),
    ("a,42,n,1,,,Wh,2020,t,u,recalled,x", "number in column 'kind' has no unit"),
    ("a,k,n,1,,,Wh,2020,t,u,recalled,x\na,k,n,1,,,Wh,2020,t,u,recalled,x", "comes twice"),
])
def test_an_incomplete_row_is_refused_by_name(row, says, tmp_path):
    (tmp_path / "bad.csv").write_text(HEADING + row + "\n")
    with pytest.raises(ValueError, match=says) as error:
        facts.load("bad", tmp_path)
    assert "bad.csv, row" in str(error.value)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("column", ["unit", "year", "source_title", "confidence", "value"])
def test_no_number_of_the_product_can_stand_naked(name, column, tmp_path):
    """Take one thing away from the last row of each file: the loader refuses the file."""
    with (facts.FOLDER / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    rows[-1][column] = ""
    with (tmp_path / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    with pytest.raises(ValueError, match=f"{name}.csv, row {len(rows)}"):
        facts.load(name, tmp_path)


def test_an_id_names_one_figure_in_all_files():
    ids = [id for name in FILES for id in facts.load(name)]
    assert len(set(ids)) == len(ids) > 700 and facts.files() == tuple(FILES)
    assert facts.find("CA-AB") == (facts.load("grid_intensity")["CA-AB"], "grid_intensity")
    with pytest.raises(BadInput, match="Did you mean band_chat"):
        facts.find("band_chatt")


def test_a_range_that_reaches_zero_stays_a_range():
    got = facts.product("p", "a product", "Wh", (Fact("x", 0.0, 2.0, 4.0, "Wh", "a quantity", SOURCE), fact(3, 2, 2)), SOURCE)
    assert got.low == 0 < got.central == 6 < got.high < math.inf


def test_ranges_multiply_as_independent_factors_not_as_the_worst_of_all():
    """Two factors known within 2 give a product known within exp(ln 2 * sqrt 2) = 2.665, not within 4."""
    both = facts.product("p", "a product", "Wh", (fact(3, 2, 2), fact(5, 2, 2)), SOURCE)
    within = math.exp(math.log(2) * math.sqrt(2))
    assert (both.low, both.central, both.high) == pytest.approx((15 / within, 15, 15 * within))
    assert 15 / 4 < both.low


def test_the_closed_model_example_of_our_notes():
    """Utilisation 2.5, size 2, hardware 1.4, PUE 1.1 around 0.3 Wh: within 3.3, that is 0.09 to 1.0 Wh."""
    parts = (fact(0.3, 2.5, 2.5), fact(1, 2, 2), fact(1, 1.4, 1.4), fact(1, 1.1, 1.1))
    got = facts.product("p", "a request", "Wh", parts, SOURCE)
    assert got.value_text() == "0.30 Wh (0.090 to 1.0)"


@given(st.lists(st.tuples(st.floats(0.01, 100), st.floats(1, 5), st.floats(1, 5)), min_size=1, max_size=5))
def test_a_product_is_never_surer_than_its_least_sure_factor_nor_wilder_than_the_worst_case(rows):
    factors = tuple(fact(*row) for row in rows)
    got = facts.product("p", "a product", "Wh", factors, SOURCE)
    down, up = got.central / got.low, got.high / got.central
    assert max(row[1] for row in rows) <= down * (1 + 1e-9) and down <= math.prod(row[1] for row in rows) * (1 + 1e-9)
    assert max(row[2] for row in rows) <= up * (1 + 1e-9) and up <= math.prod(row[2] for row in rows) * (1 + 1e-9)


def test_sums_add_in_quadrature_and_only_in_one_unit():
    got = facts.total("t", "a sum", (fact(3, 3 / 2, 4 / 3), fact(5, 5 / 4, 6 / 5)), SOURCE)  # 3 (2-4) + 5 (4-6)
    assert (got.low, got.central, got.high) == pytest.approx((8 - math.sqrt(2), 8, 8 + math.sqrt(2)))
    with pytest.raises(ValueError, match="one unit"):
        facts.total("t", "a sum", (fact(1), fact(1, unit="s")), SOURCE)


@pytest.mark.parametrize("x, text", [(0, "0"), (0.578874, "0.58"), (0.0123, "0.012"), (1.0, "1.0"), (99.6, "100"),
                                     (578, "580"), (12345, "12000"), (0.0996, "0.10"), (0.996, "1.0")])
def test_two_digits(x, text):
    assert facts.two_digits(x) == text


def test_an_hour_of_one_server_core_is_its_watts():
    got = energy.run_energy_wh(3600, machine="server")
    assert (got.low, got.central, got.high) == pytest.approx((1.3, 3.5, 5))
    assert got.mark == "modelled" and got.inputs[0].mark == "measured" and got.inputs[1].mark == "assumed"


def test_an_unknown_machine_spans_server_and_laptop():
    got = energy.run_energy_wh(3600)
    assert (got.low, got.central, got.high) == pytest.approx((1.3, math.sqrt(3.5 * 6), 12))


def test_a_card_is_added_with_the_uncertainty_of_its_meter():
    got = energy.run_energy_wh(0, gpu_wh=2)
    assert (got.low, got.central, got.high) == pytest.approx((2 / 1.35, 2, 2 * 1.35))
    assert any("Energy Measurements for GPUs" in source.title for source in got.sources())
    assert energy.run_energy_wh(36, gpu_wh=2).central == pytest.approx(2 + 0.01 * math.sqrt(21))


def test_carbon_of_a_kilowatt_hour_is_the_grid_figure():
    got = energy.carbon_g(1000, "CA-AB")
    assert got.central == pytest.approx(405) and got.low == pytest.approx(303)  # its own range is wider than 1.2 below
    assert got.high == pytest.approx(405 * 1.2)                                 # and narrower above
    assert got.details["zone_name"] == "Canada: Alberta" and "Electricity Maps" in str(got)


@pytest.mark.parametrize("zone", [None, "", "world", "World", " "])
def test_no_region_is_the_world_average_and_it_is_said(zone):
    got = energy.carbon_g(energy.run_energy_wh(10), zone)
    assert got.details["zone"] == "WOR" and "no region chosen: world average" in str(got)
    assert energy.carbon_g(1000, zone).central == pytest.approx(458.29)


@pytest.mark.parametrize("zone", ["CA-AB", "ca-ab", "CAN-AB", "Alberta", " alberta ", "Canada: Alberta"])
def test_a_zone_is_found_by_code_and_name(zone):
    assert energy.find_zone(zone) == "CA-AB"


@pytest.mark.parametrize("wrong, says", [
    (lambda: energy.carbon_g(1, "Albertta"), "Did you mean Canada: Alberta"),
    (lambda: energy.carbon_g(1, "<b>x</b>" * 1000), "no grid zone"),
    (lambda: energy.carbon_g(1, 7), "short text"),
    (lambda: energy.carbon_g(-1), "0 or more"),
    (lambda: energy.run_energy_wh(-1), "0 or more"),
    (lambda: energy.run_energy_wh(math.nan), "0 or more"),
    (lambda: energy.run_energy_wh(1, gpu_wh=math.inf), "0 or more"),
    (lambda: energy.run_energy_wh(1, machine="toaster"), "server, laptop"),
])
def test_bad_input_gets_a_sentence(wrong, says):
    with pytest.raises(BadInput, match=says) as error:
        wrong()
    assert len(str(error.value)) < 300


def test_every_zone_offered_has_a_grid_figure_and_a_name_of_its_own():
    names = [name for name, _ in energy.zones()]
    assert len(set(names)) == len(names) > 250 and energy.zones()[0][1] == "world"
    assert all(energy.carbon_g(1, code).central > 0 for _, code in energy.zones())
    assert facts.load("grid_intensity")["CAF"].central == 0 and "CAF" not in dict(map(reversed, energy.zones()))


def command(*arguments):
    return subprocess.run([sys.executable, "-m", "policy", *arguments], capture_output=True, text=True)


def test_the_command_line_prints_the_same_numbers_with_their_sources():
    done = command("run-energy", "--cpu-s", "12", "--zone", "CAN-AB", "--json")
    said = json.loads(done.stdout)
    assert said["energy_wh"]["central"] == energy.run_energy_wh(12).central
    assert said["carbon_g"]["details"]["zone"] == "CA-AB"
    assert said["carbon_g"]["inputs"][1]["source"]["confidence"] == "derived"
    plain = command("run-energy", "--cpu-s", "12").stdout
    assert "no region chosen: world average" in plain and "Cloud Carbon Footprint" in plain


def test_the_command_line_answers_a_bad_zone_with_one_sentence_and_2():
    done = command("run-energy", "--cpu-s", "12", "--zone", "Atlantis")
    assert done.returncode == 2 and "no grid zone 'Atlantis'" in done.stderr and "Traceback" not in done.stderr
