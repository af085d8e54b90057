"""Which resources of the record a result rests on, and the days it speaks of."""

from collections.abc import Iterable, Iterator
from datetime import date

from fhirgate.mapping.compose.elements import Json, reference, subject
from fhirgate.oncology.assessment import Assessment, TimepointAssessment
from fhirgate.oncology.chart import Chart
from fhirgate.oncology.clinical_date import add_days
from fhirgate.oncology.policy import Policy
from fhirgate.oncology.source import Source, Sources, joined


def basis(assessment: Assessment, chart: Chart, former: Source | None = None) -> list[Json]:
    """Every resource used up to the index scan, each once, by version; the patient when there is nothing else.

    `former` is a result of ours that this one supersedes; it stands at the end.
    """
    patient = (chart.patient.source,) if chart.patient.source else ()
    used = joined(
        patient,
        *(reason.sources for reason in assessment.current.reasons),
        *((each.source,) for each in assessment.diagnoses),
        *(line.sources for line in assessment.lines),
        *(given.sources for lesion in assessment.lesions for given in lesion.local_treatments),
        *_from_imaging(_until_now(assessment)),
    )
    found = [reference(source) for source in used] or [subject(assessment.patient)]
    return [*found, reference(former)] if former else found


def _until_now(assessment: Assessment) -> Iterator[TimepointAssessment]:
    """The timepoints up to the one that is judged: those after it were not used."""
    now = assessment.current.assessed
    if now is None:
        return
    for each in assessment.timepoints:
        if each is now:
            break
        yield each
    yield now


def _from_imaging(timepoints: Iterable[TimepointAssessment]) -> Iterator[Sources]:
    for each in timepoints:
        yield each.state.sources
        yield from (study.sources for study in each.timepoint.studies)
        yield from (measurement.sources for measurement in each.timepoint.measurements.values())
        yield from (lesion.sources for lesion in each.lesions)


def period(assessment: Assessment, policy: Policy) -> Json:
    """The time a result speaks of: from the index scan until that scan is too old to act on.

    Without a scan it starts at the date of judgement.
    """
    now = assessment.current.assessed
    start = str(now.timepoint.date) if now else assessment.as_of.isoformat()
    return {"start": start, "end": horizon(assessment, policy).isoformat()}


def horizon(assessment: Assessment, policy: Policy) -> date:
    """The last day on which the state may be acted on."""
    now = assessment.current.assessed
    seen = now.timepoint.last_date.latest if now else assessment.as_of
    return add_days(seen, policy.imaging.stale_after_days)
