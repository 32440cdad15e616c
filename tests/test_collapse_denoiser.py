"""Denoisers of points that learn from one another: what is handed on, what is read, and the lab's live run."""

import json

import numpy as np
import pytest
import torch

from demos import collapse as tab
from demos._lab import play
from genai_core import measuring
from genai_core.collapse import Plan, denoiser, engines, experiment, readings
from genai_core.collapse.experiment import Settings
from genai_core.collapse.plan import REGIMES
from genai_core.data.points import RING_SPREAD, ring_centres
from genai_core.errors import BadInput

SMALL = {"updates": 4, "calls": 4}


def chain(learned=True, **changed):
    one = denoiser.Chain(Plan(**{"n": 60, "generations": 2, "seeds": 1, "seed": 3} | changed), **SMALL)
    if learned:
        list(one.learn(0))
    return one


def ran(seeds=1, options=None, **changed):
    return list(engines.generations("denoiser", Plan(n=40, generations=1, seeds=seeds, seed=3, options=SMALL | (options or {}), **changed)))


@pytest.mark.parametrize("regime", [name for name in REGIMES if name != "weighted"])
def test_a_later_generation_learns_from_the_one_before_and_from_real_points_where_the_regime_says_so(regime):
    """Each point that the model draws is put far away, so that those that are left are real."""
    one = chain(learned=False, regime=regime, real=0.25 if REGIMES[regime].real else 0.0, pool=90, growth=1.0)
    one.model = denoiser.PointDiffusion()
    one.draw = lambda k, rng: torch.full((k, 2), 50.0)
    kept = one.feed.first()[0]
    data, _ = one.feed.following(lambda k: one.draw(k, None).numpy()[None])
    real = [point for point in data[0] if np.abs(point).max() < 2]
    wanted = {"accumulate": (120, 60), "grow": (120, 0), "fresh": (60, 15), "fixed": (60, 15), "pool": (60, 15)}.get(regime, (60, 0))
    if regime == "accumulate-subsample":
        assert len(data[0]) == 60 and 15 < len(real) < 45
    else:
        assert (len(data[0]), len(real)) == wanted
    assert kept.shape == (60, 2) and kept.dtype == np.float32


def test_a_generation_starts_from_the_one_before_unless_each_is_new(monkeypatch):
    begun = []
    train = denoiser.train

    def seen(model, *settings):
        begun.append([part.clone() for part in model.parameters()])
        return train(model, *settings)

    monkeypatch.setattr(denoiser, "train", seen)
    for start, same in (("before", True), ("new", False)):
        one = denoiser.Chain(Plan(n=40, generations=1, seeds=1), start=start, **SMALL)
        list(one.learn(0))
        learned = [part.clone() for part in one.model.parameters()]
        list(one.learn(1))
        assert all(torch.equal(a, b) for a, b in zip(begun[-1], learned, strict=True)) == same
    one = denoiser.Chain(Plan(n=40, generations=1, seeds=1))
    assert [one.updates_of(index) for index in (0, 1, 2)] == [denoiser.FIRST, denoiser.LATER, denoiser.LATER]
    assert experiment.updates(Settings(model="denoiser")) == (denoiser.FIRST, denoiser.LATER)
    assert denoiser.updates_in_all(Plan(generations=3, seeds=2)) == 2 * (denoiser.FIRST + 3 * denoiser.LATER)


def test_the_readings_of_known_points():
    floor = denoiser.truth("ring")
    assert floor["modes"] == 8 and floor["spread"] == pytest.approx(1, abs=0.01) and floor["precision"] > 0.98 and floor["recall"] > 0.98
    noise = RING_SPREAD * torch.randn(denoiser.READ, 2, generator=torch.Generator().manual_seed(0))
    found = denoiser.read(ring_centres()[torch.arange(denoiser.READ) % 5] + noise, "ring")
    assert found["modes"] == 5 and found["smallest"] == 0 and found["recall"] == pytest.approx(5 / 8, abs=0.05)
    assert found["precision"] > 0.97 and found["distance"] > 3 * floor["distance"]
    assert denoiser.spread("ring") == pytest.approx(1 + 2 * RING_SPREAD**2, abs=0.01)
    moons = denoiser.read(denoiser.truth_points("two_moons"), "two_moons")
    assert set(moons) == set(floor) - {"modes", "smallest"} and moons["spread"] == pytest.approx(1, abs=0.1)
    known = readings.truth("denoiser", experiment.plan_of(Settings(model="denoiser", generations=5)))
    assert list(known) == list(readings.READINGS["denoiser"]) and known["distance"] == floor["distance"]


def test_a_chain_does_not_depend_on_its_neighbours_and_no_theory_is_claimed():
    one, two = ran(), ran(seeds=2)
    for a, b in zip(one, two, strict=True):
        for name, values in b.statistics.items():
            assert np.isfinite(values).all() and np.array_equal(a.statistics[name][0], values[0]), name
        assert b.state[0].shown.shape == (denoiser.SHOWN, 2)
    assert engines.expected("denoiser", Plan(generations=2, options=SMALL)) == {}


@pytest.mark.parametrize(("wrong", "sentence"), [
    ({"regime": "weighted", "real": 0.5}, "weighted"), ({"estimator": "unbiased"}, "mle"), ({"bias": 0.5}, "--bias"),
    ({"options": {"data": "cats"}}, "ring, two_moons"), ({"options": {"calls": 3}}, "calls"), ({"options": {"start": "old"}}, "new or"),
    ({"seeds": 10_000}, "") , ({"regime": "grow", "growth": 4}, "")])
def test_what_cannot_be_trained_is_said(wrong, sentence):
    wrong = {**wrong, "options": (SMALL if "seeds" not in wrong else {}) | wrong.get("options", {})}
    if "growth" in wrong:
        wrong |= {"n": 1000}
    with pytest.raises(BadInput, match=sentence or "Take fewer"):
        next(engines.generations("denoiser", Plan(**{"n": 40, "generations": 20, "seeds": 1} | wrong)))


@pytest.mark.parametrize(("wrong", "sentence"), [
    ({"generations": 200}, "updates of a denoiser"), ({"regime": "grow", "n": 5000}, "points for one another"), ({"bias": 0.5}, "only")])
def test_a_live_run_that_would_last_minutes_is_refused(wrong, sentence):
    with pytest.raises(BadInput, match=sentence):
        experiment.plan_of(Settings(**{"model": "denoiser", "generations": 20} | wrong))


def test_the_lab_says_how_long_it_takes_stops_at_once_and_keeps_its_pictures(monkeypatch):
    monkeypatch.setattr(tab, "SOON_S", 0.0)
    values = tab.LAB.defaults() | {"model": "denoiser", "n": 60, "generations": 3, "updates": 50, "calls": 4}
    assert "about 1 s" in tab.hint(**values) and tab.hint(**tab.LAB.defaults()) == ""
    seen = []
    for shown in play(tab.LAB, values, stopped=lambda: len(seen) >= 5, every_s=0):
        seen.append(shown)
    assert seen[-1].ended == "stopped" and "is learning: update" in seen[0].view.words and "s left" in seen[0].view.words
    cloud = next(json.loads(s.view.pictures["draws"]) for s in seen if "draws" in s.view.pictures)
    assert cloud["kind"] == "clouds" and len(cloud["truth"]) == len(cloud["rows"][0]["points"]) == 400
    assert "of 8 modes left" in cloud["rows"][0]["note"]
