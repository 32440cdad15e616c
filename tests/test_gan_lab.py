"""The tab "GAN in the plane": what it shows, its moves, its repairs, its notebook and its command give the same numbers."""

import ast
import json
import subprocess
import sys
from collections import deque
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from playwright.sync_api import expect

from demos import gan_plane as tab
from demos._desk import Desk
from demos._lab import play
from demos._session import Store
from genai_core import __main__ as command_line
from genai_core import measuring, recorded, runtime
from genai_core.gans import recording, zoo
from genai_core.gans.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
ALLOWED = {"torch", "numpy", "matplotlib", *sys.stdlib_module_names}


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    runtime.set_threads(1)


def values(**changes):
    return tab.LAB.check(tab.LAB.defaults() | {"steps": 200} | changes)


def end(memory=None, **changes):
    *_, shown = play(tab.LAB, values(**changes), memory=memory)
    return shown


def game(shown):
    return json.loads(shown.view.pictures["game"])


# -- the recorded run ---------------------------------------------------------------------------------------------

def test_the_tab_opens_on_the_default_game_with_its_film():
    saved = recorded.read("gan_plane")
    assert saved.manifest["settings"] == json.loads(json.dumps(recording.RECORDER.settings))
    assert tab.settings_of(**tab.LAB.defaults()) == Settings()
    drawn = json.loads(tab.replay(saved).pictures["game"])
    assert [f["update"] for f in drawn["film"]][:3] == [100, 200, 400] and drawn["film"][-1]["update"] == 6000
    assert saved.rows[-1]["modes_found"] >= 7
    assert sum(f.stat().st_size for f in (recorded.FOLDER / "gan_plane").iterdir()) < 300_000


def test_its_first_frames_come_out_again():
    """Loosely enough for another processor, where sums differ in the last bits; a wrong seed or model is far off."""
    saved, frames = recorded.read("gan_plane"), recording.RECORDER.start()[0]
    live = [frame for _, (_, frame) in zip(range(2), frames) if frame]
    frames.close()
    for here, then in zip(live, saved.frames):
        assert here["update"] == then["update"]
        for name in ("fake", "mesh"):
            assert np.abs(recorded.unpack(here[name]) - recorded.unpack(then[name])).max() < 0.02
    assert recording.RECORDER.scene() == saved.scene


def test_the_page_opens_without_torch():
    code = "import sys, demos.gan_plane as t, genai_core.recorded as r; t.replay(r.read('gan_plane')); print('torch' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert out.stdout.strip() == "False", out.stderr


# -- what it shows ------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("changes", [{}, {"data": "spiral", "noise": "line", "objective": "wasserstein_gp"},
                                     {"noise": "gaussian_8", "objective": "spectral"}, {"data": "dirac", "optimiser": "sgd"},
                                     {"data": "own", "points": "\n".join(f"{k % 3},{k % 5}" for k in range(30))}])
def test_every_kind_of_game_is_drawn_and_told(changes):
    shown = end(**changes)
    drawn, curves = game(shown), json.loads(shown.view.pictures["curves"])
    now, dirac = drawn["now"], changes.get("data") == "dirac"
    if dirac:
        assert len(recorded.unpack(now["trail"], -1, 2)) == 201 and "θ = " in shown.view.words
    else:
        assert len(recorded.unpack(now["fake"], -1, 2)) == 250 and recorded.unpack(now["arrows"], -1, 4).shape == (60, 4)
        assert ("mesh" in now) == (changes.get("noise") != "gaussian_8")
    assert len(curves["panels"]) == 3 and "{" not in shown.view.words and shown.view.words in drawn["now"]["label"]
    titles = [panel["title"] for panel in curves["panels"]]
    assert ("D is right" in titles) == (not dirac and changes.get("objective") != "wasserstein_gp")
    if "D is right" in titles:
        lines = {line["name"]: line["y"] for line in curves["panels"][1]["lines"]}
        assert set(lines["guessing"]) == {0.5} and lines["of 1,000 points"][-1] == shown.rows[-1]["accuracy"]


def test_moves_go_on_from_any_moment_with_one_thing_changed():
    memory = {}
    first = end(memory)
    assert game(first)["parts"] == [[200, "both d_rate=0.002"]]
    step = end(memory, earlier="200 both d_rate=0.002", act="d")
    assert step.step == 201 and step.rows[-1]["update"] == 201 and step.rows[:-1] == first.rows
    fork = end(memory, earlier="100 both d_rate=0.002", g_rate="0.01", steps=100)
    assert game(fork)["began"] == 100 and fork.rows[0] == first.rows[0] and fork.rows[1] != first.rows[1]
    curves = json.loads(fork.view.pictures["curves"])
    assert curves["mark"] == 100 and any(line["faint"] for panel in curves["panels"] for line in panel["lines"])
    again = end(memory, earlier="100 both d_rate=0.002", steps=100)
    assert again.rows == first.rows


def test_slow_motion_tells_nine_sub_steps_with_their_numbers():
    shown = end({}, earlier="100 both d_rate=0.002", act="slow")
    film = [frame for frame in game(shown)["film"] if frame.get("sub")]
    assert len(film) == 9 and all("{" not in frame["caption"] for frame in film)
    assert film[4]["field"] != film[3]["field"] and film[8]["fake"] != film[7]["fake"]     # D moved, then G moved
    assert shown.step == 102 and shown.rows[-1] == end({}, earlier="100 both d_rate=0.002", act="both").rows[-1]


def test_what_is_turned_while_it_runs_is_in_the_link():
    memory, looks = {}, []
    for shown in play(tab.LAB, values(steps=300), memory=memory, every_s=0):
        if shown.step == 100:
            memory["turned"].append({name: values()[name] for name in tab.LIVE} | {"g_rate": "0.01"})
        looks.append(shown)
    told = looks[-1].view.settings
    assert told["g_rate"] == "0.01" and told["earlier"] == "100 both d_rate=0.002" and told["steps"] == 200
    assert end(**told).rows == looks[-1].rows and looks[0].view.settings == {}


def test_the_page_hands_what_is_turned_to_the_run_of_its_own_visit_alone():
    desk = Desk.__new__(Desk)
    desk.lab, desk.key, desk.house = tab.LAB, "gan_plane", SimpleNamespace(store=Store())
    mine, other = desk.house.store.open(), desk.house.store.open()
    for visit in (mine, other):
        visit.memory("gan_plane")["turned"] = deque(maxlen=1)
    turned = {name: values()[name] for name in tab.LIVE}
    desk.turn(mine.key, **turned)
    assert not mine.memory("gan_plane")["turned"]                            # nothing runs: the next run reads the controls anyway
    run = mine.begin("gan_plane")
    desk.turn(mine.key, **turned | {"d_rate": "as fast as it can"})
    assert not mine.memory("gan_plane")["turned"]
    desk.turn(mine.key, **turned | {"d_rate": "0.01"})
    assert mine.memory("gan_plane")["turned"][0]["d_rate"] == "0.01" and not other.memory("gan_plane")["turned"]
    mine.end("gan_plane", run)


# -- broken and repaired ------------------------------------------------------------------------------------------

def test_every_broken_game_is_one_click_and_its_controls_make_it():
    for name, case in zoo.CASES.items():
        given = tab.LAB.check(tab.LAB.defaults() | tab.presets()[name])
        assert tab.settings_of(**given) == case.settings and given["case"] == name and case.repairs


def test_a_repair_is_checked_with_numbers():
    memory, swing = {}, tab.presets()["swing"] | {"steps": 300}
    broken = end(memory, **swing)
    assert "Broken, as it should be." in broken.view.words and "turn one thing" in broken.view.words
    worse = end(memory, **swing | {"d_rate": "0.1"})
    assert "Not repaired yet" in worse.view.words and "the discriminator's rate to 0.1" in worse.view.words
    fixed = end(memory, **swing | {"objective": "r1", "strength": 0.5})
    assert f"Repaired: {broken.rows[-1]['radius']:.2f} from rest before, {fixed.rows[-1]['radius']:.2f} from rest now" in fixed.view.words


def test_what_was_measured_over_ten_seeds_is_as_the_tab_says():
    figures = measuring.read("gan_plane")["figures"]
    assert figures["default"]["right"] >= 9 and min(figures["default"]["modes_found"]) >= 7 and figures["collapse"]["right"] >= 9
    assert max(figures[f"repair_{name}"]["right"] for name in zoo.CASES["collapse"].repairs) >= 9
    assert measuring.stale("gan_plane") == []
    opened = tab.replay(recorded.read("gan_plane")).words
    assert f"Of seeds 0 to 9, {figures['default']['right']} of 10 found at least 7 modes (measured)." in opened


@pytest.mark.parametrize("right, choice", [(0.4, 0), (0.55, 0), (0.56, 1), (0.75, 1), (0.76, 2), (1.0, 2)])
def test_the_guess_is_judged_by_the_discriminators_calls(right, choice):
    assert tab.verdict({"accuracy_share": tab.Quantity.exact(right)}) == tab.CHOICES[choice]
    assert tab.verdict({}) not in tab.CHOICES


# -- taken home ---------------------------------------------------------------------------------------------------

def test_the_notebook_ends_in_the_tabs_own_losses(tmp_path):
    changes = {"steps": 200, "earlier": "100 both d_rate=0.002", "objective": "r1", "seed": 3}
    shown, book = end(**changes), tab.notebook(**values(**changes))
    code = "\n".join(cell["source"] for cell in book["cells"] if cell["cell_type"] == "code")
    for node in ast.walk(ast.parse(code)):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module] if isinstance(node, ast.ImportFrom) else []
        assert {name.partition(".")[0] for name in names} <= ALLOWED
    assert json.dumps(book) == json.dumps(tab.notebook(**values(**changes)))
    script = "import matplotlib; matplotlib.use('Agg')\n" + code + "\nimport json; print(json.dumps(told))"
    alone = subprocess.run([sys.executable, "-I", "-W", "ignore", "-c", script], cwd=tmp_path, text=True, capture_output=True, timeout=200)
    assert alone.returncode == 0, alone.stderr[-2000:]
    assert json.loads(alone.stdout.splitlines()[-1]) == shown.rows[-1]


def test_the_command_prints_the_tabs_numbers(tmp_path, capsys):
    csv = tmp_path / "run.csv"
    assert command_line.main(["gan-plane", "--steps", "100", "--earlier", "100 both d_rate=0.002", "--g-rate", "0.01", "--seed", "4",
                              "--csv", str(csv), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    shown = end(steps=100, earlier="100 both d_rate=0.002", g_rate="0.01", seed=4)
    assert {name: printed[name] for name in shown.rows[-1]} == shown.rows[-1] and len(csv.read_text().splitlines()) == 3


@pytest.mark.parametrize("words, says", [
    (["--data", "cat"], "ring, two_moons"), (["--d-rate", "-1"], "out of range"), (["--case", "boredom"], "collapse, strong, swing"),
    (["--earlier", "x"], "for example"), (["--csv", "/nowhere/x.csv"], "no folder"), (["--act", "all"], "both, d, g"),
    (["--data", "own"], "empty"), (["--data", "dirac", "--objective", "spectral"], "Dirac-GAN")])
def test_bad_input_exits_with_two_and_a_sentence(words, says, capsys):
    assert command_line.main(["gan-plane", "--steps", "100", *words]) == 2
    said = capsys.readouterr()
    assert says in said.err and not said.out


# -- in Chromium --------------------------------------------------------------------------------------------------

def told(page, pattern):
    page.wait_for_function("p => new RegExp(p).test(document.querySelector('#gan_plane-game canvas')?.getAttribute('aria-label'))",
                           arg=pattern, timeout=60_000)


def test_a_student_plays_rewinds_steps_and_breaks_it(new_page):
    page = new_page("/?tab=gan_plane&steps=300&d_rate=0.005")
    told(page, "After update 6,000 the generator covers 8 of 8")
    page.locator("#gan_plane-line").get_by_text("recorded run").wait_for()
    moves = page.locator("#gan_plane-game .game-moves")
    layer = page.locator("#gan_plane-game [data-layer=mesh]")
    layer.focus()
    page.keyboard.press("Space")
    expect(layer).to_have_attribute("aria-pressed", "false")
    page.locator("#gan_plane-run").click()
    page.get_by_text("Finished: 300 updates").wait_for(timeout=60_000)
    told(page, "After update 300 ")
    film = page.locator("#gan_plane-game input[type=range]")
    film.focus()
    page.keyboard.press("Home")
    told(page, "After update 100 ")
    moves.get_by_role("button", name="Step generator").click()
    told(page, "After update 101 ")
    page.wait_for_function("document.querySelector('#gan_plane-home input').value.includes('earlier=100+both+d_rate%3D0.005')")
    moves.get_by_role("button", name="One turn slowly").click()
    told(page, "D's update, 1 of 5")
    film.focus()
    page.keyboard.press("End")
    told(page, "G's update, 4 of 4")
    page.locator("#gan_plane-game .game-zoo").get_by_role("button", name="Oscillation").click()
    told(page, "After update 2,000 the generator stands at .* Broken, as it should be")
    expect(page.locator("#gan_plane-game .game-zoo").get_by_role("button", name="Oscillation")).to_have_attribute("aria-pressed", "true")
