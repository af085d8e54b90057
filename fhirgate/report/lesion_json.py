"""Lesions as JSON: who they are, what was measured, and what each does at one timepoint."""

from fhirgate.oncology.assessment import Assessment, LesionVerdict
from fhirgate.oncology.lesion import Measurement, Role
from fhirgate.oncology.therapy import LocalTreatment
from fhirgate.oncology.timepoint import Lesion
from fhirgate.oncology.verdict import LesionStatus
from fhirgate.report.values_json import Json, dated, length, reference, references, rounded_percent

_NEW = frozenset({LesionStatus.NEW, LesionStatus.NEW_EQUIVOCAL})


def lesion_json(lesion: Lesion, role: Role) -> Json:
    """One lesion with all its measurements and local treatments, by date."""
    site = lesion.site
    return {
        "id": lesion.id,
        "label": lesion.label,
        "organ": site.organ,
        "laterality": site.laterality.value if site.laterality else None,
        "detail": site.detail,
        "node": site.node,
        "cns": site.cns,
        "bone": site.bone,
        "primary": lesion.identity.primary,
        "role": role.value,
        "firstSeen": dated(lesion.first_seen),
        "measurements": [_measurement(each) for each in lesion.measurements],
        "localTreatments": [_local_treatment(each) for each in lesion.local_treatments],
    }


def roles_of(assessment: Assessment) -> dict[str, Role]:
    """The role of every lesion: as on the current line, else the record's own, else new or non-target."""
    new = {
        verdict.lesion.id
        for timepoint in assessment.timepoints
        for verdict in timepoint.lesions
        if verdict.status in _NEW
    }
    return {
        lesion.id: assessment.roles.get(lesion.id)
        or lesion.stated_role
        or (Role.NEW if lesion.id in new else Role.NON_TARGET)
        for lesion in assessment.lesions
    }


def lesion_verdict_json(verdict: LesionVerdict) -> Json:
    """What one lesion does at one timepoint, with the numbers that decided."""
    return {
        "id": verdict.lesion.id,
        "label": verdict.lesion.label,
        "status": verdict.status.value,
        "value": length(verdict.value),
        "reference": length(verdict.reference),
        "changeMm": length(verdict.change),
        "changePercent": rounded_percent(verdict.change_percent),
        "qualifiers": [each.value for each in verdict.qualifiers],
        "rule": verdict.rule,
        "because": verdict.because,
        "sources": references(verdict.sources),
    }


def _measurement(measurement: Measurement) -> Json:
    return {
        "date": dated(measurement.taken_on),
        "mm": length(measurement.size),
        "axis": measurement.axis.value,
        "kind": measurement.kind.value,
        "note": measurement.note or measurement.refused,
        "source": reference(measurement.source),
    }


def _local_treatment(treatment: LocalTreatment) -> Json:
    return {
        "date": dated(treatment.started_on),
        "modality": treatment.modality.value,
        "source": reference(treatment.sources[0] if treatment.sources else None),
    }
