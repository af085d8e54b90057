"""A real HTTP server on this machine whose every byte a test decides, with TLS when it is asked for."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Heard:
    """One request as it came."""

    line: str
    headers: dict[str, str]
    body: bytes
    connection: int
    """Which connection it came on, counted from 1."""


Script = Callable[[socket.socket, Heard], None]


@dataclass
class Wire:
    """The server as a test sees it."""

    port: int
    heard: list[Heard] = field(default_factory=list)
    connections: int = 0

    def lines(self) -> list[str]:
        return [each.line for each in self.heard]


def reply(
    body: bytes, *, status: str = "200 OK", kind: str = "application/fhir+json", more: str = ""
) -> bytes:
    """An ordinary answer that keeps the connection."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body


def answering(data: bytes) -> Script:
    """Answer every request with these bytes."""
    return lambda connection, _heard: connection.sendall(data)


@contextmanager
def wire(script: Script, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> Iterator[Wire]:
    """A server that calls `script` for each request; the connection stays open until the script closes it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, 0))
        listener.listen()
        found = Wire(port=listener.getsockname()[1])
        stop = threading.Event()
        workers: list[threading.Thread] = []
        accepting = threading.Thread(target=_accept, args=(listener, found, script, tls, stop, workers))
        accepting.start()
        try:
            yield found
        finally:
            stop.set()
            accepting.join()
            for each in workers:
                each.join()


def _accept(
    listener: socket.socket,
    found: Wire,
    script: Script,
    tls: ssl.SSLContext | None,
    stop: threading.Event,
    workers: list[threading.Thread],
) -> None:
    listener.settimeout(0.02)
    while not stop.is_set():
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            continue
        found.connections += 1
        worker = threading.Thread(
            target=_serve, args=(connection, found, script, tls, stop, found.connections)
        )
        workers.append(worker)
        worker.start()


def _serve(
    connection: socket.socket,
    found: Wire,
    script: Script,
    tls: ssl.SSLContext | None,
    stop: threading.Event,
    number: int,
) -> None:
    connection.settimeout(5)
    try:
        if tls is not None:
            connection = tls.wrap_socket(connection, server_side=True)
        connection.settimeout(0.02)
        waiting = b""
        while not stop.is_set():
            try:
                waiting += _some(connection)
            except TimeoutError:
                continue
            heard, waiting = _request(waiting, number)
            if heard is not None:
                found.heard.append(heard)
                connection.settimeout(5)
                script(connection, heard)
                connection.settimeout(0.02)
    except (OSError, EOFError):
        pass  # the client, or the script, went away
    finally:
        connection.close()


def _some(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise EOFError
    return data


def _request(data: bytes, number: int) -> tuple[Heard | None, bytes]:
    head, end, rest = data.partition(b"\r\n\r\n")
    line, *fields = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in fields)}
    length = int(headers.get("content-length", "0")) if end else 0
    if not end or len(rest) < length:
        return None, data
    return Heard(line=line, headers=headers, body=rest[:length], connection=number), rest[length:]
