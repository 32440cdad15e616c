"""What autoencoders are for: every number against a known answer, and what does not go together against its sentence."""

import numpy as np
import pytest
import torch

from genai_core import models, runtime
from genai_core.autoencoders import anomaly, compression, experiment, lecture, looks, making, pretraining, retrieval, scores
from genai_core.autoencoders.settings import TASKS, Settings
from genai_core.data import pictures
from genai_core.errors import BadInput

TINY = {"data": "digits", "epochs": 2, "bottleneck": 4, "pictures": 500}

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def digits():
    return pictures.read("digits")


def frames(**changed):
    return list(experiment.run(Settings(**TINY | changed)))


# -- anomaly ----------------------------------------------------------------------------------------------------------

def test_the_roc_curve_and_its_area_are_scikit_learns_with_ties_too():
    from sklearn.metrics import roc_auc_score, roc_curve

    rng = np.random.default_rng(0)
    for scores_of in (rng.normal(size=400), rng.integers(0, 6, 400).astype(float)):
        odd = rng.random(400) < 0.2
        scores_of = scores_of + odd
        alarms, hits = anomaly.roc(torch.tensor(scores_of), torch.tensor(odd))
        theirs = roc_curve(odd, scores_of, drop_intermediate=False)
        assert np.allclose(alarms, theirs[0]) and np.allclose(hits, theirs[1])
        assert anomaly.area(alarms, hits) == pytest.approx(roc_auc_score(odd, scores_of), abs=1e-12)


def test_the_area_is_the_chance_that_the_odd_one_scores_higher():
    odd, known = torch.tensor([0.9, 0.4, 0.4]), torch.tensor([0.1, 0.4, 0.8])
    pairs = torch.sign(odd[:, None] - known) / 2 + 0.5
    curve = anomaly.roc(torch.cat([odd, known]), torch.tensor([True] * 3 + [False] * 3))
    assert anomaly.area(*curve) == pytest.approx(pairs.mean().item())
    low, value, high = anomaly.area_interval(0.9, 100, 900)
    assert low == pytest.approx(0.9 - 1.96 * 0.0210, abs=2e-3) and value == 0.9 and high <= 1  # Hanley & McNeil's formula by hand


def test_a_picture_that_was_learnt_is_at_distance_zero(digits):
    found = anomaly.distances(digits.pictures[:5], digits.pictures[3:50])
    assert found[3:].abs().max() < 1e-6 and found[:3].min() > 0
    by_hand = ((digits.pictures[0].float() - digits.pictures[3:50].float()) / 255).square().mean((1, 2, 3)).min()
    assert found[0].item() == pytest.approx(by_hand.item(), rel=1e-4)


# -- retrieval --------------------------------------------------------------------------------------------------------

def test_precision_at_k_by_hand():
    found = torch.tensor([[1, 1, 2], [3, 0, 0]])
    each = retrieval.precision(found, torch.tensor([1, 0]))
    assert each.tolist() == [pytest.approx([1, 1, 2 / 3]), pytest.approx([0, 0.5, 2 / 3])]


def test_the_nearest_are_scikit_learns(digits):
    from sklearn.neighbors import NearestNeighbors

    x = digits.pictures.flatten(1).float()
    theirs = NearestNeighbors(n_neighbors=3).fit(x[100:600].numpy()).kneighbors(x[:40].numpy())[0]
    ours = retrieval.nearest(x[:40], x[100:600], 3, at_once=7)
    away = (x[100:600][ours] - x[:40, None]).norm(dim=2)
    assert np.allclose(away, theirs, rtol=1e-3)


# -- compression ------------------------------------------------------------------------------------------------------

def test_cut_codes_take_the_nearest_of_so_many_values():
    low, high = torch.tensor([0.0, -1.0]), torch.tensor([3.0, 1.0])
    codes = torch.tensor([[0.4, 0.2], [1.6, -5.0], [9.0, 1.0]])
    assert compression.cut(codes, low, high, 2).tolist() == [pytest.approx(row) for row in ([0, 1 / 3], [2, -1], [3, 1])]
    assert compression.cut(codes, low, high, 1).unique().numel() <= 4
    assert [compression.code_bytes(*pair) for pair in ((128, 32), (128, 4), (3, 3), (2, 1))] == [512, 64, 2, 1]


def test_components_are_scikit_learns_pca(digits):
    from sklearn.decomposition import PCA

    x = digits.pictures.flatten(1).float().numpy() / 255
    theirs = PCA(10).fit(x)
    back = theirs.inverse_transform(theirs.transform(x)).clip(0, 1)
    ours = compression.Components(digits.pictures, 10)
    drawn = ours.decode(ours.encode(digits.pictures))
    assert np.abs(drawn.flatten(1).numpy() - back).max() < 1e-3
    assert compression.error(drawn, digits.pictures) == pytest.approx(((back - x) ** 2).mean(), rel=1e-3)


def test_more_bits_cost_more_and_lose_less(digits):
    found = compression.rates(compression.Components(digits.pictures, 8), digits.pictures, digits.pictures)
    assert [rate.size for rate in found] == [1, 2, 3, 4, 5, 6, 8, 32]
    assert found[0].error > found[2].error > found[-1].error * 0.999
    need = compression.enough(found)
    assert need.error <= 1.05 * found[-1].error and all(r.error > 1.05 * found[-1].error for r in found if r.bits < need.bits)
    assert compression.at_size(found, 0.5) is None and compression.at_size(found, 3.5).size == 3


def test_jpeg_gives_back_the_pictures_in_their_order():
    held = pictures.read("strokes", n=200).pictures
    fine, drawn = compression.jpeg_rate(held, 95)
    coarse, _ = compression.jpeg_rate(held, 5)
    assert fine.error < 0.002 < coarse.error and fine.size > coarse.size > 5
    assert compression.error(drawn.float() / 255, held) == pytest.approx(fine.error)
    assert compression.jpeg_alone(held[:5], 5) > 3 * coarse.size  # tables of its own


# -- the lecture's table, and the averaging problem -------------------------------------------------------------------

def test_no_constant_picture_beats_the_mean_and_grey_is_never_worse_than_a_quarter(digits):
    told = lecture.errors_of_constants(digits.pictures, digits.pictures)
    x = digits.pictures.float() / 255
    assert told["mean"] == pytest.approx(x.var(0, unbiased=False).mean().item(), rel=1e-4)
    for shift in (-0.05, 0.05):
        assert (x - x.mean(0) - shift).square().mean() > told["mean"]
    assert told["mean"] < told["grey"] <= lecture.MOST_OF_GREY < lecture.SLIDE["first"]
    worst = torch.tensor([0, 255], dtype=torch.uint8).repeat(50).view(1, 1, 10, 10)
    assert lecture.errors_of_constants(worst, worst)["grey"] == pytest.approx(lecture.MOST_OF_GREY)
    assert lecture.SLIDE["numbers"] / lecture.SLIDE["code"] == lecture.SLIDE["ratio"]


def test_a_network_that_has_learnt_nothing_draws_about_grey(digits):
    model = models.build("digit_autoencoder", 0, size=8)
    untrained = anomaly.misfits(model, digits.pictures).mean().item()
    assert untrained == pytest.approx(lecture.errors_of_constants(digits.pictures, digits.pictures)["grey"], rel=0.1)


def test_a_blur_is_half_as_wrong_as_a_real_one(digits):
    some = digits.pictures[digits.labels == 4][:60]
    told = making.best_guess(some)
    errors = told["errors"]
    assert errors["any"] == pytest.approx(2 * errors["mean"] * 60 / 59, rel=1e-9)
    assert errors["mean"] < errors["real"] <= errors["any"]
    each = ((some[told["real"]].float() - some.float()) / 255).square().mean((1, 2, 3)).sum().item() / 59
    assert each == pytest.approx(errors["real"], rel=1e-5)


def test_a_walk_begins_and_ends_at_real_codes():
    first, second = torch.zeros(3, 5), torch.ones(3, 5)
    path = making.walk(first, second)
    assert torch.equal(path[0], first) and torch.equal(path[-1], second) and torch.allclose(path[5], torch.full((3, 5), 0.5))
    labels = torch.arange(10).repeat(20)
    a, b = making.pairs(labels)
    assert len(a) == len(b) == making.WALKS and (labels[a] != labels[b]).all()
    assert making.hole(torch.tensor([[0.0, 3.0]]), torch.tensor([[0.0, 0.0], [4.0, 0.0]])).item() == 3


# -- denoising points -------------------------------------------------------------------------------------------------

def test_the_scores_are_the_gradients_of_their_log_densities():
    x = torch.randn(50, 2, generator=runtime.rng(1), dtype=torch.double, requires_grad=True)
    covariance = torch.tensor(scores.COVARIANCE) + 0.3**2 * torch.eye(2)
    density = torch.distributions.MultivariateNormal(torch.zeros(2).double(), covariance.double())
    gradient, = torch.autograd.grad(density.log_prob(x).sum(), x)
    assert torch.allclose(scores.score("gaussian", x.detach().float(), 0.3), gradient.float(), atol=1e-4)
    centres = scores.ring_centres().double()
    log_density = (-torch.cdist(x, centres).square() / (2 * 0.2**2)).logsumexp(1)
    gradient, = torch.autograd.grad(log_density.sum(), x)
    assert torch.allclose(scores.mixture_score(x.detach().float(), centres.float(), 0.2), gradient.float(), atol=1e-3, rtol=1e-4)


def test_the_best_linear_denoiser_of_a_gaussian_moves_along_the_score():
    x, true = scores.judged("gaussian", 0.3)
    covariance = torch.tensor(scores.COVARIANCE)
    best = x @ torch.linalg.solve(covariance + 0.3**2 * torch.eye(2), covariance) - x  # E[clean | noisy] - noisy
    told = scores.agreement(best, true)
    assert told["cosine"] == pytest.approx(1, abs=1e-5) and told["missed"] < 1e-8
    assert scores.agreement(-true, true) == {"cosine": pytest.approx(-1), "missed": pytest.approx(4)}
    assert scores.agreement(torch.zeros_like(true), true)["missed"] == pytest.approx(1)


def test_a_learnt_denoiser_moves_along_the_score_too():
    *_, last = experiment.run(Settings(task="points", shape="gaussian", spread=0.3))
    assert last.numbers["cosine"][1] > 0.99 and last.numbers["missed"][1] < 0.03
    assert last.rows[0]["cosine"] < last.rows[-1]["cosine"]


def test_points_that_have_no_formula_are_told_by_many_fresh_ones():
    x, _ = scores.judged("ring", 0.2)
    fresh = scores.points("ring", 20_000, runtime.rng(5))
    stand_in = torch.cat([scores.mixture_score(part, fresh, 0.2) for part in x[:200].split(100)])
    assert scores.agreement(stand_in, scores.score("ring", x[:200], 0.2))["missed"] < 0.01
    with pytest.raises(BadInput, match="no points of the shape"):
        scores.score("mnist", x, 0.2)


# -- few labels -------------------------------------------------------------------------------------------------------

def test_labelled_pictures_are_as_many_of_each_class(digits):
    rows = pretraining.chosen(digits.labels, 50, 3)
    assert rows.unique().numel() == 50 and digits.labels[rows].bincount().tolist() == [5] * 10
    assert torch.equal(rows, pretraining.chosen(digits.labels, 50, 3)) and not torch.equal(rows, pretraining.chosen(digits.labels, 50, 4))
    with pytest.raises(BadInput, match="multiple of ten"):
        pretraining.chosen(digits.labels, 55, 0)
    with pytest.raises(BadInput, match="at most"):
        pretraining.chosen(digits.labels[:200], 1000, 0)


def test_a_reader_learns_its_few_pictures_and_leaves_the_autoencoder_alone(digits):
    model = models.build("digit_autoencoder", 0, hidden=(32,), bottleneck=8, size=8)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    rows = pretraining.chosen(digits.labels, 40, 0)
    *_, reader = pretraining.fits(model, digits.pictures[rows], digits.labels[rows], 0)
    assert pretraining.accuracy(reader, digits.pictures[rows], digits.labels[rows]) > 0.9
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


# -- settings and runs ------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("wrong", "says"), [
    ({"bottleneck": 0}, "Bottleneck must be a whole number from 2 to 256"), ({"bottleneck": 1.5}, "whole number"),
    ({"task": "dream"}, "no task 'dream'"), ({"data": "cats"}, "no data 'cats'"), ({"amount": float("nan")}, "Amount must be"),
    ({"sparse": "kl", "code": "linear"}, "needs a sigmoid code"), ({"epochs": 10**9}, "Epochs must be"), ({"seed": -1}, "Seed must be")])
def test_what_does_not_go_together_gets_a_sentence(wrong, says):
    with pytest.raises(BadInput, match=says):
        Settings(**wrong)


def test_tied_weights_are_for_the_dense_network_and_the_kl_brings_its_sigmoid():
    assert Settings(network="tied").model(28)["tied"] and Settings(sparse="kl").model(28)["code"] == "sigmoid"
    for network in ("dense", "tied", "convolutional"):
        models.build("digit_autoencoder", 0, **Settings(network=network, sparse="kl").model(8))


@pytest.mark.parametrize("task", [task for task in TASKS if task != "points"])
def test_every_use_ends_in_its_numbers(task):
    run = frames(task=task, digit=3, labels=20)
    first, last = run[0], run[-1]
    needed = {"reconstruct": {"held_out_error", "pca_error", "grey_error", "mean_error"},
              "compress": {"bits_per_number", "bytes_per_picture"},
              "similar": {"code_precision_at_10", "pixels_precision_at_10"}, "odd": {"misfit_auc", "nearest_auc"},
              "labels": {"pretrained_accuracy", "scratch_accuracy"}, "new": {"autoencoder_middle_distance", "vae_middle_distance"}}[task]
    assert needed <= set(last.numbers) and all(low <= value <= high for low, value, high, _ in last.numbers.values())
    assert first.index == 1 and last.index == last.steps and len(last.rows) >= 2
    assert last.rows[-1]["error"] < first.rows[0]["error"]
    assert last.shown()["sheets"] and first.shown()["sheets"]


def test_the_odd_class_is_never_learnt():
    use = experiment.USES["odd"](Settings(**TINY | {"task": "odd", "digit": 3}))
    assert len(use.to_learn) < len(use.learnt) and use.odd.sum() > 20
    rows = [int(i) for i in (use.learnt.labels != 3).nonzero()[:, 0]]
    assert torch.equal(use.to_learn, use.learnt.pictures[rows])


def test_looking_changes_nothing_and_the_seed_decides_all():
    watched = []
    for frame in experiment.run(Settings(**TINY)):
        frame.shown()
        watched.append(frame.rows[-1])
    assert watched == [frame.rows[-1] for frame in frames()]
    assert frames(seed=1)[-1].rows != frames()[-1].rows


def test_another_use_of_a_trained_network_does_not_start_over_and_has_the_same_numbers():
    kept = {}
    list(experiment.run(Settings(**TINY), kept))
    again = list(experiment.run(Settings(**TINY | {"task": "similar"}), kept))
    assert len(again) < 4 and again[0].index == again[0].steps
    assert again[-1].numbers == frames(task="similar")[-1].numbers and again[-1].rows == frames(task="similar")[-1].rows
    assert len(list(experiment.run(Settings(**TINY | {"seed": 5}), kept))) > 4
    assert len(kept) <= experiment.KEPT


def test_the_map_keeps_distances_and_does_not_tumble():
    codes = torch.randn(60, 5, generator=runtime.rng(2)) * torch.tensor([5.0, 3, 0.1, 0.1, 0.1])
    labels = torch.arange(60) % 10
    told = [looks.map_of(codes @ turn, labels, codes[:, :2]) for turn in (torch.eye(5), -torch.eye(5))]
    assert told[0]["labels"] == "0123456789" * 6 and told[0]["share"] > 0.99
    assert told[0]["xy"] == pytest.approx(told[1]["xy"]) or told[0]["xy"] == told[1]["xy"]


def test_filters_of_both_networks_are_scaled_with_no_weight_in_the_middle():
    for network, side in (("dense", 8), ("convolutional", 4)):
        model = models.build("digit_autoencoder", 0, network=network, size=8)
        found = looks.filters(model, torch.ones(8, 8), 6)
        assert found.shape == (6, 1, side, side) and 0 <= found.min() and found.max() <= 1
        assert ((found - 0.5).abs().amax((1, 2, 3)) == 0.5).all()
    empty = torch.ones(8, 8).index_fill(0, torch.tensor([0]), 0)  # a row of pixels that never change
    assert (looks.filters(models.build("digit_autoencoder", 0, size=8), empty)[:, 0, 0] == 0.5).all()
    assert looks.signed_palette()[:3] == bytes((0, 103, 168)) and looks.signed_palette()[-3:] == bytes((193, 77, 0))
