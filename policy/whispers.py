"""Whispers: each student rewords or redraws the one before, and the class watches what is left of the first.

Chains run side by side from the same start. A phone whose turn it is sees the last link of one chain and has a while to
pass it on; who takes too long gives the turn back, so a lost phone stops nobody. Each student has one turn a game.

Beside the chain stands what a model does that learns from a model: `resampled_share`, the collapse lab's regime "replace"
with words as categories, exact. A class is no model; the two curves are a comparison to talk about.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select

from policy import steering
from policy.errors import BadInput
from policy.rooms import Late, Rooms
from policy.store import CLAIMS, LINKS

TURN_S = {"words": 90.0, "drawing": 60.0}
LOOK_S = 8               # a drawing is shown so long, and then redrawn from memory
MOST_STROKES, MOST_POINTS, SHEET = 60, 1500, 255   # a drawing: lines of points, both coordinates 0 to SHEET
CELLS = 24               # a drawing is compared on this many squares a side
WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")


@dataclass(frozen=True)
class Turn:
    """One student's turn. before: the link to reword (text) or redraw (strokes); left: seconds of the turn."""

    chain: int
    place: int
    before: str | list
    left: float


def turn(rooms: Rooms, code: str, token: str) -> Turn | None:
    """This device's turn in the game under way, the same one again after a reload; None: nothing for it just now."""
    now = rooms.clock()
    with rooms.store.writing() as connection:
        room = rooms._find(connection, code, "update")
        device = rooms._admit(connection, room, token)
        stage = room.stage
        if stage["kind"] != "whispers" or not stage["open"]:
            return None
        game = {"room": room.code, "game": stage["game"]}
        links = _links(connection, game)
        connection.execute(delete(CLAIMS).where(_is(CLAIMS, game), CLAIMS.c.until <= now))
        claims = {row.chain: row for row in connection.execute(select(CLAIMS).where(_is(CLAIMS, game)))}
        for chain, row in claims.items():
            if row.device == device:
                return _turn(stage, links, chain, row.until - now)
        if any(row.device == device for row in links):
            return None
        free = [chain for chain in range(1, stage["chains"] + 1) if chain not in claims]
        if not free:
            return None
        chain = min(free, key=lambda number: (sum(row.chain == number for row in links), number))
        connection.execute(insert(CLAIMS).values(**game, chain=chain, device=device, until=now + TURN_S[stage["form"]]))
        return _turn(stage, links, chain, TURN_S[stage["form"]])


def _turn(stage: dict, links: list, chain: int, left: float) -> Turn:
    mine = [row for row in links if row.chain == chain]
    before = json.loads(mine[-1].body) if mine else stage["first"]
    return Turn(chain, len(mine) + 1, before, round(left, 1))


def passed_on(rooms: Rooms, code: str, token: str, chain: int, body) -> None:
    """Take a link from the device whose turn it is. body: a sentence, or strokes [[x, y, x, y, ...], ...].

    Raises Late where the turn is over; a link sent twice is taken once.
    """
    with rooms.store.writing() as connection:
        room = rooms._find(connection, code, "update")
        device = rooms._admit(connection, room, token)
        stage = room.stage
        if stage["kind"] != "whispers" or not stage["open"]:
            raise Late("These whispers are over, so nothing was added to the chain.")
        body = json.dumps(_body(body, stage["form"]))
        game = {"room": room.code, "game": stage["game"]}
        links = _links(connection, game)
        if any(row.device == device for row in links):
            return  # it arrived, and the answer was lost
        claim = connection.execute(select(CLAIMS).where(_is(CLAIMS, game), CLAIMS.c.device == device)).first()
        if claim is None or claim.chain != chain or claim.until <= rooms.clock():
            raise Late("Your turn is over, because others were waiting. You will get another one if there is time.")
        place = sum(row.chain == chain for row in links) + 1
        connection.execute(insert(LINKS).values(**game, chain=chain, place=place, device=device, body=body))
        connection.execute(delete(CLAIMS).where(_is(CLAIMS, game), CLAIMS.c.device == device))


def chains(connection, code: str, game: int) -> dict[int, list]:
    """{chain: its links in order}; each a sentence or strokes."""
    found: dict[int, list] = {}
    for row in _links(connection, {"room": code, "game": game}):
        found.setdefault(row.chain, []).append(json.loads(row.body))
    return found


def _links(connection, game: dict) -> list:
    return connection.execute(select(LINKS).where(_is(LINKS, game)).order_by(LINKS.c.chain, LINKS.c.place)).all()


def _is(table, game: dict):
    return (table.c.room == game["room"]) & (table.c.game == game["game"])


def _body(body, form: str):
    """A checked link."""
    if form == "words":
        return steering.line(body, "Your sentence", steering.LONGEST_WHISPER)
    if not (isinstance(body, list) and body and all(isinstance(stroke, list) for stroke in body)):
        raise BadInput("The sheet is empty: draw something first.")
    points = [value for stroke in body for value in stroke]
    if len(body) > MOST_STROKES or len(points) > 2 * MOST_POINTS or any(len(stroke) % 2 or not stroke for stroke in body):
        raise BadInput(f"A drawing has at most {MOST_STROKES} lines and {MOST_POINTS} points.")
    if not all(type(value) is int and 0 <= value <= SHEET for value in points):
        raise BadInput("A drawing's points lie on the sheet.")
    return body


# -- what is left -------------------------------------------------------------------------------------------------------

def kept_share(first, later) -> float:
    """How much of the first is in a later one, 0 to 1: distinct words for sentences, common squares for drawings."""
    if isinstance(first, str):
        there = _word_set(first)
        return len(there & _word_set(later)) / len(there) if there else 0.0
    a, b = _squares(first), _squares(later)
    return len(a & b) / len(a | b) if a | b else 0.0


def _word_set(text: str) -> set[str]:
    return {word.casefold() for word in WORD.findall(text)}


def _squares(strokes: list) -> set[tuple[int, int]]:
    """The squares of a CELLS x CELLS grid that the lines cross."""
    found = set()
    for stroke in strokes:
        points = list(zip(stroke[::2], stroke[1::2]))
        for (x1, y1), (x2, y2) in zip(points, points[1:] or points):
            steps = max(1, abs(x2 - x1), abs(y2 - y1))
            found |= {(int((x1 + (x2 - x1) * k / steps) * CELLS // (SHEET + 1)),
                       int((y1 + (y2 - y1) * k / steps) * CELLS // (SHEET + 1))) for k in range(steps + 1)}
    return found


def kept_curve(first, links: Sequence) -> list[float]:
    """`kept_share` along a chain. In drawings the first link is what the rest is compared with: it was drawn from words."""
    if not links:
        return []
    if isinstance(links[0], str):
        return [1.0, *(round(kept_share(first, link), 3) for link in links)]
    return [round(kept_share(links[0], link), 3) for link in links]


def resampled_share(n: int, generations: int) -> list[float]:
    """The share of n different words that is left when a model draws n words with the shares of the n before it, again
    and again: exact, from the Wright-Fisher chain. A word with k of the n places has Binomial(n, k/n) in the next draw.

    -> generations + 1 values, the first 1.0. After one draw it is 1 - (1 - 1/n)^n.
    """
    import numpy as np

    k = np.arange(n + 1)
    share = k / n
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])    # log k!
    choose = np.exp(logs[n] - logs - logs[::-1])                              # (n + 1,)
    moves = choose * share[:, None] ** k * (1 - share[:, None]) ** (n - k)    # (n + 1, n + 1), from row to column
    state, left = np.eye(n + 1)[1], [1.0]
    for _ in range(generations):
        state = state @ moves
        left.append(float(1 - state[0]))
    return left


def distinct_words(text: str) -> int:
    return len(_word_set(text))
