"""The small language of conditions in the facts: `{"q": id, "is": value}`, `{"task": id, "in": [...]}`, all, any, none.

A test on a blank answer is false, except `empty` and `lacks`. The forms are listed in assets/facts/policy_sections.json.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from policy.rulebook import rulebook

ALLOWING = ("permitted", "conditional", "required")
BLANK = (None, "", [], (), {})


@dataclass(frozen=True)
class State:
    """What a condition is asked of. answers: {question: answer}. matches: {text rule: does it match}, looked up when asked."""

    answers: Mapping
    matches: Callable[[str], bool] = field(default=lambda rule: False)
    today: date | None = None

    def get(self, question: str):
        return self.answers.get(question)

    @property
    def tasks(self) -> Mapping[str, str]:
        return self.answers.get("tasks") or {}

    def derived(self, name: str):
        """One of the computed facts: allows_any, forbids_all, requires_any (bool), share_prohibited (0 to 1)."""
        known = rulebook().tasks
        theirs = [v for t, v in self.tasks.items() if v != "na" and (t not in known or known[t].kind != "staff")]
        if name == "allows_any":
            return any(value in ALLOWING for value in theirs)
        if name == "forbids_all":
            return bool(theirs) and all(value == "prohibited" for value in theirs)
        if name == "requires_any":
            return "required" in self.tasks.values()
        if name == "share_prohibited":
            return theirs.count("prohibited") / len(theirs) if theirs else 0.0
        raise ValueError(f"no derived fact {name!r}")

    def day(self, name: str) -> date | None:
        """An answer that is a date, or `today`; None where blank."""
        if name == "today":
            return self.today
        said = self.get(name)
        return date.fromisoformat(said) if said else None


def holds(condition: Mapping | None, state: State) -> bool:
    """Is the condition true? None is."""
    if condition is None:
        return True
    for part, join in (("all", all), ("any", any)):
        if part in condition:
            return join(holds(inner, state) for inner in condition[part])
    if "none" in condition:
        return not any(holds(inner, state) for inner in condition["none"])
    if "q" in condition:
        return _of_value(condition, state.get(condition["q"]))
    if "task" in condition:
        return _of_value(condition, state.tasks.get(condition["task"]))
    if "any_task" in condition:
        return condition["any_task"] in state.tasks.values()
    if "derived" in condition:
        return _of_value(condition, state.derived(condition["derived"]))
    if "text" in condition:
        return state.matches(condition["text"])
    if "date" in condition:
        one = state.day(condition["date"])
        other = state.day(condition.get("before") or condition.get("after"))
        return bool(one and other) and (one < other if "before" in condition else one > other)
    if "days" in condition:
        first, last = map(state.day, condition["days"])
        return bool(first and last) and _of_value(condition, (last - first).days)
    raise ValueError(f"no such condition: {dict(condition)}")


def _of_value(condition: Mapping, value) -> bool:
    if "empty" in condition:
        return (value in BLANK) == condition["empty"]
    if "lacks" in condition:
        return condition["lacks"] not in (value or ())
    if value in BLANK:
        return False
    tests = {"is": lambda x: value == x, "in": lambda x: value in x, "has": lambda x: x in value, "gt": lambda x: value > x,
             "gte": lambda x: value >= x, "lt": lambda x: value < x, "lte": lambda x: value <= x}
    asked = [test(condition[name]) for name, test in tests.items() if name in condition]
    if not asked:
        raise ValueError(f"no such test: {dict(condition)}")
    return all(asked)


def grounds(condition: Mapping | None, state: State) -> list[Mapping]:
    """The simple conditions on which the truth of this one rests: of `any` those that hold, of `none` all."""
    if condition is None:
        return []
    if "all" in condition:
        return [leaf for inner in condition["all"] for leaf in grounds(inner, state)]
    if "any" in condition:
        return [leaf for inner in condition["any"] if holds(inner, state) for leaf in grounds(inner, state)]
    if "none" in condition:
        return [leaf for inner in condition["none"] for leaf in _leaves(inner)]
    return [condition]


def _leaves(condition: Mapping) -> list[Mapping]:
    inner = [part for name in ("all", "any", "none") for part in condition.get(name, ())]
    return [leaf for part in inner for leaf in _leaves(part)] if inner else [condition]
