"""A class of two hundred at once on a real server and a real database, and a server that is killed in the middle.

On SQLite here, on PostgreSQL through `make test-postgres`.
"""

import concurrent.futures
import contextlib
import http.client
import json
import os
import subprocess
import sys
import threading
import time

import pytest
import serving

from policy.store import VOTES, Store

pytestmark = pytest.mark.alone

CLASS, AT_ONCE = 200, 100
PROJECTOR_S = 2.0
ITEM = "case:in-style"


class Server:
    """The rooms' server in a process of its own; `kill` is kill -9, `start` starts it on the same port again."""

    def __init__(self, folder):
        self.port, self.process, self.log = serving.free_port(), None, folder / "server.log"
        self.settings = os.environ | {"GENLENS_ROOMS": str(folder), "PYTHONPATH": str(serving.ROOT)}
        self.url = f"sqlite+pysqlite:///{folder / 'rooms.sqlite3'}"
        if database := os.environ.get("GENLENS_TEST_DATABASE"):
            self.url = self.settings["DATABASE_URL"] = database

    def start(self):
        with self.log.open("ab") as out:
            self.process = subprocess.Popen([sys.executable, str(serving.ROOT / "tests" / "room_server.py"), str(self.port)],
                                            env=self.settings, stdin=subprocess.DEVNULL, stdout=out, stderr=out)

        def up():
            assert self.process.poll() is None, self.log.read_text()[-2000:]
            with contextlib.suppress(OSError):
                return self.ask("GET", "file/wire.js")[0] == 200

        serving.until(up, 40, "the server's first answer")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def ask(self, method, path, send=None, secret="", line=None):
        """(status, JSON or None). line: a connection to use again."""
        here = line or http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {secret}"}
        where = f"/discuss/{'' if path.startswith('file') else 'api/'}{path}"
        here.request(method, where, json.dumps(send) if send is not None else None, headers)
        answer = here.getresponse()
        text = answer.read()
        if line is None:
            here.close()
        return answer.status, json.loads(text) if text[:1] == b"{" else None

    def room(self):
        """(code, secret) of a new room with a case open."""
        keys = self.ask("POST", "open", {"hours": 3})[1]
        assert self.ask("POST", "steer", {"do": "ask", "case": "in-style"}, keys["secret"])[0] == 200
        return keys["code"], keys["secret"]

    def votes(self, code):
        """{device: (intent, impact)} as the database has it; fails where a device has two."""
        store = Store(self.url)
        with store.reading() as connection:
            rows = connection.execute(VOTES.select().where(VOTES.c.room == code)).all()
        store.close()
        assert len({row.device for row in rows}) == len(rows)
        return {row.device: (row.intent, row.impact) for row in rows}


@pytest.fixture
def server(tmp_path):
    running = Server(tmp_path)
    running.start()
    yield running
    running.kill()


def vote(code, n, intent=None):
    value = (n % 200 - 100) / 100 if intent is None else intent
    return {"code": code, "token": f"student-number-{n:08d}", "ballots": [
        {"item": ITEM, "round": 1, "intent": value, "impact": value / 2, "why": f"reason {n}"}]}


def all_at_once(work, count, at_once=AT_ONCE):
    """work(n) for n in range(count), started together."""
    ready = threading.Barrier(at_once)

    def one(n):
        if n < at_once:
            ready.wait(30)
        return work(n)

    with concurrent.futures.ThreadPoolExecutor(at_once) as people:
        return list(people.map(one, range(count)))


def test_two_hundred_at_once_lose_no_vote_double_none_and_are_on_the_wall_soon(server):
    code, secret = server.room()
    assert server.ask("POST", "steer", {"do": "gate", "shown": True}, secret)[0] == 200

    def student(n):
        status, said = server.ask("POST", "enter", {"code": code, "token": vote(code, n)["token"]})
        assert status == 200, said
        for _ in range(2):   # an impatient thumb sends it twice
            status, said = server.ask("POST", "vote", vote(code, n))
            assert status == 200 and said["counted"] == 1, said

    all_at_once(student, CLASS)
    last = time.monotonic()
    serving.until(lambda: server.ask("GET", f"show/{code}")[1]["voted"] == CLASS, PROJECTOR_S, "the projector has all votes")
    seen = server.ask("GET", f"show/{code}")[1]
    assert time.monotonic() - last < PROJECTOR_S and len(seen["cloud"]["dots"]) == seen["joined"] == CLASS
    assert sorted(server.votes(code).values()) == sorted(((n % 200 - 100) / 100, (n % 200 - 100) / 200) for n in range(CLASS))


def test_a_server_killed_in_the_middle_loses_nothing_that_it_said_yes_to(server):
    code, _ = server.room()
    said_yes, enough, again = {}, threading.Event(), threading.Event()

    def student(n):
        give_up = time.monotonic() + 60
        for value in (-.5, .5):   # changes the vote once; each time until somebody says yes
            while time.monotonic() < give_up:
                with contextlib.suppress(OSError, http.client.HTTPException):
                    if server.ask("POST", "vote", vote(code, n, value))[0] == 200:
                        said_yes[n] = value
                        if len(said_yes) > CLASS // 4:
                            enough.set()
                        break
                again.wait(5) or threading.Event().wait(.05)

    people = [threading.Thread(target=student, args=(n,)) for n in range(CLASS)]
    for person in people:
        person.start()
    assert enough.wait(40)
    server.kill()
    at_the_kill = dict(said_yes)
    kept = server.votes(code)
    assert len(kept) >= len(at_the_kill) > CLASS // 4
    server.start()
    again.set()
    for person in people:
        person.join(90)
    assert said_yes == {n: .5 for n in range(CLASS)}
    assert list(server.votes(code).values()) == [(.5, .25)] * CLASS


def test_five_hundred_votes_in_a_second_are_all_counted(server):
    code, _ = server.room()
    lines = threading.local()

    def send(n):
        if not hasattr(lines, "line"):
            lines.line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        return server.ask("POST", "vote", vote(code, n), line=lines.line)[0]

    assert all_at_once(send, 500, 50) == [200] * 500
    assert len(server.votes(code)) == 500
