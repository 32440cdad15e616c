"""A policy checked against itself: contradictions, risks, omissions, wording. The same findings every time; nothing is blocked.

Each finding shows the lines that collide, says why it matters with its source, and offers a step that makes it go away
where one is known. What a person sets aside with a reason is still shown, as set aside.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from policy import answers as said
from policy.builder import Policy, policy
from policy.conditions import ALLOWING, State, grounds, holds
from policy.document import Measure, measure, passages, sentences, words
from policy.draft import Draft
from policy.frameworks import cited
from policy.rulebook import Lint, Reference, rulebook

ORDER = ("error", "warning", "info")
TOO_LONG = 1.5          # times the most words of the audience's target
LONG_SENTENCE = 30      # words
NOT_ALLOWED = "prohibited"
SHOWN_TASKS = 3


@dataclass(frozen=True)
class Place:
    """One side of a finding. text: the line as it stands, or the question and its answer where nothing is printed."""

    section: str
    question: str
    text: str


@dataclass(frozen=True)
class Finding:
    """lint: the rule. places: the lines that collide. advice: what to do, in words. fixes: steps that a program can take,
    each with `say`. dismissed: the reason it was set aside for, "" where it was not."""

    lint: Lint
    places: tuple[Place, ...]
    advice: tuple[str, ...]
    fixes: tuple[Mapping, ...]
    dismissed: str = ""

    @property
    def sources(self) -> list[Reference]:
        return rulebook().sources(self.lint.sources)

    def to_dict(self) -> dict:
        lint = self.lint
        return {"id": lint.id, "level": lint.level, "kind": lint.kind, "title": lint.title, "message": lint.message,
                "why": lint.why, "places": [vars(place) for place in self.places], "advice": list(self.advice),
                "fixes": [dict(step) for step in self.fixes], "dismissed": self.dismissed,
                "references": cited(lint.references), "sources": [source.to_dict() for source in self.sources],
                "as_of": rulebook().as_of.isoformat()}


def findings(draft: Draft, counted: int | None = None) -> list[Finding]:
    """Every rule that fires, errors first, then by section. counted: words of the policy where somebody else counted them."""
    texts = Texts(policy(draft), counted)
    state = _state(texts)
    return sorted((_finding(lint, texts, state) for lint in _fired(draft, state)), key=_shelf)


def _shelf(finding: Finding) -> tuple:
    first = list(rulebook().sections).index(finding.lint.sections[0])
    return bool(finding.dismissed), ORDER.index(finding.lint.level), first, finding.lint.id


def count(found: list[Finding]) -> dict[str, int]:
    """{error: n, warning: n, info: n, dismissed: n}."""
    live = [finding.lint.level for finding in found if not finding.dismissed]
    return {level: live.count(level) for level in ORDER} | {"dismissed": len(found) - len(live)}


def _fired(draft: Draft, state: State):
    return (lint for lint in rulebook().lints.values()
            if (draft.audience is None or draft.audience in lint.audiences) and holds(lint.when, state))


def fires(lint: Lint, draft: Draft) -> bool:
    """Does this one rule fire?"""
    return (draft.audience is None or draft.audience in lint.audiences) and holds(lint.when, _state(Texts(policy(draft))))


# -- wording ----------------------------------------------------------------------------------------------------------

def _state(texts: "Texts") -> State:
    draft = texts.built.draft
    return State(said.in_force(draft.answers, draft.sections), lambda rule: bool(texts.matches(rule)))


class Texts:
    """What the text rules look at, taken apart only when asked. The text is compared as it reads, not as Markdown."""

    def __init__(self, built: Policy, counted: int | None = None):
        self.built, self.counted, self._found = built, counted, {}

    @property
    def free(self) -> dict[str, str]:
        """{question or "by hand": what a person typed}."""
        questions, draft = rulebook().questions, self.built.draft
        typed = {name: value for name, value in said.in_force(draft.answers, draft.sections).items()
                 if questions[name].type in ("text", "longtext")}
        by_hand = "\n".join(line.text for line in self.built.lines if line.edited)
        return typed | ({"by hand": by_hand} if by_hand.strip() else {})

    def matches(self, rule: str) -> list[tuple[str, str]]:
        """[(question, the place in the text)] where the rule matches."""
        if rule not in self._found:
            row = rulebook().text_rules[rule]
            self._found[rule] = list(RULES[row["type"]](self, rule, row))
        return self._found[rule]

    def _by_pattern(self, rule: str, row: Mapping):
        flags = re.IGNORECASE if "i" in row.get("flags", "") else 0
        pattern = re.compile("|".join(f"(?:{one})" for one in row["patterns"]), flags)
        for name, text in self.free.items():
            for part in _parts(text):
                if pattern.search(part):
                    yield name, part

    def _by_words(self, rule: str, row: Mapping):
        audience = rulebook().audiences.get(self.built.draft.audience)
        number = measure(self.built.markdown).words if self.counted is None else self.counted
        if audience and number > TOO_LONG * audience.target_words[1]:
            yield "title", f"{number:,} words; the target is {audience.target_words[0]} to {audience.target_words[1]:,}"

    def _by_sentence(self, rule: str, row: Mapping):
        for name, text in self.free.items():
            for part in (sentence for passage in passages(text) for sentence in sentences(passage)):
                if len(words(part)) > LONG_SENTENCE:
                    yield name, part

    def _by_rule(self, rule: str, row: Mapping):
        """brand_only: a sentence names a product and does not say that it is one of many. env_number_no_source: a figure
        of the footprint without a link, a year or a word such as "source"."""
        if rule == "env_number_no_source":
            claim = self.free.get("env_claim", "")
            if re.search(r"\d", claim) and not re.search(r"https?://|\b(?:19|20)\d\d\b|\b(?:source|paper|report|according)\b",
                                                         claim, re.IGNORECASE):
                yield "env_claim", claim
            return
        for name, text in self.free.items():
            for part in _parts(text):
                small = part.lower()
                if any(re.search(rf"\b{re.escape(brand)}\b", small) for brand in row["brands"]) \
                        and not any(soft in small for soft in row["softeners"]) and name not in ("approved", "local_policy"):
                    yield name, part


RULES: Mapping[str, Callable] = {"regex": Texts._by_pattern, "words": Texts._by_words,
                                 "sentence-words": Texts._by_sentence, "python-rule": Texts._by_rule}


def _parts(text: str) -> list[str]:
    """The sentences of typed text, each with its end."""
    return [part for row in text.split("\n") for part in re.split(r"(?<=[.!?])\s+", row) if part.strip()]


# -- what is shown ----------------------------------------------------------------------------------------------------

def _finding(lint: Lint, texts: "Texts", state: State) -> Finding:
    built = texts.built
    steps = [step for step in lint.fix if set(step) != {"say"}]
    working = tuple({**step, "say": spelled(step)} for step in steps if not fires(lint, applied(built.draft, step)))
    places = dict.fromkeys(place for leaf in grounds(lint.when, state) for place in _places(leaf, lint, texts, state))
    return Finding(lint, tuple(places), tuple(step["say"] for step in lint.fix if set(step) == {"say"}), working,
                   built.draft.dismissed.get(lint.id, ""))


def _places(leaf: Mapping, lint: Lint, texts: "Texts", state: State):
    """Where the text says what this condition is about."""
    book, built = rulebook(), texts.built
    if "text" in leaf:
        for name, part in texts.matches(leaf["text"]):
            section = book.questions[name].section if name in book.questions else lint.sections[0]
            yield Place(section, name if name in book.questions else "", part)
        return
    if {"task", "any_task", "derived"} & set(leaf):
        yield Place("uses", "tasks", "Task table: " + _task_words(leaf, state))
        return
    for name in [leaf["q"]] if "q" in leaf else [*leaf.get("days", (leaf.get("date"), leaf.get("before")))]:
        question, answer = book.questions[name], state.get(name)
        printed = [line for line in built.lines if name in line.asks and line.text.strip()]
        if printed and answer is not None and question.type in ("single", "multi"):
            yield Place(question.section, name, " ".join(passages("\n".join(line.text for line in printed[:1]))))
        else:
            yield Place(question.section, name, f"{question.prompt}: {answer_words(name, answer)}")


def answer_words(name: str, answer) -> str:
    """An answer in the words of its question."""
    options = rulebook().questions[name].options
    if answer is None:
        return "no answer"
    if isinstance(answer, list):
        return "; ".join(options[value] for value in answer)
    return options.get(answer, str(answer)) if isinstance(answer, str) else str(answer)


def _task_words(leaf: Mapping, state: State) -> str:
    book, tasks = rulebook(), state.tasks
    if "task" in leaf:
        return f"{book.tasks[leaf['task']].title}: {book.task_values.get(tasks.get(leaf['task']), 'not decided')}"
    wanted = {"forbids_all": (NOT_ALLOWED,), "allows_any": ALLOWING, "requires_any": ("required",)}.get(
        leaf.get("derived"), (leaf.get("any_task"),))
    rows = [id for id, value in tasks.items() if value in wanted]
    if leaf.get("derived") == "forbids_all":
        return f"every task is {book.task_values[NOT_ALLOWED]}"
    if not rows:
        return "no task is " + " or ".join(book.task_values[value] for value in wanted)
    shown = "; ".join(f"{book.tasks[id].title}: {book.task_values[tasks[id]]}" for id in rows[:SHOWN_TASKS])
    return shown + (f"; and {len(rows) - SHOWN_TASKS} more" if len(rows) > SHOWN_TASKS else "")


# -- fixes --------------------------------------------------------------------------------------------------------------

def applied(draft: Draft, step: Mapping) -> Draft:
    """The draft after a fix step; sections that it speaks of are switched on."""
    changed = dict(step.get("set", {}))
    for name, values in step.get("add", {}).items():
        changed[name] = [*draft.answers.get(name, ()), *values]
    for name, values in step.get("remove", {}).items():
        left = changed.get(name, draft.answers.get(name, ()))
        changed[name] = [value for value in left if value not in values]
    if "tasks" in step:
        changed["tasks"] = dict(draft.answers.get("tasks", {})) | step["tasks"]
    draft = draft.with_answers(**changed)
    book = rulebook()
    for name in changed:
        section = book.sections[book.questions[name].section]
        if not said.is_on(section, draft.audience, draft.sections):
            kept = tuple(one for one in draft.sections if one.removeprefix("-") != section.id)
            optional = said.level(section, draft.audience) == "optional"
            draft = replace(draft, sections=(*kept, section.id) if optional else kept)
    return draft


def spelled(step: Mapping) -> str:
    """A fix step in words: "set 'Which accounts?' to 'Provided account, or none: your choice'"."""
    book, parts = rulebook(), []
    for name, value in step.get("set", {}).items():
        parts.append(f"set “{book.questions[name].prompt}” to “{answer_words(name, value)}”")
    for verb, link in (("add", "to"), ("remove", "from")):
        for name, values in step.get(verb, {}).items():
            parts.append(f"{verb} “{answer_words(name, values)}” {link} “{book.questions[name].prompt}”")
    for task, value in step.get("tasks", {}).items():
        parts.append(f"set “{book.tasks[task].title}” to “{book.task_values[value]}”")
    said_ = ", and ".join(parts)
    return said_[:1].upper() + said_[1:]


def summary(found: list[Finding]) -> str:
    """"2 errors, 1 warning, 3 notes"."""
    number = count(found)
    parts = [f"{number[level]} {name}{'s' * (number[level] != 1)}" for level, name in
             (("error", "error"), ("warning", "warning"), ("info", "note")) if number[level]]
    return ", ".join(parts) or "nothing found"


def size(draft: Draft) -> tuple[Measure, bool, bool]:
    """(words and grade of the policy, within its audience's words, within its grade)."""
    found, audience = measure(policy(draft).markdown), rulebook().audiences.get(draft.audience)
    if audience is None or found.grade is None:
        return found, True, True
    least, most = audience.target_words
    return found, least <= found.words <= most, found.grade <= audience.target_grade
