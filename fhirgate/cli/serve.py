"""`fhirgate serve`: the service, in one process, until it is told to stop."""

import logging
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeVar

import click

from fhirgate import __version__
from fhirgate.cli.exit_status import ExitStatus
from fhirgate.config.settings import (
    API_TOKENS,
    DATABASE_URL,
    DATABASE_URL_FILE,
    JOB_SECONDS,
    JOB_WORKERS,
    POLICY,
    PUBLIC_URL,
    SEALING_KEYS_FILE,
    SERVERS,
    VOCABULARY,
    Settings,
    Variable,
)
from fhirgate.errors import InvalidRequest

if TYPE_CHECKING:
    from fhirgate.wiring import Service

_Command = TypeVar("_Command", bound=Callable[..., Any])
THREADS = 16
"""Requests answered at a time; some of them wait for a job to be done, or for an EHR (`web.gate`)."""
STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
"""A terminal that is closed ends us as gently as one who asks."""
MOST_CONNECTIONS = 1000
"""Held open at once: those who begin a request and never end it must keep nobody else out."""
SILENT_SECONDS = 30
"""How long a connection may be silent that owes us the rest of its request [s]."""
GRACE = 8.0
"""How long work in hand may take to come to its next step when we are told to stop [s]: engines give ten in all."""


def _option(flag: str, variable: Variable, metavar: str) -> Callable[[_Command], _Command]:
    return click.option(
        flag,
        variable.name,
        metavar=metavar,
        help=variable.says + (f"  [default: {variable.usual}]" if variable.usual else ""),
        envvar=variable.name,
        show_envvar=True,
    )


@click.command(name="serve", short_help="Run the service.")
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Where to listen.")
@click.option(
    "--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0: any that is free."
)
@_option("--database", DATABASE_URL, "URL")
@_option("--servers", SERVERS, "FILE.toml")
@_option("--tokens", API_TOKENS, "FILE.toml")
@_option("--policy", POLICY, "FILE.toml")
@_option("--vocabulary", VOCABULARY, "FILE.toml")
@_option("--job-workers", JOB_WORKERS, "N")
@_option("--job-seconds", JOB_SECONDS, "N")
@_option("--public-url", PUBLIC_URL, "URL")
@_option("--sealing-keys", SEALING_KEYS_FILE, "FILE")
def command(host: str, port: int, **chosen: str | None) -> int:
    """Run the service: launches out of EHRs, assessments by HTTP, jobs, and writing back, in one process.

    It speaks plain HTTP; in front of it belongs a proxy that speaks TLS. Every caller needs a token.

    \b
    fhirgate serve --servers servers.toml
    curl -H "Authorization: Bearer $(cat fhirgate.token)" -H 'Content-Type: application/json' \\
         -d '{"server": "main", "patient": "4711"}' http://127.0.0.1:8080/v1/assessments
    """
    environment = _environment(chosen)
    settings = Settings.from_env(environment)
    # What serves takes a while to import.
    from fhirgate.services.event_log import EventLog, hear_libraries  # noqa: PLC0415
    from fhirgate.wiring import build  # noqa: PLC0415

    log = EventLog(sys.stderr.buffer)
    hear_libraries(log.write)
    service = build(settings, environment, log.write)
    is_over = serve_until_told(service, host, port)
    if not is_over:
        # A thread that is stuck would keep the process; its job was given back.
        sys.stdout.flush()
        os._exit(ExitStatus.FINE)
    return ExitStatus.FINE


def _environment(chosen: dict[str, str | None]) -> dict[str, str]:
    """The variables, with what was given as an option in their place."""
    environment = dict(os.environ)
    given = {name: value for name, value in chosen.items() if value}
    if given.get(DATABASE_URL.name) != environment.get(DATABASE_URL.name):
        environment.pop(DATABASE_URL_FILE.name, None)
    return environment | given


def serve_until_told(
    service: "Service", host: str, port: int, ready: Callable[[], None] | None = None
) -> bool:
    """Answer until told to stop; says whether every thread has ended.

    `ready` tells a person instead of the usual lines. Raises InvalidRequest when it cannot listen there.
    """
    from waitress import wasyncore  # type: ignore[import-untyped]  # noqa: PLC0415

    from fhirgate.services.events import ServiceStarted, ServiceStopped  # noqa: PLC0415

    sockets: dict[int, Any] = {}
    server = _listening(service, host, port, sockets)
    addresses = _addresses(server)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        # Whoever asks twice does not want to wait.
        for each in STOPPING:
            signal.signal(each, signal.SIG_DFL)
        service.end()
        raise SystemExit

    try:
        for each in STOPPING:
            signal.signal(each, stop)
        service.start()
        service.told(
            ServiceStarted(
                address=", ".join(addresses),
                database=service.database.name,
                servers=len(service.gate.servers),
                callers=len(service.gate.callers),
                version=__version__,
            )
        )
        (ready or partial(_announce, service, addresses))()
        server.run()
    except SystemExit:
        # Told to stop before it ran; when it runs, it takes this itself.
        pass
    wasyncore.close_all(sockets)
    released, is_over = service.stop(GRACE)
    service.told(ServiceStopped(released=released))
    return is_over


def _announce(service: "Service", addresses: list[str]) -> None:
    if service.token_file is not None:
        click.echo(f"token: {service.token_file}")
    for address in addresses:
        click.echo(f"listening: {address}")
    if service.gate.launching is not None:
        click.echo(f"launch: {service.gate.launching.public_url}/launch")


def _listening(service: "Service", host: str, port: int, sockets: dict[int, Any]) -> Any:
    from waitress.server import create_server  # type: ignore[import-untyped]  # noqa: PLC0415

    from fhirgate.web.app import create_app  # noqa: PLC0415
    from fhirgate.web.json_body import LONGEST_BODY  # noqa: PLC0415

    # A line for each request that waits for a thread would fill the log just when it is needed.
    logging.getLogger("waitress.queue").disabled = True
    try:
        return create_server(
            create_app(service.gate),
            map=sockets,
            host=host,
            port=port,
            threads=THREADS,
            ident=None,
            # Ours is told in words; this one stops who sends on without end.
            max_request_body_size=16 * LONGEST_BODY,
            max_request_header_size=32 << 10,
            clear_untrusted_proxy_headers=True,
            connection_limit=MOST_CONNECTIONS,
            channel_timeout=SILENT_SECONDS,
            # `select` cannot see more than 1024 files.
            asyncore_use_poll=True,
        )
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no such address"
        raise InvalidRequest(f"cannot listen on {host}:{port}: {why}") from None


def _addresses(server: Any) -> list[str]:
    """Where it listens: a name such as localhost can stand for several addresses."""
    places = getattr(server, "effective_listen", None) or [(server.effective_host, server.effective_port)]
    return [f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}" for host, port in places]
