"""Rooms on a real database: SQLite here, PostgreSQL through `make test-postgres`, the same tests."""

import csv
import io
import json
import os
import threading

import pytest

from policy import room_record, room_view, steering, vote, whispers
from policy.errors import BadInput
from policy.rooms import ALPHABET, LONGEST_WHY, Late, NoRoom, NotYours, RoomEnded, Rooms
from policy.store import CONTENT, ROOMS, Store, Unavailable, database_url, folder

CASE = "club-app"


class Clock:
    def __init__(self):
        self.now = 1_800_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def store(tmp_path):
    opened = Store(os.environ.get("GENLENS_TEST_DATABASE") or f"sqlite+pysqlite:///{tmp_path / 'rooms.sqlite3'}")
    yield opened
    opened.close()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def rooms(store, clock):
    return Rooms(store, clock)


@pytest.fixture
def keys(rooms):
    return rooms.open()


def token(n):
    return f"a-random-number-{n:08d}"


def ballot(intent=0.5, impact=0.5, why="", item=f"case:{CASE}", round=1):
    return {"item": item, "round": round, "intent": intent, "impact": impact, "why": why}


def screen(rooms, keys):
    return room_view.screen(rooms, rooms.find(keys.code))


def ask(rooms, keys, *votes, case=CASE):
    rooms.steer(keys.secret, "ask", {"case": case})
    for n, (intent, impact) in enumerate(votes):
        rooms.vote(keys.code, token(n), [ballot(intent, impact, item=f"case:{case}")])


FIVE = [(.5, .5), (.5, .6), (.6, .5), (-.5, -.5), (-.5, -.6)]


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
    ("fly", {}), (None, {}), ("ask", {"case": "nope"}), ("ask", {"case": ["x"]}), ("ask", {"colour": 1}), ("twist", {"case": CASE, "number": 9}),
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


@pytest.mark.parametrize("body", [[], [[]], "text", [[1, 2, 3]], [[300, 2]], [["a", 2]], [[1.5, 2]], [[1, 2]] * 61, [[1] * 4000], None, [[True, 1]]])
def test_a_drawing_that_is_none_is_refused(rooms, keys, body):
    rooms.steer(keys.secret, "whispers", {"game": 1, "form": "drawing", "first": "a house", "chains": 1})
    turn = whispers.turn(rooms, keys.code, token(1))
    with pytest.raises(BadInput):
        whispers.passed_on(rooms, keys.code, token(1), turn.chain, body)
    whispers.passed_on(rooms, keys.code, token(1), turn.chain, [[0, 0, 255, 255], [7, 7]])   # and the turn is still theirs


# -- ending, keeping, taking away ----------------------------------------------------------------------------------------------

def rows_of(store, code):
    with store.reading() as connection:
        return sum(len(connection.execute(table.select().where(table.c.room == code)).all()) for table in CONTENT)


def test_a_room_ends_by_itself_and_everything_in_it_goes(rooms, keys, clock, store):
    ask(rooms, keys, *FIVE)
    assert rows_of(store, keys.code) > 10
    clock.now += 24 * 3600 + 1
    for act in (lambda: rooms.vote(keys.code, token(0), [ballot()]), lambda: rooms.find(keys.code),
                lambda: rooms.steer(keys.secret, "lobby")):
        with pytest.raises(RoomEnded, match="has ended"):
            act()
    assert rooms.sweep() >= 1 and rows_of(store, keys.code) == 0
    with pytest.raises(RoomEnded):     # a late phone is told so for two weeks; it was no guess
        rooms.find(keys.code)
    with pytest.raises(NotYours):
        rooms.held(keys.secret)
    clock.now += 15 * 24 * 3600
    rooms.sweep()
    with pytest.raises(NoRoom):
        rooms.find(keys.code)


def test_ending_a_room_deletes_it_now(rooms, keys, store):
    ask(rooms, keys, *FIVE)
    rooms.end(keys.secret)
    assert rows_of(store, keys.code) == 0
    with pytest.raises(RoomEnded):
        rooms.enter(keys.code, token(1))


def test_what_was_said_yes_to_is_there_after_opening_anew(rooms, keys, store, clock):
    ask(rooms, keys, *FIVE)
    again = Rooms(Store(store.engine.url), clock)
    assert screen(again, keys)["voted"] == 5
    again.store.close()


def test_the_record_has_every_vote_and_no_formula(rooms, keys):
    ask(rooms, keys)
    reasons = ["=HYPERLINK(\"http://x\")", "+1", "@SUM(A1)", "-2+3", "plain", "שלום 🎲", "<script>alert(1)</script>"]
    for n, why in enumerate(reasons):
        rooms.vote(keys.code, token(n), [ballot(-.5, .25, why)])
    table = list(csv.DictReader(io.StringIO(room_record.record_csv(rooms, rooms.find(keys.code)))))
    assert len(table) == 7 and {row["person"] for row in table} == {str(n) for n in range(1, 8)}
    assert {row["intent"] for row in table} == {"-0.5"} and {row["title"] for row in table} == {"The club sign-up"}
    said = {row["why"] for row in table}
    assert said == {"'" + why if why[0] in "=+-@" else why for why in reasons}
    page = room_record.record_markdown(rooms, rooms.find(keys.code))
    assert "<script>" not in page and "&lt;script>" in page and "שלום 🎲" in page and "7 votes" in page
    assert not [token(n) for n in range(7) if token(n) in page]


# -- the database -------------------------------------------------------------------------------------------------------------

def test_where_rooms_are_kept(tmp_path, monkeypatch):
    assert folder({"GENLENS_ROOMS": str(tmp_path / "new")}) == tmp_path / "new"
    assert database_url({"DATABASE_URL": "postgres://u:p@h/db"}) == "postgresql+pg8000://u:p@h/db"
    assert database_url({"DATABASE_URL": "", "GENLENS_ROOMS": str(tmp_path)}).startswith("sqlite+pysqlite:///")
    with pytest.raises(BadInput, match="no address"):
        database_url({"DATABASE_URL": "rooms.db"})
    with pytest.raises(BadInput, match="sqlite or postgresql"):
        Store("mysql://x/y")
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(BadInput, match="Set GENLENS_ROOMS"):
        folder({"GENLENS_ROOMS": str(blocked / "below")})


def test_on_a_space_its_storage_comes_first_and_its_lack_is_no_obstacle(tmp_path, monkeypatch):
    monkeypatch.setattr("policy.store.SPACE_DISK", str(tmp_path / "disk"))
    assert folder({"SPACE_ID": "me/lab"}) == tmp_path / "disk"
    (tmp_path / "file").write_text("")
    monkeypatch.setattr("policy.store.SPACE_DISK", str(tmp_path / "file" / "disk"))
    monkeypatch.setattr("policy.store.ROOT", tmp_path / "tree")
    assert folder({"SPACE_ID": "me/lab"}) == tmp_path / "tree" / "runs" / "rooms"


def test_a_database_that_does_not_answer_is_a_sentence():
    with pytest.raises(Unavailable, match="does not answer"):
        Store("postgresql+pg8000://nobody@127.0.0.1:9/none")
