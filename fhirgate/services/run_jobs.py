"""One job after the other: taken, done within its time, and answered, by threads that can be told to stop.

A thread cannot be killed. What is in hand therefore has a `Hand`: the assessment asks it at every step whether to
go on, and a keeper outside holds the lease meanwhile, or ends the job in words when its time is over. A thread that
is stuck between two steps finds out at the next; until then it can change nothing of the job, for its lease is gone.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from fhirgate.errors import FhirgateError, StoreError
from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.progression.presets import PRESETS
from fhirgate.services.assess_patient import PatientOutcome, PatientRequest, assess_patient
from fhirgate.services.assess_record import Choices
from fhirgate.services.assessment_jobs import KIND, PresetAnswer, is_assessment, request_of
from fhirgate.services.events import JobEnded, JobTaken, Sink, fault_of
from fhirgate.services.fetch_record import RecordSource
from fhirgate.services.job_ports import JobLease, Jobs, NoAnswer
from fhirgate.services.ports import Clock, PatientKey, ResultStore, VersionName

JOB_SECONDS = 900.0
"""For one job with everything [s]; a record may take 300 of it by itself."""
SAID_EVERY = 1.0
"""Progress within a stage is written down at most so often [s]."""
HELD_EVERY = 30.0
"""How often the lease of a job is renewed that says nothing [s]; a quarter of a lease."""
_ENCODER = msgspec.json.Encoder(decimal_format="number")


class GivenUp(Exception):
    """The job in hand is not ours to finish: its time is over, or the process is told to stop."""


@dataclass(slots=True, kw_only=True)
class Hand:
    """One job in the hands of a thread; shared with the keeper."""

    jobs: Jobs
    lease: JobLease
    until: float
    """When its time is over, on `monotonic`."""
    monotonic: Callable[[], float] = field(default=time.monotonic, repr=False)
    started: float = field(init=False)
    _stop: threading.Event = field(default_factory=threading.Event, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)
    _said: tuple[str, int, int] = field(default=("", 0, 0), init=False, repr=False)
    _said_at: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.started = self._said_at = self.monotonic()

    def step(self, stage: str, steps_done: int = 0, steps: int = 0) -> None:
        """Say how far it is. Raises GivenUp when it is not to go on."""
        if self._stop.is_set():
            raise GivenUp
        with self._lock:
            is_news = stage != self._said[0] or self.monotonic() - self._said_at >= SAID_EVERY
            self._said = (stage, steps_done, steps)
        if is_news and not self._tell():
            raise GivenUp

    def hold(self) -> None:
        """Renew the lease, if nothing was said for a while."""
        if self.monotonic() - self._said_at >= HELD_EVERY:
            self._tell()

    def give_up(self) -> None:
        """Let its thread stop at the next step."""
        self._stop.set()

    @property
    def is_overtime(self) -> bool:
        """Whether its time is over."""
        return self.monotonic() >= self.until

    def _tell(self) -> bool:
        with self._lock:
            self._said_at = self.monotonic()
            said = self._said
        return self.jobs.progress(self.lease, *said)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRunner:
    """What doing a job takes."""

    jobs: Jobs
    store: ResultStore
    source_of: Callable[[str], RecordSource]
    """The server of a name. Raises UnknownResource, ConfigurationError."""
    choices: Choices
    """The site's policy and vocabulary; the rest is as the caller asks."""
    tell: Callable[[Assessment], object] = field(repr=False)
    """An assessment in plain JSON types, as it is published."""
    clock: Clock = field(repr=False)
    told: Sink = field(repr=False)
    seconds: float = JOB_SECONDS
    monotonic: Callable[[], float] = field(default=time.monotonic, repr=False)
    _last_served: list[str] = field(default_factory=lambda: [""], init=False, repr=False)
    """The kind of job taken last in this process; with several threads it is about right, and need be no more."""

    def take(self, worker: str) -> Hand | None:
        """The next job, if there is one. Raises StoreError."""
        lease = self._claimed(worker)
        if lease is None:
            return None
        self.told(JobTaken(job=lease.job.id, kind=KIND, attempt=lease.job.attempts))
        until = self.monotonic() + self.seconds
        return Hand(jobs=self.jobs, lease=lease, until=until, monotonic=self.monotonic)

    def _claimed(self, worker: str) -> JobLease | None:
        """The job that has waited longest of the caller whose turn it is: none has to wait for all of another's."""
        kinds = sorted(each.kind for each in self.jobs.backlog() if is_assessment(each.kind))
        last = self._last_served[0]
        for kind in sorted(kinds, key=lambda each: each <= last):
            lease = self.jobs.claim(worker, [kind])
            if lease is not None:
                self._last_served[0] = kind
                return lease
        return None

    def work(self, hand: Hand) -> str:
        """Do the job, and settle it whatever comes: done, failed, released, or lost to another worker.

        Raises StoreError when it cannot be settled.
        """
        try:
            outcome, category = self._settled(hand)
        except GivenUp:
            # Whoever said so has ended the job, or we give it back.
            released = self.jobs.release(hand.lease)
            outcome, category = ("released" if released else "lost"), ""
        self._end(hand, outcome, category)
        return outcome

    def end_overtime(self, hand: Hand) -> None:
        """End a job whose time is over. Raises StoreError."""
        hand.give_up()
        why = f"it took longer than {self.seconds:.0f} seconds, and was given up"
        self.jobs.fail(hand.lease, why, NoAnswer.OVERTIME)

    def _settled(self, hand: Hand) -> tuple[str, str]:
        try:
            results, answer = self._assess(hand)
        except StoreError:
            raise
        except FhirgateError as error:
            mine = self.jobs.fail(hand.lease, error.safe_message, error.category)
            return ("failed" if mine else "lost"), error.category
        except GivenUp:
            raise
        except Exception as error:
            self.told(fault_of(error, job=hand.lease.job.id))
            why = "an error in fhirgate; its log says where"
            mine = self.jobs.fail(hand.lease, why, NoAnswer.FAULT)
            return ("failed" if mine else "lost"), NoAnswer.FAULT
        return ("done" if self.jobs.finish(hand.lease, results, answer) else "lost"), ""

    def _assess(self, hand: Hand) -> tuple[Sequence[VersionName], bytes]:
        asked = request_of(hand.lease.job)
        presets = tuple(PRESETS[name] for name in asked.presets)
        assert asked.as_of is not None  # noqa: S101 - set by request_of
        request = PatientRequest(
            patient=PatientKey(server=asked.server, id=asked.patient),
            as_of=asked.as_of,
            choices=replace(self.choices, presets=presets, reader=asked.reader),
            write=asked.write,
        )
        hand.step("starting")
        source = self.source_of(asked.server)
        outcome = assess_patient(request, source, self.store, self.clock, hand.step)
        return outcome.kept, self._answer(outcome)

    def _answer(self, outcome: PatientOutcome) -> bytes:
        why_not = {each.preset: each.why for each in outcome.not_kept}
        answers = [
            PresetAnswer(
                preset=each.preset,
                state=each.current.state,
                not_kept=why_not.get(each.preset, ""),
                assessment=msgspec.Raw(_ENCODER.encode(self.tell(each))),
            )
            for each in outcome.result.assessments
        ]
        return _ENCODER.encode(answers)

    def _end(self, hand: Hand, outcome: str, category: str) -> None:
        took = round((self.monotonic() - hand.started) * 1000)
        job = hand.lease.job
        self.told(JobEnded(job=job.id, kind=KIND, outcome=outcome, category=category, milliseconds=took))
