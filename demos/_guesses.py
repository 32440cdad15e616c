"""Guessing room codes is slowed down; joining is not. Only a wrong code costs, right ones from the same address are free,
and a code that was right from an address stays open to it: nobody is locked out of a room by a neighbour who guesses."""

import threading
import time
from collections import OrderedDict

from policy.errors import BadInput

MOST_KEYS = 5000


class TooMany(BadInput):
    """Too much of something came from one address. wait_s: until the next is taken."""

    def __init__(self, what: str, wait_s: float):
        self.wait_s = max(1, round(wait_s))
        super().__init__(f"{what} Try again in {self.wait_s} s.")


class Allowance:
    """At most `most` at once for each key, and one more every `seconds`. Bounded; safe to use from many threads."""

    def __init__(self, most: int, seconds: float, clock=time.monotonic):
        self.most, self.seconds, self._clock = most, seconds, clock
        self._lock, self._left = threading.Lock(), OrderedDict()

    def wait_s(self, key: str) -> float:
        """How long until one more is allowed; 0 where it is now."""
        with self._lock:
            return max(0.0, (1 - self._now(key)) * self.seconds)

    def take(self, key: str) -> None:
        with self._lock:
            self._left[key] = (self._now(key) - 1, self._clock())
            self._left.move_to_end(key)
            while len(self._left) > MOST_KEYS:
                self._left.popitem(last=False)

    def _now(self, key: str) -> float:
        left, at = self._left.get(key, (self.most, self._clock()))
        return min(self.most, left + (self._clock() - at) / self.seconds)


class Guesses:
    """Who may still try codes. A class of 200 behind one address mistypes now and then: 40 wrong codes at once are free."""

    def __init__(self, clock=time.monotonic):
        self.each = Allowance(40, 3.0, clock)       # of one address
        self.all = Allowance(2000, 0.1, clock)      # over all, for who has many addresses
        self._lock, self._right = threading.Lock(), OrderedDict()

    def check(self, address: str, code: str) -> None:
        """TooMany where this address has sent too many wrong codes, and none of them was this one. Costs nothing."""
        wait = max(self.each.wait_s(address), self.all.wait_s(""))
        if wait and (address, code) not in self._right:
            raise TooMany("Too many wrong codes came from this network.", wait)

    def right(self, address: str, code: str) -> None:
        with self._lock:
            self._right[address, code] = True
            self._right.move_to_end((address, code))
            while len(self._right) > MOST_KEYS:
                self._right.popitem(last=False)

    def wrong(self, address: str) -> None:
        self.each.take(address)
        self.all.take("")
