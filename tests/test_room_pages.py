"""The rooms' light pages over HTTP: statuses and sentences, who may guess, what is sent, how light the pages are."""

import gzip
import io
import json

import pytest
import segno
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from demos import Tab, light_pages
from demos._guesses import Allowance, Guesses, TooMany
from demos._room_page import ASSETS, FILES, MOST_BYTES, OPENINGS, RoomPage
from policy.rooms import Rooms
from policy.store import Store

PHONE_LOADS = ("wire.js", "board.js", "sheet.js", "phone.js", "room.css", "figures.css")
HOSTILE = "<img src=x onerror=alert(1)>${alert(2)}{{3}}"


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def pages(tmp_path):
    store = Store(f"sqlite+pysqlite:///{tmp_path / 'rooms.sqlite3'}")
    made = RoomPage(Rooms(store))
    made.kept.seconds = 0   # what was just changed is seen at once
    made.guesses, made.openings = Guesses(Clock()), Allowance(*OPENINGS, Clock())   # no try comes back while a test runs
    yield made
    store.close()


@pytest.fixture
def http(pages):
    return TestClient(Starlette(routes=[Mount("/discuss", pages.app())]), raise_server_exceptions=False)


@pytest.fixture
def room(http):
    return http.post("/discuss/api/open", json={}).json()


def enter(http, code, n=1):
    return http.post("/discuss/api/enter", json={"code": code, "token": f"a-random-number-{n:08d}"})


def steer(http, room, **what):
    return http.post("/discuss/api/steer", json=what, headers={"Authorization": f"Bearer {room['secret']}"})


def vote(http, room, n=1, **more):
    ballot = {"item": "case:club-app", "round": 1, "intent": .5, "impact": .5, "why": ""} | more
    return http.post("/discuss/api/vote", json={"code": room["code"], "token": f"a-random-number-{n:08d}", "ballots": [ballot]})


def test_sixty_right_joins_from_one_address_pass_while_guessing_is_slowed(http, room):
    assert [enter(http, room["code"], n).status_code for n in range(60)] == [200] * 60
    answers = [enter(http, f"WRONG{n % 10}").status_code for n in range(60)]
    assert answers[:40] == [404] * 40 and answers[40:] == [429] * 20
    told = enter(http, "WRONG1")
    assert "Too many wrong codes" in told.json()["error"] and int(told.headers["retry-after"]) >= 1
    other = TestClient(http.app, raise_server_exceptions=False).post("/discuss/api/open", json={}).json()
    assert enter(http, other["code"]).status_code == 429       # a right guess among the wrong is not let in either
    assert enter(http, room["code"], 99).status_code == 200    # the class next to the guesser goes on joining
    assert http.get(f"/discuss/api/show/{room['code']}").status_code == 200
    assert steer(http, room, do="ask", case="club-app").status_code == 200 and vote(http, room, 3).status_code == 200


@pytest.mark.parametrize("path", ["room/{}", "show/{}"])
def test_every_door_counts_guesses(http, path):
    codes = [http.get("/discuss/api/" + path.format(f"WRONG{n % 10}")).status_code for n in range(45)]
    assert codes.count(404) == 40 and codes[-1] == 429


def test_an_allowance_grows_again_and_never_beyond_its_most():
    clock = Clock()
    allowed = Allowance(3, 10.0, clock)
    for _ in range(3):
        assert allowed.wait_s("a") == 0
        allowed.take("a")
    assert 0 < allowed.wait_s("a") <= 10 and allowed.wait_s("b") == 0
    clock.now += 10
    assert allowed.wait_s("a") == 0
    clock.now += 1e6
    for _ in range(3):
        allowed.take("a")
    assert allowed.wait_s("a") > 0


def test_many_addresses_together_are_slowed_too():
    guesses = Guesses(Clock())
    for n in range(2000):
        guesses.wrong(f"10.0.{n // 200}.{n % 200}")
    with pytest.raises(TooMany):
        guesses.check("192.168.0.1", "ANYONE")


def test_behind_a_spaces_proxy_each_visitor_counts_alone(http, room, monkeypatch):
    monkeypatch.setenv("SPACE_ID", "me/lab")
    for n in range(45):
        http.get("/discuss/api/room/WRONG1", headers={"X-Forwarded-For": "203.0.113.7, 10.0.0.1"})
    assert http.get(f"/discuss/api/room/{room['code']}", headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 429
    assert http.get(f"/discuss/api/room/{room['code']}", headers={"X-Forwarded-For": "203.0.113.8"}).status_code == 200


def test_opening_rooms_without_end_is_slowed(http):
    answers = [http.post("/discuss/api/open", json={}).status_code for _ in range(25)]
    assert answers[:20] == [200] * 20 and answers[-1] == 429


def test_an_unchanged_room_is_an_empty_answer(http, room):
    first = http.get(f"/discuss/api/room/{room['code']}").json()
    same = http.get(f"/discuss/api/room/{room['code']}?v={first['version']}")
    assert same.status_code == 204 and same.content == b""
    steer(http, room, do="ask", case="club-app")
    assert http.get(f"/discuss/api/room/{room['code']}?v={first['version']}").json()["kind"] == "board"


def test_without_the_secret_nothing_is_steered_and_no_note_is_seen(http, room):
    for secret in ("", room["code"], "x" * 32):
        headers = {"Authorization": f"Bearer {secret}"}
        for answer in (http.get("/discuss/api/steer", headers=headers), http.get("/discuss/api/library", headers=headers),
                       http.get("/discuss/api/record.csv", headers=headers),
                       http.post("/discuss/api/steer", json={"do": "ask", "case": "club-app"}, headers=headers),
                       http.post("/discuss/api/end", json={}, headers=headers)):
            assert answer.status_code == 403 and "instructor link" in answer.json()["error"]
    assert http.get(f"/discuss/api/room/{room['code']}").json()["kind"] == "lobby"


def test_an_ended_room_is_told_apart_from_a_wrong_code(http, room):
    http.post("/discuss/api/end", json={}, headers={"Authorization": f"Bearer {room['secret']}"})
    for _ in range(60):   # two hundred phones that still ask are no guessers
        assert http.get(f"/discuss/api/room/{room['code']}").status_code == 410
    assert "has ended" in enter(http, room["code"]).json()["error"]


BODIES = (b"", b"no json", b"[1]", b'"x"', b"null", b"\xff\xfe", b"[" * 20_000, b'{"code": NaN}', b'{"code": {}}',
          b'{"code": [], "token": {}, "ballots": 3}', b'{"ballots": [{}]}', b'{"do": [], "case": {}}', b'{"hours": "x"}', b'{"hours": []}')


@pytest.mark.parametrize("path", ["open", "enter", "vote", "turn", "pass", "steer", "end"])
def test_whatever_is_sent_gets_a_sentence(http, path):
    for body in BODIES:
        answer = http.post(f"/discuss/api/{path}", content=body)
        assert answer.status_code < 500, body
        if answer.status_code != 200:
            said = answer.json()["error"]
            assert said.endswith(".") and len(said) < 300 and "Traceback" not in said


def test_ten_megabytes_are_refused_without_being_read(http, room):
    answer = http.post("/discuss/api/vote", content=b"x" * 10_000_000)
    assert answer.status_code == 422 and f"{MOST_BYTES // 1000} kB" in answer.json()["error"]


def test_what_people_type_leaves_as_data_and_under_a_policy_that_runs_nothing(http, room):
    steer(http, room, do="case", title=HOSTILE[:80], text=HOSTILE)
    steer(http, room, do="ask", case="own-1")
    for n in range(5):
        assert vote(http, room, n, item="case:own-1", why=HOSTILE).status_code == 200
    steer(http, room, do="gate", shown=True, reasons=True)
    seen = http.get(f"/discuss/api/show/{room['code']}")
    assert seen.json()["case"]["text"] == HOSTILE == seen.json()["reasons"][0]
    for path in ("/discuss/", f"/discuss/{room['code']}", "/discuss/steer", f"/discuss/show/{room['code']}"):
        page = http.get(path)
        assert HOSTILE not in page.text and "'unsafe-inline'" not in page.headers["content-security-policy"]
        assert page.headers["x-content-type-options"] == "nosniff" and page.headers["referrer-policy"] == "no-referrer"
        assert "<script>" not in page.text and " style=" not in page.text
    record = http.get("/discuss/api/record.md", headers={"Authorization": f"Bearer {room['secret']}"}).json()
    assert "<img" not in record["text"] and record["name"] == f"genlens-room-{room['code']}.md"


def test_the_scripts_set_text_as_text():
    for path in [*(ASSETS / "room").glob("*.js"), ASSETS / "js" / "board.js", ASSETS / "ui" / "place.js", ASSETS / "ui" / "room.js"]:
        text = path.read_text(encoding="utf-8")
        for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "setAttribute('on"):
            assert way not in text, (path.name, way)


def test_the_secret_never_stands_in_an_address(http, room):
    assert "location.hash" in (ASSETS / "room" / "steer.js").read_text()
    for path in (ASSETS / "room").glob("*.js"):
        assert "secret}`" not in path.read_text().replace("steer#${keys.secret}`", "")


def test_a_phone_loads_little(http):
    page = http.get("/discuss/")
    parts = [http.get(f"/discuss/file/{name}") for name in PHONE_LOADS]
    assert all(part.status_code == 200 for part in parts) and all(name in page.text for name in PHONE_LOADS)
    assert sum(len(gzip.compress(part.content)) for part in (page, *parts)) < 20_000   # the big page's scripts are 500,000
    assert {path.name for path in (ASSETS / "room").glob("*.??*") if path.suffix != ".html"} == FILES
    assert http.get("/discuss/file/../../app.py").status_code == 404 and http.get("/discuss/file/phone.html").status_code == 404


def test_the_picture_holds_the_address_that_the_browser_knows(http, room):
    answer = http.get(f"/discuss/qr/{room['code']}?at=https://lab.example/discuss/")
    wanted = io.BytesIO()
    segno.make(f"https://lab.example/discuss/{room['code']}", error="m", micro=False).save(
        wanted, kind="svg", border=4, dark="#16202e", light="#ffffff", omitsize=True)
    assert answer.headers["content-type"] == "image/svg+xml" and answer.content == wanted.getvalue()
    assert http.get(f"/discuss/qr/{room['code']}?at=javascript:alert(1)").status_code == 422


def test_a_tab_with_a_light_page_is_served_under_its_key():
    async def hello(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"light"})

    tab = Tab("Decide", 1, "T", lambda place: None, key="thing", light=lambda: hello)
    http = TestClient(Starlette(routes=light_pages([tab, Tab("Decide", 2, "U", lambda place: None, key="other")])))
    assert http.get("/thing/x").text == "light" and http.get("/thing").text == "light" and http.get("/other/").status_code == 404


def test_the_policy_vote_leaves_as_the_builders_file(http, room):
    headers = {"Authorization": f"Bearer {room['secret']}"}
    assert http.get("/discuss/api/record.json", headers=headers).status_code == 422
    steer(http, room, do="tasks", tasks=["exam"])
    assert http.post("/discuss/api/vote", json={"code": room["code"], "token": "a-random-number-1234", "ballots": [
        {"item": "task:exam", "round": 1, "choice": "not_allowed"}]}).json()["counted"] == 1
    sent = json.loads(http.get("/discuss/api/record.json", headers=headers).json()["text"])
    assert sent["results"] == {"exam": {"allowed": 0, "conditions": 0, "not_allowed": 1}}
