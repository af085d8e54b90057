"""Results of judged stories as our store keeps them, to be written to a server."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import msgspec
from judged_stories import chart_from, judge_case, policy_of

from fhirgate.exact_json import decode
from fhirgate.mapping.canonical import PROVENANCE_IDENTIFIERS
from fhirgate.mapping.compose.bundle import compose_bundle
from fhirgate.mapping.compose.occasion import Occasion
from fhirgate.mapping.compose.retraction import compose_retraction_provenance, retract, revoke
from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.chart import Chart
from fhirgate.oncology.policy import Policy
from fhirgate.oncology.source import Source
from fhirgate.services.ports import Identifier, PatientKey, ResourceName, Stored, VersionName

Json = dict[str, Any]
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
WHY = "the scan was withdrawn"
SERVER = "main"
_ENCODER = msgspec.json.Encoder(decimal_format="number")


def story(patient: str, last_reading: str) -> Json:
    """Two measured lesions and six that stay; the first one ends at this size [mm]."""
    return {
        "id": patient,
        "name": "one lesion grows",
        "source": "synthetic",
        "scans": ["2024-01-10", "2024-03-10", "2024-05-02"],
        "stable": 6,
        "lesions": [
            {"label": "T01", "place": "liver", "role": "target", "readings": f"20 20 {last_reading}"},
            {"label": "T02", "place": "bone", "role": "target", "readings": "20 20 20"},
        ],
    }


@cache
def judged(last_reading: str) -> tuple[Assessment, Chart, Policy]:
    """The judgement of that story, made once."""
    case = story("somebody", last_reading)
    return judge_case(case), chart_from(case), policy_of(case)


def results(
    patient: str, last_reading: str = "27", *, states: bool = False, again: bool = False, at: datetime = NOON
) -> tuple[Stored, ...]:
    """What is kept of one judgement: 27 and 29 mm are oligoprogression with a plan, 20 mm is stable without one."""
    assessment, chart, policy = judged(last_reading)
    named = replace(assessment.patient, id=patient)
    bundle = compose_bundle(
        replace(assessment, patient=named),
        replace(chart, patient=named),
        policy,
        occasion=Occasion(recorded=at, again=again),
        states=states,
    )
    text = json.dumps(bundle["entry"], default=float)
    entries = json.loads(text)
    names = {
        each["fullUrl"]: f"{each['resource']['resourceType']}/{each['resource']['id']}" for each in entries
    }
    for url, name in names.items():
        text = text.replace(f'"reference": "{url}"', f'"reference": "{name}"')
    return tuple(stored(each["resource"], patient) for each in decode(text.encode()))


def stored(body: Json, patient: str, version: int = 1) -> Stored:
    """A resource as the store gives it."""
    marks = body.get("identifier") or [
        {"system": each["system"], "value": each["code"]}
        for each in body["meta"]["tag"]
        if each["system"] == PROVENANCE_IDENTIFIERS
    ]
    encoded = _ENCODER.encode(body)
    return Stored(
        name=VersionName(ResourceName(body["resourceType"], body["id"]), version),
        identifier=Identifier(system=marks[0]["system"], value=marks[0]["value"]),
        patient=PatientKey(server=SERVER, id=patient),
        state="",
        preset="DEFAULT",
        as_of=NOON.date(),
        status=body.get("status", ""),
        created_at=NOON,
        recorded_at=NOON,
        sequence=1,
        sha256="",
        body=encoded,
    )


def of(kind: str, given: tuple[Stored, ...]) -> Stored:
    """The one of a type."""
    (found,) = (each for each in given if each.name.resource.type == kind)
    return found


def changed(given: Stored, **elements: Any) -> Stored:
    """The next version of a result, with other elements."""
    body = {name: value for name, value in {**decode(given.body), **elements}.items() if value is not None}
    return stored(body, given.patient.id, given.name.version + 1)


def revoked(plan: Stored, why: str = WHY) -> Stored:
    """The next version of a plan, put aside."""
    return stored(revoke(decode(plan.body), why), plan.patient.id, plan.name.version + 1)


def taken_back(*given: Stored, why: str = WHY, at: datetime = NOON) -> tuple[Stored, ...]:
    """The next versions of results, taken back, and the Provenance of that."""
    patient = given[0].patient.id
    former = [
        Source(each.name.resource.type, each.name.resource.id, str(each.name.version)) for each in given
    ]
    provenance = compose_retraction_provenance(former, ["urn:policy"], why, Occasion(recorded=at))
    silent = [stored(retract(decode(each.body), why), patient, each.name.version + 1) for each in given]
    return (*silent, stored(provenance, patient))


def another_server(given: Stored) -> Stored:
    """The same about a patient of another server."""
    return replace(given, patient=PatientKey(server="elsewhere", id=given.patient.id))


@dataclass(frozen=True)
class Referred:
    """A resource of the record that results refer to."""

    kind: str
    id: str

    def stub(self) -> Json:
        """One that is only there to be referred to."""
        return {"resourceType": self.kind, "id": self.id, **_LEAST.get(self.kind, {})}


_LEAST: dict[str, Json] = {
    "Observation": {"status": "final", "code": {"text": "size"}},
    "Condition": {"subject": {"display": "nobody"}},
    "MedicationStatement": {
        "status": "active",
        "medicationCodeableConcept": {"text": "drug"},
        "subject": {"display": "nobody"},
    },
    "ImagingStudy": {"status": "available", "subject": {"display": "nobody"}},
}


def record_of(given: tuple[Stored, ...]) -> list[Json]:
    """Stubs of what the results refer to in the record, for servers that refuse dangling references."""
    ours = {str(each.name.resource) for each in given}
    found = {
        Referred(*name.split("/")[:2])
        for each in given
        for name in _references(decode(each.body))
        if "/" in name and not name.startswith("urn:") and name not in ours
    }
    return [each.stub() for each in sorted(found, key=lambda each: (each.kind, each.id))]


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        value = list(value.values())
    for each in value if isinstance(value, list) else ():
        yield from _references(each)
