"""The service under gunicorn, which runs several processes of it on one database:

    gunicorn --config python:fhirgate.wsgi 'fhirgate.wsgi:app()'

Settings come from the environment. Each process makes its own connections after the fork, does jobs, and shares them
with the others by leases; the database must have been set up (`fhirgate db upgrade`), unless it is a new SQLite file.
Gunicorn waits in a thread for the rest of a request, without end: the proxy in front must take requests whole first,
or as many slow callers as there are threads keep everybody out. `fhirgate serve` holds them off by itself.
The names below without an underscore are gunicorn's, read from this module.
"""

import os
import signal
import sys
from types import FrameType
from typing import Any
from wsgiref.types import WSGIApplication

from fhirgate import __version__
from fhirgate.config.settings import Settings
from fhirgate.errors import FhirgateError
from fhirgate.services.event_log import EventLog, hear_libraries
from fhirgate.services.events import ServiceStarted, ServiceStopped
from fhirgate.web.app import create_app
from fhirgate.wiring import Service, build

bind = "127.0.0.1:8080"
worker_class = "gthread"
threads = 16
control_socket_disable = True
logconfig_dict = {
    "root": {"level": "WARNING", "handlers": ["ours"]},
    "handlers": {"ours": {"()": "fhirgate.services.event_log.to_stderr"}},
    "loggers": {
        "gunicorn.error": {"level": "WARNING"},
        # It would print URLs; ours tells of routes.
        "gunicorn.access": {"level": "CRITICAL"},
    },
}
graceful_timeout = 30
timeout = 60

_GRACE = 8.0
_CANNOT_START = 4
"""By which a worker tells gunicorn that another one would fare no better."""
_running: dict[int, Service] = {}
"""The service of this process, by its id."""


def app() -> WSGIApplication:
    """The application of this process, at work."""
    log = EventLog(sys.stderr.buffer)
    hear_libraries(log.write)
    try:
        service = build(Settings.from_env(os.environ), os.environ, log.write)
    except FhirgateError as error:
        sys.stderr.write(f"fhirgate: {error.safe_message}\n")
        sys.exit(_CANNOT_START)
    _running[os.getpid()] = service
    return create_app(service.gate)


def post_worker_init(worker: Any) -> None:
    """Gunicorn's call when a process is ready to answer."""
    service = _running.get(os.getpid())
    if service is None:
        sys.stderr.write("fhirgate: made before the fork; run gunicorn without --preload\n")
        sys.exit(_CANNOT_START)
    _end_early(service)
    # Its banner would name gunicorn.
    sys.modules["gunicorn.http.wsgi"].SERVER = "fhirgate"  # type: ignore[attr-defined]
    service.start()
    service.told(
        ServiceStarted(
            address=",".join(map(str, worker.sockets)),
            database=service.database.name,
            servers=len(service.gate.servers),
            callers=len(service.gate.callers),
            version=__version__,
        )
    )


def _end_early(service: Service) -> None:
    """Gunicorn itself waits for every answer first, and engines give ten seconds in all."""
    gunicorns: Any = signal.getsignal(signal.SIGTERM)

    def told(number: int, frame: FrameType | None) -> None:
        service.end()
        gunicorns(number, frame)

    signal.signal(signal.SIGTERM, told)


def worker_exit(_server: Any, _worker: Any) -> None:
    """Gunicorn's call when a process ends."""
    service = _running.pop(os.getpid(), None)
    if service is None:
        return
    released, is_over = service.stop(_GRACE)
    service.told(ServiceStopped(released=released))
    if not is_over:
        # A thread that is stuck would keep the process; its job was given back.
        os._exit(0)
