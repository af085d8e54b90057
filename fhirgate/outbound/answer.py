"""What a server answered, read to its end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole answer; printing it shows nothing of a patient."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    """By lower-case name."""
    body: bytes = field(repr=False)
    """Decompressed."""
    json: Any = field(default=None, repr=False)
    """The body as exact JSON (fhirgate/exact_json.py) when the call asked for JSON; None when there was none."""
    url: str = field(repr=False)
    """As it was called; may hold identifiers."""
    request_id: str
    """The X-Request-Id of the try that was answered."""
    tries: int = 1
    elapsed_seconds: float
    """From the start of the call, with earlier tries and waits."""

    def header(self, name: str) -> str | None:
        """One header, in any case of its letters."""
        return self.headers.get(name.lower())
