"""The state to act on: the last timepoint known at the date of judgement, and whether it is too old."""

from collections.abc import Sequence
from datetime import date

from fhirgate.oncology.assessment import Current, TimepointAssessment
from fhirgate.oncology.chart import Chart, Study
from fhirgate.oncology.clinical_date import by_date
from fhirgate.oncology.source import joined
from fhirgate.oncology.verdict import Qualifier, Reason, State
from fhirgate.oncology.wording import count


def current_state(
    chart: Chart, timepoints: Sequence[TimepointAssessment], as_of: date, stale_after_days: int
) -> Current:
    """The last state, with what has changed since: its age, and newer imaging that no one has measured."""
    if not timepoints:
        return Current(
            assessed=None,
            state=State.INDETERMINATE,
            qualifiers=(),
            reasons=(_no_imaging(chart.studies),),
            stale=False,
        )
    last = timepoints[-1]
    age = (as_of - last.timepoint.last_date.latest).days
    stale = age > stale_after_days
    reasons = list(last.reasons)
    if stale:
        reasons.append(
            Reason(
                code="STALE",
                # Not how old it is: that would be a new sentence every day.
                text=f"the last assessed imaging is of {last.timepoint.date}, more than"
                f" {count(stale_after_days, 'day')} before the date of judgement",
                resolved_by="measurements of newer imaging",
            )
        )
    reasons += _newer_unmeasured(chart.studies, last)
    return Current(
        assessed=last,
        state=last.state.answer,
        qualifiers=(*last.qualifiers, Qualifier.STALE) if stale else last.qualifiers,
        reasons=tuple(reasons),
        stale=stale,
    )


def _no_imaging(studies: Sequence[Study]) -> Reason:
    narrative = [each for each in studies if each.narrative_only]
    if narrative:
        text = f"{count(len(narrative), 'imaging report')} in words only; no lesion is measured or described in codes"
    elif studies:
        text = f"{count(len(studies), 'imaging study', 'imaging studies')} without any lesion measurement"
    else:
        text = "the record holds no imaging and no lesion measurement"
    return Reason(
        code="NO_IMAGING",
        text=text,
        resolved_by="lesion measurements as Observations, each tied to its lesion",
        sources=joined(*(each.sources for each in narrative or studies)),
    )


def _newer_unmeasured(studies: Sequence[Study], last: TimepointAssessment) -> list[Reason]:
    """Imaging after the last timepoint that carries no measurement: the state may have changed."""
    newer = sorted(
        (
            (each.taken_on, each)
            for each in studies
            if each.taken_on is not None and each.taken_on.surely_after(last.timepoint.last_date)
        ),
        key=lambda pair: by_date(pair[0]),
    )
    if not newer:
        return []
    dated, latest = newer[-1]
    what = latest.modality or "imaging"
    return [
        Reason(
            code="NEWER_IMAGING_NOT_MEASURED",
            text=f"{what} of {dated} has no lesion measurements: the state may have changed since",
            resolved_by="measurements of that imaging",
            sources=joined(latest.sources),
        )
    ]
