"""What an examination has found out so far, and the door through which it asks."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from fhirgate.ehr.backend_auth import Authorizer, Open
from fhirgate.ehr.capability import Capability
from fhirgate.ehr.rest import FhirServer, Visit, destination_of
from fhirgate.ehr.scopes import Scopes
from fhirgate.ehr.smart_discovery import SmartConfiguration
from fhirgate.errors import EhrThrottled, EhrUnavailable
from fhirgate.outbound.answer import Answer
from fhirgate.outbound.call import Call
from fhirgate.outbound.client import Outbound
from fhirgate.outbound.destination import Destination
from fhirgate.outbound.http_date import moment_of
from fhirgate.outbound.reach import Tls
from fhirgate.outbound.surroundings import Surroundings
from fhirgate.outbound.trace import Sink, Try, unseen
from fhirgate.services.ehr_server import EhrServer

CALL_SECONDS = 20.0
"""For one call with its tries [s]."""
TRIES = 2
LONGEST_WAIT = 10.0
"""A server that asks us to wait longer is told of, and not waited for [s]."""


class TimeOver(EhrUnavailable):
    """The examination's own time is over; it says nothing about the server."""


class WatchedOutbound(Outbound):
    """Keeps calls within one deadline, and remembers each try and what headers told."""

    def __init__(
        self, *, seconds: float, trace: Sink = unseen, surroundings: Surroundings, most_tries: int = TRIES
    ) -> None:
        self.tries: list[Try] = []
        self.headers: dict[str, str] = {}
        """Of every answer together, by lower-case name, the last of each."""
        self.ahead: timedelta | None = None
        """How far the server's clock is ahead of ours, by the fastest answer that had a Date."""
        self._fastest = math.inf
        self.surroundings = surroundings
        self.seconds = seconds
        self.most_tries = most_tries
        self.until = surroundings.monotonic() + seconds

        def keep(each: Try) -> None:
            self.tries.append(each)
            trace(each)

        super().__init__(trace=keep, surroundings=surroundings)

    def left(self) -> float:
        """Seconds until the end of the examination."""
        return self.until - self.surroundings.monotonic()

    def send(self, destination: Destination, call: Call) -> Answer:
        """As every call, with less time and fewer tries. Raises EhrError; TimeOver when no time is left."""
        left = self.left()
        if left <= 0:
            raise self._over()
        asked = CALL_SECONDS if call.total_seconds is None else call.total_seconds
        call = replace(call, total_seconds=min(left, asked, CALL_SECONDS))
        # As many failures as there are calls: each is to be seen by itself.
        gentle = replace(destination, tries=self.most_tries, failures_to_hold=1_000_000)
        try:
            answer = super().send(gentle, call)
        except EhrUnavailable:
            if self.left() <= 0:
                raise self._over() from None
            raise
        except EhrThrottled as error:
            if (error.retry_after or 0.0) <= LONGEST_WAIT:
                raise
            # Without a status it is our own limit, and who asks for a token does not wait for it.
            raise EhrThrottled(error.safe_message, retry_after=error.retry_after) from None
        self._note(answer)
        return answer

    def _over(self) -> TimeOver:
        # A time when calls go on keeps who asks for a token from trying again now.
        now = self.surroundings.now()
        return TimeOver(f"the {self.seconds:.0f} s of the examination were over", reopens_at=now)

    def _note(self, answer: Answer) -> None:
        self.headers.update(answer.headers)
        theirs = moment_of(answer.header("Date"))
        if theirs is not None and answer.elapsed_seconds < self._fastest:
            self._fastest = answer.elapsed_seconds
            # Half of a call's time is taken for the way back; the header has whole seconds.
            ours = self.surroundings.now() - timedelta(seconds=answer.elapsed_seconds / 2)
            self.ahead = theirs - ours


@dataclass(slots=True, kw_only=True)
class Case:
    """One examination: what is given, and what the checks have learned."""

    entry: EhrServer
    outbound: WatchedOutbound
    environment: Mapping[str, str] = field(repr=False)
    patient_id: str = field(default="", repr=False)
    tls: Tls | None = None
    """None until a connection was made, and where it is plain http."""
    authorizer: Authorizer = field(default_factory=Open)
    """How we are let in, once the entry's credentials are found to be at hand."""
    smart: SmartConfiguration | None = None
    statement: Mapping[str, Any] = field(default_factory=dict, repr=False)
    capability: Capability = field(default_factory=lambda: Capability(assumed=True))
    granted_to_write: Scopes | None = None
    """None where it was not asked, or the server did not say."""
    pages: dict[str, tuple[Mapping[str, Any], str]] = field(default_factory=dict, repr=False)
    """The first page of each type that was read, and the URL it came from."""

    @property
    def destination(self) -> Destination:
        """Where the server is."""
        return destination_of(self.entry)

    @property
    def last_call(self) -> Try | None:
        """The last request."""
        return self.outbound.tries[-1] if self.outbound.tries else None

    def visit(self) -> Visit:
        """Calls with our credentials, as an assessment makes them."""
        clock = self.outbound.surroundings.monotonic
        server = FhirServer(
            entry=self.entry, outbound=self.outbound, authorizer=self.authorizer, monotonic=clock
        )
        return Visit(server, self.outbound.until + CALL_SECONDS)
