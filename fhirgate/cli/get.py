"""`fhirgate get`: one resource of a server, as it is."""

import re
from pathlib import Path

import click

from fhirgate.cli.connection import SERVERS, TRACE, connected
from fhirgate.cli.exit_status import ExitStatus
from fhirgate.cli.formats import pretty
from fhirgate.errors import InvalidRequest

_NAME = re.compile(r"(?P<type>[A-Z][A-Za-z]{2,39})/[A-Za-z0-9.-]{1,64}|metadata")


@click.command(name="get", short_help="Read one resource from an EHR server.")
@click.argument("server")
@click.argument("name", metavar="TYPE/ID")
@SERVERS
@TRACE
def command(server: str, name: str, registry: Path, *, trace: bool) -> int:
    """Read one resource from SERVER of the registry and print it as JSON. `metadata` is its CapabilityStatement.

    \b
    fhirgate get main Patient/4711
    fhirgate get main metadata --trace
    """
    asked = _NAME.fullmatch(name)
    if asked is None:
        raise InvalidRequest("expected a type and an id such as Patient/4711, or metadata")
    with connected(registry, server, trace=trace) as ehr:
        visit = ehr.visit()
        kind = asked["type"]
        offered = ehr.capability(visit).of(kind) if kind else None
        if kind and (offered is None or not offered.reads):
            raise InvalidRequest(f"server {server!r} does not list reading {kind}")
        click.echo(pretty(visit.get(name).body))
    return ExitStatus.FINE
