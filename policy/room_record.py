"""What a class takes away from a room: every vote as CSV, the hour as Markdown. No name, no device, no time of a vote."""

from sqlalchemy import select

from policy import board, discussion, room_view, steering, whispers
from policy.markdown_file import escaped
from policy.rooms import CHOICES, Room, Rooms, case_fields
from policy.store import ASKED, VOTES
from policy.tables import csv_text

COLUMNS = ("kind", "item", "title", "round", "twist", "person", "intent", "impact", "choice", "why")
CHOICE_WORDS = {"allowed": "allowed", "conditions": "with conditions", "not_allowed": "not allowed"}


def record_csv(rooms: Rooms, room: Room) -> str:
    """One row per vote. person: a number within this file, in no order of coming. A hidden reason is left out."""
    with rooms.store.reading() as connection:
        own, twists, rows = _read(rooms, connection, room)
    titles = steering.task_titles()
    people = {device: number for number, device in enumerate(sorted({row.device for row in rows}), start=1)}
    table = []
    for row in rows:
        kind, _, id = row.item.partition(":")
        title = titles.get(id, id) if kind == "task" else case_fields(id, own)["title"]
        table.append({"kind": kind, "item": id, "title": title, "round": row.round,
                      "twist": twists.get((row.item, row.round), ""), "person": people[row.device], "intent": row.intent,
                      "impact": row.impact, "choice": row.choice or "", "why": "" if row.hidden else row.why})
    return csv_text(table, COLUMNS)


def record_markdown(rooms: Rooms, room: Room) -> str:
    """The hour as a page: each case with its clouds in words and its reasons, the policy vote, the whispers."""
    with rooms.store.reading() as connection:
        own, _, rows = _read(rooms, connection, room)
        asked = connection.execute(select(ASKED).where(ASKED.c.room == room.code).order_by(ASKED.c.place)).all()
        counts = room_view.task_counts(connection, room.code)
        games = {game: whispers.chains(connection, room.code, game) for game in range(1, room.stage.get("game", 0) + 1)}
    parts = [f"# What room {room.code} said", "Dots are where people placed a case: intent from -1 (malicious) to 1 (innocent), "
             "impact from -1 (harmful) to 1 (helpful). Half of the class lies between the two numbers given; no mean is "
             "computed, because between two camps it names a place where nobody stands."]
    for row in asked:
        parts += _case(row, own, [vote for vote in rows if (vote.item, vote.round) == (row.item, row.round)],
                       [vote for vote in rows if (vote.item, vote.round) == (row.item, 1)])
    if counts:
        parts += ["## The vote on the policy", _task_table(counts)]
    for game, found in games.items():
        for chain, links in found.items():
            if links and isinstance(links[0], str):
                parts += [f"## Whispers {game}, chain {chain}", "\n".join(f"{k}. {escaped(link)}" for k, link in enumerate(links, 1))]
            elif links:
                parts += [f"## Whispers {game}, chain {chain}", f"{len(links)} drawings."]
    return "\n\n".join(parts) + "\n"


def _read(rooms: Rooms, connection, room: Room):
    own = rooms._own(connection, room.code)
    twists = {(row.item, row.round): row.twist for row in connection.execute(select(ASKED).where(ASKED.c.room == room.code))}
    rows = connection.execute(select(VOTES).where(VOTES.c.room == room.code).order_by(VOTES.c.item, VOTES.c.round,
                                                                                    VOTES.c.device)).all()
    return own, twists, rows


def _case(row, own: dict, votes: list, first: list) -> list[str]:
    id = row.item.partition(":")[2]
    case = case_fields(id, own)
    heading = escaped(case["title"]) + (f": vote {row.round}" if row.round > 1 else "")
    parts = [f"## {heading}", escaped(case["text"])]
    if row.twist:
        parts.append(f"Twist: {escaped(row.twist)}")
    seen = room_view.cloud(votes, first if row.round > 1 else ())
    parts.append(seen["words"])
    reasons = [vote.why for vote in votes if vote.why and not vote.hidden]
    if reasons:
        parts.append("\n".join(f"- {escaped(reason)}" for reason in reasons))
    if row.round == 1 and id in discussion.cases():
        known = discussion.cases()[id]
        parts.append(f"Authors' view, a start for talk and no key: {board.place_words(known.intent, known.impact)}. "
                     f"{escaped(case['source'])}")
    return parts


def _task_table(counts: dict) -> str:
    titles = steering.task_titles()
    head = "| task | " + " | ".join(CHOICE_WORDS[choice] for choice in CHOICES) + " |"
    rows = [f"| {escaped(titles.get(task, task))} | " + " | ".join(str(n[choice]) for choice in CHOICES) + " |"
            for task, n in counts.items()]
    return "\n".join([head, "|---|" + "---|" * len(CHOICES), *rows])
