"""What a room shows, to whom: the screen of the class, the phone, and the instructor. Plain data, ready for JSON.

Nothing is in a view that its reader must not see yet: no dot before the result is shown, no dot below five votes, no
authors' view before the class's own, no notes for anybody but the instructor.
"""

from sqlalchemy import func, select

from policy import board, discussion, steering, vote, whispers
from policy.rooms import CHOICES, Room, Rooms, case_fields, reason_name
from policy.store import ASKED, DEVICES, VOTES

MOST_REASONS = 60  # on a screen
MOST_SHOWN_CHAINS = 8


def phone(rooms: Rooms, room: Room) -> dict:
    """What a student's phone needs to know; the same for every phone of the room."""
    with rooms.store.reading() as connection:
        return _base(rooms, connection, room)


def screen(rooms: Rooms, room: Room) -> dict:
    """What everybody may see: the phone's view, how many have voted, and the result once it is shown."""
    with rooms.store.reading() as connection:
        return _screen(rooms, connection, room)


def instructor(rooms: Rooms, room: Room) -> dict:
    """The screen, and what only the instructor sees: notes, reasons with their names, cases, what was asked."""
    with rooms.store.reading() as connection:
        seen = _screen(rooms, connection, room)
        own = rooms._own(connection, room.code)
        asked = connection.execute(select(ASKED).where(ASKED.c.room == room.code).order_by(ASKED.c.place)).all()
        votes = [_votes(connection, room.code, row.item, row.round) for row in asked]
    widths = [(row, board.spread(_dots(rows)), len(rows)) for row, rows in zip(asked, votes)]
    guide = room.stage.get("guide")
    reasons = []
    if room.stage["kind"] == "board":
        now = next((rows for row, rows in zip(asked, votes)
                    if (row.item, row.round) == (room.stage["item"], room.stage["round"])), [])
        reasons = [{"reason": reason_name(row), "text": row.why, "hidden": row.hidden} for row in now if row.why]
    return seen | {
        "locked": room.locked, "games": room.stage.get("game", 0),
        "own": [{"id": row["id"], "title": row["title"]} for row in own.values()],
        "all_reasons": reasons,
        "asked": [{"item": row.item, "round": row.round, "title": case_fields(row.item.partition(":")[2], own)["title"],
                   "votes": n, "width": round(wide.width, 2) if wide and n >= board.LEAST_CLOUD else None}
                  for row, wide, n in widths],
        "notes": _notes(guide) if guide else None}


def library() -> dict:
    """What an instructor chooses from: cases, prompts with their steps, plans, tasks, the choices of a task."""
    contested = [task.id for task in vote.contested()]
    tasks = sorted(steering.task_titles().items(), key=lambda task: (task[0] not in contested, task[1]))
    return {
        "cases": [{"id": case.id, "title": case.title, "contested": case.contested, "tags": list(case.tags),
                   "note": case.content_note, "twists": [twist.text for twist in case.twists]}
                  for case in discussion.cases().values()],
        "prompts": {prompt.id: {"title": prompt.title, "minutes": prompt.minutes, "cases": list(prompt.cases),
                                "steps": [{"do": step.do, "minutes": step.minutes, "mode": step.mode} for step in prompt.steps]}
                    for prompt in discussion.prompts().values()},
        "plans": [{"id": plan.id, "title": plan.title, "minutes": plan.minutes, "prompts": list(plan.prompts)}
                  for plan in discussion.plans().values()],
        "lenses": list(discussion.lenses()), "rules": list(discussion.ground_rules()),
        "tasks": [{"id": id, "title": title, "contested": id in contested} for id, title in tasks]}


def task_counts(connection, code: str) -> dict[str, dict[str, int]]:
    """{task id: {"allowed": n, "conditions": n, "not_allowed": n}} of every task that was voted on."""
    rows = connection.execute(select(VOTES.c.item, VOTES.c.choice, func.count()).where(
        VOTES.c.room == code, VOTES.c.choice.is_not(None)).group_by(VOTES.c.item, VOTES.c.choice)).all()
    found: dict[str, dict[str, int]] = {}
    for item, choice, n in sorted(rows):
        found.setdefault(item.removeprefix("task:"), dict.fromkeys(CHOICES, 0))[choice] = n
    return found


def policy_vote(rooms: Rooms, code: str) -> dict[str, dict[str, int]]:
    """The room's vote on the task table, as the policy builder takes it: {task id: {choice: how many}}."""
    with rooms.store.reading() as connection:
        return task_counts(connection, rooms._find(connection, code).code)


# -- pieces ---------------------------------------------------------------------------------------------------------------

def _base(rooms: Rooms, connection, room: Room) -> dict:
    stage, view = room.stage, {"code": room.code, "version": room.version, "kind": room.stage["kind"],
                               "open": room.stage["open"], "shown": room.stage["shown"], "ends": room.expires}
    if stage["kind"] == "board":
        id = stage["item"].partition(":")[2]
        case = case_fields(id, rooms._own(connection, room.code))
        view |= {"item": stage["item"], "round": stage["round"], "twist": stage["twist"],
                 "case": {"id": id, **{name: case[name] for name in ("title", "text", "note", "source")}}}
        if stage["shown"]:
            view["case"]["ask"] = case["ask"]
    elif stage["kind"] == "tasks":
        titles = steering.task_titles()
        view |= {"round": 1, "tasks": [{"item": f"task:{task}", "id": task, "title": titles[task]} for task in stage["tasks"]]}
    elif stage["kind"] == "whispers":
        view |= {"game": stage["game"], "form": stage["form"], "look_s": whispers.LOOK_S}
    if stage.get("guide"):
        view["guide"] = _guide(stage["guide"])
    view["timer"] = stage.get("timer")
    return view


def _guide(guide: dict) -> dict:
    prompt = discussion.prompts()[guide["prompt"]]
    step = prompt.steps[guide["step"]]
    return {**guide, "title": prompt.title, "question": prompt.prompt, "sub_questions": list(prompt.sub_questions),
            "steps": len(prompt.steps), "do": step.do, "mode": step.mode, "minutes": step.minutes,
            "exit_question": prompt.exit_question, "numbers": [str(fact) for fact in prompt.facts()]}


def _notes(guide: dict) -> dict:
    prompt = discussion.prompts()[guide["prompt"]]
    return {"notes": {name: list(lines) for name, lines in prompt.notes.items()}, "materials": list(prompt.materials),
            "sources": [str(source) for source in prompt.sources], "as_of": discussion.day(prompt.as_of),
            "old": discussion.age_note(prompt.as_of)}


def _votes(connection, code: str, item: str, turn: int) -> list:
    """Ordered by device, which says nothing about who came first."""
    return connection.execute(select(VOTES).where(VOTES.c.room == code, VOTES.c.item == item, VOTES.c.round == turn)
                              .order_by(VOTES.c.device)).all()


def _dots(rows) -> list[tuple[float, float]]:
    return [(row.intent, row.impact) for row in rows]


def _screen(rooms: Rooms, connection, room: Room) -> dict:
    view, stage = _base(rooms, connection, room), room.stage
    view["joined"] = connection.scalar(select(func.count()).select_from(DEVICES).where(DEVICES.c.room == room.code))
    if stage["kind"] == "board":
        rows = _votes(connection, room.code, stage["item"], stage["round"])
        view["voted"] = len(rows)
        if stage["shown"]:
            before = _votes(connection, room.code, stage["item"], 1) if stage["round"] > 1 else []
            view["cloud"] = cloud(rows, before, stage["few"])
        if stage["reasons"] and stage["shown"]:
            view["reasons"] = [row.why for row in rows if row.why and not row.hidden][:MOST_REASONS]
        if stage["authors"] and stage["shown"]:
            view["authors"] = _authors(stage)
    elif stage["kind"] == "tasks":
        counts = task_counts(connection, room.code)
        here = {task: counts.get(task, dict.fromkeys(CHOICES, 0)) for task in stage["tasks"]}
        view["voted"] = max(sum(each.values()) for each in here.values())
        if stage["shown"]:
            view["counts"] = here
    elif stage["kind"] == "whispers":
        links = whispers.chains(connection, room.code, stage["game"])
        view["voted"] = sum(map(len, links.values()))
        if stage["shown"]:
            view["whispers"] = _whispers(stage, links)
    return view


def cloud(rows, before=(), few: bool = False) -> dict:
    """Dots, the middle half, camps, arrows from the first vote, and all of it in words. few: show fewer than five too."""
    dots = _dots(rows)
    if len(dots) < board.LEAST_CLOUD and not few:
        return {"hidden": True, "words": f"{board.cloud_words(dots)} The dots stay hidden below {board.LEAST_CLOUD}, "
                                         "so that nobody is picked out."}
    first = {row.device: (row.intent, row.impact) for row in before}
    arrows = [(*first[row.device], row.intent, row.impact) for row in rows if row.device in first]
    wide = board.spread(dots) if len(dots) >= board.LEAST_CLOUD else None
    said = " ".join(filter(None, [board.cloud_words(dots), board.arrows_words(arrows)]))
    return {"hidden": False, "dots": [[*dot, camp] for dot, camp in zip(dots, board.camps(dots))], "arrows": arrows,
            "middle": {"intent": wide.intent, "impact": wide.impact} if wide else None, "words": said}


def _authors(stage: dict) -> dict | None:
    """The authors' dot and range; moved by the twist where it is one of theirs. None for the class's own cases."""
    case = discussion.cases().get(stage["item"].partition(":")[2])
    if case is None:
        return None
    texts = [twist.text for twist in case.twists]
    if stage["twist"] and stage["twist"] not in texts:
        return None
    at = case.authors(texts.index(stage["twist"]) if stage["twist"] else None)
    return {"at": at, "width": case.width, "why": case.why_contested, "words": board.place_words(*at)}


def _whispers(stage: dict, links: dict[int, list]) -> dict:
    """The chains, what is left along each, and for sentences the exact curve of a model that learns from itself."""
    shown = dict(list(links.items())[:MOST_SHOWN_CHAINS])
    curves = {chain: whispers.kept_curve(stage["first"], found) for chain, found in shown.items()}
    longest = max(map(len, curves.values()), default=1) - 1
    model = []
    if stage["form"] == "words" and longest >= 1:
        n = whispers.distinct_words(stage["first"])
        model = [round(share, 3) for share in whispers.resampled_share(n, longest)] if n else []
    return {"first": stage["first"], "form": stage["form"], "chains": shown, "kept": curves, "model": model}
