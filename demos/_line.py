"""The queue for heavy work: a few run at once, the others wait in order and know their place.

It is ours and not Gradio's, because Gradio tells the place only inside the progress overlay, which would cover the
picture. A run takes its ticket inside its own generator, so whatever ends the generator (Stop, a closed tab) also
gives the ticket back.
"""

import math
import threading
import time
from collections import deque

from genai_core.errors import BadInput

FIRST_GUESS_S = 10.0  # how long a run takes, until the first few have told
RECENT = 20           # runs that the estimate looks back on


class Line:
    """slots: runs at once, one thread each. most: how many may wait before the next is refused. cap_s: longest run."""

    def __init__(self, slots: int = 2, most: int = 40, cap_s: float = 60.0):
        self.slots, self.most, self.cap_s = slots, most, cap_s
        self._turn = threading.Condition()
        self._waiting: list[Ticket] = []
        self._running: list[Ticket] = []
        self._lasted: deque[float] = deque(maxlen=RECENT)

    def join(self) -> "Ticket":
        """A ticket at the end of the line; raises BadInput when too many wait. Leave it with `ticket.leave()`."""
        with self._turn:
            if len(self._waiting) >= self.most:
                raise BadInput(f"{len(self._waiting)} runs wait already, so this one was not added. "
                               f"Try again in about {math.ceil(self._seconds_to(len(self._waiting)))} s.")
            ticket = Ticket(self)
            self._waiting.append(ticket)
            self._advance()
            return ticket

    def running(self) -> int:
        """How many runs are at work just now."""
        with self._turn:
            return len(self._running)

    def _advance(self) -> None:
        while self._waiting and len(self._running) < self.slots:
            ticket = self._waiting.pop(0)
            ticket.started = time.monotonic()
            self._running.append(ticket)
        self._turn.notify_all()

    def _seconds_to(self, place: int) -> float:
        """Estimated seconds until the run with `place` others waiting before it may start."""
        usual = sum(self._lasted) / len(self._lasted) if self._lasted else FIRST_GUESS_S
        now = time.monotonic()
        free = sorted(t.left(now, usual) for t in self._running)
        free = ([0.0] * (self.slots - len(free)) + free)[: self.slots]
        for _ in range(place):
            free = sorted([free[0] + usual, *free[1:]])
        return free[0]


class Ticket:
    """One run's place. started: None while it waits. part: share of the work done, which the run keeps up to date."""

    def __init__(self, line: Line):
        self._line, self.started, self.part = line, None, 0.0

    def left(self, now: float, usual: float) -> float:
        """Estimated seconds until this running one ends: from its own pace, else from what is usual."""
        gone = now - self.started
        left = gone * (1 - self.part) / self.part if self.part > 0.02 else max(1.0, usual - gone)
        return max(0.0, min(left, self._line.cap_s - gone))

    def wait(self, seconds: float) -> bool:
        """Wait at most this long for the turn; -> whether it has come."""
        with self._line._turn:
            if self.started is None:
                self._line._turn.wait(seconds)
            return self.started is not None

    def place(self) -> tuple[int, int]:
        """(place in the line from 1, seconds until the start, estimated); (0, 0) once it runs or has left."""
        with self._line._turn:
            if self not in self._line._waiting:
                return 0, 0
            before = self._line._waiting.index(self)
            return before + 1, math.ceil(self._line._seconds_to(before))

    def leave(self) -> None:
        """Give the place back, waiting or running. Harmless when repeated."""
        with self._line._turn:
            if self in self._line._waiting:
                self._line._waiting.remove(self)
            elif self in self._line._running:
                self._line._running.remove(self)
                if self.part >= 1:  # one that was stopped says nothing about the next
                    self._line._lasted.append(time.monotonic() - self.started)
            self._line._advance()
