"""The lesions as they are now, those that grow first."""

from collections.abc import Sequence
from decimal import Decimal

from fhirgate.oncology.assessment import Assessment, LesionVerdict, TimepointAssessment
from fhirgate.oncology.lesion import Measurement, Role
from fhirgate.oncology.millimetres import exact
from fhirgate.oncology.site import UNKNOWN_SITE
from fhirgate.oncology.timepoint import Lesion
from fhirgate.oncology.verdict import LesionStatus
from fhirgate.oncology.wording import count, signed_mm, signed_percent
from fhirgate.report.columns import plain
from fhirgate.report.lesion_json import roles_of
from fhirgate.report.review.compared import compared_with, reading
from fhirgate.report.review.parts import LesionRow, Mark
from fhirgate.report.story_therapy import treatment_words
from fhirgate.report.story_timepoints import MOVED
from fhirgate.report.values_json import references
from fhirgate.report.words import QUALIFIERS, ROLES, STATUSES

MOST_ROWS = 100
"""More lesions than this are not shown in full; those that grow or are open come first."""
NOT_LOOKED_AT = "not assessed at this imaging"

MARKS = {
    LesionStatus.PROGRESSING: Mark.UP,
    LesionStatus.NEW: Mark.NEW,
    LesionStatus.NEW_EQUIVOCAL: Mark.PERHAPS_NEW,
    LesionStatus.TREATED_INDETERMINATE: Mark.UNSURE,
    LesionStatus.NE: Mark.MISSING,
    LesionStatus.EQUIVOCAL: Mark.UNSURE,
    LesionStatus.TREATED_CONTROLLED: Mark.TREATED,
    LesionStatus.STABLE: Mark.STEADY,
    LesionStatus.BASELINE: Mark.STEADY,
    LesionStatus.RESPONDING: Mark.DOWN,
    LesionStatus.ABSENT: Mark.GONE,
}
"""In the order of the rows after those of `MOVED`."""
_ORDER = (*MOVED, *(each for each in MARKS if each not in MOVED))


def lesion_rows(assessment: Assessment) -> tuple[tuple[LesionRow, ...], str]:
    """A row for each lesion, and how many have none for want of room; the latter mostly empty."""
    assessed = assessment.current.assessed
    verdicts = {each.lesion.id: each for each in assessed.lesions} if assessed else {}
    roles = roles_of(assessment)
    ordered = sorted(assessment.lesions, key=lambda each: _urgency(each, verdicts.get(each.id)))
    rows = tuple(
        _row(each, roles[each.id], verdicts.get(each.id), assessment.timepoints)
        for each in ordered[:MOST_ROWS]
    )
    hidden = len(ordered) - len(rows)
    return rows, f"{count(hidden, 'more lesion')} not shown here" if hidden else ""


def _urgency(lesion: Lesion, verdict: LesionVerdict | None) -> tuple[int, Decimal, str, str]:
    if verdict is None:
        return len(_ORDER), Decimal(0), lesion.label, lesion.id
    change = verdict.change_percent
    return (
        _ORDER.index(verdict.status),
        Decimal(0) if change is None else -change,
        lesion.label,
        lesion.id,
    )


def _row(
    lesion: Lesion, role: Role, verdict: LesionVerdict | None, timepoints: Sequence[TimepointAssessment]
) -> LesionRow:
    measured = timepoints[-1].timepoint.measurements.get(lesion.id) if timepoints else None
    compared = compared_with(verdict, timepoints[:-1]) if verdict else None
    status = verdict.status if verdict else None
    label, site = plain(lesion.label), plain(str(lesion.site))
    return LesionRow(
        label=label,
        site="" if site.casefold() in label.casefold() or lesion.site == UNKNOWN_SITE else site,
        role=ROLES[role] + (", primary" if lesion.identity.primary else ""),
        status=STATUSES[status] if status else NOT_LOOKED_AT,
        mark=MARKS[status] if status else Mark.MISSING,
        urgent=status in MOVED,
        size=_size(measured, verdict),
        reference=_exact(verdict.reference if verdict else None),
        reference_on=str(compared.taken_on) if compared else "",
        change_mm=_change(verdict),
        change_percent=_percent(verdict),
        because=plain(verdict.because) if verdict else "",
        notes=tuple(QUALIFIERS[each] for each in verdict.qualifiers) if verdict else (),
        first_seen=str(lesion.first_seen or ""),
        treatments=tuple(f"{treatment_words(each)} {each.started_on}" for each in lesion.local_treatments),
        sources=tuple(map(plain, references(verdict.sources))) if verdict else (),
    )


def _size(measured: Measurement | None, verdict: LesionVerdict | None) -> str:
    """The size now as it was read, else the one that was compared."""
    if measured is not None:
        return reading(measured)
    return _exact(verdict.value if verdict else None)


def _exact(size: Decimal | None) -> str:
    return "" if size is None else exact(size)


def _change(verdict: LesionVerdict | None) -> str:
    change = verdict.change if verdict else None
    if not change:
        return "" if change is None else "0"
    return signed_mm(change).removesuffix(" mm")


def _percent(verdict: LesionVerdict | None) -> str:
    if verdict is None or not verdict.change:
        return _change(verdict)
    return signed_percent(verdict.change_percent).removesuffix(" %")
