"""The launch table of the registry entry: who we are to the server, and what must be registered there."""

from collections.abc import Iterator

from fhirgate.ehr.doctor.line import Told
from fhirgate.ehr.doctor.telling import failed, ok, told_of
from fhirgate.ehr.launch.conversation import smart_launches
from fhirgate.ehr.rehearsal.case import LaunchCase
from fhirgate.errors import ConfigurationError
from fhirgate.oncology.wording import count
from fhirgate.services.ehr_server import LaunchKind

_KINDS = {
    LaunchKind.PUBLIC: "a public client, which proves itself by PKCE alone",
    LaunchKind.CLIENT_SECRET: "a client with a secret, which is at hand",
    LaunchKind.PRIVATE_KEY: "a client with a key, which is at hand",
}


def table(case: LaunchCase) -> Iterator[Told]:
    """Whether the entry can be launched from, and what proves who we are is at hand."""
    launch = case.entry.launch
    if launch is None:
        yield failed(
            "the entry has no launch table, so nobody can launch from this server",
            'add launch = { kind = "public", client_id = "..." } to it, with what its operator has registered',
        )
        return
    try:
        case.launches = smart_launches(
            [case.entry],
            case.outbound,
            case.environment,
            case.store,
            case.callback,
            surroundings=case.outbound.surroundings,
        )
    except ConfigurationError as error:
        yield told_of(error, case)
        return
    framed = count(len(launch.frame_ancestors), "origin") if launch.frame_ancestors else "nobody"
    yield ok(f"{launch.client_id}: {_KINDS[launch.kind]}; {framed} may show our pages in a frame")


def redirect(case: LaunchCase) -> Iterator[Told]:
    """The redirect URI, which a server compares letter by letter."""
    yield ok(f"{case.live.redirect_uri(case.entry.name)}; it must be registered there letter by letter")
