"""A person with a real browser: told where to go, and waited for at the redirect URI on this machine."""

import threading
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import click

from fhirgate.errors import EhrUnavailable, InvalidRequest

Pairs = tuple[tuple[str, str], ...]
_LOOPBACK = ("127.0.0.1", "localhost")
_THANKS = b"<!doctype html><title>fhirgate</title><p>The answer has arrived. You can close this window."
_GRACE = 2.0
"""How long the last answer may take to go out [s]."""


class Listener:
    """Waits so long for a browser to come back [s]."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __call__(self, url: str, redirect_uri: str) -> Pairs:
        """The parameters that came back. Raises InvalidRequest, and EhrUnavailable when nobody comes."""
        from waitress.server import create_server  # type: ignore[import-untyped]  # noqa: PLC0415

        parts = urlsplit(redirect_uri)
        if parts.scheme != "http" or parts.hostname not in _LOOPBACK:
            raise InvalidRequest(
                "--browser waits on this machine: --callback is to be http://127.0.0.1:PORT/..."
            )
        door = _Door(parts.path)
        try:
            server = create_server(door, host="127.0.0.1", port=parts.port or 80, threads=1, ident=None)
        except OSError as error:
            raise InvalidRequest(f"cannot listen on {parts.netloc}: {error.strerror}") from None
        thread = threading.Thread(target=server.run, name="fhirgate-redirect-uri", daemon=True)
        thread.start()
        click.echo(f"Open this in a browser, and be the person:\n{url}", err=True)
        try:
            if not door.is_here.wait(self._seconds):
                raise EhrUnavailable("no browser came back to the redirect URI in time")
        finally:
            server.task_dispatcher.shutdown(timeout=_GRACE)
            # Its sockets belong to its own thread.
            server.trigger.pull_trigger(server.close)
            thread.join(_GRACE)
        return door.came


class _Door:
    """What answers at the redirect URI."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.came: Pairs = ()
        self.is_here = threading.Event()

    def __call__(self, environ: dict[str, Any], respond: Callable[..., Any]) -> Iterable[bytes]:
        is_it = environ["PATH_INFO"] == self._path and not self.is_here.is_set()
        if is_it:
            self.came = tuple(parse_qsl(environ["QUERY_STRING"], keep_blank_values=True))
            self.is_here.set()
        respond("200 OK" if is_it else "404 Not Found", [("Content-Type", "text/html; charset=utf-8")])
        return [_THANKS if is_it else b""]
