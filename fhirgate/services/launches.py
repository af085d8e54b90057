"""A clinician's launch out of an EHR: what is known of it, what must be remembered, and why it may be refused.

It stands here because `ehr` holds the conversation, `store` remembers it, and pages show it. `Launch` is all that a
page needs and holds no token; a `LaunchSession` holds the tokens too and is seen by `ehr` and `store` alone.
SMART App Launch 2.2.0.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from fhirgate.errors import InvalidRequest
from fhirgate.oncology.finding import Finding
from fhirgate.services.fetch_record import RecordSource
from fhirgate.services.result_writer import ResultWriter


class Flow(StrEnum):
    """Where a launch starts."""

    EHR = "ehr"
    """In the patient's chart."""
    STANDALONE = "standalone"
    """At our own door; the EHR asks for the patient."""


class Why(StrEnum):
    """Why a launch goes no further; a page has words and a next step for each."""

    UNKNOWN_ISSUER = "unknown-issuer"
    MALFORMED = "malformed"
    """The EHR, or somebody in its place, called us in a way that cannot be read."""
    UNKNOWN_STATE = "unknown-state"
    """Never begun here, used before, or too old."""
    OTHER_BROWSER = "other-browser"
    """Begun in another browser session, or its cookie was lost on the way."""
    OTHER_ISSUER = "other-issuer"
    """The answer is another authorization server's."""
    REGISTRATION_CHANGED = "registration-changed"
    """The server's entry is not the one the launch began with."""
    DENIED = "denied"
    """The person, or the EHR for this person, said no."""
    AUTHORIZATION_FAILED = "authorization-failed"
    """The authorization server tells of an error."""
    NOTHING_GRANTED = "nothing-granted"
    NO_PATIENT = "no-patient"
    IDENTITY_UNPROVEN = "identity-unproven"
    """The id_token does not prove who the person is."""
    UNSUPPORTED = "unsupported"
    """The server does not offer what a launch needs."""


class LaunchRefused(InvalidRequest):
    """A launch that goes no further; says why and what to do, without anything the other side wrote."""

    def __init__(self, why: Why, safe_message: str, *, code: str = "") -> None:
        super().__init__(safe_message)
        self.why = why
        self.code = code
        """The OAuth error code, where there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextItem:
    """One entry of fhirContext: something the EHR points at beside patient and encounter."""

    reference: str = field(default="", repr=False)
    """Relative, such as `ImagingStudy/17`."""
    canonical: str = ""
    identifier: str = field(default="", repr=False)
    """`system|value`."""
    type: str = ""
    role: str = "launch"


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchContext:
    """What the EHR says about where the clinician stands."""

    patient: str = field(default="", repr=False)
    """Logical id on the server; empty when none was given."""
    encounter: str = field(default="", repr=False)
    items: tuple[ContextItem, ...] = field(default=(), repr=False)
    need_patient_banner: bool | None = None
    """None: it does not say, so nothing is assumed."""
    smart_style_url: str = ""
    """Hostile until checked; never needed."""
    intent: str = ""
    """What to show first; an unknown one means the usual page."""
    tenant: str = field(default="", repr=False)
    """Opaque."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchUser:
    """Who the person is, by a signed id_token."""

    issuer: str
    subject: str = field(repr=False)
    reference: str = field(default="", repr=False)
    """FHIR resource of the person: `Practitioner/7` on the server, or a whole URL elsewhere; empty when not told."""
    is_on_server: bool = False
    """Whether the reference can be read with the session's token."""

    @property
    def type(self) -> str:
        """Of the resource; empty when it is not known."""
        return self.reference.split("/")[-2] if self.reference else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """What was asked for and what the EHR gave, as scopes are written in version 2."""

    requested: str
    granted: str | None
    """None: the server did not say."""
    lost: tuple[str, ...] = ()
    """Types of which something asked for was not granted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """A launch that was let in, as a page may know it. A page is bound to its `id`, never to "the" patient."""

    id: str
    flow: Flow
    server: str
    """Of the registry."""
    context: LaunchContext
    user: LaunchUser | None
    """None: the EHR does not say who it is."""
    granted: Granted
    findings: tuple[Finding, ...] = ()
    began_at: datetime
    ends_at: datetime
    """Latest; it may be over earlier when the EHR says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchTokens:
    """What the EHR gave to come in with; printing it does not show it."""

    access: str = field(repr=False)
    use_until: datetime
    refresh: str = field(default="", repr=False)
    endpoint: str
    """Where they came from; a refresh goes there and nowhere else."""
    revocation: str = ""
    """Where they are handed back; empty when the server offers none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchSession:
    """A launch with its tokens, as it is remembered."""

    launch: Launch
    browser: str = field(repr=False)
    """Digest of the secret in the cookie of the browser session it belongs to."""
    base_url: str
    """Of the server when the launch began; tokens go there only."""
    tokens: LaunchTokens
    version: int = 1
    """Counts the token answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingLaunch:
    """A launch that waits for its callback."""

    flow: Flow
    server: str
    base_url: str
    browser: str = field(repr=False)
    """Digest of the secret in the cookie of the browser session it was begun in."""
    verifier: str = field(repr=False)
    """Of PKCE."""
    nonce: str = field(repr=False)
    redirect_uri: str
    client_id: str
    scopes: str
    """As they were asked for, version 2."""
    authorization_endpoint: str
    token_endpoint: str
    revocation_endpoint: str = ""
    issuer: str = ""
    """Of the authorization server; empty when it names none."""
    jwks_uri: str = ""
    tells_issuer: bool = False
    """Whether its answers always name the issuer (RFC 9207)."""
    findings: tuple[Finding, ...] = ()
    began_at: datetime
    ends_at: datetime


class LaunchStore(Protocol):
    """Remembers launches for all processes, encrypted; what is over is as if it were not there."""

    def put_pending(self, state: str, pending: PendingLaunch) -> None:
        """Remember a launch under its state."""
        ...

    def take_pending(self, state: str) -> PendingLaunch | None:
        """The launch of a state, for the first who asks; None for everybody else, and when it is over."""
        ...

    def put_session(self, session: LaunchSession) -> None:
        """Remember a launch that was let in."""
        ...

    def read_session(self, launch_id: str) -> LaunchSession | None:
        """A launch that is not over."""
        ...

    def lease_renewal(self, launch_id: str, version: int, until: datetime) -> bool:
        """Whether the caller may renew the tokens of this version now; nobody else may until `until`, or `replace`."""
        ...

    def release_renewal(self, launch_id: str, version: int) -> None:
        """Let another try."""
        ...

    def replace_session(self, session: LaunchSession) -> bool:
        """Keep a session whose version is one above the stored one; False when it is not, and nothing is kept."""
        ...

    def delete_session(self, launch_id: str) -> bool:
        """Forget it; whether it was there."""
        ...

    def expire(self) -> int:
        """Forget what is over; how many rows that was."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A launch that waits for the EHR."""

    url: str = field(repr=False)
    """Where the browser goes now: the server's authorization endpoint."""
    state: str = field(repr=False)
    flow: Flow
    server: str
    ends_at: datetime
    """After it the answer comes too late."""


class Launches(Protocol):
    """Launches as a web page sees them. `browser` is a secret that only one browser session's cookie holds."""

    def begin_from_ehr(self, iss: str, launch: str, browser: str) -> Begun:
        """Called by an EHR. Raises LaunchRefused, EhrError."""
        ...

    def begin_standalone(self, server: str, browser: str) -> Begun:
        """With a server that the person chose. Raises LaunchRefused, EhrError."""
        ...

    def finish(self, server: str, parameters: Iterable[tuple[str, str]], browser: str) -> Launch:
        """With what came back to the redirect URI of a server. Raises LaunchRefused, EhrError."""
        ...

    def find(self, launch_id: str, browser: str) -> Launch | None:
        """A launch that is not over, for the browser session it belongs to and no other."""
        ...

    def records(self, launch_id: str, browser: str) -> RecordSource | None:
        """The EHR, read with this launch's token. None as `find`."""
        ...

    def person(self, launch_id: str, browser: str) -> Mapping[str, Any] | None:
        """The FHIR resource of who launched, as received; None when it is not on the server or may not be read.

        Raises EhrError when the server fails.
        """
        ...

    def results(self, launch_id: str, browser: str) -> ResultWriter | None:
        """The EHR, written to with this launch's token; None as `find`, and when the EHR did not grant writing."""
        ...

    def style(self, launch_id: str, browser: str) -> Mapping[str, str]:
        """Names and values of the EHR's style, all of them hostile until judged; nothing when there is none."""
        ...

    def end(self, launch_id: str, browser: str) -> tuple[Finding, ...]:
        """Forget a launch and hand its tokens back; what of that did not work."""
        ...
