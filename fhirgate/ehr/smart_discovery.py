"""Where a FHIR server tells how to be let in: its smart-configuration, or an extension of its CapabilityStatement.

SMART App Launch 2.2.0 "Conformance", and http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris.
"""

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, NamedTuple
from urllib.parse import urljoin

from fhirgate.ehr.scopes import Version, version_for
from fhirgate.errors import ConfigurationError, EhrForbiddenAddress, EhrGarbled, EhrRefused
from fhirgate.outbound.address import Origin, origin_of
from fhirgate.outbound.client import Outbound
from fhirgate.outbound.destination import Destination

WELL_KNOWN = ".well-known/smart-configuration"
OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
MOST_BYTES = 16 << 20
"""Of a CapabilityStatement; large ones take a few MiB."""
MOST_OF_A_CONFIGURATION = 1 << 20
"""Of a smart-configuration; they take a few KiB."""


class Told(StrEnum):
    """Where a server tells how to be let in."""

    SMART = "smart-configuration"
    CAPABILITY_STATEMENT = "CapabilityStatement"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmartConfiguration:
    """What a server says of its authorization; URLs are absolute."""

    told: Told
    token_endpoint: str | None
    authorization_endpoint: str | None = None
    issuer: str | None = None
    jwks_uri: str | None = None
    revocation_endpoint: str | None = None
    tells_issuer: bool = False
    """Whether every answer to an authorization request names the issuer (RFC 9207)."""
    capabilities: tuple[str, ...] = ()
    grant_types: tuple[str, ...] = ()
    challenge_methods: tuple[str, ...] = ()
    """For PKCE."""
    client_authentication: tuple[str, ...] = ()
    """token_endpoint_auth_methods_supported."""
    signing_algorithms: tuple[str, ...] = ()
    """token_endpoint_auth_signing_alg_values_supported."""
    scopes_supported: tuple[str, ...] = ()
    named: frozenset[str] = field(default=frozenset(), repr=False)
    """The members that are there."""

    @property
    def scopes_version(self) -> Version:
        """How it reads scopes."""
        return version_for(self.capabilities, self.scopes_supported)


def discover(
    outbound: Outbound, server: Destination, left: Callable[[], float] | None = None
) -> SmartConfiguration:
    """What a server says; asked without credentials. Raises EhrError, also when it says nothing.

    `left` tells how long a call may take now [s]; as long as the server's timeouts say when None.
    """
    answer = outbound.get(
        server,
        WELL_KNOWN,
        headers={"Accept": "application/json"},
        expected=frozenset({404}),
        most_bytes=MOST_OF_A_CONFIGURATION,
        total_seconds=left() if left else None,
    )
    # Only 404 says that there is none; after another failure the older way could lead to another place.
    if answer.status == 404:
        return _from_capability_statement(outbound, server, left() if left else None)
    if not isinstance(answer.json, Mapping):
        raise EhrGarbled(
            f"server {server.name!r}: its smart-configuration is not a JSON object", status=answer.status
        )
    return _from_smart(answer.json, server.base_url)


def _from_smart(said: Mapping[str, Any], base_url: str) -> SmartConfiguration:
    return SmartConfiguration(
        told=Told.SMART,
        token_endpoint=_url(said, "token_endpoint", base_url),
        authorization_endpoint=_url(said, "authorization_endpoint", base_url),
        issuer=_url(said, "issuer", base_url),
        jwks_uri=_url(said, "jwks_uri", base_url),
        revocation_endpoint=_url(said, "revocation_endpoint", base_url),
        tells_issuer=said.get("authorization_response_iss_parameter_supported") is True,
        capabilities=_list(said, "capabilities"),
        grant_types=_list(said, "grant_types_supported"),
        challenge_methods=_list(said, "code_challenge_methods_supported"),
        client_authentication=_list(said, "token_endpoint_auth_methods_supported"),
        signing_algorithms=_list(said, "token_endpoint_auth_signing_alg_values_supported"),
        scopes_supported=_list(said, "scopes_supported"),
        named=frozenset(said),
    )


def _from_capability_statement(
    outbound: Outbound, server: Destination, seconds: float | None
) -> SmartConfiguration:
    statement = outbound.get(server, "metadata", most_bytes=MOST_BYTES, total_seconds=seconds).json
    uris = dict(_oauth_uris(statement))
    if "token" not in uris:
        raise EhrRefused(
            f"server {server.name!r}: it has no {WELL_KNOWN} (404), and its CapabilityStatement names no token"
            " endpoint. If it needs a token, name the endpoint in its registry entry; if not, set its"
            " authentication to open",
            status=404,
        )
    return SmartConfiguration(
        told=Told.CAPABILITY_STATEMENT,
        token_endpoint=_url(uris, "token", server.base_url),
        authorization_endpoint=_url(uris, "authorize", server.base_url),
    )


def _oauth_uris(statement: Any) -> Iterator[tuple[str, Any]]:
    """The pairs of rest[].security.extension[oauth-uris].extension[]."""
    for rest in _objects(statement, "rest"):
        for extension in _objects(rest.get("security"), "extension"):
            if extension.get("url") == OAUTH_URIS:
                for each in _objects(extension, "extension"):
                    yield str(each.get("url")), each.get("valueUri")


def _objects(parent: Any, name: str) -> Iterator[Mapping[str, Any]]:
    children = parent.get(name) if isinstance(parent, Mapping) else None
    for each in children if isinstance(children, list) else ():
        if isinstance(each, Mapping):
            yield each


def _url(said: Mapping[str, Any], name: str, base_url: str) -> str | None:
    """Absolute; relative ones are taken from the FHIR base, as SMART advises for servers that send them."""
    value = said.get(name)
    if not isinstance(value, str) or not value:
        return None
    try:
        return urljoin(base_url.rstrip("/") + "/", value)
    except ValueError:
        # It is refused, in words, where it would be called.
        return value


def _list(said: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = said.get(name)
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def token_destination(
    server: Destination, endpoint: str, token_hosts: Set[str], private_hosts: Set[str]
) -> Destination:
    """The token endpoint as a place to call: see `beside`. Raises EhrForbiddenAddress."""
    return beside(server, endpoint, "token endpoint", Listed("token_hosts", token_hosts, private_hosts))


class Listed(NamedTuple):
    """Hosts that a registry entry lists beside the server's own."""

    key: str
    """Where it lists them."""
    hosts: Set[str]
    """Such as `login.example.org` (any port) or `login.example.org:8443`."""
    private_hosts: Set[str]
    """Those of the whole entry that may be on a private network."""


def beside(server: Destination, endpoint: str, what: str, listed: Listed) -> Destination:
    """An endpoint as a place to call: on the server's own origin, or on a host that its registry entry lists.

    Raises EhrForbiddenAddress.
    """
    try:
        origin = origin_of(endpoint)
    except ValueError as error:
        raise EhrForbiddenAddress(f"the {what} of server {server.name!r} is refused: {error}") from None
    home = origin_of(server.base_url)
    if origin == home:
        return server
    refused = f"the {what} of server {server.name!r} is refused: it is on {origin}"
    if not _is_listed(origin, listed.hosts):
        raise EhrForbiddenAddress(
            f"{refused}, which its registry entry does not list. If that is its authorization server, add"
            f" {origin.host!r} to {listed.key}"
        )
    if home.scheme == "https" and origin.scheme == "http":
        raise EhrForbiddenAddress(f"{refused} by plain http, while the server itself has TLS")
    private = {each.lower() for each in listed.private_hosts}
    try:
        return replace(
            server,
            name=f"{server.name} ({what.removesuffix(' endpoint')})",
            base_url=f"{origin}/",
            private_hosts=frozenset({origin.host} & private),
        )
    except ConfigurationError as error:
        raise EhrForbiddenAddress(f"{refused}: {'; '.join(error.problems)}") from None


def _is_listed(origin: Origin, token_hosts: Set[str]) -> bool:
    host = f"[{origin.host}]" if ":" in origin.host else origin.host
    return bool({origin.host, f"{host}:{origin.port}"} & {each.lower() for each in token_hosts})
