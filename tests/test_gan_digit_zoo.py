"""GANs of digits broken on purpose and repaired, and the plate of objectives by architectures: the checks, the words, what is kept."""

import json
from dataclasses import asdict, replace

import pytest
from playwright.sync_api import expect

from demos import _gan_digit_zoo as views
from demos import gan_digits as tab
from demos._gan_digit_views import Story
from genai_core import measuring
from genai_core.digit_gans import experiment, plate, zoo
from genai_core.digit_gans.settings import Settings

pytestmark = pytest.mark.usefixtures("one_thread")


def rows(found=8, recognised=0.5, on_fake=0.4, leads="rrrr"):
    """A table that ends so; leads: who scored higher in each row, r for real, f for fake."""
    between = {"on_real": 0.5, "d_loss": 1.0, "g_loss": 1.0}
    told = [{"turn": 50 * k, "on_fake": 0.4 if lead == "r" else 0.6, **between} for k, lead in enumerate(leads, 1)]
    told[-1] |= {"found": found, "recognised": recognised, "epoch": 8}
    if on_fake != 0.4:
        told[-1]["on_fake"] = on_fake
    return told


# -- what counts as broken, and as repaired ------------------------------------------------------------------------

@pytest.mark.parametrize("case, table, broken, repaired", [
    ("collapse", rows(3, 0.9), True, False), ("collapse", rows(4), False, False), ("collapse", rows(6, 0.25), False, True),
    ("collapse", rows(8, 0.2), False, False), ("strong", rows(0, 0.0, 0.01), True, False), ("strong", rows(0, 0.0, 0.3), False, False),
    ("strong", rows(), False, True), ("swing", rows(leads="rfrfff"), True, False), ("swing", rows(leads="rrffrr"), False, True),
    ("swing", rows(2), False, False)])
def test_each_game_is_held_against_its_own_failure(case, table, broken, repaired):
    given = zoo.CASES[case]
    assert (given.broken(table), given.repaired(table)) == (broken, repaired)


def test_a_broken_game_is_one_press_and_each_repair_turns_one_thing():
    always = {f"zoo_{name}": {"share": 1.0} for name in zoo.CASES}
    assert views.offered("none", always | {"zoo_swing": {"share": 0.4}})["cases"] == views.offered("none", always)["cases"][:2]
    assert views.offered("none", {}) is None
    for one in views.offered("none", always)["cases"]:
        case = zoo.CASES[one["settings"]["case"]]
        controls = {name: tab.CONTROLS[name].check(value) for name, value in one["settings"].items() if name != "case"}
        assert tab.settings_of(**controls, seed=0) == case.settings
        assert all(len(zoo.changed(repair, case.settings)) == 1 for repair in case.repairs.values())


def test_the_discriminators_rate_is_a_multiple_of_the_generators():
    assert experiment.knobs(Settings(balance=0.1)).rate == {"discriminator": pytest.approx(1e-4), "generator": 1e-3}
    assert experiment.knobs(Settings()).rate == 1e-3
    assert Settings(earlier="50 balance=0.5").parts[0][1].balance == 0.5


def test_the_measured_table_is_the_labs_own():
    settings = Settings(data="digits", pictures=1000, epochs=7, balance=0.5, objective="wasserstein_clip")
    frames = [moment for moment in experiment.run(settings) if isinstance(moment, experiment.Frame)]
    told = zoo.table(settings)
    assert [(row["turn"], row["on_real"], row["on_fake"]) for row in told] == [
        (frame.index, frame.sides["gan"].on_real, frame.sides["gan"].on_fake) for frame in frames]


# -- what the page says of it ---------------------------------------------------------------------------------------

def said(case, table, measured=None, broken=None, **changes):
    story = Story(Settings(**zoo.preset(case) | changes), measured, case, broken)
    story.rows, story.end = table, {"columns": {}}
    return story.checked()


def test_a_repair_is_checked_against_the_broken_run():
    broken = rows(1, 0.9)
    assert "found few kinds of picture" in said("collapse", broken) and "Turn one thing" in said("collapse", broken)
    repaired = said("collapse", rows(7, 0.4), broken=broken, balance=1.0)
    assert "Repaired, by turning the discriminator's rate, times the generator's, to 1: 7 of ten digits" in repaired
    assert "Before: 1 of ten digits" in repaired
    still = said("swing", rows(7, 0.4, leads="rfrf"), objective="least_squares")
    assert "Not repaired yet, with the objective to least squares turned: the lead changed hands 3 times" in still
    assert "this seed escapes" in said("strong", rows(), seed=3)
    assert "A repair can be checked where" in said("collapse", rows(None, None), data="digits")


def test_what_was_measured_is_said_only_of_what_was_measured():
    measured = {"zoo_collapse": {"right": 4, "of": 5}, "zoo_base": {"right": 3, "of": 5}}
    assert "It broke on 4 of 5 seeds" in said("collapse", rows(1), measured)
    assert "brought it back on 3 of 5 seeds" in said("collapse", rows(), measured, balance=1.0)
    assert "measured" not in said("collapse", rows(), measured, balance=2.0) + said("swing", rows(leads="rfrf"), measured)


def test_the_measured_figures_are_of_these_settings_and_these_checks():
    told = measuring.read("gan_digits")
    zoos = {name: (case.settings, case.broken) for name, case in zoo.CASES.items()}
    zoos |= {name: (repair, zoo.settled) for case in zoo.CASES.values() for name, repair in case.repairs.items()}
    for name, (settings, good) in zoos.items():
        part, figure = told["parts"][f"zoo_{name}"], told["figures"][f"zoo_{name}"]
        assert part["settings"] == asdict(settings) and part["seeds"] == list(range(5)), name
        ends = zip(figure["found"], figure["recognised"], figure["on_fake"], figure["overtakings"], strict=True)
        tables = [rows(found, share, fake, leads(times)) for found, share, fake, times in ends]
        assert figure["right"] == sum(map(good, tables)), name
    assert [path for path in measuring.stale("gan_digits") if not path.startswith("the part ")] == [], "measure gan_digits --only zoo_..."


def leads(times):
    """A table's leads that change hands so often."""
    return ("rf" * (times + 1))[:times + 1]


# -- the plate ----------------------------------------------------------------------------------------------------

def test_a_cell_that_is_done_is_kept_and_a_failed_one_says_so(tmp_path, monkeypatch):
    made = []

    def cell(settings):
        made.append(settings.network)
        return whole(settings)

    whole = plate.cell
    short = Settings(pictures=640, epochs=1)
    monkeypatch.setattr(plate, "settings_of", lambda objective, network: replace(short, objective=objective, network=network))
    monkeypatch.setattr(plate, "OBJECTIVES", ("wasserstein_gp",))
    monkeypatch.setattr(plate, "NETWORKS", ("conv_tanh",))
    monkeypatch.setattr(plate, "cell", cell)
    first, again = list(plate.cells(tmp_path)), list(plate.cells(tmp_path))
    assert first == again and made == ["conv_tanh"] and first[0][1]["turns"] == 10 and first[0][1]["broke"] == ""
    *_, last = experiment.run(plate.settings_of("wasserstein_gp", "conv_tanh"))
    side = last.sides["gan"]                                                   # what a press on the cell runs
    assert (side.found, side.on_real) == (first[0][1]["found"], pytest.approx(first[0][1]["on_real"], rel=1e-4))


def test_the_plate_shows_every_cell_as_recorded_and_marks_the_one_that_ran():
    kept = plate.kept()
    assert set(kept) == {(objective, network) for objective in plate.OBJECTIVES for network in plate.NETWORKS}
    ran = plate.settings_of("wasserstein_gp", "conv_plain")
    drawn = json.loads(views.plate_json(ran, tab.OBJECTIVES, tab.NETWORKS))
    assert drawn["here"] == "3,1" and len(drawn["cells"]) == 12 and drawn["title"].startswith("Recorded run")
    for one, made in zip(drawn["cells"], kept.values(), strict=True):
        assert made["broke"] or f"{made['found']}/10" in one["text"]
        settings = tab.settings_of(**tab.LAB.check(tab.LAB.defaults() | one["settings"]))
        assert settings == plate.settings_of(made["objective"], made["network"])


# -- on the page --------------------------------------------------------------------------------------------------------

def test_a_broken_game_and_a_cell_of_the_plate_are_a_press_each_and_the_check_stands_beside_them(new_page):
    page = new_page("/?tab=gan_digits&data=digits&pictures=1000&epochs=1&case=collapse")
    line, verdict = page.locator("#gan_digits-line"), page.locator("#gan_digits-film .game-verdict")
    expect(verdict).to_be_hidden()
    page.locator("#gan_digits-run").press("Enter")
    expect(verdict).to_contain_text("A repair can be checked where a GAN is trained and there is a judge")
    expect(line).to_contain_text("Finished")
    strong = page.get_by_role("button", name="Discriminator too strong")
    strong.press("Enter")
    expect(line).to_contain_text("of 1,256")
    expect(strong).to_have_attribute("aria-pressed", "true")
    expect(verdict).to_be_hidden()
    page.locator("#gan_digits-stop").press("Enter")
    expect(line).to_contain_text("Stopped")
    cell = page.locator("#gan_digits-plate .phase-cell").nth(5)                   # least squares, tanh
    cell.press("Enter")
    expect(line).to_contain_text("of 628")
    page.locator("#gan_digits-stop").press("Enter")
    expect(line).to_contain_text("Stopped")
    assert "objective=least_squares" in page.locator("#gan_digits-home input").input_value()
