"""A server that clinicians launch us from: who we are there, what it says of itself, where we may call."""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fhirgate.ehr.backend_auth import DISCOVERED_FOR
from fhirgate.ehr.clients import Client, ClientSecret, PrivateKeyJwt, PublicClient
from fhirgate.ehr.keys import load_keys
from fhirgate.ehr.rest import FhirServer
from fhirgate.ehr.smart_discovery import Listed, SmartConfiguration, Told, beside, discover
from fhirgate.errors import ConfigurationError
from fhirgate.outbound.destination import Destination
from fhirgate.outbound.surroundings import Surroundings
from fhirgate.services.ehr_server import EhrServer, LaunchEntry, LaunchKind
from fhirgate.services.launches import LaunchRefused, Why

LONGEST_CALL = 30.0
"""For any one call of a launch with all its tries [s]: somebody sits and waits."""
REQUIRED = ("token_endpoint", "grant_types_supported", "capabilities", "code_challenge_methods_supported")
"""Members that a smart-configuration must have (SMART App Launch 2.2.0 "Metadata"), beside authorization_endpoint."""


@dataclass(slots=True, kw_only=True)
class Registered:
    """One per server and process; shared by its threads."""

    common: FhirServer
    """The server, asked without credentials."""
    launch: LaunchEntry
    client: Client
    surroundings: Surroundings
    _told: tuple[SmartConfiguration, float] | None = field(default=None, init=False)
    _asking: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    @property
    def name(self) -> str:
        """Of the registry."""
        return self.common.entry.name

    @property
    def base_url(self) -> str:
        """Without a slash at the end: `aud`, and where tokens may go."""
        return self.common.entry.base_url.rstrip("/")

    def configuration(self) -> SmartConfiguration:
        """What it says of its authorization, asked at most once a day. Raises EhrError, LaunchRefused."""
        with self._asking:
            now = self.surroundings.monotonic()
            if self._told is None or now - self._told[1] > DISCOVERED_FOR:
                found = discover(self.common.outbound, self.common.destination, lambda: LONGEST_CALL)
                _require_launchable(found, self.name)
                self._told = found, now
            return self._told[0]

    def forget(self) -> None:
        """Ask again next time: what it said did not work."""
        self._told = None

    def place(self, endpoint: str, what: str) -> Destination:
        """An endpoint as a place to call, or to send a browser to. Raises EhrForbiddenAddress."""
        listed = Listed(
            "authorization_hosts",
            frozenset(self.launch.authorization_hosts),
            frozenset(self.launch.private_authorization_hosts) | self.common.destination.private_hosts,
        )
        return beside(self.common.destination, endpoint, what, listed)


def client_of(entry: EhrServer, launch: LaunchEntry, environment: Mapping[str, str]) -> Client:
    """Who we are to a server's launches. Raises ConfigurationError when a secret or a key is not at hand."""
    if launch.kind is LaunchKind.PUBLIC:
        return PublicClient(client_id=launch.client_id)
    if launch.kind is LaunchKind.PRIVATE_KEY:
        place = Path(launch.key_file)
        # Read once now: a missing file is told before a clinician meets it.
        load_keys(place)
        return PrivateKeyJwt.with_keys_in(place, client_id=launch.client_id)
    secret = environment.get(launch.secret_variable, "")
    if not secret:
        raise ConfigurationError(
            f"the launch of server {entry.name!r}",
            [f"the environment variable {launch.secret_variable} is to hold its secret, and is empty"],
        )
    return ClientSecret(client_id=launch.client_id, secret=secret)


def _require_launchable(told: SmartConfiguration, server: str) -> None:
    """That it offers what a launch needs. Raises LaunchRefused that names everything that is missing."""
    missing = list(missing_for_launch(told))
    if missing:
        raise LaunchRefused(
            Why.UNSUPPORTED,
            f"server {server!r} cannot be launched from: its {told.told} {', and '.join(missing)}",
        )


def missing_for_launch(told: SmartConfiguration) -> Iterator[str]:
    """What a launch needs and the server does not show, each as the end of a sentence."""
    if told.authorization_endpoint is None:
        yield "names no authorization_endpoint"
    if told.told is Told.CAPABILITY_STATEMENT:
        return
    for each in REQUIRED:
        if each not in told.named:
            yield f"has no {each}"
    if "token_endpoint" in told.named and told.token_endpoint is None:
        yield "has a token_endpoint that is no address"
    if "grant_types_supported" in told.named and "authorization_code" not in told.grant_types:
        yield "does not list the grant type authorization_code"
    if "code_challenge_methods_supported" in told.named and "S256" not in told.challenge_methods:
        yield "does not list the challenge method S256 of PKCE"
    if "sso-openid-connect" in told.capabilities:
        for each, value in (("issuer", told.issuer), ("jwks_uri", told.jwks_uri)):
            if value is None:
                yield f"lists sso-openid-connect, but names no {each}"
