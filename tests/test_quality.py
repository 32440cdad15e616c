"""Measures of generated samples: closed forms, the papers' own code, independent packages, and bands that hold 99%."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from genai_core import data, metrics, runtime
from genai_core.quality import bands, frechet, kernels, pictures, readings
from genai_core.quality.neighbours import coverage_of_chance, neighbours, radii
from genai_core.quality.pairs import Pairs, distances

seeds = st.integers(0, 2**31)

pytestmark = pytest.mark.usefixtures("one_thread")


def cloud(seed, n=200, dim=3):
    return torch.randn(n, dim, generator=runtime.rng(seed))


# -- neighbours -----------------------------------------------------------------------------------------------------

def test_four_points_on_a_line_by_hand():
    real, fake = torch.tensor([[0.0], [1.0], [3.0], [7.0]]), torch.tensor([[0.4], [2.0], [20.0], [21.0]])
    pairs = Pairs(real, fake)
    assert radii(pairs.within_real, 1).tolist() == [1, 1, 2, 4]           # balls (-1, 1) (0, 2) (1, 5) (3, 11)
    found = neighbours(pairs, 1)  # 0.4 lies in two balls, 2.0 on one's edge and in one, 20 and 21 in none
    assert (found.precision, found.density, found.coverage) == (0.5, 0.75, 0.75)
    assert found.recall == 0.75    # fakes' balls reach 1.6, 1.6, 1, 1: 0, 1 and 3 lie in one, 7 in none


@pytest.mark.parametrize("k", [1, 5])
@pytest.mark.parametrize("dim", [2, 16])
def test_all_four_are_those_of_the_authors_code(dim, k, capsys):
    from prdc import compute_prdc

    real, fake = cloud(1, 300, dim), 0.8 * cloud(2, 260, dim) + 0.3
    theirs = compute_prdc(real.double().numpy(), fake.double().numpy(), k)
    ours = neighbours(Pairs(real, fake), k)
    for name, value in theirs.items():
        assert getattr(ours, name) == pytest.approx(value, abs=1e-9), name


def test_precision_and_recall_are_torch_fidelitys():
    from torch_fidelity.metric_prc import prc_features_to_metric

    real, fake = cloud(3, 250, 8), 0.7 * cloud(4, 250, 8)
    theirs = prc_features_to_metric(fake, real, prc_neighborhood=3, verbose=False)   # the generated first
    ours = neighbours(Pairs(real, fake), 3)
    assert ours.precision == pytest.approx(float(theirs["precision"]), abs=0.005)   # theirs in single precision
    assert ours.recall == pytest.approx(float(theirs["recall"]), abs=0.005)


@pytest.mark.parametrize("dim", [1, 4])
def test_a_perfect_generator_covers_as_theory_says_in_any_dimension(dim):
    found = [neighbours(Pairs(cloud(2 * s, 60, dim), cloud(2 * s + 1, 40, dim))).coverage for s in range(150)]
    assert np.mean(found) == pytest.approx(coverage_of_chance(60, 40), abs=4 * np.std(found) / 150**0.5)
    assert coverage_of_chance(10**9, 10**9) == pytest.approx(1 - 2**-5)


def test_a_missing_mode_lowers_recall_and_coverage_and_a_stray_cloud_lowers_precision():
    real = data.load("ring", 1, 800)
    lacking = data.load("ring", 2, 1600)
    lacking = lacking[lacking[:, 0] < 0.5][:800]                        # three of eight modes are gone
    stray = torch.cat([data.load("ring", 3, 600), 0.1 * cloud(4, 200, 2)])
    a, b = neighbours(Pairs(real, lacking)), neighbours(Pairs(real, stray))
    assert a.recall < 0.7 and a.coverage < 0.7 and a.precision > 0.95
    assert b.precision == pytest.approx(0.75, abs=0.03) and b.recall > 0.97


@given(seeds)
@settings(max_examples=15, deadline=None)
def test_neighbours_do_not_care_for_order_scale_or_place(seed):
    x, y = cloud(seed, 40), cloud(seed + 1, 30)
    order = torch.randperm(40, generator=runtime.rng(seed))
    first, second = neighbours(Pairs(x, y)), neighbours(Pairs(3 * x[order] + 1, 3 * y + 1))
    assert second.precision == pytest.approx(first.precision, abs=0.04)
    assert second.coverage == pytest.approx(first.coverage, abs=0.04)
    swapped = neighbours(Pairs(y, x))
    assert (swapped.precision, swapped.recall) == (first.recall, first.precision)


def test_distances_are_right_to_the_last_digits_far_from_the_origin():
    x, y = cloud(0, 50, 64).double() + 1e4, cloud(1, 40, 64).double() + 1e4
    exact = (x[:, None] - y[None]).square().sum(2).sqrt()
    assert torch.allclose(distances(x, y), exact, rtol=1e-9)


@pytest.mark.parametrize("bad, says", [
    (lambda: Pairs(torch.zeros(3, 2), torch.zeros(3, 3)), "equally many columns"),
    (lambda: Pairs(torch.zeros(1, 2), torch.zeros(3, 2)), "two points"),
    (lambda: Pairs(torch.zeros(3, 2), torch.full((3, 2), torch.nan)), "not finite"),
    (lambda: radii(torch.zeros(3, 3), 3), "from 1 to 2"), (lambda: kernels.gaussian(torch.zeros(2, 2), 0), "above 0"),
    (lambda: frechet.moments(torch.zeros(1, 2)), "two points"),
    (lambda: frechet.extrapolated(cloud(0, 12), cloud(1, 12), runtime.rng(0)), "too few"),
    (lambda: pictures.inception_style_score(torch.ones(3, 10)), "sum to 1"), (lambda: bands.band([1.0] * 100), "399"),
    (lambda: bands.two_of(cloud(0, 9), 5, runtime.rng(0)), "no two samples")])
def test_what_has_no_answer_is_refused(bad, says):
    with pytest.raises(ValueError, match=says):
        bad()


# -- kernels and energy ---------------------------------------------------------------------------------------------

def test_energy_distance_is_the_one_we_had():
    x, y = cloud(1), 1.3 * cloud(2, 150)
    assert Pairs(x, y).energy_distance() == pytest.approx(metrics.energy_distance(x, y), rel=1e-6)


@pytest.mark.parametrize("unbiased, name", [(True, "unbiased"), (False, "biased")])
def test_the_cubic_kernel_gives_torch_fidelitys_mmd(unbiased, name):
    from torch_fidelity.metric_kid import kernel_poly, mmd2

    x, y = cloud(1, 120, 16).double(), 1.2 * cloud(2, 120, 16).double()
    kernel = {"kid_kernel": "poly", "kid_kernel_poly_degree": 3, "kid_kernel_poly_gamma": None, "kid_kernel_poly_coef0": 1}
    parts = [kernel_poly(a.numpy(), b.numpy(), **kernel) for a, b in ((x, x), (x, y), (y, y))]
    assert kernels.cubic_mmd2(Pairs(x, y), unbiased) == pytest.approx(mmd2(*parts, mmd_est=name), rel=1e-9)


def test_gaussian_mmd_of_two_gaussians_has_a_closed_form():
    # E k(X, Y) for N(a, s^2), N(b, t^2) and width w: w / sqrt(w^2 + s^2 + t^2) exp(-(a - b)^2 / (2 (w^2 + s^2 + t^2)))
    def mean(a, s, b, t, w=1.0):
        v = w * w + s * s + t * t
        return w / math.sqrt(v) * math.exp(-(a - b) ** 2 / (2 * v))

    truth = mean(0, 1, 0, 1) + mean(0.5, 1.5, 0.5, 1.5) - 2 * mean(0, 1, 0.5, 1.5)
    found = [kernels.gaussian_mmd2(Pairs(cloud(2 * s, 150, 1), 0.5 + 1.5 * cloud(2 * s + 1, 150, 1)), 1.0) for s in range(200)]
    assert np.mean(found) == pytest.approx(truth, abs=4 * np.std(found) / 200**0.5)
    same = [kernels.gaussian_mmd2(Pairs(cloud(2 * s, 100, 1), cloud(2 * s + 1, 100, 1)), 1.0) for s in range(200)]
    assert abs(np.mean(same)) < 4 * np.std(same) / 200**0.5 and min(same) < 0   # unbiased: below 0 now and then
    assert kernels.gaussian_mmd2(Pairs(cloud(0), cloud(0)), 1.0, unbiased=False) == pytest.approx(0, abs=1e-12)


# -- Frechet --------------------------------------------------------------------------------------------------------

def test_the_distance_between_gaussians_in_closed_form():
    one, zero = torch.eye(3, dtype=torch.double), torch.zeros(3, dtype=torch.double)
    assert frechet.between_gaussians(zero, one, zero + 2, 9 * one) == pytest.approx(3 * 4 + 3 * (3 - 1) ** 2)
    assert frechet.between_gaussians(zero, one, zero, 0 * one) == pytest.approx(3)              # a single point
    a = torch.tensor([[2.0, 0.5], [0.5, 1.0]], dtype=torch.double)
    b = torch.tensor([[1.0, -0.3], [-0.3, 3.0]], dtype=torch.double)
    # in two dimensions tr sqrt(A B) = sqrt(tr(A B) + 2 sqrt(det A det B))
    inner = math.sqrt((a @ b).trace() + 2 * math.sqrt(a.det() * b.det()))
    assert frechet.between_gaussians(zero[:2], a, zero[:2], b) == pytest.approx(3 + 4 - 2 * inner)


def test_the_distance_is_scipys_and_torch_fidelitys_and_zero_to_itself():
    from scipy.linalg import sqrtm
    from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric

    x, y = cloud(1, 300, 12) @ cloud(9, 12, 12), 0.7 * cloud(2, 200, 12) + 0.2
    theirs = fid_statistics_to_metric(*(fid_features_to_statistics(v.double()) for v in (x, y)), False)
    ours = frechet.frechet(x, y)
    assert ours == pytest.approx(float(theirs["frechet_inception_distance"]), rel=1e-6)
    (m, c), (n, d) = frechet.moments(x), frechet.moments(y)
    scipys = (m - n).square().sum() + c.trace() + d.trace() - 2 * np.trace(sqrtm((c @ d).numpy()).real)
    assert ours == pytest.approx(scipys.item(), rel=1e-6)
    assert frechet.frechet(x, x) == pytest.approx(0, abs=1e-9) and frechet.frechet(y, x) == pytest.approx(ours)
    flat = torch.cat([cloud(3, 50, 2), torch.zeros(50, 2)], 1)   # singular covariances
    assert frechet.frechet(flat, flat + 1) == pytest.approx(4)


def test_it_sees_nothing_but_mean_and_covariance():
    """A ring of eight and a plain Gaussian of its mean and covariance: far apart to the eye, hardly to this distance."""
    ring, plain = data.load("ring", 1, 4000), (0.5 + 0.0025) ** 0.5 * cloud(2, 4000, 2)
    assert frechet.frechet(ring, plain) < 0.01 < 0.2 < metrics.energy_distance(ring[:1000], plain[:1000])


def test_its_bias_falls_with_n_as_theory_says():
    for dim, n in ((1, 50), (6, 200)):
        found = [frechet.frechet(cloud(2 * s, n, dim), cloud(2 * s + 1, n, dim)) for s in range(300)]
        told = frechet.bias(torch.eye(dim), n)
        assert told == pytest.approx((2 * dim + dim * (dim + 1) / 2) / n)
        assert np.mean(found) == pytest.approx(told, rel=0.04, abs=4 * np.std(found) / 300**0.5)
    stretched = torch.diag(torch.tensor([4.0, 1.0, 0.25]))
    half = stretched.sqrt()
    found = [frechet.frechet(cloud(2 * s, 300) @ half, cloud(2 * s + 1, 300) @ half) for s in range(300)]
    assert np.mean(found) == pytest.approx(frechet.bias(stretched, 300), rel=0.04, abs=4 * np.std(found) / 300**0.5)


def test_the_line_to_n_without_end_frees_it_of_its_bias():
    ends, plain = [], []
    for s in range(40):
        x, y = cloud(2 * s, 400, 10), 0.2 + cloud(2 * s + 1, 400, 10)     # truly 10 * 0.04 apart
        ends.append(frechet.extrapolated(x, y, runtime.rng(s)).endless)
        plain.append(frechet.frechet(x, y))
    assert np.mean(plain) > 0.4 + 0.12
    assert np.mean(ends) == pytest.approx(0.4, abs=4 * np.std(ends) / 40**0.5)


# -- pictures -------------------------------------------------------------------------------------------------------

def test_the_score_is_one_for_always_the_same_and_ten_at_most():
    each = torch.eye(10).repeat(5, 1)
    assert pictures.inception_style_score(each) == pytest.approx(10)
    assert pictures.inception_style_score(each[:1].repeat(7, 1)) == pytest.approx(1)
    assert pictures.inception_style_score(torch.full((20, 10), 0.1)) == pytest.approx(1, abs=1e-6)
    assert pictures.inception_style_score(torch.eye(10)[:4]) == pytest.approx(4)


def test_the_score_is_torch_fidelitys():
    from torch_fidelity.metric_isc import isc_features_to_metric

    logits = 3 * cloud(5, 400, 10)
    theirs = isc_features_to_metric(logits, splits=1)
    assert pictures.inception_style_score(logits.softmax(1)) == pytest.approx(theirs["inception_score_mean"], rel=1e-5)


@pytest.mark.parametrize("wide", [1, 2, 4])
def test_the_sharpness_of_an_edge_that_rises_over_w_pixels_has_a_closed_form(wide):
    ramp = ((torch.arange(28.0) - 6) / wide).clamp(0, 1).expand(28, 28)
    found = pictures.sharpness(torch.stack([ramp, ramp.T])[:, None])
    assert found.tolist() == pytest.approx([(1 - 1 / (2 * wide)) / wide] * 2)
    even = (0.02 * torch.arange(28.0)).expand(28, 28)
    assert pictures.sharpness(even[None, None]).item() == 0        # too flat to be an edge


def test_blurring_makes_every_digit_less_sharp_and_dimming_by_half_halves():
    from torch.nn.functional import avg_pool2d

    digits = data.load("strokes", 1, 40)[0].float() / 255
    before = pictures.sharpness(digits)
    assert (pictures.sharpness(avg_pool2d(digits, 3, 1, 1)) < 0.85 * before).all()
    assert pictures.sharpness(digits / 2).mean() == pytest.approx(before.mean().item() / 2, rel=0.1)


# -- bands ----------------------------------------------------------------------------------------------------------

def test_a_band_cuts_off_as_many_as_it_says():
    both, upper = bands.band(range(1, 400)), bands.band(range(1, 400), distance=True)
    assert (both.low, both.median, both.high) == (2, 200, 398) and (upper.low, upper.high) == (None, 396)
    assert [both.side(v) for v in (1.9, 2, 398, 398.1, math.nan)] == ["below", "inside", "inside", "above", "above"]
    assert upper.holds(-5) and not upper.holds(397)


def test_the_next_value_falls_inside_in_99_of_100():
    """Over many bands, of values of any distribution: here of squares of normal numbers."""
    values = np.random.default_rng(0).normal(size=(2000, 400)) ** 2
    for distance in (False, True):
        held = np.mean([bands.band(row[:-1], distance).holds(row[-1]) for row in values])
        assert held == pytest.approx(0.99, abs=4 * (0.99 * 0.01 / 2000) ** 0.5)


def test_a_pool_gives_two_samples_that_share_no_member():
    first, second = bands.two_of(torch.arange(50), 20, runtime.rng(3))
    assert not set(first.tolist()) & set(second.tolist()) and len(first) == len(second) == 20


def test_every_reading_is_read_in_the_order_of_the_registry():
    ring = [data.load("ring", s, 100) for s in (1, 2)]
    assert list(readings.of_points(*ring)) == list(readings.of_kind("points"))
    digits = [readings.seen(data.load("strokes", s, 60)[0]) for s in (1, 2)]
    found = readings.of_digits(*digits)
    assert list(found) == list(readings.of_kind("digits")) and all(map(math.isfinite, found.values()))
