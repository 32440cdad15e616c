"""The contest of the families: each behind its face, likelihoods against closed forms, budgets, the recorded run, the tab."""

import json
import math
import re
import subprocess
import sys

import pytest
import torch
from playwright.sync_api import expect

from demos import _family_views as views
from demos import families as tab
from genai_core import data, measuring, models, recorded, runtime
from genai_core import __main__ as command
from genai_core.data.points import RING_SPREAD, ring_centres
from genai_core.errors import BadInput
from genai_core.families import contest, likelihood, mixture
from genai_core.families.settings import DATA, FAMILIES, LOOKS, UPDATES_PER_SECOND, Settings
from genai_core.quality.readings import WIDE, of_kind

SHORT = Settings(seconds=1, pace="fixed", seed=3)
FEW = {"mixture": 30, "autoencoder": 20, "vae": 20, "gan": 20, "diffusion": 20}

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def few_updates(monkeypatch):
    """A second that holds only 20 updates, and small samples: the whole contest in a moment."""
    for name, count in FEW.items():
        monkeypatch.setitem(UPDATES_PER_SECOND, name, count)
    monkeypatch.setattr(contest, "WIDE", 400)


# -- the mixture ------------------------------------------------------------------------------------------------------

def test_em_never_loses_likelihood_and_agrees_with_scikit_learn():
    from sklearn.mixture import GaussianMixture

    x = data.load("ring", 1, 500).double()
    now, before = mixture.first_guess(x, 8, runtime.rng(0)), -math.inf
    theirs = GaussianMixture(8, weights_init=now.weights.numpy(), means_init=now.means.numpy(), tol=1e-9, max_iter=150, reg_covar=1e-6,
                             precisions_init=torch.linalg.inv(now.covariances).numpy()).fit(x.numpy())
    for _ in range(150):
        now, density = mixture.em_step(now, x)
        assert density > before - 1e-9
        before = density
    assert before == pytest.approx(theirs.score(x.numpy()), abs=1e-4)
    assert torch.allclose(now.log_density(x), torch.tensor(theirs.score_samples(x.numpy())), atol=0.02)


def test_the_search_finds_the_ring_and_scores_near_the_truth():
    search = mixture.MixtureSearch(data.load("ring", 0, 2000), 0)
    for _ in range(250):
        search.update()
    settings = Settings()
    held, truth = contest.held_out(settings), contest.truth(settings)
    assert len(search.best.weights) == 8
    assert search.best.log_density(held).mean().item() == pytest.approx(truth, abs=0.05)
    drawn = search.sample(4000, runtime.rng(1))
    assert drawn.shape == (4000, 2) and drawn.square().sum(1).mean().item() == pytest.approx(1 + 2 * 0.05**2, abs=0.02)


# -- likelihoods ------------------------------------------------------------------------------------------------------

def test_the_bound_of_a_vae_whose_posterior_is_exact_is_its_likelihood():
    """A linear VAE in one direction: x = w z + noise. With the exact posterior every draw gives log p(x)."""
    w, noise = torch.tensor([0.6, -0.3]), 0.2

    class Linear(torch.nn.Module):
        noise = 0.2

        def encode(self, x):
            variance = 1 / (1 + w.square().sum() / noise**2)
            mean = variance * (x @ w) / noise**2
            return torch.stack([mean, torch.full_like(mean, math.log(variance))], 1)

        def decode(self, z):
            return z * w

    x = torch.randn(50, 2, generator=runtime.rng(0))
    exact = torch.distributions.MultivariateNormal(torch.zeros(2), w[:, None] * w + noise**2 * torch.eye(2)).log_prob(x)
    assert torch.allclose(likelihood.vae_bound(Linear(), x, runtime.rng(1), draws=3), exact, atol=1e-4)


def test_the_ode_gives_the_density_of_a_mixture_that_is_known():
    from genai_core.diffusion.exact import Mixture

    known, x = Mixture(ring_centres(), RING_SPREAD), data.load("ring", 5, 40).double()
    found = likelihood.ode_density(known.denoise, x, levels=160)
    assert torch.allclose(found, known.log_density(x, likelihood.LOWEST), atol=0.05)


def test_families_without_a_density_say_so():
    from genai_core.families.learners import learner

    points = data.load("ring", 0, 200)
    for family in FAMILIES:
        given = learner(family, points, 0)
        given.update()
        told = given.likelihood(points[:20])
        assert (told.nats is None) == (family in ("gan", "autoencoder")) and (told.kind == "none") == (told.nats is None)
        assert told.nats is None or views.WORDS[told.kind]
        first, second = (given.draw(7, runtime.rng(0)) for _ in range(2))
        assert first.shape == (7, 2) and torch.equal(first, second)


# -- the contest ------------------------------------------------------------------------------------------------------

def test_every_family_gets_its_budget_and_the_same_points(few_updates):
    state = list(contest.run(SHORT))[-1]
    assert list(state.ends) == list(FAMILIES) and state.step == state.steps == LOOKS * len(FAMILIES)
    for family in FAMILIES:
        looks = [look for look in state.looks if look.family == family]
        assert [look.updates for look in looks] == [round(k / LOOKS * FEW[family]) for k in range(1, LOOKS + 1)]
        assert list(looks[0].readings) == list(of_kind("points")) and looks[-1].seconds >= looks[0].seconds > 0
        assert state.ends[family].per_sample_s > 0
    again = list(contest.run(SHORT))[-1]
    assert [look.readings for look in again.looks] == [look.readings for look in state.looks]   # by updates: the same numbers


def test_by_the_clock_each_learns_as_long_as_asked(few_updates):
    state = None
    for state in contest.run(Settings(seconds=1)):
        if len(state.ends) == 1:
            break
    (end,) = state.ends.values()
    assert 1 <= end.look.seconds < 2.5 and len(state.looks) == LOOKS


def test_looking_changes_nothing(few_updates, monkeypatch):
    plain = [look.loss for look in list(contest.run(SHORT))[-1].looks if look.index == LOOKS]
    monkeypatch.setattr(contest, "LOOKS", 2)
    seldom = [look.loss for look in list(contest.run(SHORT))[-1].looks if look.index == 2]
    assert plain == seldom


@pytest.mark.parametrize("wrong, says", [({"data": "cloud"}, "no data set 'cloud'"), ({"pace": "slow"}, "no pace"), ({"seed": -1}, "Seed"),
                                         ({"seconds": 60}, "from 1 to 9"), ({"data": "strokes", "seconds": 61}, "from 1 to 60"),
                                         ({"balance": 9}, "from 0.25 to 4")])
def test_what_cannot_be_run_gets_a_sentence(wrong, says):
    with pytest.raises(BadInput, match=says):
        Settings(**wrong)


def test_the_bands_are_those_that_were_measured():
    assert measuring.stale("metrics") == [], "python -m genai_core measure metrics"
    for name in DATA[:3]:
        found = contest.bands(name)
        assert list(found) == list(of_kind("points")) and all(band.holds(band.median) for band in found.values())


def test_a_perfect_generator_lies_inside_and_the_frechet_distance_sees_a_tenth_more_variance():
    for name, figure in measuring.read("metrics")["figures"].items():
        for reading, told in figure["readings"].items():
            assert told["inside"]["of"] == 100 and told["inside"]["right"] >= 95, (name, reading)
        if "sees_spread" in figure["readings"]["frechet"]:
            assert figure["readings"]["frechet"]["sees_spread"] <= 0.1, name


def test_fresh_points_of_the_ring_fall_inside_the_measured_bands():
    """A small sample of what the measure counts: nine seeds, of which one reading may be outside here and there."""
    from genai_core.quality import readings

    found, outside = contest.bands("ring"), 0
    for seed in range(9):
        row = readings.of_points(*(data.load("ring", 5_000_000 + 2 * seed + k, WIDE) for k in (0, 1)))
        outside += sum(not band.holds(row[name]) for name, band in found.items())
    assert outside <= 4


# -- the tab ----------------------------------------------------------------------------------------------------------

def test_the_tab_fills_in_family_by_family_and_says_what_it_shows(few_updates):
    settings = tab.LAB.check(tab.LAB.defaults() | {"seconds": 1, "pace": "fixed", "seed": 3})
    *_, last = tab.run(**settings)   # without the frame, whose cap is by the clock
    view = last.look()
    assert last.step == last.steps and len(view.rows) == LOOKS * len(FAMILIES)
    table = json.loads(view.pictures["table"])
    how_good, price, sights = table["sections"]
    assert how_good["columns"][2:] == [row["cells"][0] for row in price["rows"]] == list(FAMILIES.values())
    assert all(len(row["cells"]) == len(part["columns"]) for part in (how_good, price, sights) for row in part["rows"])
    by_family = {row["family"]: row for row in view.rows}
    for column, told in enumerate(by_family.values(), 2):
        states = [row["cells"][column]["state"] for row in how_good["rows"][:-1]]
        assert str(states.count("inside")) == how_good["rows"][-1]["cells"][column] == str(views.inside(tab_scene(), told))
    told = {row["cells"][0]: row["cells"][1] for row in price["rows"]}
    assert told["Autoencoder"] == told["GAN"] == "not defined" and told["VAE"].startswith("≥") and told["Diffusion"].startswith("≈")
    assert "because" in price["note"]
    plate, curves = (json.loads(view.pictures[name]) for name in ("plate", "curves"))
    assert len(plate["film"]) == LOOKS and [len(shot["panels"]) for shot in plate["film"]] == [6] * LOOKS
    assert [line["name"] for line in curves["panels"][0]["lines"]] == ["real", "GAN", "Diffusion"]
    assert tab.verdict(view.numbers) == FAMILIES[min(by_family, key=lambda f: by_family[f]["energy"])]


def tab_scene():
    from genai_core.families import recording

    return recording.scene(SHORT)


def test_numbers_read_easily():
    assert [views.number(v) for v in (0.012345, -0.000123, 1234.6, 0, 0.5)] == ["0.0123", "−1.2e−4", "1,235", "0", "0.5"]
    assert views.side([None, 1, 2], -5) == "inside" and views.side([0.5, 1, 2], 0.4) == "below"
    assert views.side([None, 1, 2], math.nan) == "above"


def test_the_recorded_contest_is_what_the_core_computes():
    saved = recorded.read("families")
    settings, first = Settings(**saved.manifest["settings"]), saved.rows[0]
    for state in contest.run(settings):
        if state.looks:
            break
    now = state.looks[0]
    assert (now.family, now.updates) == (first["family"], first["updates"])
    assert now.readings == pytest.approx({name: first[name] for name in now.readings}, rel=1e-4, abs=1e-6)
    view = tab.replay(saved)
    assert set(view.pictures) == set(tab.LAB.pictures) and all(view.pictures.values())
    assert "1,000" in view.words and tab.verdict(view.numbers) in FAMILIES.values()


def test_the_command_says_the_same_as_the_tab(few_updates, capsys, tmp_path):
    asked = ["families", "--seconds", "1", "--pace", "fixed", "--seed", "3", "--csv", str(tmp_path / "looks.csv"), "--json"]
    assert command.main(asked) == 0
    told = json.loads(capsys.readouterr().out)
    *_, last = tab.run(**tab.LAB.check(tab.LAB.defaults() | {"seconds": 1, "pace": "fixed", "seed": 3}))
    shown = last.look().numbers
    for family in FAMILIES:
        assert told["families"][family]["energy"] == shown[f"{family}_energy"].value
    assert len((tmp_path / "looks.csv").read_text().splitlines()) == 1 + LOOKS * len(FAMILIES)
    assert command.main(["families", "--data", "nothing"]) == 2 and "no data set" in capsys.readouterr().err


ALONE = """
import json, sys
for ours in ("genai_core", "demos", "gradio", "scipy", "sklearn"):
    sys.modules[ours] = None
import matplotlib
matplotlib.use("agg")
space = {"__name__": "__main__"}
for cell in json.loads(sys.stdin.read()):
    exec(cell.replace("plt.show()", "plt.close()"), space)
print(json.dumps({family: end.look.readings for family, end in space["state"].ends.items()}))
"""


def test_the_notebook_ends_in_the_labs_own_numbers(few_updates, tmp_path):
    book = tab.notebook(**tab.LAB.defaults() | {"seconds": 1, "pace": "fixed", "seed": 3})
    code = [cell.source for cell in book.cells if cell.cell_type == "code"]
    shorter = [re.sub(r"^UPDATES_PER_SECOND = .*$", f"UPDATES_PER_SECOND = {FEW!r}", text, flags=re.M) for text in code]
    shorter = [re.sub(r"^WIDE = 5000", "WIDE = 400", text, flags=re.M) for text in shorter]
    assert shorter != code
    alone = subprocess.run([sys.executable, "-I", "-c", ALONE], input=json.dumps(shorter), cwd=tmp_path, text=True,
                           capture_output=True, timeout=500)
    assert alone.returncode == 0, alone.stderr[-2000:]
    found = json.loads(alone.stdout.splitlines()[-1])
    state = list(contest.run(SHORT))[-1]
    for family, end in state.ends.items():
        assert found[family] == pytest.approx(end.look.readings, rel=1e-5, abs=1e-9), family


def test_the_page_opens_on_the_recorded_run_runs_stops_and_is_used_by_keyboard(new_page):
    page = new_page("/?tab=families&seconds=1&seed=4")
    expect(page.locator("#families-seconds input[type=number]")).to_have_value("1")
    expect(page.locator("#families-plate figcaption")).to_have_count(6)
    expect(page.locator("#families-table")).to_contain_text("not defined for a GAN, because")
    expect(page.locator("#families-table .state-inside").first).to_be_visible()
    scrub = page.locator("#families-plate input[type=range]")
    scrub.focus()
    page.keyboard.press("Home")
    expect(page.locator("#families-plate output")).to_have_text("After 10% of the time")
    page.locator("#families-run").click()
    expect(page.locator("#families-line")).to_contain_text("live", timeout=60_000)
    expect(page.locator("#families-plate")).to_contain_text("waits", timeout=60_000)
    expect(page.locator("#families-curves canvas")).to_have_css("height", "0px")   # nothing is left of the recorded run
    page.locator("#families-stop").click()
    expect(page.locator("#families-line")).to_contain_text(re.compile("Stopped|Finished"), timeout=60_000)
    page.locator("#families-reset").click()
    expect(page.locator("#families-line")).to_contain_text("recorded run")


def test_the_autoencoder_of_points_copies_but_its_random_codes_do_not_look_like_data():
    from genai_core.training import Knobs, train

    points, net = data.load("ring", 0, 1000), models.build("point_autoencoder", 0)
    for step in train(net, points, 400, 0, Knobs(rate=2e-3)):
        pass
    assert step.losses["loss"] < 0.01
    drawn = net.sample(500, runtime.rng(1))
    away = (drawn.square().sum(1).sqrt() - 1).abs()
    assert (away > 0.2).float().mean() > 0.3
