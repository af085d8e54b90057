"""What is remembered of a launch, from the click in the EHR to the last refreshed token."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fhirgate.sandbox.ehr.access import Access
from fhirgate.sandbox.ehr.failures import Failure, Trouble
from fhirgate.sandbox.ehr.scopes import of
from fhirgate.sandbox.ehr.tickets import Tickets

LAUNCH_LIFE = timedelta(minutes=5)
PENDING_LIFE = timedelta(minutes=10)
"""For whoever reads the page of consent."""
CODE_LIFE = timedelta(seconds=60)
TOKEN_LIFE = timedelta(seconds=300)
REFRESH_LIFE = timedelta(hours=8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """The EHR has opened an app for a patient."""

    client_id: str
    patient: str
    failure: Failure | None = None
    needs_banner: bool = True
    """Whether the app is to show who the patient is: outside of the EHR's own page."""
    intent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What an app is told of the place it was opened in."""

    patient: str = ""
    encounter: str = ""
    needs_banner: bool = True
    intent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """An authorization request that waits for a person's click."""

    client_id: str
    redirect_uri: str
    state: str
    challenge: str
    nonce: str
    words: tuple[str, ...]
    """The scopes that are granted on a yes."""
    left_out: tuple[str, ...]
    """Those that are not, whatever is clicked."""
    picks_patient: bool
    context: Context
    failure: Failure | None


@dataclass(slots=True, kw_only=True)
class Grant:
    """A person's yes, and everything that was given out for it."""

    client_id: str
    words: tuple[str, ...]
    context: Context
    user: str
    trouble: Trouble
    redirect_uri: str = ""
    challenge: str = field(default="", repr=False)
    nonce: str = field(default="", repr=False)
    is_over: bool = False
    """Revoked: nothing that was given out for it is good any more."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """An access token."""

    grant: Grant
    words: tuple[str, ...]

    def access(self) -> Access:
        """What it gives."""
        return Access(
            client_id=self.grant.client_id,
            scopes=of(self.words),
            words=frozenset(self.words),
            patient=self.grant.context.patient,
            user=self.grant.user,
        )


@dataclass(frozen=True, slots=True)
class Refresh:
    """A refresh token: good for one use, which gives the next one."""

    grant: Grant
    words: tuple[str, ...]


class Vault:
    """Everything that is given out, in memory."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.launches: Tickets[Launch] = Tickets(clock, LAUNCH_LIFE)
        self.pending: Tickets[Pending] = Tickets(clock, PENDING_LIFE)
        self.codes: Tickets[Grant] = Tickets(clock, CODE_LIFE)
        self.bearers: Tickets[Bearer] = Tickets(clock, TOKEN_LIFE)
        self.refreshes: Tickets[Refresh] = Tickets(clock, REFRESH_LIFE)
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[tuple[str, str], datetime] = {}

    def is_new(self, client_id: str, jti: str, until: datetime) -> bool:
        """Whether an assertion of this id comes for the first time; it is remembered as long as it is good."""
        now = self._clock()
        with self._lock:
            self._seen = {each: end for each, end in self._seen.items() if end > now}
            if (client_id, jti) in self._seen:
                return False
            self._seen[client_id, jti] = until
            return True
