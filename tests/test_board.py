"""The board's arithmetic against scikit-learn and by hand, and the discussion's data: sources, dates, minutes, topics."""

import datetime
import json
import math

import numpy as np
import pytest
import serving
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN

from policy import board, discussion, facts, whispers
from policy.__main__ import main
from policy.errors import BadInput

LINE = st.floats(-1, 1).map(lambda v: round(v, 2))
DOTS = st.lists(st.tuples(LINE, LINE), min_size=5, max_size=80)


@settings(max_examples=60, deadline=None)
@given(DOTS)
def test_camps_are_those_of_scikit_learn(dots):
    gaps = np.linalg.norm(np.array(dots)[:, None] - np.array(dots), axis=-1)
    assume((abs(gaps - board.RADIUS) > 1e-9).all())  # a dot just on the edge is in or out by the last bit
    theirs = DBSCAN(eps=board.RADIUS, min_samples=board.least_camp(len(dots))).fit(np.array(dots))
    ours, cores = board.camps(dots), set(theirs.core_sample_indices_)
    assert {k for k, camp in enumerate(ours) if camp < 0} == {k for k, camp in enumerate(theirs.labels_) if camp < 0}
    for a in cores:   # a border dot in reach of two camps may go to either; cores may not
        for b in cores:
            assert (ours[a] == ours[b]) == (theirs.labels_[a] == theirs.labels_[b])
    sizes = [ours.count(camp) for camp in range(max(ours) + 1)]
    assert sizes == sorted(sizes, reverse=True) and all(sizes)


@pytest.mark.parametrize("n", [30, 200])
def test_two_groups_are_two_camps_and_an_even_board_has_none(n):
    rng = np.random.default_rng(3)
    here, there = rng.normal((-.5, -.5), .12, (n, 2)), rng.normal((.5, .4), .12, (n // 2, 2))
    found = board.camps([tuple(dot) for dot in np.clip(np.concatenate([here, there]), -1, 1)])
    assert max(found) == 1 and found.count(0) > .9 * n and found.count(1) > .9 * (n // 2)
    side = math.isqrt(n)
    even = [(x, y) for x in np.linspace(-1, 1, side) for y in np.linspace(-1, 1, side)]
    assert set(board.camps(even)) == {-1}


@settings(max_examples=60, deadline=None)
@given(DOTS)
def test_the_middle_half_is_numpys_and_holds_half(dots):
    wide = board.spread(dots)
    for k, (low, high) in enumerate((wide.intent, wide.impact)):
        values = [dot[k] for dot in dots]
        assert low == np.percentile(values, 25, method="lower") and high == np.percentile(values, 75, method="higher")
        assert sum(low <= v <= high for v in values) >= len(values) / 2


def test_no_mean_is_ever_computed():
    """Two camps far apart: nothing that is said names the empty place between them."""
    dots = [(-.8, -.8)] * 10 + [(.8, .8)] * 10
    said = board.cloud_words(dots)
    assert "2 camps, of 10 and 10" in said and "0.0" not in said
    assert "mean(" not in (serving.ROOT / "policy" / "board.py").read_text()
    assert "mean(" not in (serving.ROOT / "policy" / "room_view.py").read_text()


@pytest.mark.parametrize("bad", [2, -1.01, float("nan"), float("inf"), "0.5", None, True, [0], {}])
def test_a_dot_off_the_board_is_refused_with_a_sentence(bad):
    for pair in ((bad, 0), (0, bad)):
        with pytest.raises(BadInput, match="-1"):
            board.dot(*pair)


def test_arrows_are_told_in_words():
    arrows = [(0, 0, 0, -.5)] * 4 + [(0, 0, .05, 0)] * 2 + [(.5, .5, -.5, .5)]
    assert board.arrows_words(arrows) == "Of 7 who voted twice, 5 moved: 4 to harmful and 1 to malicious."
    assert board.arrows_words(arrows[:4]) == ""   # fewer than five could be recognised


# -- the data ---------------------------------------------------------------------------------------------------------

def test_every_case_and_prompt_carries_its_sources_and_a_date():
    for entry in [*discussion.cases().values(), *discussion.prompts().values()]:
        assert isinstance(entry.as_of, datetime.date) and entry.as_of <= datetime.date.today()
        assert all(source.title and source.confidence in discussion.CONFIDENCES for source in entry.sources)
    for case in discussion.cases().values():
        assert f"As of {discussion.day(case.as_of)}" in case.provenance()
        assert all(source.title in case.provenance() for source in case.sources)
        if case.basis.startswith(("reported", "inspired by a reported", "inspired by several")):
            assert case.sources, case.id   # what is said to have happened says where it was read


def test_a_source_without_title_address_or_confidence_cannot_be_loaded():
    for wrong in (("", "http://x", "paper", "high"), ("T", "", "paper", "high"), ("T", "http://x", "paper", "sure")):
        with pytest.raises(ValueError, match="a source needs"):
            discussion.Source(*wrong)


def test_facts_older_than_a_year_are_shown_as_such():
    day = datetime.date(2026, 11, 20)
    assert discussion.age_note(day, day + datetime.timedelta(days=365)) == ""
    assert "more than a year ago" in discussion.age_note(day, day + datetime.timedelta(days=366))


def test_the_authors_corner_is_the_datas():
    for row in json.loads((facts.FOLDER / "discussion_cases.json").read_text())["cases"]:
        case = discussion.cases()[row["id"]]
        assert case.corner == row["quadrant"] and case.twists and -1 <= case.intent <= 1 and -1 <= case.impact <= 1
        assert all(-1 <= v <= 1 for k in range(len(case.twists)) for v in case.authors(k))


def test_the_boards_corners_are_named_as_in_the_data():
    drawn = (serving.ROOT / "assets" / "js" / "board.js").read_text(encoding="utf-8")
    assert all(f"'{name}'" in drawn for name, _ in discussion.corners().values())


def test_plans_add_up_and_one_takes_twenty_minutes():
    for prompt in discussion.prompts().values():
        assert sum(step.minutes for step in prompt.steps) == prompt.minutes
        assert [step.start for step in prompt.steps] == [sum(s.minutes for s in prompt.steps[:k]) for k in range(len(prompt.steps))]
        assert prompt.notes["Facilitation"] and all(id in discussion.cases() for id in prompt.cases)
    assert 20 in {plan.minutes for plan in discussion.plans().values()}


def test_what_the_lectures_ask_about_is_there():
    asked = " ".join(f"{p.title} {p.prompt}" for p in discussion.prompts().values()).casefold()
    for topic in ("helpful and harmful", "policy", "education", "vibe coding", "plagiarism", "disinformation", "footprint",
                  "new", "tool", "who made this", "worked"):
        assert topic in asked, topic


def test_vibe_coding_comes_with_the_numbers_of_the_cost_tab():
    numbers = discussion.prompts()["vibe"].facts()
    assert {"Wh/request", "Wh/clip"} == {fact.unit for fact in numbers} and len(numbers) >= 3
    for fact in numbers:   # the lecture's 3 Wh stands among them, and every one has range, source and year
        assert fact.low < fact.high and fact.source.title in str(fact) and fact.source.year in str(fact)
    assert 2.5 < max(fact.central for fact in numbers) < 3.5


def test_a_placement_says_where_the_dot_is_and_whether_the_authors_reach_it():
    case = discussion.find_case("clinic-app")
    near, far = discussion.placement(case, *case.authors()), discussion.placement(case, -1, 1)
    assert near.within and not far.within and near.words.startswith("Meant well, went badly")
    moved = discussion.placement(case, 0, 0, twist=1)
    assert moved.authors == case.authors(1) != near.authors
    for wrong in (dict(intent=0, impact=0, twist=9), dict(intent=3, impact=0)):
        with pytest.raises(BadInput):
            discussion.placement(case, **wrong)
    with pytest.raises(BadInput, match="no case"):
        discussion.find_case(["a", "list"])


# -- whispers ---------------------------------------------------------------------------------------------------------

def test_words_left_by_resampling_are_exact():
    n = 9
    left = whispers.resampled_share(n, 6)
    assert left[0] == 1 and math.isclose(left[1], 1 - (1 - 1 / n) ** n, rel_tol=1e-9)
    assert all(a > b for a, b in zip(left, left[1:]))
    rng, runs = np.random.default_rng(1), 4000
    words = np.tile(np.arange(n), (runs, 1))
    for generation in range(1, 7):
        words = np.take_along_axis(words, rng.integers(0, n, (runs, n)), 1)
        shares = np.array([len(set(row)) / n for row in words])
        assert abs(shares.mean() - left[generation]) < 4 * shares.std() / math.sqrt(runs)


def test_the_curve_beside_a_chain_is_the_collapse_labs():
    from genai_core.collapse.theory_discrete import survival

    n = 12
    theirs = np.asarray(survival(np.full(n, 1 / n), n, 7))   # generations 0 to 7 are draws 1 to 8
    assert np.allclose(theirs.reshape(8, -1).mean(1), whispers.resampled_share(n, 8)[1:], atol=1e-9)


def test_what_is_kept_of_a_sentence_and_of_a_drawing():
    assert whispers.kept_share("The fox, the FOX runs", "a fox RUNS away") == 2 / 3
    assert whispers.kept_share("", "anything") == 0 and whispers.kept_share("!!!", "!!!") == 0
    line, dot = [[0, 0, 255, 255]], [[10, 10]]
    assert whispers.kept_share(line, line) == 1 and whispers.kept_share(dot, [[250, 10]]) == 0
    assert 0 < whispers.kept_share(line, [[0, 0, 128, 128]]) < 1
    assert whispers.kept_curve("start", [line, line, dot]) == [1.0, 1.0, round(whispers.kept_share(line, dot), 3)]


# -- the command line ---------------------------------------------------------------------------------------------------

@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    """command(*words) -> (exit code, what was printed, what was complained)."""
    monkeypatch.setenv("GENLENS_ROOMS", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)

    def call(*words):
        code = main(["discuss", *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def test_the_command_line_places_and_keeps_rooms(command, tmp_path):
    code, out, _ = command("place", "clinic-app", "--intent", "0.8", "--impact", "-0.7", "--json")
    assert code == 0 and json.loads(out)["within"] and "Fictional" in json.loads(out)["provenance"]
    code, _, error = command("place", "clinic-app", "--intent", "7", "--impact", "0")
    assert code == 2 and "between -1 and 1" in error
    opened = json.loads(command("open", "--json")[1])
    assert opened["steer"].count("#") == 1 and opened["join"].endswith(opened["code"])
    code, out, _ = command("record", opened["code"], "--as", "csv")
    assert code == 0 and out.startswith("kind,item,title,round")
    assert command("record", opened["code"], "-o", str(tmp_path / "hour.md"))[0] == 0
    assert (tmp_path / "hour.md").read_text().startswith(f"# What room {opened['code']} said")
    code, _, error = command("record", "NOSUCH")
    assert code == 2 and "no room NOSUCH" in error
    assert command("sweep", "--json")[1] == '{"emptied": 0}\n'
    assert len(json.loads(command("cases", "--json")[1])["cases"]) == len(discussion.cases())
    assert json.loads(command("plans", "--json")[1])["plans"][0]["minutes"] == 20
