"""Distant metastases stated present or absent (fhir-contracts §A4)."""

from typing import Any

import pytest

from fhirgate.mapping.parse.condition import parse_diagnoses
from fhirgate.mapping.parse.entries import Entry
from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.parse.spread import parse_spreads
from fhirgate.mapping.vocabulary import STANDARD
from fhirgate.oncology.chart import Spread, SpreadStatement
from fhirgate.oncology.site import Diffuse

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
MII = "https://www.medizininformatik-initiative.de/fhir/ext/modul-onko/CodeSystem/mii-cs-onko-"
Json = dict[str, Any]


def coded(system: str, code: str, display: str = "") -> Json:
    return {"coding": [{"system": system, "code": code, "display": display}]}


def observation(code: Json, value: Json | None = None, id: str = "o", **more: Any) -> Json:
    raw = {"resourceType": "Observation", "id": id, "code": code, "effectiveDateTime": "2024-02-08", **more}
    return raw | ({"valueCodeableConcept": value} if value is not None else {})


def cancer(text: str, **more: Any) -> Json:
    return {
        "resourceType": "Condition",
        "id": "c",
        "code": {"text": text},
        "onsetDateTime": "2023-01-02",
        **more,
    }


def read(*resources: Json) -> tuple[tuple[SpreadStatement, ...], list[str]]:
    record = Record("p", [Entry(each) for each in resources], [], STANDARD)
    diagnoses = parse_diagnoses(record)
    record.findings.clear()
    return parse_spreads(record, diagnoses), [each.code for each in record.findings]


def only(*resources: Json) -> SpreadStatement:
    (found,), _ = read(*resources)
    return found


@pytest.mark.parametrize("category", ["277208005", "399387003", "371497001"])
def test_the_m_category_says_whether_it_has_spread(category: str) -> None:
    found = only(observation(coded(SNOMED, category), coded("https://www.uicc.org/resources/tnm", "M1")))
    assert (found.spread, str(found.stated_on), str(found.source)) == (
        Spread.PRESENT,
        "2024-02-08",
        "Observation/o",
    )
    none = only(observation(coded(SNOMED, category), coded("https://www.uicc.org/resources/tnm", "M0")))
    assert none.spread is Spread.NONE


def test_mx_says_nothing() -> None:
    assert read(observation(coded(SNOMED, "399387003"), coded("x", "MX")))[0] == ()


def test_a_history_of_metastases_counts_unless_it_is_denied() -> None:
    history = coded(SNOMED, "1287652008", "History of metastatic malignant neoplasm (situation)")
    assert only(observation(history, valueBoolean=True)).spread is Spread.PRESENT
    assert only(observation(history)).spread is Spread.PRESENT
    assert only(observation(history, valueBoolean=False)).spread is Spread.NONE


def test_a_history_of_metastases_may_name_their_seat() -> None:
    found = only(observation(coded(SNOMED, "1098951000119108", "History of cancer metastatic to liver")))
    assert found.site is not None
    assert (found.spread, found.site.organ) == (Spread.PRESENT, "liver")


@pytest.mark.parametrize(
    ("code", "organ", "diffuse"),
    [
        ("PUL", "lung", None),
        ("OSS", "bone", None),
        ("HEP", "liver", None),
        ("BRA", "brain", None),
        ("LYM", "lymph node", None),
        ("ADR", "adrenal gland", None),
        ("MAR", "bone", Diffuse.MARROW),
    ],
)
def test_mii_sites_of_metastases(code: str, organ: str, diffuse: Diffuse | None) -> None:
    found = only(observation(coded(SNOMED, "385421009"), coded(MII + "fernmetastasen", code)))
    assert found.site is not None
    assert (found.spread, found.site.organ, found.diffuse) == (Spread.PRESENT, organ, diffuse)


def test_mii_generalised_is_widespread_and_an_other_organ_has_no_site() -> None:
    generalised = only(observation(coded(SNOMED, "385421009"), coded(MII + "fernmetastasen", "GEN")))
    assert generalised.diffuse is Diffuse.WIDESPREAD
    other = only(observation(coded(SNOMED, "385421009"), coded(MII + "fernmetastasen", "OTH")))
    assert (other.spread, other.site) == (Spread.PRESENT, None)


def test_an_mii_site_that_is_absent_or_empty() -> None:
    absent = only(observation(coded(SNOMED, "385421009"), coded(SNOMED, "2667000")))
    assert absent.spread is Spread.NONE
    assert read(observation(coded(SNOMED, "385421009")))[0] == ()
    assert read(observation(coded(SNOMED, "385421009"), dataAbsentReason={"text": "?"}))[0] == ()


@pytest.mark.parametrize(
    ("code", "spread"),
    [
        ("K", Spread.NONE),
        ("R", Spread.PRESENT),
        ("T", Spread.PRESENT),
        ("P", Spread.PRESENT),
        ("N", Spread.PRESENT),
    ],
)
def test_the_mii_course_says_it_of_the_distant_compartment(code: str, spread: Spread) -> None:
    part = {
        "code": coded(SNOMED, "399608002"),
        "valueCodeableConcept": coded(MII + "verlauf-fernmetastasen", code),
    }
    assert only(observation(coded(SNOMED, "396432002"), component=[part])).spread is spread


def test_a_doubtful_distant_compartment_says_nothing() -> None:
    parts = [
        {"code": coded(SNOMED, code), "valueCodeableConcept": coded(MII + f"verlauf-{system}", value)}
        for code, system, value in (("399608002", "fernmetastasen", "F"), ("399656008", "lymphknoten", "P"))
    ]
    assert read(observation(coded(SNOMED, "396432002"), component=parts))[0] == ()


def test_distant_metastasis_present_as_disease_status() -> None:
    assert only(observation(coded(LOINC, "97509-4"), coded(SNOMED, "399409002"))).spread is Spread.PRESENT


def stage_iv(**more: Any) -> Json:
    return observation(
        coded(LOINC, "21908-9"), coded("http://cancerstaging.org", "4", "IV"), id="stage", **more
    )


def test_stage_four_of_lung_cancer_is_metastatic_and_says_so() -> None:
    (found,), findings = read(cancer("Adenocarcinoma of lung"), stage_iv())
    assert (found.spread, str(found.source)) == (Spread.PRESENT, "Observation/stage")
    assert findings == ["STAGE_TAKEN_AS_METASTATIC"]


def test_stage_four_of_kidney_cancer_does_not_decide() -> None:
    found, findings = read(cancer("Renal cell carcinoma"), stage_iv(focus=[{"reference": "Condition/c"}]))
    assert (found, findings) == ((), ["STAGE_NOT_DECISIVE"])


def test_the_m_category_in_the_stage_says_more_than_its_group() -> None:
    m0 = observation(coded(SNOMED, "399387003"), coded("x", "M0"), id="m")
    stage = stage_iv(hasMember=[{"reference": "Observation/m"}])
    assert only(cancer("Adenocarcinoma of lung"), stage, m0).spread is Spread.NONE


def test_an_earlier_stage_says_nothing() -> None:
    stage = observation(coded(SNOMED, "399537006"), coded("x", "IIIC"))
    assert read(cancer("Adenocarcinoma of lung"), stage) == ((), [])


def test_stage_four_in_the_condition_itself_counts_at_its_date() -> None:
    stage = [{"summary": {"text": "Stage IV"}}, {"summary": {"text": "Stage I"}}]
    found = only(cancer("Breast cancer", stage=stage))
    assert (found.spread, str(found.stated_on), str(found.source)) == (
        Spread.PRESENT,
        "2023-01-02",
        "Condition/c",
    )
    assert read(cancer("Renal cell carcinoma", stage=stage)) == ((), ["STAGE_NOT_DECISIVE"])


def test_the_stage_in_a_condition_leaves_the_word_to_its_assessment() -> None:
    stage = [{"summary": {"text": "IV"}, "assessment": [{"reference": "Observation/stage"}]}]
    found = only(cancer("Breast cancer", stage=stage), stage_iv())
    assert str(found.source) == "Observation/stage"


def test_a_primary_called_metastatic_has_spread() -> None:
    assert only(cancer("Metastatic breast cancer")).site is None
    found = only(cancer("Lung cancer with brain metastases"))
    assert found.site is not None
    assert (found.site.organ, str(found.stated_on)) == ("brain", "2023-01-02")


def test_a_metastasis_is_a_diagnosis_and_no_statement() -> None:
    assert read(cancer("Lebermetastasen")) == ((), [])


@pytest.mark.parametrize(
    "raw",
    [
        observation({"text": "Malignant pleural effusion"}, coded(SNOMED, "52101004")),
        observation({"text": "Malignant pleural effusion"}),
        observation({"text": "Finding"}, {"text": "Malignant pleural effusion"}),
    ],
)
def test_a_malignant_effusion_is_diffuse_spread(raw: Json) -> None:
    found = only(raw)
    assert (found.spread, found.diffuse) == (Spread.PRESENT, Diffuse.EFFUSION)


@pytest.mark.parametrize(
    "raw",
    [
        observation({"text": "Malignant pleural effusion"}, coded(SNOMED, "2667000")),
        observation({"text": "Malignant pleural effusion"}, dataAbsentReason={"text": "not done"}),
        observation({"text": "Malignant pleural effusion"}, focus=[{"reference": "BodyStructure/b"}]),
        observation({"text": "Finding"}, {"text": "Malignant ascites"} | coded(SNOMED, "41647002")),
        observation(
            {"text": "Finding"}, {"text": "Malignant ascites"}, focus=[{"reference": "BodyStructure/b"}]
        ),
        observation({"text": "Finding"}, {"text": "Liver metastasis"}),
        observation({"text": "Pleural effusion"}, coded(SNOMED, "52101004")),
        observation({"text": "Haemoglobin"}, valueInteger=3),
    ],
)
def test_what_is_absent_a_lesion_or_countable_is_no_diffuse_spread(raw: Json) -> None:
    assert read(raw)[0] == ()


def test_order_is_by_date_and_source() -> None:
    one = observation(coded(SNOMED, "399387003"), coded("x", "M0"), id="a")
    two = one | {"id": "b", "effectiveDateTime": "2020"}
    assert [each.source.id for each in read(one, two)[0]] == ["b", "a"]
