"""Fractions that arrive one by one become one course of radiotherapy.

US billing has a Procedure for every fraction. Fractions of one place that follow each other within two weeks are
one course; those that name no place belong to the course they fall into, and may say that it was stereotactic.
"""

from collections.abc import Iterable
from dataclasses import replace

from fhirgate.mapping.parse.record import Record
from fhirgate.oncology.clinical_date import ClinicalDate, by_date
from fhirgate.oncology.finding import Severity
from fhirgate.oncology.source import joined
from fhirgate.oncology.therapy import LocalTreatment, Modality

MOST_DAYS_BETWEEN = 14
"""Most days between two fractions of one course; our choice."""

_FRACTIONATED = (Modality.RADIOTHERAPY, Modality.SBRT, Modality.BRACHYTHERAPY)


def merged(treatments: Iterable[LocalTreatment], record: Record) -> list[LocalTreatment]:
    """Treatments with fractions of one course made one, and each told once however often it is recorded."""
    ordered = sorted(_each_once(treatments), key=lambda each: (by_date(each.started_on), each.id))
    courses: list[LocalTreatment] = [each for each in ordered if not _is_fraction(each)]
    for fraction in (each for each in ordered if _is_fraction(each)):
        for at, course in enumerate(courses):
            if _belongs(fraction, course):
                courses[at] = _with(course, fraction, record)
                break
        else:
            courses.append(fraction)
    return courses


def _each_once(treatments: Iterable[LocalTreatment]) -> Iterable[LocalTreatment]:
    """Treatments alike in all but id and source as one."""
    found: dict[LocalTreatment, LocalTreatment] = {}
    for each in treatments:
        bare = replace(each, id="", sources=())
        known = found.get(bare)
        first = each if known is None else min(known, each, key=lambda one: one.id)
        found[bare] = replace(first, sources=joined(known.sources if known else (), each.sources))
    return found.values()


def _is_fraction(treatment: LocalTreatment) -> bool:
    """Whether it is radiotherapy of a single day."""
    return treatment.modality in _FRACTIONATED and treatment.ended_on is None and treatment.started_on.is_day


def _belongs(fraction: LocalTreatment, course: LocalTreatment) -> bool:
    if course.modality not in _FRACTIONATED or (course.modality is Modality.BRACHYTHERAPY) != (
        fraction.modality is Modality.BRACHYTHERAPY
    ):
        return False
    nowhere = not fraction.lesions and fraction.site.organ is None
    same_place = fraction.lesions == course.lesions and fraction.site == course.site
    if course.ended_on is None or _was_fractions(course):
        near = fraction.started_on.least_days_since(_last(course)) <= MOST_DAYS_BETWEEN
        return near and same_place and fraction.modality is course.modality
    within = not (
        fraction.started_on.surely_before(course.started_on)
        or fraction.started_on.surely_after(_last(course))
    )
    return within and (same_place or nowhere)


def _was_fractions(course: LocalTreatment) -> bool:
    """Whether it was put together here."""
    return len(course.sources) > 1


def _last(course: LocalTreatment) -> ClinicalDate:
    return course.ended_on or course.started_on


def _with(course: LocalTreatment, fraction: LocalTreatment, record: Record) -> LocalTreatment:
    stereotactic = fraction.modality is Modality.SBRT and course.modality is not Modality.BRACHYTHERAPY
    if stereotactic and course.modality is not Modality.SBRT:
        record.note(
            "SBRT_BY_FRACTION",
            Severity.INFORMATION,
            f"the radiotherapy of {course.started_on} counts as stereotactic, because a fraction of it is recorded so",
            None,
        )
    return replace(
        course,
        modality=Modality.SBRT if stereotactic else course.modality,
        inferred=course.inferred and not stereotactic,
        ended_on=max(_last(course), fraction.started_on, key=by_date),
        intent=course.intent or fraction.intent,
        sources=joined(course.sources, fraction.sources),
    )
