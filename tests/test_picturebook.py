"""The world with words: scenes, captions, and the checker that reads them back."""

import csv
import json
import subprocess
import sys
import time
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from genai_core.data import captions, checker, picturebook, shapes

SEEDS = st.integers(0, 2**32)


def some(n=300, seed=5, split="train", kind=None):
    return picturebook.scenes(n, seed, split, kind)


def cli(*args):
    return subprocess.run([sys.executable, "-m", "genai_core", *map(str, args)], capture_output=True, text=True, timeout=120)


def test_the_world_is_as_large_as_promised():
    assert len(shapes.SHAPES) >= 10 and len(picturebook.COLOURS) == 9 and len(picturebook.BACKGROUNDS) == 6
    assert len(picturebook.RELATIONS) == 4 and set(picturebook.SIZES) == {"small", "large"}
    drawn = [what for what, _, _ in some(800)]
    assert {w.count for w in drawn} == {1, 2, 3} and {w.relation for w in drawn} == {"", *picturebook.RELATIONS}


def test_a_tenth_of_the_pairs_is_kept_out_of_training():
    pairs = {(c, s) for c in picturebook.COLOURS for s in shapes.SHAPES}
    assert picturebook.UNSEEN < pairs and len(picturebook.UNSEEN) == len(pairs) // 10
    assert not {("red", "circle"), ("blue", "square")} & picturebook.UNSEEN
    trained = {pair for what, _, _ in some(1500) for pair in what.objects}
    assert trained == pairs - picturebook.UNSEEN
    assert all(set(what.objects) <= picturebook.UNSEEN for what, _, _ in some(100, split="unseen"))
    assert {p for what, _, _ in some(1500, split="all") for p in what.objects} == pairs


@given(seed=SEEDS, index=st.integers(0, 10**6), split=st.sampled_from(picturebook.SPLITS))
@settings(max_examples=60, deadline=None)
def test_a_scene_is_the_same_whenever_it_is_drawn(seed, index, split):
    def once():
        rng = picturebook.stream(seed, index)
        what = picturebook.scene(rng, split)
        return what, picturebook.draw(what, rng), captions.caption(what, rng)

    (a, p, text), (b, q, again) = once(), once()
    assert a == b and text == again and np.array_equal(p, q)
    assert p.shape == (64, 64, 3) and p.dtype == np.uint8 and len(np.unique(p.reshape(-1, 3), axis=0)) > 3
    assert len(a.objects) == len(a.places) and captions.unknown_words(text) == []


def test_equal_objects_are_equal_and_two_are_different():
    for what, _, _ in some(400):
        if what.relation:
            assert what.objects[0] != what.objects[1] and len(what.objects) == 2
        else:
            assert len(set(what.objects)) == 1 and (what.shape2, what.colour2) == ("", "")


def test_nothing_is_cut_off_by_the_edge():
    for _, picture, _ in some(300):
        frame = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
        assert np.ptp(frame.astype(int), axis=0).max() <= 1


def test_captions_come_in_many_phrasings_and_both_spellings():
    red_circles = picturebook.Scene("circle", "red", "large", "solid", 1, "gray", places=((32.0, 32.0, 12.0),))
    said = {captions.caption(red_circles, np.random.default_rng(i)) for i in range(400)}
    skeletons = {" ".join(w for w in s.replace(",", " ,").split() if w not in
                          {"red", "large", "big", "solid", "plain", "gray", "grey", "circle"}) for s in said}
    assert len(skeletons) >= 12 and len(said) >= 60
    words = Counter(w for s in said for w in captions.split_words(s))
    assert words["gray"] > 20 and words["grey"] > 20 and "circle" in words


def test_a_relation_is_told_from_either_side_and_is_true():
    what = next(w for w, _, _ in some(kind="relation") if w.relation == "above" and w.shape != w.shape2)
    for i in range(200):
        said = captions.caption(what, np.random.default_rng(i))
        first, second = sorted((what.shape, what.shape2), key=said.index)
        word = "above" if "above" in said else "below"
        subject_first = not said.replace("on a ", "").startswith(word) and said.index(word) > said.index(first)
        upper = (first if word == "above" else second) if subject_first else (second if word == "above" else first)
        assert upper == what.shape, said


@given(text=st.text(max_size=80))
@settings(max_examples=80, deadline=None)
def test_known_words_are_never_called_unknown(text):
    assert not {word for word, _ in captions.unknown_words(text + " a red circle on gray")} & set(captions.WORDS)


def test_typos_get_a_suggestion():
    assert dict(captions.unknown_words("a bleu sqare abve a zebra, gray")) == {
        "bleu": "blue", "sqare": "square", "abve": "above", "zebra": None}


def test_a_thousand_scenes_a_second_on_one_core():
    some(20)
    began = time.process_time()
    some(400, seed=8)
    assert 400 / (time.process_time() - began) >= 1000


def test_the_checker_reads_true_scenes():
    right, asked = Counter(), Counter()
    for what, picture, _ in some(400, seed=31, split="all"):
        for factor, verdict in checker.judge(what, picture).items():
            asked[factor] += 1
            right[factor] += verdict is True
    assert set(asked) == {"background", "count", "relation", "colour", "shape", "size", "fill"}
    assert all(right[f] / asked[f] >= 0.985 for f in asked), {f: right[f] / asked[f] for f in asked}


def test_the_checker_denies_what_is_false():
    for what, picture, _ in some(60, seed=32, kind="single"):
        others = {"colour": next(c for c in picturebook.COLOURS if c != what.colour),
                  "shape": next(s for s in shapes.SHAPES if s != what.shape),
                  "background": next(b for b in picturebook.BACKGROUNDS if b != what.background),
                  "size": {"small": "large", "large": "small"}[what.size],
                  "fill": {"solid": "striped", "striped": "solid"}[what.fill]}
        for factor, wrong in others.items():
            lie = picturebook.Scene(**{**{f: getattr(what, f) for f in picturebook.FACTORS}, factor: wrong})
            assert checker.judge(lie, picture)[factor] is not True, (what, factor, wrong)
    for what, picture, _ in some(60, seed=33, kind="relation"):
        lie = picturebook.Scene(**{**{f: getattr(what, f) for f in picturebook.FACTORS},
                                   "relation": picturebook.OPPOSITE[what.relation]})
        assert checker.judge(lie, picture)["relation"] is False


def test_the_checker_parts_objects_that_only_touch_and_nothing_else():
    apart = Counter()
    for what, picture, _ in some(300, seed=34, kind="equal"):
        (x, y, r), (other, level, _) = what.places[:2]
        if r < 10 or min(abs(x - other), abs(y - level)) > 8 or what.shape == "moon":  # far apart, or joined across its hollow
            continue
        bridge = np.zeros((64, 64), bool)  # a line a pixel wide between the two, in the ink or half of it
        steps = np.linspace(0, 1, 200)
        bridge[np.round(y + steps * (level - y)).astype(int), np.round(x + steps * (other - x)).astype(int)] = True
        empty = np.abs(picture.astype(int) - np.array(picturebook.BACKGROUNDS[what.background])).sum(-1) < 20
        ink = (np.array(picturebook.COLOURS[what.colour]) + np.array(picturebook.BACKGROUNDS[what.background])) / 2
        picture = np.where((bridge & empty)[..., None], ink, picture).astype(np.uint8)
        seen = checker.read(picture).objects
        apart[len(seen) == what.count and all((o.shape, o.colour) == (what.shape, what.colour) for o in seen)] += 1
    assert apart.total() > 50 and apart[True] >= 0.85 * apart.total(), apart
    for what, picture, _ in some(60, seed=35, kind="single"):
        assert len(checker.read(picture).objects) == 1, what


@pytest.mark.parametrize("kind", ["white noise", "coarse noise", "blank"])
def test_the_checker_cannot_tell_noise(kind):
    rng = np.random.default_rng(1)
    told = Counter()
    for _ in range(30):
        if kind == "blank":
            picture = np.full((64, 64, 3), 200, np.uint8)
        else:
            cell = 1 if kind == "white noise" else 8
            picture = rng.integers(0, 256, (64 // cell, 64 // cell, 3), np.uint8).repeat(cell, 0).repeat(cell, 1)
        reading = checker.read(picture)
        told["shapes"] += sum(o.shape is not None and o.colour is not None for o in reading.objects)
        told["objects"] += len(reading.objects)
    assert told["shapes"] <= 0.05 * max(30, told["objects"]), told


def test_scenes_command_writes_an_image_folder(tmp_path):
    out = cli("scenes", "--n", 12, "--seed", 3, "--out", tmp_path / "a", "--json")
    assert out.returncode == 0 and json.loads(out.stdout)["scenes"] == 12, out.stderr
    with (tmp_path / "a" / "metadata.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["file_name", "text", "shape", "colour", "size", "fill", "count", "background", "relation",
                             "shape2", "colour2"]
    for row, (what, picture, text) in zip(rows, picturebook.scenes(12, 3), strict=True):
        assert row["text"] == text and (row["colour"], row["shape2"]) == (what.colour, what.shape2)
        assert np.array_equal(np.asarray(Image.open(tmp_path / "a" / row["file_name"])), picture)


@pytest.mark.parametrize("args,says", [
    (["--n", "0"], "from 1"), (["--n", "3", "--split", "test"], "train, unseen, all"), (["--n", "3", "--seed", "-1"], "0 or more")])
def test_scenes_command_says_what_is_wrong(tmp_path, args, says):
    out = cli("scenes", *args, "--out", tmp_path / "x")
    assert out.returncode == 2 and says in out.stderr and len(out.stderr.strip().splitlines()) == 1
