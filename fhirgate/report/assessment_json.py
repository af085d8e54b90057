"""The assessment as one JSON object; its shape is published in `assessment.schema.json`."""

from fhirgate.oncology.assessment import Assessment, BestOverallResponse, ProgressionEvent, Support
from fhirgate.oncology.diagnosis import Diagnosis
from fhirgate.oncology.finding import Finding
from fhirgate.oncology.site import UNKNOWN_SITE
from fhirgate.report.lesion_json import lesion_json, roles_of
from fhirgate.report.therapy_json import line_json
from fhirgate.report.timepoint_json import current_json, timepoint_json
from fhirgate.report.values_json import Json, dated, reference


def assessment_json(assessment: Assessment) -> dict[str, object]:
    """The whole assessment in plain JSON types, keys in the order of the schema."""
    roles = roles_of(assessment)
    return {
        "patient": assessment.patient.id,
        "asOf": dated(assessment.as_of),
        "preset": assessment.preset,
        "rulesVersion": assessment.rules_version,
        "policy": assessment.policy,
        "reader": str(assessment.reader) if assessment.reader else None,
        "diagnoses": [_diagnosis(each) for each in assessment.diagnoses],
        "lesions": [lesion_json(each, roles[each.id]) for each in assessment.lesions],
        "linesOfTherapy": [line_json(each) for each in assessment.lines],
        "timepoints": [timepoint_json(each) for each in assessment.timepoints],
        "bestOverallResponse": _best(assessment.best_overall),
        "firstProgression": _progression(assessment.first_progression),
        "current": current_json(assessment),
        "supporting": [_support(each) for each in assessment.supporting],
        "findings": [_finding(each) for each in assessment.findings],
    }


def _diagnosis(diagnosis: Diagnosis) -> Json:
    return {
        "id": diagnosis.id,
        "kind": diagnosis.kind.value,
        "code": diagnosis.code,
        "text": diagnosis.text,
        "date": dated(diagnosis.dated),
        "site": None if diagnosis.site == UNKNOWN_SITE else str(diagnosis.site),
        "active": diagnosis.active,
        "source": reference(diagnosis.source),
    }


def _best(best: BestOverallResponse) -> Json:
    return {
        "unconfirmed": best.unconfirmed.value if best.unconfirmed else None,
        "confirmed": best.confirmed.value if best.confirmed else None,
        "dates": {"unconfirmed": dated(best.unconfirmed_on), "confirmed": dated(best.confirmed_on)},
        "flags": [each.value for each in best.flags],
    }


def _progression(event: ProgressionEvent | None) -> Json | None:
    return {"date": dated(event.date), "line": event.line, "cause": event.cause} if event else None


def _support(support: Support) -> Json:
    fact = support.fact
    return {
        "kind": fact.kind.value,
        "date": dated(fact.on),
        "text": fact.text,
        "lesions": list(support.lesions),
        "source": reference(fact.source),
    }


def _finding(finding: Finding) -> Json:
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "text": finding.text,
        "path": finding.path,
        "source": reference(finding.source),
    }
