"""The autoencoder lab: every use drawn and told, its recorded run, its notebook, its command, and the page."""

import json
import math
import re
from dataclasses import replace

import pytest
from playwright.sync_api import expect
from notebooks import ALLOWED, code_of, ends

from demos import autoencoders as tab
from demos._lab import play
from demos._session import Quantity
from demos._words import words
from genai_core import __main__ as command_line
from genai_core import measuring, recorded
from genai_core.autoencoders import few_labels, scores
from genai_core.autoencoders.recording import RECORDER
from genai_core.autoencoders.settings import TASKS, Settings
from genai_core.errors import BadInput

TINY = {"data": "digits", "epochs": 2, "bottleneck": 4, "pictures": 500}

pytestmark = pytest.mark.usefixtures("one_thread")


def played(memory=None, **changed):
    patient = replace(tab.LAB)
    object.__setattr__(patient, "max_seconds", math.inf)  # a busy machine must not cut a run short
    return list(play(patient, tab.LAB.check(tab.LAB.defaults() | TINY | changed), memory=memory, every_s=0))


# -- the tab ------------------------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def runs():
    memory, found = {}, {}
    for task in TASKS:
        if task != "points":  # its own run is long; its last look stands in test_points_are_drawn_as_arrows
            found[task] = played(memory, task=task, labels=20, digit=3)
    return found


@pytest.mark.parametrize("task", [task for task in TASKS if task != "points"])
def test_every_use_is_drawn_and_told(runs, task):
    end = runs[task][-1]
    assert end.ended == "finished" and end.step == end.steps and "{" not in end.view.words
    for error in {"compress": ()}.get(task, ("held_out_error", "pca_error")):  # the guess is judged by them
        assert f"{end.view.numbers[error].value:.3g}" in end.view.words
    drawn = {name: json.loads(picture) for name, picture in end.view.pictures.items()}
    assert drawn["chart"]["label"] == end.view.words and drawn["chart"]["panels"][0]["lines"]
    assert len(drawn["map"]["labels"]) == 360 and ("path" in drawn["map"]) == (task == "new")
    for block in drawn["sheet"]["blocks"]:
        assert block["title"] and "{" not in block["title"] + block["note"]
        assert all(row["tiles"] and row["about"] for row in block["rows"])
    titles = " ".join(block["title"] for block in drawn["sheet"]["blocks"])
    assert {"reconstruct": "slide", "compress": "same size", "similar": "nearest", "odd": "worst", "labels": "label",
            "new": "averaging"}[task] in titles
    assert len(end.view.pictures["sheet"]) < 120_000


def test_the_slides_table_stands_beside_the_run(runs):
    table = json.loads(runs["reconstruct"][-1].view.pictures["sheet"])["blocks"][-1]["table"]
    cells = {row[0]: row[1:] for row in table["rows"]}
    assert cells["Error at update 1"][0] == "0.45" and cells["Error at the end"][0].startswith("0.03")
    assert "6.125 times fewer" in cells["Numbers"][0] and cells["Numbers"][1] == "64 to 4: 16 times fewer"
    assert cells["Bytes"][1].startswith("64 to 16: 4 times fewer")
    numbers = {f"{name}_error": (0.1, 0.1, 0.1, "") for name in ("held_out", "grey", "mean")}
    view = tab.Story(Settings(bottleneck=256), 1, 1, [{"error": 0.2}], numbers, {"size": 28, "learnt": 5, "batches": 1}, {})
    assert "784 to 1024: 1.306 times more" in view.slide()["rows"][-1][2]


def test_a_run_that_is_cut_short_tells_the_errors_that_it_shows(runs):
    notes = set()
    for moment in runs["new"]:
        guess = json.loads(moment.view.pictures["sheet"])["blocks"][-1]
        mean, real = guess["rows"][-1]["said"]
        if guess["note"]:
            told = [float(value) for value in re.findall(r"0\.\d+", guess["note"])]
            assert told[:2] == [pytest.approx(float(mean), abs=6e-4), pytest.approx(float(real), abs=6e-4)] and told[2] > told[1]
        notes.add(bool(guess["note"]))
    assert True in notes


def test_the_first_looks_come_before_anything_is_judged(runs):
    for task in ("reconstruct", "compress"):
        assert runs[task][0].view.words.startswith("Learning: update 1 of" if task == "reconstruct" else "")


def test_points_are_drawn_as_arrows():
    looks = play(tab.LAB, tab.LAB.check(tab.LAB.defaults() | {"task": "points"}), every_s=0)
    first = next(looks)
    looks.close()
    drawn = json.loads(first.view.pictures["map"])
    assert len(recorded.unpack(drawn["at"], -1, 2)) == len(recorded.unpack(drawn["score"], -1, 2)) > 50 and len(drawn["key"]) == 2
    assert first.view.pictures["sheet"] == "" and "cosine" in first.view.words
    assert [panel["title"] for panel in json.loads(first.view.pictures["chart"])["panels"]] == ["Agreement with the score", "Loss"]


def test_the_guess_is_judged_by_the_held_out_error():
    exact = Quantity.exact
    for ours, choice in ((0.01, 0), (0.03, 1), (0.0205, 2)):
        assert tab.verdict({"held_out_error": exact(ours), "pca_error": exact(0.02)}) == tab.CHOICES[choice]
    assert tab.verdict({"cosine": exact(1.0)}) not in tab.CHOICES


def test_every_example_is_named_and_can_be_run():
    said = words("autoencoders")
    for name, example in zip(tab.EXAMPLES, tab.LAB.examples, strict=True):
        assert said[f"name {name}"]
        Settings(**tab.LAB.check(tab.LAB.defaults() | example))


def test_a_stopped_run_has_something_to_show():
    *_, end = play(tab.LAB, tab.LAB.check(tab.LAB.defaults() | TINY), stopped=lambda: True)
    assert end.ended == "stopped" and end.step == 1 and end.view.pictures["sheet"]


# -- the recorded run ---------------------------------------------------------------------------------------------------

def test_its_first_frames_come_out_again():
    """Loosely enough for another processor; a wrong seed or model is far off."""
    saved, live = recorded.read("autoencoders"), RECORDER.start()[0]
    (_, first), (_, second) = next(live), next(live)
    live.close()
    assert [f["index"] for f in (first, second)] == [f["index"] for f in saved.frames[:2]] == [1, 10]
    assert first["shown"]["map"]["labels"] == saved.frames[0]["shown"]["map"]["labels"]
    from genai_core.autoencoders.experiment import run

    frames = run(Settings())
    rows = [next(frames).rows[-1] for _ in range(2)]
    frames.close()
    for here, then in zip(rows, saved.rows):
        assert here["error"] == pytest.approx(then["error"], rel=0.02)


def test_the_recorded_run_shows_the_lesson():
    saved = recorded.read("autoencoders")
    view = tab.replay(saved)
    numbers = {name: q.value for name, q in view.numbers.items()}
    assert saved.manifest["settings"] == RECORDER.settings and set(view.pictures) == set(tab.LAB.pictures)
    assert numbers["held_out_error"] < 0.015 < numbers["mean_error"] < numbers["grey_error"] < 0.25 < 0.45
    assert saved.rows[0]["error"] == pytest.approx(numbers["grey_error"], rel=0.1)


# -- measured beforehand ------------------------------------------------------------------------------------------------

def test_the_measured_bands_are_fresh_and_drawn():
    assert measuring.stale(few_labels.MEASURED) == []
    told = few_labels.measured()
    for arm in few_labels.ARMS:
        assert told[arm]["x"] == list(few_labels.NUMBERS)
        assert all(low <= mean <= high for low, mean, high in zip(told[arm]["low"], told[arm]["y"], told[arm]["high"]))
        assert told[arm]["y"][-1] > told[arm]["y"][0] + 0.2


# -- the notebook and the command ---------------------------------------------------------------------------------------

@pytest.fixture
def few_updates(monkeypatch):
    monkeypatch.setattr(scores, "UPDATES", 130)  # of 2,000: the last row of the table is of ten


def test_the_notebook_ends_in_the_labs_own_numbers(runs, tmp_path, few_updates):
    runs = runs | {"points": played(task="points")}
    tasks = tuple(TASKS)
    books = [tab.notebook(**tab.LAB.check(tab.LAB.defaults() | TINY | {"task": task, "labels": 20, "digit": 3})) for task in tasks]
    last, _ = ends(books, "found", tmp_path, (*ALLOWED, "torchvision"), ("sklearn", "pandas"))
    for task, found in zip(tasks, last):
        shown = {name: q.value for name, q in runs[task][-1].view.numbers.items()}
        own = {"loss", "cosine", "missed"} if task == "points" else {"loss", "held_out_error"}
        assert found == {name: shown[name] for name in found} and own <= set(found), task


def test_the_notebook_of_points_has_its_points_inside():
    book = tab.notebook(**tab.LAB.check(tab.LAB.defaults() | {"task": "points", "spread": 0.2}))
    code = "\n".join(code_of(book))
    assert "class PointDenoiser" in code and "SPREAD = 0, 0.2" in code and "genai_core" not in code
    assert json.dumps(book) == json.dumps(tab.notebook(**tab.LAB.check(tab.LAB.defaults() | {"task": "points", "spread": 0.2})))


def test_the_command_prints_the_tabs_numbers(runs, tmp_path, capsys):
    csv = tmp_path / "run.csv"
    given = [part for name, value in (TINY | {"task": "odd", "digit": 3}).items() for part in (f"--{name}", str(value))]
    assert command_line.main(["autoencoders", *given, "--csv", str(csv), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    for name, quantity in runs["odd"][-1].view.numbers.items():
        assert printed[name] == quantity.value
    assert csv.read_text().splitlines()[0].startswith("update,epoch,loss,error,held_out_error")


@pytest.mark.parametrize("given, says", [
    (["--bottleneck", "0"], "from 2 to 256"), (["--task", "x"], "no task"), (["--threads", "0"], "at least 1"),
    (["--csv", "/nowhere/x.csv"], "no folder")])
def test_bad_input_exits_with_two_and_a_sentence(given, says, capsys):
    assert command_line.main(["autoencoders", *given]) == 2
    assert says in capsys.readouterr().err


def test_a_data_set_that_is_not_there_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("GENLENS_DATA", str(tmp_path))
    with pytest.raises(BadInput, match="Fashion-MNIST"):
        played(data="fashion_mnist")


# -- the page -----------------------------------------------------------------------------------------------------------

def test_the_page_opens_on_the_recorded_run_and_runs_live(new_page):
    page = new_page("/?tab=autoencoders&data=digits&epochs=2&bottleneck=4&pictures=500")
    expect(page.locator("#autoencoders-readout")).to_contain_text("held-out pictures come back", timeout=60_000)
    expect(page.locator("#autoencoders-sheet")).to_contain_text("0.45", timeout=30_000)
    expect(page.locator("#autoencoders-line .gl-badge")).to_have_text("recorded run")
    page.locator("#autoencoders-run").click()
    expect(page.locator("#autoencoders-line")).to_contain_text("Finished", timeout=90_000)
    expect(page.locator("#autoencoders-readout")).to_contain_text("Digits: 8x8 handwriting")
    expect(page.locator("#autoencoders-sheet img").first).to_have_attribute("alt", re.compile("goes in"))
    page.locator("#autoencoders-task input").first.click()
    page.get_by_role("option", name="Spot the odd one").click()
    page.locator("#autoencoders-run").click()
    expect(page.locator("#autoencoders-readout")).to_contain_text("It never saw a 7", timeout=90_000)
    expect(page.locator("#autoencoders-chart canvas")).to_have_attribute("aria-label", re.compile("area under the curve"))
    assert page.locator("#autoencoders-sheet .tiles-mark").count() > 0
