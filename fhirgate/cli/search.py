"""`fhirgate search`: all pages of a search on a server."""

from pathlib import Path
from urllib.parse import parse_qsl

import click
import msgspec

from fhirgate.cli.connection import SERVERS, TRACE, connected
from fhirgate.cli.exit_status import ExitStatus
from fhirgate.cli.formats import pretty
from fhirgate.cli.say import say_all
from fhirgate.ehr.capability import Capability
from fhirgate.ehr.paging import search
from fhirgate.ehr.search_plan import Query
from fhirgate.errors import InvalidRequest
from fhirgate.oncology.finding import Severity

_JSON = msgspec.json.Encoder(decimal_format="number")


@click.command(name="search", short_help="Search on an EHR server.")
@click.argument("server")
@click.argument("query", metavar="'TYPE?PARAMETER=VALUE&...'")
@SERVERS
@TRACE
def command(server: str, query: str, registry: Path, *, trace: bool) -> int:
    """Search on SERVER of the registry and print all pages as one Bundle.

    Only parameters that the server lists are sent: one that it does not know makes many servers decline all.

    \b
    fhirgate search main 'Observation?patient=Patient/4711&category=imaging'
    """
    wanted = _query(query)
    with connected(registry, server, trace=trace) as ehr:
        visit = ehr.visit()
        _check(server, wanted, ehr.capability(visit))
        found = search(visit, wanted)
    entries = [
        {"fullUrl": each.full_url, "resource": each.resource}
        if each.full_url
        else {"resource": each.resource}
        for each in found.entries.values()
    ]
    click.echo(pretty(_JSON.encode({"resourceType": "Bundle", "type": "collection", "entry": entries})))
    say_all([each.text for each in found.findings])
    lost = any(each.severity is Severity.ERROR for each in found.findings)
    return ExitStatus.UNJUDGED if lost else ExitStatus.FINE


def _query(text: str) -> Query:
    kind, _, rest = text.partition("?")
    parameters = tuple(parse_qsl(rest, keep_blank_values=True))
    if not kind.isalpha() or not kind[0].isupper() or not parameters:
        raise InvalidRequest("expected a search such as 'Observation?patient=Patient/4711'")
    return Query(type=kind, parameters=parameters)


def _check(server: str, query: Query, capability: Capability) -> None:
    offered = capability.of(query.type)
    if offered is None or not offered.searches:
        raise InvalidRequest(f"server {server!r} does not list searching {query.type}")
    unlisted = [each for each in query.names if each.partition(":")[0] not in offered.parameters]
    if unlisted:
        raise InvalidRequest(
            f"server {server!r} does not list {', '.join(unlisted)} for {query.type};"
            f" it lists {', '.join(sorted(offered.parameters))}"
        )
