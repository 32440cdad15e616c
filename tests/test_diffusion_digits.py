"""Diffusion of digits and of latents: the shipped network, its manifest, guidance, and our loop in the pocket model."""

import json

import numpy as np
import pytest
import torch

from genai_core import models, runtime
from genai_core.diffusion import digit_runs, digits, experiment, latents
from genai_core.diffusion.experiment import Settings
from genai_core.errors import BadInput


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    runtime.set_threads(1)
    yield
    torch.set_num_threads(before)


def test_our_loop_draws_the_pocket_models_own_picture():
    """DDIM through our loop and the pocket model's network: to the last pixel what "Words to picture" draws."""
    from genai_core.text_to_image import frames, load

    asked = Settings(part="latent", sampler="ddim", calls=4, guidance=3.0, seed=1)
    for mine in latents.run(asked):
        pass
    for theirs in frames(load(), asked.prompt, guidance="cfg", scale=3.0, steps=4, seed=1, scheduler="ddim", strip=False):
        pass
    assert np.abs(mine.pictures["clean"].astype(int) - theirs.clean[0].astype(int)).max() <= 1
    assert mine.pictures["latents"].shape == (32, 32) and mine.row["calls"] == 4


@pytest.mark.parametrize("wrong, said", [({"calls": 500}, "at most 100"), ({"prompt": "  "}, "1 to 200 letters")])
def test_latents_that_would_take_too_long_or_have_no_words_are_refused(wrong, said):
    with pytest.raises(BadInput, match=said):
        next(latents.run(Settings(part="latent", **wrong)))


class TestGuidance:
    net = models.build("digit_diffusion", 3, width=16, layers=1)
    x, told = torch.randn(4, 1, 28, 28, generator=runtime.rng(0)), torch.zeros(4)

    def answer(self, scale, digit=7):
        with torch.no_grad():
            return self.net.guided(torch.full((4,), digit), scale)(self.x, self.told)

    def test_it_goes_on_from_any_digit_through_the_one_asked_for(self):
        torch.testing.assert_close(self.answer(3.0), self.answer(0.0) + 3 * (self.answer(1.0) - self.answer(0.0)), rtol=1e-4, atol=1e-5)
        assert torch.equal(self.answer(0.0, 7), self.answer(0.0, 2)) and not torch.equal(self.answer(1.0, 7), self.answer(1.0, 2))

    def test_what_is_out_of_range_is_refused(self):
        with pytest.raises(BadInput, match="0 to 10"):
            self.answer(11.0)
        with pytest.raises(BadInput, match="digit"):
            self.net.sample(1, runtime.rng(0), digit=10)
        with pytest.raises(BadInput, match="do not fit"):
            models.build("digit_diffusion", 0, size=30)


def test_a_sheet_is_four_digits_wide():
    x = torch.full((8, 1, 28, 28), -1.0)
    x[5] = 2.0
    made = digit_runs.sheet(x)
    assert made.shape == (56, 112) and (made[28:, 28:56] == 255).all() and made.sum() == 255 * 28 * 28


@pytest.mark.skipif(not (digits.FOLDER / "manifest.json").is_file(), reason="the network of digits is made by `train diffusion --ship`")
class TestShipped:
    def test_its_manifest_says_how_it_was_made_and_how_good_it_is(self):
        told = digits.manifest()
        assert {"command", "seed", "data", "cpu_s", "samplers", "guidance"} <= told.keys() and told["data"] == "strokes"
        assert (digits.FOLDER / "strokes.safetensors").stat().st_size < 3_000_000
        for points in told["samplers"].values():
            assert all(p["recognised"]["of"] == told["pictures"] for p in points)

    def test_a_small_sample_agrees_with_the_manifest(self):
        told = {p["calls"]: p["recognised"] for p in digits.manifest()["samplers"]["heun"]}
        drawn = digits.shipped().sample(20, runtime.rng(1), sampler="heun", calls=11, guidance=0.0)
        share = digits.shares(drawn)["recognised"]
        assert share["low"] <= told[11]["high"] and told[11]["low"] <= share["high"]

    @pytest.mark.parametrize("part", ["reverse", "calls"])
    def test_the_tab_draws_with_it(self, part):
        from demos import diffusion as tab
        from demos._lab import play
        from demos._session import Memory

        asked = {"part": part, "data": "strokes", "sampler": "ddim", "calls": 4, "digit": "3"}
        *_, end = play(tab.LAB, tab.LAB.check(tab.LAB.defaults() | asked), memory=Memory())
        assert end.ended == "finished" and "classifier recognises" in end.view.words and "as the 3" in end.view.words
        assert json.loads(end.view.pictures["strip"])["frames"] and 0 <= end.view.numbers["right_share"].value <= 1

    def test_training_goes_on_from_it(self):
        run = experiment.run(Settings(part="train", data="strokes", updates=100))
        frames = [next(run), next(run)]
        run.close()
        assert frames[0].row["update"] == 1 and frames[0].row["loss"] < 0.3 and frames[0].losses and not frames[1].row

    def test_another_chain_than_its_own_is_refused(self):
        with pytest.raises(BadInput, match="cosine"):
            next(experiment.run(Settings(part="reverse", data="strokes", schedule="linear")))
