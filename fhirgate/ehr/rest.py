"""One FHIR server: its statement, and calls within one patient's deadline."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from fhirgate.ehr.backend_auth import Authorizer, Open
from fhirgate.ehr.capability import Capability, parse_statement
from fhirgate.errors import EhrDenied, EhrRefused, EhrUnavailable
from fhirgate.outbound.address import address_of
from fhirgate.outbound.answer import Answer
from fhirgate.outbound.call import Call
from fhirgate.outbound.client import Outbound
from fhirgate.outbound.destination import Destination
from fhirgate.outbound.place import place_of
from fhirgate.services.ehr_server import EhrServer

_NO_STATEMENT = frozenset({403, 404, 405, 406, 410, 501})
"""Statuses that say there is no statement for us, and nothing about the server's health."""


def destination_of(server: EhrServer) -> Destination:
    """A registry entry as where calls go."""
    return Destination(
        name=server.name,
        base_url=server.base_url,
        ca_file=server.ca_file or None,
        private_hosts=frozenset(server.private_hosts),
        rate_per_second=server.rate_per_second,
        concurrency=server.concurrency,
    )


@dataclass(slots=True, kw_only=True)
class FhirServer:
    """A server of the registry, made once per process and shared by its threads; its statement is read once."""

    entry: EhrServer
    outbound: Outbound
    authorizer: Authorizer = field(default_factory=Open)
    monotonic: Callable[[], float] = time.monotonic
    destination: Destination = field(init=False)
    _capability: Capability | None = field(default=None, init=False, repr=False)
    _reading: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def __post_init__(self) -> None:
        self.destination = destination_of(self.entry)

    def visit(self, seconds: float | None = None, *, fresh: bool = False) -> "Visit":
        """Calls that together take at most so long; as long as a patient's record may when None.

        `fresh` reads past every cache.
        """
        until = self.monotonic() + (self.entry.record_seconds if seconds is None else seconds)
        return Visit(self, until, {"Cache-Control": "no-cache"} if fresh else {})

    def send(self, call: Call, until: float) -> Answer:
        """Make a call before an instant of our clock, with one more try under new credentials after a 401.

        Raises EhrError; EhrUnavailable too when the time is over.
        """
        try:
            return self._send(call, until)
        except EhrDenied as error:
            if error.status != 401:
                raise
        # Who was not let in has done nothing yet, so this holds for a write too.
        self.authorizer.renew()
        return self._send(call, until)

    def _send(self, call: Call, until: float) -> Answer:
        headers = self.authorizer.headers(until - self.monotonic())
        left = until - self.monotonic()
        if left <= 0:
            base = self.entry.base_url
            place = place_of(base, address_of(self.entry.name, base, call.url))
            raise EhrUnavailable(
                f"server {self.entry.name!r}: {call.method} {place} was not made:"
                " the time for this patient was over"
            )
        total = min(left, self.destination.timeouts.total)
        ours = replace(call, headers={**call.headers, **headers}, total_seconds=total)
        return self.outbound.send(self.destination, ours)

    def capability(self, visit: "Visit") -> Capability:
        """What it says it can do. Raises EhrError when it cannot be asked."""
        with self._reading:
            if self._capability is not None:
                return self._capability
            found = self._read_capability(visit)
            # That there is none today may be a matter of rights: asked again for the next patient.
            self._capability = None if found.assumed else found
            return found

    def _read_capability(self, visit: "Visit") -> Capability:
        try:
            statement = visit.get("metadata").json
        except (EhrRefused, EhrDenied) as error:
            if error.status not in _NO_STATEMENT:
                raise
            return Capability(assumed=True, why_assumed=error.safe_message)
        return parse_statement(self.entry.name, statement)


@dataclass(frozen=True, slots=True)
class Visit:
    """A turn at a server: every call of it ends before one instant."""

    server: FhirServer
    until: float
    """On the server's monotonic clock [s]."""
    reading: Mapping[str, str] = field(default_factory=dict)
    """Headers of every read."""

    def get(self, url: str, *, expected: frozenset[int] = frozenset()) -> Answer:
        """Read. Raises EhrError; EhrUnavailable too when the time is over."""
        return self.send(Call(url=url, headers=self.reading, expected=expected))

    def send(self, call: Call) -> Answer:
        """Make a call. Raises as `get` does."""
        return self.server.send(call, self.until)
