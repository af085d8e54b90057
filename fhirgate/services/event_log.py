"""Events as lines of JSON, and what libraries log cut down to where they logged it."""

import logging
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import BinaryIO

from fhirgate.services.events import Event, LibraryTold, Sink, fault_of, line_of


def _now() -> datetime:
    return datetime.now(UTC)


class EventLog:
    """Writes each event whole, from any thread."""

    def __init__(self, stream: BinaryIO, clock: Callable[[], datetime] = _now) -> None:
        self._stream = stream
        self._clock = clock
        self._lock = threading.Lock()

    def write(self, event: Event) -> None:
        """Write a line. A log that cannot be written, as on a full disk, stops nothing."""
        line = line_of(event, self._clock())
        try:
            with self._lock:
                self._stream.write(line)
                self._stream.flush()
        except (OSError, ValueError):
            # ValueError: the stream was closed.
            pass


class LibraryHandler(logging.Handler):
    """Tells that a library logged something, and where; never its words, which may quote a record or a URL."""

    def __init__(self, told: Sink) -> None:
        super().__init__(logging.WARNING)
        self._told = told

    def emit(self, record: logging.LogRecord) -> None:
        """Tell of one record."""
        self._told(
            LibraryTold(
                level=record.levelname.lower(), logger=record.name, module=record.module, line=record.lineno
            )
        )


def to_stderr() -> LibraryHandler:
    """The handler of a process that has no log of ours yet."""
    return LibraryHandler(EventLog(sys.stderr.buffer).write)


def hear_libraries(told: Sink) -> None:
    """Have every library of this process, and every thread that ends in an exception, tell us and nobody else."""
    root = logging.getLogger()
    root.handlers = [LibraryHandler(told)]
    root.setLevel(logging.WARNING)

    def ended(of: threading.ExceptHookArgs) -> None:
        # Python would print the exception's words.
        if of.exc_value is not None:
            told(fault_of(of.exc_value))

    threading.excepthook = ended
