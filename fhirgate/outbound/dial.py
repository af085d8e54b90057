"""Connections made to judged addresses only, by sockets that know the deadline of the call they work for."""

import ssl
import threading
from collections.abc import Callable, Iterable, Sequence
from queue import Empty, SimpleQueue
from socket import AF_INET, AF_INET6, SOCK_STREAM, socket
from typing import Any

from fhirgate.outbound.deadline import limits
from fhirgate.outbound.egress import Guard

LEAST_SECONDS = 0.001
"""Zero would not mean no time but no waiting at all."""
Option = tuple[int, int, int | bytes]


class _Timed:
    """Before each step the socket is given what is left of the call."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(limits().to_read())  # type: ignore[attr-defined]
        return super().recv_into(*args, **kwargs)  # type: ignore[misc, no-any-return]

    def send(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(limits().to_read())  # type: ignore[attr-defined]
        return super().send(*args, **kwargs)  # type: ignore[misc, no-any-return]

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self.settimeout(limits().to_read())  # type: ignore[attr-defined]
        super().sendall(*args, **kwargs)  # type: ignore[misc]


class TimedSocket(_Timed, socket):
    """A TCP connection."""


class TimedTls(_Timed, ssl.SSLSocket):
    """A TLS connection; made by an SSLContext whose `sslsocket_class` it is."""


def dial(guard: Guard, host: str, port: int, options: Iterable[Option]) -> socket:
    """A connection to the first address of a host that takes one. Raises OSError, EhrForbiddenAddress."""
    addresses = in_time(lambda: guard.addresses(host, port), limits().to_connect())
    options = tuple(options)
    until = limits().connected_by()
    failure: OSError = OSError("the name has no address")
    for place, address in enumerate(addresses):
        try:
            # An address that swallows packets must leave time for the others.
            return _connected(address, port, options, until.left() / (len(addresses) - place))
        except OSError as error:
            failure = error
    raise failure


def _connected(address: str, port: int, options: Iterable[Option], seconds: float) -> socket:
    connection = TimedSocket(AF_INET6 if ":" in address else AF_INET, SOCK_STREAM)
    try:
        for option in options:
            connection.setsockopt(*option)
        connection.settimeout(max(seconds, LEAST_SECONDS))
        connection.connect((address, port))
        connection.settimeout(limits().to_connect())
    except BaseException:
        connection.close()
        raise
    return connection


def in_time(work: Callable[[], Sequence[str]], seconds: float) -> Sequence[str]:
    """The result of work that has no timeout of its own, as resolvers have none."""
    outcome: SimpleQueue[Sequence[str] | BaseException] = SimpleQueue()

    def run() -> None:
        try:
            outcome.put(work())
        except BaseException as error:  # carried to the thread that waits, and raised there
            outcome.put(error)

    threading.Thread(target=run, name="resolve", daemon=True).start()
    try:
        found = outcome.get(timeout=seconds)
    except Empty:
        raise TimeoutError("the name was not resolved in time") from None
    if isinstance(found, BaseException):
        raise found
    return found
