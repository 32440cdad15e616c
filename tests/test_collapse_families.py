"""Words, smoothed densities, regression and the linear VAE that learn from themselves: simulation against the closed forms."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genai_core.collapse import Plan, categorical, engines, kde
from genai_core.collapse import theory_discrete as known
from genai_core.errors import BadInput
from test_collapse import agrees, errors, simulated

WORDS = Plan(n=10, generations=3, seeds=20_000, seed=3, options={"categories": 6})
H0 = 1 - 1 / 6


@pytest.mark.parametrize("plan", [
    WORDS, replace(WORDS, regime="accumulate", n=4, generations=1, seeds=60_000), replace(WORDS, regime="grow", n=4, generations=1),
    replace(WORDS, regime="fresh", real=0.2, generations=2),
], ids=lambda plan: plan.regime)
def test_expected_heterozygosity(plan):
    agrees(simulated(plan, "heterozygosity", "categorical"), known.heterozygosity(plan, H0))          # W1, W4, W5


def test_the_limit_of_fresh_counts():
    assert known.fresh_limit(0.9, 100, 10) == pytest.approx(0.85477, abs=1e-5)
    far = known.heterozygosity(Plan(regime="fresh", n=100, real=0.1, generations=400), 0.9)
    assert far[-1] == pytest.approx(known.fresh_limit(0.9, 100, 10), rel=1e-9)


def test_survival_is_exact():
    assert known.survival(0.01, 100, 49)[[9, 49], 0] == pytest.approx([0.16139, 0.04112], abs=1e-5)   # W2
    assert known.survival(0.05, 100, 19)[-1, 0] == pytest.approx(0.38317, abs=1e-5)
    assert known.survival([0.1] * 10, 100, 49).sum(1)[-1] == pytest.approx(3.5204, abs=1e-4)
    plan = replace(WORDS, generations=5)
    expected = engines.expected("categorical", plan)
    agrees(simulated(plan, "support", "categorical"), expected["support"])
    agrees(simulated(plan, "lost", "categorical"), expected["lost"])


def test_survival_of_many_is_close_to_the_branching_form():
    exact = known.survival(0.004, 1400, 30)[:, 0]
    g = known.genealogy(30)
    assert np.allclose(exact[1:], 1 - np.exp(-1400 * 0.004 * g[1:]), atol=0.01) and exact[-1] >= 1 - np.exp(-5.6 * g[-1])


def test_fixation():
    assert known.absorption(0.3, 50) == pytest.approx(59.37, abs=0.01)                                # W3
    plan = Plan(n=10, generations=120, seeds=20_000, seed=1, options={"true": np.array([0.3, 0.7])})
    last = [f.state for f in engines.generations("categorical", plan)][-1]
    assert (last.max(1) == 1).all() and abs(last[:, 0].mean() - 0.3) < 4 * (0.21 / 20_000) ** 0.5


def test_zipf_loses_its_tail():
    p = known.zipf(1000, 1.5)
    assert known.mass_lost(p, 1000, 49)[[0, 9, 49]] == pytest.approx([0.0710, 0.1472, 0.2589], abs=2e-3)  # W6, approximate there
    plan = Plan(n=1000, generations=9, seeds=300, seed=2, options={"categories": 1000, "zipf_exponent": 1.5})
    lost = simulated(plan, "lost", "categorical")
    assert np.abs(errors(lost, known.mass_lost(p, 1000, 9))).max() < 4


CHAIN = st.sampled_from(["replace", "accumulate", "grow"])


@settings(max_examples=20, deadline=None)
@given(CHAIN, st.integers(2, 40), st.integers(2, 30), st.floats(0, 2), st.integers(0, 2**31))
def test_support_never_grows_and_entropy_falls_on_average(regime, n, categories, exponent, seed):
    plan = Plan(regime=regime, n=n, growth=1, generations=6, seeds=400, seed=seed,
                options={"categories": categories, "zipf_exponent": exponent})
    assert (np.diff(simulated(plan, "support", "categorical"), axis=0) <= 0).all()
    entropy = simulated(plan, "entropy", "categorical")
    steps = np.diff(entropy, axis=0)
    assert (steps.mean(1) <= 5 * steps.std(1) / 20 + 1e-12).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 40), st.floats(0.05, 20), st.floats(0.01, 1), st.integers(0, 2**31))
def test_sharpening_keeps_probabilities(categories, temperature, top_p, seed):
    p = np.random.default_rng(seed).dirichlet(np.ones(categories), 3)
    out = categorical.sharpened(p, temperature, top_p)
    assert np.allclose(out.sum(1), 1) and (out >= 0).all() and np.allclose(categorical.sharpened(p, 1.0, 1.0), p)
    assert (out.argmax(1) == p.argmax(1)).all()


def test_top_p_keeps_the_smallest_set():
    assert categorical.sharpened(np.array([[0.5, 0.3, 0.2]]), 1, 0.5).tolist() == [[1, 0, 0]]
    assert categorical.sharpened(np.array([[0.2, 0.3, 0.5]]), 1, 0.51) == pytest.approx(np.array([[0, 0.375, 0.625]]))
    assert categorical.sharpened(np.array([[0.2, 0.8]]), 0.5, 1) == pytest.approx(np.array([[0.04, 0.64]]) / 0.68)


def test_draws_without_replacement():
    rng = np.random.default_rng(0)
    urn = np.broadcast_to(np.array([5, 3, 2]), (4000, 3))
    some = categorical.taken(rng, urn, 4)
    assert (some.sum(1) == 4).all() and (some <= urn).all() and np.allclose(some.mean(0), [2, 1.2, 0.8], atol=0.06)
    assert (categorical.taken(rng, urn, 10) == urn).all()


@pytest.mark.parametrize("options, statistic", [
    ({"bandwidth": "constant", "width": 0.5}, known.kde_constant(12, 0.5, 3)),                        # K1
    ({"bandwidth": "scott"}, known.kde_scott(12, 3) * (1 - 1 / 12)),                                  # K2
    ({"bandwidth": "shrunk"}, known.kde_shrunk(12, 3)),                                               # K3
], ids=("constant", "scott", "shrunk"))
def test_smoothing(options, statistic):
    plan = Plan(n=12, generations=3, seeds=30_000, seed=5, options=options)
    values = simulated(plan, "var", "kde")
    agrees(values, statistic)
    other = replace(plan, estimator="unbiased")
    assert abs(errors(simulated(other, "var", "kde")[-1:], statistic[-1])[0]) > 4
    assert np.allclose(engines.expected("kde", plan)["var"], statistic)


def test_smoothing_of_all_data_grows_without_bound():
    plan = Plan(regime="accumulate", n=10, generations=4, seeds=30_000, seed=5, options={"width": 0.8})
    second = simulated(plan, "var", "kde") + simulated(plan, "mean", "kde") ** 2
    agrees(second, known.kde_accumulate(0.8, 4))                                                      # K4
    assert known.kde_accumulate(0.3, 39)[-1] == pytest.approx(1.2951, abs=1e-4)
    assert known.kde_constant(100, 0.3, 5000)[-1] == pytest.approx(99 * 0.09)


LINES = Plan(generations=3, seeds=20_000, seed=6, options={"dim": 3, "rows": 15})


@pytest.mark.parametrize("design", ["same", "fresh"])
def test_regression_replace(design):
    plan = replace(LINES, options=LINES.options | {"design": design})
    agrees(simulated(plan, "excess", "regression"), known.regression(plan, 3, 15, design))            # R1


def test_regression_accumulate():
    plan = replace(LINES, regime="accumulate", seeds=60_000, generations=2)
    expected = known.regression(plan, 3, 15, "same")
    agrees(simulated(plan, "excess", "regression"), expected)                                         # R2
    fresh = simulated(replace(plan, generations=12, seeds=5000, options=LINES.options | {"design": "fresh"}), "excess", "regression")
    assert fresh[-1].mean() < known.regression(replace(plan, generations=12), 3, 15, "same")[-1]      # R3
    assert known.regression(replace(plan, generations=5000, seeds=1), 3, 15, "same")[-1] < np.pi**2 / 6 * 3 / 11


def test_regression_on_some_of_all_rows_levels_off():
    plan = replace(LINES, regime="accumulate-subsample", generations=19, seeds=1500, options={"dim": 10, "rows": 50})
    values = simulated(plan, "excess", "regression").mean(1)
    assert values[[4, 9, 19]] == pytest.approx([0.672, 0.794, 0.870], abs=0.11)                       # R4: the notes' own figures
    assert values[19] - values[14] < (values[4] - values[0]) / 2


@pytest.mark.parametrize("design", ["same", "fresh"])
def test_row_by_row_agrees_with_the_short_cut(design):
    plan = replace(LINES, regime="fresh", real=0.0, options=LINES.options | {"design": design}, seeds=5000)
    agrees(simulated(plan, "excess", "regression"), known.regression(replace(plan, regime="replace"), 3, 15, design))


def test_linear_vae():
    plan = Plan(generations=11, seeds=1, options={"population": True})
    found = np.array([f.statistics["eigenvalues"][0] for f in engines.generations("linear-vae", plan)])
    assert found[4] == pytest.approx([3.5, 1.5, 0.5, 0]) and found[11] == pytest.approx([2.8, 0.8, 0, 0])  # L1
    assert np.allclose(found, engines.expected("linear-vae", plan)["eigenvalues"])
    kept = list(engines.generations("linear-vae", replace(plan, options={"population": True, "decoding": "sample"})))
    assert all(np.allclose(f.statistics["eigenvalues"][0], [4, 2, 1, 0.5]) for f in kept)
    drawn = replace(plan, n=4000, generations=4, seeds=20, options={})
    last = list(engines.generations("linear-vae", drawn))[-1].statistics["eigenvalues"].mean(0)
    assert last == pytest.approx([3.5, 1.5, 0.5, 0], abs=0.12)


def test_a_linear_vae_of_real_data_needs_no_given_eigenvalues():
    cov = np.diag([3.0, 1.0, 0.2])
    plan = Plan(generations=2, seeds=1, options={"covariance": cov, "latent": 2, "population": True, "noise": 0.05})
    frames = list(engines.generations("linear-vae", plan))
    assert frames[-1].statistics["eigenvalues"][0] == pytest.approx([2.85, 0.85]) and frames[0].state[1].shape == (1, 3, 2)


@pytest.mark.parametrize("model, plan, told", [
    ("categorical", Plan(bias=0.5), "--temperature"), ("categorical", Plan(regime="filter"), "top-p"),
    ("categorical", Plan(options={"top_p": 0}), "above 0"), ("kde", Plan(bias=0.5), "width"),
    ("kde", Plan(options={"bandwidth": "silverman"}), "constant, scott"), ("regression", Plan(options={"rows": 11}), "at least 12"),
    ("regression", Plan(regime="grow"), "knows the regimes"), ("linear-vae", Plan(options={"values": (1, -2)}), "positive"),
    ("linear-vae", Plan(options={"decoding": "median"}), "mean or sample"), ("gaussian", Plan(options={"dim": 0}), "from 1 to 200"),
    ("kde", Plan(regime="accumulate", n=100_000, generations=100, seeds=1000), "points"),
    ("categorical", Plan(seeds=100_000, options={"categories": 1000}), "too many at once"),
])
def test_what_does_not_go_together_is_said(model, plan, told):
    with pytest.raises(BadInput, match=told):
        next(engines.generations(model, plan))


def test_the_command_line_writes_what_the_engine_gives(tmp_path, capsys):
    import json

    import pandas

    from genai_core import __main__ as command_line

    file = tmp_path / "runs.csv"
    asked = ["collapse", "--model", "categorical", "--categories", "5", "--n", "20", "--regime", "fresh", "--real", "0.2",
             "--generations", "3", "--seeds", "40", "--seed", "9", "--out", str(file), "--json"]
    assert command_line.main(asked) == 0
    told, rows = json.loads(capsys.readouterr().out), pandas.read_csv(file)
    assert list(rows.columns) == ["generation", "seed", "heterozygosity", "entropy", "support", "lost"] and len(rows) == 4 * 40
    plan = Plan(regime="fresh", n=20, real=0.2, generations=3, seeds=40, seed=9, options={"categories": 5})
    assert rows[rows.generation == 3].entropy.to_numpy() == pytest.approx(simulated(plan, "entropy", "categorical")[3])
    last = told["generations"][3]
    assert last["generation"] == 3 and last["theory"]["heterozygosity"] == pytest.approx(known.heterozygosity(plan, 0.8)[3])
    assert last["entropy"]["median"] == pytest.approx(rows[rows.generation == 3].entropy.median())
    assert command_line.main(["collapse", "--n", "1"]) == 2 and "n must be" in capsys.readouterr().err
    assert command_line.main(["collapse", "--regime", "nonsense"]) == 2


def test_the_families_that_are_left_are_those_of_the_exact_chain():
    """Every point has a parent: how many first points still have descendants is known exactly, whatever the bandwidth."""
    plan = Plan(n=12, generations=4, seeds=20_000, seed=5, options={"bandwidth": "scott"})
    left = np.array([kde.families(frame.state) for frame in engines.generations("kde", plan)])
    expected = known.families(12, 4)
    assert (left[0] == 12).all() and (np.diff(left, axis=0) <= 0).all()
    assert np.abs(errors(left[1:], expected[1:])).max() < 4 and abs(errors(left[-1:], expected[-2])[0]) > 4
    fresh = list(engines.generations("kde", Plan(regime="fresh", real=0.5, n=12, generations=4, seeds=50)))
    assert kde.families(fresh[-1].state).min() >= 6  # real points found families of their own


def test_rows_that_repeat_too_often_are_answered_with_what_to_change():
    with pytest.raises(BadInput, match="take more rows"):
        list(engines.generations("regression", Plan(regime="accumulate-subsample", generations=5, seeds=300, options={"rows": 12})))
