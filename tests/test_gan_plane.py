"""The game in the plane: its updates against plain torch, its rewinding to the bit, its measures, and the Dirac-GAN's path."""

import math
import re
from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from genai_core import runtime
from genai_core.data.points import RING_SPREAD, ring_centres
from genai_core.errors import BadInput
from genai_core.gans import dirac, drawn, game, plane, zoo
from genai_core.gans.knobs import OBJECTIVE_NAMES, OPTIMISERS, Knobs, Segment, segments, story
from genai_core.gans.settings import DEFAULT, Settings


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    runtime.set_threads(1)


def settings(until=300, knobs=DEFAULT, who="both", **fixed):
    return Settings(parts=(Segment(until, who, knobs),), **fixed)


def last(given, kept=None, wish=lambda: None):
    *_, frame = plane.run(given, kept, wish)
    return frame


@pytest.fixture(scope="module")
def straight():
    """(the end of a plain run, what it kept)"""
    kept = {}
    return last(settings(), kept), kept


def weights(frame, who):
    return torch.cat([w.detach().flatten() for w in frame.game.nets[who].parameters()])


# -- the game -----------------------------------------------------------------------------------------------------

def test_a_turn_is_the_lectures_two_steps_in_plain_torch():
    """The same batches, labels of one and zero, torch's own Adam without fusing: equal to 1e-6 after three turns."""
    points = plane.real_points(settings())
    ours = plane.new_game(settings(), points)
    d, g = (nn.Sequential(*ours.make(who)) for who in "dg")
    steps = {w: torch.optim.Adam(net.parameters(), rate, betas=game.BETAS) for w, net, rate in (("d", d, 0.002), ("g", g, 0.001))}
    order, dice, ones, zeros = runtime.rng(0), runtime.rng(1), torch.ones(128, 1), torch.zeros(128, 1)
    for _ in range(3):
        fake = g(torch.randn(128, 2, generator=dice)).detach()
        real = points[torch.randint(len(points), (128,), generator=order)]
        d_loss = binary_cross_entropy_with_logits(d(real), ones) + binary_cross_entropy_with_logits(d(fake), zeros)
        steps["d"].zero_grad()
        d_loss.backward()
        steps["d"].step()
        g_loss = binary_cross_entropy_with_logits(d(g(torch.randn(128, 2, generator=dice))), ones)
        steps["g"].zero_grad()
        g_loss.backward()
        steps["g"].step()
        assert (ours.update("d"), ours.update("g")) == pytest.approx((d_loss.item(), g_loss.item()), abs=1e-6)
    for who, net in (("d", d), ("g", g)):
        for mine, theirs in zip(ours.nets[who].parameters(), net.parameters()):
            assert torch.allclose(mine, theirs, atol=1e-6)


def test_a_step_moves_one_player_and_two_steps_are_a_turn(straight):
    kept, base = dict(straight[1]), settings()
    before = last(base.cut(100, (Segment(101, "d", DEFAULT), Segment(102, "g", DEFAULT))), dict(kept))
    start, d_moved, g_moved = (last(s, dict(kept)) for s in (settings(100), plane.stepped(base, 100, "d"), plane.stepped(base, 100, "g")))
    assert torch.equal(weights(d_moved, "g"), weights(start, "g")) and not torch.equal(weights(d_moved, "d"), weights(start, "d"))
    assert torch.equal(weights(g_moved, "d"), weights(start, "d")) and not torch.equal(weights(g_moved, "g"), weights(start, "g"))
    turn = last(plane.stepped(base, 100, "both"), dict(kept))
    assert turn.index == before.index == 102
    assert all(torch.equal(weights(turn, who), weights(before, who)) for who in "dg")


def test_updates_of_a_turn_come_in_the_order_that_the_knobs_say():
    three = settings(20, Knobs(d_updates=3, g_updates=2))
    assert "".join(three.mover(k) for k in range(10)) == "dddggdddgg"
    cut = three.cut(4, (Segment(20, "both", replace(three.parts[0].knobs, g_rate=0.5)),))
    assert "".join(cut.mover(k) for k in range(10)) == "dddggdddgg"           # another rate does not break the turn
    other = three.cut(4, (Segment(20, "both", Knobs(d_updates=1, g_updates=1)),))
    assert "".join(other.mover(k) for k in range(8)) == "dddgdgdg"


@pytest.mark.parametrize("objective", OBJECTIVE_NAMES)
@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_every_objective_plays_with_every_optimiser_and_looking_changes_nothing(objective, optimiser):
    given = settings(8, Knobs(objective, optimiser))
    points = plane.real_points(given)
    looked_at, left_alone = plane.new_game(given, points), plane.new_game(given, points)
    for k in range(8):
        for each in (looked_at, left_alone):
            each.update("dg"[k % 2])
        row = plane.measured(looked_at, points[:500], True)
        drawn.saved(looked_at, given)
    for who in "dg":
        for a, b in zip(looked_at.nets[who].state_dict().values(), left_alone.nets[who].state_dict().values()):
            assert torch.equal(a, b)
    assert all(math.isfinite(v) for v in row.values() if v is not None)
    assert (row["accuracy"] is None) == objective.startswith("wasserstein")


def test_turning_the_layers_seats_one_player_afresh():
    given = settings(100)
    deeper = given.cut(60, (Segment(100, "d", replace(DEFAULT, g_layers=3)),))
    points = plane.real_points(given)
    one = plane.new_game(given, points)
    d = None
    for _ in plane.play(given.cut(60, ()), points, one):
        d = [w.clone() for w in one.nets["d"].parameters()]
    one.turn(deeper.parts[-1].knobs)
    assert len(one.nets["g"]) == 7 and len(one.nets["d"]) == 5
    assert all(torch.equal(a, b) for a, b in zip(d, one.nets["d"].parameters()))


# -- rewinding ----------------------------------------------------------------------------------------------------

def test_a_run_is_told_apart_by_its_seed_and_by_nothing_else(straight):
    assert last(settings()).rows == straight[0].rows
    assert last(settings(seed=1)).rows[0] != straight[0].rows[0]
    assert last(settings(350)).rows[:3] == straight[0].rows


@pytest.mark.parametrize("back_to", [100, 150, 201])
def test_an_unmodified_fork_replays_number_for_number(straight, back_to):
    end, kept = straight
    again = settings().cut(back_to, (Segment(300, "both", DEFAULT),))
    forked = last(again, {key: s for key, s in kept.items() if s.index <= back_to})
    assert forked.began == back_to // 100 * 100 and forked.rows == end.rows
    assert all(torch.equal(weights(forked, who), weights(end, who)) for who in "dg")


@pytest.mark.parametrize("change", [{"g_rate": 0.004}, {"optimiser": "rmsprop"}, {"objective": "spectral"}, {"d_updates": 3},
                                    {"d_layers": 1}, {"objective": "wasserstein_clip", "strength": 0.2}])
def test_a_fork_with_one_knob_turned_is_the_run_that_turned_it_there(straight, change):
    fork = settings().cut(200, (Segment(300, "both", replace(DEFAULT, **change)),))
    forked = last(fork, dict(straight[1]))
    assert forked.began == 200 and forked.rows == last(fork).rows
    assert forked.rows[:2] == straight[0].rows[:2] and forked.rows[2] != straight[0].rows[2]


def test_a_fork_of_single_steps_leaves_no_trace_in_the_table(straight):
    kept = dict(straight[1])
    last(plane.stepped(settings(), 200, "both"), kept)
    last(plane.stepped(settings(), 200, "d"), kept)
    assert last(settings().cut(202, (Segment(300, "both", DEFAULT),)), kept).rows == straight[0].rows


def test_what_is_turned_while_it_runs_is_told_in_the_story(straight):
    wishes = iter([None] * 150 + [replace(DEFAULT, g_rate=0.003)])
    live = last(settings(), wish=lambda: next(wishes, None))
    text = story(live.settings.parts)
    assert text == "150 both d_rate=0.002; 300 both g_rate=0.003"
    assert last(Settings(parts=segments(text))).rows == live.rows


def test_what_other_settings_kept_is_never_taken_up(straight):
    for other in ({"seed": 1}, {"data": "spiral"}, {"width": 32}, {"noise": "uniform"}):
        assert next(plane.run(settings(200, **other), dict(straight[1]))).began == 0
    assert next(plane.run(settings(250, replace(DEFAULT, g_rate=0.002)), dict(straight[1]))).began == 0


def test_what_is_kept_stays_small():
    kept = {"other": "stays"}
    for seed in range(4):
        last(settings(6, who="d", seed=seed), kept)
    states = [value for value in kept.values() if isinstance(value, plane.State)]
    assert len(states) == plane.KEPT and kept["other"] == "stays"
    assert settings(6, who="d", seed=3).lineage(6) in kept and settings(6, who="d", seed=0).lineage(6) not in kept
    tensors = [t for s in states[:1] for d in (*s.snapshot.weights.values(), s.snapshot.optimisers["d"]["state"][0]) for t in d.values()]
    assert sum(t.numel() for t in tensors) < 20_000


# -- measures -----------------------------------------------------------------------------------------------------

def test_a_mode_is_found_from_one_percent_on(monkeypatch):
    """20 of 2,000 points within 3 standard deviations count, 19 do not."""
    def placed(counts):
        centres = ring_centres()
        points = torch.cat([centres[k].repeat(n, 1) for k, n in enumerate(counts)])
        return torch.cat([points, torch.full((2000 - len(points), 2), 9.0)])

    points = plane.real_points(settings())
    one = plane.new_game(settings(), points)
    for counts, found in (([20, 19, 20, 0, 0, 0, 0, 0], 2), ([250] * 8, 8), ([20] * 7 + [19], 7)):
        monkeypatch.setattr(plane, "drawn_points", lambda game, n, counts=counts: placed(counts))
        row = plane.measured(one, points[:500], True)
        assert row["modes_found"] == found and row["near_share"] == pytest.approx(sum(counts) / 2000)
    edge = torch.tensor([[1 + 3.01 * RING_SPREAD, 0.0]]).repeat(2000, 1)
    monkeypatch.setattr(plane, "drawn_points", lambda game, n: edge)
    assert plane.measured(one, points[:500], True)["modes_found"] == 0


def test_accuracy_is_half_where_the_discriminator_knows_nothing_and_whole_where_all(monkeypatch):
    points = plane.real_points(settings())
    one = plane.new_game(settings(knobs=Knobs(d_layers=0)), points)
    with torch.no_grad():
        for w in one.nets["d"].parameters():
            w.zero_()
    assert plane.measured(one, points[:500], True)["accuracy"] == 0.5
    monkeypatch.setattr(plane, "drawn_points", lambda game, n: torch.full((n, 2), 3.0))
    with torch.no_grad():
        one.nets["d"][0].weight.copy_(torch.tensor([[-1.0, 0.0]]))
        one.nets["d"][0].bias.fill_(2.0)                                    # the line x = 2 parts them
    row = plane.measured(one, points[:500], True)
    assert row["accuracy"] == 1.0
    assert row["push"] == pytest.approx(1 / (1 + math.exp(-1)), rel=1e-5)   # |d softplus(-s) / dx| = sigmoid(1) at s = -1


def test_the_arrows_follow_minus_the_gradient_of_the_generators_loss():
    """A flat critic s = -x with the Wasserstein loss: every gradient is (1, 0), every arrow half of 0.4 to the left."""
    one = plane.new_game(settings(knobs=Knobs("wasserstein_clip", d_layers=0)), plane.real_points(settings()))
    with torch.no_grad():
        one.nets["d"][0].weight.copy_(torch.tensor([[-1.0, 0.0]]))
    rows = drawn.arrows(one, torch.randn(5, 2))
    assert torch.allclose(rows[:, 2:], torch.tensor([[-0.2, 0.0]]).repeat(5, 1), atol=1e-6)


# -- slow motion --------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("who", ["d", "g"])
def test_slow_motion_is_the_same_update(who):
    points = plane.real_points(settings())
    slow, fast = (plane.new_game(settings(), points) for _ in range(2))
    stages = list(drawn.slowly(slow, settings(), who))
    loss = fast.update(who)
    assert [name for name, _, _ in stages] == list(drawn.STAGES[who])
    assert next(numbers["loss"] for name, numbers, _ in stages if name == f"{who}_loss") == loss
    for a, b in zip(slow.nets[who].parameters(), fast.nets[who].parameters()):
        assert torch.equal(a, b)
    real, fake = stages[1][1]["on_real"], stages[1][1]["on_fake"]
    assert 0 < real < 1 and 0 < fake < 1


# -- the Dirac-GAN ------------------------------------------------------------------------------------------------

def duel(until, objective, rate=0.2, strength=0.0):
    return settings(until, Knobs(objective, "sgd", rate, rate, strength=strength), data="dirac")


@pytest.mark.parametrize("updates", [1, 2, 37, 400])
@pytest.mark.parametrize("rate", [0.1, 0.7])
def test_the_wasserstein_dirac_gan_walks_its_ellipse(updates, rate):
    """Clipping far out of the way: theta and psi after every update as the closed form says."""
    row = last(duel(updates, "wasserstein_clip", rate, 100.0)).rows[-1]
    assert (row["theta"], row["psi"]) == pytest.approx(dirac.ellipse(updates, rate), abs=2e-4)
    if updates % 2 == 0:
        theta, psi = dirac.ellipse(updates, rate)
        assert psi**2 + theta**2 - rate * psi * theta == pytest.approx(1.0)


def test_the_dirac_gan_swings_for_ever_and_the_zero_centred_penalty_ends_it():
    case = zoo.CASES["swing"]
    short = replace(case.settings, parts=(replace(case.settings.parts[0], until=800),))
    broken = last(short).rows[-1]
    assert case.broken(broken) and not case.repaired(broken)
    for knobs in case.repairs.values():
        fixed = last(replace(short, parts=(replace(short.parts[0], knobs=knobs),))).rows[-1]
        assert case.repaired(fixed) and not case.broken(fixed)


def test_the_penalty_around_one_does_not_bring_the_dirac_gan_to_rest():
    """Mescheder et al. 2018, section 3.3: WGAN-GP does not converge with single critic updates."""
    assert last(duel(800, "wasserstein_gp")).rows[-1]["radius"] > 0.5


# -- bad input ----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("given, says", [
    ({"data": "circle"}, "ring, two_moons"), ({"noise": "loud"}, "gaussian, uniform"), ({"width": 1}, "from 4"), ({"seed": -1}, "from 0"),
    ({"parts": (Segment(10**6, "both", DEFAULT),)}, "to 40000"),
    ({"parts": (Segment(9, "both", DEFAULT), Segment(9, "d", DEFAULT))}, "nothing to do")])
def test_bad_settings_are_answered_with_what_would_be_right(given, says):
    with pytest.raises(BadInput, match=re.escape(says)):
        Settings(**given)


@pytest.mark.parametrize("given, says", [
    ({"objective": "winning"}, "minimax, non_saturating"), ({"optimiser": "adamax"}, "adam, nadam"), ({"d_rate": 0.0}, "from 1e-05"),
    ({"g_rate": float("nan")}, "out of range"), ({"d_layers": 9}, "to 4"), ({"d_updates": 0}, "from 1"), ({"strength": -1.0}, "from 0")])
def test_bad_knobs_are_answered_with_what_would_be_right(given, says):
    with pytest.raises(BadInput, match=re.escape(says)):
        Knobs(**given)


@pytest.mark.parametrize("text", ["soon", "100", "100 cat", "100 both d_rate", "100 both d_rate=fast", "100 both zeal=1", "50 d; 50 g",
                                  "100 both seed=1", "<b>", "9" * 30 + " both", "1 d;" * 41, "100 both d_rate=nan"])
def test_a_story_that_cannot_be_read_is_told(text):
    with pytest.raises(BadInput):
        segments(text)


def test_a_story_comes_back_as_it_was():
    parts = (Segment(100, "both", DEFAULT), Segment(101, "d", replace(DEFAULT, objective="r1", strength=0.25)),
             Segment(400, "g", Knobs("r1", "sgd", 0.1 + 1e-9, 1e-5, 0, 4, 10, 2, 0.1 / 3)))
    assert segments(story(parts)) == parts and segments("") == ()


def test_a_game_that_comes_apart_ends_with_a_sentence(monkeypatch):
    monkeypatch.setattr(plane, "measured", lambda *a: {"d_loss": float("nan"), "accuracy": None})
    with pytest.raises(BadInput, match="came apart before update 100.*smaller learning rates than 0.002"):
        last(settings())
