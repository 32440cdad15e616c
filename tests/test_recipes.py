"""Training what is shipped: sittings that go on bit for bit, damaged checkpoints, and the whole chain on tiny parts."""

import json
from dataclasses import replace

import pytest
import torch

from genai_core import __main__ as command_line
from genai_core import checkpoints, data, models, runtime, text_to_image
from genai_core.data import lookalikes, picturebook
from genai_core.errors import BadInput
from genai_core.text_to_image import reading, recipes
from genai_core.training import Knobs, train

TINY = {
    "autoencoder": {"width": 8, "encoder_blocks": (1, 1, 1), "decoder_blocks": (1, 1, 1)},
    "clip": {"width": 32, "layers": 1, "embed": 16},
    "unet": {"channels": (16, 32), "layers": 1, "text_width": 32},
    "noise_clip": {"width": 32, "layers": 1, "embed": 16},
}
TINY |= {"decoder": TINY["autoencoder"] | {"keep_encoder": True}, "clip_pictures": TINY["clip"]}


@pytest.fixture(autouse=True)
def tiny_recipes(monkeypatch):
    before = torch.get_num_threads()
    runtime.set_threads(1)
    for part, settings in TINY.items():
        recipe = replace(recipes.RECIPES[part], scenes=24, steps=3, batch=8, warmup=2, settings=settings)
        monkeypatch.setitem(recipes.RECIPES, part, recipe)
    yield
    torch.set_num_threads(before)
    torch.backends.cuda.enable_flash_sdp(True)


def sitting(folder, steps, seed=5, precision="fp32"):
    model = models.build("picture_clip", seed, **TINY["clip"])
    return [step.losses["loss"] for step in recipes.run("clip", picturebook.tensors(24, 1), model, folder, seed, precision, steps)]


def test_two_sittings_are_one(tmp_path):
    whole = sitting(tmp_path / "one", 3)
    assert sitting(tmp_path / "two", 2) + sitting(tmp_path / "two", 3) == whole
    (a, _), (b, _) = (checkpoints.load(tmp_path / name / "clip.safetensors") for name in ("one", "two"))
    assert a.index == b.index == 3 and all(torch.equal(a.weights[k], b.weights[k]) for k in a.weights)
    assert sitting(tmp_path / "two", 3) == []  # nothing is left to do


def test_another_seed_is_not_mixed_in(tmp_path):
    sitting(tmp_path, 1)
    with pytest.raises(BadInput, match="begun with seed 5"):
        sitting(tmp_path, 2, seed=6)


def test_a_checkpoint_holds_all_that_the_next_step_needs(tmp_path):
    model, points = models.build("gan", 1), data.load("ring", 0, 256)
    kept, after = None, []
    for step in train(model, points, 8, 2, Knobs(batch=16, ema=0.9)):
        if step.index == 4:
            checkpoints.save(step.snapshot(), tmp_path / "gan.safetensors", note="half way")
        elif step.index > 4:
            after.append(step.losses)
    kept, about = checkpoints.load(tmp_path / "gan.safetensors")
    again = train(models.build("gan", 9), points, 8, 2, Knobs(batch=16, ema=0.9), start=kept)
    assert [step.losses for step in again] == after and about == {"note": "half way"} and kept.ema


def test_a_truncated_checkpoint_is_named(tmp_path):
    sitting(tmp_path, 1)
    path = tmp_path / "clip.safetensors"
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(BadInput, match="Delete it"):
        sitting(tmp_path, 2)


def test_the_rate_rises_then_falls():
    recipe = replace(recipes.RECIPES["clip"], steps=100, warmup=10, rate=1.0)
    rates = [recipes.rate_at(recipe, i) for i in range(101)]
    assert rates[0] == pytest.approx(0.1) and max(rates) == rates[10] == 1.0 and rates[100] == pytest.approx(0.02)
    assert rates[10:] == sorted(rates[10:], reverse=True) and rates[55] == pytest.approx(0.51)


def test_train_all_leaves_a_pipeline_that_draws(tmp_path, capsys):
    ran = command_line.main(["train", "pocket", "--folder", str(tmp_path / "runs"), "--out", str(tmp_path / "pocket"), "--threads", "1",
                             "--nice", "0", "--note", "made by a test", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert ran == 0 and set(told) == {*TINY, "folder"}
    manifest = json.loads((tmp_path / "pocket" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["note"] == "made by a test" and {k: v["steps"] for k, v in manifest["parts"].items()} == dict.fromkeys(TINY, 3)
    for last in text_to_image.frames(text_to_image.load(tmp_path / "pocket"), "a red circle", steps=2):
        pass
    assert last.clean.shape == (1, 64, 64, 3)
    again = ["train", "pocket", "unpack", "--folder", str(tmp_path / "again"), "--out", str(tmp_path / "pocket"), "--nice", "0"]
    assert command_line.main(again) == 0
    (was, _), (now, about) = (checkpoints.load(tmp_path / name / "unet.safetensors") for name in ("runs", "again"))
    assert now.index == 0 and was.index == 3 and was.weights.keys() == now.weights.keys() and about["seconds"] == "0"
    assert all(torch.allclose((was.ema or was.weights)[k].float(), now.weights[k].float(), atol=2e-3) for k in now.weights)
    assert command_line.main(again) == 2 and "Move it away" in capsys.readouterr().err


def test_later_parts_leave_alone_what_the_unet_stands_on(tmp_path, capsys):
    assert command_line.main(["train", "pocket", "all", "--folder", str(tmp_path), "--out", str(tmp_path / "pocket"), "--threads", "1",
                              "--nice", "0"]) == 0
    weights = {part: checkpoints.load(tmp_path / f"{part}.safetensors")[0] for part in TINY}

    def moved(before, after):
        first, then = (part.ema or part.weights for part in (weights[before], weights[after]))
        return {key for key in first if not torch.equal(first[key], then[key])}

    assert moved("autoencoder", "decoder") and all(key.startswith("vae.decoder.") for key in moved("autoencoder", "decoder"))
    assert {"clip.text_projection", "clip.visual.conv1.weight", "clip.token_embedding.weight"} <= moved("clip", "clip_pictures")
    drawn = text_to_image.load(tmp_path / "pocket").text_encoder.state_dict()  # stands on the first CLIP, not on the second
    first = recipes.trained("clip", tmp_path)[0].text_tower().state_dict()
    assert all(torch.allclose(drawn[key].float(), value.float(), atol=2e-3) for key, value in first.items())


def test_lookalikes_differ_in_what_every_caption_says():
    for index in range(40):
        alike = lookalikes.lookalikes(picturebook.stream(5, index), 8)
        assert len({reading.facts(replace(what, size="small", fill="solid", background="white")) for what in alike}) == 8
        assert not any(pair in picturebook.UNSEEN for what in alike for pair in what.objects)
        first = alike[0]
        assert sum((w.background, w.size, w.fill) == (first.background, first.size, first.fill) for w in alike) >= 2
    groups, ids = recipes.examples("clip_pictures", None, 3, None)
    assert groups.shape == (3, 8, 3, 64, 64) and ids.shape == (3, 8, 32)


def test_a_part_that_others_need_is_asked_for(tmp_path, capsys):
    assert command_line.main(["train", "pocket", "unet", "--folder", str(tmp_path), "--nice", "0", "--threads", "1"]) == 2
    assert "train pocket clip" in capsys.readouterr().err
