"""How often something may be asked for: so many times a minute, in this process."""

import threading
from collections.abc import Callable, Mapping

from fhirgate.web.problem import Problem

_BURST = 0.1
"""The share of a minute's requests that may come at once."""


class Pace:
    """So many requests of each name a minute; a tenth of them at once (a token bucket)."""

    def __init__(self, a_minute: Mapping[str, int], monotonic: Callable[[], float]) -> None:
        self._a_minute = dict(a_minute)
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._full_at: dict[str, float] = {}

    def take(self, name: str) -> None:
        """Count a request. Raises Problem 429, which is not counted."""
        a_minute = self._a_minute[name]
        each = 60 / a_minute
        ahead = max(1.0, a_minute * _BURST) * each
        with self._lock:
            now = self._monotonic()
            full_at = max(self._full_at.get(name, now), now) + each
            wait = full_at - ahead - now
            if wait <= 0:
                self._full_at[name] = full_at
                return
        raise Problem(
            status=429,
            kind="too-many-requests",
            detail=f"more than {a_minute} requests a minute",
            headers={"Retry-After": str(int(wait) + 1)},
        )
