"""From a registry entry to a server that can be asked: how we are let in, and with which scopes."""

from collections.abc import Mapping
from pathlib import Path

from fhirgate.ehr.backend_auth import Access, Authorizer, Basic, Bearer, Open
from fhirgate.ehr.clients import Client, ClientSecret, PrivateKeyJwt
from fhirgate.ehr.rest import FhirServer, destination_of
from fhirgate.ehr.scopes import Scopes
from fhirgate.ehr.search_plan import TYPES
from fhirgate.errors import ConfigurationError
from fhirgate.outbound.client import Outbound
from fhirgate.services.ehr_server import AuthKind, EhrServer

SCOPED = ("Patient", *TYPES, "Medication", "Practitioner")
"""The types a token is asked for where the entry names no scopes."""


def connect(entry: EhrServer, outbound: Outbound, environment: Mapping[str, str]) -> FhirServer:
    """The server of an entry, asked for nothing yet. Raises ConfigurationError when a secret is not at hand."""
    return FhirServer(entry=entry, outbound=outbound, authorizer=authorizer_of(entry, outbound, environment))


def authorizer_of(entry: EhrServer, outbound: Outbound, environment: Mapping[str, str]) -> Authorizer:
    """What lets us in to the server of an entry. Raises ConfigurationError when a secret is not at hand."""
    auth = entry.auth
    if auth.kind is AuthKind.OPEN:
        return Open()
    if auth.kind is AuthKind.BASIC:
        return Basic(user=auth.client_id, password=_secret(entry, environment))
    access = Access(
        outbound=outbound,
        server=destination_of(entry),
        token_hosts=frozenset(auth.token_hosts),
        token_endpoint=auth.token_url or None,
    )
    wanted = Scopes.of(" ".join(auth.scopes)) if auth.scopes else Scopes.for_types(SCOPED)
    return Bearer(access, client=_client(entry, environment), wanted=wanted)


def _client(entry: EhrServer, environment: Mapping[str, str]) -> Client:
    auth = entry.auth
    if auth.kind is AuthKind.BACKEND:
        return PrivateKeyJwt.with_keys_in(Path(auth.key_file), client_id=auth.client_id)
    return ClientSecret(client_id=auth.client_id, secret=_secret(entry, environment))


def _secret(entry: EhrServer, environment: Mapping[str, str]) -> str:
    variable = entry.auth.secret_variable
    secret = environment.get(variable, "")
    if not secret:
        raise ConfigurationError(
            f"server {entry.name!r}",
            [f"the environment variable {variable} is to hold its secret, and is empty"],
        )
    return secret
