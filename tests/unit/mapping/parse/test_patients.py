"""Whose resources they are: two patients of one source never mix."""

from collections.abc import Mapping
from typing import Any

import pytest

from fhirgate.mapping.parse.entries import Entry
from fhirgate.mapping.parse.patients import UNKNOWN_PATIENT, Split, split_by_patient
from fhirgate.oncology.finding import Finding

Json = dict[str, Any]


def patient(id: str = "", url: str = "", **more: Any) -> Entry:
    return Entry({"resourceType": "Patient", **({"id": id} if id else {}), **more}, url)


def observation(id: str, of: str | Json = "", url: str = "", **more: Any) -> Entry:
    subject = {"reference": of} if isinstance(of, str) else of
    raw = {"resourceType": "Observation", "id": id, **more}
    return Entry(raw | ({"subject": subject} if of else {}), url)


def split(*received: Entry) -> tuple[Split, list[Finding]]:
    findings: list[Finding] = []
    return split_by_patient(received, findings), findings


def names(found: Split) -> Mapping[str, list[str]]:
    return {
        patient: [str(each.resource.get("id", "")) for each in owned]
        for patient, owned in sorted(found.of.items())
    }


def test_two_patients_in_one_source_never_mix() -> None:
    found, findings = split(
        patient("a"), observation("1", "Patient/a"), patient("b"), observation("2", "Patient/b")
    )
    assert names(found) == {"a": ["a", "1"], "b": ["b", "2"]}
    assert findings == []


def test_a_patient_may_occur_as_a_reference_only() -> None:
    found, findings = split(observation("1", "Patient/a"), observation("2", "https://s/fhir/Patient/a"))
    assert names(found) == {"a": ["1", "2"]}
    assert findings == []


def test_the_same_id_on_two_servers_is_two_patients() -> None:
    found, _ = split(
        patient("1", "https://one/fhir/Patient/1"),
        observation("x", "Patient/1", "https://one/fhir/Observation/x"),
        patient("1", "https://two/fhir/Patient/1"),
        observation("y", "Patient/1", "https://two/fhir/Observation/y"),
    )
    assert names(found) == {
        "https://one/fhir/Patient/1": ["1", "x"],
        "https://two/fhir/Patient/1": ["1", "y"],
    }


def test_absolute_references_of_two_servers_are_two_patients() -> None:
    found, _ = split(observation("x", "https://one/Patient/1"), observation("y", "https://two/Patient/1"))
    assert names(found) == {"https://one/Patient/1": ["x"], "https://two/Patient/1": ["y"]}


def test_relative_and_absolute_references_of_one_server_are_one_patient() -> None:
    found, _ = split(
        patient("1", "https://one/fhir/Patient/1"),
        observation("x", "Patient/1"),
        observation("y", "https://one/fhir/Patient/1/_history/4"),
        observation("z", "https://one/fhir/Patient/1"),
    )
    assert names(found) == {"1": ["1", "x", "y", "z"]}


def test_urn_uuid_references_of_a_transaction() -> None:
    found, findings = split(
        patient("", "urn:uuid:aa"), observation("x", "urn:uuid:aa"), observation("y", "urn:uuid:bb")
    )
    assert names(found) == {"aa": ["", "x"], "bb": ["y"]}
    assert findings == []


def test_a_urn_uuid_and_the_id_of_the_patient_are_one() -> None:
    found, _ = split(
        patient("1", "urn:uuid:aa"), observation("x", "urn:uuid:aa"), observation("y", "Patient/1")
    )
    assert names(found) == {"1": ["1", "x", "y"]}


def test_a_logical_reference_finds_the_patient_by_identifier() -> None:
    mrn = {"system": "http://mrn", "value": "7"}
    found, _ = split(
        patient("1", identifier=[mrn, {"system": "http://empty"}]),
        observation("x", {"identifier": mrn}),
        observation("y", "Patient/2"),
    )
    assert names(found) == {"1": ["1", "x"], "2": ["y"]}


def test_an_identifier_that_two_patients_share_means_neither() -> None:
    mrn = {"system": "http://mrn", "value": "7"}
    found, _ = split(
        patient("1", identifier=[mrn]), patient("2", identifier=[mrn]), observation("x", {"identifier": mrn})
    )
    assert names(found) == {"1": ["1"], "2": ["2"], "identifier-92f8062fed7f": ["x"]}


def test_a_patient_without_id_is_the_only_one_or_nobody() -> None:
    assert names(split(patient(), observation("x"))[0]) == {UNKNOWN_PATIENT: ["", "x"]}
    found, findings = split(patient(), patient("a"), patient("b"))
    assert names(found) == {"a": ["a"], "b": ["b"]}
    assert [each.code for each in findings] == ["SUBJECT_MISSING"]


def test_a_logical_reference_to_nobody_known_is_a_patient_of_its_own_without_the_identifier_itself() -> None:
    found, _ = split(observation("x", {"identifier": {"system": "http://mrn", "value": "7"}}))
    assert list(found.of) == ["identifier-92f8062fed7f"]


@pytest.mark.parametrize("element", ["patient", "individual", "for"])
def test_other_elements_name_the_patient_too(element: str) -> None:
    entry = Entry({"resourceType": "BodyStructure", "id": "b", element: {"reference": "Patient/a"}})
    assert names(split(entry)[0]) == {"a": ["b"]}


def test_a_group_or_device_as_subject_is_no_patient() -> None:
    found, findings = split(patient("a"), patient("b"), observation("1", "Group/g"))
    assert names(found) == {"a": ["a"], "b": ["b"]}
    assert [each.code for each in findings] == ["SUBJECT_IS_SOMEONE_ELSE"]


def test_a_contained_subject_names_nobody() -> None:
    found, findings = split(patient("a"), observation("1", "#p"))
    assert names(found) == {"a": ["a", "1"]}
    assert [each.code for each in findings] == ["SUBJECT_ASSUMED"]


def test_what_names_no_patient_belongs_to_the_only_one() -> None:
    found, findings = split(patient("a"), observation("1"), observation("2"))
    assert names(found) == {"a": ["a", "1", "2"]}
    (finding,) = findings
    assert finding.code == "SUBJECT_ASSUMED"
    assert finding.text.startswith("2 Observation resource")


def test_what_names_no_patient_among_several_is_left_out_and_reported() -> None:
    found, findings = split(patient("a"), patient("b"), observation("1"))
    assert names(found) == {"a": ["a"], "b": ["b"]}
    assert [(each.code, str(each.source)) for each in findings] == [("SUBJECT_MISSING", "Observation/1")]


def test_what_is_left_out_is_reported_once_per_type_whatever_the_order() -> None:
    received = [patient("a"), patient("b"), observation("2"), observation("1"), observation("2")]
    received.append(Entry({"resourceType": "Condition", "code": {"text": "x"}}))
    _, findings = split(*received)
    _, again = split(*reversed(received))
    assert findings == again
    assert [each.text.split(" resource")[0] for each in findings] == ["1 Condition", "2 Observation"]
    assert str(findings[1].source) == "Observation/1"


def test_a_source_that_names_no_patient_is_one_of_an_unknown_patient() -> None:
    found, findings = split(observation("1"))
    assert names(found) == {UNKNOWN_PATIENT: ["1"]}
    assert [each.code for each in findings] == ["SUBJECT_ASSUMED"]


def test_what_belongs_to_nobody_is_shared() -> None:
    medication = Entry({"resourceType": "Medication", "id": "m"})
    found, findings = split(patient("a"), medication)
    assert found.shared == [medication]
    assert findings == []


def test_order_of_entries_changes_nothing() -> None:
    received = [
        patient("1", "https://one/fhir/Patient/1", identifier=[{"system": "s", "value": "v"}]),
        observation("x", "Patient/1", "https://one/fhir/Observation/x"),
        observation("y", {"identifier": {"system": "s", "value": "v"}}),
        patient("1", "https://two/fhir/Patient/1"),
    ]
    forth, back = split(*received)[0], split(*reversed(received))[0]
    assert {key: sorted(ids) for key, ids in names(forth).items()} == {
        key: sorted(ids) for key, ids in names(back).items()
    }


def test_the_same_reference_within_two_resources_is_whom_each_contains() -> None:
    def contained(value: str) -> list[Json]:
        return [{"resourceType": "Patient", "id": "p", "identifier": [{"system": "s", "value": value}]}]

    found, _ = split(
        patient("1", identifier=[{"system": "s", "value": "A"}]),
        patient("2", identifier=[{"system": "s", "value": "B"}]),
        observation("x", "#p", contained=contained("A")),
        observation("y", "#p", contained=contained("B")),
    )

    assert names(found) == {"1": ["1", "x"], "2": ["2", "y"]}
