"""One call from its start to its answer or its error: tries, waits between, and what is told of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from urllib3.response import BaseHTTPResponse

from fhirgate import __version__
from fhirgate.outbound.answer import Answer
from fhirgate.outbound.call import Call
from fhirgate.outbound.deadline import Deadline, Limits, limits_of_this_thread
from fhirgate.outbound.destination import Destination
from fhirgate.outbound.failure import Failure, held_back, no_free_connection, over_our_limit
from fhirgate.outbound.place import Place
from fhirgate.outbound.reading import Head, read
from fhirgate.outbound.retry import Schedule
from fhirgate.outbound.server import Server
from fhirgate.outbound.statuses import TOO_MANY
from fhirgate.outbound.surroundings import Surroundings
from fhirgate.outbound.trace import ANSWERED, Sink, Try
from fhirgate.outbound.translate import NETWORK, failure_of

JSON_WANTED = "application/fhir+json, application/json;q=0.9"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """Everything one call needs."""

    destination: Destination
    call: Call
    url: str
    place: Place
    server: Server
    surroundings: Surroundings
    trace: Sink
    started: float
    """On the clock of `surroundings.monotonic`."""

    def answer(self) -> Answer:
        """The answer of the first try that has one. Raises EhrError."""
        deadline = Deadline(at=self.started + self._total(), monotonic=self.surroundings.monotonic)
        tries = self.destination.tries if self.call.may_repeat else 1
        schedule = Schedule(tries=tries, chance=self.surroundings.chance)
        request_id = self.surroundings.new_id()
        number = 1
        while True:
            outcome = self._try(number, request_id if number == 1 else f"{request_id}-{number}", deadline)
            if isinstance(outcome, Answer):
                return outcome
            wait = schedule.wait(number, outcome.retry_after, deadline.left()) if outcome.repeat else None
            if wait is None:
                raise outcome.error(self._message(outcome, number))
            self.surroundings.sleep(wait)
            number += 1

    def _total(self) -> float:
        asked = self.call.total_seconds
        return self.destination.timeouts.total if asked is None else asked

    def _elapsed(self) -> float:
        return self.surroundings.monotonic() - self.started

    def _message(self, failure: Failure, tries: int) -> str:
        told = f"server {self.destination.name!r}: {self.call.method} {self.place}: {failure.words}"
        return told + (f" (tried {tries} times in {self._elapsed():.1f} s)" if tries > 1 else "")

    def _try(self, number: int, request_id: str, deadline: Deadline) -> Answer | Failure:
        """One try, told to the trace, the breaker and the pace."""
        began = self.surroundings.monotonic()
        outcome = self._in_turn(request_id, number, deadline)
        self.trace(
            Try(
                server=self.destination.name,
                request_id=request_id,
                number=number,
                method=self.call.method,
                place=self.place,
                status=outcome.status,
                received_bytes=len(outcome.body) if isinstance(outcome, Answer) else outcome.received_bytes,
                milliseconds=round((self.surroundings.monotonic() - began) * 1000),
                outcome=ANSWERED if isinstance(outcome, Answer) else outcome.words,
            )
        )
        return outcome

    def _in_turn(self, request_id: str, number: int, deadline: Deadline) -> Answer | Failure:
        """A try when health, pace and free places let it go, all within the deadline."""
        held = self.server.breaker.seconds_held()
        if held:
            return held_back(held, self.surroundings.now() + timedelta(seconds=held))
        if not self.server.places.acquire(timeout=max(0.0, deadline.left())):
            return no_free_connection(self.destination.concurrency)
        try:
            wait = self.server.pace.turn(deadline.left())
            if wait >= deadline.left():
                return over_our_limit(wait)
            if wait > 0:
                self.surroundings.sleep(wait)
            outcome = self._on_the_wire(request_id, number, deadline)
        finally:
            self.server.places.release()
        self._learn_from(outcome)
        return outcome

    def _learn_from(self, outcome: Answer | Failure) -> None:
        if isinstance(outcome, Failure) and outcome.hurts:
            self.server.breaker.failed()
        else:
            self.server.breaker.worked()
        # A 429 counts all that we ask of the server. A 503 may be of one kind of resource alone, and a server that is
        # down as a whole is left to the breaker.
        if isinstance(outcome, Failure) and outcome.status == TOO_MANY and outcome.retry_after:
            self.server.pace.pause(outcome.retry_after)

    def _on_the_wire(self, request_id: str, number: int, deadline: Deadline) -> Answer | Failure:
        timeouts = self.destination.timeouts
        limits = Limits(deadline=deadline, connect_seconds=timeouts.connect, read_seconds=timeouts.read)
        raw: BaseHTTPResponse | None = None
        whole = False
        try:
            with limits_of_this_thread(limits):
                raw = self.server.transport.send(
                    self.call.method, self.url, self._headers(request_id), self.call.body
                )
                outcome = read(raw, self.call, self._head(raw, request_id, number))
                whole = True
                return outcome
        except NETWORK as error:
            return failure_of(error, raw.status if raw is not None else None)
        finally:
            if raw is not None and not whole:
                raw.close()

    def _head(self, raw: BaseHTTPResponse, request_id: str, number: int) -> Head:
        return Head(
            status=raw.status,
            headers={name.lower(): raw.headers[name] for name in raw.headers},
            url=self.url,
            request_id=request_id,
            tries=number,
            elapsed=self._elapsed,
            now=self.surroundings.now,
        )

    def _headers(self, request_id: str) -> Mapping[str, str]:
        ours = {"User-Agent": f"fhirgate/{__version__}", "Accept-Encoding": "gzip"}
        if self.call.json:
            ours["Accept"] = JSON_WANTED
        return {**ours, **self.call.headers, "X-Request-Id": request_id}
