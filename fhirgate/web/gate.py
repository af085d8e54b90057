"""What the web needs, handed in whole by `wiring`."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fhirgate.services.assessment_jobs import Assessments
from fhirgate.services.callers import Caller
from fhirgate.services.events import Sink
from fhirgate.services.readiness import Check
from fhirgate.web.metrics import Metrics

MOST_WAITING = 3
"""Callers that are kept waiting at once in a process; its other threads stay free for the rest."""


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
    stopping: threading.Event = field(default_factory=threading.Event, repr=False)
    """Set when no caller should be kept waiting any more."""
    places_to_wait: threading.Semaphore = field(
        default_factory=lambda: threading.Semaphore(MOST_WAITING), repr=False
    )
