"""One thread does what many wait for, and each waits no longer than its own time."""

import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from fhirgate.errors import EhrError


@contextmanager
def alone(lock: threading.Lock, seconds: float, too_late: Callable[[], EhrError]) -> Iterator[None]:
    """Hold the lock, as soon as whoever has it is done; `seconds` may be infinite. Raises `too_late()` after them."""
    timeout = -1 if seconds == math.inf else max(0.0, min(seconds, threading.TIMEOUT_MAX))
    if not lock.acquire(timeout=timeout):
        raise too_late()
    try:
        yield
    finally:
        lock.release()
