"""The lab "Decide or draw?": what it says, its link, its recorded run, its notebook, and the page in Chromium."""

import json
import re

import nbformat
import pytest
from playwright.sync_api import expect
from notebooks import code_of, ends

from demos import decide_or_draw as tab
from demos._lab import play
from demos._session import Quantity
from genai_core import recorded, runtime
from genai_core.decide_or_draw import experiment, families, results
from genai_core.decide_or_draw.settings import DECIDERS, DRAWERS, FAMILIES, Settings
from genai_core.errors import BadInput

KEY = "decide_or_draw"
SMALL = {"n": 60, "runs": 5, "features": 8, "components": 2}
OWN = "\n".join(f"{0.3 * i - 1},{(i % 2) - 0.5 + 0.02 * i:.2f},{'cat' if i % 2 else 'a dog'}" for i in range(16))
SLOW = 90_000


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    runtime.set_threads(1)


def ended(**changed):
    *_, last = play(tab.LAB, tab.LAB.check(tab.LAB.defaults() | SMALL | changed))
    return last


@pytest.fixture(scope="module")
def small():
    return ended()


def test_a_run_shows_every_model_and_every_picture(small):
    assert small.ended == "finished" and set(small.view.pictures) == set(tab.LAB.pictures)
    shown = json.loads(small.view.pictures["fields"])
    assert [panel["name"] for panel in shown["panels"]] == list(FAMILIES)
    for panel in shown["panels"]:
        assert ("density" in panel) == ("drawn" in panel) == (panel["name"] in DRAWERS) and panel["posterior"]
    assert [path["on"] for path in shown["paths"]] == [["logistic", "kde"]] * 2 and small.view.words in shown["said"]
    bars = json.loads(small.view.pictures["answer"])["panels"]
    assert len(bars) == 6 and all(sum(row["share"] for row in panel["rows"]) == pytest.approx(1, abs=1e-3) for panel in bars)
    assert ["cannot say" in panel["note"] for panel in bars] == [name in DECIDERS for name in FAMILIES]
    curves = json.loads(small.view.pictures["growth"])
    assert curves["logx"] and [panel["title"] for panel in curves["panels"]] == ["Independent features", "Half correlate at 0.1"]
    assert all(q.low <= q.value <= q.high for q in small.view.numbers.values()) and len(small.rows) == 18


def test_far_from_all_data_it_says_sure_of_nothing(small):
    far = ended(at="6, 6")
    assert far.view.words.startswith("Sure of nothing: at (6, 6) logistic regression is 99.9% sure of class A")
    assert far.view.numbers["kde_below_share"].value == 0 and far.view.numbers["logistic_confidence_share"].value > 0.99
    assert "Climbing, logistic regression is 99.9% sure of class A from the start, outside the data all the way." in far.view.words
    assert "Sure of nothing" not in small.view.words


def test_what_has_not_changed_is_not_computed_again(monkeypatch):
    kept, settings = {}, Settings(**SMALL)
    *_, first = experiment.run(settings, kept)
    monkeypatch.setattr(families, "fitted", None)
    monkeypatch.setattr(experiment.crossing, "growth", None)
    *_, again = experiment.run(Settings(**SMALL | {"at": "1, 1", "climber": "svm"}), kept)
    assert again.found["models"] == first.found["models"] and again.found["growth"] == first.found["growth"]
    assert again.found["asked"] != first.found["asked"]
    *_, back = experiment.run(settings, kept)
    assert back.found == first.found
    with pytest.raises(TypeError):
        list(experiment.run(Settings(**SMALL | {"n": 70}), kept))


def test_a_stopped_run_goes_on_where_it_was():
    kept, settings = {}, Settings(**SMALL)
    for frame in experiment.run(settings, kept):
        if frame.index == 12:
            break
    *_, gone_on = experiment.run(settings, kept)
    *_, fresh = experiment.run(settings)
    assert gone_on.found == fresh.found


def test_stop_ends_it_where_it_is():
    asked = iter([False] * 4 + [True])
    *_, last = play(tab.LAB, tab.LAB.check(tab.LAB.defaults() | SMALL), lambda: next(asked))
    assert last.ended == "stopped" and last.step == 5 and "answer" not in last.view.pictures and last.view.words.startswith("Two moons")


def test_the_verdict_is_read_from_the_most_correlated_curves():
    def told(first, last):
        q = Quantity.exact
        return tab.verdict({"correlation_0_bayes_accuracy": q(0.1), "correlation_0_1_bayes_accuracy": q(last),
                            "correlation_0_1_logistic_accuracy": q(0.5), "correlation_0_1_first_bayes_accuracy": q(first),
                            "correlation_0_1_first_logistic_accuracy": q(0.5)})

    assert [told(0.6, 0.6), told(0.6, 0.4), told(0.4, 0.6), told(0.4, 0.4)] == list(tab.CHOICES)


def test_shares_are_never_rounded_to_none_or_all():
    assert [tab.percent(v) for v in (0, 1e-9, 0.004, 0.02, 0.5, 0.988, 0.9994, 1 - 1e-9, 1)] == \
        ["0%", "under 0.1%", "0.4%", "2%", "50%", "98.8%", "over 99.9%", "over 99.9%", "100%"]
    assert tab.percent(0.87654, 1) == "87.7%" and tab.number(-1.278) == "\u22121.28" and tab.number(-1153.2) == "\u22121,153"


def test_the_recorded_run_is_what_a_live_one_computes():
    saved = recorded.read(KEY)
    settings = Settings(**saved.manifest["settings"])
    assert settings == Settings()
    for frame in experiment.run(settings):
        if "climb" in frame.found:
            break
    for part in ("scene", "models", "asked", "climb"):
        assert json.loads(json.dumps(frame.found[part])) == saved.frames[-1][part], f"python -m genai_core record {KEY}"
    view = tab.replay(saved)
    assert set(view.pictures) == set(tab.LAB.pictures) and "naive Bayes is ahead up to about 3" in view.words
    assert tab.verdict(view.numbers) == "First naive Bayes, then logistic regression"
    assert results.meeting(saved.frames[-1]["growth"][1]["rows"]) == view.numbers["correlation_0_1_crossing_examples"].value


@pytest.mark.parametrize(("wrong", "sentence"), [
    ({"own": "1,2\n" * 20}, "2 columns"), ({"own": OWN + "\n1,nan,cat"}, "Row 17 holds 'nan'"), ({"at": "there"}, "cannot be read"),
    ({"own": "x" * 2_100_000}, "2.1 MB"), ({"own": 7}, "no table"), ({"n": 10}, "Points"), ({"climber": "bayes"}, "not there")])
def test_what_cannot_be_run_is_said(wrong, sentence):
    with pytest.raises(BadInput, match=sentence):
        list(play(tab.LAB, tab.LAB.check(tab.LAB.defaults() | SMALL | wrong)))


# -- links --------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("text", ["", OWN, "x;y;class\n0,5;1,5;a\n-1;2e-1;b c", "1\t2\tß & é\n3\t4\tß & é", '1,2,"a, b"'])
def test_own_points_survive_their_link(text):
    control = tab.CONTROLS["own"]
    back = control.read(control.write(text))
    assert control.write(back) == control.write(text)
    if text == OWN:
        assert back == OWN.replace("'", "")


@pytest.mark.parametrize("text", ["nonsense", "1,2", "1,nan,a", "1,2,a~b", "\n".join(f"{i},{i},a" for i in range(201))])
def test_what_a_link_cannot_hold_it_says_so(text):
    control = tab.CONTROLS["own"]
    assert control.write(text) == "file"
    with pytest.raises(BadInput, match="open the file"):
        control.read("file")


@pytest.mark.parametrize("text", ["1_2", ".a~1_x", ".a~1_2_3", ".a~<b>"])
def test_a_broken_link_is_told(text):
    with pytest.raises(BadInput, match="no point"):
        tab.CONTROLS["own"].read(text)


# -- the notebook ---------------------------------------------------------------------------------------------------------

def test_a_notebook_runs_by_itself_to_the_tabs_numbers(tmp_path):
    runs = [SMALL | {"own": OWN, "at": "1, 2", "climber": "svm", "seed": 3}, SMALL | {"data": "pinwheel", "n": 100, "correlation": 0.3}]
    books = [tab.notebook(**tab.LAB.check(tab.LAB.defaults() | changed)) for changed in runs]
    for book in books:
        nbformat.validate(book)
    code = [code_of(book) for book in books]
    assert not any("genai_core" in text for cells in code for text in cells) and '-1.1504,-0.887,0' in code[0][2]
    last, _ = ends(books, "told", tmp_path, ("numpy", "scikit-learn", "matplotlib"), ("torch",))
    for changed, found in zip(runs, last, strict=True):
        shown = {name: q.value for name, q in ended(**changed).view.numbers.items()}
        assert found == shown and len(shown) > 20


def test_a_notebook_of_what_cannot_be_run_is_refused():
    with pytest.raises(BadInput, match="at least 8 are needed"):
        tab.notebook(**tab.LAB.defaults() | {"own": "1,2,a"})


# -- in Chromium ------------------------------------------------------------------------------------------------------------

def test_a_press_and_keys_ask_and_own_points_are_learnt(new_page, tmp_path):
    page = new_page(f"/?tab={KEY}&n=60&runs=5&features=8&components=2")
    page.set_default_timeout(SLOW)
    line, words = page.locator(f"#{KEY}-line"), page.locator(f"#{KEY}-readout")
    canvas = page.locator(f"#{KEY}-fields canvas").last
    expect(line).to_contain_text("recorded run", timeout=SLOW)
    expect(canvas).to_have_attribute("aria-label", re.compile("Press a place"), timeout=SLOW)
    place = page.locator(f"#{KEY}-at").get_by_role("textbox")
    place.fill("6, 6")
    place.press("Enter")
    expect(words).to_contain_text("Sure of nothing: at (6, 6)", timeout=SLOW)
    expect(line).to_contain_text("Finished", timeout=SLOW)  # the last look draws the picture once more
    canvas.focus()
    for key in ("ArrowLeft", "ArrowLeft", "Shift+ArrowDown"):
        page.keyboard.press(key)
    expect(page.locator(f"#{KEY}-fields .fig-read")).to_contain_text("The cross is at 2.3, 2.")
    page.keyboard.press("Enter")
    expect(place).to_have_value("2.3, 2", timeout=SLOW)
    expect(words).to_contain_text("At (2.3, 2) they do not agree", timeout=SLOW)
    page.get_by_role("button", name="P(x)", exact=True).click()
    expect(page.locator(f"#{KEY}-fields .fig-read")).to_contain_text("The bluer, the likelier")
    page.get_by_text("Use points of your own").click()
    pad = page.locator(f"#{KEY}-own")
    table = pad.locator("textarea")
    large = tmp_path / "large.csv"
    large.write_bytes(b"1.5,2.5,a\n" * 1_000_000)
    table.fill(OWN)
    pad.locator("input[type=file]").set_input_files(large)
    expect(pad.locator(".points-said")).to_contain_text("“large.csv” has 10.0 MB; at most 2 MB and 2,000 rows are taken")
    assert table.input_value() == OWN
    table.press("Tab")
    expect(words).to_contain_text("16 own points", timeout=SLOW)
    table.fill(OWN + "\n<b>,1,cat")
    page.locator(f"#{KEY}-run").click()
    expect(line).to_contain_text("Row 17 holds '<b>' where a number is needed", timeout=SLOW)
    assert table.input_value().endswith("<b>,1,cat")
    pad.get_by_role("button", name="Clear").click()
    sheet = pad.locator(".points-sheet")
    sheet.scroll_into_view_if_needed()
    box = sheet.bounding_box()
    for name, height in (("A", 0.3), ("B", 0.7)):
        pad.get_by_role("button", name=f"Class {name}").click()
        page.mouse.move(box["x"] + 30, box["y"] + box["height"] * height)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] - 30, box["y"] + box["height"] * height + 25, steps=24)
        page.mouse.up()
    expect(pad.locator(".points-said")).to_contain_text("Run takes them instead of the data above")
    expect(words).to_contain_text(" own points: outside the data", timeout=SLOW)
    page.locator(f"#{KEY}-home").get_by_role("button", name="Copy link").click()
    told = page.locator(f"#{KEY}-home input")
    expect(told).to_have_value(re.compile(r"\.A~.*\.B~|\.B~.*\.A~"), timeout=SLOW)
    link = told.input_value()
    again = new_page("/" + link[link.index("?"):])
    again.set_default_timeout(SLOW)
    expect(again.locator(f"#{KEY}-own textarea")).to_have_value(table.input_value(), timeout=SLOW)


def test_a_phone_is_not_made_wider(new_page):
    page = new_page(f"/?tab={KEY}", width=390, dark=True)
    page.set_default_timeout(SLOW)
    page.locator(f"#{KEY}-answer li").first.wait_for()
    assert page.evaluate("document.querySelector('main.contain').getBoundingClientRect().right") <= 390
