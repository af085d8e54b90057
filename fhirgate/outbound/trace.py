"""What may be told of each try of a call; `--trace` prints it, and a log may keep it."""

from collections.abc import Callable
from dataclasses import dataclass

from fhirgate.outbound.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One request on the wire, or one that was held back: no ids, no values, no headers, no bodies."""

    server: str
    request_id: str
    number: int
    """1 for the first try of a call."""
    method: str
    place: Place
    status: int | None
    """None when no answer came."""
    received_bytes: int
    milliseconds: int
    outcome: str
    """In words: `answered`, or what went wrong."""

    def __str__(self) -> str:
        status = "---" if self.status is None else str(self.status)
        again = f" (try {self.number})" if self.number > 1 else ""
        told = "" if self.outcome == ANSWERED else f": {self.outcome}"
        return (
            f"{self.server}: {self.method} {self.place} -> {status} {self.received_bytes} B "
            f"{self.milliseconds} ms {self.request_id}{again}{told}"
        )


ANSWERED = "answered"
Sink = Callable[[Try], None]
"""Told of every try when it has ended; called by many threads."""


def unseen(_try: Try) -> None:
    """For those who do not want to know."""
