"""What a call takes from the machine: time, chance and DNS; handed in, so that tests decide them."""

import random
import socket
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime


def addresses_of(host: str, port: int) -> Sequence[str]:
    """The addresses the system's resolver gives for a host, in its order. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


def _now() -> datetime:
    return datetime.now(UTC)


def _new_id() -> str:
    return uuid.uuid4().hex


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The machine as seen by outbound calls."""

    monotonic: Callable[[], float] = time.monotonic
    """Seconds of a clock that never goes back; only differences matter."""
    now: Callable[[], datetime] = _now
    """The wall clock, for Retry-After dates and for telling when calls are tried again."""
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    """Uniform between 0 and 1."""
    resolve: Callable[[str, int], Sequence[str]] = addresses_of
    new_id: Callable[[], str] = _new_id
