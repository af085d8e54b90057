"""What the web needs, handed in whole by `wiring`."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fhirgate.services.assessment_jobs import Assessments
from fhirgate.services.callers import Caller
from fhirgate.services.events import Sink
from fhirgate.services.launches import Launches
from fhirgate.services.readiness import Check
from fhirgate.services.reviews import Reviews
from fhirgate.web.metrics import Metrics
from fhirgate.web.pace import Pace
from fhirgate.web.themes import Themes

MOST_WAITING = 3
"""Callers that are kept waiting at once in a process; its other threads stay free for the rest."""
MOST_PAGES = 10
"""Pages that wait for an EHR at once in a process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launching:
    """What pages need to be launched out of an EHR."""

    public_url: str
    """Where browsers reach us, without a slash at its end."""
    launches: Launches
    reviews: Reviews
    frames: Mapping[str, tuple[str, ...]]
    """Servers that can be launched from, by name: the origins whose pages may show ours in a frame."""
    server_of: Callable[[str], str] = field(repr=False)
    """The name of the server that an `iss` means; empty when none of them is meant."""
    pace: Pace = field(repr=False)
    """How often launches may be begun, by server: anybody can begin one."""
    themes: Themes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """The parts of a running service, as far as its pages see them."""

    callers: tuple[Caller, ...]
    servers: tuple[str, ...]
    """Names, as in the registry."""
    assessments: Assessments
    public_keys: Callable[[], Mapping[str, Any]] = field(repr=False)
    """The JWK set we publish. Raises ConfigurationError."""
    checks: Callable[[], tuple[Check, ...]] = field(repr=False)
    """What must hold for this process to be given work."""
    metrics: Metrics
    told: Sink = field(repr=False)
    monotonic: Callable[[], float] = field(repr=False)
    launching: Launching | None = None
    """None: no server of the registry can be launched from."""
    stopping: threading.Event = field(default_factory=threading.Event, repr=False)
    """Set when no caller should be kept waiting any more."""
    places_to_wait: threading.Semaphore = field(
        default_factory=lambda: threading.Semaphore(MOST_WAITING), repr=False
    )
    places_for_pages: threading.Semaphore = field(
        default_factory=lambda: threading.Semaphore(MOST_PAGES), repr=False
    )

    @property
    def launches(self) -> Launches | None:
        """Launches of clinicians."""
        return None if self.launching is None else self.launching.launches

    @property
    def reviews(self) -> Reviews | None:
        """What they see and decide."""
        return None if self.launching is None else self.launching.reviews
