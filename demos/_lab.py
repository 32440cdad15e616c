"""What a lab is, and how it is played. No Gradio here: tests and the command line play labs too.

A lab is described, not wired: `Lab(controls, run, pictures, ...)`. Its `run` is a generator of `Moment`s, one after
each small piece of work. The frame decides when to look, when to stop, and what it cost.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from demos._controls import echo
from demos._session import Memory, Quantity
from genai_core.errors import BadInput
from policy.meters import card_energy_wh

MAX_SECONDS = 60.0   # a frozen browser never says stop, so every run ends by itself
RESERVED = {"tab", "visit", "zone", "guess", "memory", "more"}  # names that the frame and the links use themselves
LOOK_EVERY_S = 0.1   # ten pictures a second; drawing costs many times an update


@dataclass(frozen=True)
class View:
    """What one look at a run shows.

    pictures: {name: JSON string for that picture's canvas}. words: one sentence made from the run's own numbers.
    numbers: {name: Quantity}, for the ledger, the verdict and the CSV. rows: the whole table so far, one dict a row;
    where it is empty the frame makes a row from the numbers of every look. settings: {control: value} of what was turned
    on the way, for the link that repeats the run. recorded: it shows what was run before, elsewhere.
    """

    pictures: dict[str, str]
    words: str
    numbers: dict[str, Quantity] = field(default_factory=dict)
    rows: tuple[dict, ...] = ()
    settings: dict = field(default_factory=dict)
    recorded: bool = False


@dataclass(frozen=True)
class Moment:
    """After each small piece of work (at most 0.2 s of it): where the run is, and how to look at it.

    step counts from 1 to steps. look() -> View must not change the run, and may be called never, or long after others.
    waited_for: look at this one in any case, such as the first picture after seconds of work.
    """

    step: int
    steps: int
    look: Callable[[], View]
    waited_for: bool = False


@dataclass(frozen=True)
class Predict:
    """A guess before the run. The question stands in the words. verdict(numbers) -> the choice that came true."""

    choices: tuple[str, ...]
    verdict: Callable[[dict[str, Quantity]], str]

    def check(self, guess) -> None:
        if guess is not None and guess not in self.choices:
            raise BadInput(f"Predict: {echo(guess)} is not there; choose one of {', '.join(self.choices)}, or none.")


def asked_of(where: Mapping[str, str]) -> list[str]:
    """Names of the controls that such conditions ask for."""
    return list(dict.fromkeys(each.partition("=")[0] for condition in where.values() for each in condition.split("&")))


@dataclass(frozen=True)
class Lab:
    """One experiment.

    controls: {name: control of demos._controls}; a name is the parameter of `run` and the key in links, kept for ever.
    run(**controls): generator of Moments; raises BadInput for what the controls alone cannot see.
    pictures: {name: maker}, maker(elem_id=...) -> the component that a View's string of that name is drawn by.
    more: names of controls that stand under "More", in one form; at most five others and the seed are in view.
    where: {name under "More": "model=a|b&regime=c"}: it stands there only where this holds, or where it is not at its default.
    predict: the guess, or None. sources: functions and classes that ran, shown under the hood; or a function that
    returns them, so that opening the page need not import what they need.
    replay(recording) -> View of the tab's recorded run (genai_core.recorded), or None where there is none.
    examples: settings to start from with one click, each {control: value} with the same names; example_names: what to call them
    on screen, where the values say too little; example_groups: (title, how many of them) for a list that is
    too long for one title. picks: names of pictures in which a setting can be pressed: the browser sends
    {control: value} with the event `click`, the controls take it, and it is run.
    live: names of controls that a run takes while it is under way: the frame appends {name: value} of all of them to the deque
    that the run has put into memory["turned"].
    hint(**controls) -> a remark on what is typed, "" for none; asked while the user types, so it must be quick.
    notebook(**controls) -> nbformat notebook that runs by itself, or None. package(**controls) -> bytes of a zip with a
    notebook and the weights it needs, or None. remembers: run also takes `memory`, a
    dict of the visit's own for snapshots. unit: what a step is called, "update". max_seconds: the cap, 60 at most.
    warm() loads, behind the first page, what the first run would otherwise wait for.
    """

    controls: Mapping[str, object]
    run: Callable[..., Iterator[Moment]]
    pictures: Mapping[str, Callable]
    more: tuple[str, ...] = ()
    where: Mapping[str, str] = field(default_factory=dict)
    predict: Predict | None = None
    sources: tuple | Callable[[], tuple] = ()
    replay: Callable[..., View] | None = None
    examples: tuple[dict, ...] = ()
    example_names: tuple[str, ...] = ()
    example_groups: tuple[tuple[str, int], ...] = ()
    picks: tuple[str, ...] = ()
    live: tuple[str, ...] = ()
    hint: Callable[..., str] | None = None
    notebook: Callable | None = None
    package: Callable[..., bytes] | None = None
    remembers: bool = False
    unit: str = "step"
    max_seconds: float = MAX_SECONDS
    warm: Callable[[], None] | None = None

    def __post_init__(self):
        in_view = [n for n in self.controls if n not in self.more and n != "seed"]
        if len(in_view) > 5:
            raise ValueError(f"at most five controls are in view, got {', '.join(in_view)}; name some in `more`")
        if self.example_groups and sum(many for _, many in self.example_groups) != len(self.examples):
            raise ValueError(f"`example_groups` must hold all {len(self.examples)} examples")
        if unknown := set(self.more) - set(self.controls):
            raise ValueError(f"`more` names controls that are not there: {', '.join(sorted(unknown))}")
        if unknown := (set(self.where) - set(self.more)) | (set(asked_of(self.where)) - set(self.controls)):
            raise ValueError(f"`where` names what is not under More, or asks for controls that are not there: {', '.join(sorted(unknown))}")
        if unknown := set(self.live) - set(self.controls) or (self.live and not self.remembers):
            raise ValueError(f"`live` needs controls that are there and a lab that remembers: {unknown}")
        if taken := RESERVED & set(self.controls):
            raise ValueError(f"a control cannot be called {', '.join(sorted(taken))}: the frame uses that name itself")
        if not 0 < self.max_seconds <= MAX_SECONDS:
            raise ValueError(f"max_seconds must be above 0 and at most {MAX_SECONDS:g}, got {self.max_seconds}")

    def defaults(self) -> dict:
        return {name: control.default for name, control in self.controls.items()}

    def check(self, values: Mapping) -> dict:
        """The values, each checked; BadInput for the first that cannot be used. Under "more" may stand those of the form."""
        given = self.defaults() | dict(values)
        more = given.pop("more", None)
        if not isinstance(more, Mapping | None):
            raise BadInput(f"More: {echo(more)} is no form; give an object with a value for each name.")
        given |= more or {}
        return {name: control.check(given[name]) for name, control in self.controls.items()}


@dataclass(frozen=True)
class Shown:
    """One look as the frame shows it. ended: "" while it runs, then "finished", "stopped" or "cap"."""

    step: int
    steps: int
    view: View
    cpu_s: float
    seconds: float
    ended: str = ""
    rows: tuple[dict, ...] = ()
    card_wh: float | None = None  # by the graphics cards' own meter, None where there is none


def never() -> bool:
    return False


def drawn(before: float | None) -> float | None:
    """Wh that the cards have drawn since their meter stood at `before`; None where there is no meter to read."""
    after = None if before is None else card_energy_wh()
    return None if after is None else max(0.0, after - before)


def play(lab: Lab, values: Mapping, stopped: Callable[[], bool] = never, memory: Memory | None = None,
         every_s: float = LOOK_EVERY_S) -> Iterator[Shown]:
    """Run a lab, looking at most every `every_s` seconds and at the end. values: as `lab.check` returns them.

    Yields nothing when it is stopped before its first moment. CPU seconds are those of the calling thread, which is
    where all the work is done: heavy jobs run on one thread each.
    """
    extra = {"memory": memory if memory is not None else Memory()} if lab.remembers else {}
    began, cpu_s, looked, rows = time.monotonic(), 0.0, 0.0, []
    moments, last, ended = lab.run(**values, **extra), None, ""
    meter = card_energy_wh()

    def look() -> View:
        view = last.look()
        if not view.rows:
            rows.append({lab.unit: last.step, **{name: q.value for name, q in view.numbers.items()}})
        return view

    try:
        while not ended:
            mark = time.thread_time()
            moment = next(moments, None)
            now, view = time.monotonic(), None
            last = moment or last
            if moment is None:
                ended = "finished"
            elif stopped():
                ended = "stopped"
            elif now - began >= lab.max_seconds:
                ended = "cap"
            if last and (ended or moment.waited_for or now - looked >= every_s):
                view, looked = look(), now
            cpu_s += time.thread_time() - mark
            if view:
                yield Shown(last.step, last.steps, view, cpu_s, time.monotonic() - began, ended,
                            (view.rows or tuple(rows)) if ended else (), drawn(meter) if ended else None)
    finally:
        moments.close()
