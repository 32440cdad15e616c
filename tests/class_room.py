"""A room on a real database for the rooms' tests: SQLite here, PostgreSQL through `make test-postgres`."""

import os

import pytest

from policy import room_view
from policy.rooms import Rooms
from policy.store import Store

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
