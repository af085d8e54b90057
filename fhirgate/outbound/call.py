"""One call as its caller wants it: what to send, what to take as an answer, how long to try."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypedDict

ANY_STATUS = frozenset(range(100, 600))
"""For `Call.expected`: every status is an answer, nothing of it an error; redirects are still not followed."""
MOST_BYTES = 64 << 20
"""The largest body read, unless a call says otherwise [bytes, after decompression]."""
REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
"""Methods that mean the same when sent twice (RFC 9110 §9.2.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request and the terms on which it is made."""

    method: str = "GET"
    url: str = field(repr=False)
    """Relative to the destination's base, or absolute on its origin; already percent-encoded."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    expected: frozenset[int] = frozenset()
    """Statuses beside 2xx that are answers, such as 404, 409, 412."""
    json: bool = True
    """Whether the answer is to be JSON (application/fhir+json is asked for); else it is left as bytes."""
    repeatable: bool | None = None
    """Whether it may be sent twice; by its method when None."""
    total_seconds: float | None = None
    """For this call with everything; the destination's `timeouts.total` when None."""
    most_bytes: int = MOST_BYTES

    @property
    def may_repeat(self) -> bool:
        """Whether a second try does no harm."""
        return self.method in REPEATABLE if self.repeatable is None else self.repeatable


class Terms(TypedDict, total=False):
    """The terms of a call by name, for `Outbound.get` and its like."""

    headers: Mapping[str, str]
    expected: frozenset[int]
    json: bool
    repeatable: bool | None
    total_seconds: float | None
    most_bytes: int
