"""Disease status as stated: mCODE CancerDiseaseStatus, CodeX RT qualifiers, MII Verlauf (fhir-contracts §A4)."""

from typing import Any

import pytest

from fhirgate.mapping.parse.disease_status import parse_courses
from fhirgate.mapping.parse.entries import Entry
from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.vocabulary import STANDARD
from fhirgate.oncology.chart import Course, CourseStatement

SNOMED = "http://snomed.info/sct"
MII = "https://www.medizininformatik-initiative.de/fhir/ext/modul-onko/CodeSystem/mii-cs-onko-verlauf-"
Json = dict[str, Any]


def coded(system: str, code: str) -> Json:
    return {"coding": [{"system": system, "code": code}]}


def status(value: Json | None = None, code: Json | None = None, **more: Any) -> Json:
    raw = {
        "resourceType": "Observation",
        "id": "s",
        "code": code or coded("http://loinc.org", "97509-4"),
        "effectiveDateTime": "2024-02-08",
        **more,
    }
    return raw | ({"valueCodeableConcept": value} if value is not None else {})


def read(*resources: Json) -> tuple[tuple[CourseStatement, ...], list[str]]:
    record = Record("p", [Entry(each) for each in resources], [], STANDARD)
    return parse_courses(record), [each.code for each in record.findings]


@pytest.mark.parametrize(
    ("code", "course"),
    [
        ("550991000124107", Course.COMPLETE_RESPONSE),
        ("103338009", Course.COMPLETE_RESPONSE),
        ("551001000124108", Course.PARTIAL_RESPONSE),
        ("103337004", Course.PARTIAL_RESPONSE),
        ("268910001", Course.IMPROVED),
        ("359746009", Course.STABLE),
        ("271299001", Course.PROGRESSION),
        ("709137006", Course.UNDETERMINED),
    ],
)
def test_mcode_trend_codes(code: str, course: Course) -> None:
    (found,), findings = read(status(coded(SNOMED, code)))
    assert (found.course, str(found.stated_on), str(found.source)) == (course, "2024-02-08", "Observation/s")
    assert findings == []


def test_the_older_loinc_code_is_read_too() -> None:
    (found,), _ = read(status(coded(SNOMED, "359746009"), coded("http://loinc.org", "88040-1")))
    assert found.course is Course.STABLE


@pytest.mark.parametrize(
    ("code", "course"),
    [
        ("V", Course.COMPLETE_RESPONSE),
        ("R", Course.COMPLETE_RESPONSE),
        ("T", Course.PARTIAL_RESPONSE),
        ("B", Course.IMPROVED),
        ("K", Course.STABLE),
        ("P", Course.PROGRESSION),
        ("D", Course.DIVERGENT),
        ("Y", Course.RECURRENCE),
        ("U", Course.UNDETERMINED),
    ],
)
def test_mii_overall_codes(code: str, course: Course) -> None:
    (found,), _ = read(status(coded(MII + "gesamtbeurteilung", code), coded(SNOMED, "396432002")))
    assert found.course is course


def component(code: str, system: str, value: str) -> Json:
    return {"code": coded(SNOMED, code), "valueCodeableConcept": coded(MII + system, value)}


def test_mii_compartments_say_where_it_happens() -> None:
    parts = [
        component("277062004", "primaertumor", "T"),
        component("399656008", "lymphknoten", "P"),
        component("399608002", "fernmetastasen", "K"),
        component("363698007", "fernmetastasen", "R"),
    ]
    verlauf = status(coded(MII + "gesamtbeurteilung", "B"), coded(SNOMED, "396432002"), component=parts)
    (found,), _ = read(verlauf)
    assert found.compartments == (("distant", "K"), ("nodes", "P"), ("primary", "T"))


def test_compartments_without_an_overall_value_are_an_undetermined_course() -> None:
    parts = [component("399608002", "fernmetastasen", "R")]
    (found,), findings = read(status(code=coded(SNOMED, "396432002"), component=parts))
    assert (found.course, found.compartments) == (Course.UNDETERMINED, (("distant", "R"),))
    assert findings == []


def test_a_missing_overall_value_of_the_registry_is_no_unknown_code() -> None:
    found, findings = read(status(coded(MII + "gesamtbeurteilung", "X"), coded(SNOMED, "396432002")))
    assert (found, findings) == ((), [])


def test_codex_qualifiers_say_where_it_progressed() -> None:
    url = "http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition"
    qualifiers = [
        {
            "url": f"{url}/codexrt-radiotherapy-disease-progression-qualifier",
            "valueCodeableConcept": coded(SNOMED, code),
        }
        for code in ("263820005", "80534008")
    ]
    value = coded(SNOMED, "271299001") | {"extension": [*qualifiers, {"url": "other"}]}
    (found,), _ = read(status(value))
    assert found.compartments == (("biochemical", "P"), ("nodes", "P"))


@pytest.mark.parametrize(
    "more", [{"valueString": "stable disease"}, {"valueCodeableConcept": {"text": "Stable Disease"}}]
)
def test_whole_phrases_are_understood(more: Json) -> None:
    (found,), _ = read(status(**more))
    assert (found.course, found.text.casefold()) == (Course.STABLE, "stable disease")


def test_an_unknown_value_is_a_finding_that_names_it() -> None:
    record = Record("p", [Entry(status(coded("http://local", "Z9")))], [], STANDARD)
    assert parse_courses(record) == ()
    (found,) = record.findings
    assert found.code == "STATUS_UNKNOWN"
    assert "http://local|Z9" in found.text


def test_a_status_without_date_is_a_finding() -> None:
    raw = status(coded(SNOMED, "359746009"))
    del raw["effectiveDateTime"]
    assert read(raw) == ((), ["STATUS_UNDATED"])


def test_distant_metastasis_present_is_no_course_and_no_unknown_code() -> None:
    assert read(status(coded(SNOMED, "399409002"))) == ((), [])


def test_a_status_without_value_says_why_or_is_unknown() -> None:
    assert read(status(dataAbsentReason={"text": "not asked"})) == ((), [])
    assert read(status()) == ((), ["STATUS_UNKNOWN"])


def test_other_observations_are_no_status() -> None:
    assert read(status(coded(SNOMED, "359746009"), coded("http://loinc.org", "718-7"))) == ((), [])
