"""Biopsies, molecular findings, markers and performance status, each with its lesion."""

from typing import Any

import pytest

from fhirgate.mapping.parse.entries import Entry
from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.parse.supporting import parse_supporting, value_of
from fhirgate.mapping.vocabulary import STANDARD
from fhirgate.oncology.chart import FactKind, SupportingFact

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
Json = dict[str, Any]


def coded(system: str, code: str, display: str = "") -> Json:
    return {"coding": [{"system": system, "code": code, "display": display}]}


def observation(code: Json, **more: Any) -> Json:
    return {"resourceType": "Observation", "id": "o", "code": code, "effectiveDateTime": "2024-02-08", **more}


def read(*resources: Json) -> tuple[SupportingFact, ...]:
    return parse_supporting(Record("p", [Entry(each) for each in resources], [], STANDARD))


def only(*resources: Json) -> SupportingFact:
    (found,) = read(*resources)
    return found


TUMOUR = {
    "resourceType": "BodyStructure",
    "id": "b",
    "identifier": [{"type": coded("t", "BodyStructure"), "system": "http://h", "value": "Tumor 1"}],
    "location": coded(SNOMED, "10200004"),
}
SPECIMEN = {
    "resourceType": "Specimen",
    "id": "s",
    "type": coded("http://terminology.hl7.org/CodeSystem/v2-0487", "TUMOR"),
    "identifier": [{"type": coded("t", "BodyStructure"), "system": "http://h", "value": "Tumor 1"}],
    "collection": {
        "collectedDateTime": "2024-01-05",
        "bodySite": coded(SNOMED, "10200004", "Liver structure"),
    },
}


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (observation(coded(LOINC, "89247-1"), valueInteger=1), "ECOG 1"),
        (observation(coded(LOINC, "89243-0"), valueInteger=90), "Karnofsky 90"),
        (
            observation(
                coded(LOINC, "89247-1"),
                valueCodeableConcept=coded(LOINC, "LA9623-5", "Restricted in activity"),
            ),
            "ECOG Restricted in activity",
        ),
    ],
)
def test_performance_status(raw: Json, text: str) -> None:
    found = only(raw)
    assert (found.kind, found.text, str(found.on)) == (FactKind.PERFORMANCE, text, "2024-02-08")


def test_mii_performance_status_has_both_scales_as_components() -> None:
    parts = [
        {"code": coded(SNOMED, "761869008"), "valueCodeableConcept": coded("", "30%", "30%")},
        {
            "code": coded(SNOMED, "423740007"),
            "valueCodeableConcept": coded("", "3", "Nur begrenzte Selbstversorgung"),
        },
    ]
    found = read(observation(coded(SNOMED, "423690003"), component=parts))
    assert [each.text for each in found] == ["ECOG 3", "Karnofsky 30%"]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (
            observation(
                coded(LOINC, "2039-6"), valueQuantity={"value": 12.4, "unit": "ng/mL", "code": "ng/mL"}
            ),
            "CEA 12.4 ng/mL",
        ),
        (
            observation(
                coded(LOINC, "2857-1"), valueQuantity={"value": 0.1, "comparator": "<", "code": "ng/mL"}
            ),
            "PSA <0.1 ng/mL",
        ),
        (observation({"text": "Cancer Ag 27-29 [Units/volume]"}, valueString="31"), "CA 27.29 31"),
    ],
)
def test_tumour_markers_keep_unit_and_comparator(raw: Json, text: str) -> None:
    found = only(raw)
    assert (found.kind, found.text) == (FactKind.MARKER, text)


def test_a_marker_without_value_is_no_fact() -> None:
    assert read(observation(coded(LOINC, "2039-6"))) == ()


def test_molecular_findings_name_test_gene_and_result() -> None:
    gene = {"code": coded(LOINC, "48018-6"), "valueCodeableConcept": coded("hgnc", "HGNC:3236", "EGFR")}
    raw = observation(
        coded(LOINC, "69548-6", "Genetic variant assessment"),
        component=[gene, {"code": coded(LOINC, "1")}],
        valueCodeableConcept=coded(LOINC, "LA9633-4", "Present"),
    )
    found = only(raw)
    assert (found.kind, found.text) == (FactKind.MOLECULAR, "Genetic variant assessment, EGFR, Present")


def test_an_mii_variant_has_its_words_in_the_note() -> None:
    raw = observation(coded(LOINC, "69548-6"), note=[{"text": "BRAF1 Class II Mutation"}])
    assert only(raw).text == "molecular finding, BRAF1 Class II Mutation"


@pytest.mark.parametrize(
    "raw",
    [
        observation({"text": "PD-L1 expression"}, valueString="60 %"),
        observation(
            {"text": "Panel"},
            valueString="x",
            meta={
                "profile": ["http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition/genomics-report"]
            },
        ),
    ],
)
def test_molecular_findings_are_known_by_words_and_profile(raw: Json) -> None:
    assert only(raw).kind is FactKind.MOLECULAR


def test_a_molecular_finding_belongs_to_the_lesion_of_its_specimen() -> None:
    raw = observation({"text": "EGFR T790M"}, valueString="present", specimen={"reference": "Specimen/s"})
    molecular = next(each for each in read(raw, SPECIMEN, TUMOUR) if each.kind is FactKind.MOLECULAR)
    (lesion,) = molecular.lesions
    assert "BodyStructure/b" in lesion.identifiers
    assert lesion.site.organ == "liver"


def test_a_fact_belongs_to_the_lesion_in_its_focus() -> None:
    raw = observation({"text": "EGFR T790M"}, valueString="present", focus=[{"reference": "BodyStructure/b"}])
    (lesion,) = only(raw, TUMOUR).lesions
    assert "BodyStructure/b" in lesion.identifiers


def biopsy(**more: Any) -> Json:
    code = coded(SNOMED, "86273004", "Biopsy")
    return {
        "resourceType": "Procedure",
        "id": "p",
        "status": "completed",
        "code": code,
        "performedDateTime": "2024-01-05",
        **more,
    }


def test_a_biopsy_names_its_place_and_date() -> None:
    found = only(biopsy(bodySite=[coded(SNOMED, "10200004")]))
    assert (found.kind, found.text, str(found.on)) == (FactKind.BIOPSY, "Biopsy (liver)", "2024-01-05")
    assert only(biopsy(code={"text": "Stanzbiopsie"})).text == "Stanzbiopsie"
    assert only(biopsy(code=coded(SNOMED, "86273004"))).text == "biopsy"


def test_a_biopsy_that_was_not_done_is_none() -> None:
    assert read(biopsy(status="not-done")) == ()
    assert read(biopsy(code={"text": "Appendectomy"})) == ()


def test_a_specimen_of_a_tumour_belongs_to_the_body_structure_of_the_same_identifier() -> None:
    found = only(SPECIMEN, TUMOUR)
    (lesion,) = found.lesions
    assert (found.kind, found.text, str(found.on)) == (FactKind.BIOPSY, "specimen (liver)", "2024-01-05")
    assert "BodyStructure/b" in lesion.identifiers


def test_blood_is_no_biopsy() -> None:
    blood = {"resourceType": "Specimen", "id": "s", "type": {"text": "Blood"}}
    assert read(blood) == ()
    assert only(blood | {"type": {"text": "Tumor tissue"}}).text == "Tumor tissue"


def test_other_observations_are_no_facts() -> None:
    assert read(observation(coded(LOINC, "718-7", "Hemoglobin"), valueQuantity={"value": 12})) == ()


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ({"valueCodeableConcept": {"coding": [{"code": "LA1"}]}}, "LA1"),
        ({"valueDecimal": 1.5}, "1.5"),
        ({"valueString": "few"}, "few"),
        ({}, ""),
    ],
)
def test_a_value_is_written_as_a_person_would(raw: Json, text: str) -> None:
    assert value_of(raw) == text


def test_facts_come_by_kind_date_and_source() -> None:
    facts = read(biopsy(), observation(coded(LOINC, "89247-1"), valueInteger=1), SPECIMEN)
    assert [each.kind for each in facts] == [FactKind.BIOPSY, FactKind.BIOPSY, FactKind.PERFORMANCE]
