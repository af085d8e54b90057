"""The whole answer about one patient: histories, lines, and a judged state at every timepoint."""

from datetime import date
from decimal import Decimal

from fhirgate.oncology.chart import Patient, SupportingFact
from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.diagnosis import Diagnosis
from fhirgate.oncology.finding import Finding
from fhirgate.oncology.lesion import Reader, Role
from fhirgate.oncology.millimetres import Millimetres
from fhirgate.oncology.source import Sources
from fhirgate.oncology.therapy import LineOfTherapy
from fhirgate.oncology.timepoint import Lesion, Timepoint
from fhirgate.oncology.value import value
from fhirgate.oncology.verdict import (
    EstroEortcClass,
    IResponse,
    LesionStatus,
    Qualifier,
    Reason,
    Response,
    State,
    TherapyStatus,
    Verdict,
)


@value
class Interval:
    """A probability, or the bounds of one when the data leave it open; both in 0..1."""

    low: float
    high: float

    @property
    def is_point(self) -> bool:
        """Whether it is one number."""
        return self.low == self.high


@value
class Probabilities:
    """How sure each label is, given measurement error alone; points sum to 1."""

    none: Interval
    oligo: Interval
    limited: Interval
    systemic: Interval


@value
class LesionVerdict:
    """What one lesion does at one timepoint, with the numbers that decided.

    `value` and `reference` [mm] are what was compared; `change_percent` is exact, None from a zero reference.
    """

    lesion: Lesion
    status: LesionStatus
    value: Millimetres | None
    reference: Millimetres | None
    rule: str
    because: str
    qualifiers: tuple[Qualifier, ...] = ()
    visible: bool = True
    sources: Sources = ()

    @property
    def change(self) -> Millimetres | None:
        """Value minus reference [mm]."""
        if self.value is None or self.reference is None:
            return None
        return Millimetres(self.value - self.reference)

    @property
    def change_percent(self) -> Decimal | None:
        """Change over reference [%]."""
        if self.change is None or not self.reference:
            return None
        return self.change * 100 / self.reference


@value
class RecistResponse:
    """RECIST 1.1 at one timepoint; None where there is nothing to judge (baseline)."""

    target: Verdict[Response] | None = None
    non_target: Verdict[Response] | None = None
    new_lesions: bool = False
    overall: Verdict[Response] | None = None


@value
class Counts:
    """Lesions by what they do. `controlled` includes known equivocal ones, which `equivocal` lists again together
    with equivocal new lesions and changes after local treatment."""

    progressing: int = 0
    new: int = 0
    controlled: int = 0
    equivocal: int = 0
    not_evaluable: int = 0


@value
class TimepointAssessment:
    """One timepoint, judged.

    `sum_of_diameters` and `nadir` [mm] are None where the sum is not complete or there is no target;
    `reasons` then say which lesion is missing. `line` is the line the timepoint is judged on. `possible` are the
    states that lesions not evaluated leave open; empty when they leave none open.
    """

    timepoint: Timepoint
    baseline: bool
    sum_of_diameters: Millimetres | None
    nadir: Millimetres | None
    baseline_sum: Millimetres | None
    response: RecistResponse
    irecist: IResponse | None
    therapy_status: TherapyStatus
    line: LineOfTherapy | None
    state: Verdict[State]
    qualifiers: tuple[Qualifier, ...]
    reasons: tuple[Reason, ...]
    counts: Counts
    lesions: tuple[LesionVerdict, ...]
    estro_eortc: EstroEortcClass | None
    probabilities: Probabilities | None
    possible: frozenset[State] = frozenset()


@value
class BestOverallResponse:
    """Best response on a line, without and with the confirmation RECIST asks of single-arm studies."""

    unconfirmed: Response | None = None
    confirmed: Response | None = None
    unconfirmed_on: ClinicalDate | None = None
    confirmed_on: ClinicalDate | None = None
    flags: tuple[Qualifier, ...] = ()


@value
class ProgressionEvent:
    """The first documented progression: when, on which line, and what caused it."""

    date: ClinicalDate
    line: int | None
    cause: str


@value
class Current:
    """The state to act on: the last timepoint at or before the date of judgement.

    Without any timepoint, `assessed` is None and the state is INDETERMINATE with its reasons.
    """

    assessed: TimepointAssessment | None
    state: State
    qualifiers: tuple[Qualifier, ...]
    reasons: tuple[Reason, ...]
    stale: bool


@value
class Support:
    """A supporting fact (biopsy, molecular finding, marker, performance status) with the lesions it belongs to."""

    fact: SupportingFact
    lesions: tuple[str, ...] = ()
    """Ids of the lesions; empty when the record ties the fact to none of them."""


@value
class Assessment:
    """Everything concluded about one patient under one preset, as of one date, for one reader's numbers."""

    patient: Patient
    as_of: date
    preset: str
    rules_version: str
    policy: str
    reader: Reader | None
    diagnoses: tuple[Diagnosis, ...]
    lesions: tuple[Lesion, ...]
    roles: dict[str, Role]
    lines: tuple[LineOfTherapy, ...]
    timepoints: tuple[TimepointAssessment, ...]
    best_overall: BestOverallResponse
    first_progression: ProgressionEvent | None
    current: Current
    supporting: tuple[Support, ...] = ()
    findings: tuple[Finding, ...] = ()
