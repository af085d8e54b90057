"""Assessments to be told and written: one with everything in it, one with nothing, one that is calm."""

from dataclasses import replace
from datetime import date

from builders import on, reader, site, source
from told_parts import (
    SECOND,
    THIRD,
    adjuvant,
    brain,
    first_timepoint,
    liver,
    lung,
    node,
    osimertinib,
    second_timepoint,
    third_timepoint,
)

from fhirgate.oncology import RULES_VERSION
from fhirgate.oncology.assessment import (
    Assessment,
    BestOverallResponse,
    Current,
    ProgressionEvent,
)
from fhirgate.oncology.chart import Patient
from fhirgate.oncology.diagnosis import Diagnosis, DiagnosisKind
from fhirgate.oncology.finding import Finding, Severity
from fhirgate.oncology.lesion import Role
from fhirgate.oncology.verdict import (
    Qualifier,
    Reason,
    Response,
    State,
)


def rich() -> Assessment:
    """Oligoprogression on osimertinib with everything that an assessment can hold."""
    lesions = (lung(), liver(), node(), brain())
    third = third_timepoint(lesions)
    return Assessment(
        patient=Patient(id="p-1"),
        as_of=date(2024, 12, 1),
        preset="DEFAULT",
        rules_version=RULES_VERSION,
        policy="default 1",
        reader=reader(name="reader A"),
        diagnoses=(
            Diagnosis(
                id="d1",
                kind=DiagnosisKind.PRIMARY,
                code="http://snomed.info/sct|254637007",
                text="Non-small cell lung cancer",
                dated=on("2023-11"),
                site=site("lung", "", "left"),
                source=source("d1", "Condition"),
            ),
            Diagnosis(id="d2", kind=DiagnosisKind.SECONDARY, active=False, source=source("d2", "Condition")),
        ),
        lesions=lesions,
        roles={"L1": Role.TARGET, "L2": Role.TARGET, "L3": Role.NON_TARGET},
        lines=(adjuvant(), osimertinib()),
        timepoints=(first_timepoint(lesions), second_timepoint(lesions), third),
        best_overall=BestOverallResponse(
            unconfirmed=Response.SD,
            unconfirmed_on=on(SECOND),
            confirmed=Response.NE,
            flags=(Qualifier.CR_THEN_PR_REVIEW,),
        ),
        first_progression=ProgressionEvent(date=on(THIRD), line=1, cause="new lesion"),
        current=Current(
            assessed=third,
            state=State.OLIGOPROGRESSION,
            qualifiers=(*third.qualifiers, Qualifier.STALE),
            reasons=third.reasons,
            stale=True,
        ),
        findings=(
            Finding(
                code="UNIT_MISSING",
                severity=Severity.ERROR,
                text="a size without a unit was not used; add the unit",
                path="Observation.valueQuantity",
                source=source("x1"),
            ),
            Finding(
                code="ROLE_CHOSEN", severity=Severity.INFORMATION, text="targets were chosen by RECIST 1.1"
            ),
        ),
    )


def minimal() -> Assessment:
    """A patient of whom nothing is known."""
    no_imaging = Reason(
        code="NO_IMAGING",
        text="no imaging with measurements or statements of lesions",
        resolved_by="an imaging report with tumour measurements",
    )
    return Assessment(
        patient=Patient(id="p-0"),
        as_of=date(2024, 12, 1),
        preset="DEFAULT",
        rules_version=RULES_VERSION,
        policy="default 1",
        reader=None,
        diagnoses=(),
        lesions=(),
        roles={},
        lines=(),
        timepoints=(),
        best_overall=BestOverallResponse(),
        first_progression=None,
        current=Current(
            assessed=None, state=State.INDETERMINATE, qualifiers=(), reasons=(no_imaging,), stale=False
        ),
        findings=(),
    )


def stable() -> Assessment:
    """The rich patient before anything grew."""
    before = rich()
    second = before.timepoints[1]
    return replace(
        before,
        reader=None,
        diagnoses=(),
        lesions=before.lesions[:3],
        lines=before.lines[1:],
        timepoints=before.timepoints[:2],
        best_overall=BestOverallResponse(),
        first_progression=None,
        current=Current(assessed=second, state=State.STABLE_DISEASE, qualifiers=(), reasons=(), stale=False),
        findings=(),
    )


def section(story: str, title: str) -> list[str]:
    """The lines under a heading that begins so."""
    lines = story.splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith(title.upper()))
    return lines[start + 1 : lines.index("", start)]


def last(assessment: Assessment, **changes: object) -> Assessment:
    """The assessment with its last timepoint changed, which is the current one."""
    changed = replace(assessment.timepoints[-1], **changes)  # type: ignore[arg-type]
    timepoints = (*assessment.timepoints[:-1], changed)
    return replace(assessment, timepoints=timepoints, current=replace(assessment.current, assessed=changed))
