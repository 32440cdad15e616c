"""The tab "GAN on digits": its recorded run, what every part shows and says, its verdict, its notebook, and the page."""

import json

import pytest
from playwright.sync_api import expect
from notebooks import ALLOWED, ends

from demos import gan_digits as tab
from demos._gan_digit_views import Story
from demos._lab import play
from demos._session import Quantity
from genai_core import models, recorded
from genai_core.digit_gans import experiment, forks, recording
from genai_core.digit_gans.settings import CASES, PARTS, Settings
from genai_core.errors import BadInput
from genai_core.gans.objectives import OBJECTIVES

TINY = {"data": "digits", "pictures": 1000, "epochs": 1}   # sixteen turns on 8x8 pictures
SLOW = 120_000

pytestmark = pytest.mark.usefixtures("one_thread")


def moments(**changes):
    """Of a run without the page's limit of a minute, which a busy machine may reach."""
    return tab.run(memory={}, **tab.LAB.check(tab.LAB.defaults() | TINY | changes))


def end(**changes):
    """The last look."""
    *_, moment = moments(**changes)
    return moment.look()


def drawn(view, name):
    return json.loads(view.pictures[name])


# -- the recorded run ---------------------------------------------------------------------------------------------

def test_the_tab_opens_on_the_default_run_which_learns_to_draw():
    saved = recorded.read("gan_digits")
    assert Settings(**saved.manifest["settings"]) == tab.settings_of(**tab.LAB.defaults()) == Settings()
    view = tab.replay(saved)
    assert all(view.pictures[name] for name in tab.LAB.pictures) and "{" not in view.words
    assert saved.rows[-1]["found"] >= 8 > saved.rows[0]["found"] == 0 and tab.verdict(view.numbers) == tab.CHOICES[2]
    assert sum(f.stat().st_size for f in (recorded.FOLDER / "gan_digits").iterdir()) < 700_000
    floor, gan = (saved.frames[-1]["end"]["columns"][name] for name in ("floor", "gan"))
    sees = {row[0]: row[1:] for row in drawn(view, "sheet")["blocks"][-1]["table"]["rows"]}
    assert sees["Fréchet distance"][1] == "10%" and sees["Edge sharpness"][1] == "–" and len(sees) == 10
    assert gan["frechet"] > 5 * floor["frechet"] and gan["coverage"] < floor["coverage"]


def test_its_first_row_comes_out_again():
    saved = recorded.read("gan_digits")
    frames = (moment for moment in experiment.run(Settings()) if isinstance(moment, experiment.Frame))
    for name, value in recording.row(next(frames)).items():
        assert saved.rows[0][name] == (pytest.approx(value, abs=0.02) if isinstance(value, float) else value), "record gan_digits"


# -- what it shows ------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("part", PARTS)
def test_every_part_is_drawn_and_told(part):
    shown = end(part=part)
    film, curves, lines, sheet = (drawn(shown, name) for name in ("film", "curves", "lines", "sheet"))
    assert len(film["frames"][-1]["images"]) == 2 == len(film["titles"]) and film["wide"] and film["start"] == 0
    assert len(curves["panels"]) == 2 and all(line["y"] for panel in curves["panels"] for line in panel["lines"])
    assert not any("{" in line["said"] or "{" in line["code"] for line in lines["lines"]) and "{" not in shown.words
    assert any(line.get("wrong") for line in lines["lines"]) == (part != "train")
    assert [line["who"] for line in lines["lines"]] == sorted(line["who"] for line in lines["lines"])   # D's lines first, then G's
    assert (len(lines["lines"]) == 3) == (part == "sizes") and len(sheet["blocks"]) == (1 if part == "train" else 2)
    told = {"no_detach": "the same to the last bit", "sizes": "shapes cannot be multiplied (64x56 and 64x256)"}
    assert told.get(part, "") in shown.words
    assert tab.verdict(shown.numbers) == (tab.CHOICES[0] if part == "sizes" else tab.WORDS["no judge"])


@pytest.mark.parametrize("changes", [{"conditional": True, "objective": "wasserstein_gp", "optimiser": "nadam"},
                                     {"network": "conv_tanh", "objective": "least_squares", "statistics": "batch", "optimiser": "sgd"},
                                     {"network": "notes", "objective": "spectral", "d_updates": 2, "optimiser": "rmsprop"}])
def test_every_setting_is_drawn_and_told(changes):
    shown = end(**changes)
    assert "{" not in shown.words and all("{" not in line["said"] for line in drawn(shown, "lines")["lines"])
    titles = [panel["title"] for panel in drawn(shown, "curves")["panels"]]
    assert ("Mean score" in titles) == (changes["objective"] in ("wasserstein_gp", "least_squares"))


def test_a_running_film_sends_only_what_is_new():
    looks = [moment.look().pictures for moment in moments(epochs=8)]
    *running, last = [json.loads(look["film"]) for look in looks if "film" in look]
    assert sum("lines" in look for look in looks) == 4                       # each told turn once, and at the end again
    assert all(len(film["frames"]) <= 2 for film in running) and len(last["frames"]) >= 3 and last["start"] == 0


def test_a_guess_is_held_against_the_digits_found():
    for found, choice in ((0, 0), (3, 0), (4, 1), (7, 1), (8, 2), (10, 2)):
        assert tab.verdict({"digits_found": Quantity.exact(found)}) == tab.CHOICES[choice]


@pytest.mark.parametrize("right, wrong, said", [((2, 0.1), (0, 0.0), "too early"), ((8, 0.5), (7, 0.46), "no difference"),
                                                ((8, 0.5), (2, 0.94), "worse"), ((8, 0.5), (8, 0.2), "worse")])
def test_a_mistake_is_judged_by_digits_found_and_by_how_many_are_sure(right, wrong, said):
    """A judge can be sure of what is no digit: then few digits are found."""
    story = Story(Settings(part="big_rate"))
    row = {"d_loss": 1.0, "g_loss": 1.0, "found": right[0], "recognised": right[1], "wrong_d_loss": 2.0, "wrong_g_loss": 1.0,
           "wrong_found": wrong[0], "wrong_recognised": wrong[1]}
    story.rows = [row]
    assert story.compared(row) == tab.WORDS[said]


def test_what_was_measured_over_seeds_is_said_at_the_end_of_the_run_it_is_about():
    figure = {"right": 9, "of": 10, "turns": 1570}
    story = Story(Settings(part="relu"), {"relu_right": figure, "relu_wrong": figure | {"right": 7}, "remark_rmsprop": figure,
                                          "remark_nadam": figure | {"right": 4}})
    assert story.over_seeds() == []
    story.end = {"columns": {}}
    assert "on 9 without the mistake and on 7 with it" in story.over_seeds()[0] and story.remark() == []
    story.s = Settings(optimiser="nadam")
    assert "on 9 with RMSProp and on 4 with Nadam" in story.remark()[0]


def test_it_stops_between_two_turns():
    stops = iter([False, False, True, True])
    *_, shown = play(tab.LAB, tab.LAB.check(tab.LAB.defaults()), stopped=lambda: next(stops), every_s=0.0)
    assert shown.ended == "stopped" and shown.step == 30


def test_every_case_is_one_that_the_controls_can_be_set_to():
    for case in CASES.values():
        assert tab.settings_of(**tab.LAB.check(case)) == Settings(**case)


# -- rewound ------------------------------------------------------------------------------------------------------

FORKED = {"data": "digits", "pictures": 1000, "epochs": 7}   # 112 turns, two moments of which are kept


def table(memory, **changes):
    *_, moment = tab.run(memory=memory, **tab.LAB.check(tab.LAB.defaults() | FORKED | changes))
    return moment.look()


@pytest.fixture(scope="module")
def whole():
    """A run, and what the visit keeps of it."""
    memory = {}
    return table(memory), memory


def test_an_unmodified_fork_replays_number_for_number(whole):
    run, memory = whole
    assert [value.snapshot.index for value in memory.values() if isinstance(value, forks.State)] == [50, 100]
    again = table(dict(memory), earlier="60")
    assert again.rows == run.rows and drawn(again, "film")["frames"] == drawn(run, "film")["frames"]


def test_the_notes_networks_replay_too_though_they_drop_out_by_chance():
    memory, changes = {}, {"network": "notes", "epochs": 4}
    run = table(memory, **changes)
    assert table(memory, **changes).rows == run.rows == table({}, **changes).rows and len(memory) == 2


@pytest.mark.parametrize("change", [{"rate": 0.0001}, {"objective": "least_squares", "optimiser": "rmsprop", "d_updates": 2}])
def test_a_fork_with_something_changed_is_the_run_that_changed_it_there(whole, change):
    run, memory = whole
    forked = table(dict(memory), earlier="100", **change)
    assert forked.rows[:2] == run.rows[:2] and forked.rows[2] != run.rows[2]
    assert forked.rows == table({}, earlier="100", **change).rows                   # nothing kept: computed from the start
    assert "taken up at turn 100" in forked.words and drawn(forked, "curves")["mark"] == 100
    before = [line for line in drawn(forked, "curves")["panels"][0]["lines"] if line["faint"]]
    assert [line["x"][0] for line in before] == [100, 100] and before[0]["name"] == "discriminator, before"


def test_adams_memory_is_the_forks_own():
    data, settings = experiment.learnt_from(Settings(**FORKED)), Settings(**FORKED)
    model = models.build("digit_gan", 0, **settings.model(data.size))
    first, second = experiment.knobs(settings), experiment.knobs(Settings(**FORKED, beta1=0.9))
    *_, step = experiment.legs(model, (data.pictures, data.labels), 0, [(3, "r1", first), (5, "minimax", second)])
    _, state = step.snapshot().optimisers["discriminator"]
    assert step.index == 5 and state["param_groups"][0]["betas"] == (0.9, 0.999) and model.objective is OBJECTIVES["minimax"]


@pytest.mark.parametrize("changes, says", [
    ({"earlier": "112", "rate": 0.0005}, "ends after 112 turns"), ({"earlier": "50 rat=1"}, "cannot be read"),
    ({"earlier": "50; 20"}, "later turn"), ({"earlier": "50", "part": "relu"}, "from the first turn"),
    ({"earlier": "50", "objective": "spectral"}, "Spectral norm is built in"),
    ({"earlier": "50 rate=7"}, "Learning rate must be a number")])
def test_what_cannot_be_gone_on_from_gets_a_sentence(changes, says):
    with pytest.raises(BadInput, match=says):
        table({}, **changes)


def test_the_story_of_a_fork_comes_back_as_it_was():
    settings = Settings(rate=0.0002, earlier="100; 150 objective=minimax rate=0.004")
    assert settings.past(60) == "60" and settings.past(120) == "100; 120 objective=minimax rate=0.004"
    assert settings.past(200) == "100; 150 objective=minimax rate=0.004; 200 rate=0.0002"
    assert Settings(earlier="100; 200").parts == ((None, Settings()),)              # nothing was turned: one run


# -- taken home ---------------------------------------------------------------------------------------------------

def test_notebooks_end_in_the_tabs_own_numbers_where_only_torch_can_be_imported(tmp_path):
    runs = [{"objective": "wasserstein_gp", "conditional": True, "earlier": "7 rate=0.004"}, {"part": "no_zero_grad"}]
    books = [tab.notebook(**tab.LAB.defaults() | TINY | changes) for changes in runs]
    last, _ = ends(books, "found", tmp_path, (*ALLOWED, "torchvision"))
    for found, changes in zip(last, runs, strict=True):
        row = end(**changes).rows[-1]
        for name, value in found.items():
            assert value == pytest.approx(row[("wrong_" if "part" in changes else "") + name], rel=1e-4)


def test_a_link_restores_a_mistake_and_its_lines_are_walked_by_keyboard(new_page):
    page = new_page("/?tab=gan_digits&part=no_zero_grad&data=digits&pictures=1000&epochs=2&seed=3", width=390)
    page.set_default_timeout(SLOW)
    rows = page.locator("#gan_digits-lines .lines-row")
    rows.first.wait_for()                                                    # the recorded run
    page.locator("#gan_digits-run").press("Enter")
    expect(page.locator("#gan_digits-line")).to_contain_text("Finished", timeout=SLOW)
    expect(page.locator("#gan_digits-readout")).to_contain_text("With the mistake")
    expect(page.locator("#gan_digits-sheet")).to_contain_text("A momentum that never fades")
    expect(page.locator("#gan_digits-lines .lines-wrong")).to_have_count(2)
    slider = page.get_by_label("Line of the turn")
    slider.press("Home")
    expect(rows.first).to_have_attribute("aria-current", "step")
    slider.press("ArrowRight")
    expect(rows.nth(1)).to_have_attribute("aria-current", "step")
    assert "lines-later" in rows.nth(2).get_attribute("class") and "real_images" in rows.first.inner_text()
    assert "Line 2 / " in slider.get_attribute("aria-valuetext")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_film_is_rewound_and_the_run_goes_on_from_there_with_another_rate(new_page):
    page = new_page("/?tab=gan_digits&data=digits&pictures=1000&epochs=7&rate=0.0005")
    page.set_default_timeout(SLOW)
    go_on, line = page.locator("#gan_digits-film .game-moves button"), page.locator("#gan_digits-line")
    expect(go_on).to_have_text("Go on from turn 1,884")                      # the recorded run's end
    page.locator("#gan_digits-run").press("Enter")
    expect(line).to_contain_text("Finished", timeout=SLOW)
    page.locator("#gan_digits-film input[type=range]").press("ArrowLeft")
    expect(go_on).to_have_text("Go on from turn 100")
    page.locator("#gan_digits-more summary").click()
    page.locator("#gan_digits-more").get_by_label("Learning rate", exact=True).last.fill("0.004")
    go_on.press("Enter")
    expect(page.locator("#gan_digits-readout")).to_contain_text("It was taken up at turn 100.", timeout=SLOW)
    expect(line).to_contain_text("Finished", timeout=SLOW)
    expect(page.locator("#gan_digits-earlier")).to_have_value("100 rate=0.0005")
