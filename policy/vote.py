"""A class decides the contested tasks: which they are, and what its votes make of the task table."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from policy.draft import Draft
from policy.errors import BadInput
from policy.rulebook import Task, rulebook

CHOICES = {"allowed": "permitted", "conditions": "conditional", "not_allowed": "prohibited"}   # of a vote: of the table
MIDDLE = "conditional"
MOST_VOTES = 1_000_000
SCHEMA = "genlens-votes"   # of a JSON file with `results`, which the builder opens onto the policy that it shows


@dataclass(frozen=True)
class Filled:
    """draft: with the answers that the votes gave. notes: one sentence per task on how it was decided."""

    draft: Draft
    notes: tuple[str, ...]


def contested(audience: str = "course", most: int = 10) -> list[Task]:
    """The tasks on which our presets disagree most, so that a class has something to decide; staff's own tasks are left out.

    Disagreement: the chance that two presets drawn at random say different things.
    """
    book = rulebook()
    if audience not in book.audiences:
        raise BadInput(f"There is no audience {audience!r}; there are {', '.join(book.audiences)}.")

    def spread(task: Task) -> float:
        values = [v for p in book.presets.values() if (v := p.answers["tasks"].get(task.id)) in CHOICES.values()]
        return 1 - sum((values.count(v) / len(values)) ** 2 for v in set(values)) if values else 0.0

    rows = [task for task in book.tasks_for(audience) if task.kind != "staff"]
    return sorted(rows, key=spread, reverse=True)[:most]   # sorted is stable: equal ones stay in the table's order


def filled(draft: Draft, results: Mapping[str, Mapping[str, int]]) -> Filled:
    """The draft with the task table as the votes decided.

    results: {task: {"allowed": n, "conditions": n, "not_allowed": n}}. Most votes win; where the most are shared, the
    milder common ground, "Allowed with conditions", stands and the note says so. A task without votes stays as it was.
    """
    book, tasks, notes = rulebook(), dict(draft.answers.get("tasks", {})), []
    for id, counts in results.items():
        if id not in book.tasks:
            raise BadInput(f"There is no task {str(id)[:40]!r} in the task table.")
        votes = {choice: _votes(id, counts.get(choice, 0)) for choice in CHOICES}
        title, total, most = book.tasks[id].title, sum(votes.values()), max(votes.values())
        if not total:
            notes.append(f"{title}: no votes, left as it was.")
            continue
        first = [choice for choice, n in votes.items() if n == most]
        tasks[id] = CHOICES[first[0]] if len(first) == 1 else MIDDLE
        tally = f"{votes['allowed']} allowed, {votes['conditions']} with conditions, {votes['not_allowed']} not allowed"
        notes.append(f"{title}: {book.task_values[tasks[id]]} ({tally}{'; a tie' if len(first) > 1 else ''}).")
    return Filled(draft.with_answers(tasks=tasks), tuple(notes))


def _votes(id: str, count) -> int:
    if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count <= MOST_VOTES:
        raise BadInput(f"The votes for {id} must be whole numbers from 0 to {MOST_VOTES:,}, got {str(count)[:40]!r}.")
    return count


def votes_json(results: Mapping[str, Mapping[str, int]]) -> str:
    """The votes as a file that the builder opens."""
    return json.dumps({"schema": SCHEMA, "format": 1, "results": results}, indent=1) + "\n"


def read_votes(text: str) -> Mapping | None:
    """The results in a file from `votes_json`; None where the text is something else."""
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(given, dict) or given.get("schema") != SCHEMA:
        return None
    results = given.get("results")
    if not isinstance(results, dict) or not all(isinstance(counts, dict) for counts in results.values()):
        raise BadInput("The file of votes holds no results; nothing was changed.")
    return results
