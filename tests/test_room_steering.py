"""The instructor's steps, the policy vote and whispers. Real databases, see class_room."""

import pytest
from class_room import ask, CASE, clock, FIVE, keys, rooms, screen, store, token  # noqa: F401

from policy import room_view, steering, vote, whispers
from policy.errors import BadInput
from policy.rooms import Late, NotYours


# -- steering --------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("secret", ["", "guess", None, "x" * 10_000, "🔑"])
def test_only_the_instructor_link_steers(rooms, keys, secret):
    for wrong in (secret, keys.code):
        with pytest.raises(NotYours, match="instructor link"):
            rooms.steer(wrong, "ask", {"case": CASE})
        with pytest.raises(NotYours):
            rooms.end(wrong)
    assert rooms.find(keys.code).stage["kind"] == "lobby"


def test_the_link_of_one_room_does_not_steer_another(rooms, keys):
    other = rooms.open()
    rooms.steer(keys.secret, "ask", {"case": CASE})
    assert rooms.find(other.code).stage["kind"] == "lobby"


def test_every_step_sent_twice_is_as_sent_once(rooms, keys, clock):
    ask(rooms, keys, *FIVE)
    for do, what in (("ask", {"case": CASE}), ("gate", {"shown": True}), ("twist", {"case": CASE, "number": 1}),
                     ("case", {"title": "Ours", "text": "A story."}), ("tasks", {"tasks": ["exam"]}),
                     ("whispers", {"game": 1, "first": "One two three", "chains": 2}),
                     ("guide", {"plan": "", "prompt": "short", "number": 0}), ("talk", {}), ("lobby", {})):
        first = rooms.steer(keys.secret, do, what).stage
        clock.now += 3
        assert rooms.steer(keys.secret, do, what).stage == first, do
    assert len(room_view.instructor(rooms, rooms.find(keys.code))["own"]) == 1


@pytest.mark.parametrize(("do", "what"), [
    ("fly", {}), (None, {}), ("ask", {"case": "nope"}), ("ask", {"case": ["x"]}), ("ask", {"colour": 1}),
    ("twist", {"case": CASE, "number": 9}),
    ("twist", {"case": CASE, "number": "1"}), ("twist", {"case": CASE, "number": 3, "text": "x" * 400}), ("gate", {"open": True}),
    ("tasks", {"tasks": []}), ("tasks", {"tasks": ["nope"]}), ("tasks", {"tasks": "exam"}), ("tasks", {"tasks": [["x"]]}),
    ("whispers", {"game": 1, "first": ""}), ("whispers", {"game": 1, "first": "a", "chains": 99}), ("whispers", {"game": 0, "first": "a"}),
    ("guide", {"prompt": "nope"}), ("guide", {"prompt": "short", "number": 70}), ("timer", {"left": -1}), ("timer", {"left": "soon"}),
    ("timer", {"left": float("inf")}), ("talk", {}), ("case", {"title": "", "text": "x"}), ("case", {"title": "x", "text": "y" * 700}),
    ("case", {"title": 3, "text": "x"})])
def test_a_step_that_cannot_be_is_refused_and_changes_nothing(rooms, keys, do, what):
    with pytest.raises(BadInput):
        rooms.steer(keys.secret, do, what)
    assert rooms.find(keys.code).stage == steering.LOBBY


def test_the_timer_follows_the_step_and_stops(rooms, keys, clock):
    stage = rooms.steer(keys.secret, "guide", {"plan": "one-case-20", "prompt": "short", "number": 2}).stage
    assert stage["timer"] == {"ends": clock.now + 240, "left": None} and stage["kind"] == "talk"
    clock.now += 60
    assert rooms.steer(keys.secret, "timer", {"left": 180, "running": False}).stage["timer"] == {"ends": None, "left": 180.0}
    assert rooms.steer(keys.secret, "ask", {"case": CASE}).stage["timer"]["left"] == 180.0   # a case does not end the lesson
    assert rooms.steer(keys.secret, "guide", {"prompt": ""}).stage["guide"] is None


def test_a_class_brings_its_own_cases(rooms, keys):
    rooms.steer(keys.secret, "case", {"title": "Our <i>case</i>", "text": "It happened\nhere.", "twist": "Twice."})
    ask(rooms, keys, *FIVE, case="own-1")
    seen = screen(rooms, keys)
    assert seen["case"]["title"] == "Our <i>case</i>" and seen["case"]["text"] == "It happened here." and seen["voted"] == 5
    rooms.steer(keys.secret, "twist", {"case": "own-1", "number": 1})
    assert screen(rooms, keys)["twist"] == "Twice."
    rooms.steer(keys.secret, "gate", {"shown": True, "authors": True})
    assert screen(rooms, keys)["authors"] is None   # nobody but the class has a view on it


# -- the policy vote --------------------------------------------------------------------------------------------------------

def test_the_policy_vote_is_what_the_builder_takes(rooms, keys):
    rooms.steer(keys.secret, "tasks", {"tasks": ["exam", "grammar"]})
    for n, choice in enumerate(("allowed", "not_allowed", "not_allowed")):
        rooms.vote(keys.code, token(n), [{"item": "task:exam", "round": 1, "choice": choice},
                                         {"item": "task:grammar", "round": 1, "choice": "conditions"}])
    assert "counts" not in screen(rooms, keys) and screen(rooms, keys)["voted"] == 3
    result = room_view.policy_vote(rooms, keys.code)
    assert result == {"exam": {"allowed": 1, "conditions": 0, "not_allowed": 2},
                      "grammar": {"allowed": 0, "conditions": 3, "not_allowed": 0}}
    assert vote.read_votes(vote.votes_json(result)) == result
    rooms.steer(keys.secret, "gate", {"shown": True})
    assert screen(rooms, keys)["counts"] == result


# -- whispers ------------------------------------------------------------------------------------------------------------------

def whisper(rooms, keys, n, body):
    turn = whispers.turn(rooms, keys.code, token(n))
    whispers.passed_on(rooms, keys.code, token(n), turn.chain, body)
    return turn


def test_each_sees_only_the_link_before(rooms, keys):
    rooms.steer(keys.secret, "whispers", {"game": 1, "first": "a red fox runs", "chains": 1})
    assert whisper(rooms, keys, 1, "a fox runs").before == "a red fox runs"
    assert whisper(rooms, keys, 2, "it runs").before == "a fox runs"
    assert whispers.turn(rooms, keys.code, token(1)) is None   # one turn each
    assert "whispers" not in screen(rooms, keys)
    rooms.steer(keys.secret, "gate", {"open": False, "shown": True})
    shown = screen(rooms, keys)["whispers"]
    assert shown["chains"] == {1: ["a fox runs", "it runs"]} and shown["kept"] == {1: [1.0, .75, .25]}
    assert shown["model"][0] == 1 and len(shown["model"]) == 3


def test_a_lost_phone_gives_its_turn_back(rooms, keys, clock):
    rooms.steer(keys.secret, "whispers", {"game": 1, "first": "a red fox", "chains": 1})
    lost = whispers.turn(rooms, keys.code, token(1))
    assert whispers.turn(rooms, keys.code, token(2)) is None
    clock.now += 10
    assert whispers.turn(rooms, keys.code, token(1)).left == lost.left - 10   # after a reload it is the same turn
    clock.now += whispers.TURN_S["words"]
    assert whispers.turn(rooms, keys.code, token(2)).before == "a red fox"
    with pytest.raises(Late, match="turn is over"):
        whispers.passed_on(rooms, keys.code, token(1), 1, "too late")


def test_a_link_sent_twice_is_taken_once_and_chains_grow_evenly(rooms, keys):
    rooms.steer(keys.secret, "whispers", {"game": 1, "first": "one two", "chains": 3})
    for n in range(9):
        turn = whisper(rooms, keys, n, f"link {n}")
        whispers.passed_on(rooms, keys.code, token(n), turn.chain, "again")
    rooms.steer(keys.secret, "gate", {"shown": True})
    assert {chain: len(links) for chain, links in screen(rooms, keys)["whispers"]["chains"].items()} == {1: 3, 2: 3, 3: 3}


@pytest.mark.parametrize("body", [[], [[]], "text", None, [[1, 2, 3]], [[300, 2]], [["a", 2]], [[1.5, 2]], [[True, 1]],
                                  [[1, 2]] * 61, [[1] * 4000]])
def test_a_drawing_that_is_none_is_refused(rooms, keys, body):
    rooms.steer(keys.secret, "whispers", {"game": 1, "form": "drawing", "first": "a house", "chains": 1})
    turn = whispers.turn(rooms, keys.code, token(1))
    with pytest.raises(BadInput):
        whispers.passed_on(rooms, keys.code, token(1), turn.chain, body)
    whispers.passed_on(rooms, keys.code, token(1), turn.chain, [[0, 0, 255, 255], [7, 7]])   # and the turn is still theirs
