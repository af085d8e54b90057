"""Cancer diagnoses from Conditions (fhir-contracts §A4): mCODE, MII, plain EHR and STU3 spellings."""

from typing import Any

import pytest

from fhirgate.mapping.parse.condition import parse_diagnoses
from fhirgate.mapping.parse.entries import Entry
from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.vocabulary import STANDARD
from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.diagnosis import Diagnosis, DiagnosisKind, Tumour
from fhirgate.oncology.finding import Severity
from fhirgate.oncology.site import Diffuse, Laterality, Site

SNOMED = "http://snomed.info/sct"
ICD_O = "http://terminology.hl7.org/CodeSystem/icd-o-3"
ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
MCODE = "http://hl7.org/fhir/us/mcode/StructureDefinition"
Json = dict[str, Any]


def coded(system: str, code: str, display: str = "") -> Json:
    return {"coding": [{"system": system, "code": code, "display": display}]}


def condition(id: str = "c1", **more: Any) -> Json:
    return {"resourceType": "Condition", "id": id, "onsetDateTime": "2023-05-04", **more}


def nsclc(id: str = "c1", **more: Any) -> Json:
    return condition(id, code=coded(SNOMED, "254637007", "Non-small cell lung cancer"), **more)


def record_of(*resources: Json) -> Record:
    return Record("p", [Entry(each) for each in resources], [], STANDARD)


def codes(record: Record) -> list[str]:
    return [each.code for each in record.findings]


def only(*resources: Json) -> Diagnosis:
    (found,) = parse_diagnoses(record_of(*resources))
    return found


def test_a_primary_cancer_has_type_site_date_and_source() -> None:
    found = only(nsclc(meta={"versionId": "3"}, bodySite=[coded(SNOMED, "44714003")]))
    assert found.kind is DiagnosisKind.PRIMARY
    assert found.tumour is Tumour.NSCLC
    assert found.site == Site(organ="lung", laterality=Laterality.LEFT, detail="upper lobe")
    assert found.code == "http://snomed.info/sct|254637007"
    assert found.text == "Non-small cell lung cancer"
    assert found.dated == ClinicalDate.parse("2023-05-04")
    assert str(found.source) == "Condition/c1/_history/3"
    assert found.active
    assert not found.provisional


def test_a_primary_without_body_site_sits_where_its_code_says() -> None:
    assert only(nsclc()).site == Site(organ="lung")
    assert only(condition(code={"text": "Mammakarzinom links"})).site.laterality is Laterality.LEFT


def test_a_primary_that_names_no_place_sits_in_the_organ_of_its_type() -> None:
    found = only(condition(code=coded(SNOMED, "254837009")))
    assert (found.tumour, found.site) == (Tumour.BREAST, Site(organ="breast"))


def test_a_metastasis_names_its_primary_and_has_its_type() -> None:
    related = {
        "url": "http://hl7.org/fhir/StructureDefinition/condition-related",
        "valueReference": {"reference": "Condition/c1"},
    }
    metastasis = condition("c2", code=coded(SNOMED, "94225005"), extension=[related])
    _, found = parse_diagnoses(record_of(nsclc(), metastasis))
    assert found.kind is DiagnosisKind.SECONDARY
    assert found.of_primary == "c1"
    assert found.tumour is Tumour.NSCLC
    assert found.site == Site(organ="brain")


def test_a_primary_outside_the_record_is_still_named() -> None:
    related = {
        "url": f"{MCODE}/mcode-related-primary-cancer-condition",
        "valueReference": {"reference": "Condition/elsewhere"},
    }
    found = only(condition(code=coded(SNOMED, "94222008"), extension=[related]))
    assert (found.of_primary, found.tumour) == ("elsewhere", Tumour.SOLID_OTHER)


@pytest.mark.parametrize(
    "more",
    [
        {"code": coded(SNOMED, "94222008")},
        {"code": coded(ICD_10_CM, "C79.51")},
        {"code": {"text": "Knochenmetastasen"}},
        {
            "code": {"text": "Bone lesion"},
            "meta": {"profile": [f"{MCODE}/mcode-secondary-cancer-condition|4.0.0"]},
        },
        {"code": {"text": "Bone lesion"}, "category": [coded(SNOMED, "128462008")]},
        {
            "code": {"text": "Bone lesion"},
            "extension": [
                {
                    "url": f"{MCODE}/mcode-histology-morphology-behavior",
                    "valueCodeableConcept": coded(ICD_O, "8140/6"),
                }
            ],
        },
    ],
)
def test_a_metastasis_is_known_by_code_words_profile_category_or_behaviour(more: Json) -> None:
    found = only(condition(**more))
    assert (found.kind, found.site.organ) == (DiagnosisKind.SECONDARY, "bone")


def test_body_site_refines_the_seat_a_metastasis_code_names() -> None:
    found = only(condition(code=coded(SNOMED, "94222008"), bodySite=[{"text": "BWK 7"}]))
    assert found.site == Site(organ="bone", detail="T7")


def test_a_metastasis_that_names_no_place_has_none() -> None:
    metastatic = coded(SNOMED, "128462008", "Metastatic malignant neoplasm (disorder)")
    assert only(condition(code=metastatic)).site == Site()
    assert only(condition(code=metastatic, bodySite=[{"text": "Behind the ear"}])).site == Site(
        detail="behind the ear"
    )


def test_words_of_a_metastasis_name_the_seat_and_not_the_origin() -> None:
    assert only(condition(code={"text": "Breast cancer metastatic to liver"})).site.organ == "liver"
    assert only(condition(code={"text": "Liver metastasis from colon cancer"})).site.organ == "liver"


@pytest.mark.parametrize(
    ("text", "diffuse"),
    [
        ("Malignant pleural effusion", Diffuse.EFFUSION),
        ("Malignant ascites", Diffuse.ASCITES),
        ("Peritoneal carcinomatosis", Diffuse.PERITONEAL),
        ("Meningeosis carcinomatosa", Diffuse.LEPTOMENINGEAL),
        ("Lymphangitic carcinomatosis", Diffuse.LYMPHANGITIC),
        ("Secondary malignant neoplasm of bone marrow", Diffuse.MARROW),
        ("Disseminated malignancy", Diffuse.WIDESPREAD),
    ],
)
def test_spread_without_a_count_is_diffuse(text: str, diffuse: Diffuse) -> None:
    found = only(condition(code={"text": text}))
    assert (found.kind, found.diffuse) == (DiagnosisKind.SECONDARY, diffuse)


def test_a_primary_is_diffuse_only_when_it_is_called_disseminated() -> None:
    assert only(condition(code=coded(ICD_10_CM, "C80.0"))).diffuse is Diffuse.WIDESPREAD
    assert (
        only(condition(code=coded(ICD_10_CM, "C91.00"), bodySite=[coded(SNOMED, "14016003")])).diffuse is None
    )


def test_small_cell_lung_cancer_is_not_nsclc_by_its_morphology_extension() -> None:
    morphology = {
        "url": "https://www.medizininformatik-initiative.de/fhir/ext/modul-onko/StructureDefinition/"
        "mii-ex-onko-histology-morphology-behavior-icdo3",
        "valueCodeableConcept": coded(ICD_O, "8041/3"),
    }
    record = record_of(condition(code=coded(ICD_10_CM, "C34.90"), extension=[morphology]))
    assert parse_diagnoses(record)[0].tumour is Tumour.SOLID_OTHER
    assert codes(record) == []


def test_lung_cancer_without_histology_is_nsclc_and_says_so() -> None:
    record = record_of(condition(code=coded(ICD_10_CM, "C34.90")))
    assert parse_diagnoses(record)[0].tumour is Tumour.NSCLC
    (found,) = record.findings
    assert (found.code, found.severity) == ("HISTOLOGY_MISSING", Severity.INFORMATION)
    assert str(found.source) == "Condition/c1"


def histology(code: str, **more: Any) -> Json:
    return {
        "resourceType": "Observation",
        "id": "h",
        "code": coded("http://loinc.org", "59847-4"),
        "valueCodeableConcept": coded(ICD_O, code),
        **more,
    }


def test_histology_reported_apart_belongs_to_the_diagnosis_it_names() -> None:
    lung = condition("lung", code=coded(ICD_10_CM, "C34.90"))
    other = condition("other", code=coded(ICD_10_CM, "C50.912"))
    pathology = histology("8041/3", focus=[{"reference": "Condition/lung"}])
    found = parse_diagnoses(record_of(lung, other, pathology))
    assert [each.tumour for each in found] == [Tumour.SOLID_OTHER, Tumour.BREAST]


def test_histology_that_names_no_diagnosis_belongs_to_the_only_primary() -> None:
    lung = condition("lung", code=coded(ICD_10_CM, "C34.90"))
    other = condition("other", code=coded(ICD_10_CM, "C34.91"))
    assert only(lung, histology("8041/3")).tumour is Tumour.SOLID_OTHER
    found = parse_diagnoses(record_of(lung, other, histology("8041/3")))
    assert [each.tumour for each in found] == [Tumour.NSCLC, Tumour.NSCLC]


def test_histologies_that_disagree_belong_to_nobody() -> None:
    lung = condition(code=coded(ICD_10_CM, "C34.90"))
    found = only(lung, histology("8041/3"), histology("8140/3") | {"id": "h2"})
    assert found.tumour is Tumour.NSCLC


def test_several_active_primaries_are_all_kept() -> None:
    found = parse_diagnoses(record_of(nsclc(), condition("c2", code={"text": "Renal cell carcinoma"})))
    assert [each.tumour for each in found] == [Tumour.NSCLC, Tumour.KIDNEY]


def test_what_is_no_cancer_is_counted_in_one_finding() -> None:
    record = record_of(
        nsclc(), condition("a", code={"text": "Diabetes"}), condition("b", code={"text": "Benign neoplasm"})
    )
    assert len(parse_diagnoses(record)) == 1
    (found,) = record.findings
    assert (found.code, found.severity, found.source) == ("CONDITIONS_NOT_CANCER", Severity.INFORMATION, None)
    assert found.text.startswith("2 Condition")


def test_a_neoplasm_of_unknown_behaviour_is_said_to_be_unused() -> None:
    record = record_of(condition(code={"text": "Neoplasm of lung"}))
    assert parse_diagnoses(record) == ()
    assert codes(record) == ["NEOPLASM_UNCERTAIN", "CONDITIONS_NOT_CANCER"]


def test_a_neoplasm_is_a_cancer_by_profile_or_behaviour() -> None:
    profile = {"profile": [f"{MCODE}/mcode-primary-cancer-condition"]}
    assert only(condition(code={"text": "Neoplasm of lung"}, meta=profile)).tumour is Tumour.NSCLC
    morphology = {
        "url": f"{MCODE}/mcode-histology-morphology-behavior",
        "valueCodeableConcept": coded(ICD_O, "8140/3"),
    }
    assert only(condition(code=coded(SNOMED, "55342001", "Neoplastic disease"), extension=[morphology]))


def test_a_refuted_diagnosis_is_left_out() -> None:
    refuted = coded("http://terminology.hl7.org/CodeSystem/condition-ver-status", "refuted")
    record = record_of(nsclc(verificationStatus=refuted))
    assert parse_diagnoses(record) == ()
    assert codes(record) == ["CONDITION_REFUTED"]


def test_a_provisional_or_suspected_diagnosis_is_marked() -> None:
    status = coded("http://terminology.hl7.org/CodeSystem/condition-ver-status", "provisional")
    assert only(nsclc(verificationStatus=status)).provisional
    assert only(condition(code={"text": "V.a. Mammakarzinom"})).provisional


def test_other_extensions_are_no_morphology() -> None:
    other = {"url": "http://example.org/other", "valueCodeableConcept": coded(ICD_O, "8140/6")}
    assert only(nsclc(extension=[other])).kind is DiagnosisKind.PRIMARY


def test_a_past_cancer_is_an_inactive_primary() -> None:
    found = only(condition(code={"text": "History of colon cancer"}))
    assert (found.kind, found.active, found.tumour) == (DiagnosisKind.PRIMARY, False, Tumour.COLORECTAL)


def test_order_and_broken_shapes_change_nothing() -> None:
    odd = {"resourceType": "Condition", "id": "z", "code": "cancer", "bodySite": 3, "meta": {"profile": 1}}
    one = parse_diagnoses(record_of(nsclc(), odd, condition("b", code={"text": "Breast cancer"})))
    two = parse_diagnoses(record_of(condition("b", code={"text": "Breast cancer"}), nsclc(), odd))
    assert one == two
    assert [each.id for each in one] == ["b", "c1"]
