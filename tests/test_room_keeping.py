"""How rooms end, what is kept and taken away, and where. Real databases, see class_room."""

import csv
import io

import pytest
from class_room import ask, ballot, clock, FIVE, keys, rooms, screen, store, token  # noqa: F401

from policy import room_record
from policy.errors import BadInput
from policy.rooms import NoRoom, NotYours, RoomEnded, Rooms
from policy.store import CONTENT, Store, Unavailable, database_url, folder


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
