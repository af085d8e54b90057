"""Who is calling: a bearer token (RFC 6750), and how often each caller may ask."""

import threading
from collections.abc import Callable, Mapping

from fhirgate.services.callers import Caller, recognise
from fhirgate.web.problem import Problem

REALM = 'Bearer realm="fhirgate"'
_BURST = 0.1
"""The share of a minute's requests that may come at once."""


def caller_of(callers: tuple[Caller, ...], authorization: str | None) -> Caller:
    """Whose token the Authorization header holds. Raises Problem 401."""
    scheme, _, token = (authorization or "").strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Problem(
            status=401,
            kind="no-token",
            detail="send a token of yours: Authorization: Bearer TOKEN",
            headers={"WWW-Authenticate": REALM},
        )
    caller = recognise(callers, token.strip())
    if caller is None:
        raise Problem(
            status=401,
            kind="unknown-token",
            detail="this token is not known here",
            headers={"WWW-Authenticate": f'{REALM}, error="invalid_token"'},
        )
    return caller


class Pace:
    """So many requests of each caller a minute, in this process; a tenth of them at once (a token bucket)."""

    def __init__(self, callers: tuple[Caller, ...], monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._full_at: dict[str, float] = {}
        self._each: Mapping[str, float] = {each.name: 60 / each.requests_per_minute for each in callers}

    def take(self, caller: Caller) -> None:
        """Count a request. Raises Problem 429, which is not counted."""
        each = self._each[caller.name]
        ahead = max(1.0, caller.requests_per_minute * _BURST) * each
        with self._lock:
            now = self._monotonic()
            full_at = max(self._full_at.get(caller.name, now), now) + each
            wait = full_at - ahead - now
            if wait <= 0:
                self._full_at[caller.name] = full_at
                return
        raise Problem(
            status=429,
            kind="too-many-requests",
            detail=f"more than {caller.requests_per_minute} requests a minute",
            headers={"Retry-After": str(int(wait) + 1)},
        )
