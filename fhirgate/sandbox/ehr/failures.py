"""What can be made to go wrong, by name; each does what its name says and nothing else.

A failure is chosen for one launch (on the sandbox's page), or for every launch and every backend (`Failures`). Those
that happen to FHIR calls happen to calls with a token: `metadata` and `.well-known` are always well.
"""

import threading
from collections.abc import Callable, Mapping
from enum import StrEnum

from fhirgate.sandbox.ehr.refused import Refused
from fhirgate.sandbox.ehr.scopes import clinical

SLOW_SECONDS = 3.0
"""How long `slow` keeps every FHIR call [s]."""
FIRST_CALLS = 2
"""How many FHIR calls `too-many`, `too-many-silent` and `server-error` refuse before all is well."""
RETRY_AFTER = 1
"""What `too-many` tells to wait [s]."""
_LOST = "Observation"


class Failure(StrEnum):
    """A way to go wrong."""

    DENIED = "denied"
    NARROWED = "narrowed-scope"
    NO_SCOPE = "no-scope"
    EXPIRED = "expired-token"
    SLOW = "slow"
    TOO_MANY = "too-many"
    TOO_MANY_SILENT = "too-many-silent"
    NO_CONTEXT = "no-context"
    SERVER_ERROR = "server-error"


TELLS: Mapping[Failure, str] = {
    Failure.DENIED: "Access is denied, even after a click on Allow. A backend gets unauthorized_client.",
    Failure.NARROWED: f"Every scope that gives {_LOST} is left out of what is granted.",
    Failure.NO_SCOPE: "No scope on any resource is granted; the rest is.",
    Failure.EXPIRED: "The first token is over as soon as it is given, whatever expires_in says; the next one is good.",
    Failure.SLOW: f"Every FHIR call takes {SLOW_SECONDS:g} seconds longer.",
    Failure.TOO_MANY: f"The first {FIRST_CALLS} FHIR calls get 429 with Retry-After: {RETRY_AFTER}.",
    Failure.TOO_MANY_SILENT: f"The first {FIRST_CALLS} FHIR calls get 429 without Retry-After.",
    Failure.NO_CONTEXT: "The token comes without patient and encounter, and patient/ scopes give nothing. A backend"
    " has no context to miss.",
    Failure.SERVER_ERROR: f"The first {FIRST_CALLS} FHIR calls get 500; then all is well.",
}
"""What each does, for whoever chooses."""


class Trouble:
    """A failure on its way through one launch, or through all calls of one backend; used by many threads."""

    def __init__(self, failure: Failure | None, sleep: Callable[[float], None]) -> None:
        self.failure = failure
        self._sleep = sleep
        self._lock = threading.Lock()
        self._calls = 0
        self._tokens = 0

    def granted(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """What is granted of what would be."""
        if self.failure is Failure.NO_SCOPE:
            return tuple(each for each in words if clinical(each) is None)
        if self.failure is Failure.NARROWED:
            return tuple(each for each in words if not _gives(each, _LOST))
        return words

    def next_token_is_over(self) -> bool:
        """Whether the token that is given now is over at once."""
        with self._lock:
            self._tokens += 1
            return self.failure is Failure.EXPIRED and self._tokens == 1

    def before_call(self) -> None:
        """What happens before a FHIR call is carried out. Raises Refused when it is not."""
        if self.failure is Failure.SLOW:
            self._sleep(SLOW_SECONDS)
        with self._lock:
            self._calls += 1
            first = self._calls <= FIRST_CALLS
        if not first:
            return
        if self.failure is Failure.TOO_MANY:
            raise Refused(429, "throttled", "too many calls", headers={"Retry-After": str(RETRY_AFTER)})
        if self.failure is Failure.TOO_MANY_SILENT:
            raise Refused(429, "throttled", "too many calls")
        if self.failure is Failure.SERVER_ERROR:
            raise Refused(500, "exception", "the server failed")


def _gives(word: str, kind: str) -> bool:
    scope = clinical(word)
    return scope is not None and scope.type in ("*", kind)


class Failures:
    """The failure that is chosen for everything, and the troubles of backends."""

    def __init__(self, sleep: Callable[[float], None], everywhere: Failure | None = None) -> None:
        self._sleep = sleep
        self._lock = threading.Lock()
        self._everywhere = everywhere
        self._of_backends: dict[str, Trouble] = {}

    @property
    def everywhere(self) -> Failure | None:
        """What happens to every launch and every backend."""
        return self._everywhere

    def choose(self, failure: Failure | None) -> None:
        """From now on this one; what went wrong for backends before is forgotten."""
        with self._lock:
            self._everywhere = failure
            self._of_backends.clear()

    def of_launch(self, chosen: Failure | None) -> Trouble:
        """A fresh trouble for one launch."""
        return Trouble(chosen or self._everywhere, self._sleep)

    def of_backend(self, client_id: str) -> Trouble:
        """The one that all tokens of a backend share."""
        with self._lock:
            found = self._of_backends.get(client_id)
            if found is None:
                found = self._of_backends[client_id] = Trouble(self._everywhere, self._sleep)
            return found
