"""What a rehearsal has found out so far."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from fhirgate.ehr.doctor.case import Case, WatchedOutbound
from fhirgate.ehr.launch.conversation import SmartLaunches
from fhirgate.ehr.launch.proof_key import new_secret
from fhirgate.ehr.launch.registered import Registered
from fhirgate.ehr.rehearsal.memory import RememberedLaunches
from fhirgate.ehr.rehearsal.person import Manner
from fhirgate.errors import FhirgateError
from fhirgate.outbound.answer import Answer
from fhirgate.outbound.call import Call
from fhirgate.outbound.destination import Destination
from fhirgate.outbound.trace import Try
from fhirgate.services.launches import Begun, Flow, Launch, LaunchSession, PendingLaunch

T = TypeVar("T")
Pairs = tuple[tuple[str, str], ...]
Visitor = Callable[[str, str], Pairs]
"""A person with a real browser: given where to go and the redirect URI, what came back to it. Raises EhrError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handle:
    """A launch that the EHR has prepared: what it calls our launch URL with."""

    iss: str
    launch: str = field(repr=False)


class HeardOutbound(WatchedOutbound):
    """Remembers what the token endpoint answered, so that a refused launch can still be explained."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.token_answers: list[tuple[Answer, Try]] = []

    def send(self, destination: Destination, call: Call) -> Answer:
        """See `WatchedOutbound.send`."""
        answer = super().send(destination, call)
        # Of all calls of a launch, those to the token endpoint alone are posted for JSON.
        if call.method == "POST" and call.json:
            self.token_answers.append((answer, self.tries[-1]))
        return answer


@dataclass(slots=True, kw_only=True)
class LaunchCase(Case):
    """One rehearsal: what is given, and what its steps have learned."""

    outbound: HeardOutbound
    callback: str
    handle: Handle | None = None
    """None: a standalone launch."""
    manner: Manner = field(default_factory=Manner)
    visitor: Visitor | None = None
    """None: the browser is played."""
    secret: str = field(default_factory=new_secret, repr=False)
    """Of the browser session."""
    store: RememberedLaunches = field(default_factory=RememberedLaunches)
    launches: SmartLaunches | None = field(default=None, repr=False)
    """None until the entry is found to be one that can be launched from."""
    begun: Begun | None = field(default=None, repr=False)
    pending: PendingLaunch | None = field(default=None, repr=False)
    returned: Pairs | None = field(default=None, repr=False)
    """What came back to the redirect URI."""
    launch: Launch | None = field(default=None, repr=False)
    """None until it was let in."""
    refusal: FhirgateError | None = None
    """Why it was not let in, though a code came back."""

    spent: LaunchSession | None = field(default=None, repr=False)
    """The launch with its tokens, as they were handed back."""

    @property
    def flow(self) -> Flow:
        """Where the launch starts."""
        return Flow.STANDALONE if self.handle is None else Flow.EHR

    @property
    def live(self) -> SmartLaunches:
        """The launches, once they are there."""
        return there(self.launches)

    @property
    def registered(self) -> Registered:
        """The server as launches see it."""
        return self.live.servers[self.entry.name]

    @property
    def session(self) -> LaunchSession | None:
        """The launch with its tokens, while it lasts."""
        return None if self.launch is None else self.store.read_session(self.launch.id)

    @property
    def token_body(self) -> Mapping[str, Any]:
        """The first answer of the token endpoint; empty when there was none that can be read."""
        for answer, _ in self.outbound.token_answers[:1]:
            if isinstance(answer.json, Mapping):
                return answer.json
        return {}


def there(value: T | None) -> T:
    """What an earlier step has found; the steps a step needs see to that."""
    if value is None:
        raise RuntimeError("a step was made before the steps it needs")
    return value
