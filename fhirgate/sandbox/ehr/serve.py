"""The simulated EHR on a socket of this machine, in a thread of its own."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from waitress.server import create_server  # type: ignore[import-untyped]

from fhirgate.sandbox.ehr.app import LONGEST_BODY

THREADS = 8
GRACE = 5.0
"""How long calls in hand may take to end when it is told to stop [s]."""


@dataclass(slots=True)
class Running:
    """A sandbox that answers."""

    url: str
    """Where it is, without a slash at the end."""
    _server: Any = field(repr=False)
    _thread: threading.Thread = field(repr=False)

    @property
    def fhir(self) -> str:
        """Its FHIR base."""
        return f"{self.url}/fhir"

    def stop(self) -> None:
        """End it, and wait until it has ended."""
        self._server.task_dispatcher.shutdown(timeout=GRACE)
        # Its sockets belong to its own thread.
        self._server.trigger.pull_trigger(self._close)
        self._thread.join()

    def _close(self) -> None:
        for each in list(self._server.active_channels.values()):
            each.handle_close()
        self._server.close()


class _Late:
    """An application that is built once its address is known."""

    app: Flask

    def __call__(self, environ: Any, respond: Any) -> Any:
        return self.app(environ, respond)


def start(make: Callable[[str], Flask], *, host: str = "127.0.0.1", port: int = 0, url: str = "") -> Running:
    """Serve what `make` builds for the address it gets; port 0 is any that is free.

    `url` is how others reach it, when that is another address, such as that of a proxy with TLS.
    Raises OSError when the port is taken, and what `make` raises.
    """
    late = _Late()
    server = create_server(
        late,
        host=host,
        port=port,
        threads=THREADS,
        ident=None,
        max_request_body_size=2 * LONGEST_BODY,
        clear_untrusted_proxy_headers=True,
    )
    where = url or f"http://{f'[{host}]' if ':' in host else host}:{server.effective_port}"
    try:
        late.app = make(where)
    except BaseException:
        server.close()
        server.task_dispatcher.shutdown(timeout=GRACE)
        raise
    thread = threading.Thread(target=server.run, name="fhirgate-sandbox", daemon=True)
    thread.start()
    return Running(where, server, thread)
