"""Holding back from a server that fails: after so many failures in a row, one call in a while is let through."""

import threading
from collections.abc import Callable


class Breaker:
    """Counts the failed tries of one server, over all threads."""

    def __init__(self, failures: int, hold_seconds: float, monotonic: Callable[[], float]) -> None:
        self._limit = failures
        self._hold = hold_seconds
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._in_a_row = 0
        self._held_until: float | None = None

    def seconds_held(self) -> float:
        """0 when a try may go now; else how long until the next may.

        The first one after the wait goes alone: the hold is prolonged when it goes and ends when it works, so
        that one that never comes back bars nobody for longer than another hold.
        """
        with self._lock:
            if self._held_until is None:
                return 0.0
            now = self._monotonic()
            if now < self._held_until:
                return self._held_until - now
            self._held_until = now + self._hold
            return 0.0

    def worked(self) -> None:
        """The server answered."""
        with self._lock:
            self._in_a_row = 0
            self._held_until = None

    def failed(self) -> None:
        """The server could not be reached, or failed."""
        with self._lock:
            self._in_a_row += 1
            if self._in_a_row >= self._limit:
                self._held_until = self._monotonic() + self._hold
