"""What a visit leaves on the server: one bounded store, with keys made here.

A visit's key is random and made by the server, because a browser chooses its own session hash. Gradio's state keeps
only the key. Weights, snapshots and the ledger live here, and go when the page is closed, when nobody has used them for
a while, or when newer visits need the room.
"""

import secrets
import threading
import time
from collections import OrderedDict, deque
from dataclasses import dataclass, field

from genai_core.errors import BadInput

MOST_VISITS = 300
IDLE_S = 2 * 3600.0   # a lecture with a break
MOST_RESULTS = 200    # of one visit's ledger
MOST_MEMORIES = 24    # snapshots that one tab may keep for one visit
MOST_TABLES = 4       # tabs whose last numbers are kept for download


@dataclass(frozen=True)
class Quantity:
    """A number with its range and unit; low = value = high where it is exact. unit "" for a count."""

    low: float
    value: float
    high: float
    unit: str = ""

    @classmethod
    def exact(cls, value: float, unit: str = "") -> "Quantity":
        return cls(value, value, value, unit)


@dataclass(frozen=True)
class Result:
    """What every run leaves, live or recorded.

    link: the query that repeats it. numbers: {name: Quantity}. cost: a demos._cost.Cost, or None where it was not
    measured. badge: "live", "recorded" or "example". ended: "finished", "stopped" or "cap".
    """

    tab: str
    link: str
    seed: int | None
    numbers: dict[str, Quantity]
    cost: object
    badge: str
    ended: str = "finished"


class Memory(OrderedDict):
    """What a lab keeps between the runs of one visit, such as snapshots: the oldest goes when there are too many."""

    def __setitem__(self, name, value):
        super().__setitem__(name, value)
        self.move_to_end(name)
        while len(self) > MOST_MEMORIES:
            self.popitem(last=False)


class Run:
    """One run under way. `stop` asks it to end; `ended` is set when its last work on the server is done."""

    def __init__(self):
        self.stop, self.ended = threading.Event(), threading.Event()


@dataclass
class Visit:
    """One open page. Its fields are changed only under its lock, or by the one run that owns them."""

    key: str
    page: str = ""
    used: float = 0.0
    ledger: deque = field(default_factory=lambda: deque(maxlen=MOST_RESULTS))
    memories: dict[str, Memory] = field(default_factory=dict)
    tables: OrderedDict = field(default_factory=OrderedDict)
    runs: dict[str, Run] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def begin(self, tab: str) -> Run:
        """The visit's one run in this tab; BadInput while another is under way."""
        with self.lock:
            if tab in self.runs:
                raise BadInput("This lab is already running. Stop it first, or wait until it ends.")
            run = self.runs[tab] = Run()
            return run

    def end(self, tab: str, run: Run) -> None:
        with self.lock:
            if self.runs.get(tab) is run:
                del self.runs[tab]
        run.ended.set()

    def stop(self, tab: str) -> Run | None:
        """Ask the run in this tab to end; -> it, or None where none is under way."""
        with self.lock:
            run = self.runs.get(tab)
        if run:
            run.stop.set()
        return run

    def running(self, tab: str) -> bool:
        with self.lock:
            return tab in self.runs

    def memory(self, tab: str) -> Memory:
        with self.lock:
            return self.memories.setdefault(tab, Memory())

    def note(self, result: Result) -> None:
        with self.lock:
            self.ledger.append(result)

    def results(self) -> list[Result]:
        with self.lock:
            return list(self.ledger)

    def has_run(self, tab: str) -> bool:
        with self.lock:
            return tab in self.runs or any(result.tab == tab for result in self.ledger)

    def keep_table(self, tab: str, rows: tuple[dict, ...]) -> None:
        with self.lock:
            self.tables[tab] = rows
            self.tables.move_to_end(tab)
            while len(self.tables) > MOST_TABLES:
                self.tables.popitem(last=False)


class Store:
    """Visits by key: at most `most`, each forgotten `idle_s` after its last use. Safe to use from many threads."""

    def __init__(self, most: int = MOST_VISITS, idle_s: float = IDLE_S, clock=time.monotonic):
        self.most, self.idle_s, self._clock = most, idle_s, clock
        self._lock = threading.Lock()
        self._visits: OrderedDict[str, Visit] = OrderedDict()  # least recently used first
        self._pages: dict[str, str] = {}                       # page session -> key, for `leave` alone

    def __len__(self) -> int:
        with self._lock:
            self._forget_idle()
            return len(self._visits)

    def keys(self) -> list[str]:
        """The keys of the visits that are open just now."""
        with self._lock:
            return list(self._visits)

    def open(self, page: str = "") -> Visit:
        """A new visit with a fresh key. page: the session that `leave` will name when the page is closed."""
        with self._lock:
            self._forget_idle()
            visit = Visit(secrets.token_urlsafe(16), page, self._clock())
            self._visits[visit.key] = visit
            if page:
                self._pages[page] = visit.key
            while len(self._visits) > self.most:
                self._drop(next(iter(self._visits)))
            return visit

    def get(self, key: str | None) -> Visit | None:
        """The visit, freshly used; None where the key is unknown or too old."""
        with self._lock:
            self._forget_idle()
            visit = self._visits.get(key)
            if visit:
                visit.used = self._clock()
                self._visits.move_to_end(key)
            return visit

    def leave(self, page: str) -> None:
        """The page was closed: stop what it runs and forget what it made."""
        with self._lock:
            key = self._pages.get(page)
            if key:
                self._drop(key)

    def _drop(self, key: str) -> None:
        visit = self._visits.pop(key)
        if self._pages.get(visit.page) == key:
            del self._pages[visit.page]
        for run in list(visit.runs.values()):
            run.stop.set()

    def _forget_idle(self) -> None:
        now = self._clock()
        while self._visits:
            key, visit = next(iter(self._visits.items()))
            if now - visit.used <= self.idle_s:
                return
            self._drop(key)
