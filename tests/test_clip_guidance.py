"""Steer with CLIP: what the tab shows of a run is what the core did, with and without the push."""

import numpy as np
import pytest
import torch

from demos import clip_guidance as tab
from genai_core.data.checker import Reading, Seen
from genai_core.errors import BadInput
from genai_core.text_to_image import frames, inside, load

SHORT = {"steps": 3, "seed": 4, "crops": 2}
PROMPT = "a large red circle on white"


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("how", inside.HOW)
def test_both_pictures_come_from_the_same_noise(how):
    made = list(inside.insides(PROMPT, how=how, **SHORT))
    assert [m.index for m in made] == [1, 2, 3] and made[-1].steered.shape == (64, 64, 3) and 0 <= made[-1].gradient.max() <= 1
    assert (made[-1].crops is None) == (how == "noise_aware")
    if how == "climb":
        assert made[-1].plain is None and made[-1].ratio is None
    else:
        for alone in frames(load(), PROMPT, guidance="none", steps=3, seed=4, strip=False):
            pass
        assert np.array_equal(made[-1].plain, alone.clean[0]) and made[-1].ratio > 0


def test_no_push_changes_nothing():
    for made in inside.insides(PROMPT, how="plain", clip_scale=0, rounds=1, **SHORT):
        assert np.array_equal(made.steered, made.plain) and made.similarity == made.similarity_plain and made.ratio == 0


def test_unknown_ways_are_named():
    with pytest.raises(BadInput, match="noise_aware, plain, climb"):
        next(inside.insides(PROMPT, how="magic"))
    with pytest.raises(BadInput, match="empty"):
        next(inside.insides(" ", how="plain"))


def test_crops_stand_two_beside_each_other():
    crops = np.arange(3, dtype=np.uint8)[:, None, None, None] * np.ones((1, 4, 4, 3), np.uint8) + 1
    sheet = inside.sheet(crops)
    assert sheet.shape == (8, 8, 3) and (sheet[:4, :4] == 1).all() and (sheet[:4, 4:] == 2).all() and (sheet[4:, :4] == 3).all()
    assert (sheet[4:, 4:] == 0).all() and inside.sheet(crops[:1]).shape == (4, 4, 3)


def test_heat_runs_from_dark_to_yellow():
    shown = inside.heat(np.array([[0.0, 1.0], [0.5, 0.25]]), 4)
    assert shown.shape == (4, 4, 3) and shown[0, 0].tolist() == [68, 1, 84] and shown[0, 3].tolist() == [253, 231, 37]
    assert shown[3, 0].tolist() == [33, 145, 140] and shown[3, 3].tolist() == [59, 82, 139]


@pytest.mark.parametrize("how", inside.HOW)
def test_the_lab_shows_every_way(how):
    lab = tab.LAB
    values = lab.check(lab.defaults() | SHORT | {"how": how})
    for moment in lab.run(**values):
        view = moment.look()
    assert moment.step == 3 and set(view.pictures) == set(lab.pictures) and "pixel check finds" in view.words
    assert len(view.rows) == 3 and lab.predict.verdict(view.numbers) in tab.CHOICES


def test_right_is_what_the_check_finds_not_what_clip_says():
    red = Seen(shape="circle", colour="red", size="large", fill="solid", x=30.0, y=30.0, overlap=1.0)
    assert tab.right(PROMPT, Reading("white", (red,)))
    assert not tab.right("a blue circle", Reading("white", (red,))) and not tab.right("a red star", Reading("white", (red,)))
    assert tab.right("two red circles", Reading("white", (red,))) and not tab.right(PROMPT, None)


@pytest.mark.parametrize("score, without, right, told", [
    (0.9, 0.1, 1, 0), (0.9, 0.1, 0, 1), (0.1, 0.05, 1, 2), (0.9, None, 0, 1),
])
def test_the_verdict_follows_the_numbers(score, without, right, told):
    from demos._session import Quantity

    numbers = {"similarity": Quantity.exact(score), "right": Quantity.exact(right)}
    if without is not None:
        numbers["similarity_without"] = Quantity.exact(without)
    assert tab.verdict(numbers) == tab.CHOICES[told]
