"""The token of one launch, for all threads that read the record with it: an `Authorizer` of `ehr.backend_auth`.

A token that is over, or that was refused (401), is renewed once: by one thread of this process (a lock) and one
process of all (a lease in the store). The others wait, and share its failure. When there is nothing to renew with,
or the EHR says that its session is over, so is the launch. So it is too when a process dies between the EHR's answer
and the store: on servers that rotate refresh tokens the one that is kept is good no more.
"""

import math
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta

from fhirgate.ehr.launch.answered import renewed
from fhirgate.ehr.launch.registered import LONGEST_CALL, Registered
from fhirgate.ehr.launch.token_exchange import is_over, refresh
from fhirgate.ehr.scopes import Scopes
from fhirgate.ehr.turn import alone
from fhirgate.errors import EhrDenied, EhrError, EhrUnavailable
from fhirgate.oncology.finding import Finding
from fhirgate.services.launches import LaunchRefused, LaunchSession, LaunchStore

LEASE = timedelta(seconds=45)
"""Longer than `LONGEST_CALL`, so that no one renews while another still may."""
LOOK_AGAIN = 0.05
"""How often the store is asked whether another process has renewed [s]."""


class SessionBearer:
    """One per launch and process."""

    def __init__(self, session: LaunchSession, store: LaunchStore, registered: Registered) -> None:
        self._session = session
        self._store = store
        self._registered = registered
        self._lock = threading.Lock()
        """Held while the token is renewed."""
        self._given = threading.local()
        self._refused = 0
        """The version whose token was not accepted."""
        self._attempts = 0
        self._failure: EhrError | None = None

    def __repr__(self) -> str:
        return f"SessionBearer(server={self._registered.name!r})"

    @property
    def granted(self) -> Scopes | None:
        """What the EHR last said it grants; None when it said nothing."""
        granted = self._session.launch.granted.granted
        return None if granted is None else Scopes.of(granted)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Of the launch."""
        return self._session.launch.findings

    def headers(self, within: float | None = None) -> Mapping[str, str]:
        """A token that lives, renewed if need be. Raises EhrDenied when the launch is over, EhrError otherwise."""
        until = math.inf if within is None else self._monotonic() + within
        session = self._living() or self._next(self._attempts, until)
        self._given.version = session.version
        return {"Authorization": f"Bearer {session.tokens.access}"}

    def renew(self) -> None:
        """The token this thread was given was not accepted; another that came meanwhile is still believed."""
        self._refused = max(self._refused, getattr(self._given, "version", self._session.version))

    def _monotonic(self) -> float:
        return self._registered.surroundings.monotonic()

    def _now(self) -> datetime:
        return self._registered.surroundings.now()

    def _is_living(self, session: LaunchSession) -> bool:
        until = min(session.tokens.use_until, session.launch.ends_at)
        return session.version > self._refused and self._now() < until

    def _living(self) -> LaunchSession | None:
        session = self._session
        return session if self._is_living(session) else None

    def _next(self, attempts_seen: int, until: float) -> LaunchSession:
        with alone(self._lock, until - self._monotonic(), self._too_late):
            session = self._living()
            if session is not None:
                return session
            if self._failure is not None and self._attempts != attempts_seen:
                raise self._failure.with_traceback(None)
            try:
                self._session, self._failure = self._stored_or_renewed(until), None
            except EhrError as error:
                self._failure = error
                raise
            finally:
                self._attempts += 1
            return self._session

    def _stored_or_renewed(self, until: float) -> LaunchSession:
        """The session with a token that lives, whoever renewed it."""
        launch_id = self._session.launch.id
        while True:
            stored = self._store.read_session(launch_id)
            if stored is None:
                raise self._over("it was ended, or its time is over")
            if self._is_living(stored):
                return stored
            if not stored.tokens.refresh:
                raise self._over("its token is over, and the EHR gave nothing to renew it with")
            if self._store.lease_renewal(launch_id, stored.version, self._now() + LEASE):
                return self._renewed(stored, until)
            if self._monotonic() >= until:
                raise self._too_late()
            self._registered.surroundings.sleep(LOOK_AGAIN)

    def _renewed(self, stored: LaunchSession, until: float) -> LaunchSession:
        launch_id = stored.launch.id
        left = min(LONGEST_CALL, until - self._monotonic())
        if left <= 0:
            self._store.release_renewal(launch_id, stored.version)
            raise self._too_late()
        try:
            answer = refresh(self._registered, stored.tokens.endpoint, stored.tokens.refresh, left)
            session = renewed(stored, answer)
        except EhrError as error:
            if is_over(error):
                self._store.delete_session(launch_id)
                raise self._over("the EHR says that its session is over") from None
            self._store.release_renewal(launch_id, stored.version)
            raise
        except LaunchRefused as error:
            self._store.delete_session(launch_id)
            raise EhrDenied(error.safe_message, status=403) from None
        if not self._store.replace_session(session):
            raise self._over("it was ended while its token was renewed")
        return session

    def _over(self, why: str) -> EhrDenied:
        return EhrDenied(
            f"server {self._registered.name!r}: this launch is over: {why}. Launch again from the chart",
            status=401,
        )

    def _too_late(self) -> EhrUnavailable:
        return EhrUnavailable(
            f"server {self._registered.name!r}: there was no token before the time for this patient was over"
        )
