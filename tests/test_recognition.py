"""The shipped classifiers are as good as their manifest says, sure of digits and unsure of what is none."""

import os

import pytest
import torch
from torch.nn.functional import avg_pool2d

from genai_core import intervals, recognition, runtime
from genai_core.data import pictures
from genai_core.errors import BadInput
from genai_core.models.digit_classifier import DigitClassifier


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    runtime.set_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("name", recognition.JUDGES)
def test_a_small_sample_is_classed_as_well_as_the_manifest_says(name):
    if not pictures.there(name):
        pytest.skip("needs MNIST: set GENLENS_DATA to its folder")
    test = pictures.read(name, "test", 1000)
    seen, said = recognition.see(test.pictures, name), recognition.manifest()[name]
    for got, figure in (((seen.labels == test.labels).float().mean().item(), said["accuracy"]),
                        ((seen.confidence > recognition.SURE).float().mean().item(), said["recognised"])):
        low, _, high = intervals.wilson(got, 1000)
        assert low - 0.01 <= figure["share"] <= high + 0.01
    assert said["accuracy"]["share"] > 0.98 and said["accuracy"]["of"] == 10_000 and said["command"].endswith("--ship")
    assert recognition.recognisable(test.pictures, name)


@pytest.mark.parametrize("name", recognition.JUDGES)
def test_what_is_no_digit_is_not_recognised(name):
    x = pictures.read("strokes", n=400).pictures.float() / 255
    rng = runtime.rng(7)
    blends = torch.stack([x[torch.randint(400, (6,), generator=rng)].mean(0) for _ in range(200)])
    soft = (avg_pool2d(torch.randn(200, 1, 28, 28, generator=rng), 3, 1, 1) * 1.5 + 0.5).clamp(0, 1)
    blank = torch.tensor([0.0, 0.5, 1.0]).view(3, 1, 1, 1).expand(3, 1, 28, 28)
    noise, drawn = torch.rand(200, 1, 28, 28, generator=rng), DigitClassifier.nothing(x, rng)
    for nothing in (noise, soft, blank, x.mean(0, keepdim=True), blends, drawn):
        assert recognition.recognised_share(nothing, name) < 0.06
        assert not recognition.recognisable(nothing, name)


def test_what_is_seen_has_a_row_per_picture():
    x = pictures.read("strokes", n=30).pictures
    seen = recognition.see(x, at_once=7)
    assert seen.features.shape == (30, 64) and seen.chances.shape == (30, 10)
    assert torch.allclose(seen.chances.sum(1), torch.ones(30), atol=1e-5) and torch.equal(seen.chances.argmax(1), seen.labels)
    assert torch.allclose(recognition.see(x.float() / 255).features, seen.features, atol=1e-5)


@pytest.mark.parametrize("x", [torch.zeros(0, 1, 28, 28), torch.zeros(3, 28, 28), torch.zeros(2, 1, 8, 8)])
def test_pictures_of_another_shape_are_refused(x):
    with pytest.raises(ValueError, match="28, 28"):
        recognition.see(x)


def test_a_classifier_that_is_not_there_is_told():
    with pytest.raises(BadInput, match="strokes, mnist"):
        recognition.classifier("digits")


def test_moved_pictures_are_shifted_whole():
    x = torch.zeros(200, 1, 28, 28)
    x[:, 0, 10, 15] = 1
    at = DigitClassifier.moved(x, runtime.rng(0)).flatten(1).argmax(1)
    assert set((at // 28 - 10).tolist()) == set((at % 28 - 15).tolist()) == {-2, -1, 0, 1, 2}


def test_pictures_of_nothing_are_about_as_bright():
    x = pictures.read("strokes", n=300).pictures.float() / 255
    nothing = DigitClassifier.nothing(x, runtime.rng(0))
    assert nothing.shape == x.shape and 0 <= nothing.min() and nothing.max() <= 1
    assert 0.5 < nothing.mean() / x.mean() < 2.5
