"""From a registry entry to a server that can be asked: how we are let in, and with which scopes."""

from collections.abc import Mapping
from pathlib import Path

from fhirgate.ehr.backend_auth import Access, Authorizer, Basic, Bearer, Open
from fhirgate.ehr.clients import Client, ClientSecret, PrivateKeyJwt
from fhirgate.ehr.keys import load_keys
from fhirgate.ehr.rest import FhirServer, destination_of
from fhirgate.ehr.scopes import Scopes
from fhirgate.ehr.search_plan import TYPES
from fhirgate.ehr.write_plan import write_scopes
from fhirgate.errors import ConfigurationError
from fhirgate.outbound.client import Outbound
from fhirgate.services.ehr_server import AuthKind, EhrServer

SCOPED = ("Patient", *TYPES, "Medication", "Practitioner")
"""The types a token is asked to read where the entry names no scopes."""


def connect(
    entry: EhrServer, outbound: Outbound, environment: Mapping[str, str], *, writes: bool = False
) -> FhirServer:
    """The server of an entry, asked for nothing yet; `writes` when results are to be written to it.

    Raises ConfigurationError when a secret or a key is not at hand.
    """
    authorizer = authorizer_of(entry, outbound, environment, writes=writes)
    return FhirServer(entry=entry, outbound=outbound, authorizer=authorizer)


def authorizer_of(
    entry: EhrServer, outbound: Outbound, environment: Mapping[str, str], *, writes: bool = False
) -> Authorizer:
    """What lets us in to the server of an entry. Raises ConfigurationError when a secret or a key is not at hand."""
    auth = entry.auth
    if auth.kind is AuthKind.OPEN:
        return Open()
    if auth.kind is AuthKind.BASIC:
        return Basic(user=auth.client_id, password=_secret(entry, environment))
    access = Access(
        outbound=outbound,
        server=destination_of(entry),
        token_hosts=frozenset(auth.token_hosts),
        private_hosts=frozenset(auth.private_token_hosts),
        token_endpoint=auth.token_url or None,
    )
    return Bearer(access, client=_client(entry, environment), wanted=scopes_of(entry, writes=writes))


def scopes_of(entry: EhrServer, *, writes: bool = False) -> Scopes:
    """What a token is asked for: as the entry says, whatever is done; else to read, and to write only for `writes`."""
    if entry.auth.scopes:
        return Scopes.of(" ".join(entry.auth.scopes))
    reading = Scopes.for_types(SCOPED)
    return reading.plus(write_scopes()) if writes else reading


def _client(entry: EhrServer, environment: Mapping[str, str]) -> Client:
    auth = entry.auth
    if auth.kind is AuthKind.BACKEND:
        place = Path(auth.key_file)
        _check_keys(entry.name, place)
        return PrivateKeyJwt.with_keys_in(place, client_id=auth.client_id, audience=auth.audience or None)
    return ClientSecret(
        client_id=auth.client_id, secret=_secret(entry, environment), in_body=auth.secret_in_body
    )


def _check_keys(server: str, place: Path) -> None:
    """Read them once now: a missing file is told before anything is asked, not with the first token."""
    try:
        load_keys(place)
    except ConfigurationError as error:
        raise ConfigurationError(f"the signing key of server {server!r}", error.problems) from None


def _secret(entry: EhrServer, environment: Mapping[str, str]) -> str:
    variable = entry.auth.secret_variable
    secret = environment.get(variable, "")
    if not secret:
        raise ConfigurationError(
            f"server {entry.name!r}",
            [f"the environment variable {variable} is to hold its secret, and is empty"],
        )
    return secret
