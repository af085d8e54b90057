"""Judged timepoints as JSON, and the state to act on."""

from decimal import Decimal

from fhirgate.oncology.assessment import Assessment, Counts, RecistResponse, TimepointAssessment
from fhirgate.oncology.millimetres import Millimetres
from fhirgate.oncology.timepoint import StudyAt
from fhirgate.oncology.verdict import Response, Verdict
from fhirgate.report.lesion_json import lesion_verdict_json
from fhirgate.report.values_json import (
    Json,
    dated,
    length,
    percentage,
    probabilities_json,
    reason_json,
    references,
)


def timepoint_json(assessed: TimepointAssessment) -> Json:
    """One timepoint: what was imaged, what was measured, and what was concluded by which rule."""
    current = assessed.sum_of_diameters
    return {
        "date": dated(assessed.timepoint.date),
        "lastDate": dated(assessed.timepoint.last_date),
        "studies": [_study(each) for each in assessed.timepoint.studies],
        "baseline": assessed.baseline,
        "sumOfDiameters": length(current),
        "nadir": length(assessed.nadir),
        "percentChangeFromBaseline": percentage(
            _minus(current, assessed.baseline_sum), assessed.baseline_sum
        ),
        "percentChangeFromNadir": percentage(_minus(current, assessed.nadir), assessed.nadir),
        "response": _response(assessed.response),
        "iRecist": assessed.irecist.value if assessed.irecist else None,
        "therapyStatus": assessed.therapy_status.value,
        "line": assessed.line.number if assessed.line else None,
        "lineStart": dated(assessed.line.start if assessed.line else None),
        "state": assessed.state.answer.value,
        "qualifiers": [each.value for each in assessed.qualifiers],
        "reasons": [reason_json(each) for each in assessed.reasons],
        "counts": _counts(assessed.counts),
        "lesions": [lesion_verdict_json(each) for each in assessed.lesions],
        "estroEortcClass": assessed.estro_eortc.value if assessed.estro_eortc else None,
        "probabilities": probabilities_json(assessed.probabilities),
        "rule": assessed.state.rule,
        "because": assessed.state.because,
        "sources": references(assessed.state.sources),
    }


def current_json(assessment: Assessment) -> Json:
    """The state to act on, with what a caller needs to act; nulls where there is no timepoint at all."""
    current, assessed = assessment.current, assessment.current.assessed
    return {
        "date": dated(assessed.timepoint.date if assessed else None),
        "state": current.state.value,
        "qualifiers": [each.value for each in current.qualifiers],
        "reasons": [reason_json(each) for each in current.reasons],
        "stale": current.stale,
        "therapyStatus": assessed.therapy_status.value if assessed else None,
        "line": assessed.line.number if assessed and assessed.line else None,
        "lineStart": dated(assessed.line.start if assessed and assessed.line else None),
        "counts": _counts(assessed.counts) if assessed else None,
        "estroEortcClass": assessed.estro_eortc.value if assessed and assessed.estro_eortc else None,
        "probabilities": probabilities_json(assessed.probabilities if assessed else None),
        "rule": assessed.state.rule if assessed else None,
        "because": assessed.state.because if assessed else None,
    }


def _study(study: StudyAt) -> Json:
    return {"id": study.id, "date": dated(study.taken_on), "modality": study.modality}


def _response(response: RecistResponse) -> Json:
    return {
        "target": _answer(response.target),
        "nonTarget": _answer(response.non_target),
        "newLesions": response.new_lesions,
        "overall": _answer(response.overall),
        "explained": {
            "target": _explained(response.target),
            "nonTarget": _explained(response.non_target),
            "overall": _explained(response.overall),
        },
    }


def _answer(verdict: Verdict[Response] | None) -> str | None:
    return verdict.answer.value if verdict else None


def _explained(verdict: Verdict[Response] | None) -> Json | None:
    if verdict is None:
        return None
    return {"rule": verdict.rule, "because": verdict.because, "sources": references(verdict.sources)}


def _counts(counts: Counts) -> Json:
    return {
        "progressing": counts.progressing,
        "new": counts.new,
        "controlled": counts.controlled,
        "equivocal": counts.equivocal,
        "notEvaluable": counts.not_evaluable,
    }


def _minus(size: Millimetres | None, earlier: Millimetres | None) -> Decimal | None:
    return None if size is None or earlier is None else size - earlier
