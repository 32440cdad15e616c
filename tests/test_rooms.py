"""Coming in, voting, and what is shown to whom and when. Real databases, see class_room."""

import json
import threading

import pytest
from class_room import ask, ballot, CASE, clock, FIVE, keys, rooms, screen, store, token  # noqa: F401

from policy import room_record, room_view
from policy.errors import BadInput
from policy.rooms import ALPHABET, LONGEST_WHY, Late, NoRoom
from policy.store import CONTENT, ROOMS


# -- coming in -----------------------------------------------------------------------------------------------------------

def test_a_code_is_found_as_people_type_it(rooms, keys):
    assert set(keys.code) <= set(ALPHABET) and len(keys.secret) >= 32
    for typed in (keys.code, keys.code.lower(), f" {keys.code[:3]} {keys.code[3:]} ", f"{keys.code[:3]}-{keys.code[3:]}"):
        assert rooms.find(typed).code == keys.code


@pytest.mark.parametrize("code", ["", "AAAAAA", "' OR 1=1 --", "x" * 10_000, "🎲" * 6, None, 7, ["a"]])
def test_a_wrong_code_is_answered_with_a_sentence(rooms, code):
    with pytest.raises(NoRoom, match="Look at the code on the screen"):
        rooms.find(code)


def test_the_secret_is_not_in_the_database(rooms, keys, store):
    with store.reading() as connection:
        rows = [str(row) for table in (ROOMS, *CONTENT) for row in connection.execute(table.select())]
    assert rows and not [row for row in rows if keys.secret in row]


def test_no_time_name_or_address_is_kept_with_a_vote():
    columns = {column.name for table in CONTENT for column in table.columns}
    assert columns == {"room", "device", "item", "round", "intent", "impact", "choice", "why", "hidden", "id", "title", "text",
                       "twist", "place", "game", "chain", "body", "until"}   # until: of a turn, deleted with it


def test_entering_twice_is_entering_once(rooms, keys):
    for _ in range(3):
        rooms.enter(keys.code, token(1))
    rooms.enter(keys.code, token(2))
    assert screen(rooms, keys)["joined"] == 2


@pytest.mark.parametrize("bad", ["", "short", "a b" * 10, "x" * 200, None, 3, "<script>aaaaaaaaaaaaaaaa"])
def test_a_device_without_a_proper_token_is_refused(rooms, keys, bad):
    with pytest.raises(BadInput, match="token"):
        rooms.enter(keys.code, bad)


def test_a_locked_room_takes_nobody_new_and_keeps_who_is_there(rooms, keys):
    ask(rooms, keys, (.1, .1))
    rooms.steer(keys.secret, "lock", {"on": True})
    with pytest.raises(BadInput, match="takes nobody in"):
        rooms.enter(keys.code, token(77))
    assert rooms.vote(keys.code, token(0), [ballot(.3, .3)]) == 1


# -- voting --------------------------------------------------------------------------------------------------------------

def test_the_same_vote_sent_again_counts_once_and_a_new_one_replaces_it(rooms, keys):
    ask(rooms, keys)
    for intent in (.5, .5, .5, -.25):
        rooms.vote(keys.code, token(1), [ballot(intent, .5, "because")])
    assert screen(rooms, keys)["voted"] == 1
    mine = rooms.mine(keys.code, token(1))
    assert mine == {(f"case:{CASE}", 1): {"intent": -.25, "impact": .5, "choice": None, "why": "because"}}
    assert rooms.mine(keys.code, token(2)) == {}


def test_a_late_joiner_votes_at_once(rooms, keys):
    ask(rooms, keys, *FIVE)
    rooms.vote(keys.code, token(500), [ballot()])
    assert screen(rooms, keys)["voted"] == 6


def test_a_closed_vote_takes_nothing_and_loses_nothing(rooms, keys):
    ask(rooms, keys, *FIVE)
    rooms.steer(keys.secret, "gate", {"open": False})
    for late in (ballot(), ballot(round=2), ballot(item="case:fold"), ballot(item="task:exam") | {"choice": "allowed"}):
        with pytest.raises(Late, match="closed"):
            rooms.vote(keys.code, token(0), [late])
    assert screen(rooms, keys)["voted"] == 5
    assert rooms.mine(keys.code, token(0))[f"case:{CASE}", 1]["intent"] == .5


@pytest.mark.parametrize("wrong", [
    {}, [], None, "vote", {"item": 3}, {"item": f"case:{CASE}"}, ballot(intent=2), ballot(impact="high"), ballot(round="1"),
    ballot(round=True), ballot(why="x" * (LONGEST_WHY + 1)), ballot(why=["a"]), {"item": "task:exam", "choice": "maybe"},
    ballot(intent=float("nan")), ballot(item="x" * 500)])
def test_a_vote_that_is_none_is_refused_with_a_sentence(rooms, keys, wrong):
    ask(rooms, keys)
    with pytest.raises(BadInput) as error:
        rooms.vote(keys.code, token(1), [wrong])
    assert len(str(error.value)) < 200 and screen(rooms, keys)["voted"] == 0


def test_ballots_sent_together_are_taken_all_or_none(rooms, keys):
    rooms.steer(keys.secret, "tasks", {"tasks": ["exam", "grammar"]})
    good = {"item": "task:exam", "round": 1, "choice": "allowed"}
    with pytest.raises(Late):
        rooms.vote(keys.code, token(1), [good, {"item": "task:debug", "round": 1, "choice": "allowed"}])
    assert rooms.mine(keys.code, token(1)) == {}


def test_many_at_once_are_each_counted_once_also_beside_bad_ones(rooms, keys):
    ask(rooms, keys)
    errors = []

    def send(n):
        try:
            rooms.vote(keys.code, token(n % 40), [ballot(intent=5 if n % 10 == 9 else n % 40 / 100)])
        except BadInput as error:
            errors.append(str(error))

    threads = [threading.Thread(target=send, args=(n,)) for n in range(80)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(errors) == 8 and all("off the board" in error for error in errors)
    assert screen(rooms, keys)["voted"] == 36
    assert all(rooms.mine(keys.code, token(n))[f"case:{CASE}", 1]["intent"] == n / 100 for n in range(40) if n % 10 != 9)


def test_one_work_that_breaks_takes_no_other_along(store, rooms, keys):
    def broken(connection):
        connection.execute(ROOMS.update().where(ROOMS.c.code == keys.code).values(locked=True))
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError):
        store.together(broken)
    assert not rooms.find(keys.code).locked


# -- what is shown, and when ---------------------------------------------------------------------------------------------

def test_nothing_is_shown_before_it_may_be(rooms, keys):
    ask(rooms, keys, *FIVE)
    for seen in (screen(rooms, keys), room_view.phone(rooms, rooms.find(keys.code))):
        assert not {"cloud", "authors", "reasons", "notes", "counts"} & set(seen)
    with pytest.raises(BadInput, match="after the class's own"):
        rooms.steer(keys.secret, "gate", {"authors": True})
    rooms.steer(keys.secret, "gate", {"shown": True})
    seen = screen(rooms, keys)
    assert len(seen["cloud"]["dots"]) == 5 and "authors" not in seen and "reasons" not in seen
    rooms.steer(keys.secret, "gate", {"authors": True})
    assert screen(rooms, keys)["authors"]["at"] == (.9, .4)
    rooms.steer(keys.secret, "gate", {"shown": False})
    assert not {"cloud", "authors"} & set(screen(rooms, keys))


def test_dots_of_fewer_than_five_stay_hidden_unless_the_instructor_says_so(rooms, keys):
    ask(rooms, keys, *FIVE[:4])
    rooms.steer(keys.secret, "gate", {"shown": True})
    assert screen(rooms, keys)["cloud"]["hidden"] and "dots" not in screen(rooms, keys)["cloud"]
    rooms.steer(keys.secret, "gate", {"few": True})
    assert len(screen(rooms, keys)["cloud"]["dots"]) == 4
    rooms.steer(keys.secret, "twist", {"case": CASE, "number": 1})
    rooms.steer(keys.secret, "gate", {"shown": True})
    assert screen(rooms, keys)["cloud"]["hidden"]   # a new vote starts hidden again


def test_the_second_vote_draws_arrows_from_the_first(rooms, keys):
    ask(rooms, keys, *FIVE)
    rooms.steer(keys.secret, "twist", {"case": CASE, "number": 1})
    for n in range(6):   # the sixth did not vote the first time
        rooms.vote(keys.code, token(n), [ballot(0, -.9, round=2)])
    rooms.steer(keys.secret, "gate", {"shown": True, "authors": True})
    seen = screen(rooms, keys)
    assert sorted(seen["cloud"]["arrows"]) == sorted((*dot, 0, -.9) for dot in FIVE)
    assert seen["twist"].startswith("It now stores phone numbers") and len(seen["cloud"]["dots"]) == 6
    assert seen["authors"]["at"] == (.9, -.5)
    rooms.steer(keys.secret, "twist", {"case": CASE, "number": 3, "text": "For the club's rivals?"})
    assert screen(rooms, keys)["twist"] == "For the club's rivals?"


def test_reasons_are_shown_on_request_and_can_be_taken_off(rooms, keys):
    ask(rooms, keys)
    for n, why in enumerate(("kind", "<b>rude</b>", "")):
        rooms.vote(keys.code, token(n), [ballot(why=why)])
    rooms.steer(keys.secret, "gate", {"shown": True, "reasons": True})
    assert sorted(screen(rooms, keys)["reasons"]) == ["<b>rude</b>", "kind"]
    rude = next(each for each in room_view.instructor(rooms, rooms.find(keys.code))["all_reasons"] if "rude" in each["text"])
    rooms.steer(keys.secret, "hide", {"reason": rude["reason"], "on": True})
    assert screen(rooms, keys)["reasons"] == ["kind"]
    assert "rude" not in room_record.record_csv(rooms, rooms.find(keys.code))
    rooms.steer(keys.secret, "hide", {"reason": rude["reason"], "on": False})
    assert len(screen(rooms, keys)["reasons"]) == 2


def test_notes_are_for_the_instructor_only(rooms, keys):
    rooms.steer(keys.secret, "guide", {"plan": "one-case-20", "prompt": "short", "number": 1})
    everyone = json.dumps([screen(rooms, keys), room_view.phone(rooms, rooms.find(keys.code))])
    mine = room_view.instructor(rooms, rooms.find(keys.code))
    assert "Facilitation" in mine["notes"]["notes"]
    for lines in mine["notes"]["notes"].values():
        assert not [line for line in lines if line in everyone]


def test_the_widest_cloud_is_named(rooms, keys):
    ask(rooms, keys, *FIVE)
    ask(rooms, keys, *[(.1, .1)] * 5, case="fold")
    asked = room_view.instructor(rooms, rooms.find(keys.code))["asked"]
    assert [(each["title"], each["votes"]) for each in asked] == [("The club sign-up", 5), ("Shapes for free", 5)]
    assert asked[0]["width"] > 1 > asked[1]["width"] == 0
