"""Which lesions are targets on a course: as recorded, else chosen at its baseline by RECIST 1.1."""

from collections.abc import Mapping
from dataclasses import dataclass

from fhirgate.oncology.criteria.rule import first_match
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
from fhirgate.oncology.millimetres import ZERO
from fhirgate.oncology.reconstruct.courses import Course
from fhirgate.oncology.reconstruct.history import History
from fhirgate.oncology.timepoint import Lesion, Timepoint
from fhirgate.oncology.wording import mm


@dataclass(frozen=True, slots=True, kw_only=True)
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
        if lesion.stated_role and lesion.id in seen
    }
    candidates = [
        Candidate(
            lesion=by_id[lesion_id],
            measurement=measurement,
            measurable=_measurable(by_id[lesion_id], baseline),
        )
        for lesion_id, measurement in baseline.measurements.items()
    ]
    roles = dict(roles_at_baseline(candidates, stated))
    chosen = not any(role is not Role.NEW for role in stated.values())
    for lesion_id, role in stated.items():
        if role is not Role.NEW:
            roles[lesion_id] = role
    findings = () if chosen else tuple(_small_targets(roles, by_id, baseline))
    return Roles(of=roles, chosen=chosen and Role.TARGET in roles.values(), findings=findings)


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
) -> list[Finding]:
    findings = []
    for lesion_id, role in sorted(roles.items()):
        measurement = baseline.measurements.get(lesion_id)
        least = MEASURABLE_NODE_FROM if lesions[lesion_id].site.node else MEASURABLE_FROM
        if role is Role.TARGET and measurement is not None and (measurement.size or ZERO) < least:
            findings.append(
                Finding(
                    code="TARGET_BELOW_MEASURABLE_SIZE",
                    severity=Severity.WARNING,
                    text=f"target {lesions[lesion_id].label} is {mm(measurement.size)} at baseline {baseline.date},"
                    f" under the measurable {mm(least)}; its role is kept as recorded",
                    source=measurement.source,
                )
            )
    return findings
