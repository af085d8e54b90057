"""One deadline for a whole call, down to the single read of a socket.

A timeout for each read is not enough: a server that sends one byte a second would never run into it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """A moment by which a call has ended, one way or the other."""

    at: float
    """On the clock of `monotonic` [s]."""
    monotonic: Callable[[], float]

    def left(self) -> float:
        """Seconds until then; zero or less when it has passed."""
        return self.at - self.monotonic()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long the steps of one try may take [s]."""

    deadline: Deadline
    connect_seconds: float
    read_seconds: float

    def to_connect(self) -> float:
        """Seconds for TCP or TLS. Raises TimeoutError when the deadline has passed."""
        return self._at_most(self.connect_seconds)

    def connected_by(self) -> Deadline:
        """When all addresses of a host together have had their time."""
        monotonic = self.deadline.monotonic
        return Deadline(at=monotonic() + self.to_connect(), monotonic=monotonic)

    def to_read(self) -> float:
        """Seconds for the next bytes. Raises TimeoutError when the deadline has passed."""
        return self._at_most(self.read_seconds)

    def _at_most(self, seconds: float) -> float:
        left = self.deadline.left()
        if left <= 0:
            raise TimeoutError("the deadline of the call has passed")
        return min(seconds, left)


_LIMITS: ContextVar[Limits] = ContextVar("limits of the call of this thread")


@contextmanager
def limits_of_this_thread(limits: Limits) -> Iterator[None]:
    """Let the sockets used by this thread know the call they work for."""
    token = _LIMITS.set(limits)
    try:
        yield
    finally:
        _LIMITS.reset(token)


def limits() -> Limits:
    """The limits of the call this thread is in."""
    return _LIMITS.get()
