"""Rooms: a class answers from its phones, and whoever holds the instructor link steers.

A room has a code for the class and a secret for the instructor; the database knows only the secret's hash. A phone is
known by the hash of a random number that its browser made for this room, and by nothing else. A vote belongs to (room,
device, item, round): sent twice it counts once, sent anew it replaces the first while the vote is open.

An item is what is voted on: "case:<id>" on the board, "task:<id>" of the policy's task table.
"""

import hashlib
import json
import re
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import case as either
from sqlalchemy import delete, func, insert, select, update

from policy import board, discussion, steering, vote
from policy.errors import BadInput
from policy.markdown_file import clean
from policy.store import ASKED, CASES, DEVICES, ROOMS, VOTES, Store

ALPHABET = "CDFGHJKMNPQRTVWXY34679"  # neither vowels nor what looks like something else
CODE_LENGTH = 6
HOURS = (3, 24, 168)      # how long a room may live; the first one offered is in the middle
MOST_ROOMS = 500
MOST_DEVICES = 600
REMEMBER_S = 14 * 24 * 3600.0  # an ended room's code is kept so long, empty, so that a late phone is told that it ended
LONGEST_WHY = 140
CHOICES = tuple(vote.CHOICES)
TOKEN = re.compile(r"[A-Za-z0-9_-]{20,64}")


class NoRoom(BadInput):
    """A code that no room has. The only thing that counts as a guess."""


class RoomEnded(BadInput):
    """The code was right once."""


class Late(BadInput):
    """What was sent belongs to a vote that is not open; the sender's copy is kept where it was typed."""


class NotYours(BadInput):
    """Steering without the instructor link."""


@dataclass(frozen=True)
class Room:
    """A room as it stands. expires: seconds since 1970. version: grows with each step of the instructor."""

    code: str
    stage: dict
    version: int
    expires: float
    locked: bool


@dataclass(frozen=True)
class Keys:
    """What opening a room gives: the code for the class, and the secret that steers it."""

    code: str
    secret: str
    expires: float


class Rooms:
    """All rooms of a store. clock: seconds since 1970."""

    def __init__(self, store: Store, clock=time.time):
        self.store, self.clock = store, clock

    # -- opening and ending ----------------------------------------------------------------------------------------

    def open(self, hours: int = HOURS[1]) -> Keys:
        if hours not in HOURS:
            raise BadInput(f"A room is kept for {', '.join(map(str, HOURS))} hours; {str(hours)[:20]} is not one of them.")
        self.sweep()
        secret, expires = secrets.token_urlsafe(24), self.clock() + 3600.0 * hours
        with self.store.writing() as connection:
            if connection.scalar(select(func.count()).select_from(ROOMS).where(~ROOMS.c.ended)) >= MOST_ROOMS:
                raise BadInput(f"{MOST_ROOMS} rooms are open already. End one that is not needed any more, or wait.")
            code = ""
            while not code or connection.scalar(select(ROOMS.c.code).where(ROOMS.c.code == code)):
                code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
            connection.execute(insert(ROOMS).values(code=code, steer=_hash(secret), expires=expires, ended=False,
                                                    locked=False, version=1, stage=json.dumps(steering.LOBBY)))
        return Keys(code, secret, expires)

    def sweep(self) -> int:
        """Empty rooms whose time is over, and forget codes that ended long ago. -> how many were emptied"""
        now = self.clock()
        with self.store.reading() as connection:
            over = connection.scalars(select(ROOMS.c.code).where(~ROOMS.c.ended, ROOMS.c.expires <= now)).all()
        for code in over:
            with self.store.writing() as connection:
                self._end(connection, code)
        with self.store.writing() as connection:
            connection.execute(delete(ROOMS).where(ROOMS.c.ended, ROOMS.c.expires <= now - REMEMBER_S))
        return len(over)

    def end(self, secret: str) -> None:
        """Delete all that the room holds, now."""
        with self.store.writing() as connection:
            self._end(connection, self._held(connection, secret).code)

    def _end(self, connection, code: str) -> None:
        self.store.empty(connection, code)
        now = self.clock()
        connection.execute(update(ROOMS).where(ROOMS.c.code == code).values(
            ended=True, steer=None, stage="{}", expires=either((ROOMS.c.expires < now, ROOMS.c.expires), else_=now)))

    # -- finding ---------------------------------------------------------------------------------------------------

    def find(self, code: str) -> Room:
        """The open room with this code; NoRoom or RoomEnded."""
        with self.store.reading() as connection:
            return self._find(connection, code)

    def _find(self, connection, code, lock: str = "") -> Room:
        code = tidy(code)
        asked = select(ROOMS).where(ROOMS.c.code == code)
        row = connection.execute(asked.with_for_update(read=lock == "share") if lock else asked).one_or_none()
        if row is None:
            raise NoRoom(f"There is no room {code or 'without a code'}. Look at the code on the screen: "
                         f"it has {CODE_LENGTH} letters and digits.")
        if row.ended or row.expires <= self.clock():
            raise RoomEnded(f"Room {code} has ended, and what was in it is deleted. Ask for the code of a new one.")
        return Room(row.code, json.loads(row.stage), row.version, row.expires, row.locked)

    def held(self, secret: str) -> Room:
        """The room that this instructor link steers; NotYours where it steers none."""
        with self.store.reading() as connection:
            return self._held(connection, secret)

    def _held(self, connection, secret, lock: str = "") -> Room:
        code = connection.scalar(select(ROOMS.c.code).where(ROOMS.c.steer == _hash(str(secret))))
        if code is None:
            raise NotYours("This is no instructor link of an open room. Use the whole link that came with the room, "
                           "or open a new room.")
        return self._find(connection, code, lock)

    # -- the class -------------------------------------------------------------------------------------------------

    def enter(self, code: str, token: str) -> Room:
        """Let a device in; the same device any number of times."""
        def come_in(connection):
            room = self._find(connection, code, "share")
            self._admit(connection, room, token)
            return room

        return self.store.together(come_in)

    def _admit(self, connection, room: Room, token: str) -> str:
        if not (isinstance(token, str) and TOKEN.fullmatch(token)):
            raise BadInput("This browser sent no token of its own. Reload the page, please.")
        device = _hash(room.code + token)
        mine = (DEVICES.c.room == room.code) & (DEVICES.c.device == device)
        if not connection.scalar(select(DEVICES.c.device).where(mine)):
            if room.locked:
                raise BadInput(f"Room {room.code} takes nobody in any more. Ask your instructor to let people in again.")
            if connection.scalar(select(func.count()).select_from(DEVICES).where(DEVICES.c.room == room.code)) >= MOST_DEVICES:
                raise BadInput(f"Room {room.code} is full: {MOST_DEVICES} devices are in it.")
            self.store.put(connection, DEVICES, {"room": room.code, "device": device}, {})
        return device

    def vote(self, code: str, token: str, ballots: Iterable[dict]) -> int:
        """Take the ballots of one device, all or none. -> how many.

        A ballot: {"item", "round", "intent", "impact", "why"} on the board, {"item", "round", "choice"} for a task.
        Raises Late where the vote is not open, and BadInput where a ballot is none.
        """
        ballots = [_ballot(ballot) for ballot in ballots]
        def count(connection):
            room = self._find(connection, code, "share")
            device = self._admit(connection, room, token)
            for key, values in ballots:
                if not (room.stage.get("open") and room.stage.get("round", 1) == key["round"]
                        and key["item"] in steering.items(room.stage)):
                    raise Late("This vote is closed, so nothing was counted. What you had sent before stays.")
                self.store.put(connection, VOTES, {"room": room.code, "device": device, **key}, values)
            return len(ballots)

        return self.store.together(count)

    def mine(self, code: str, token: str) -> dict:
        """{(item, round): vote} of this device in this room."""
        with self.store.reading() as connection:
            room = self._find(connection, code)
            rows = connection.execute(select(VOTES).where(VOTES.c.room == room.code,
                                                          VOTES.c.device == _hash(room.code + str(token)))).mappings()
            return {(row["item"], row["round"]): {name: row[name] for name in ("intent", "impact", "choice", "why")}
                    for row in rows}

    # -- the instructor --------------------------------------------------------------------------------------------

    def steer(self, secret: str, do: str, what: dict | None = None) -> Room:
        """One step of the instructor, see policy.steering. Every step names where it leads, so twice is once."""
        what = what or {}
        with self.store.writing() as connection:
            room = self._held(connection, secret, "update")
            if do == "lock":
                connection.execute(update(ROOMS).where(ROOMS.c.code == room.code).values(
                    locked=bool(what.get("on")), version=room.version + 1))
            elif do == "case":
                self._add_case(connection, room, what.get("title"), what.get("text"), what.get("twist") or "")
            elif do == "hide":
                self._hide(connection, room, what.get("reason"), bool(what.get("on", True)))
            else:
                stage = steering.step(room.stage, do, what, self.clock(), self._own(connection, room.code))
                self._note(connection, room, stage)
                connection.execute(update(ROOMS).where(ROOMS.c.code == room.code).values(
                    stage=json.dumps(stage), version=room.version + 1))
            return self._find(connection, room.code)

    def _add_case(self, connection, room: Room, title, text, twist) -> None:
        fields = {"title": steering.line(title, "The title", 80), "text": steering.line(text, "The case", 600),
                  "twist": steering.line(twist, "The twist", 300, needed=False)}
        there = self._own(connection, room.code)
        if fields in [{name: row[name] for name in fields} for row in there.values()]:
            return  # sent twice
        if len(there) >= steering.MOST_OWN:
            raise BadInput(f"A room holds at most {steering.MOST_OWN} cases of its own.")
        connection.execute(insert(CASES).values(room=room.code, id=f"own-{len(there) + 1}", **fields))
        connection.execute(update(ROOMS).where(ROOMS.c.code == room.code).values(version=room.version + 1))

    def _own(self, connection, code: str) -> dict:
        rows = connection.execute(select(CASES).where(CASES.c.room == code)).mappings()
        return {row["id"]: dict(row) for row in sorted(rows, key=lambda row: int(row["id"].partition("-")[2]))}

    def _note(self, connection, room: Room, stage: dict) -> None:
        """Remember what was asked, and in which order, for the record of the room."""
        if stage["kind"] != "board":
            return
        key = {"room": room.code, "item": stage["item"], "round": stage["round"]}
        if connection.scalar(select(ASKED.c.place).where(*(ASKED.c[name] == value for name, value in key.items()))) is None:
            place = connection.scalar(select(func.count()).select_from(ASKED).where(ASKED.c.room == room.code))
            connection.execute(insert(ASKED).values(**key, twist=stage["twist"], place=place + 1))

    def _hide(self, connection, room: Room, reason, on: bool) -> None:
        """Take a reason off the screen, or bring it back; reason: its name in the instructor's view."""
        for row in connection.execute(select(VOTES).where(VOTES.c.room == room.code, VOTES.c.why != "")):
            if reason_name(row) == reason:
                connection.execute(update(VOTES).where(*(VOTES.c[name] == getattr(row, name) for name in
                                                         ("room", "device", "item", "round"))).values(hidden=on))
                connection.execute(update(ROOMS).where(ROOMS.c.code == room.code).values(version=room.version + 1))


def reason_name(row) -> str:
    """A name for one reason that does not tell whose it is."""
    return _hash(f"{row.device} {row.item} {row.round}")[:16]


def tidy(code) -> str:
    """A code as people type it: "kvp 4tx" is KVP4TX. At most a few characters are looked at."""
    return re.sub(r"[^A-Z0-9]", "", str(code)[:40].upper())[:CODE_LENGTH + 6]


def _ballot(ballot: dict) -> tuple[dict, dict]:
    """(key, values) of a checked ballot."""
    if not isinstance(ballot, dict):
        raise BadInput("A vote names what it is for and where it stands.")
    item, turn = ballot.get("item"), ballot.get("round", 1)
    if not (isinstance(item, str) and len(item) <= 40 and type(turn) is int):
        raise BadInput("A vote names an item and a round.")
    why = ballot.get("why") or ""
    if not isinstance(why, str) or len(why) > LONGEST_WHY:
        raise BadInput(f"The line why has at most {LONGEST_WHY} characters.")
    values = {"intent": None, "impact": None, "choice": None, "why": " ".join(clean(why).split())}
    if item.startswith("task:"):
        if ballot.get("choice") not in CHOICES:
            raise BadInput(f"A task is {', '.join(CHOICES)}; {str(ballot.get('choice'))[:40]!r} is none of them.")
        values["choice"] = ballot["choice"]
    else:
        values["intent"], values["impact"] = board.dot(ballot.get("intent"), ballot.get("impact"))
    return {"item": item, "round": turn}, values


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def case_fields(id: str, own: dict) -> dict:
    """{"title", "text", "note", "twists", "ask"} of a case from the data or of the room's own."""
    if id in own:
        return {"title": own[id]["title"], "text": own[id]["text"], "note": "", "ask": [], "source": "A case of this class.",
                "twists": [own[id]["twist"]] if own[id]["twist"] else []}
    case = discussion.find_case(id)
    return {"title": case.title, "text": case.text, "note": case.content_note, "ask": list(case.ask),
            "twists": [twist.text for twist in case.twists],
            "source": " ".join(filter(None, [case.provenance(), discussion.age_note(case.as_of)]))}
