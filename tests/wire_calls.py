"""Calls to the server of `wire.py`, and scripts of what it does on bad days."""

import socket
import struct
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from wire import Heard, Script, reply

from fhirgate.errors import EhrError
from fhirgate.outbound.call import Call
from fhirgate.outbound.client import Outbound
from fhirgate.outbound.destination import Destination, Timeouts
from fhirgate.outbound.surroundings import Surroundings

FINE = reply(b'{"fine":1}')


def here(port: int, *, base: str = "http://127.0.0.1", total: float = 5.0, **more: Any) -> Destination:
    host = base.partition("://")[2].strip("[]")
    more = {"timeouts": Timeouts(connect=2.0, read=2.0, total=total)} | more
    return Destination(name="main", base_url=f"{base}:{port}/fhir", private_hosts=frozenset({host}), **more)


def outbound(resolve: Callable[[str, int], Sequence[str]] | None = None) -> Outbound:
    usual = Surroundings(chance=lambda: 0.0)
    if resolve is None:
        return Outbound(surroundings=usual)
    return Outbound(surroundings=Surroundings(chance=lambda: 0.0, resolve=resolve))


def local(_host: str, _port: int) -> list[str]:
    return ["127.0.0.1"]


def failed(client: Outbound, destination: Destination, call: Call | None = None) -> EhrError:
    with client, pytest.raises(EhrError) as error:
        client.send(destination, call or Call(url="Patient/77"))
    return error.value


def dripping(first: bytes, drop: bytes) -> Script:
    """Send a beginning, then a little every 20 ms for as long as anybody listens."""

    def script(connection: socket.socket, _heard: Heard) -> None:
        connection.sendall(first)
        for _ in range(250):
            time.sleep(0.02)
            connection.sendall(drop)

    return script


def in_turn(*scripts: Script) -> Script:
    """One script for each request, in their order."""
    rest = iter(scripts)

    def script(connection: socket.socket, heard: Heard) -> None:
        next(rest)(connection, heard)

    return script


def cut(data: bytes) -> Script:
    """Send this and close."""

    def script(connection: socket.socket, _heard: Heard) -> None:
        connection.sendall(data)
        raise EOFError

    return script


def reset(connection: socket.socket, _heard: Heard) -> None:
    """Close as a crashed server does, without an answer."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raise EOFError
