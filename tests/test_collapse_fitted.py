"""Mixtures by EM and letters of a text that learn from themselves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genai_core.collapse import Plan, engines, mixture, ngram
from genai_core.errors import BadInput
from test_collapse import errors, simulated


def test_ideal_labels_drift_like_a_coin():
    plan = Plan(n=20, generations=2, seeds=1500, seed=2, options={"labels": "ideal", "separation": 6.0})
    product = simulated(plan, "product", "gmm")
    expected = engines.expected("gmm", plan)["product"]
    assert np.abs(errors(product, expected)).max() < 4 and abs(errors(product[-1:], expected[-1] / (1 - 1 / 20) ** 2)[0]) > 4
    assert simulated(plan, "variance", "gmm")[-1].mean() < (1 - 1 / 10) ** 3  # random component sizes only make it lower


def test_em_with_clear_modes_stays_near_ideal_labels():
    given_ = {"n": 200, "generations": 2, "seeds": 12, "seed": 3}
    em = simulated(Plan(**given_, options={"separation": 6.0}), "product", "gmm")
    assert np.abs(errors(em, (1 - 1 / 200) ** np.arange(1, 4) / 4)).max() < 4
    assert simulated(Plan(**given_, options={"separation": 6.0}), "modes", "gmm").min() == 2


def test_a_chain_does_not_depend_on_its_neighbours():
    few, more = (simulated(Plan(n=40, generations=2, seeds=s, seed=4), "variance", "gmm") for s in (2, 4))
    assert np.array_equal(few, more[:, :2])


@pytest.mark.parametrize("regime", ["accumulate", "accumulate-subsample", "fresh", "fixed", "pool", "grow"])
def test_every_regime_runs(regime):
    plan = Plan(regime=regime, n=40, real=0.25, growth=1, generations=2, seeds=2, options={"dim": 2, "components": 3})
    frames = list(engines.generations("gmm", plan))
    assert len(frames) == 3 and all(np.isfinite(v).all() for f in frames for v in f.statistics.values())
    assert np.allclose(frames[-1].state[0][0].sum(), 1)


def test_points_come_from_the_mixture_that_was_asked_for():
    rng = np.random.default_rng(0)
    points, which = mixture.draw(rng, np.array([0.25, 0.75]), np.array([[-3.0], [3.0]]), np.array([[[1.0]], [[4.0]]]), 40_000)
    assert which.mean() == pytest.approx(0.75, abs=0.01) and points[which == 1].var() == pytest.approx(4, rel=0.04)


def readable(text):
    return len(set(text.split())) > 1 and len(set("".join(text.split()))) > 2 and len(" ".join(text.split())) > 20


TEXTS = st.text(st.sampled_from("abcde "), min_size=30, max_size=200).filter(readable)


@settings(max_examples=25, deadline=None)
@given(TEXTS, st.integers(1, 3), st.integers(0, 2**31))
def test_an_n_gram_that_is_gone_never_comes_back(text, order, seed):
    plan = Plan(n=60, generations=3, seeds=3, seed=seed, options={"text": text, "order": order})
    frames = list(engines.generations("ngram", plan))
    ids, alphabet = frames[0].state
    tables = [ngram.counted(f.state[0], order, len(alphabet)) > 0 for f in frames]
    inside = [after & ~before for before, after in zip(tables, tables[1:], strict=False)]
    # a ring closes anywhere, so at most the `order` letters across the seam may be new
    assert all(new.sum((1, 2)).max() <= order for new in inside)


def test_counting_by_hand():
    ids = np.array([[0, 1, 0, 2]])  # the ring a b a c
    table = ngram.counted(ids, 1, 3)[0]
    assert table.tolist() == [[0, 1, 1], [1, 0, 0], [1, 0, 0]]
    assert ngram.counted(ids, 2, 3)[0][0 * 3 + 1].tolist() == [1, 0, 0]  # after "ab" comes a


def test_writing_follows_the_table():
    rng = np.random.default_rng(1)
    table = np.array([[[0, 3, 1], [1, 0, 0], [1, 0, 0]]])
    out = ngram.written(rng, table, 1, 8_000, 1.0)[0]
    after = out[1:][out[:-1] == 0]
    assert (after == 1).mean() == pytest.approx(0.75, abs=0.03) and not (after == 0).any()
    cold = ngram.written(rng, table, 1, 4_000, 0.2)[0]
    assert (cold[1:][cold[:-1] == 0] == 1).mean() > 0.98


def test_generation_zero_knows_the_whole_text_and_words_vanish():
    frames = list(engines.generations("ngram", Plan(n=600, generations=8, seeds=6, seed=1)))
    first, last = frames[0].statistics, frames[-1].statistics
    words = len(set(ngram.SAMPLE.split()))
    assert (first["words"] == words).all() and (first["coverage"] == 1).all()
    assert (last["words"] < words / 2).all() and last["entropy"].mean() < 0.7 * first["entropy"].mean()
    kept = list(engines.generations("ngram", Plan(regime="accumulate", n=600, generations=8, seeds=6, seed=1)))[-1].statistics
    assert (kept["coverage"] == 1).all()


@pytest.mark.parametrize("model, plan, told", [
    ("ngram", Plan(options={"text": "a" * 100}), "one letter only"), ("ngram", Plan(options={"text": "short"}), "at least 20"),
    ("ngram", Plan(options={"text": "".join(chr(0x4E00 + i) for i in range(400))}), "different characters"),
    ("ngram", Plan(seeds=5000, options={"order": 3}), "cells"), ("ngram", Plan(regime="filter"), "knows the regimes"),
    ("ngram", Plan(n=5), "at least 20 letters"), ("gmm", Plan(n=3), "at least 4 points"), ("gmm", Plan(regime="filter"), "Gaussian"),
    ("gmm", Plan(n=10_000, seeds=1000), "minutes of work"), ("gmm", Plan(regime="fresh", options={"labels": "ideal"}), "replace"),
])
def test_what_does_not_go_together_is_said(model, plan, told):
    with pytest.raises(BadInput, match=told):
        next(engines.generations(model, plan))


def test_other_scripts_are_read():
    text = "солнце встаёт над тихой рекой и снова солнце встаёт над рекой"
    last = list(engines.generations("ngram", Plan(n=100, generations=3, seeds=2, options={"text": text})))[-1]
    assert set(last.state[1]) == set(text + " ")
