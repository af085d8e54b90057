"""Assessments asked for by callers who come back for the answer: asked, found again, told.

A job belongs to the caller who asked for it, and no other learns that it exists. Its id is random, or made of the
caller's own idempotency key; never of the patient.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from hashlib import sha256

import msgspec

from fhirgate.errors import InvalidRequest, QueueFull, UnknownResource
from fhirgate.services.job_ports import Job, Jobs, JobStatus
from fhirgate.services.ports import Delivery, DeliveryState, Outbox, PatientKey, ResultStore, Stored
from fhirgate.services.publication import write_back_channel
from fhirgate.services.result_writer import Written, read_fate

KIND = "assessment"
_OF = f"{KIND}:"
_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
MOST_QUEUED = 1000
"""Assessments of one caller that wait for a worker, until no more are taken of him: hours of work."""


def kind_of(caller: str) -> str:
    """The kind of job that assessments of one caller are: each caller stands in a queue of his own."""
    return f"{_OF}{caller}"


def is_assessment(kind: str) -> bool:
    """Whether a kind of job is the assessments of some caller."""
    return kind.startswith(_OF)


class KeyReused(InvalidRequest):
    """An idempotency key that stands for another request already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentRequest:
    """What is to be assessed, and for whom."""

    caller: str
    server: str
    patient: str = field(repr=False)
    presets: tuple[str, ...]
    as_of: date | None = None
    """None: the day on which it was asked for."""
    write: bool = False
    """Write the results back to the server."""
    reader: str = field(default="", repr=False)
    """Whose measurements, where several read the scans; empty: every reader's, kept apart."""

    def text(self) -> str:
        """As a job keeps it."""
        return msgspec.json.encode(self).decode()


class PresetAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What one preset says, as a finished job keeps it."""

    preset: str
    state: str
    """The present progression state."""
    not_kept: str
    """Why no result was kept, in words; empty when one was."""
    assessment: msgspec.Raw
    """The whole assessment as published JSON, to be handed on byte for byte."""


class WriteState(StrEnum):
    """What became of writing results back."""

    NOT_ASKED = "not asked for"
    NOTHING = "nothing to write"
    WAITING = "waiting"
    DONE = "done"
    GIVEN_UP = "given up"


_TOLD = (
    (DeliveryState.DEAD, WriteState.GIVEN_UP),
    (DeliveryState.WAITING, WriteState.WAITING),
    (DeliveryState.DONE, WriteState.DONE),
)
"""The first that stands for any of several messages stands for them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteBack:
    """How far the results of a job have come on their way back to the server."""

    state: WriteState
    attempts: int = 0
    """Of the message that was tried most often."""
    why: str = ""
    """Why the last attempt failed, in words."""
    written: tuple[Written, ...] = ()
    """How each resource fared on the server that was written so far."""


def answers_of(job: Job) -> tuple[PresetAnswer, ...]:
    """What a finished job says, in the order of its presets."""
    return msgspec.json.decode(job.answer, type=tuple[PresetAnswer, ...]) if job.answer else ()


def request_of(job: Job) -> AssessmentRequest:
    """What a job is to do; its day is set."""
    asked = msgspec.json.decode(job.request, type=AssessmentRequest)
    # The calendar day where this service stands, as on the command line.
    return replace(asked, as_of=asked.as_of or job.created_at.astimezone().date())


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessments:
    """The jobs of all callers, as callers may see them."""

    jobs: Jobs
    store: ResultStore
    outbox: Outbox
    new_id: Callable[[], str] = field(repr=False)
    awaken: Callable[[], None] = field(default=lambda: None, repr=False)
    """Tell the workers of this process that there is something to do."""
    most_queued: int = MOST_QUEUED

    def ask(self, request: AssessmentRequest, key: str = "") -> Job:
        """Queue a job; the same key of the same caller is the same job.

        Raises KeyReused when that job was asked for in other words, QueueFull.
        """
        text = request.text()
        job_id = _id_of(request.caller, key) if key else self.new_id()
        job = self.jobs.find(job_id) or self._added(job_id, kind_of(request.caller), text)
        if job.request != text:
            raise KeyReused("the idempotency key stands for another request already; use a new one")
        self.awaken()
        return job

    def _added(self, job_id: str, kind: str, text: str) -> Job:
        if any(each.kind == kind and each.queued >= self.most_queued for each in self.jobs.backlog()):
            raise QueueFull("too many assessments of yours wait already; try again later")
        return self.jobs.add(job_id, kind, text)

    def find(self, caller: str, job_id: str) -> Job:
        """A job of this caller. Raises UnknownResource."""
        # What no job of ours can be called is not looked for: PostgreSQL fails on a zero byte.
        job = self.jobs.find(job_id) if _ID.fullmatch(job_id) else None
        if job is None or job.kind != kind_of(caller):
            raise UnknownResource("there is no such assessment")
        return job

    def results(self, job: Job) -> tuple[Stored, ...]:
        """The versions of our resources in which its results stand."""
        found = (self.store.read(each.resource, each.version) for each in job.results)
        return tuple(each for each in found if each is not None)

    def written_back(self, job: Job) -> WriteBack:
        """What became of writing its results back."""
        request = request_of(job)
        if not request.write:
            return WriteBack(state=WriteState.NOT_ASKED)
        if job.status is not JobStatus.DONE:
            is_over = job.status is JobStatus.FAILED
            return WriteBack(state=WriteState.NOTHING if is_over else WriteState.WAITING)
        channel = write_back_channel(PatientKey(server=request.server, id=request.patient))
        return standing_of(self.outbox.about(channel, job.results))


def standing_of(deliveries: Sequence[Delivery]) -> WriteBack:
    """How far the results have come that these messages tell of."""
    states = {each.state for each in deliveries}
    state = next((told for owed, told in _TOLD if owed in states), WriteState.NOTHING)
    return WriteBack(
        state=state,
        attempts=max((each.attempts for each in deliveries), default=0),
        written=tuple(read_fate(each.fate) for each in deliveries if each.fate),
        why=next((each.error for each in deliveries if each.error and each.state != DeliveryState.DONE), ""),
    )


def _id_of(caller: str, key: str) -> str:
    return sha256(f"{caller}\0{key}".encode()).hexdigest()[:32]
