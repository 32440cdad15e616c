"""VAEs of digits that learn from one another: what is handed on, what is read, long runs that go on, and the lab's live run."""

import json

import numpy as np
import pytest
import torch

from demos import _say
from demos import collapse as tab
from demos._lab import play
from genai_core import measuring, recorded, runtime
from genai_core.collapse import Plan, engines, experiment, judging, long_run, mnist_run, scenarios, vae
from genai_core.collapse.experiment import Settings
from genai_core.data import pictures
from genai_core.errors import BadInput

SMALL = {"updates": 30, "hidden": 16, "latent": 3, "start": "new"}
PLAN = Plan(n=120, generations=1, seeds=2, seed=3, options=SMALL)


def ran(**changed):
    options = SMALL | changed.pop("options", {})
    return list(engines.generations("vae", Plan(**{"n": 120, "generations": 1, "seeds": 1, "seed": 3} | changed, options=options)))


# -- what is handed on ----------------------------------------------------------------------------------------------

@pytest.mark.parametrize("coins", [1, 4, 16])
def test_a_sample_of_the_decoder_has_the_moments_of_its_coins(coins):
    mean = torch.full((200_000,), 0.3)
    drawn = vae.counted(mean, coins, runtime.rng(0))
    error = (0.3 * 0.7 / coins / len(mean)) ** 0.5
    assert abs(drawn.mean().item() - 0.3) < 4 * error and drawn.var().item() == pytest.approx(0.3 * 0.7 / coins, rel=0.02)
    assert set(np.unique((drawn * coins).numpy().round(4))) <= set(range(coins + 1))


def test_the_loss_with_beta_1_over_k_is_the_likelihood_of_k_coins_over_k():
    """k coins of chance p with heads x k: -log likelihood = k (cross-entropy of x and p) up to what does not depend on p."""
    from torch.distributions import Binomial
    from torch.nn.functional import binary_cross_entropy

    k, x, p = 4, torch.tensor([0.25, 0.5, 1.0]), torch.tensor([[0.2, 0.6, 0.9], [0.5, 0.4, 0.7]])
    exact = -Binomial(k, p).log_prob(k * x).sum(1)
    ours = k * torch.stack([binary_cross_entropy(row, x, reduction="sum") for row in p])
    assert (exact[0] - exact[1]).item() == pytest.approx((ours[0] - ours[1]).item(), abs=1e-5)
    assert vae.Chain(PLAN, **SMALL).settings["beta"] == 1 / vae.KINDS["digits"].levels


def test_the_mean_is_handed_on_in_grey_and_a_sample_in_whole_coins():
    for decoding, levels in (("mean", 256), ("sample", vae.KINDS["digits"].levels + 1)):
        chain = vae.Chain(PLAN, decoding=decoding, **SMALL)
        list(chain.learn(0))
        drawn = chain.draw(200, runtime.rng(1))
        assert drawn.shape == (200, 1, 8, 8) and drawn.dtype == np.uint8
        assert (len(np.unique(drawn)) <= levels) and (decoding == "mean") == (len(np.unique(drawn)) > 30)


def test_a_later_generation_learns_from_the_one_before_and_from_real_pictures_where_the_regime_says_so():
    real = {picture.tobytes() for picture in pictures.read("digits").pictures.numpy()}

    def share(regime, **more):
        plan = Plan(regime=regime, n=60, generations=2, seeds=1, **more)
        chain = vae.Chain(plan, **SMALL)
        list(chain.learn(0))
        data, _ = chain.feed.following(lambda k: chain.draw(k, runtime.rng(0))[None])
        return len(data[0]), sum(picture.tobytes() in real for picture in data[0]) / len(data[0])

    assert share("replace") == (60, 0)
    assert share("fresh", real=0.25) == share("fixed", real=0.25) == share("pool", real=0.25, pool=90) == (60, 0.25)
    assert share("accumulate") == (120, 0.5)


# -- what is read ---------------------------------------------------------------------------------------------------

def test_real_digits_read_as_real_and_one_repeated_digit_as_collapsed():
    held = pictures.read("digits", "test")
    seen = judging.see("digits", held.pictures)
    assert (seen.labels == held.labels).float().mean() > 0.88
    assert vae.spread("digits") == pytest.approx((pictures.read("digits").pictures.double() / 255).flatten(1).var(0).sum().item())
    chain = vae.Chain(PLAN, **SMALL)
    list(chain.learn(0))
    with torch.no_grad():
        for part in chain.model.decoder.layers[:-1]:  # a decoder that has forgotten its code
            part.weight.zero_()
    found = chain.read()
    assert found["variance"] < 1e-9 and found["entropy"] == 0 and found["recall"] == 0


def test_the_fingerprint_is_the_spread_of_the_first_encoders_codes():
    chain = vae.Chain(PLAN, **SMALL)
    list(chain.learn(0))
    first = chain.read()["latent_std"]
    with torch.no_grad():
        chain.encoder.head.weight *= 3
        chain.encoder.head.bias *= 3
    assert chain.read()["latent_std"] == pytest.approx(3 * first, rel=1e-4)


def test_every_statistic_is_finite_and_a_chain_does_not_depend_on_its_neighbours():
    one, two = ran(), ran(seeds=2)
    for a, b in zip(one, two, strict=True):
        for name, values in b.statistics.items():
            assert np.isfinite(values).all() and np.array_equal(a.statistics[name][0], values[0]), name
        assert b.statistics["classes"].shape == (2, 10) and b.statistics["classes"].sum(1) == pytest.approx(1)
        assert 0 <= b.statistics["entropy"].min() and b.statistics["entropy"].max() <= np.log2(10)
        assert b.state[0].shown.shape == (vae.SHOWN, 8, 8)


def test_a_code_is_turned_into_the_new_networks_directions():
    """A new network that is the old one with its directions turned must draw the same digits from the same codes."""
    import copy

    chain = vae.Chain(PLAN, **SMALL)
    list(chain.learn(0))
    before, shown = chain.model, chain.shown()
    turn = torch.linalg.qr(torch.randn(3, 3, generator=runtime.rng(0)))[0]
    chain.model = copy.deepcopy(before)
    with torch.no_grad():
        chain.model.decoder.layers[0].weight.copy_(before.decoder.layers[0].weight @ turn)
        chain.model.head.weight[:3] = turn.T @ before.head.weight[:3]
        chain.model.head.bias[:3] = turn.T @ before.head.bias[:3]
    chain.codes = chain.turned(before, chain.codes)
    assert np.abs(chain.shown().astype(int) - shown).max() <= 40


@pytest.mark.parametrize(("wrong", "sentence"), [
    ({"regime": "filter"}, "knows the regimes"), ({"estimator": "unbiased"}, "mle"), ({"n": 2000}, "1,437 training"),
    ({"options": {"data": "cats"}}, "data are"), ({"options": {"decoding": "mode"}}, "mean or sample"),
    ({"options": {"updates": 0}}, "updates"), ({"seeds": 10_000, "generations": 100, "options": {"updates": 1000}}, "Take fewer"),
    ({"regime": "fresh", "real": 0.5, "options": {"population": True}}, "Endless")])
def test_what_cannot_be_trained_is_said(wrong, sentence):
    with pytest.raises(BadInput, match=sentence):
        ran(**wrong)


# -- long runs ------------------------------------------------------------------------------------------------------

def test_a_long_run_goes_on_where_it_stopped_and_gives_the_same(tmp_path):
    options = {"data": "digits", "decoding": "sample", **SMALL}
    plan = Plan(n=120, generations=2, seeds=1, seed=3)
    whole = list(long_run.rows(plan, options, 0, folder=tmp_path / "whole"))
    said = []
    first = list(long_run.rows(Plan(n=120, generations=1, seeds=1, seed=3), options, 0, said.append, tmp_path / "parts"))
    assert len(first) == len(said) == 2
    again = list(long_run.rows(plan, options, 0, said.append, tmp_path / "parts"))
    assert len(said) == 3

    def timeless(rows):
        return [{name: value for name, value in row.items() if name != "cpu_s"} for row in rows]

    assert timeless(again) == timeless(whole)
    chain = Plan(n=120, generations=2, seed=3, seeds=1, options=options)
    live = [frame.statistics["variance"][0] for frame in engines.generations("vae", chain)]
    assert live == pytest.approx([row["variance"] for row in whole])
    with pytest.raises(BadInput, match="replace"):
        next(long_run.rows(Plan(regime="accumulate"), options, 0, folder=tmp_path))


# -- the lab --------------------------------------------------------------------------------------------------------

def test_the_lab_says_how_far_it_is_stops_at_once_and_keeps_its_pictures():
    values = tab.LAB.defaults() | {"model": "vae", "n": 100, "generations": 2, "updates": 60, "latent": 3}
    seen = []
    for shown in play(tab.LAB, values, stopped=lambda: len(seen) >= 6, every_s=0):
        seen.append(shown)
    assert seen[-1].ended == "stopped" and "is learning: update" in seen[0].view.words
    assert any(json.loads(s.view.pictures["draws"])["side"] == 8 for s in seen if "draws" in s.view.pictures)


@pytest.mark.parametrize("offset", range(4))
def test_a_generation_that_ends_between_two_looks_is_shown_at_the_next(offset):
    """A generation is three pieces of learning and its end; one of every four moments is looked at, as on a fast machine."""
    values = tab.LAB.check(tab.LAB.defaults() | {"model": "vae", "n": 100, "generations": 3, "updates": 60, "latent": 3})
    views = [moment.look() for k, moment in enumerate(tab.run(**values)) if k % 4 == offset]
    shown = [len(view.rows) for view in views if "bands" in view.pictures and "draws" in view.pictures]
    assert len(shown) >= 3 and shown == sorted(set(shown))
    assert all("  " not in view.words and ".About" not in view.words for view in views)


def test_a_live_run_that_would_last_minutes_is_refused():
    with pytest.raises(BadInput, match="minute of training"):
        experiment.plan_of(Settings(model="vae", n=1000, generations=100, updates=2000))


def test_the_recorded_mnist_says_what_it_holds(monkeypatch, tmp_path):
    monkeypatch.setattr(mnist_run, "read", lambda name: None)
    with pytest.raises(BadInput, match="record collapse_mnist"):
        list(mnist_run.kept("mean", Plan(generations=5)))


@pytest.mark.parametrize("decoding", mnist_run.DECODINGS)
def test_the_recorded_mnist_is_shown_for_what_it_is(decoding):
    """Every number and picture as recorded, with the badge of a recorded run and no cost of its own."""
    saved = recorded.read(mnist_run.NAME)
    settings = scenarios.SCENARIOS[f"mnist_{decoding}"]
    *_, end = play(tab.LAB, tab.LAB.defaults() | tab.example(settings), every_s=0)
    assert end.view.recorded and _say.ended(tab.LAB, end)["badge"] == "recorded run" and "recorded run" in end.view.words
    frames = [frame for frame in saved.frames if frame["decoding"] == decoding and frame["generation"] == settings.generations]
    assert end.rows[-1]["variance_median"] == pytest.approx(np.median([frame["variance"] for frame in frames]))
    drawn = json.loads(end.view.pictures["draws"])
    assert drawn["side"] == 28 and drawn["rows"][-1]["pixels"] == frames[0]["shown"]
    assert {row["generation"] for row in drawn["rows"]} == {g for g in (0, 5, 10, 20) if g <= settings.generations}
    assert vae.KINDS["mnist"].updates == saved.manifest["settings"]["updates"] and len(saved.frames) == saved.manifest["frames"]


# -- what was measured ----------------------------------------------------------------------------------------------

def test_the_measured_parts_are_of_todays_code():
    told = measuring.read("collapse")
    assert [path for path in measuring.stale("collapse") if not path.startswith("the part ")] == [], "python -m genai_core measure collapse"
    assert "digits" in told["parts"]


def test_as_measured_a_sample_keeps_digits_alive_and_the_mean_does_not_though_both_are_trained():
    figures = measuring.read("collapse")["figures"]
    samples, means = ([told for name, told in figures.items() if name.startswith(kind)] for kind in ("sample_seed", "mean_seed"))
    assert len(samples) == len(means) == 3
    for figure in samples:
        assert figure["collapsed"] == []
    for figure in means:
        assert {"variance", "recall"} <= set(figure["collapsed"])
    for figure in samples + means:  # the loss has settled: no generation was cut short
        assert all(abs(late) < 0.02 * figure["first"]["elbo"] for late in figure["late_nats"])
    assert figures["mean"]["collapsed"]["entropy"] >= 2
    assert figures["sample"]["last"]["recall"]["lowest"] > 0.4 > 0.1 > figures["mean"]["last"]["recall"]["highest"]
