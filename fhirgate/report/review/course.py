"""How it came to where the patient stands: diagnoses, therapy, response, and every earlier timepoint."""

from collections.abc import Iterator

from fhirgate.oncology.assessment import Assessment, TimepointAssessment
from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.therapy import LineOfTherapy
from fhirgate.oncology.verdict import TherapyStatus
from fhirgate.oncology.wording import count, listed
from fhirgate.report.columns import plain
from fhirgate.report.now import milestones
from fhirgate.report.review.headline import tone_of
from fhirgate.report.review.parts import Course, Dated, TherapyRow, TimepointRow
from fhirgate.report.story_lesions import MOST_COLUMNS
from fhirgate.report.story_support import MOST as MOST_SUPPORTING
from fhirgate.report.story_support import support_words
from fhirgate.report.story_therapy import (
    agents_words,
    diagnosis_words,
    line_notes,
    treated,
    treatment_words,
)
from fhirgate.report.story_timepoints import details, on_line, response_words
from fhirgate.report.words import STATES

UNDATED = "undated"


def course(assessment: Assessment) -> Course:
    """The whole course, the latest timepoint first."""
    now = assessment.current.assessed
    told = assessment.timepoints[-MOST_COLUMNS:]
    hidden = len(assessment.timepoints) - len(told)
    return Course(
        diagnoses=tuple(_diagnoses(assessment)),
        lines=tuple(_line(each, now) for each in assessment.lines),
        local=tuple(_local(assessment)),
        response=tuple(map(plain, response_words(now))) if now else (),
        milestones=tuple(plain(each) for each in milestones(assessment)),
        timepoints=tuple(_timepoint(each) for each in reversed(told)),
        earlier=f"{count(hidden, 'earlier timepoint')} not shown here" if hidden else "",
        supporting=tuple(_supporting(assessment)),
    )


def _diagnoses(assessment: Assessment) -> Iterator[Dated]:
    for each in assessment.diagnoses:
        yield _dated(each.dated, each.kind.value, diagnosis_words(each))


def _dated(day: ClinicalDate | None, kind: str, text: str) -> Dated:
    return Dated(date=str(day or UNDATED), kind=kind, text=plain(text))


def _line(line: LineOfTherapy, now: TimepointAssessment | None) -> TherapyRow:
    return TherapyRow(
        number="" if line.number is None else str(line.number),
        agents=plain(agents_words(line)),
        start=str(line.start),
        end=str(line.end) if line.end else "ongoing",
        notes=tuple(map(plain, line_notes(line))),
        is_current=now is not None and now.therapy_status is not TherapyStatus.OFF and now.line == line,
    )


def _local(assessment: Assessment) -> Iterator[Dated]:
    for treatment, names in treated(assessment.lesions):
        yield _dated(treatment.started_on, treatment_words(treatment), listed(names))


def _timepoint(assessed: TimepointAssessment) -> TimepointRow:
    state = assessed.state.answer
    because, *more = details(assessed)
    return TimepointRow(
        date=str(assessed.timepoint.date),
        state=STATES[state],
        code=state.value,
        tone=tone_of(state),
        because=plain(because),
        therapy=plain(on_line(assessed)),
        details=tuple(map(plain, more)),
    )


def _supporting(assessment: Assessment) -> Iterator[Dated]:
    labels = {lesion.id: lesion.label for lesion in assessment.lesions}
    for each in assessment.supporting[-MOST_SUPPORTING:]:
        yield _dated(each.fact.on, each.fact.kind.value, support_words(each, labels))
