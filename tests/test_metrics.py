"""Measures of points: known answers, identities, and a floor below which no difference is seen."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from genai_core import metrics, runtime
from genai_core.data import points

CENTRES, SPREAD = points.ring_centres(), points.RING_SPREAD
seeds = st.integers(0, 2**31)


def cloud(seed, n=60, dim=2):
    return torch.randn(n, dim, generator=runtime.rng(seed))


def test_a_point_belongs_to_the_mode_within_three_standard_deviations():
    inside = CENTRES[2] + torch.tensor([2.99 * SPREAD, 0.0])
    outside = CENTRES[2] + torch.tensor([0.0, 3.01 * SPREAD])
    assert metrics.near_mode(torch.stack([inside, outside, torch.zeros(2)]), CENTRES, SPREAD).tolist() == [2, -1, -1]


def test_true_points_lie_on_a_mode_as_often_as_theory_says():
    share = metrics.near_mode_share(points.ring(40000, runtime.rng(0)), CENTRES, SPREAD)
    assert share == pytest.approx(1 - math.exp(-4.5), abs=0.003)


@pytest.mark.parametrize("covered", range(9))
def test_modes_found_counts_the_covered_modes(covered):
    here = CENTRES[:covered].repeat(50, 1)
    nowhere = torch.zeros(400 - len(here), 2)
    assert metrics.modes_found(torch.cat([here, nowhere]), CENTRES, SPREAD) == covered


def test_a_stray_point_is_no_mode_found():
    many, stray = CENTRES[:1].repeat(390, 1), CENTRES[1:2].repeat(9, 1)   # 9 of 399 are 2.3%, below 2.5%
    enough = CENTRES[1:2].repeat(10, 1)                                   # 10 of 400 are 2.5%
    assert metrics.modes_found(torch.cat([many, stray]), CENTRES, SPREAD) == 1
    assert metrics.modes_found(torch.cat([many, enough]), CENTRES, SPREAD) == 2


@given(seeds, st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_the_order_of_points_does_not_matter(seed, shuffle):
    sample, order = points.ring(50, runtime.rng(seed)), list(range(50))
    shuffle.shuffle(order)
    assert metrics.modes_found(sample, CENTRES, SPREAD) == metrics.modes_found(sample[order], CENTRES, SPREAD)
    other = cloud(seed + 1)
    assert metrics.energy_distance(sample[order], other) == pytest.approx(metrics.energy_distance(sample, other))


@pytest.mark.parametrize("apart", [0.25, 1.0, 3.0])
def test_two_single_points_are_the_root_of_twice_their_distance_apart(apart):
    x, y = torch.zeros(1, 2), torch.tensor([[0.0, apart]])
    assert metrics.energy_distance(x, y) == pytest.approx(math.sqrt(2 * apart))


def test_one_against_two_points_by_hand():
    # x = {0}, y = {-1, 1} on a line: 2 * 1 - 0 - (0 + 2 + 2 + 0) / 4 = 1
    assert metrics.energy_distance(torch.zeros(1, 1), torch.tensor([[-1.0], [1.0]])) == pytest.approx(1.0)


@given(seeds)
@settings(max_examples=25, deadline=None)
def test_energy_distance_is_a_distance_of_samples(seed):
    x, y, z = cloud(seed), cloud(seed + 1) + 0.5, cloud(seed + 2) * 2
    d = metrics.energy_distance
    assert d(x, x) == pytest.approx(0, abs=1e-6)
    assert d(x, y) == pytest.approx(d(y, x))
    assert d(x, z) <= d(x, y) + d(y, z) + 1e-9
    turned = torch.tensor([[0.6, -0.8], [0.8, 0.6]])
    assert d(x @ turned + 3, y @ turned + 3) == pytest.approx(d(x, y), rel=1e-4)
    assert d(2 * x, 2 * y) == pytest.approx(math.sqrt(2) * d(x, y), rel=1e-5)


def test_the_floor_sinks_with_the_root_of_the_sample_and_a_shift_stands_above_it():
    small, large = (metrics.noise_floor(points.ring, n, runtime.rng(1), pairs=20) for n in (100, 400))
    assert small / large == pytest.approx(2, rel=0.2)
    x, y = points.ring(400, runtime.rng(2)), points.ring(400, runtime.rng(3))
    assert metrics.energy_distance(x, y) < 2 * large < metrics.energy_distance(x, y + 0.3)


def test_measures_refuse_what_has_no_answer():
    nothing, some = torch.zeros(0, 2), torch.zeros(3, 2)
    for bad in (lambda: metrics.near_mode(nothing, CENTRES, SPREAD), lambda: metrics.near_mode(some, CENTRES, 0),
                lambda: metrics.modes_found(some, CENTRES, SPREAD, fair=0), lambda: metrics.energy_distance(nothing, some),
                lambda: metrics.noise_floor(points.ring, 0, runtime.rng(0))):
        with pytest.raises(ValueError, match="at least|above"):
            bad()
