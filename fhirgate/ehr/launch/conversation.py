"""The whole conversation of a launch: `services.launches.Launches` over the registry, the network and a store."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from hmac import compare_digest
from typing import Any
from weakref import WeakValueDictionary

from fhirgate.ehr.launch.answered import Answered
from fhirgate.ehr.launch.authorization import Chart, authorization_url
from fhirgate.ehr.launch.callback import Callback
from fhirgate.ehr.launch.granted import may_write
from fhirgate.ehr.launch.hand_back import hand_back
from fhirgate.ehr.launch.identity import Identities
from fhirgate.ehr.launch.issuers import check_redirect, entry_of_issuer, entry_of_name
from fhirgate.ehr.launch.launched_server import LaunchedServer, LaunchRecords
from fhirgate.ehr.launch.proof_key import new_secret, new_verifier
from fhirgate.ehr.launch.registered import LONGEST_CALL, Registered, client_of
from fhirgate.ehr.launch.requested import scopes_for
from fhirgate.ehr.launch.session_bearer import SessionBearer
from fhirgate.ehr.launch.style import style_at
from fhirgate.ehr.launch.token_exchange import TokenAnswer, exchange_code
from fhirgate.ehr.rest import FhirServer
from fhirgate.ehr.result_writer import ServerResults
from fhirgate.ehr.smart_checks import smart_findings
from fhirgate.errors import ConfigurationError, EhrDenied, EhrError, EhrRefused
from fhirgate.oncology.finding import Finding
from fhirgate.outbound.client import Outbound
from fhirgate.outbound.surroundings import Surroundings
from fhirgate.services.callers import digest_of
from fhirgate.services.ehr_server import EhrServer
from fhirgate.services.launches import (
    Begun,
    Flow,
    Launch,
    LaunchRefused,
    LaunchSession,
    LaunchStore,
    PendingLaunch,
    Why,
)

PENDING = timedelta(minutes=10)
"""How long the person may take between our redirect and the EHR's answer."""
LEAST_BROWSER_SECRET = 22
"""Characters; 128 bits in base 64."""
LONGEST_LAUNCH = 4096


@dataclass(slots=True, kw_only=True)
class SmartLaunches:
    """`Launches` of a process; shared by its threads."""

    servers: Mapping[str, Registered]
    """By their names; those with a launch table."""
    entries: tuple[EhrServer, ...]
    store: LaunchStore
    callback: str
    """Our address that EHRs send browsers back to; behind it stands the name of the server, see `redirect_uri`."""
    surroundings: Surroundings
    _identities: dict[str, Identities] = field(init=False, repr=False)
    _bearers: WeakValueDictionary[str, SessionBearer] = field(
        default_factory=WeakValueDictionary, init=False, repr=False
    )
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def __post_init__(self) -> None:
        self._identities = {name: Identities(registered=each) for name, each in self.servers.items()}

    def redirect_uri(self, server: str) -> str:
        """Where one server sends browsers back to, as it is registered there.

        Each has its own, so that no server can pass on as its own answer what another has sent (RFC 9700 §4.4.2.2).
        """
        return f"{self.callback}/{server}"

    def begin_from_ehr(self, iss: str, launch: str, browser: str) -> Begun:
        """See `Launches.begin_from_ehr`."""
        entry = entry_of_issuer(iss, self.entries)
        if not 0 < len(launch) <= LONGEST_LAUNCH or not launch.isprintable():
            raise LaunchRefused(
                Why.MALFORMED,
                "the EHR launched us without the launch parameter, which names the context; launch again from the"
                " chart",
            )
        return self._begin(self.servers[entry.name], Flow.EHR, Chart(audience=iss, launch=launch), browser)

    def begin_standalone(self, server: str, browser: str) -> Begun:
        """See `Launches.begin_standalone`."""
        entry = entry_of_name(server, self.entries)
        return self._begin(self.servers[entry.name], Flow.STANDALONE, Chart(audience=entry.base_url), browser)

    def finish(self, server: str, parameters: Iterable[tuple[str, str]], browser: str) -> Launch:
        """See `Launches.finish`."""
        callback = Callback.of(parameters)
        pending = self.store.take_pending(callback.state)
        if pending is None:
            raise LaunchRefused(
                Why.UNKNOWN_STATE,
                "this launch was not begun here, was finished before, or took longer than"
                f" {PENDING.total_seconds() / 60:.0f} minutes; launch again from the chart",
            )
        if not compare_digest(pending.browser, digest_of(browser)):
            raise LaunchRefused(
                Why.OTHER_BROWSER,
                "this launch was begun in another browser session, or the browser did not keep our cookie;"
                " open it in a new window and launch again",
            )
        registered = self._as_begun(pending)
        callback.check_issuer(pending, came_to=server)
        callback.check_error(pending.server)
        session = self._let_in(registered, pending, callback.code)
        self.store.put_session(session)
        return session.launch

    def find(self, launch_id: str, browser: str) -> Launch | None:
        """See `Launches.find`."""
        session = self._session(launch_id, browser)
        return None if session is None else session.launch

    def records(self, launch_id: str, browser: str) -> LaunchRecords | None:
        """See `Launches.records`."""
        session = self._session(launch_id, browser)
        return (
            None
            if session is None
            else LaunchRecords(server=self.server(session), patient=session.launch.context.patient)
        )

    def person(self, launch_id: str, browser: str) -> Mapping[str, Any] | None:
        """See `Launches.person`."""
        session = self._session(launch_id, browser)
        user = None if session is None else session.launch.user
        if session is None or user is None or not user.is_on_server:
            return None
        try:
            found = self.server(session).visit(LONGEST_CALL).get(user.reference).json
        except (EhrDenied, EhrRefused):
            # Reading people may not be granted; who it is was proven without it.
            return None
        return found if isinstance(found, Mapping) and found.get("resourceType") == user.type else None

    def results(self, launch_id: str, browser: str) -> ServerResults | None:
        """See `Launches.results`."""
        session = self._session(launch_id, browser)
        if session is None or not may_write(session.launch.granted):
            return None
        return ServerResults(self.server(session))

    def style(self, launch_id: str, browser: str) -> Mapping[str, str]:
        """See `Launches.style`."""
        session = self._session(launch_id, browser)
        if session is None:
            return {}
        return style_at(self.servers[session.launch.server], session.launch.context.smart_style_url)

    def server(self, session: LaunchSession) -> LaunchedServer:
        """The EHR with this launch's token."""
        common = self.servers[session.launch.server].common
        return LaunchedServer(
            entry=common.entry,
            outbound=common.outbound,
            authorizer=self._bearer(session),
            monotonic=common.monotonic,
            common=common,
        )

    def end(self, launch_id: str, browser: str) -> tuple[Finding, ...]:
        """See `Launches.end`."""
        session = self._session(launch_id, browser)
        if session is None or not self.store.delete_session(launch_id):
            return ()
        return hand_back(self.servers[session.launch.server], session.tokens)

    def _begin(self, registered: Registered, flow: Flow, chart: Chart, browser: str) -> Begun:
        if len(browser) < LEAST_BROWSER_SECRET:
            raise ValueError("the secret of a browser session is too short to bind a launch to")
        told = registered.configuration()
        # Both are there, or `configuration` had refused.
        authorization, token = str(told.authorization_endpoint), str(told.token_endpoint)
        registered.place(authorization, "authorization endpoint")
        registered.place(token, "token endpoint")
        wanted = scopes_for(registered.launch, flow, told)
        now = self.surroundings.now().astimezone(UTC)
        pending = PendingLaunch(
            flow=flow,
            server=registered.name,
            base_url=registered.base_url,
            browser=digest_of(browser),
            verifier=new_verifier(),
            nonce=new_secret() if "openid" in wanted.others else "",
            redirect_uri=self.redirect_uri(registered.name),
            client_id=registered.launch.client_id,
            scopes=str(wanted),
            authorization_endpoint=authorization,
            token_endpoint=token,
            revocation_endpoint=told.revocation_endpoint or "",
            issuer=told.issuer or "",
            jwks_uri=told.jwks_uri or "",
            tells_issuer=told.tells_issuer,
            findings=tuple(smart_findings(told)),
            began_at=now,
            ends_at=now + PENDING,
        )
        state = new_secret()
        self.store.put_pending(state, pending)
        url = authorization_url(pending, chart, state=state, version=told.scopes_version)
        return Begun(url=url, state=state, flow=flow, server=registered.name, ends_at=pending.ends_at)

    def _as_begun(self, pending: PendingLaunch) -> Registered:
        """The server of a pending launch, if its entry still is what it was."""
        registered = self.servers.get(pending.server)
        if (
            registered is None
            or registered.base_url != pending.base_url
            or registered.launch.client_id != pending.client_id
        ):
            raise LaunchRefused(
                Why.REGISTRATION_CHANGED,
                f"the entry of server {pending.server!r} was changed while this launch was under way; launch again",
            )
        return registered

    def _let_in(self, registered: Registered, pending: PendingLaunch, code: str) -> LaunchSession:
        answer = self._exchanged(registered, pending, code)
        answered = Answered(pending=pending, answer=answer, identities=self._identities[pending.server])
        tokens = answered.tokens()
        try:
            return answered.session(tokens)
        except (LaunchRefused, EhrError):
            hand_back(registered, tokens)
            raise

    def _exchanged(self, registered: Registered, pending: PendingLaunch, code: str) -> TokenAnswer:
        try:
            return exchange_code(registered, pending, code)
        except EhrError:
            registered.forget()
            raise

    def _session(self, launch_id: str, browser: str) -> LaunchSession | None:
        session = self.store.read_session(launch_id)
        if session is None or not compare_digest(session.browser, digest_of(browser)):
            return None
        registered = self.servers.get(session.launch.server)
        # A token goes to the base it was given for, whatever the registry says by now.
        return session if registered is not None and registered.base_url == session.base_url else None

    def _bearer(self, session: LaunchSession) -> SessionBearer:
        with self._lock:
            bearer = self._bearers.get(session.launch.id)
            if bearer is None:
                bearer = SessionBearer(session, self.store, self.servers[session.launch.server])
                self._bearers[session.launch.id] = bearer
            return bearer


def smart_launches(
    entries: Iterable[EhrServer],
    outbound: Outbound,
    environment: Mapping[str, str],
    store: LaunchStore,
    callback: str,
    surroundings: Surroundings | None = None,
) -> SmartLaunches:
    """The launches of a registry. Raises ConfigurationError naming every entry whose secret or key is not at hand."""
    everyone, around = tuple(entries), surroundings or Surroundings()
    servers: dict[str, Registered] = {}
    problems: list[str] = []
    for each in everyone:
        if each.launch is None:
            continue
        try:
            client = client_of(each, each.launch, environment)
        except ConfigurationError as error:
            problems += [f"server {each.name!r}: {problem}" for problem in error.problems]
            continue
        servers[each.name] = Registered(
            common=FhirServer(entry=each, outbound=outbound, monotonic=around.monotonic),
            launch=each.launch,
            client=client,
            surroundings=around,
        )
    if problems:
        raise ConfigurationError("the launches", problems)
    return SmartLaunches(
        servers=servers,
        entries=everyone,
        store=store,
        callback=check_redirect(callback).rstrip("/"),
        surroundings=around,
    )
