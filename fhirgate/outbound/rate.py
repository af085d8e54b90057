"""How gently a server is called: requests per second and at the same time, for all threads together."""

import threading
from collections.abc import Callable

LONGEST_PAUSE = 300.0
"""How long one answer can make all calls to its server wait [s]; a longer Retry-After is told and not waited for."""


class Pace:
    """A token bucket: `burst` requests at once, then one for each token that comes back.

    It is kept as the moment at which the bucket would be full again (the generic cell rate algorithm).
    """

    def __init__(self, rate_per_second: float | None, burst: int, monotonic: Callable[[], float]) -> None:
        self._each = 1 / rate_per_second if rate_per_second else 0.0
        self._ahead = (burst - 1) * self._each
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._full_at = 0.0
        self._not_before = 0.0

    def turn(self, within: float) -> float:
        """Seconds until this call may go. Its place is taken only if that is less than `within`."""
        with self._lock:
            now = self._monotonic()
            start = max(now, self._not_before)
            full_at = max(self._full_at, start)
            wait = max(start, full_at - self._ahead) - now
            if wait < within:
                self._full_at = full_at + self._each
            return wait

    def pause(self, seconds: float) -> None:
        """Let no further call go for a while: one was told to wait, and the others are no better."""
        with self._lock:
            until = self._monotonic() + min(seconds, LONGEST_PAUSE)
            self._not_before = max(self._not_before, until)
