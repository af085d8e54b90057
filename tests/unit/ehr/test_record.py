"""One patient's record: complete where it can be, and each failure told where it happened."""

from datetime import date
from typing import Any

import pytest
from ehr_world import (
    BASE,
    PATIENT,
    Ehr,
    codes,
    condition,
    everything,
    fhir,
    names,
    observation,
    page,
    request,
    statement,
    texts,
    vendor,
    world,
)

from fhirgate.ehr.search_plan import TYPES
from fhirgate.errors import EhrDenied, EhrUnavailable, UnknownResource
from fhirgate.services.assess_record import Choices, assess_patients
from fhirgate.services.fetch_record import Fetched

HTML = (200, {"Content-Type": "text/html"}, "<html>Please sign in</html>")
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "forbidden"}]}


def fetched(ehr: Ehr, **entry: Any) -> Fetched:
    with world(ehr, **entry) as at:
        return at.fetch()


def test_the_statement_is_read_first_once_and_then_every_type() -> None:
    ehr = Ehr(holds=[condition(1), observation(1)])

    with world(ehr) as at:
        first, second = at.fetch(), at.fetch()

    assert ehr.calls[:2] == ["metadata", f"Patient/{PATIENT}"]
    assert ehr.calls.count("metadata") == 1
    assert sorted(ehr.calls[2:14]) == sorted(
        [*(f"{kind}?patient=Patient/p1" for kind in TYPES), "Patient/p1"]
    )
    assert names(first) == names(second) == ["Condition/c1", "Observation/o1", "Patient/p1"]
    assert (first.findings, first.is_complete) == ((), True)
    assert {raw["id"]: url for raw, url in first.resources} == {
        "p1": "",
        "c1": f"{BASE}/Condition/c1",
        "o1": f"{BASE}/Observation/o1",
    }


def test_everything_asked_is_told_in_the_order_of_the_plan() -> None:
    record = fetched(Ehr(holds=[condition(1), condition(2)]))

    assert [each.type for each in record.asked] == ["Patient", *TYPES]
    assert {each.status for each in record.asked} == {200}
    assert str(record.asked[1]) == "Condition?patient: 2"


def test_what_a_server_does_not_offer_is_not_asked_for_and_told() -> None:
    ehr = Ehr(statement=vendor("oracle-millennium-r4"))

    record = fetched(ehr)

    assert not any(
        each.startswith(("BodyStructure", "ImagingStudy", "MedicationStatement")) for each in ehr.calls
    )
    assert texts(record, "SOURCE_NOT_OFFERED") == [
        "the server does not offer by patient, and was not asked for: MedicationStatement, MedicationDispense,"
        " BodyStructure, ImagingStudy, Specimen"
    ]
    assert record.is_complete


@pytest.mark.parametrize("status", [403, 404, 405])
def test_without_a_statement_the_least_is_asked_for(status: int) -> None:
    ehr = Ehr(holds=[condition(1)])
    ehr.always("metadata", fhir(OUTCOME, status))

    with world(ehr) as at:
        record = at.fetch()
        at.fetch()

    assert names(record) == ["Condition/c1", "Patient/p1"]
    assert codes(record) == ["STATEMENT_MISSING"]
    assert ehr.calls.count("metadata") == 2


def test_a_statement_that_cannot_be_had_now_is_the_servers_failure() -> None:
    ehr = Ehr()
    ehr.always("metadata", fhir({}, 503))

    with pytest.raises(EhrUnavailable, match="GET metadata: it answered 503"):
        fetched(ehr)
    assert set(ehr.calls) == {"metadata"}


def test_another_version_of_fhir_is_told() -> None:
    record = fetched(Ehr(statement=everything() | {"fhirVersion": "3.0.1"}))

    assert texts(record, "FHIR_VERSION") == [
        "the server speaks FHIR 3.0.1; R4 is expected, and other versions are read only in part"
    ]


@pytest.mark.parametrize("status", [404, 410])
def test_an_unknown_patient_is_an_error_without_the_id(status: int) -> None:
    ehr = Ehr()
    ehr.always("Patient/", fhir(OUTCOME, status))

    with world(ehr) as at, pytest.raises(UnknownResource) as error:
        at.fetch("nobody-7")

    assert str(error.value) == "server 'main' has no patient with the id asked for"
    assert ehr.calls == ["metadata", "Patient/nobody-7"]


def test_a_patient_whom_we_may_not_see_is_an_error() -> None:
    ehr = Ehr()
    ehr.always("Patient/", fhir(OUTCOME, 403))

    with pytest.raises(EhrDenied, match=r"GET Patient/\{id\}: it does not permit this call \(403\)"):
        fetched(ehr)


@pytest.mark.parametrize("status", [400, 422])
def test_a_server_that_declines_the_whole_is_asked_in_parts(status: int) -> None:
    ehr = Ehr(statement=everything("category", "code"), holds=[condition(1)])
    ehr.always("Observation?patient=Patient/p1&category=imaging", fhir(page(observation(1), observation(2))))
    ehr.always("Observation?patient=Patient/p1&category=exam", fhir(page(observation(2))))
    ehr.always("Observation?patient=Patient/p1&category=", fhir(page()))
    ehr.always("Observation?patient=Patient/p1&code=", fhir(page(observation(3))))
    ehr.always("Observation?", fhir(OUTCOME, status))

    record = fetched(ehr)

    assert names(record) == [
        "Condition/c1",
        "Observation/o1",
        "Observation/o2",
        "Observation/o3",
        "Patient/p1",
    ]
    assert texts(record, "SOURCE_ASKED_IN_PARTS") == [
        "Observation: the server does not give all of a patient's at once, so it was asked by category and code;"
        " resources without such a value were not asked for"
    ]
    assert record.is_complete
    assert len([each for each in record.asked if each.type == "Observation"]) == 9


def test_drugs_and_readers_are_read_each_once() -> None:
    drug = {"resourceType": "Medication", "id": "d1"}
    reader = {"resourceType": "Practitioner", "id": "r1"}
    performer = [{"reference": f"{BASE}/Practitioner/r1"}]
    ehr = Ehr(
        holds=[
            request("Medication/d1/_history/3"),
            observation(1, performer=performer),
            observation(2, performer=performer),
            drug,
            reader,
        ]
    )

    record = fetched(ehr)

    assert {"Medication/d1", "Practitioner/r1"} <= set(names(record))
    assert (ehr.calls.count("Medication/d1"), ehr.calls.count("Practitioner/r1")) == (1, 1)


@pytest.mark.parametrize(
    "reference",
    [
        "#d1",
        "urn:uuid:0b1c1b3c-7f5f-4f7e-9d5e-0d3f3c5b9c11",
        "https://other.example/fhir/Medication/d1",
        "Organization/d1",
        "Medication?code=x",
        "d1",
    ],
)
def test_other_references_are_not_followed(reference: str) -> None:
    ehr = Ehr(holds=[request(reference)])

    record = fetched(ehr)

    assert record.is_complete
    assert len(ehr.calls) == 2 + len(TYPES)


def test_a_server_behind_a_gateway_is_one_server() -> None:
    inner = "http://inner:8080/fhir"
    order = request(f"{inner}/Medication/d1") | {"subject": {"reference": f"{inner}/Patient/p1"}}
    drug = {"resourceType": "Medication", "id": "d1"}
    ehr = Ehr(holds=[drug])
    found = page(order)
    found["entry"][0]["fullUrl"] = f"{inner}/MedicationRequest/m1"
    ehr.always("MedicationRequest?", fhir(found))

    record = fetched(ehr)

    assert names(record) == ["Medication/d1", "MedicationRequest/m1", "Patient/p1"]
    (judged,) = assess_patients(record.resources, date(2025, 1, 1), Choices())
    assert judged.patient == "p1"


def test_a_reference_to_nothing_stays_unresolved_and_one_that_fails_is_told() -> None:
    ehr = Ehr(holds=[request("Medication/gone")])
    assert (codes(fetched(ehr)), ehr.calls.count("Medication/gone")) == ([], 1)

    ehr = Ehr(holds=[request("Medication/d1")])
    ehr.always("Medication/", HTML)
    record = fetched(ehr)

    assert codes(record) == ["SOURCE_NOT_AVAILABLE"]
    assert "GET Medication/{id}" in texts(record, "SOURCE_NOT_AVAILABLE")[0]


def test_many_are_read_in_one_search_where_ids_are_listed_and_the_rest_one_by_one() -> None:
    said = everything()
    both = [{"code": "read"}, {"code": "search-type"}]
    medication = next(each for each in said["rest"][0]["resource"] if each["type"] == "Medication")
    medication |= {"interaction": both, "searchParam": [{"name": "_id"}]}
    drugs = [{"resourceType": "Medication", "id": f"d{number}"} for number in range(3)]
    requests = [request(f"Medication/d{number}") | {"id": f"m{number}"} for number in range(4)]
    ehr = Ehr(statement=said, holds=[*drugs, *requests])

    record = fetched(ehr)

    assert ehr.asked("Medication") == ["Medication?_id=d0,d1,d2,d3", "Medication/d3"]
    assert [each for each in names(record) if each.startswith("Medication/")] == [
        "Medication/d0",
        "Medication/d1",
        "Medication/d2",
    ]


def test_a_server_that_declines_a_search_for_many_ids_is_read_one_by_one() -> None:
    said = everything()
    both = [{"code": "read"}, {"code": "search-type"}]
    medication = next(each for each in said["rest"][0]["resource"] if each["type"] == "Medication")
    medication |= {"interaction": both, "searchParam": [{"name": "_id"}]}
    drugs = [{"resourceType": "Medication", "id": f"d{number}"} for number in range(2)]
    requests = [request(f"Medication/d{number}") | {"id": f"m{number}"} for number in range(2)]
    ehr = Ehr(statement=said, holds=[*drugs, *requests])
    ehr.always("Medication?", fhir({}, 400))

    record = fetched(ehr)

    assert ehr.asked("Medication") == ["Medication?_id=d0,d1", "Medication/d0", "Medication/d1"]
    assert (record.findings, record.is_complete) == ((), True)


def test_references_are_followed_up_to_a_number() -> None:
    requests = [request(f"Medication/d{number}") | {"id": f"m{number}"} for number in range(203)]
    ehr = Ehr(holds=requests)

    record = fetched(ehr)

    assert len(ehr.asked("Medication")) == 200
    assert texts(record, "REFERENCES_NOT_FOLLOWED") == [
        "3 referenced resources beyond the 200 read for one patient were left"
    ]


def test_body_structures_that_cannot_be_searched_are_read() -> None:
    said = everything()
    structure = next(each for each in said["rest"][0]["resource"] if each["type"] == "BodyStructure")
    structure["searchParam"] = [{"name": "identifier"}]
    body = {"resourceType": "BodyStructure", "id": "b1", "patient": {"reference": "Patient/p1"}}
    ehr = Ehr(statement=said, holds=[body, observation(1, focus=[{"reference": "BodyStructure/b1"}])])

    record = fetched(ehr)

    assert "BodyStructure/b1" in names(record)
    assert ehr.asked("BodyStructure") == ["BodyStructure/b1"]


def test_what_the_search_of_a_type_did_not_bring_is_not_read_again() -> None:
    ehr = Ehr(holds=[observation(1, focus=[{"reference": "BodyStructure/deleted"}])])

    fetched(ehr)

    assert ehr.asked("BodyStructure") == ["BodyStructure?patient=Patient/p1"]


def test_another_patients_resources_are_left_out_and_told() -> None:
    record = fetched(Ehr(holds=[condition(1), condition(2, "p2")]))

    assert names(record) == ["Condition/c1", "Patient/p1"]
    assert codes(record) == ["SOURCE_OTHER_PATIENT"]
    assert "p2" not in repr(record.findings)


def test_a_patient_type_that_is_not_listed_is_not_read() -> None:
    ehr = Ehr(statement=statement({"Condition": {"interactions": [], "searchParams": ["patient"]}}))

    fetched(ehr)

    assert ehr.calls == ["metadata", "Condition?patient=Patient/p1"]


def test_a_patient_that_is_none_is_told() -> None:
    ehr = Ehr(holds=[condition(1)])
    ehr.always("Patient/", fhir(OUTCOME))

    record = fetched(ehr)

    assert (names(record), codes(record)) == (["Condition/c1"], ["SOURCE_NOT_AVAILABLE"])
