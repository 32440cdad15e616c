"""Two policies side by side: which tasks became freer or stricter, which answers differ, clause by clause."""

from dataclasses import dataclass

from policy import answers as said
from policy.builder import policy, title
from policy.draft import Draft
from policy.lint import answer_words
from policy.rulebook import rulebook

FREEDOM = ("prohibited", "conditional", "permitted", "required")   # from the strictest on


@dataclass(frozen=True)
class Difference:
    """One thing in which two policies differ. way: "stricter", "freer" or "" where there is no order. a, b: each side in
    words, "" where it says nothing."""

    section: str
    what: str
    a: str
    b: str
    way: str = ""


@dataclass(frozen=True)
class Comparison:
    """titles of both, their differences in the order of the sections, and how many questions and tasks agree."""

    titles: tuple[str, str]
    differences: tuple[Difference, ...]
    same: int

    def summary(self) -> str:
        """"3 differences in 2 sections (2 tasks stricter, 1 freer); 40 answers and tasks agree." """
        number, sections = len(self.differences), len({d.section for d in self.differences})
        if not number:
            return f"No difference; all {self.same} answers and tasks agree."
        ways = [f"{n} task{'s' * (n != 1)} {way}" for way in ("stricter", "freer")
                if (n := sum(d.way == way for d in self.differences))]
        return (f"{number} difference{'s' * (number != 1)} in {sections} section{'s' * (sections != 1)}"
                + (f" ({', '.join(ways)})" if ways else "") + f"; {self.same} answers and tasks agree.")

    def to_dict(self) -> dict:
        return {"a": self.titles[0], "b": self.titles[1], "summary": self.summary(), "same": self.same,
                "differences": [vars(difference) for difference in self.differences]}


def compare(a: Draft, b: Draft) -> Comparison:
    """What changes from a to b."""
    book = rulebook()
    one, two = (said.in_force(draft.answers, draft.sections) for draft in (a, b))
    found, same = [], 0
    for section in book.sections.values():
        rows = [*_answers(section, one, two), *(_tasks(one, two) if section.id == "uses" else ())]
        found += [row for row in rows if row]
        same += rows.count(None)
        words = _typed(section, a, b)
        found += [words] if words else []
    return Comparison((title(a), title(b)), tuple(found), same)


def _answers(section, one: dict, two: dict) -> list[Difference | None]:
    rows = []
    for name in section.questions:
        if name == "tasks" or (name not in one and name not in two):
            continue
        prompt, sides = rulebook().questions[name].prompt, [answer_words(name, side[name]) if name in side else ""
                                                            for side in (one, two)]
        rows.append(None if one.get(name) == two.get(name) else Difference(section.title, prompt, *sides))
    return rows


def _tasks(one: dict, two: dict) -> list[Difference | None]:
    book, rows = rulebook(), []
    for task in book.tasks.values():
        a, b = one.get("tasks", {}).get(task.id), two.get("tasks", {}).get(task.id)
        if a is None and b is None:
            continue
        way = "" if a not in FREEDOM or b not in FREEDOM or a == b \
            else "stricter" if FREEDOM.index(b) < FREEDOM.index(a) else "freer"
        rows.append(None if a == b else Difference(book.sections["uses"].title, task.title, book.task_values.get(a, ""),
                                                   book.task_values.get(b, ""), way))
    return rows


def _typed(section, a: Draft, b: Draft) -> Difference | None:
    """What was written or cited by hand in this section, where the two differ in it."""
    sides = ["\n".join([*(line.text for line in policy(draft).lines if line.section == section.id and line.edited),
                        *(cite.text for cite in draft.cites if cite.section == section.id)]).strip() for draft in (a, b)]
    return Difference(section.title, "Own words", *sides) if sides[0] != sides[1] else None
