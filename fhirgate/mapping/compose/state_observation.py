"""The state of one timepoint as an R4 Observation: for a reader of the course, not only of its end.

https://hl7.org/fhir/R4/observation.html. `preliminary`, and in a code of ours: mCODE's disease status is a
clinician's to give.
"""

from collections.abc import Iterable, Iterator

from fhirgate.mapping.canonical import STATE_PROFILE
from fhirgate.mapping.compose.answers import (
    class_concept,
    qualifier_concept,
    response_concept,
    therapy_concept,
)
from fhirgate.mapping.compose.codes import FHIRGATE, IMAGING_CATEGORY, METHOD, result
from fhirgate.mapping.compose.elements import (
    DEVICE,
    Json,
    concept,
    conditions,
    device,
    machine_meta,
    notes,
    preset_coding,
    reference,
    rules_coding,
    subject,
)
from fhirgate.mapping.compose.identity import state_identity
from fhirgate.mapping.compose.narrative import state_text
from fhirgate.mapping.compose.reasons import reason_concept
from fhirgate.mapping.compose.states import state_code
from fhirgate.mapping.datatypes import UCUM
from fhirgate.oncology.assessment import Assessment, TimepointAssessment
from fhirgate.oncology.follow_up import primary_of
from fhirgate.oncology.millimetres import Millimetres
from fhirgate.oncology.source import joined
from fhirgate.oncology.timepoint import Timepoint

DERIVED_FROM = frozenset({"DocumentReference", "ImagingStudy", "Observation"})
"""What Observation.derivedFrom may point to, of what we read."""


def compose_state(assessment: Assessment, at: TimepointAssessment, tenant: str = "") -> Json:
    """The Observation of the state of one timepoint, with its counts, responses, qualifiers and reasons."""
    this, code = state_identity(assessment, at, tenant), state_code(at.state.answer)
    primary = primary_of(assessment.diagnoses)
    focus = conditions([primary] if primary else [])
    derived = _derived_from(at)
    rules, preset = rules_coding(assessment.rules_version), preset_coding(assessment.preset)
    return {
        "resourceType": "Observation",
        "id": this.id,
        "meta": machine_meta(STATE_PROFILE, code.coding, rules, preset, FHIRGATE),
        "text": state_text(assessment, at),
        "contained": [device()],
        "identifier": [this.identifier],
        "status": "preliminary",
        "category": [concept(IMAGING_CATEGORY)],
        "code": concept(result("progression-state")),
        "subject": subject(assessment.patient),
        **({"focus": focus} if focus else {}),
        **_effective(at.timepoint),
        "valueCodeableConcept": code.concept(),
        "note": notes([at.state.because]),
        "method": concept(METHOD, rules, preset),
        "device": {"reference": DEVICE},
        **({"derivedFrom": derived} if derived else {}),
        "component": list(_components(at)),
    }


def _effective(timepoint: Timepoint) -> Json:
    """When the images were taken: a date, or the period of several days of imaging."""
    first, last = str(timepoint.date), str(timepoint.last_date)
    if first == last:
        return {"effectiveDateTime": first}
    return {"effectivePeriod": {"start": first, "end": last}}


def _derived_from(at: TimepointAssessment) -> list[Json]:
    timepoint = at.timepoint
    used = joined(
        at.state.sources,
        *(study.sources for study in timepoint.studies),
        *(measurement.sources for measurement in timepoint.measurements.values()),
        *(lesion.sources for lesion in at.lesions),
    )
    return [reference(source) for source in used if source.type in DERIVED_FROM]


def _components(at: TimepointAssessment) -> Iterator[Json]:
    counts = at.counts
    yield _number("progressing-lesions", counts.progressing)
    yield _number("new-lesions", counts.new)
    yield _number("controlled-lesions", counts.controlled)
    yield _number("equivocal-lesions", counts.equivocal)
    yield _number("not-evaluable-lesions", counts.not_evaluable)
    if at.sum_of_diameters is not None:
        yield _part("sum-of-diameters", "valueQuantity", _length(at.sum_of_diameters))
    yield from _coded(
        "recist-response", [response_concept(at.response.overall.answer)] if at.response.overall else ()
    )
    yield from _coded("irecist-response", [response_concept(at.irecist)] if at.irecist else ())
    yield from _coded("therapy-status", [therapy_concept(at.therapy_status)])
    yield from _coded("estro-eortc-class", [class_concept(at.estro_eortc)] if at.estro_eortc else ())
    yield from _coded("qualifier", map(qualifier_concept, at.qualifiers))
    yield from _coded("reason", map(reason_concept, at.reasons))


def _coded(code: str, concepts: Iterable[Json]) -> Iterator[Json]:
    return (_part(code, "valueCodeableConcept", each) for each in concepts)


def _number(code: str, value: int) -> Json:
    return _part(code, "valueInteger", value)


def _part(code: str, name: str, value: object) -> Json:
    return {"code": concept(result(code)), name: value}


def _length(size: Millimetres) -> Json:
    return {"value": size, "unit": "mm", "system": UCUM, "code": "mm"}
