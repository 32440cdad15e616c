"""The light pages of a room, beside the big one: for phones, for the projector, for the instructor.

Plain HTML and a few kB of script, no Gradio and no queue. Pages ask again every second or two (a poll survives sleep,
lost Wi-Fi and a restarted server without any care), and an unchanged room costs an empty answer. The instructor's secret
stands behind the # of the link, so it is in no log and no address that leaves the browser; it travels in a header.
"""

import contextlib
import io
import json
import os
import threading
import time
from functools import cached_property, partial
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from demos._guesses import Allowance, Guesses, TooMany
from policy.errors import BadInput

ASSETS = Path(__file__).resolve().parent.parent / "assets"
FILES = {"room.css", "wire.js", "phone.js", "stage.js", "steer.js", "sheet.js", "show.js"}
SHARED = {"board.js": ASSETS / "js" / "board.js", "figures.css": ASSETS / "figures.css"}  # the same board as in the tab
MOST_BYTES = 64_000        # of what a browser sends; a drawing is the largest
OPENINGS = (20, 180.0)     # rooms that one address opens at once, and seconds until it may open one more
SWEEP_S = 600.0            # between two looks for rooms whose time is over
KEPT_S = 0.4               # a view is made at most so often per room, whoever asks
LONGEST_ADDRESS = 200
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
                               "connect-src 'self'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}


class Kept:
    """Answers that are kept for a moment, so that two hundred phones ask the database once. Bounded, thread-safe."""

    def __init__(self, seconds: float = KEPT_S, most: int = 200, clock=time.monotonic):
        self.seconds, self.most, self._clock, self._lock, self._kept = seconds, most, clock, threading.Lock(), {}

    def get(self, key, make):
        with self._lock:
            until, value = self._kept.get(key, (0.0, None))
            if self._clock() < until:
                return value
        value = make()
        with self._lock:
            while len(self._kept) >= self.most:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = (self._clock() + self.seconds, value)
        return value

    def forget(self) -> None:
        with self._lock:
            self._kept.clear()


class RoomPage:
    """The handlers. Holds what all visitors share: the guesses, the views kept for a moment, the database."""

    def __init__(self, rooms=None):
        self.guesses, self.kept, self._given = Guesses(), Kept(), rooms
        self.openings = Allowance(*OPENINGS)

    @cached_property
    def rooms(self):
        """Opened with the first room or join: a start that needs no room needs no database."""
        if self._given:
            return self._given
        from policy import store
        from policy.rooms import Rooms

        rooms = Rooms(store.opened(store.database_url()))
        threading.Thread(target=self._keep_sweeping, args=[rooms], name="sweep", daemon=True).start()
        return rooms

    def _keep_sweeping(self, rooms) -> None:
        """What is in a room goes when its time is over, whether anybody looks or not."""
        while True:
            with contextlib.suppress(BadInput):   # a database that does not answer is asked again
                rooms.sweep()
            threading.Event().wait(SWEEP_S)

    def app(self) -> Starlette:
        post, get = ["POST"], ["GET"]
        return Starlette(routes=[
            Route("/", partial(self.page, "phone")), Route("/steer", partial(self.page, "steer")),
            Route("/show/{code}", partial(self.page, "show")), Route("/file/{name}", self.file),
            Route("/qr/{code}", self.picture),
            Route("/api/open", self.open, methods=post), Route("/api/enter", self.enter, methods=post),
            Route("/api/room/{code}", self.room, methods=get), Route("/api/vote", self.vote, methods=post),
            Route("/api/turn", self.turn, methods=post), Route("/api/pass", self.passed, methods=post),
            Route("/api/show/{code}", self.show, methods=get), Route("/api/steer", self.steering, methods=get),
            Route("/api/steer", self.steer, methods=post), Route("/api/library", self.library, methods=get),
            Route("/api/record.{kind}", self.record, methods=get), Route("/api/end", self.end, methods=post),
            Route("/{code}", partial(self.page, "phone"))])

    # -- pages ---------------------------------------------------------------------------------------------------------

    async def page(self, name: str, request: Request) -> Response:
        base = "../" if name == "show" else ""  # this one page stands in a folder; all addresses are relative
        html = (ASSETS / "room" / f"{name}.html").read_text(encoding="utf-8").replace("{{base}}", base)
        return Response(html, media_type="text/html", headers=HEADERS)

    async def file(self, request: Request) -> Response:
        name = request.path_params["name"]
        path = SHARED.get(name) or (ASSETS / "room" / name if name in FILES else None)
        if path is None:
            return Response("There is no such file.", 404, HEADERS, "text/plain")
        kind = "text/css" if name.endswith(".css") else "text/javascript"
        return Response(path.read_text(encoding="utf-8"), media_type=kind, headers=HEADERS | {"Cache-Control": "max-age=300"})

    async def picture(self, request: Request) -> Response:
        """The QR picture of a room's address. `at`: the address of these pages as the asking browser knows it."""
        from policy.rooms import tidy

        at = request.query_params.get("at", "")[:LONGEST_ADDRESS]
        if not at.startswith(("http://", "https://")):
            return Response("An address starts with http:// or https://.", 422, HEADERS, "text/plain")
        return Response(qr_svg(f"{at.rstrip('/')}/{tidy(request.path_params['code'])}"), media_type="image/svg+xml",
                        headers=HEADERS | {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"})

    # -- the class -----------------------------------------------------------------------------------------------------

    async def open(self, request: Request) -> Response:
        return await self._answer(request, self._open)

    def _open(self, sent: dict, request: Request) -> dict:
        address = _address(request)
        if wait := self.openings.wait_s(address):
            raise TooMany("Many rooms were opened from this network just now.", wait)
        keys = self.rooms.open(sent.get("hours", 24))
        self.openings.take(address)
        return {"code": keys.code, "secret": keys.secret, "expires": keys.expires}

    async def enter(self, request: Request) -> Response:
        return await self._answer(request, self._enter)

    def _enter(self, sent: dict, request: Request) -> dict:
        room = self._guessed(request, sent.get("code"), partial(self.rooms.enter, token=sent.get("token")))
        return self._phone(room.code) | {"mine": self._mine(room.code, sent["token"])}

    async def room(self, request: Request) -> Response:
        return await self._answer(request, self._room, read=False)

    def _room(self, sent: dict, request: Request) -> dict | None:
        code = request.path_params["code"]
        view = self._guessed(request, code, self._phone)
        if request.query_params.get("v") == str(view["version"]):
            return None
        return view | {"mine": self._mine(view["code"], request.headers.get("x-token", ""))}

    async def vote(self, request: Request) -> Response:
        return await self._answer(request, self._vote)

    def _vote(self, sent: dict, request: Request) -> dict:
        ballots = sent.get("ballots")
        if not isinstance(ballots, list) or not 1 <= len(ballots) <= 20:
            raise BadInput("A vote holds 1 to 20 ballots.")
        took = self._guessed(request, sent.get("code"), partial(self.rooms.vote, token=sent.get("token"), ballots=ballots))
        return {"counted": took}

    async def turn(self, request: Request) -> Response:
        return await self._answer(request, self._turn)

    def _turn(self, sent: dict, request: Request) -> dict:
        from policy import whispers

        turn = self._guessed(request, sent.get("code"), partial(whispers.turn, self.rooms, token=sent.get("token")))
        return {"turn": vars(turn) if turn else None}

    async def passed(self, request: Request) -> Response:
        return await self._answer(request, self._passed)

    def _passed(self, sent: dict, request: Request) -> dict:
        from policy import whispers

        self._guessed(request, sent.get("code"), partial(whispers.passed_on, self.rooms, token=sent.get("token"),
                                                         chain=sent.get("chain"), body=sent.get("body")))
        return {"passed": True}

    async def show(self, request: Request) -> Response:
        return await self._answer(request, self._show, read=False)

    def _show(self, sent: dict, request: Request) -> dict:
        from policy import room_view

        def make(code):
            return self.kept.get(("show", code), partial(self._made, room_view.screen, code))

        return self._guessed(request, request.path_params["code"], make)

    # -- the instructor ------------------------------------------------------------------------------------------------

    async def steering(self, request: Request) -> Response:
        return await self._answer(request, self._steering, read=False)

    def _steering(self, sent: dict, request: Request) -> dict:
        from policy import room_view

        return room_view.instructor(self.rooms, self.rooms.held(_secret(request)))

    async def steer(self, request: Request) -> Response:
        return await self._answer(request, self._steer)

    def _steer(self, sent: dict, request: Request) -> dict:
        from policy import room_view

        what = {str(name): value for name, value in sent.items() if name != "do"}
        room = self.rooms.steer(_secret(request), sent.get("do"), what)
        self.kept.forget()
        return room_view.instructor(self.rooms, room)

    async def library(self, request: Request) -> Response:
        return await self._answer(request, self._library, read=False)

    def _library(self, sent: dict, request: Request) -> dict:
        from policy import room_view

        self.rooms.held(_secret(request))
        return room_view.library()

    async def end(self, request: Request) -> Response:
        return await self._answer(request, self._end)

    def _end(self, sent: dict, request: Request) -> dict:
        self.rooms.end(_secret(request))
        self.kept.forget()
        return {"ended": True}

    async def record(self, request: Request) -> Response:
        return await self._answer(request, self._record, read=False)

    def _record(self, sent: dict, request: Request) -> dict:
        from policy import room_record, room_view, vote

        room = self.rooms.held(_secret(request))
        if request.path_params["kind"] == "csv":
            return {"name": f"genlens-room-{room.code}.csv", "type": "text/csv",
                    "text": room_record.record_csv(self.rooms, room)}
        if request.path_params["kind"] == "json":
            results = room_view.policy_vote(self.rooms, room.code)
            if not results:
                raise BadInput("There is no vote on the policy yet.")
            return {"name": f"genlens-votes-{room.code}.json", "type": "application/json", "text": vote.votes_json(results)}
        return {"name": f"genlens-room-{room.code}.md", "type": "text/markdown",
                "text": room_record.record_markdown(self.rooms, room)}

    # -- pieces ----------------------------------------------------------------------------------------------------------

    async def _answer(self, request: Request, work, read: bool = True) -> Response:
        """work(sent, request) in a thread -> its dict as JSON; None: nothing new. A sentence for everything wrong."""
        try:
            sent = await _sent(request) if read else {}
            found = await run_in_threadpool(work, sent, request)
        except BadInput as error:
            more = {"Retry-After": str(error.wait_s)} if isinstance(error, TooMany) else {}
            return JSONResponse({"error": str(error), "kind": type(error).__name__}, _status(error), HEADERS | more)
        if found is None:
            return Response(status_code=204, headers=HEADERS)
        return JSONResponse(found | {"now": time.time()}, headers=HEADERS)

    def _guessed(self, request: Request, code, work):
        """work(code), where a wrong code counts against the address and a right one does not."""
        from policy.rooms import NoRoom, tidy

        address, code = _address(request), tidy(code)
        self.guesses.check(address, code)
        try:
            found = work(code)
        except NoRoom:
            self.guesses.wrong(address)
            raise
        self.guesses.right(address, code)
        return found

    def _phone(self, code: str) -> dict:
        from policy import room_view

        return self.kept.get(("phone", code), partial(self._made, room_view.phone, code))

    def _made(self, view, code: str) -> dict:
        return view(self.rooms, self.rooms.find(code))

    def _mine(self, code: str, token: str) -> list[dict]:
        return [{"item": item, "round": turn, **vote} for (item, turn), vote in self.rooms.mine(code, token).items()]


def qr_svg(text: str) -> str:
    """The text as a QR picture: SVG, dark on white with its quiet zone, whatever the page's colours."""
    import segno

    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", border=4, dark="#16202e", light="#ffffff", omitsize=True)
    return out.getvalue().decode("utf-8")


async def _sent(request: Request) -> dict:
    """The JSON object that a browser sent, at most MOST_BYTES of it."""
    text = b""
    async for part in request.stream():
        text += part
        if len(text) > MOST_BYTES:
            raise BadInput(f"That is too much for one message; at most {MOST_BYTES // 1000} kB are read.")
    try:
        sent = json.loads(text or b"{}")
    except (ValueError, RecursionError):
        raise BadInput("What came is no JSON object.") from None
    if not isinstance(sent, dict):
        raise BadInput("What came is no JSON object.")
    return sent


def _secret(request: Request) -> str:
    return request.headers.get("authorization", "").removeprefix("Bearer ").strip()


def _address(request: Request) -> str:
    """Whom a wrong code counts against. On a Space every visitor comes through its proxy, which names the visitor."""
    named = request.headers.get("x-forwarded-for", "") if os.environ.get("SPACE_ID") else ""
    return named.partition(",")[0].strip()[:64] or (request.client.host if request.client else "")


def _status(error: BadInput) -> int:
    return {"NoRoom": 404, "RoomEnded": 410, "NotYours": 403, "Late": 409, "TooMany": 429,
            "Unavailable": 503}.get(type(error).__name__, 422)
