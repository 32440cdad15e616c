"""The collapse lab: readings against known answers, every model in every regime, the map, the recorded run, and the page."""

import json
import math
import re

import numpy as np
import pytest
from playwright.sync_api import expect

from demos import collapse as tab
from demos._lab import play
from demos._session import Quantity
from demos._words import words
from genai_core import recorded
from genai_core.collapse import digits, drawn, engines, experiment, phase, readings
from genai_core.collapse.experiment import FAMILIES, FITTED, Settings
from genai_core.collapse.plan import REGIMES
from genai_core.collapse.scenarios import SCENARIOS
from genai_core.errors import BadInput

SMALL = {"n": 40, "generations": 3, "seeds": 6, "categories": 8, "latent": 4, "updates": 3}
QUICK = [name for name in FAMILIES if name not in FITTED]


def played(**changed):
    return list(play(tab.LAB, tab.LAB.defaults() | SMALL | changed, every_s=0))


# -- readings -------------------------------------------------------------------------------------------------------

def test_tails_and_distances_of_known_gaussians():
    m, v = np.array([0.0, 0.0, 3.0, 1.0]), np.array([1.0, 0.0, 0.0, 4.0])
    upper = 0.5 * math.erfc(2 / math.sqrt(2))
    wide = 0.5 * (math.erfc(1.5 / math.sqrt(2)) + math.erfc(0.5 / math.sqrt(2)))
    assert readings.outside(m, v) == pytest.approx([2 * upper, 0, 1, wide])
    assert readings.gaussian_distance(m, v) == pytest.approx([0, 1, 10, 2])


def test_the_distance_of_points_is_the_integral_over_quantiles():
    from scipy.stats import norm

    x = np.array([[0.3, -1.2, 0.9, 2.0]])
    u = (np.arange(400_000) + 0.5) / 400_000
    direct = np.mean((np.sort(x[0])[(u * 4).astype(int)] - norm.ppf(u)) ** 2)
    assert readings.points_distance(x)[0] == pytest.approx(direct, abs=2e-4)
    assert readings.points_distance(np.zeros((1, 5)))[0] == pytest.approx(1)


def test_the_mean_of_the_tail_rises_while_the_typical_tail_vanishes():
    """The trap: drifting models put whole bodies beyond the tail's edge (3 deviations, n = 100: published figures of the mean)."""
    plan = experiment.plan_of(Settings(generations=99, seeds=20_000))
    *_, last = engines.generations("gaussian", plan)
    tails = readings.outside(last.statistics["mean"], last.statistics["var"], at=3.0)
    assert abs(tails.mean() - 0.0133) < 4 * tails.std() / len(tails) ** 0.5 and tails.mean() > 2 * 0.0027
    assert np.median(tails) < 1e-9


def test_severity_is_zero_at_the_truth_and_one_at_half_double_or_the_limit():
    var, lost = readings.READINGS["gaussian"]["var"], readings.READINGS["words"]["lost"]
    assert [readings.severity(var, x, 1.0) for x in (1, 0.5, 2, 0, 0.1)] == [0, 1, 1, 1, 1]
    assert readings.severity(var, 2**-0.5, 1.0) == pytest.approx(0.5)
    assert [readings.severity(lost, x, 0.0) for x in (0, 0.25, 0.5, 0.9)] == [0, 0.5, 1, 1]
    assert readings.collapsed_at(var, [1, 0.9, 0.5, 0.6], 1.0) == 2 and readings.collapsed_at(var, [1, 0.51], 1.0) is None


def test_a_definition_that_a_model_lacks_is_answered_with_those_it_has():
    with pytest.raises(BadInput, match="Tails.*Spread"):
        readings.chosen("letters", "drift")
    for model, known in readings.READINGS.items():
        assert readings.chosen(model, "usual") == next(iter(known)) and readings.chosen(model, "spread") in known


def test_a_gaussian_in_three_dimensions_is_read_as_its_axes_are():
    """One chain of known mean and covariance, its axes turned: variance, thinnest axis, squared W2, volume and drift by hand."""
    turn = np.linalg.qr(np.random.default_rng(0).standard_normal((3, 3)))[0]
    axes, m = np.array([0.25, 1.0, 4.0]), np.array([[1.0, 0.0, 2.0]])
    frame = engines.Generation(0, {"trace": np.array([axes.mean()]), "mean_square": (m**2).mean(1)}, (m, (turn * axes @ turn.T)[None]))
    found = readings.readings("gaussian-d", None, frame)
    assert {name: values.item() for name, values in found.items()} == pytest.approx(
        {"var": 1.75, "thinnest": 0.25, "distance": (5 + 0.25 + 1) / 3, "log_volume": 0.0, "mean_square": 5 / 3})
    assert list(found) == list(readings.READINGS["gaussian-d"])
    *_, last = experiment.run(Settings(model="gaussian-d", dim=3, n=30, generations=10, seeds=2000))
    values = readings.readings("gaussian-d", None, last.generation)
    for name in ("var", "log_volume", "mean_square"):
        assert abs(last.bands[name].mean - last.bands[name].theory) < 4 * values[name].std() / 2000**0.5, name


def test_top_p_cuts_the_words_that_a_live_run_keeps():
    left = [list(experiment.run(Settings(model="words", top_p=p, generations=3, seeds=20)))[-1].bands["support"].mean for p in (1.0, 0.8)]
    assert left[1] < 0.7 * left[0]


def test_total_variation_and_support_of_words():
    settings = Settings(model="words", categories=4, zipf=0, n=10, generations=1, seeds=50)
    for frame in experiment.run(settings):
        p = frame.generation.state
        assert frame.bands["distance"].mean == pytest.approx(np.mean(np.maximum(p - 0.25, 0).sum(1)))
        assert frame.bands["support"].mean == pytest.approx(np.mean((p > 0).sum(1)))


# -- digits ---------------------------------------------------------------------------------------------------------

def test_turned_axes_keep_the_covariance_and_the_meaning_of_a_code():
    rng = np.random.default_rng(0)
    w = rng.standard_normal((64, 5))
    turn, _ = np.linalg.qr(rng.standard_normal((5, 5)))
    back = digits.aligned(w @ turn, w)
    assert back == pytest.approx(w) and back @ back.T == pytest.approx(w @ w.T)


def test_decoding_the_mean_collapses_digits_and_sampling_does_not():
    last = {}
    for decoding in ("mean", "sample"):
        *_, frame = experiment.run(Settings(model="digits", generations=20, population=True, decoding=decoding, seeds=1))
        last[decoding] = frame.bands
        assert frame.bands["variance"].theory == pytest.approx(frame.bands["variance"].mean)
    assert last["sample"]["variance"].mean == pytest.approx(1) and last["sample"]["directions"].mean == 16
    assert last["mean"]["variance"].mean < 0.5 and last["mean"]["directions"].mean <= 8


def test_a_code_read_from_a_picture_draws_it_again():
    from sklearn.datasets import load_digits

    values, axes = np.linalg.eigh(digits.measured()[1])
    w = (axes * np.sqrt(np.maximum(values, 0)))[:, ::-1]
    again = digits.pictures(np.zeros(64), w, digits.codes(3, np.zeros(64), w, 1e-9))
    assert again == pytest.approx(load_digits().data[:3] / 16, abs=1e-3)


def test_the_same_codes_give_the_same_digits_as_long_as_nothing_is_lost():
    settings = Settings(model="digits", generations=5, population=True, decoding="sample", seeds=1)
    gallery = drawn.Gallery(settings)
    for frame in experiment.run(settings):
        gallery.add(frame)
    first, last = (np.array(row["pixels"]) for row in (gallery.rows[0], gallery.rows[-1]))
    assert np.abs(first - last).max() <= 1 and np.ptp(first) > 200


# -- every model in every regime ------------------------------------------------------------------------------------

@pytest.mark.parametrize("model", QUICK)
@pytest.mark.parametrize("regime", REGIMES)
def test_every_model_runs_every_regime_or_says_why_not(model, regime):
    settings = Settings(model=model, regime=regime, real=0.25, **SMALL)
    if regime not in FAMILIES[model].regimes:
        with pytest.raises(BadInput, match="it knows"):
            experiment.plan_of(settings)
        return
    frames = list(experiment.run(settings))
    gallery = drawn.Gallery(settings)
    for frame in frames:
        gallery.add(frame)
        assert list(frame.bands) == list(readings.READINGS[model])
        for band in frame.bands.values():
            assert band.q05 <= band.q25 <= band.median <= band.q75 <= band.q95 and len(band.runs) == 5
    assert [frame.index for frame in frames] == [0, 1, 2, 3] and [row["generation"] for row in gallery.rows] == [0, 3]
    json.dumps([gallery.truth(), gallery.rows, [frame.row() for frame in frames]], allow_nan=False)


@pytest.mark.parametrize("model", [*QUICK, "vae", "denoiser"])
def test_the_lab_streams_every_model_and_ends_with_its_map(model):
    tab.LAB.warm()
    few = {"letters": {"n": 50, "seeds": 2, "generations": 2}, "vae": {"seeds": 1, "generations": 1},
           "denoiser": {"seeds": 1, "generations": 1, "updates": 25}}.get(model, {})
    shown = played(model=model, **few)
    end = shown[-1]
    assert end.ended == "finished" and len(shown) >= 5
    first = next(s.view.pictures for s in shown if s.view.pictures)
    assert json.loads(first["bands"])["generations"] == end.steps and len(json.loads(end.view.pictures["draws"])["rows"]) == 2
    if model in phase.WITHOUT:  # each cell would be a minute's training
        shown_map = json.loads(end.view.pictures["map"])
        assert not shown_map["rows"] and "command line" in shown_map["hint"]
    else:
        grid = json.loads(end.view.pictures["map"])
        assert len(grid["cells"]) == len(grid["rows"]) * len(grid["columns"])
    assert tab.verdict(end.view.numbers) in tab.CHOICES
    assert re.match(r"At generation \d+, .*: .*Has it collapsed\? By ", end.view.words)
    assert all(q.low <= q.value <= q.high for q in end.view.numbers.values())


@pytest.mark.parametrize(("wrong", "sentence"), [
    ({"model": "words", "bias": 0.5}, "only the Gaussian"), ({"model": "letters", "estimator": "unbiased"}, "Only a variance"),
    ({"model": "letters", "text": "aaaaaaaaaaaaaaaaaaaaaaaa"}, "one letter"), ({"model": "letters", "text": "short"}, "at least 20"),
    ({"regime": "pool", "pool": 3, "real": 0.5}, "pool"), ({"regime": "weighted", "real": 0.0}, "both real and synthetic"),
    ({"regime": "accumulate-subsample", "n": 5000, "generations": 500, "seeds": 1000}, "Take fewer"),
    ({"model": "kde", "regime": "grow", "n": 5000, "growth": 3.0}, "Take fewer")])
def test_what_cannot_be_run_is_said_before_anything_runs(wrong, sentence):
    with pytest.raises(BadInput, match=sentence):
        list(play(tab.LAB, tab.LAB.defaults() | wrong))


def test_controls_hold_their_limits():
    for name, value in (("n", 1), ("real", 1.1), ("seeds", 10**9), ("generations", 0), ("regime", "magic")):
        with pytest.raises(BadInput, match=re.escape(tab.CONTROLS[name].label)):
            tab.LAB.check(tab.LAB.defaults() | {name: value})


def test_each_control_stands_where_it_matters():
    """A control outside its models and regimes changes nothing, so hiding it there hides nothing: known options only, none forgotten."""
    for name, condition in tab.WHERE.items():
        for asked, wanted in (each.split("=") for each in condition.split("&")):
            assert set(wanted.split("|")) <= {*tab.CONTROLS[asked].options, "vae-mnist"}, name
    assert {name for name in tab.LAB.more if name not in tab.WHERE} == {"counts", "seeds"}
    plain = experiment.plan_of(Settings(seeds=5))
    for name, value in (("since", 9), ("categories", 9), ("width", 0.9), ("order", 1), ("latent", 5), ("updates", 7), ("population", True),
                        ("dim", 9), ("top_p", 0.9), ("calls", 9)):
        assert experiment.plan_of(Settings(seeds=5, **{name: value})) == plain, name


# -- the map --------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("over", phase.OVER)
@pytest.mark.parametrize("regime", ["fresh", "replace"])
def test_a_cell_of_the_map_is_the_run_that_a_press_starts(regime, over):
    settings = Settings(regime=regime, n=30, generations=4, seeds=20, counts="tail", over=over)
    cells, axes = list(phase.cells(settings)), phase.axes(settings)
    assert [(cell.row, cell.column) for cell in cells] == [(i, j) for i in range(len(axes.values)) for j in range(len(axes.sizes))]
    for cell in cells[::7]:
        *_, last = experiment.run(Settings(**{**vars(settings), **cell.settings}))
        assert cell.value == last.bands["tail"].median
        tab.LAB.check(tab.LAB.defaults() | cell.settings)
    assert any(cell.settings.get("n", 30) == 30 and cell.settings.get("regime", regime) == regime for cell in cells)


def test_a_mixtures_map_is_of_few_runs_and_a_press_runs_as_many():
    settings = Settings(model="mixture", n=30, generations=2)
    cells, axes = list(phase.cells(settings)), phase.axes(settings)
    assert axes.columns == "generations" and "grow" not in axes.values and len(cells) == len(axes.values) * len(axes.sizes)
    cell = cells[-1]
    *_, last = experiment.run(Settings(**{**vars(settings), **cell.settings}))
    assert cell.settings["seeds"] == phase.FEW_RUNS and cell.value == last.bands["variance"].median


def test_a_cell_that_cannot_be_run_says_why():
    grid = phase.axes(Settings(regime="pool", pool=3, n=20))
    cells = list(phase.cells(Settings(regime="pool", pool=3, n=20, generations=1, seeds=2)))
    assert len(cells) == len(grid.values) * len(grid.sizes)
    assert any(cell.value is None and "pool" in cell.why for cell in cells) and any(cell.value is not None for cell in cells)


# -- the recorded run and the scenarios -----------------------------------------------------------------------------

def test_the_recorded_run_is_what_the_core_computes():
    saved = recorded.read("collapse")
    settings = Settings(**saved.manifest["settings"])
    assert settings == Settings()
    for row, frame in zip(saved.rows, experiment.run(settings), strict=True):
        assert row == pytest.approx(frame.row())
    view = tab.replay(saved)
    assert set(view.pictures) == set(tab.LAB.pictures) and "halves every" in view.words and tab.verdict(view.numbers) == "Part of it"


def test_every_scenario_is_named_reported_and_can_be_run():
    said = words("collapse")
    for name, settings in SCENARIOS.items():
        experiment.plan_of(settings)
        tab.LAB.check(tab.example(settings) | {"seed": 5})
        assert said[f"name {name}"] and "{" in said[f"report {name}"]
        story = tab.Story(Settings(**vars(settings) | {"seed": 5}), "", {}, {}, None)
        assert story.paper() == name
    assert tab.Story(Settings(n=77), "", {}, {}, None).paper() is None


def test_what_the_papers_report_comes_out():
    """Exact expectations known in closed form, within 4 standard errors of our runs: the published or derived values."""
    for name, reading, known in (("shumailov", "var", 1.0), ("alemohammad_fresh", "var", 0.94975), ("alemohammad_fixed", "var", 0.8593),
                                 ("alemohammad_bias", "var", 0.547066), ("gerstgrasser", "var", 0.84428), ("xu", "var", 0.84428),
                                 ("shumailov_distance", "distance", 0.1648)):
        settings = Settings(**vars(SCENARIOS[name]) | {"seeds": 1000})
        *_, last = experiment.run(settings)
        band = last.bands[reading]
        values = readings.readings("gaussian", experiment.plan_of(settings), last.generation)[reading]
        assert abs(band.mean - known) < 4 * values.std() / len(values) ** 0.5 + 1e-3, name
        assert band.theory == pytest.approx(known, abs=2e-3), name


def test_the_verdict_follows_the_typical_runs_spread():
    for kept, choice in ((1.5, 0), (1.0, 1), (0.8, 1), (0.5, 2), (0.1, 3)):
        assert tab.verdict({"spread_kept": Quantity.exact(kept)}) == tab.CHOICES[choice]


def test_the_page_opens_on_the_recorded_run_and_a_cell_of_the_map_runs_it(new_page):
    page = new_page("/?tab=collapse&generations=5&seeds=10")
    expect(page.locator("#collapse-readout")).to_contain_text("Has it collapsed?")
    page.locator("#collapse-run").click()
    expect(page.locator("#collapse-line")).to_contain_text("Finished", timeout=60_000)
    cell = page.get_by_role("button", name=re.compile(r"Accumulate, n = 20:"))
    cell.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("#collapse-map .phase-here")).to_have_attribute("aria-label", re.compile("Accumulate, n = 50"), timeout=60_000)
    expect(page.locator("#collapse-n input[type=number]")).to_have_value("50")
    expect(page.locator("#collapse-line")).to_contain_text("Finished", timeout=60_000)
    page.locator("#collapse-model input").first.click()
    page.get_by_role("option", name="Letters of a text").click()
    page.locator("#collapse-run").click()
    expect(page.locator("#collapse-draws .draws-texts h3").last).to_have_text("Generation 5", timeout=60_000)
