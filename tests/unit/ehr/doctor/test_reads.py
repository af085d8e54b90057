"""One read of each type, paging and references, as they are told."""

from typing import Any

import pytest
from doctor_world import BY_SECRET, Clinic, Json, examined, guarded, of, results, shape, shown
from ehr_world import PATIENT, Ehr, condition, everything, fhir, observation, page, request, statement

from fhirgate.ehr.doctor.consequences import LOSSES
from fhirgate.ehr.search_plan import TYPES

OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "processing"}]}


def holding(*held: Json, **more: Any) -> Clinic:
    made = more.pop("statement", None) or everything("_count", "category", "code")
    return Clinic(ehr=Ehr(statement=made, holds=list(held)), **more)


def test_without_a_patient_nothing_of_a_patient_is_asked_for() -> None:
    clinic = holding(condition(1))

    found = examined(clinic)

    for check in ("patient", "reads", "paging", "references"):
        line = of(found, check)
        assert (line.result.value, line.told.says) == ("not tried", "no patient was given")
        assert line.told.remedy == "give --patient ID, a patient of the server who may be looked at"
    assert clinic.ehr.calls == ["metadata", "metadata"]


def test_every_type_is_read_by_the_smallest_page() -> None:
    clinic = holding(condition(1), observation(1), observation(2))

    found = examined(clinic, patient=PATIENT)

    assert [each.told.about for each in found.lines if each.check == "reads"] == list(TYPES)
    assert set(results(found, "patient", "reads")) == {"ok"}
    assert of(found, "reads", "Observation").told.says == "2 resources on the first page"
    assert of(found, "reads", "Procedure").told.says == "nothing on the first page"
    assert shape(of(found, "reads", "Observation")) == "GET Observation?patient=…&_count=… -> 200 in 0 ms"
    assert f"Observation?patient=Patient/{PATIENT}&_count=1" in clinic.ehr.calls


def test_the_patients_id_is_shown_nowhere() -> None:
    clinic = holding(condition(1, patient="secret-7"), {"resourceType": "Patient", "id": "secret-7"})

    assert "secret-7" not in shown(examined(clinic, patient="secret-7"))


def test_a_patient_who_is_not_there_is_told() -> None:
    line = of(examined(holding(), patient="nobody"), "patient")

    assert line.result.value == "failed"
    assert line.told.remedy == "give the logical id of a patient of this server, not a record number"


def test_an_answer_that_is_no_patient_is_told() -> None:
    clinic = holding()
    clinic.ehr.always(f"Patient/{PATIENT}", fhir(OUTCOME))

    line = of(examined(clinic, patient=PATIENT), "patient")

    assert (line.result.value, line.told.says) == ("failed", "what it answered is no Patient")


def test_a_server_that_does_not_list_reading_patients_is_not_asked_to() -> None:
    both = {"interactions": ["search-type"], "searchParams": ["patient"]}

    found = examined(holding(statement=statement({"Observation": both})), patient=PATIENT)

    assert of(found, "patient").told.says == "the server does not list reading Patient"
    assert of(found, "searches", "Patient").result.value == "warning"


@pytest.mark.parametrize(
    ("kind", "answer", "result", "says", "remedy"),
    [
        (
            "Procedure",
            fhir(OUTCOME, 403),
            "warning",
            "it does not permit this call (403)",
            "have system/Procedure.rs registered for this client, and this patient opened to it",
        ),
        (
            "Observation",
            fhir(OUTCOME, 403),
            "failed",
            "it does not permit this call (403)",
            "have system/Observation.rs registered",
        ),
        (
            "Procedure",
            fhir(OUTCOME, 401),
            "warning",
            "it did not accept our credentials (401)",
            "the server does not accept its own token",
        ),
        (
            "Specimen",
            fhir(OUTCOME, 404),
            "warning",
            "it answered 404",
            "check base_url, and what the server's documentation says",
        ),
        (
            "Specimen",
            fhir(OUTCOME, 200),
            "warning",
            "its answer of 200 is no Bundle; lost: where biopsies were taken",
            "have the server's operator see why a search is not answered with a searchset",
        ),
        ("Specimen", (200, {}, "<html>"), "warning", "it answered HTML or XML", "check that base_url"),
        ("Specimen", fhir(OUTCOME, 503), "warning", "it answered 503", "give the request's id"),
    ],
)
def test_a_type_that_is_not_given_is_told_with_what_is_lost(
    kind: str, answer: Any, result: str, says: str, remedy: str
) -> None:
    clinic = guarded(ehr=Ehr(statement=everything("_count")))
    clinic.ehr.always(f"{kind}?", answer)

    found = examined(clinic, BY_SECRET, patient=PATIENT)

    line = of(found, "reads", kind)
    assert line.result.value == result
    assert line.told.says.startswith(says)
    assert f"; lost: {LOSSES[kind]}" in line.told.says
    assert line.told.remedy.startswith(remedy)
    others = {each.result.value for each in found.lines if each.check == "reads" and each.told.about != kind}
    assert others == {"ok"}
    assert found.can_assess == (result == "warning")


def test_a_type_that_is_not_permitted_to_anybody_is_told() -> None:
    clinic = holding()
    clinic.ehr.always("Procedure?", fhir(OUTCOME, 403))

    line = of(examined(clinic, patient=PATIENT), "reads", "Procedure")

    assert line.told.remedy == "have the server's operator permit reading and searching Procedure"


def test_a_type_that_is_given_in_parts_only_is_told() -> None:
    clinic = holding()
    clinic.ehr.answers("Observation?", fhir(OUTCOME, 400))

    line = of(examined(clinic, patient=PATIENT), "reads", "Observation")

    assert line.result.value == "warning"
    assert line.told.says.startswith(
        "the whole is declined, and by category and code it is given, so an assessment"
    )
    assert shape(line) == "GET Observation?patient=…&category=…&_count=… -> 200 in 0 ms"


@pytest.mark.parametrize(
    ("second", "says"),
    [(fhir(OUTCOME, 400), "it answered 400"), (fhir(OUTCOME), "its answer of 200 is no Bundle")],
)
def test_a_type_that_is_not_given_in_parts_either_is_told(second: Any, says: str) -> None:
    clinic = holding()
    clinic.ehr.answers("Observation?", fhir(OUTCOME, 400), second)

    line = of(examined(clinic, patient=PATIENT), "reads", "Observation")

    assert line.result.value == "failed"
    assert line.told.says.startswith(says)


def paged(clinic: Clinic, link: str) -> None:
    clinic.ehr.always("Condition?patient=", fhir(page(condition(1), next_url=link)))


def test_a_second_page_is_followed() -> None:
    clinic = holding()
    paged(clinic, "?page=2")
    clinic.ehr.always("Condition?page=2", fhir(page(condition(2))))

    found = examined(clinic, patient=PATIENT)

    assert (
        of(found, "reads", "Condition").told.says == "1 resource on the first page, and there are more pages"
    )
    assert (of(found, "paging").result.value, of(found, "paging").told.says) == (
        "ok",
        "the second page of Condition came, from under base_url",
    )
    assert shape(of(found, "paging")) == "GET Condition?page=… -> 200 in 0 ms"


def test_a_link_to_another_host_is_not_followed() -> None:
    clinic = holding()
    paged(clinic, "http://inner.example:8080/fhir?page=2")

    line = of(examined(clinic, patient=PATIENT), "paging")

    assert line.result.value == "failed"
    assert "is not followed: it leads to http://inner.example:8080, and this server is http://127.0.0.1:" in (
        line.told.says
    )
    assert "set base_url to the one it names" in line.told.remedy


@pytest.mark.parametrize(
    ("answer", "says"),
    [(fhir(OUTCOME, 410), "it answered 410"), (fhir(OUTCOME), "the second page of Condition is no Bundle")],
)
def test_a_second_page_that_does_not_come_is_told(answer: Any, says: str) -> None:
    clinic = holding()
    paged(clinic, "?page=2")
    clinic.ehr.always("Condition?page=2", answer)

    line = of(examined(clinic, patient=PATIENT), "paging")

    assert line.result.value == "failed"
    assert line.told.says.startswith(says)


def test_without_a_second_page_paging_is_not_tried() -> None:
    line = of(examined(holding(), patient=PATIENT), "paging")

    assert (line.result.value, line.told.says) == ("not tried", "no search had a second page")


def test_a_reference_is_followed() -> None:
    drug = {"resourceType": "Medication", "id": "drug"}

    found = examined(holding(request("Medication/drug"), drug), patient=PATIENT)

    line = of(found, "references")
    assert (line.result.value, line.told.says) == ("ok", "one to Medication was followed")
    assert shape(line) == "GET Medication/{id} -> 200 in 0 ms"


def test_a_reference_that_cannot_be_read_is_told() -> None:
    line = of(examined(holding(request("Medication/gone")), patient=PATIENT), "references")

    assert line.result.value == "warning"
    assert line.told.remedy == "have reading Medication by id permitted to this client"


def test_references_to_elsewhere_are_told_and_those_by_the_servers_own_address_are_not() -> None:
    clinic = holding(
        request("https://drugs.example/fhir/Medication/drug"),
        observation(1, focus=[{"reference": "https://ehr.example.org/fhir/BodyStructure/b"}]),
    )

    found = examined(clinic, patient=PATIENT)

    told = [each.told.says for each in found.lines if each.check == "references"]
    assert told[0] == "1 reference to another server, which no assessment follows"


def test_where_nothing_is_referred_to_nothing_is_followed() -> None:
    line = of(examined(holding(), patient=PATIENT), "references")

    assert (line.result.value, line.told.says) == (
        "not tried",
        "what was read refers to nothing that is followed",
    )


def test_hostile_pages_are_no_crash() -> None:
    clinic = holding()
    odd = {
        "resourceType": "Bundle",
        "entry": [7, {"resource": 5}, {"fullUrl": 3, "resource": {"id": []}}],
        "link": "x",
    }
    for kind in TYPES:
        clinic.ehr.always(f"{kind}?", fhir(odd))

    assert set(results(examined(clinic, patient=PATIENT), "reads")) == {"ok"}
