"""Guidance: every factor against its formula, every gradient against a difference, and what steering does to a picture."""

import dataclasses
import inspect
import json
import math

import numpy as np
import pytest
import torch

from genai_core import models, recorded, runtime, text_to_image
from genai_core.data import checker, picturebook
from genai_core.data.picturebook import Scene
from genai_core.errors import BadInput
from genai_core.text_to_image import frontier, guidance, never_seen, sampling, schedulers, similarity
from genai_core.text_to_image.settings import OPTIONS, SCHEDULERS, check

PROMPT = "a red circle above a blue square on gray"
STEPS = 8
ALPHA_BAR = np.cumprod(1 - np.linspace(1e-4, 0.02, 1000))  # of the chain of Ho et al., in double precision

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def pocket():
    return text_to_image.load()


@pytest.fixture(scope="module")
def tower():
    """A noise-aware tower that has learnt nothing: its gradient is as good as any."""
    return models.build("picture_noise_clip", 0, width=32, layers=1, embed=128).eval().requires_grad_(False)


@pytest.fixture(scope="module")
def guide(tower):
    return similarity.guide(noisy=lambda: tower)


def run(pipeline, prompt=PROMPT, **asked):
    return list(text_to_image.frames(pipeline, prompt, **{"steps": 3, "seed": 3, "strip": False, **asked}))


def last(pipeline, prompt=PROMPT, **asked):
    return run(pipeline, prompt, **asked)[-1]


def chain_of(pipeline, name):
    return schedulers.scheduler(pipeline, name, STEPS)


# -- the formula ------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", SCHEDULERS)
@pytest.mark.parametrize("index", [0, 3, STEPS - 1])
def test_the_factor_belongs_to_the_timestep(pocket, name, index):
    chain = chain_of(pocket, name)
    level = ALPHA_BAR[int(chain.timesteps[index])]
    assert schedulers.alpha_bar(chain, index) == pytest.approx(level, rel=1e-4)
    assert schedulers.factor(chain, index) == pytest.approx(math.sqrt(1 - level), rel=1e-4)
    if name == "euler":
        sigma = math.sqrt((1 - level) / level)
        assert schedulers.factor(chain, index) == pytest.approx(sigma / math.sqrt(1 + sigma**2), rel=1e-4)
    assert schedulers.factor(chain, index, slip=True) == pytest.approx(math.sqrt(1 - ALPHA_BAR[index]), rel=1e-3)
    assert schedulers.factor(chain, index, slip=True) < 0.15 * schedulers.factor(chain, index) or index == STEPS - 1


@pytest.mark.parametrize("name", SCHEDULERS)
@pytest.mark.parametrize("index", [0, 3, STEPS - 1])
@pytest.mark.parametrize("clip", ["noise_aware", "plain"])
def test_guided_noise_is_noise_minus_scale_times_factor_times_gradient(pocket, guide, tower, name, index, clip):
    chain, rng = chain_of(pocket, name), runtime.rng(index)
    asked = check(PROMPT, guidance="clip", clip=clip, clip_scale=2.5, crops=1, n=2)
    x, out = torch.randn(2, 2, 4, 16, 16, generator=rng)
    guided, alone, seen = guidance.Steering(asked, guide).steered(pocket.vae, lambda x: (out, out), x, chain, index)
    level = ALPHA_BAR[int(chain.timesteps[index])]
    a, b = math.sqrt(level), math.sqrt(1 - level)

    def pull(x):
        if clip == "noise_aware":
            seen = tower.image_embedding(x, chain.timesteps[index].long())
            return tower.logit_scale * (seen @ guide.texts([PROMPT]).T).sum()
        decoded = pocket.vae.decode(a * x - b * out).sample
        return guide.scale * (guide.pictures(decoded) @ guide.texts([PROMPT]).T).sum()

    leaf = x.clone().requires_grad_()
    gradient = torch.autograd.grad(pull(leaf), leaf)[0]
    assert gradient.norm() > 1e-4
    assert torch.allclose(seen.gradient, gradient, rtol=1e-3, atol=1e-4 * gradient.abs().max())
    noise = a * out + b * x
    want = noise - 2.5 * b * gradient
    got = a * guided + b * x
    assert torch.allclose(got - noise, want - noise, rtol=2e-3, atol=1e-3 * (want - noise).abs().max() + 1e-6)
    assert torch.equal(alone, out)


def test_the_gradient_is_that_of_finite_differences(pocket, tower, guide):
    chain, index, h = chain_of(pocket, "euler"), 2, 0.05
    x = torch.randn(1, 4, 16, 16, generator=runtime.rng(5))
    _, _, seen = guidance.Steering(check(PROMPT, guidance="clip"), guide).steered(pocket.vae, lambda x: (x, x), x, chain, index)
    way = seen.gradient / seen.gradient.norm()
    ahead, behind = (tower.logit_scale * (tower.image_embedding(y, int(chain.timesteps[index])) @ guide.texts([PROMPT]).T)
                     for y in (x + h * way, x - h * way))
    assert float(seen.gradient.norm()) == pytest.approx(float((ahead - behind) / (2 * h)), rel=0.02)


def test_through_the_unet_the_gradient_sees_what_the_unet_would_answer(pocket, guide):
    """Against a difference of the whole way: input, UNet, clean latents, decoder, CLIP."""
    chain, index = chain_of(pocket, "ddim"), 4
    asked = check(PROMPT, guidance="clip", clip="plain", crops=1, through_unet=True)
    x, way = torch.randn(2, 1, 4, 16, 16, generator=runtime.rng(6))
    states = pocket.text_encoder(pocket.tokenizer([""], padding="max_length", return_tensors="pt").input_ids)[0]

    def predict(x):
        out = pocket.unet(x, chain.timesteps[index], encoder_hidden_states=states).sample
        return out, out

    _, _, seen = guidance.Steering(asked, guide).steered(pocket.vae, predict, x, chain, index)

    @torch.no_grad()
    def pull(x):
        clean = schedulers.clean_of(predict(x)[0], x, chain, index)
        return float(guide.scale * (guide.pictures(pocket.vae.decode(clean).sample) @ guide.texts([PROMPT]).T))

    way = seen.gradient / seen.gradient.norm()
    h = 0.02
    assert float((seen.gradient * way).sum()) == pytest.approx((pull(x + h * way) - pull(x - h * way)) / (2 * h), rel=0.05)


@pytest.mark.parametrize("kind", ["epsilon", "v_prediction"])
def test_answers_of_both_kinds_mean_the_same(pocket, kind):
    chain = chain_of(pocket, "ddim")
    chain.register_to_config(prediction_type=kind)
    rng, index = runtime.rng(1), 3
    clean, noise, step = torch.randn(3, 1, 4, 16, 16, generator=rng)
    level = schedulers.alpha_bar(chain, index)
    a, b = math.sqrt(level), math.sqrt(1 - level)
    x = a * clean + b * noise
    out = noise if kind == "epsilon" else a * noise - b * clean
    assert torch.allclose(schedulers.noise_in(out, x, chain, index), noise, atol=1e-5)
    assert torch.allclose(schedulers.velocity(out, x, chain, index), a * noise - b * clean, atol=1e-5)
    assert torch.allclose(schedulers.clean_of(schedulers.velocity(out, x, chain, index), x, chain, index), clean, atol=1e-5)
    shifted = schedulers.moved(out, step, chain, index)
    assert torch.allclose(schedulers.noise_in(shifted, x, chain, index), noise + step, atol=1e-5)


@pytest.mark.parametrize("name", SCHEDULERS)
def test_going_back_gives_the_latents_the_noise_of_their_timestep(pocket, name):
    chain, index, rng = chain_of(pocket, name), 3, runtime.rng(2)
    clean = torch.full((1, 4, 200, 200), 0.7)
    after = schedulers.alpha_bar_after(chain, index)
    assert after == pytest.approx(schedulers.alpha_bar(chain, index + 1), rel=1e-4)
    first, fresh = torch.randn(2, *clean.shape, generator=rng)
    here = math.sqrt(after) * clean + math.sqrt(1 - after) * first
    if name == "euler":
        here = here / math.sqrt(after)
    x = chain.scale_model_input(schedulers.back(here, fresh, chain, index), chain.timesteps[index])
    level = schedulers.alpha_bar(chain, index)
    assert float(x.mean()) == pytest.approx(math.sqrt(level) * 0.7, abs=0.01)
    assert float(x.std()) == pytest.approx(math.sqrt(1 - level), rel=0.01)


@pytest.mark.parametrize("name", SCHEDULERS)
def test_a_step_of_a_twin_moves_nothing_else(pocket, name):
    rng = runtime.rng(3)
    x, out, other = torch.randn(3, 1, 4, 16, 16, generator=rng)
    ways = []
    for tried in (False, True):
        chain, here = chain_of(pocket, name), x
        for t in chain.timesteps[:3]:
            if tried:
                copied = schedulers.twin(chain)
                copied.scale_model_input(here, t)
                copied.step(other, t, here, generator=runtime.rng(9))
            chain.scale_model_input(here, t)
            here = chain.step(out, t, here, generator=runtime.rng(4)).prev_sample
        ways.append(here)
    assert torch.equal(*ways)


# -- what the stock pipeline draws --------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", SCHEDULERS)
def test_every_scheduler_draws_what_the_stock_pipeline_draws_with_it(pocket, name):
    from diffusers import StableDiffusionPipeline

    stock = StableDiffusionPipeline(**{**pocket.components, "scheduler": chain_of(pocket, name)}, requires_safety_checker=False)
    stock.set_progress_bar_config(disable=True)
    drawn = stock(PROMPT, negative_prompt="a green ring", num_inference_steps=3, guidance_scale=4.0, generator=runtime.rng(3),
                  output_type="np").images
    ours = last(pocket, scale=4.0, negative="a green ring", scheduler=name).clean
    assert np.array_equal(ours, (drawn * 255).round().astype(np.uint8))


# -- steering -----------------------------------------------------------------------------------------------------------

def test_a_clip_scale_of_zero_is_no_guidance(pocket, guide):
    free, cfg = last(pocket, guidance="none").clean, last(pocket).clean
    for clip in ("plain", "noise_aware"):
        asked = {"clip": clip, "clip_scale": 0.0, "rounds": 1, "guide": guide}
        assert np.array_equal(last(pocket, guidance="clip", **asked).clean, free)
        assert np.array_equal(last(pocket, guidance="both", **asked).clean, cfg)


@pytest.mark.parametrize("asked", [{"clip": "plain"}, {"clip": "plain", "through_unet": True}])
def test_the_plain_clip_likes_what_it_has_steered(pocket, asked):
    before, after = (last(pocket, seed=5, steps=6, watch=["similarity"], **given).similarity
                     for given in ({"guidance": "none"}, {"guidance": "clip", "bound": 0.5, "clip_scale": 5.0, **asked}))
    assert after[0] > before[0] + 0.1


def test_watching_changes_nothing_and_fills_only_what_was_asked(pocket, guide):
    asked = {"guidance": "both", "clip": "plain", "rounds": 2, "crops": 3, "n": 2, "guide": guide, "steps": 2}
    plain, watched = run(pocket, **asked), run(pocket, watch=sampling.WATCH, **asked)
    assert np.array_equal(plain[-1].clean, watched[-1].clean)
    for frame in plain:
        assert all(getattr(frame, name) is None for name in sampling.WATCH) and frame.noisy is None
    assert plain[0].clean is None and watched[0].clean is None
    for frame in watched:
        assert frame.similarity.shape == frame.ratio.shape == (2,) and (np.abs(frame.similarity) <= 1).all()
        assert frame.gradient.shape == (2, 16, 16) and (frame.gradient >= 0).all() and frame.gradient.max() > 0
        assert frame.crops.shape == (2, 3, 64, 64, 3) and frame.crops.dtype == np.uint8 and (frame.ratio > 0).all()


def test_no_field_is_made_up_where_clip_does_not_steer(pocket, guide):
    frame = last(pocket, guidance="none", watch=sampling.WATCH, guide=guide, steps=1)
    assert frame.gradient is None and frame.crops is None and frame.ratio.tolist() == [0.0]
    noisy = last(pocket, guidance="clip", watch=sampling.WATCH, guide=guide, steps=1)
    assert noisy.crops is None and noisy.gradient.shape == (1, 16, 16)
    assert last(pocket, "", guidance="none", watch=sampling.WATCH, steps=1).similarity is None
    with pytest.raises(ValueError, match="watch"):
        last(pocket, watch=["colour"])


def test_the_similarity_of_the_last_frame_is_that_of_its_picture(pocket, guide):
    frame = last(pocket, watch=["similarity"], n=2)
    assert np.allclose(frame.similarity, guide.similarity(frame.clean, PROMPT))


def test_a_bound_holds_for_every_picture(pocket, guide):
    asked = {"guidance": "clip", "clip_scale": 90.0, "clip": "plain", "watch": ["ratio"], "guide": guide, "n": 2, "steps": 2}
    loose, tight = run(pocket, **asked), run(pocket, bound=0.1, **asked)
    assert max(f.ratio.max() for f in loose) > 0.1
    assert all((f.ratio <= 0.1 + 1e-4).all() for f in tight)
    step, noise = torch.tensor([3.0, 30.0]), torch.tensor([10.0, 10.0])
    held = guidance.limit(step.view(2, 1, 1, 1), noise.view(2, 1, 1, 1), 0.5).flatten()
    assert held.tolist() == pytest.approx([1.0, 1 / 6])


def test_rounds_and_slip_change_the_picture_and_the_seed_holds(pocket, guide):
    asked = {"guidance": "clip", "clip_scale": 5.0, "guide": guide, "steps": 2}
    once, again = last(pocket, rounds=1, **asked).clean, last(pocket, rounds=1, **asked).clean
    assert np.array_equal(once, again)
    assert not np.array_equal(once, last(pocket, rounds=2, **asked).clean)
    assert np.array_equal(last(pocket, rounds=2, **asked).clean, last(pocket, rounds=2, **asked).clean)
    slipped = run(pocket, slip=True, watch=["ratio"], **asked)
    right = run(pocket, watch=["ratio"], **asked)
    assert slipped[0].ratio[0] < 0.05 * right[0].ratio[0]


def test_a_negative_prompt_is_taken_off_in_clips_eyes(pocket, guide):
    towards = guidance.Steering(check("a red circle", guidance="clip", negative="a blue ring"), guide).target
    assert torch.allclose(towards, guide.texts(["a red circle"]) - guide.texts(["a blue ring"]))
    assert np.array_equal(last(pocket, guidance="none", negative="a blue ring").clean, last(pocket, guidance="none").clean)


# -- crops --------------------------------------------------------------------------------------------------------------

def test_the_first_crop_is_the_whole_picture_and_the_seed_holds():
    pictures = torch.rand(2, 3, 64, 64, generator=runtime.rng(0)) * 2 - 1
    views = similarity.crops(pictures, 5, 64, runtime.rng(1))
    assert views.shape == (2, 5, 3, 64, 64) and torch.allclose(views[:, 0], pictures, atol=1e-4)
    assert torch.equal(views, similarity.crops(pictures, 5, 64, runtime.rng(1)))
    assert not torch.equal(views, similarity.crops(pictures, 5, 64, runtime.rng(2)))
    assert len({views[0, i].sum().item() for i in range(5)}) == 5


def test_crops_keep_left_on_the_left_and_colours_as_they_are():
    picture = torch.zeros(1, 3, 64, 64)
    picture[:, 0, :, :32], picture[:, 2, :, 32:] = 1.0, 1.0  # red on the left, blue on the right
    views = similarity.crops(picture, 16, 32, runtime.rng(4))[0]
    assert (views[:, 0, :, 0] > 0.99).all() and (views[:, 2, :, -1] > 0.99).all() and (views[:, 1] == 0).all()


def test_crops_pass_a_gradient_on():
    picture = torch.rand(1, 3, 64, 64, generator=runtime.rng(0)).requires_grad_()
    similarity.crops(picture, 3, 64, runtime.rng(1)).square().sum().backward()
    assert picture.grad.abs().min() > 0 or (picture.grad == 0).float().mean() < 0.1


# -- CLIP without diffusion -----------------------------------------------------------------------------------------------

@pytest.mark.parametrize("what", ["pixels", "latents"])
def test_climbing_gives_a_high_score_with_rubbish(pocket, what):
    way = list(text_to_image.climb("a red circle on gray", what=what, steps=20, seed=2, crops=1))
    assert [f.index for f in way] == list(range(1, 21)) and all(f.steps == 20 for f in way)
    assert way[-1].similarity[0] > max(0.5, way[0].similarity[0] + 0.3)
    assert way[-1].crops.shape == (1, 1, 64, 64, 3) and way[-1].clean.shape == (1, 64, 64, 3) and way[-1].gradient.ndim == 3
    read = checker.read(way[-1].clean[0])
    assert not any(thing.shape == "circle" and thing.colour == "red" for thing in read.objects)


# -- bad input ----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("wrong,says", [
    ({"clip_scale": 1e9}, "0 to 100"), ({"clip_scale": math.inf}, "0 to 100"), ({"rounds": 0}, "1 to 10"), ({"rounds": 1.5}, "whole"),
    ({"crops": 99}, "1 to 16"), ({"bound": -1.0}, "0 to 10"), ({"clip": "big"}, "noise_aware, plain"), ({"slip": 1}, "true or false"),
    ({"scheduler": "pndm"}, "ddim, ddpm"), ({"negative": "red " * 300}, "negative prompt has"), ({"negative": "🎉"}, "no words")])
def test_bad_guidance_gets_a_sentence(wrong, says):
    with pytest.raises(BadInput, match=says):
        check(PROMPT, guidance="both", **wrong)


def test_a_model_without_a_noise_aware_clip_says_so(pocket):
    plain = dataclasses.replace(similarity.guide(), noisy=None)
    with pytest.raises(BadInput, match="plain"):
        last(pocket, guidance="clip", guide=plain)
    with pytest.raises(BadInput, match="pixels, latents"):
        list(text_to_image.climb(PROMPT, what="words"))


def test_every_setting_is_a_setting_of_the_command():
    from genai_core.cli import imagine

    told = inspect.getsource(imagine.add)
    assert all(f'"--{name.replace("_", "-")}"' in told or name == "n" for name in OPTIONS)


# -- the frontier and the plate -------------------------------------------------------------------------------------------

def test_diversity_is_none_where_all_are_alike_and_one_between_black_and_white():
    black, white = np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 255, np.uint8)
    assert frontier.diversity_share([white, white, white]) == 0
    assert frontier.diversity_share([black, white]) == 1
    assert frontier.diversity_share([black, black, white]) == pytest.approx(2 / 3)
    with pytest.raises(ValueError, match="two"):
        frontier.diversity_share([black])


def test_points_of_the_frontier_are_those_of_its_scales(pocket):
    asked = frontier.asked_for(1)
    found = list(frontier.points(pocket, {"cfg": (0.0, 5.0), "plain": (2.0,)}, asked=asked, steps=3))
    assert [(p.kind, p.scale) for p in found] == [("cfg", 0.0), ("cfg", 5.0), ("plain", 2.0)]
    assert all(p.pictures.shape == (4, 64, 64, 3) and p.right["of"] == 4 for p in found)
    assert found[1].similarity > found[0].similarity  # the prompt followed, CLIP sees it
    assert frontier.diversity_share(found[1].pictures) == pytest.approx(found[1].diversity_share)
    assert frontier.row(found[0])["scale"] == 0 and set(frontier.SCALES) == set(frontier.KINDS)


def test_the_plate_shows_every_unseen_pair_and_judges_it(pocket):
    pairs = list(never_seen.plate(pocket, n=1, steps=1))
    assert {(p.colour, p.shape) for p in pairs} == picturebook.UNSEEN
    assert all(len(p.right) == 1 and set(p.prompt.split()) <= set(text_to_image.WORDS) for p in pairs)
    assert never_seen.rate(pairs)["of"] == 9
    what = Scene("star", "red", "large", "solid", 1, "gray", places=((32, 32, 12.0),))
    drawn = picturebook.draw(what, np.random.default_rng(1))
    assert never_seen.verdict("red", "star", drawn) is True
    assert never_seen.verdict("blue", "star", drawn) is False and never_seen.verdict("red", "moon", drawn) is False
    assert never_seen.verdict("red", "star", np.full((64, 64, 3), 200, np.uint8)) is None


def test_recorders_of_the_frontier_and_the_plate_can_be_started():
    for name in ("guidance_frontier", "never_seen"):
        given = recorded.recorder(name)
        assert json.loads(json.dumps(given.scene())) and json.loads(json.dumps(given.settings))


def test_the_timing_of_drawing_runs(monkeypatch):
    import drawing_times

    monkeypatch.setattr(drawing_times.runtime, "set_threads", lambda n: 1)
    monkeypatch.setattr(drawing_times, "WAYS", {name: drawing_times.WAYS[name] for name in ("strip_on", "clip_plain")})
    told = drawing_times.measure(steps=1, pairs=1)
    assert told["strip_on"]["times_plain"] > 0 and told["clip_plain"]["seconds"] > 0
