"""Training what is shipped: sittings that go on bit for bit, damaged checkpoints, and the whole chain on tiny parts."""

import json
from dataclasses import replace

import pytest
import torch

from genai_core import __main__ as command_line
from genai_core import checkpoints, data, models, runtime, text_to_image
from genai_core.data import layouts, lookalikes, picturebook
from genai_core.errors import BadInput
from genai_core.text_to_image import reading, recipes
from genai_core.training import Knobs, train

TINY = {
    "autoencoder": {"width": 8, "encoder_blocks": (1, 1, 1), "decoder_blocks": (1, 1, 1)},
    "clip": {"width": 32, "layers": 1, "embed": 16},
    "unet": {"channels": (16, 32), "layers": 1, "text_width": 32},
    "noise_clip": {"width": 32, "layers": 1, "embed": 16},
}
TINY |= {"decoder": TINY["autoencoder"] | {"keep_encoder": True}, "clip_pictures": TINY["clip"], "text_layout": {"width": 32},
         "unet_text": TINY["unet"] | {"learn_text": True}, "unet_order": TINY["unet"] | {"learn_text": True},
         "unet_pairs": TINY["unet"] | {"learn_text": True}, "unet_all": TINY["unet"] | {"learn_text": True}}


@pytest.fixture(autouse=True, scope="module")
def tiny_recipes():
    before = torch.get_num_threads()
    runtime.set_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        for part, settings in TINY.items():
            recipe = replace(recipes.RECIPES[part], scenes=24, steps=3, batch=8, warmup=2, settings=settings)
            patch.setitem(recipes.RECIPES, part, recipe)
        yield
    torch.set_num_threads(before)
    torch.backends.cuda.enable_flash_sdp(True)


@pytest.fixture(scope="module")
def trained_all(tmp_path_factory):
    """A folder with every part trained by one command in `runs`, and the pipeline packed in `pocket`."""
    place = tmp_path_factory.mktemp("all")
    assert command_line.main(["train", "pocket", "--folder", str(place / "runs"), "--out", str(place / "pocket"), "--threads", "1",
                              "--nice", "0", "--note", "made by a test"]) == 0
    return place


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


def test_train_all_leaves_a_pipeline_that_draws(trained_all, tmp_path, capsys):
    manifest = json.loads((trained_all / "pocket" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["note"] == "made by a test" and {k: v["steps"] for k, v in manifest["parts"].items()} == dict.fromkeys(TINY, 3)
    for last in text_to_image.frames(text_to_image.load(trained_all / "pocket"), "a red circle", steps=2):
        pass
    assert last.clean.shape == (1, 64, 64, 3)
    again = ["train", "pocket", "unpack", "--folder", str(tmp_path), "--out", str(trained_all / "pocket"), "--nice", "0", "--json"]
    assert command_line.main(again) == 0 and json.loads(capsys.readouterr().out) == {"folder": str(tmp_path)}
    (was, _), (now, about) = map(checkpoints.load, (trained_all / "runs" / "unet_all.safetensors", tmp_path / "unet.safetensors"))
    assert now.index == 0 and was.index == 3 and was.weights.keys() == now.weights.keys() and about["seconds"] == "0"
    assert all(torch.allclose((was.ema or was.weights)[k].float(), now.weights[k].float(), atol=2e-3) for k in now.weights)
    assert command_line.main(again) == 2 and "Move it away" in capsys.readouterr().err


def test_later_parts_move_what_they_should(trained_all):
    weights = {part: checkpoints.load(trained_all / "runs" / f"{part}.safetensors")[0] for part in TINY}

    def moved(before, after):
        first, then = (part.ema or part.weights for part in (weights[before], weights[after]))
        return {key for key in first if key in then and not torch.equal(first[key], then[key])}

    assert moved("autoencoder", "decoder") and all(key.startswith("vae.decoder.") for key in moved("autoencoder", "decoder"))
    assert {"clip.text_projection", "clip.visual.conv1.weight", "clip.token_embedding.weight"} <= moved("clip", "clip_pictures")
    first = recipes.trained("clip", trained_all / "runs")[0].text_tower().state_dict()  # the UNet stands on the first CLIP
    assert all(torch.equal(weights["unet"].weights[f"text.{key}"], value) for key, value in first.items())
    for before, after in (("unet", "unet_text"), ("unet_text", "unet_order"), ("unet_order", "unet_pairs"), ("unet_pairs", "unet_all")):
        assert {key.split(".")[0] for key in moved(before, after)} == {"text", "unet"}
    assert "text.embeddings.token_embedding.weight" in moved("unet_text", "text_layout")
    before = {k.removeprefix("before."): v for k, v in weights["text_layout"].weights.items() if k.startswith("before.")}
    told = weights["unet_text"].ema or weights["unet_text"].weights
    assert all(torch.equal(value, told[f"text.{key}"]) for key, value in before.items())  # held to what the UNet reads


def test_labels_of_a_layout_say_who_stands_where():
    rng, first, second = picturebook.stream(5, 1), ("red", "circle"), ("blue", "square")
    colours, many = list(picturebook.COLOURS), layouts.SIZES

    def scene(relation, count=1):
        return replace(picturebook.scene(rng, "train", "relation"), colour=first[0], shape=first[1], colour2=second[0], shape2=second[1],
                       relation=relation, count=count)

    red, blue = ((colours.index(c), layouts.SHAPES.index(s)) for c, s in (first, second))
    assert layouts.labels(scene("left of")) == (*red, *blue, 0) and layouts.labels(scene("right of")) == (*blue, *red, 0)
    assert layouts.labels(scene("above")) == (*red, *blue, 1) and layouts.labels(scene("below")) == (*blue, *red, 1)
    alone = layouts.labels(replace(picturebook.scene(rng, "train", "single"), colour="red", shape="circle"))
    assert alone == (*red, many[2] - 1, many[3] - 1, 2)


def test_lookalikes_differ_in_what_every_caption_says():
    for index in range(40):
        alike = lookalikes.lookalikes(picturebook.stream(5, index), 8)
        assert len({reading.facts(replace(what, size="small", fill="solid", background="white")) for what in alike}) == 8
        assert not any(pair in picturebook.UNSEEN for what in alike for pair in what.objects)
        first = alike[0]
        assert sum((w.background, w.size, w.fill) == (first.background, first.size, first.fill) for w in alike) >= 2
    groups, ids = recipes.examples("clip_pictures", None, 3, None)
    assert groups.shape == (3, 8, 3, 64, 64) and ids.shape == (3, 8, 32)


def test_a_recipe_keeps_its_share_of_each_kind_of_scene():
    recipe = replace(recipes.RECIPES["unet_pairs"], scenes=200, keep={"single": 0.0, "equal": 0.5, "relation": 1.0})
    scenes = [picturebook.scene(picturebook.stream(3, index), "train") for index in range(200)]
    rows = recipes.kept(recipe, 3)
    equal = [index for index, what in enumerate(scenes) if what.count > 1]
    assert {index for index, what in enumerate(scenes) if what.relation} <= set(rows) and rows == sorted(set(rows))
    assert [row for row in rows if not scenes[row].relation] == equal[:round(len(equal) / 2)]


def test_a_part_that_others_need_is_asked_for(tmp_path, capsys):
    assert command_line.main(["train", "pocket", "unet", "--folder", str(tmp_path), "--nice", "0", "--threads", "1"]) == 2
    assert "train pocket clip" in capsys.readouterr().err
