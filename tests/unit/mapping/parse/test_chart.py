"""From anything received to charts, one per patient."""

import copy
import gc
from pathlib import Path
from typing import Any

import pytest

from fhirgate.exact_json import decode
from fhirgate.mapping.parse.chart import parse_charts
from fhirgate.mapping.parse.patients import UNKNOWN_PATIENT
from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.vocabulary import STANDARD, Vocabulary
from fhirgate.oncology.chart import Chart, Patient
from fhirgate.oncology.finding import Severity
from fhirgate.oncology.source import Source

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
Json = dict[str, Any]


def coded(system: str, code: str, display: str = "") -> Json:
    return {"coding": [{"system": system, "code": code, "display": display}]}


def of(patient: str, kind: str, id: str, **more: Any) -> Json:
    return {"resourceType": kind, "id": id, "subject": {"reference": f"Patient/{patient}"}, **more}


def record_of(patient: str) -> list[Json]:
    """One of everything."""
    size = {"value": 14, "unit": "mm", "system": "http://unitsofmeasure.org", "code": "mm"}
    return [
        {"resourceType": "Patient", "id": patient, "birthDate": "1960"},
        of(
            patient,
            "Condition",
            f"{patient}-c",
            code=coded(SNOMED, "254637007", "Non-small cell lung cancer"),
            onsetDateTime="2023-01-02",
        ),
        {
            "resourceType": "BodyStructure",
            "id": f"{patient}-b",
            "patient": {"reference": f"Patient/{patient}"},
            "location": coded(SNOMED, "10200004", "Liver structure"),
        },
        of(
            patient,
            "Observation",
            f"{patient}-size",
            status="final",
            code=coded(LOINC, "21889-1", "Size Tumor"),
            focus=[{"reference": f"BodyStructure/{patient}-b"}],
            effectiveDateTime="2024-01-05",
            component=[{"code": coded(LOINC, "33728-7"), "valueQuantity": size}],
        ),
        of(
            patient,
            "Observation",
            f"{patient}-m",
            code=coded(SNOMED, "399387003"),
            effectiveDateTime="2024-01-05",
            valueCodeableConcept=coded("https://www.uicc.org/resources/tnm", "M1"),
        ),
        of(
            patient,
            "Observation",
            f"{patient}-status",
            code=coded(LOINC, "97509-4"),
            effectiveDateTime="2024-01-05",
            valueCodeableConcept=coded(SNOMED, "359746009"),
        ),
        of(
            patient,
            "Observation",
            f"{patient}-ecog",
            code=coded(LOINC, "89247-1"),
            effectiveDateTime="2024-01-05",
            valueInteger=1,
        ),
        of(
            patient,
            "MedicationStatement",
            f"{patient}-drug",
            status="active",
            medicationCodeableConcept=coded(
                "http://www.nlm.nih.gov/research/umls/rxnorm", "1721560", "osimertinib"
            ),
            effectivePeriod={"start": "2023-02-01"},
        ),
        of(patient, "Encounter", f"{patient}-e1"),
        of(patient, "Encounter", f"{patient}-e2"),
    ]


def ids(chart: Chart) -> set[str]:
    facts = (*chart.diagnoses, *chart.courses, *chart.spreads, *chart.supporting)
    found = {each.source.id for each in facts}
    found |= {source.id for each in (*chart.sightings, *chart.exposures) for source in each.sources}
    return found | {each.source.id for each in chart.findings if each.source is not None}


def test_every_kind_of_fact_reaches_the_chart() -> None:
    (chart,) = parse_charts(record_of("p"))
    assert chart.patient == Patient(id="p", born_on=chart.patient.born_on, source=Source("Patient", "p"))
    counts = [len(each) for each in (chart.diagnoses, chart.sightings, chart.exposures, chart.courses)]
    assert counts == [1, 1, 1, 1]
    assert [len(each) for each in (chart.spreads, chart.supporting, chart.bone_scans)] == [1, 1, 0]


def test_two_patients_in_one_bundle_never_mix() -> None:
    received = [*record_of("a"), *record_of("b")]
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": each} for each in received],
    }
    one, two = parse_charts([bundle])
    assert (one.patient.id, two.patient.id) == ("a", "b")
    assert all(each.startswith("a") for each in ids(one))
    assert all(each.startswith("b") for each in ids(two))
    assert (one,) == parse_charts(record_of("a"))


def test_two_servers_with_the_same_ids_never_mix() -> None:
    def served(base: str, text: str) -> list[tuple[Json, str]]:
        condition = {
            "resourceType": "Condition",
            "id": "1",
            "code": {"text": text},
            "onsetDateTime": "2020",
            "subject": {"reference": "Patient/1"},
        }
        patient = {"resourceType": "Patient", "id": "1"}
        return [(patient, f"{base}/Patient/1"), (condition, f"{base}/Condition/1")]

    charts = parse_charts([*served("https://one", "Breast cancer"), *served("https://two", "Lung cancer")])
    assert [(each.patient.id, each.diagnoses[0].text) for each in charts] == [
        ("https://one/Patient/1", "Breast cancer"),
        ("https://two/Patient/1", "Lung cancer"),
    ]


def test_a_transaction_with_urn_uuid_references() -> None:
    entry = [
        {"fullUrl": "urn:uuid:aa", "resource": {"resourceType": "Patient"}},
        {
            "fullUrl": "urn:uuid:bb",
            "resource": {
                "resourceType": "Condition",
                "code": {"text": "Breast cancer"},
                "onsetDateTime": "2020",
                "subject": {"reference": "urn:uuid:aa"},
            },
        },
    ]
    (chart,) = parse_charts([{"resourceType": "Bundle", "type": "transaction", "entry": entry}])
    assert (chart.patient.id, chart.diagnoses[0].id) == ("aa", "bb")
    assert [each.code for each in chart.findings] == []


def test_cyclic_references_end() -> None:
    one = of("p", "Observation", "a", code={"text": "x"}, hasMember=[{"reference": "Observation/b"}])
    two = of("p", "Observation", "b", code={"text": "y"}, hasMember=[{"reference": "Observation/a"}])
    self_made = of("p", "Procedure", "c", code={"text": "z"}, partOf=[{"reference": "Procedure/c"}])
    assert len(parse_charts([one, two, self_made])) == 1


def test_order_and_duplicates_change_nothing() -> None:
    received = record_of("p")
    shuffled = [*reversed(received), *copy.deepcopy(received)]
    assert parse_charts(shuffled) == parse_charts(received)


def test_unread_types_are_counted_one_finding_each() -> None:
    endpoint = {"resourceType": "Endpoint", "id": "e"}
    practitioner = {"resourceType": "Practitioner", "id": "d"}
    (chart,) = parse_charts([*record_of("p"), endpoint, practitioner, copy.deepcopy(endpoint)])
    found = [each for each in chart.findings if each.code == "TYPE_NOT_READ"]
    assert [each.text for each in found] == [
        "1 Endpoint resource is not read",
        "2 Encounter resources are not read",
    ]
    assert {each.severity for each in found} == {Severity.INFORMATION}


def test_a_record_without_any_cancer_content_is_a_chart() -> None:
    (chart,) = parse_charts([{"resourceType": "Patient", "id": "p"}])
    assert chart == Chart(patient=Patient(id="p", source=Source("Patient", "p")))


def test_findings_of_the_source_reach_every_chart() -> None:
    charts = parse_charts([*record_of("a"), *record_of("b"), "junk"])
    assert [[each.code for each in chart.findings if each.code == "NOT_A_RESOURCE"] for chart in charts] == [
        ["NOT_A_RESOURCE"],
        ["NOT_A_RESOURCE"],
    ]


@pytest.mark.parametrize("received", ["junk", {"resourceType": "Endpoint", "id": "e"}])
def test_a_source_without_patients_says_so(received: Any) -> None:
    (chart,) = parse_charts([received])
    assert chart.patient.id == UNKNOWN_PATIENT
    assert "NO_PATIENT" in {each.code for each in chart.findings}


def test_an_empty_source_has_no_charts() -> None:
    assert parse_charts([]) == ()
    assert parse_charts([{"resourceType": "Bundle", "entry": []}]) == ()


def test_a_sites_own_vocabulary_is_used() -> None:
    site = Vocabulary(name="site", by_code={("http://l", "NB"): "count.new_bone_lesions"}).over(STANDARD)
    raw = of("p", "Observation", "o", code=coded("http://l", "NB"), valueInteger=2, effectiveDateTime="2024")
    assert [each.new_lesions for each in parse_charts([raw], site)[0].bone_scans] == [2]
    assert parse_charts([raw])[0].bone_scans == ()


@pytest.mark.parametrize("junk", [None, 3, "x", True, [], {}, [[]], {"coding": 3}, [{"coding": [None]}]])
@pytest.mark.parametrize(
    "element",
    ["code", "status", "component", "focus", "valueCodeableConcept", "effectiveDateTime", "effectivePeriod",
     "meta", "extension", "identifier", "bodySite", "category", "hasMember", "specimen", "performer", "location",
     "onsetDateTime", "clinicalStatus", "verificationStatus", "stage", "medicationCodeableConcept", "subject"],
)  # fmt: skip
def test_junk_in_any_element_is_no_crash(element: str, junk: Any) -> None:
    received = record_of("p")
    for each in received:
        each[element] = junk
    assert parse_charts(received)


def test_what_the_measurements_say_of_studies_reaches_the_chart() -> None:
    """A report in words beside measurements is not all there is, and a study nobody served is named by them."""
    report = of(
        "p1",
        "DiagnosticReport",
        "report",
        status="final",
        category=[coded("http://terminology.hl7.org/CodeSystem/v2-0074", "RAD")],
        code=coded(LOINC, "24627-2", "CT chest"),
        effectiveDateTime="2024-01-05",
        conclusion="Known lesion in segment VII.",
        result=[{"reference": "Observation/p1-size"}],
    )
    (measured,) = parse_charts([*record_of("p1"), report])
    unserved = {"partOf": [{"reference": "ImagingStudy/not-served"}]}
    (named,) = parse_charts(
        [each | unserved if each["id"] == "p1-size" else each for each in record_of("p1")]
    )

    assert [(each.key, each.narrative_only) for each in measured.studies] == [
        ("DiagnosticReport/report", False)
    ]
    assert "ImagingStudy/not-served" in [each.key for each in named.studies]


def test_a_record_that_was_read_is_let_go_of_at_once() -> None:
    bundle = decode((Path(__file__).parents[4] / "examples/oligoprogression-osimertinib.json").read_bytes())
    gc.collect()
    gc.disable()
    try:
        charts = parse_charts([bundle])
        held = [each for each in gc.get_objects() if isinstance(each, Record)]
    finally:
        gc.enable()

    assert len(charts) == 1
    assert held == []
