"""A patient of a server, judged anew: fetched, judged, composed and kept, with the order to write it back.

What is read of the store before the fetch is the ground of every decision about what stands. Whoever finds at the
end that another has kept something of the patient meanwhile begins again, with the fetch: the other may have seen a
record newer than ours.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from fhirgate.errors import InvalidRequest, StoreError
from fhirgate.mapping.compose.risk_assessment import NOT_AVAILABLE
from fhirgate.oncology.assessment import Assessment
from fhirgate.services.assess_record import Choices, PatientResult
from fhirgate.services.fetch_record import Fetched, RecordSource, assess_fetched
from fhirgate.services.ports import (
    Clock,
    Composed,
    PatientKey,
    Place,
    ResultStore,
    Search,
    Stored,
    VersionName,
)
from fhirgate.services.publication import (
    WRITE_BACK,
    Judgement,
    compose_all,
    lacking,
    new_judgement,
    standing,
    to_write_back,
    write_back_channel,
)
from fhirgate.services.succession import PLAN, RESULT, Overtaken, succeed

MOST_ROUNDS = 5
"""How often a use case begins again because of others, who got on each time."""
STEPS = 3
Progress = Callable[[str, int, int], None]
"""Told what is being done, how many steps are done, and how many there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientRequest:
    """What is asked for."""

    patient: PatientKey
    as_of: date
    choices: Choices = field(default_factory=Choices)
    write: bool = False
    """Whether the results are to be written back to the server."""
    channel: str = WRITE_BACK
    """The kind of message by which they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotKept:
    """An assessment that was made and not kept, because of what stands."""

    preset: str
    why: str
    """In words without patient data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientOutcome:
    """What was concluded, and what became of it."""

    result: PatientResult
    fetched: Fetched
    kept: tuple[VersionName, ...]
    """The current version of every resource of this run, new or not; of what it revoked or took back too."""
    news: tuple[VersionName, ...]
    """Those of `kept` that are new."""
    not_kept: tuple[NotKept, ...]
    channel: str
    """By which they are written back; empty when that was not asked for."""


def unwatched(_stage: str, _done: int, _steps: int) -> None:
    """Nobody is told of progress."""


def assess_patient(
    request: PatientRequest,
    source: RecordSource,
    store: ResultStore,
    clock: Clock,
    progress: Progress = unwatched,
) -> PatientOutcome:
    """Judge a patient's record as its server holds it, and keep what is concluded, all of it or nothing.

    Raises what `RecordSource.fetch` raises; InvalidRequest for a day of judgement to come; StoreError.
    """
    # Where the calendar is ahead of UTC, it is tomorrow already.
    if request.as_of > clock().date() + timedelta(days=1):
        raise InvalidRequest(
            "a result as of a day to come cannot be kept: it would stand above all until then"
        )
    for _ in range(MOST_ROUNDS):
        progress("fetching", 0, STEPS)
        seen = store.last_of(request.patient)
        fetched = source.fetch(request.patient.id)
        progress("judging", 1, STEPS)
        result = assess_fetched(fetched, request.patient.id, request.as_of, request.choices)
        progress("keeping", 2, STEPS)
        try:
            return keep(request, store, clock, Made(seen, fetched, result))
        except Overtaken:
            continue
    raise StoreError("others kept results of the same patient again and again meanwhile; try again")


@dataclass(frozen=True, slots=True)
class Made:
    """The yield of one round: what was seen of the store, then what was fetched, and what follows from it."""

    seen: int
    fetched: Fetched
    result: PatientResult


def keep(request: PatientRequest, store: ResultStore, clock: Clock, made: Made) -> PatientOutcome:
    """Keep what follows from one round, all of it or nothing. Raises Overtaken, StoreError."""
    composed: list[Composed] = []
    not_kept: list[NotKept] = []
    for assessment in made.result.assessments:
        told = _compose(request, store, clock, made, assessment)
        if isinstance(told, NotKept):
            not_kept.append(told)
        else:
            composed += told
    messages = to_write_back(composed, request.channel) if request.write else ()
    kept = [each for each in store.keep(composed, messages, made.seen) if each is not None]
    return PatientOutcome(
        result=made.result,
        fetched=made.fetched,
        kept=tuple(each.name for each in kept),
        news=tuple(each.name for each in kept if each.is_new),
        not_kept=tuple(not_kept),
        channel=write_back_channel(request.patient, request.channel) if request.write else "",
    )


def _compose(
    request: PatientRequest, store: ResultStore, clock: Clock, made: Made, assessment: Assessment
) -> tuple[Composed, ...] | NotKept:
    """What one preset's assessment says, and what it takes back."""
    judgement = judgement_of(request, made, assessment)
    results, plans = (list(_current(store, kind, request, assessment.preset)) for kind in (RESULT, PLAN))
    succession = succeed(new_judgement(judgement), standing(results, plans))
    if succession.why_not:
        return NotKept(preset=assessment.preset, why=succession.why_not)
    stored = {each.name.resource: each for each in (*results, *plans)}
    return compose_all(judgement, succession, stored, clock())


def judgement_of(request: PatientRequest, made: Made, assessment: Assessment) -> Judgement:
    """One preset's assessment with what it was made from."""
    errors = (each.text for each in made.fetched.findings if each.code == NOT_AVAILABLE)
    return Judgement(
        assessment=assessment,
        chart=made.result.chart,
        policy=request.choices.policy,
        patient=request.patient,
        lacks=frozenset(lacking(errors)),
    )


def _current(store: ResultStore, kind: str, request: PatientRequest, preset: str) -> Iterator[Stored]:
    """Every resource of a type that there is of the patient and preset, in its current version."""
    wanted = Search(type=kind, patient=request.patient, preset=preset)
    after = None
    while page := store.search(wanted, after):
        yield from page
        after = Place(recorded_at=page[-1].recorded_at, sequence=page[-1].sequence)
