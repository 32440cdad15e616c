"""What is measured: parts that can be measured anew one by one, and figures that say what they are of."""

import json

import numpy as np
import pytest

from genai_core import measuring, models
from genai_core.data import picturebook
from genai_core.data.picturebook import Scene
from genai_core.errors import BadInput
from genai_core.text_to_image import measures, similarity

pytestmark = pytest.mark.usefixtures("one_thread")


def quiet(line):
    pass


@pytest.fixture
def counted(monkeypatch):
    """A measure of two parts; counted["a"] is how often part a ran."""
    ran = {"a": 0, "b": 0}

    def part(name):
        def run(say):
            ran[name] += 1
            return {"seeds": [1], "figures": {f"group_{name}": {"right": measuring.share(ran[name], 10)}}}

        return measuring.Measure(run, (f"genai_core/{'intervals' if name == 'a' else 'errors'}.py",))

    given = measuring.Measure(parts={name: part(name) for name in ran})
    monkeypatch.setattr(measuring, "measure", lambda name: given)
    return ran


def test_one_part_is_measured_anew_and_the_other_stays(counted, tmp_path):
    measuring.write("two", quiet, tmp_path)
    told = measuring.write("two", quiet, tmp_path, only=["b"])
    assert counted == {"a": 1, "b": 2} and list(told["figures"]) == ["group_a", "group_b"]
    assert told["figures"]["group_a"]["right"]["right"] == 1 and told["figures"]["group_b"]["right"]["right"] == 2
    assert told == measuring.read("two", tmp_path) and measuring.stale("two", tmp_path) == []


def test_a_changed_file_makes_only_its_part_stale(counted, tmp_path):
    told = measuring.write("two", quiet, tmp_path)
    told["parts"]["b"]["rests_on"]["genai_core/errors.py"] = "0" * 64
    (tmp_path / "two.json").write_text(json.dumps(told))
    assert measuring.stale("two", tmp_path) == ["genai_core/errors.py"]
    measuring.write("two", quiet, tmp_path, only=["a"])
    assert measuring.stale("two", tmp_path) == ["genai_core/errors.py"]


def test_a_part_that_was_never_measured_is_named(counted, tmp_path):
    measuring.write("two", quiet, tmp_path, only=["a"])
    assert measuring.stale("two", tmp_path) == ["the part b"]


def test_a_part_that_breaks_loses_nothing_measured_before(counted, tmp_path, monkeypatch):
    measuring.write("two", quiet, tmp_path, only=["a"])
    broken = measuring.Measure(lambda say: 1 / 0)
    monkeypatch.setitem(measuring.measure("two").parts, "b", broken)
    with pytest.raises(ZeroDivisionError):
        measuring.write("two", quiet, tmp_path)
    assert measuring.read("two", tmp_path)["figures"]["group_a"]["right"]["right"] == 2


def test_what_is_no_part_gets_a_sentence(counted, tmp_path):
    with pytest.raises(BadInput, match="no part 'c'; there are a, b"):
        measuring.write("two", quiet, tmp_path, only=["c"])


# -- text to image --------------------------------------------------------------------------------------------------------

def test_only_factors_that_the_prompt_says_are_asked_for():
    what = Scene("circle", "red", "large", "striped", 1, "gray")
    assert measures.named(what, "a big red circle on grey") == {"colour", "shape", "count", "size", "background"}
    assert measures.named(what, "a red circle") == {"colour", "shape", "count"}
    assert "fill" not in measures.named(what, "a solidly red circle") and "fill" in measures.named(what, "a red, striped circle")
    assert "relation" in measures.named(Scene("circle", "red", "large", "solid", 1, "gray", "above", "square", "blue"), "...")


@pytest.mark.parametrize("name", measures.PROMPTS)
def test_true_pictures_are_right_and_others_are_not(name):
    asked, together = measures.prompts(name, 30), measures.PROMPTS[name][-1]
    true = [picturebook.draw(what, picturebook.stream(1, i)) for i, (what, _) in enumerate(asked)]
    right = measures.named_right(asked, true, together)
    assert all(figure["share"] >= 0.9 for key, figure in right.items() if key != "cannot_tell"), right
    wrong = measures.named_right(asked, true[1:] + true[:1], together)
    assert wrong[together[0]]["share"] < 0.3
    blank = measures.named_right(asked, [np.full((64, 64, 3), 200, np.uint8)] * 30, together)
    assert blank["cannot_tell"]["share"] == 1 and blank[together[0]]["share"] == 0


def test_prompts_come_from_seeds_of_their_own():
    seeds = [row[0] for row in measures.PROMPTS.values()] + [measures.TRUE_SEED, measures.NOISE_SEED, measures.PAIRS_SEED]
    assert len(set(seeds)) == len(seeds) and min(seeds) > 900_000
    assert all(len({prompt for _, prompt in measures.prompts(name, 40)}) > 25 for name in measures.PROMPTS)
    assert all((what.colour, what.shape) in picturebook.UNSEEN for what, _ in measures.prompts("unseen_pair", 20))


def test_the_parts_run_small(monkeypatch):
    tower = models.build("picture_noise_clip", 0, width=32, layers=1, embed=128).eval().requires_grad_(False)
    judge = similarity.guide(noisy=lambda: tower)
    monkeypatch.setattr(measures, "guide", lambda: judge)
    short = {name: {**given, "steps": 2, "rounds": 1} for name, given in measures.PRESETS.items()}
    monkeypatch.setattr(measures, "PRESETS", short)
    monkeypatch.setattr(measures, "SETTINGS", {**measures.SETTINGS, "steps": 2})
    made = [measures._checker(quiet, 20, 20), measures._cfg("equal", quiet, 2), *(measures._clip(name, quiet, 2) for name in short),
            measures._retrieval(quiet, 20)]
    figures = {group: figure for part in made for group, figure in part["figures"].items()}
    assert set(figures) >= {"checker_on_noise", "checker_after_autoencoder", "equal", "clip_plain", "clip_careful", "retrieval"}
    assert figures["checker_on_noise"]["cannot_tell"]["share"] > 0.9
    assert {"colour_and_shape", "cannot_tell", "unguided_colour_and_shape", "similarity_above_unguided"} <= set(figures["clip_quick"])
    assert all(0 <= f["low"] <= f["share"] <= f["high"] <= 1 for group in figures.values() for f in group.values())


def test_the_command_measures_one_part(capsys):
    from genai_core import __main__ as command

    assert command.main(["measure", "--only", "checker"]) == 2 and "--only needs" in capsys.readouterr().err
    assert command.main(["measure", "text_to_image", "--only", "everything"]) == 2
    assert "no part 'everything'" in capsys.readouterr().err
