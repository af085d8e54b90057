"""The door to the network: `Outbound.send` and its short forms."""

import threading
from types import TracebackType
from typing import Self, Unpack

from fhirgate.outbound.address import address_of
from fhirgate.outbound.answer import Answer
from fhirgate.outbound.call import Call, Terms
from fhirgate.outbound.conversation import Conversation
from fhirgate.outbound.destination import Destination
from fhirgate.outbound.place import place_of
from fhirgate.outbound.server import Server
from fhirgate.outbound.surroundings import Surroundings
from fhirgate.outbound.trace import Sink, unseen


class Outbound:
    """Makes calls for all threads of a process; made after a fork, closed at the end.

    Calls to equal destinations share connections, pace and health.
    """

    def __init__(self, *, trace: Sink = unseen, surroundings: Surroundings | None = None) -> None:
        self._trace = trace
        self._surroundings = surroundings or Surroundings()
        self._servers: dict[Destination, Server] = {}
        self._lock = threading.Lock()

    def send(self, destination: Destination, call: Call) -> Answer:
        """The answer to a call, within its deadline.

        Raises EhrError (fhirgate/errors.py) for everything that is not an answer the call takes.
        """
        started = self._surroundings.monotonic()
        url = address_of(destination.name, destination.base_url, call.url)
        return Conversation(
            destination=destination,
            call=call,
            url=url,
            place=place_of(destination.base_url, url),
            server=self._server(destination),
            surroundings=self._surroundings,
            trace=self._trace,
            started=started,
        ).answer()

    def get(self, destination: Destination, url: str, **terms: Unpack[Terms]) -> Answer:
        """Read."""
        return self.send(destination, Call(method="GET", url=url, **terms))

    def post(self, destination: Destination, url: str, body: bytes, **terms: Unpack[Terms]) -> Answer:
        """Send once, unless `repeatable=True` says that a second time does no harm."""
        return self.send(destination, Call(method="POST", url=url, body=body, **terms))

    def put(self, destination: Destination, url: str, body: bytes, **terms: Unpack[Terms]) -> Answer:
        """Replace; give `repeatable=False` beside If-Match."""
        return self.send(destination, Call(method="PUT", url=url, body=body, **terms))

    def close(self) -> None:
        """Close the idle connections to all servers."""
        with self._lock:
            for server in self._servers.values():
                server.transport.close()
            self._servers.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _server(self, destination: Destination) -> Server:
        with self._lock:
            server = self._servers.get(destination)
            if server is None:
                server = self._servers[destination] = Server(destination, self._surroundings)
            return server
