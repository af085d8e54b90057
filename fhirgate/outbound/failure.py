"""One try that failed: what to tell, which error it becomes when no further try follows, and whether one may."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from fhirgate.errors import EhrError, EhrGarbled, EhrThrottled, EhrUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A value and not an exception, so that nothing of the original error (it holds the URL) hangs on to ours."""

    words: str
    """What happened, continuing the sentence `server … : GET … : it …`."""
    error: Callable[[str], EhrError]
    """Makes the error from the whole message."""
    repeat: bool = False
    """Whether a further try may help."""
    hurts: bool = False
    """Whether it speaks against the server's health."""
    status: int | None = None
    received_bytes: int = 0
    retry_after: float | None = None
    """What the server asked us to wait [s]."""


def unreachable(words: str, *, repeat: bool = True) -> Failure:
    """It failed before the request left."""
    return Failure(words=words, error=EhrUnavailable, repeat=repeat, hurts=True)


def broken_off(words: str, status: int | None = None) -> Failure:
    """It failed when the request may have arrived."""
    error = partial(EhrUnavailable, reached=True, status=status)
    return Failure(words=words, error=error, repeat=True, hurts=True, status=status)


def garbled(words: str, status: int) -> Failure:
    """It answered what cannot be read."""
    return Failure(words=words, error=partial(EhrGarbled, status=status), status=status)


def held_back(seconds: float, reopens_at: datetime) -> Failure:
    """It failed so often that we do not call it for a while."""
    moment = reopens_at.isoformat(timespec="seconds")
    return Failure(
        words=f"not called, after too many failures in a row; tried again from {moment}",
        error=partial(EhrUnavailable, retry_after=seconds, reopens_at=reopens_at),
    )


def over_our_limit(seconds: float) -> Failure:
    """Our own limit, or an earlier Retry-After, leaves no turn before the deadline."""
    return Failure(
        words=f"not called, as its turn comes in {seconds:.1f} s, after the deadline of this call",
        error=partial(EhrThrottled, retry_after=seconds),
    )


def no_free_connection(concurrency: int) -> Failure:
    """All the requests we make at the same time are under way."""
    return Failure(
        words=f"not called, as {concurrency} earlier requests were still under way at the deadline",
        error=EhrThrottled,
    )
