"""The pocket Stable Diffusion: real parts, real prompts, and sentences for bad input."""

import hashlib
import json
import math
import shutil
import subprocess
import sys
import threading

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from genai_core import __main__ as command
from genai_core import measuring, models, recorded, runtime, text_to_image
from genai_core.data import checker, picturebook
from genai_core.errors import BadInput
from genai_core.text_to_image import measures, pipeline, reading, recipes, recording, watching
from genai_core.text_to_image.pipeline import POCKET
from genai_core.text_to_image.tokenizer import CONTEXT, encode, learn, tokenizer

PROMPT = "a red circle above a blue square on gray"

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def pocket():
    return text_to_image.load()


def last(pipeline, prompt=PROMPT, **asked):
    for frame in text_to_image.frames(pipeline, prompt, **{"steps": 4, "seed": 3, **asked}):
        pass
    return frame


def imagine(*args):
    return subprocess.run([sys.executable, "-m", "genai_core", "imagine", *map(str, args)], capture_output=True, text=True,
                          timeout=180)


# -- the parts --------------------------------------------------------------------------------------------------------

def test_the_shipped_folder_is_what_its_manifest_says():
    manifest = json.loads((POCKET / "manifest.json").read_text(encoding="utf-8"))
    found = {str(p.relative_to(POCKET).as_posix()) for p in POCKET.rglob("*.safetensors")}
    assert found == set(manifest["files"])
    for name, told in manifest["files"].items():
        data = (POCKET / name).read_bytes()
        assert len(data) == told["bytes"] < 10e6 and hashlib.sha256(data).hexdigest() == told["sha256"]
    assert manifest["command"].startswith("python -m genai_core train") and set(manifest["parts"]) == set(recipes.RECIPES)
    assert all(part["seconds"] > 0 and part["steps"] > 0 for part in manifest["parts"].values())


def test_weights_are_kept_in_half_precision():
    for path in POCKET.rglob("*.safetensors"):
        kinds = {t.dtype for t in load_file(path).values() if t.is_floating_point()}
        assert kinds == {torch.float16}, path


def test_the_text_tower_reads_as_open_clip_does(pocket):
    """The shipped CLIP's text tower as transformers' class; the text encoder, of which CLIP has learned on, is of the same make."""
    import open_clip

    model, _, _ = open_clip.create_model_and_transforms(f"local-dir:{POCKET / 'clip'}")
    clip, ids = model.eval().float(), encode([PROMPT, "", "three small grey stars", "zebra 🎉"])
    made = models.build("picture_clip", 0)
    made.clip.load_state_dict(clip.state_dict())
    tower = made.text_tower()
    with torch.no_grad():
        x = clip.token_embedding(ids) + clip.positional_embedding
        states = clip.ln_final(clip.transformer(x, attn_mask=clip.attn_mask))            # (4, 32, width)
        ours = tower(ids)
        pooled = states[torch.arange(4), ids.argmax(1)]
    assert (ours.last_hidden_state - states).abs().max() < 1e-4
    assert (ours.pooler_output - pooled).abs().max() < 1e-4
    assert states.std() > 0.1 and not torch.allclose(states[0], states[2])
    same = ("hidden_size", "num_hidden_layers", "num_attention_heads", "hidden_act", "eos_token_id", "max_position_embeddings")
    assert all(getattr(pocket.text_encoder.config, name) == getattr(tower.config, name) for name in same)


def test_clip_puts_picture_and_caption_together():
    import open_clip

    model, _, prepare = open_clip.create_model_and_transforms(f"local-dir:{POCKET / 'clip'}")
    from PIL import Image

    drawn = picturebook.scenes(50, 4_242)
    with torch.no_grad():
        image = model.eval().encode_image(torch.stack([prepare(Image.fromarray(p)) for _, p, _ in drawn]), normalize=True)
        text = model.encode_text(encode([t for _, _, t in drawn]), normalize=True)
    hits = ((image @ text.T).argmax(1) == torch.arange(50)).float().mean()
    assert hits > 0.5  # one in fifty by chance


def test_every_known_word_is_one_token_and_the_end_token_is_highest(pocket):
    ours = pocket.tokenizer
    assert len(ours) > 500 and ours.eos_token_id == len(ours) - 1 and ours.model_max_length == CONTEXT
    assert all(len(ours(word).input_ids) == 3 for word in text_to_image.WORDS)
    shipped = ours([PROMPT, "привет 🎉"], padding="max_length", truncation=True, return_tensors="pt").input_ids
    assert torch.equal(shipped, encode([PROMPT, "привет 🎉"]))


def test_a_tokenizer_learned_anew_has_the_same_words(tmp_path):
    learn(tmp_path)
    made = tokenizer(tmp_path)
    assert len(made) == len(tokenizer()) and all(len(made(word).input_ids) == 3 for word in text_to_image.WORDS)


# -- drawing ----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("n", [1, 2])
def test_our_loop_draws_what_the_stock_pipeline_draws(pocket, n):
    ours = last(pocket, scale=4.0, n=n, strip=False).clean
    stock = pocket(PROMPT, num_inference_steps=4, guidance_scale=4.0, num_images_per_prompt=n,
                   generator=runtime.rng(3), output_type="np").images
    assert np.array_equal(ours, (stock * 255).round().astype(np.uint8))


def test_same_seed_same_picture_and_watching_changes_nothing(pocket):
    a, b = last(pocket, n=2), last(pocket, n=2, strip=False)
    assert np.array_equal(a.clean, b.clean) and b.noisy is None
    assert not np.array_equal(a.clean[0], a.clean[1])
    assert not np.array_equal(a.clean, last(pocket, n=2, seed=4).clean)


def test_every_step_shows_noise_becoming_picture(pocket):
    seen = list(text_to_image.frames(pocket, PROMPT, steps=5, seed=1))
    assert [f.index for f in seen] == [1, 2, 3, 4, 5] and all(f.steps == 5 for f in seen)
    assert all(f.noisy.shape == f.clean.shape == (1, 64, 64, 3) for f in seen)
    times = [f.timestep for f in seen]
    assert times == sorted(times, reverse=True) and times[0] == 999

    away = [watching.difference(f.noisy, seen[-1].clean) for f in seen]
    assert away == sorted(away, reverse=True) and away[0] > 2 * away[-1]


def test_without_guidance_the_prompt_does_not_matter(pocket):
    a, b = last(pocket, "a red circle", guidance="none"), last(pocket, "", guidance="none")
    assert np.array_equal(a.clean, b.clean) and not np.array_equal(a.clean, last(pocket, "a red circle").clean)


def test_a_scale_of_zero_is_the_empty_prompt(pocket):
    assert np.abs(last(pocket, scale=0.0).clean.astype(int) - last(pocket, guidance="none").clean).max() <= 1


def test_simple_prompts_come_out_right(pocket):
    """A small sample of `make measure`, and close to what the README says: colour, which is nearly always right, and
    colour with shape, where a sample this small only notices a model that has lost it."""
    asked = measures.prompts("single", 12)
    pictures = measures.draw(pocket, asked, measures.PROMPTS["single"][0])
    got, figures = measures.named_right(asked, pictures), measuring.read("text_to_image")["figures"]["single"]
    for name in ("colour", "colour_and_shape"):
        promised = figures[name]["share"]
        floor = promised - 3.5 * math.sqrt(max(promised * (1 - promised), 0.02) / 12)
        assert got[name]["share"] >= max(floor, 1 / 12), (name, got[name], promised)


# -- what is shown and measured -----------------------------------------------------------------------------------------

def test_measured_figures_are_fresh():
    assert measuring.stale("text_to_image") == [], "run `make measure`"
    figures = measuring.read("text_to_image")["figures"]
    assert figures["single"]["colour_and_shape"]["of"] >= 200
    assert all(f["low"] <= f["share"] <= f["high"] and f["share"] == pytest.approx(f["right"] / f["of"], abs=1e-4)
               for group in figures.values() for f in group.values())
    assert all(f["share"] >= 0.99 for f in figures["checker_on_true_scenes"].values())


def test_a_changed_weight_makes_the_figures_stale(tmp_path, monkeypatch):
    shutil.copytree(measuring.FOLDER, tmp_path / "measured")
    told = measuring.read("text_to_image", tmp_path / "measured")
    rests_on = next(iter(told["parts"].values()))["rests_on"]
    name = next(iter(rests_on))
    rests_on[name] = "0" * 64
    (tmp_path / "measured" / "text_to_image.json").write_text(json.dumps(told), encoding="utf-8")
    assert measuring.stale("text_to_image", tmp_path / "measured") == [name]


def test_settling_is_found_where_it_happens():
    blank, full = np.zeros((1, 4, 4, 3), np.uint8), np.full((1, 4, 4, 3), 255, np.uint8)
    assert watching.difference(blank, full) == 1 and watching.difference(full, full) == 0
    figure, other = full.copy(), full.copy()
    figure[0, 0, 0] = other[0, 3, 3] = 0                                   # one dark pixel of sixteen on a white ground
    assert watching.standing_out(figure) == pytest.approx(1 / 16) and watching.standing_out(full) == 0
    assert watching.settled([full, figure, full, figure, figure]) == 4       # an empty ground is not the figure
    assert watching.settled([other, figure]) == 2
    assert watching.settled([full]) == 1 and watching.settled([full, full]) == 1
    nearly = figure.copy()
    nearly[0, 0, 0] = 50
    assert watching.settled([full, nearly, figure]) == 2                   # 50 of 255 is a fifth, about
    nearly[0, 0, 0] = 52
    assert watching.settled([full, nearly, figure]) == 3
    with pytest.raises(ValueError):
        watching.settled([])


def test_the_recorded_run_is_what_a_live_run_shows(pocket):
    saved = recorded.read("text_to_image")
    live = text_to_image.frames(pocket, **recording.SETTINGS, seed=recording.SEED)
    for kept, frame in zip(saved.frames[:3], live, strict=False):
        for name in ("noisy", "clean"):
            was, now = recording.from_png(kept[name]), getattr(frame, name)[0]
            assert watching.difference(was, now) < 0.004, name  # one grey level: other processors round differently
    assert len(saved.frames) == recording.SETTINGS["steps"]
    assert checker.read(recording.from_png(saved.frames[-1]["clean"])).objects


# -- bad input ----------------------------------------------------------------------------------------------------------

GOOD = {"guidance": "cfg", "scale": 3.0, "steps": 10, "seed": 0, "n": 1}


@pytest.mark.parametrize("prompt,wrong,says", [
    ("", {}, "empty"), ("   \n", {}, "empty"), ("red " * 3000, {}, "at most 500"), ("🎉🎉", {}, "no words"),
    (PROMPT, {"scale": 1e9}, "0 to 30"), (PROMPT, {"scale": math.nan}, "0 to 30"), (PROMPT, {"scale": "7"}, "0 to 30"),
    (PROMPT, {"steps": 0}, "1 to 200"), (PROMPT, {"steps": 2.5}, "whole number"), (PROMPT, {"steps": 10**9}, "1 to 200"),
    (PROMPT, {"n": 5}, "1 to 4"), (PROMPT, {"n": True}, "1 to 4"), (PROMPT, {"seed": -1}, "from 0"),
    (PROMPT, {"guidance": "more"}, "none, cfg, clip, both")])
def test_bad_settings_get_a_sentence(prompt, wrong, says):
    with pytest.raises(BadInput, match=says):
        text_to_image.check(prompt, **{**GOOD, **wrong})


@pytest.mark.parametrize("prompt", ["a red circle 🎉", "красный круг", "<b>a red circle</b>", "a RED circle!!!", "赤い丸", "a" * 500])
def test_strange_prompts_still_draw(pocket, prompt):
    assert last(pocket, prompt, steps=2, strip=False).clean.shape == (1, 64, 64, 3)


def test_what_others_build_while_a_model_loads_keeps_its_weights():
    loaded, wrong, built = threading.Event(), [], []

    def build():
        while not loaded.is_set() or len(built) < 3:
            made = runtime.build(lambda: torch.nn.Linear(3, 2), 7)
            built.append(made)
            if made.weight.is_meta or not torch.equal(made.weight, built[0].weight):
                wrong.append(made)

    builder = threading.Thread(target=build)
    builder.start()
    try:
        for opened in (pipeline._open, reading._open):
            opened.cache_clear()
        text_to_image.load()
        reading.reader()
    finally:
        loaded.set()
        builder.join()
    assert not wrong, f"{len(wrong)} of {len(built)}"


def test_what_is_no_model_gets_a_sentence(tmp_path):
    with pytest.raises(BadInput, match="no model folder"):
        text_to_image.load(tmp_path / "missing")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match=r"no model_index\.json"):
        text_to_image.load(tmp_path / "empty")


@pytest.mark.parametrize("part", ["vae/diffusion_pytorch_model.safetensors", "text_encoder/model.safetensors"])
def test_a_truncated_weight_file_gets_a_sentence_and_the_next_run_works(tmp_path, part):
    broken = tmp_path / "broken"
    shutil.copytree(POCKET, broken)
    (broken / part).write_bytes((broken / part).read_bytes()[:1000])
    with pytest.raises(BadInput, match="damaged or missing"):
        text_to_image.load(broken)
    assert last(text_to_image.load(), steps=1, strip=False).clean is not None


# -- the command --------------------------------------------------------------------------------------------------------

def test_imagine_draws_the_same_picture(pocket, tmp_path):
    from PIL import Image

    out = imagine("a red circle abov a zebra", "--steps", 4, "--seed", 3, "-n", 2, "--threads", 1, "--out", tmp_path, "--json")
    assert out.returncode == 0, out.stderr
    told = json.loads(out.stdout)
    assert set(told) == {"model", "images", "seconds", "steps", "seed", "similarity", "unknown_words"}
    assert told["model"] == "pocket" and told["steps"] == 4 and told["seed"] == 3 and told["unknown_words"] == ["abov", "zebra"]
    assert len(told["similarity"]) == 2 and all(-1 <= value <= 1 for value in told["similarity"])
    ours = last(pocket, "a red circle abov a zebra", n=2, strip=False).clean
    assert all(np.array_equal(np.asarray(Image.open(path)), picture) for path, picture in zip(told["images"], ours, strict=True))


@pytest.mark.parametrize("args,says", [(["", "--steps", 3], "empty"), ([PROMPT, "--steps", 0], "1 to 200"),
                                       ([PROMPT, "--model", "nowhere"], "no model folder"), ([PROMPT, "--guidance", "x"], "cfg")])
def test_imagine_says_what_is_wrong(tmp_path, args, says, capsys):
    assert command.main(["imagine", *map(str, args), "--threads", "1", "--out", str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert says in told and len(told.strip().splitlines()) == 1
    assert not list(tmp_path.glob("*.png"))
