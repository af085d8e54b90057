"""Whether and when a failed call is tried again.

Exponential backoff with full jitter (a wait anywhere between nothing and the step), so that many clients of one
server that failed together do not come back together; what the server asks for by Retry-After (RFC 9110 §10.2.3)
goes before it. A wait that would pass the deadline is not begun: the caller gets the failure and the time to wait.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from fhirgate.outbound.http_date import date_of

FIRST_STEP = 0.5
"""The longest wait before the second try [s]; it doubles with each."""
LONGEST_STEP = 8.0
"""No step is longer [s]."""
LONGEST_ASKED = 10.0**9
"""What Retry-After can ask for at most [s]: some 30 years, which no deadline waits for."""

_SECONDS = re.compile(r"[0-9]+")
_MANY_DIGITS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The waits of one call."""

    tries: int
    chance: Callable[[], float]

    def wait(self, tried: int, asked: float | None, left: float) -> float | None:
        """Seconds before the next try after `tried` ones, `left` before the deadline; None to give up."""
        if tried >= self.tries:
            return None
        jitter = self.chance()
        if asked is not None and asked > 0:
            wait = asked + jitter * FIRST_STEP
        else:
            wait = jitter * min(LONGEST_STEP, FIRST_STEP * 2 ** (tried - 1))
        return wait if wait < left else None


def seconds_asked(retry_after: str | None, now: datetime) -> float | None:
    """What a Retry-After header asks for [s], in either of its forms; None when it is absent or unreadable."""
    text = (retry_after or "").strip()
    if _SECONDS.fullmatch(text):
        return LONGEST_ASKED if len(text) >= _MANY_DIGITS else float(text)
    until = date_of(text)
    if until is None:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max(0.0, (until - now).total_seconds()), LONGEST_ASKED)
