"""What the running service tells of itself: each kind of event with the fields it may have, and no other.

This is the allow-list of the log. Nothing here can hold a patient's id, a value, a URL as it was called or the text
of an exception; the id of a job and of a request is random, or made of a key that the caller chose.
"""

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from traceback import extract_tb

import msgspec


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceStarted(Event):
    """It takes requests."""

    address: str
    database: str
    """Without its password."""
    servers: int
    callers: int
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceStopped(Event):
    """It was told to stop, and has."""

    released: int
    """Jobs that were given back unfinished."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenMade(Event):
    """There were no callers: a first token lies in a file."""

    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysNotRead(Event):
    """Our public keys were asked for, and cannot be told."""

    problems: tuple[str, ...]
    """Each file with what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestAnswered(Event):
    """A request of ours was answered."""

    request_id: str
    method: str
    route: str
    """The template, such as `/v1/assessments/{id}`."""
    status: int
    milliseconds: int
    caller: str
    """Empty when it did not say who it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobTaken(Event):
    """A worker began a job."""

    job: str
    kind: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEnded(Event):
    """A worker is through with a job."""

    job: str
    kind: str
    outcome: str
    """done, failed, released, or lost: another worker has it."""
    category: str
    """What kind of failure."""
    milliseconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenBack(Event):
    """A worker's turn at one patient's results ended."""

    server: str
    outcome: str
    """As `services.deliver.Outcome`."""
    messages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchBegun(Event):
    """A browser was sent to an EHR."""

    server: str
    flow: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchLetIn(Event):
    """An EHR let a launch in."""

    server: str
    flow: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchStopped(Event):
    """A launch went no further."""

    server: str
    """Of the registry; empty when it is none of them."""
    why: str
    """As `services.launches.Why`, or the category of the failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionTaken(Event):
    """A person decided on a proposal."""

    server: str
    act: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkHeld(Event):
    """A worker cannot go on for a while."""

    worker: str
    category: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault(Event):
    """An error in fhirgate: its class and where it struck, never its text."""

    error: str
    frames: tuple[str, ...]
    """File and line, the outermost first."""
    request_id: str = ""
    job: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryTold(Event):
    """A library logged something; its words may quote a record."""

    level: str
    logger: str
    module: str
    line: int


Sink = Callable[[Event], None]
"""Told of every event; called by many threads, and never raises."""

MOST_FRAMES = 12
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


def fault_of(error: BaseException, *, request_id: str = "", job: str = "") -> Fault:
    """A bug, as it may be told."""
    frames = [f"{each.filename}:{each.lineno}" for each in extract_tb(error.__traceback__)]
    return Fault(
        error=type(error).__name__, frames=tuple(frames[-MOST_FRAMES:]), request_id=request_id, job=job
    )


def line_of(event: Event, at: datetime) -> bytes:
    """The event as one line of JSON."""
    name = _CAPITAL.sub("-", type(event).__name__).lower()
    moment = at.isoformat(timespec="milliseconds")
    return msgspec.json.encode({"at": moment, "event": name, **asdict(event)}) + b"\n"
