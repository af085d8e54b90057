"""Which lesions are targets on a course: as recorded, else chosen at its baseline by RECIST 1.1."""

from collections.abc import Iterator, Mapping

from fhirgate.oncology.criteria.rule import first_match
from fhirgate.oncology.criteria.sum_of_diameters import merged_away
from fhirgate.oncology.criteria.target_selection import (
    MEASURABILITY,
    MEASURABLE_FROM,
    MEASURABLE_NODE_FROM,
    Candidate,
    MeasurabilityFacts,
    roles_at_baseline,
)
from fhirgate.oncology.finding import Finding, Severity
from fhirgate.oncology.lesion import Change, Kind, Role
from fhirgate.oncology.reconstruct.courses import Course
from fhirgate.oncology.reconstruct.history import History
from fhirgate.oncology.therapy import Modality
from fhirgate.oncology.timepoint import Lesion, Timepoint
from fhirgate.oncology.value import value
from fhirgate.oncology.wording import mm


@value
class Roles:
    """The role of every lesion on one course, and whether the record gave them or they were chosen."""

    of: Mapping[str, Role]
    chosen: bool
    findings: tuple[Finding, ...] = ()


def roles_on(history: History, course: Course) -> Roles:
    """The role of every lesion on a course: as recorded, else chosen at the baseline by RECIST 1.1."""
    baseline = history.timepoints[course.baseline]
    by_id = {lesion.id: lesion for lesion in history.lesions}
    on_course = {course.baseline, *course.followed}
    seen = {lesion for position in on_course for lesion in history.timepoints[position].measurements}
    stated = {
        lesion.id: lesion.stated_role
        for lesion in history.lesions
        if lesion.stated_role and lesion.id in seen and not _gone_before(lesion, baseline)
    }
    chosen = not any(role is not Role.NEW for role in stated.values())
    candidates = [
        Candidate(
            lesion=by_id[lesion_id],
            measurement=measurement,
            measurable=chosen and _measurable(by_id[lesion_id], baseline),
        )
        for lesion_id, measurement in baseline.measurements.items()
    ]
    roles = dict(roles_at_baseline(candidates, stated))
    for lesion_id, role in stated.items():
        if role is not Role.NEW:
            roles[lesion_id] = role
    findings = () if chosen else (*_small_targets(roles, by_id, baseline), *_unseen(roles, by_id, baseline))
    return Roles(of=roles, chosen=chosen and Role.TARGET in roles.values(), findings=findings)


def _gone_before(lesion: Lesion, baseline: Timepoint) -> bool:
    """Whether a stated target was gone at this baseline, so that the line cannot be judged by it.

    It was absent there, or resected before and not mentioned. A target of an earlier line need not be one now.
    """
    measurement = baseline.measurements.get(lesion.id)
    if lesion.stated_role is not Role.TARGET:
        return False
    if measurement is not None:
        return measurement.kind is Kind.ABSENT
    return any(
        each.modality is Modality.SURGERY and each.started_on.surely_before(baseline.date)
        for each in lesion.local_treatments
    )


def _measurable(lesion: Lesion, baseline: Timepoint) -> bool:
    measurement = baseline.measurements[lesion.id]
    treated = any(each.started_on.surely_before(baseline.date) for each in lesion.local_treatments)
    facts = MeasurabilityFacts(
        size=measurement.size if measurement.kind is Kind.MEASURED else None,
        node=lesion.site.node,
        bone=lesion.site.bone,
        diffuse=lesion.site.diffuse is not None,
        modality=measurement.modality,
        slice_thickness=measurement.slice_thickness,
        treated_without_progression=treated and measurement.change is not Change.UNEQUIVOCAL,
    )
    return first_match(MEASURABILITY, facts).answer


def _small_targets(
    roles: Mapping[str, Role], lesions: Mapping[str, Lesion], baseline: Timepoint
) -> Iterator[Finding]:
    for lesion_id in _targets(roles):
        measurement = baseline.measurements.get(lesion_id)
        least = MEASURABLE_NODE_FROM if lesions[lesion_id].site.node else MEASURABLE_FROM
        if measurement is not None and measurement.size is not None and measurement.size < least:
            yield Finding(
                code="TARGET_BELOW_MEASURABLE_SIZE",
                severity=Severity.WARNING,
                text=f"target {lesions[lesion_id].label} is {mm(measurement.size)} at baseline {baseline.date},"
                f" under the measurable {mm(least)}; its role is kept as recorded",
                source=measurement.source,
            )


def _unseen(
    roles: Mapping[str, Role], lesions: Mapping[str, Lesion], baseline: Timepoint
) -> Iterator[Finding]:
    """Lesions with a baseline role that the baseline does not show: the role is believed, and that is said."""
    for lesion_id, role in sorted(roles.items()):
        lesion, measurement = lesions[lesion_id], baseline.measurements.get(lesion_id)
        unsized = measurement is None or (measurement.size is None and not merged_away(measurement))
        if role is Role.TARGET and unsized:
            yield Finding(
                code="TARGET_NOT_MEASURED_AT_BASELINE",
                severity=Severity.WARNING,
                text=f"target {lesion.label} has no size at baseline {baseline.date}: there is no baseline sum;"
                " its size on that image would settle it",
                source=lesion.measurements[0].source,
            )
        elif measurement is None and lesion.measurements[0].taken_on.surely_after(baseline.last_date):
            yield Finding(
                code="ROLE_BEFORE_FIRST_MEASUREMENT",
                severity=Severity.WARNING,
                text=f"{lesion.label} is called {role} and first recorded on {lesion.measurements[0].taken_on}, after"
                f" the baseline {baseline.date}; it is taken as known there, not as new: a reading of the baseline"
                " would settle it",
                source=lesion.measurements[0].source,
            )


def _targets(roles: Mapping[str, Role]) -> list[str]:
    return sorted(lesion for lesion, role in roles.items() if role is Role.TARGET)
