"""What the instructor's steps do to a room: pure functions from one stage to the next.

A stage is what the room shows: kind "lobby" (code and picture), "board" (a case), "tasks" (the policy vote), "whispers",
or "talk" (the guided step fills the screen); whether votes are `open`, whether the result is `shown`; and beside it the
guided session and its timer. Each step names the state it leads to and never "the next one", so a step that is sent twice
over a bad line does no harm.
"""

from policy import discussion
from policy.errors import BadInput
from policy.markdown_file import clean
from policy.rulebook import rulebook

LOBBY = {"kind": "lobby", "open": False, "shown": False, "guide": None, "timer": None, "game": 0}
MOST_OWN = 30
MOST_TASKS = 12
MOST_CHAINS = 8
LONGEST_WHISPER = 200
TIMER_MOST_S = 3 * 3600.0


def step(stage: dict, do: str, what: dict, now: float, own: dict) -> dict:
    """The stage after one step. do: one of STEPS. own: the room's own cases by id. BadInput where it cannot be done."""
    if do not in STEPS:
        raise BadInput(f"There is no step {str(do)[:40]!r}.")
    try:
        return STEPS[do](stage, now, own, **what)
    except TypeError as error:
        raise BadInput(f"The step {do!r} does not take this.") from error


def items(stage: dict) -> list[str]:
    """What may be voted on while this stage is open."""
    if stage.get("kind") == "board":
        return [stage["item"]]
    return [f"task:{task}" for task in stage["tasks"]] if stage.get("kind") == "tasks" else []


def _fresh(stage: dict, kind: str, **more) -> dict:
    """A new activity; the guided session and the timer go on beside it."""
    return {"kind": kind, "open": False, "shown": False, **{name: stage.get(name) for name in ("guide", "timer")},
            "game": stage.get("game", 0), **more}


def _lobby(stage, now, own):
    return _fresh(stage, "lobby")


def _ask(stage, now, own, case=""):
    """Open the first vote on a case; a case that is on the screen already stays as it is."""
    if case not in own:
        discussion.find_case(case)
    if stage["kind"] == "board" and stage["item"] == f"case:{case}" and stage["round"] == 1:
        return stage
    return _board(stage, case, 1, "")


def _board(stage, case, turn, twist):
    return _fresh(stage, "board", item=f"case:{case}", round=turn, twist=twist, authors=False, reasons=False, few=False) | {
        "open": True}


def _twist(stage, now, own, case="", number=1, text=""):
    """Ask the same case again after its twist of this number (1, 2, ...), or after words of the instructor's own (text)."""
    if type(number) is not int or not 1 <= number <= 6:
        raise BadInput("A twist has a number from 1 to 6.")
    if text:
        said = line(text, "The twist", 300)
    else:
        known = [own[case]["twist"]] if case in own else [t.text for t in discussion.find_case(case).twists]
        if number > len([t for t in known if t]):
            raise BadInput("This case has no twist of that number; write one of your own.")
        said = known[number - 1]
    if stage["kind"] == "board" and (stage["item"], stage["round"]) == (f"case:{case}", number + 1):
        return stage
    return _board(stage, case, number + 1, said)


def _gate(stage, now, own, open=None, shown=None, authors=None, reasons=None, few=None):
    """Open or close the vote, show or hide its result, the authors' view, the reasons, a result of fewer than five."""
    changed = {name: bool(value) for name, value in (("open", open), ("shown", shown), ("authors", authors),
                                                     ("reasons", reasons), ("few", few)) if value is not None}
    if stage["kind"] in ("lobby", "talk"):
        raise BadInput("There is nothing to vote on: ask a case or start a vote first.")
    if changed.get("authors") and not (stage | changed).get("shown"):
        raise BadInput("The authors' view comes after the class's own: show the dots first.")
    return stage | changed


def _tasks(stage, now, own, tasks=()):
    """Start the vote on these tasks of the policy's task table."""
    known, chosen = task_titles(), list(dict.fromkeys(tasks)) if isinstance(tasks, list | tuple) else []
    if not chosen or any(task not in known for task in chosen):
        raise BadInput("Choose at least one task of the task table.")
    if len(chosen) > MOST_TASKS:
        raise BadInput(f"At most {MOST_TASKS} tasks are voted on at once; a phone shows no more at a glance.")
    if stage["kind"] == "tasks" and stage["tasks"] == chosen:
        return stage
    return _fresh(stage, "tasks", tasks=chosen, round=1) | {"open": True}


def _whispers(stage, now, own, game=0, form="words", first="", chains=1):
    """Start game number `game` from the sentence `first`, or from an empty sheet where form is "drawing"."""
    if type(game) is not int or not 1 <= game <= 50 or type(chains) is not int or not 1 <= chains <= MOST_CHAINS:
        raise BadInput(f"Whispers run in 1 to {MOST_CHAINS} chains.")
    if form not in ("words", "drawing"):
        raise BadInput("Whispers are told in words or in drawings.")
    if stage["kind"] == "whispers" and stage["game"] == game:
        return stage
    return _fresh(stage, "whispers", form=form, first=line(first, "The first sentence", LONGEST_WHISPER), chains=chains) | {
        "open": True, "game": game}


def _guide(stage, now, own, plan="", prompt="", number=0):
    """Go to a step of a prompt; its minutes start. An empty prompt ends the guided session."""
    if not prompt:
        return (_fresh(stage, "lobby") if stage["kind"] == "talk" else stage) | {"guide": None, "timer": None}
    found = discussion.prompts().get(prompt)
    if found is None or plan and plan not in discussion.plans():
        raise BadInput("There is no such prompt or lesson plan.")
    if type(number) is not int or not 0 <= number < len(found.steps):
        raise BadInput(f"{found.title!r} has {len(found.steps)} steps, counted from 0.")
    guide = {"plan": plan, "prompt": prompt, "step": number}
    if stage.get("guide") == guide:
        return stage
    stage = _fresh(stage, "talk") if stage["kind"] in ("lobby", "talk") else stage
    return stage | {"guide": guide, "timer": {"ends": now + 60.0 * found.steps[number].minutes, "left": None}}


def _talk(stage, now, own):
    """The guided step alone on the screen."""
    if not stage.get("guide"):
        raise BadInput("Choose a step of a lesson plan first.")
    return _fresh(stage, "talk")


def _timer(stage, now, own, left=None, running=True):
    """Set the timer to `left` seconds, running or stopped; None: no timer."""
    if left is None:
        return stage | {"timer": None}
    if isinstance(left, bool) or not isinstance(left, int | float) or not 0 <= left <= TIMER_MOST_S:
        raise BadInput("A timer runs from 0 seconds to 3 hours.")
    return stage | {"timer": {"ends": now + left, "left": None} if running else {"ends": None, "left": float(left)}}


STEPS = {"lobby": _lobby, "ask": _ask, "twist": _twist, "gate": _gate, "tasks": _tasks, "whispers": _whispers,
         "guide": _guide, "talk": _talk, "timer": _timer}


def line(text, name: str, most: int, needed: bool = True) -> str:
    """Typed text as one line; BadInput where it is missing or too long."""
    if not isinstance(text, str):
        raise BadInput(f"{name} is no text.")
    text = " ".join(clean(text).split())
    if needed and not text:
        raise BadInput(f"{name} is empty.")
    if len(text) > most:
        raise BadInput(f"{name} has {len(text)} characters; at most {most} fit on a phone.")
    return text


def task_titles() -> dict[str, str]:
    """{task id: title} of the policy's task table."""
    return {task.id: task.title for task in rulebook().tasks.values()}
