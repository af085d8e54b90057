"""Options and plumbing of every command that speaks to a server of the registry."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fhirgate.errors import UnknownResource
from fhirgate.services.ehr_server import EhrServer

if TYPE_CHECKING:
    from fhirgate.ehr.rest import FhirServer

USUAL = "~/.config/fhirgate/servers.toml"

SERVERS = click.option(
    "--servers",
    "registry",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.toml",
    envvar="FHIRGATE_SERVERS",
    default=USUAL,
    show_default=True,
    show_envvar=True,
    help="The registry of EHR servers.",
)
TRACE = click.option(
    "--trace", is_flag=True, help="Print each call on standard error, without ids, values and headers."
)


def registered(registry: Path) -> Mapping[str, EhrServer]:
    """The servers of the registry. Raises ConfigurationError."""
    from fhirgate.config.servers_file import load_servers  # noqa: PLC0415 - imports marshmallow

    return load_servers(registry.expanduser())


def registered_server(registry: Path, name: str) -> EhrServer:
    """One of them. Raises ConfigurationError, and UnknownResource when there is none of the name."""
    servers = registered(registry)
    if name not in servers:
        raise UnknownResource(
            f"the registry {registry} has no server {name!r}; it has {', '.join(servers) or 'none'}"
        )
    return servers[name]


@contextmanager
def connected(registry: Path, name: str, *, trace: bool, writes: bool = False) -> "Iterator[FhirServer]":
    """A server of the registry, to be written to or not; its connections are closed at the end."""
    entry = registered_server(registry, name)
    # Who assesses files does not wait for the network's libraries.
    from fhirgate.ehr.registry import connect  # noqa: PLC0415
    from fhirgate.outbound.client import Outbound  # noqa: PLC0415
    from fhirgate.outbound.trace import unseen  # noqa: PLC0415

    with Outbound(trace=told if trace else unseen) as outbound:
        yield connect(entry, outbound, os.environ, writes=writes)


def told(each: object) -> None:
    """A call, printed for who asked for the trace."""
    click.echo(str(each), err=True)
