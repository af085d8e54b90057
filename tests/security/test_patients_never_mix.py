"""No trick with references makes a fact of one person count for another."""

from typing import Any

import pytest

from fhirgate.mapping.parse.chart import parse_charts
from fhirgate.mapping.parse.entries import Entry
from fhirgate.mapping.parse.patients import Split, split_by_patient
from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.vocabulary import STANDARD
from fhirgate.oncology.chart import Chart
from fhirgate.oncology.finding import Finding

Json = dict[str, Any]
MRN = {"system": "http://hospital/mrn", "value": "4711"}


def person(id: str = "", url: str = "", **more: Any) -> Entry:
    return Entry({"resourceType": "Patient", **({"id": id} if id else {}), **more}, url)


def fact(id: str, subject: Json | None = None, url: str = "", **more: Any) -> Entry:
    raw = {"resourceType": "Observation", "id": id, "status": "final", **more}
    return Entry(raw | ({"subject": subject} if subject else {}), url)


def split(*received: Entry) -> tuple[dict[str, list[str]], list[str]]:
    """The ids of each patient's facts, and the codes of what was found."""
    findings: list[Finding] = []
    found: Split = split_by_patient(received, findings)
    facts = {
        patient: [each.resource["id"] for each in owned if each.resource["resourceType"] == "Observation"]
        for patient, owned in sorted(found.of.items())
    }
    return facts, [each.code for each in findings]


@pytest.mark.parametrize(
    "subject",
    [
        {"reference": "Group/g"},
        {"reference": "Device/d"},
        {"reference": "https://ehr/fhir/RelatedPerson/w"},
        {"type": "Group", "identifier": MRN},
        {"reference": "Group?identifier=http://hospital/mrn|4711"},
    ],
    ids=str,
)
def test_what_is_about_something_else_is_nobodys_not_the_only_patients(subject: Json) -> None:
    assert split(person("a"), fact("1", subject)) == ({"a": []}, ["SUBJECT_IS_SOMEONE_ELSE"])


@pytest.mark.parametrize("focus", ["RelatedPerson/w", "Patient/fetus", "https://ehr/fhir/Patient/fetus"])
def test_an_observation_of_a_donor_or_a_fetus_is_not_the_patients(focus: str) -> None:
    found = split(person("a"), fact("1", {"reference": "Patient/a"}, focus=[{"reference": focus}]))
    assert found == ({"a": []}, ["SUBJECT_IS_SOMEONE_ELSE"])


@pytest.mark.parametrize("focus", ["Patient/a", "BodyStructure/b", "https://ehr/fhir/Patient/a"])
def test_a_focus_on_the_patient_or_a_lesion_is_the_patients(focus: str) -> None:
    found = split(person("a"), fact("1", {"reference": "Patient/a"}, focus=[{"reference": focus}]))
    assert found == ({"a": ["1"]}, [])


def test_a_contained_patient_with_an_identifier_is_that_patient_and_no_other() -> None:
    inner = {"resourceType": "Patient", "id": "p", "identifier": [MRN]}
    found, codes = split(person("a"), fact("1", {"reference": "#p"}, contained=[inner]))
    assert sorted(found) == ["a", "identifier-34d86688ed37"]
    assert (found["a"], codes) == ([], [])
    same, _ = split(person("a", identifier=[MRN]), fact("1", {"reference": "#p"}, contained=[inner]))
    assert same == {"a": ["1"]}


def test_something_contained_that_is_no_patient_is_none() -> None:
    inner = {"resourceType": "Group", "id": "p"}
    found = split(person("a"), fact("1", {"reference": "#p"}, contained=[inner]))
    assert found == ({"a": []}, ["SUBJECT_IS_SOMEONE_ELSE"])


def test_the_url_of_another_patient_on_an_entry_steals_nothing() -> None:
    received = [
        person("a", "Patient/b"),
        person("b"),
        fact("1", {"reference": "Patient/b"}),
        person("c", "https://ehr/fhir/Patient/d"),
        fact("2", {"reference": "https://ehr/fhir/Patient/d"}),
    ]
    assert split(*received)[0] == {"a": [], "b": ["1"], "c": [], "d": ["2"]}


def test_a_urn_that_two_patients_share_means_neither() -> None:
    received = [person("a", "urn:uuid:a"), person("b", "urn:uuid:a"), fact("1", {"reference": "urn:uuid:a"})]
    found, _ = split(*received)
    assert (found["a"], found["b"], sorted(found)[2][:10]) == ([], [], "reference-")


def test_two_patients_without_an_id_are_two_and_what_names_nobody_is_neithers() -> None:
    found, codes = split(person(birthDate="1950"), person(birthDate="1960"), fact("1"))
    assert (found, codes) == ({}, ["SUBJECT_MISSING", "SUBJECT_MISSING"])


def test_a_patient_without_an_id_beside_a_known_one_is_another() -> None:
    found, codes = split(person("a"), person(birthDate="1960"), fact("1"))
    assert (found, codes) == ({"a": []}, ["SUBJECT_MISSING", "SUBJECT_MISSING"])


def test_a_search_by_identifier_finds_the_patient_and_shows_no_number() -> None:
    asked = {"reference": "Patient?identifier=http://hospital/mrn|4711"}
    assert split(person("a", identifier=[MRN]), fact("1", asked))[0] == {"a": ["1"]}
    (alone,) = split(fact("1", asked))[0]
    assert alone == "identifier-34d86688ed37"


@pytest.mark.parametrize(
    "name", ["Patient?name=Smith&birthdate=1950-01-01", "Smith, John", "https://ehr/patients?mrn=4711"]
)
def test_a_name_or_number_in_a_reference_never_becomes_an_id(name: str) -> None:
    found, _ = split(fact("1", {"reference": name}))
    assert all(id_.startswith("reference-") for id_ in found)


def charts(*bundles: Json) -> tuple[Chart, ...]:
    return parse_charts(bundles)


def test_a_shared_resource_of_one_server_is_not_that_of_another_with_its_id() -> None:
    def server(name: str, drug: str) -> list[Json]:
        base = f"https://{name}/fhir"
        order = {
            "resourceType": "MedicationStatement",
            "id": "s",
            "status": "active",
            "subject": {"reference": "Patient/1"},
            "medicationReference": {"reference": "Medication/m"},
            "effectivePeriod": {"start": "2025-01-01"},
        }
        found = [
            {"resourceType": "Patient", "id": "1"},
            order,
            {"resourceType": "Medication", "id": "m", "code": {"text": drug}},
        ]
        return [
            {"fullUrl": f"{base}/{each['resourceType']}/{each['id']}", "resource": each} for each in found
        ]

    one, two = server("one", "osimertinib"), server("two", "sunitinib")
    for entries in ([*one, *two], [*two, *one], [*one[::-1], *two]):
        found = charts({"resourceType": "Bundle", "entry": entries})
        given = {each.patient.id: [drug.agent.name for drug in each.exposures] for each in found}
        assert given == {
            "https://one/fhir/Patient/1": ["osimertinib"],
            "https://two/fhir/Patient/1": ["sunitinib"],
        }


@pytest.mark.parametrize("order", [1, -1])
def test_a_retracted_copy_is_believed_where_nothing_tells_which_copy_is_later(order: int) -> None:
    copies = [
        fact("1", {"reference": "Patient/a"}),
        fact("1", {"reference": "Patient/a"}, status="entered-in-error"),
    ]
    record = Record("a", copies[::order], (), STANDARD)
    assert record.of_type("Observation") == ()


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    ("later", "earlier"),
    [
        ({"lastUpdated": "2025-01-02T00:30:00+02:00"}, {"lastUpdated": "2025-01-01T22:00:00Z"}),
        ({"versionId": "3"}, {"versionId": "2", "lastUpdated": "2025-01-01T00:00:00Z"}),
        ({"lastUpdated": "2025-01-02T00:00:00Z"}, {"lastUpdated": "not a time"}),
    ],
    ids=["zones differ", "only one is dated", "no time at all"],
)
def test_the_later_version_counts(later: Json, earlier: Json, order: int) -> None:
    copies = [fact("1", meta=later, n="later"), fact("1", meta=earlier, n="earlier")]
    (kept,) = Record("a", copies[::order], (), STANDARD).of_type("Observation")
    assert kept["n"] == "later"
