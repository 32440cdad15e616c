"""Gaussians that learn from Gaussians: simulation against the closed forms, and what must hold on every path."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from genai_core.collapse import Plan, engines, theory
from genai_core.errors import BadInput

MANY = 50_000


def simulated(plan, statistic="var", model="gaussian"):
    """(T + 1, seeds)"""
    return np.array([engines.columns(f.statistics)[statistic] for f in engines.generations(model, plan)])


def errors(values, expected):
    """How many standard errors each generation's mean lies from what was expected.  -> (T + 1,)"""
    return (values.mean(1) - expected) / (values.std(1, ddof=1) / values.shape[1] ** 0.5)


def agrees(values, expected):
    """Within 4 standard errors in every generation, and so sharp that one generation more or less would not."""
    assert np.abs(errors(values, expected)).max() < 4
    last = values[-1:]
    step = expected[-1] - expected[-2]
    for wrong in (expected[-1] - step, expected[-1] + step):
        assert abs(errors(last, wrong)[0]) > 4, "too few seeds to see one generation"


BASE = Plan(n=10, generations=4, seeds=MANY, seed=11)
CASES = {
    "G1 mle": BASE,
    "G1 other n": replace(BASE, n=4, generations=3),
    "G8 bias": replace(BASE, bias=0.8),
    "G8 bias unbiased": replace(BASE, bias=0.8, estimator="unbiased"),
    "C1 accumulate": replace(BASE, regime="accumulate", n=4, generations=1),
    "C1 accumulate bias": replace(BASE, regime="accumulate", n=6, bias=0.6, generations=3),
    "C3 subsample": replace(BASE, regime="accumulate-subsample", n=4, generations=1, seeds=200_000),
    "C4 fresh": replace(BASE, regime="fresh", real=0.2, generations=2),
    "C4 fresh bias": replace(BASE, regime="fresh", real=0.2, bias=0.7, generations=2),
    "C5 fixed": replace(BASE, regime="fixed", real=0.2, generations=4),
    "C5 pool": replace(BASE, regime="pool", real=0.3, pool=6, generations=3),
    "C5 pool bias": replace(BASE, regime="pool", real=0.3, pool=20, bias=0.7, generations=2),
    "C7 grow": replace(BASE, regime="grow", n=4, generations=1),
    "C6 weighted": replace(BASE, regime="weighted", real=0.5, generations=1),
    "C4 fresh, late": replace(BASE, regime="fresh", real=0.3, bias=0.9, generations=3, since=3),
    "C5 pool, late": replace(BASE, regime="pool", real=0.5, pool=20, generations=3, since=3),
    "C6 weighted, late": replace(BASE, regime="weighted", real=0.5, generations=3, since=3),
}


@pytest.mark.parametrize("name", CASES)
def test_expected_variance(name):
    agrees(simulated(CASES[name]), theory.gaussian(CASES[name])["var"])


@pytest.mark.parametrize("name", CASES)
def test_expected_drift(name):
    values = simulated(CASES[name], "mean") ** 2
    assert np.abs(errors(values, theory.gaussian(CASES[name])["mean_square"])).max() < 4


@pytest.mark.parametrize("name", [n for n in CASES if "weighted" not in n and "subsample" not in n and "bias" not in n])
def test_the_other_estimator_would_be_seen(name):
    other = replace(CASES[name], estimator="unbiased")
    assert abs(errors(simulated(other)[-1:], theory.gaussian(CASES[name])["var"][-1])[0]) > 4


def test_log_variance_deviation_and_distance():
    for estimator in ("mle", "unbiased"):
        plan = replace(BASE, estimator=estimator, generations=6)
        known, var, mean = theory.replace_gaussian(10, 6, estimator), simulated(plan), simulated(plan, "mean")
        agrees(np.log(var), known["log_var"])                                                                # G5
        assert np.allclose(np.log(var).var(1), known["log_var_spread"], rtol=0.05)
        agrees(np.sqrt(var), known["std"])                                                                   # G6
        agrees(mean**2 + (np.sqrt(var) - 1) ** 2, known["w2"])
    assert np.abs(errors(var, 1.0)).max() < 4                                                                # G3
    agrees(mean**2, np.arange(1, 8) / 10)                                                                    # G4
    kl = 0.5 * (np.log(simulated(replace(plan, n=30))) + (1 + simulated(replace(plan, n=30), "mean") ** 2)
                / simulated(replace(plan, n=30)) - 1)
    agrees(kl, theory.kl_unbiased(30, 6))                                                                    # G7


def test_the_notes_of_the_papers():
    assert theory.replace_gaussian(100, 10, "unbiased")["w2"][10] == pytest.approx(0.1648, abs=1e-4)         # fit 11
    assert theory.replace_gaussian(100, 199, "unbiased")["std"][-1] == pytest.approx(0.60348, abs=1e-5)
    assert theory.kl_unbiased(50, 19)[-1] == pytest.approx(0.76396, abs=1e-5)
    assert theory.log_det(100, 5, 19)[-1] == pytest.approx(-4.0912, abs=1e-4)
    assert [round(theory.half_life(n, e), 1) for n, e in ((10, "unbiased"), (100, "unbiased"), (100, "mle"))] == [6.0, 68.4, 34.3]
    assert theory.accumulate_limit(10) == pytest.approx(0.84344, abs=1e-5)
    assert theory.accumulate_gaussian(10, 99)["var"][-1] == pytest.approx(0.84428, abs=1e-5)
    assert theory.subsample_gaussian(10, 39)["var"][-1] == pytest.approx(0.74431, abs=1e-5)
    assert [theory.subsample_limit(n) for n in (10, 100, 1000)] == pytest.approx([0.73899, 0.97100, 0.99707], abs=2e-5)
    assert theory.effective_size(20, 2000) == pytest.approx(40.79, abs=0.005) and theory.effective_size(100, 900) == pytest.approx(190.9)
    far = Plan(regime="fresh", n=100, real=0.01, generations=2000)
    assert theory.gaussian(far)["var"][-1] == pytest.approx(0.66443, abs=1e-5)
    assert theory.gaussian(replace(far, real=0.2, bias=0.8))["var"][-1] == pytest.approx(0.547066, abs=1e-6)
    assert theory.gaussian(replace(far, regime="fixed", real=0.1))["var"][-1] == pytest.approx(0.85930, abs=1e-3)
    assert theory.gaussian(replace(far, regime="pool", real=0.1, pool=100))["var"][-1] == pytest.approx(0.94070, abs=1e-5)
    assert theory.gaussian(replace(far, regime="fixed", real=0.01))["var"][-1] == pytest.approx(0, abs=1e-6)  # one fixed point


def test_the_golden_weight_is_best():
    plan = Plan(regime="weighted", n=100, real=0.5, generations=60, seeds=MANY, options={"known_variance": True})
    limits = {w: theory.gaussian(replace(plan, weight=w), known_variance=True)["mean_square"][-1] for w in (0.5, 0.55, 0.618, 0.7)}
    assert min(limits, key=limits.get) == 0.618 and limits[0.618] == pytest.approx(0.618034 / 50, rel=1e-4)
    values = simulated(replace(plan, generations=12), "mean") ** 2
    known = theory.gaussian(replace(plan, generations=12), known_variance=True)["mean_square"]
    assert np.abs(errors(values, known)).max() < 4
    assert limits[0.5] == pytest.approx(0.013333, abs=1e-6) and abs(errors(values[-1:], limits[0.5])[0]) > 4


@pytest.mark.parametrize("dim", [2, 5])
def test_many_dimensions(dim):
    plan = Plan(n=12, generations=3, seeds=10_000, seed=4, options={"dim": dim})
    known = theory.gaussian(plan, dim)
    for name in ("trace", "mean_square", "logdet"):
        agrees(simulated(plan, name), known[name])
    other = replace(plan, estimator="unbiased")
    assert abs(errors(simulated(other, "logdet")[-1:], known["logdet"][-1])[0]) > 4
    assert (np.diff(simulated(replace(plan, n=dim + 1), "trace").mean(1)) < 0).all()  # hardly more points than dimensions


SHAPED = st.sampled_from(["replace", "accumulate", "accumulate-subsample", "fresh", "fixed", "pool", "grow", "weighted"])


@settings(max_examples=25, deadline=None)
@given(SHAPED, st.integers(2, 30), st.sampled_from([0.1, 0.5, 0.9]), st.integers(0, 2**31))
def test_spread_is_not_lost_but_turned_into_drift(regime, n, real, seed):
    """E m^2 + E V = 1 for every mixture of real and synthetic, by maximum likelihood."""
    n = max(n, 12)
    plan = Plan(regime=regime, n=n, real=real, generations=3, seeds=3000, seed=seed)
    whole = simulated(plan, "mean") ** 2 + simulated(plan)
    assert np.abs(errors(whole, 1.0)).max() < 5  # 25 draws of 4 numbers: 5 instead of 4
    known = theory.gaussian(plan)
    assert np.allclose(known["var"] + known["mean_square"], 1)


@pytest.mark.parametrize("regime", ["replace", "accumulate", "fresh", "fixed", "pool", "grow", "weighted"])
def test_drawing_every_point_agrees_in_law(regime):
    plan = Plan(regime=regime, n=8, real=0.5, growth=1, pool=9 if regime == "pool" else None, generations=3, seeds=4000, seed=3)
    for name in ("mean", "var"):
        quick, slow = simulated(plan, name)[-1], simulated(replace(plan, seed=8, options={"raw": True}), name)[-1]
        assert ks_2samp(quick, slow).pvalue > 1e-3


def test_a_square_growth_is_accumulation():
    known = theory.gaussian(Plan(regime="grow", n=10, generations=99))["var"]
    assert np.allclose(known, theory.accumulate_gaussian(10, 99)["var"], rtol=1e-12)


def test_the_judge_pulls_the_model_to_what_it_likes():
    plan = Plan(regime="filter", n=50, keep=0.5, judge=1.5, generations=30, seeds=200)
    assert abs(simulated(plan, "mean")[-1].mean() - 1.5) < 0.2 and simulated(plan)[-1].mean() < 0.01
    assert np.abs(errors(simulated(replace(plan, keep=1.0)), theory.replace_gaussian(50, 30)["var"])).max() < 4.5


def test_the_same_seed_is_the_same_run():
    plan = Plan(regime="fresh", real=0.2, generations=5, seeds=7, seed=5)
    assert np.array_equal(simulated(plan), simulated(plan)) and not np.array_equal(simulated(plan), simulated(replace(plan, seed=6)))


@pytest.mark.parametrize("wrong, told", [
    ({"n": 1}, "from 2 to"), ({"n": 2.5}, "whole number"), ({"real": 1.5}, "from 0 to 1"), ({"regime": "repalce"}, "accumulate"),
    ({"generations": 10_000, "seeds": 1_000_000}, "fits"), ({"regime": "pool", "real": 0.5, "pool": 10}, "pool holds 10"),
    ({"bias": 0}, "above 0"), ({"bias": float("nan")}, "number"), ({"estimator": "map"}, "mle or unbiased"),
    ({"regime": "weighted"}, "both real and synthetic"), ({"seeds": True}, "whole number"),
])
def test_bad_input_gets_a_sentence(wrong, told):
    with pytest.raises(BadInput, match=told):
        Plan(**wrong)


def test_options_of_another_family_are_named():
    with pytest.raises(BadInput, match="no option width"):
        engines.generations("gaussian", Plan(options={"width": 1}))
    with pytest.raises(BadInput, match="there are gaussian"):
        engines.generations("gausian", Plan())
