"""How we are let in to a server: nothing, a password, or a token that is fetched and renewed when it is needed.

    authorizer = Bearer(access, client=PrivateKeyJwt.with_keys_in(folder, client_id="fhirgate"), wanted=scopes)
    answer = outbound.get(server, "Patient/1", headers=authorizer.headers())     # after a 401: authorizer.renew()

Decisions
- One token serves all threads, and one request fetches it: who comes meanwhile waits for that one, and shares its
  failure too. A refusal is remembered for `REFUSED_FOR`, so that hundreds of reads do not lock the client out.
- `renew` forgets the token that this thread was last given, if it is still the current one: of many threads that
  meet a 401 at once, only the first causes a new token.
- A token is fetched within the time of the patient it is wanted for, waiting for another thread's request included.
- A backend has no refresh token (SMART Backend Services): it asks anew.
"""

import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from fhirgate.ehr.clients import Client, basic
from fhirgate.ehr.scopes import Scopes, Version
from fhirgate.ehr.smart_checks import backend_findings, smart_findings
from fhirgate.ehr.smart_discovery import SmartConfiguration, discover, token_destination
from fhirgate.ehr.token_requests import TokenRequest
from fhirgate.ehr.tokens import Token
from fhirgate.ehr.turn import alone
from fhirgate.errors import EhrError, EhrRefused, EhrUnavailable
from fhirgate.oncology.finding import Finding
from fhirgate.outbound.client import Outbound
from fhirgate.outbound.destination import Destination
from fhirgate.outbound.surroundings import Surroundings

REFUSED_FOR = 30.0
"""How long a refusal is told again without asking [s]."""
DISCOVERED_FOR = 86_400.0
"""How long a smart-configuration is believed [s]."""


class Authorizer(Protocol):
    """What lets requests in; used by many threads."""

    @property
    def granted(self) -> Scopes | None:
        """What the server last said it grants; None when it said nothing."""
        ...

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is odd about the server's authorization, as far as it was met."""
        ...

    def headers(self, within: float | None = None) -> Mapping[str, str]:
        """What a request carries now. Raises EhrError when there is no token to be had, or not `within` seconds."""
        ...

    def renew(self) -> None:
        """Forget the token this thread was given, which was not accepted (401)."""
        ...


@dataclass(frozen=True, slots=True)
class Open:
    """A server that lets everybody in."""

    granted: Scopes | None = None
    findings: tuple[Finding, ...] = ()

    def headers(self, within: float | None = None) -> Mapping[str, str]:
        """Nothing."""
        return {}

    def renew(self) -> None:
        """There is nothing to forget."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Basic:
    """A user name, without a colon, and a password (RFC 7617) with every request."""

    user: str
    password: str = field(repr=False)
    granted: Scopes | None = None
    findings: tuple[Finding, ...] = ()

    def headers(self, within: float | None = None) -> Mapping[str, str]:
        """Both, in base 64."""
        return {"Authorization": basic(self.user, self.password)}

    def renew(self) -> None:
        """There is nothing to forget."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A server and where its tokens may come from, as its registry entry says."""

    outbound: Outbound
    server: Destination
    token_hosts: frozenset[str] = frozenset()
    """Hosts beside the server's own origin that may be its token endpoint's: `host` or `host:port`."""
    private_hosts: frozenset[str] = frozenset()
    """Those of `token_hosts` that are on site, as in `Destination.private_hosts`."""
    token_endpoint: str | None = None
    """Known beforehand; the server is not asked then."""
    version: Version | None = None
    """How scopes are written; by what the server says when None."""
    surroundings: Surroundings = field(default_factory=Surroundings)


class Bearer:
    """A token by client_credentials."""

    def __init__(self, access: Access, *, client: Client, wanted: Scopes) -> None:
        self._access = access
        self._client = client
        self._wanted = wanted
        self._lock = threading.Lock()
        """Held while a token is fetched."""
        self._swap = threading.Lock()
        """Held for a moment, while one token takes the place of another."""
        self._given = threading.local()
        self._token: Token | None = None
        self._granted: Scopes | None = None
        self._findings: tuple[Finding, ...] = ()
        self._configuration: tuple[SmartConfiguration, float] | None = None
        self._failure: EhrError | None = None
        self._failed_at = 0.0
        self._attempts = 0

    def __repr__(self) -> str:
        return f"Bearer(server={self._access.server.name!r}, client={self._client!r})"

    @property
    def granted(self) -> Scopes | None:
        """What the server last said it grants; None when it said nothing, or was not asked yet."""
        return self._granted

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Of its smart-configuration and its last token."""
        return self._findings

    def headers(self, within: float | None = None) -> Mapping[str, str]:
        """A token that lives, fetched if need be, `within` seconds when they are given. Raises EhrError."""
        until = math.inf if within is None else self._now() + within
        token = self._living() or self._fetched(self._attempts, until)
        self._given.token = token
        return token.headers()

    def renew(self) -> None:
        """Forget the token this thread was given, unless another has taken its place meanwhile."""
        given = getattr(self._given, "token", None)
        with self._swap:
            if given is None or given is self._token:
                self._token = None

    def _living(self) -> Token | None:
        token = self._token
        return token if token is not None and self._now() < token.use_until else None

    def _now(self) -> float:
        return self._access.surroundings.monotonic()

    def _fetched(self, attempts_seen: int, until: float) -> Token:
        with alone(self._lock, until - self._now(), self._too_late):
            token = self._living()
            if token is not None:
                return token
            if self._failure is not None and (self._attempts != attempts_seen or self._still_refused()):
                raise self._failure.with_traceback(None)
            try:
                token = self._new(until)
            except EhrError as error:
                self._configuration = None
                # Whose own time was over has learnt nothing that another would have to share.
                if self._now() < until:
                    self._failure, self._failed_at = error, self._now()
                    self._attempts += 1
                raise
            self._attempts += 1
            self._failure = None
            with self._swap:
                self._token = token
            return token

    def _too_late(self) -> EhrUnavailable:
        name = self._access.server.name
        return EhrUnavailable(
            f"server {name!r}: there was no token before the time for this patient was over"
        )

    def _still_refused(self) -> bool:
        failure = self._failure
        return failure is not None and not failure.retry and self._now() - self._failed_at < REFUSED_FOR

    def _new(self, until: float) -> Token:
        access = self._access
        configuration = self._discovered(until)
        endpoint = self._endpoint(configuration)
        token, odd = TokenRequest(
            outbound=access.outbound,
            destination=token_destination(
                access.server,
                endpoint,
                access.token_hosts,
                access.private_hosts | access.server.private_hosts,
            ),
            endpoint=endpoint,
            client=self._client,
            wanted=self._wanted,
            version=access.version or (configuration.scopes_version if configuration else Version.V2),
            surroundings=access.surroundings,
            seconds=self._left(until),
        ).token()
        self._granted = token.granted
        self._findings = (*self._odd_configuration(configuration), *odd)
        return token

    def _left(self, until: float) -> float:
        """Seconds for a call now. Raises EhrUnavailable when there are none."""
        left = until - self._now()
        if left <= 0:
            raise self._too_late()
        return min(left, self._access.server.timeouts.total)

    def _discovered(self, until: float) -> SmartConfiguration | None:
        """What the server says, asked once a day; None when the endpoint is known beforehand."""
        if self._access.token_endpoint is not None:
            return None
        if self._configuration is None or self._now() - self._configuration[1] > DISCOVERED_FOR:
            said = discover(self._access.outbound, self._access.server, lambda: self._left(until))
            self._configuration = said, self._now()
        return self._configuration[0]

    def _endpoint(self, configuration: SmartConfiguration | None) -> str:
        known = self._access.token_endpoint or (configuration.token_endpoint if configuration else None)
        if known is None:
            raise EhrRefused(
                f"server {self._access.server.name!r}: its smart-configuration names no token_endpoint; name it in"
                " the registry entry",
                status=200,
            )
        return known

    def _odd_configuration(self, configuration: SmartConfiguration | None) -> tuple[Finding, ...]:
        if configuration is None:
            return ()
        algorithm = self._client.algorithm(self._access.surroundings.now())
        return (*smart_findings(configuration), *backend_findings(configuration, algorithm))
