"""A proxy between us and a real FHIR server, where a test hears every call and decides what gets lost."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

WRITES = ("POST", "PUT")


def no_call(_method: str, _path: str) -> bool:
    return False


@dataclass
class Between:
    """The proxy as a test sees it."""

    server: str
    """Base URL of the real one."""
    base: str = ""
    heard: list[tuple[str, str]] = field(default_factory=list)
    """Method and path of each call."""
    before: Callable[[str, str], Any] = no_call
    """Done before a call goes on."""
    loses: Callable[[str, str], bool] = no_call
    """Whether the reply to a call gets lost when it comes back."""
    cuts: Callable[[str, str], bool] = no_call
    """Whether a call does not get through at all."""
    statement: Callable[[dict[str, Any]], None] = lambda _said: None
    """Changes what the server says it can do."""

    def writes(self) -> list[tuple[str, str]]:
        """The calls that change something."""
        return [each for each in self.heard if each[0] in WRITES]

    def calls(self, method: str, start: str) -> int:
        """How many calls of a method there were to paths that begin so, from the base on."""
        return sum(each[0] == method and each[1].startswith(start) for each in self.heard)


@contextmanager
def between(server: str) -> Iterator[Between]:
    """One that stands before a server with this base URL."""
    found = Between(server=server)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16  # head and body in one packet

        def do_GET(self) -> None:
            _pass_on(self, found)

        do_POST = do_PUT = do_DELETE = do_GET

        def log_message(self, *_: Any) -> None:
            pass

    proxy = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    proxy.daemon_threads = True
    found.base = f"http://127.0.0.1:{proxy.server_address[1]}/fhir"
    thread = threading.Thread(target=proxy.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield found
    finally:
        proxy.shutdown()
        thread.join()
        proxy.server_close()


def _pass_on(handler: BaseHTTPRequestHandler, found: Between) -> None:
    method, path = handler.command, handler.path.removeprefix("/fhir/")
    body = handler.rfile.read(int(handler.headers.get("Content-Length", "0")))
    found.before(method, path)
    if found.cuts(method, path):
        handler.close_connection = True
        return
    found.heard.append((method, path))
    status, headers, answer = _answer(handler, found, body)
    if found.loses(method, path):
        handler.close_connection = True
        return
    if path == "metadata":
        said = json.loads(answer)
        found.statement(said)
        answer = json.dumps(said).encode()
    handler.send_response(status)
    for name, value in headers:
        if name.lower() not in ("transfer-encoding", "content-length", "connection", "server", "date"):
            handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(answer)))
    handler.end_headers()
    handler.wfile.write(answer)


def _answer(
    handler: BaseHTTPRequestHandler, found: Between, body: bytes
) -> tuple[int, list[tuple[str, str]], bytes]:
    real = urlsplit(found.server)
    connection = HTTPConnection(real.netloc, timeout=60)
    headers = {name: value for name, value in handler.headers.items() if name.lower() != "accept-encoding"}
    try:
        connection.request(handler.command, handler.path, body or None, headers)
        response = connection.getresponse()
        return response.status, response.getheaders(), response.read()
    finally:
        connection.close()
