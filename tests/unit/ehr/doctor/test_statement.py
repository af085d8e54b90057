"""What is told of a CapabilityStatement, and of a server that gives none."""

from typing import Any

import pytest
from doctor_world import BY_SECRET, Clinic, Json, examined, guarded, of, results, shape, shown
from ehr_world import Ehr, everything, fhir

LOGIN = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "login"}]}


def stating(**changed: Any) -> Clinic:
    """A clinic whose statement has these members; those that are None are left out."""
    made = everything("_count") | changed
    return Clinic(ehr=Ehr(statement={name: each for name, each in made.items() if each is not None}))


def answering(status: int, body: Any) -> Clinic:
    """A clinic that answers so to GET metadata."""
    clinic = Clinic()
    clinic.ehr.always("metadata", (status, {}, body) if isinstance(body, str) else fhir(body, status))
    return clinic


def test_a_statement_is_told_with_its_size_and_request() -> None:
    line = of(examined(Clinic()), "statement")

    assert (line.result.value, line.told.says) == ("ok", "lists 16 types of resources, 2 KiB")
    assert shape(line) == "GET metadata -> 200 in 0 ms"


@pytest.mark.parametrize(
    ("said", "result", "says"),
    [
        ("4.0.1", "ok", "FHIR 4.0.1 (R4)"),
        ("4.3.0", "ok", "FHIR 4.3.0 (R4B); the types that are read are as in R4"),
        (
            "5.0.0",
            "warning",
            "FHIR 5.0.0 (R5); BodyStructure, MedicationStatement and other types have another shape there, and are"
            " read in part",
        ),
        (
            "3.0.2",
            "warning",
            "FHIR 3.0.2 (STU3); BodyStructure and MedicationStatement have another name or shape there, and searches"
            " by R4's names may be declined",
        ),
        ("6.0.0-ballot3", "warning", "FHIR 6.0.0-ballot3; what differs from R4 is not read"),
        (None, "warning", "FHIR of unknown version; what differs from R4 is not read"),
        (4, "warning", "FHIR of unknown version; what differs from R4 is not read"),
        ("\x1b[31m4.0", "warning", "FHIR of unknown version; what differs from R4 is not read"),
    ],
)
def test_the_release_is_told_with_what_it_costs(said: Any, result: str, says: str) -> None:
    line = of(examined(stating(fhirVersion=said)), "version")

    assert (line.result.value, line.told.says) == (result, says)
    assert ("R4 base" in line.told.remedy) == (result == "warning")


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({}, "Stub 1"),
        ({"software": None}, "it does not say"),
        ({"software": "x"}, "it does not say"),
        (
            {"software": {"name": "A\x1b[2J"}, "date": "2024-05-06T10:00:00Z"},
            "it does not say; statement of 2024-05-06",
        ),
    ],
)
def test_the_software_is_told_as_far_as_it_is_a_name(changed: Json, says: str) -> None:
    assert of(examined(stating(**changed)), "software").told.says == says


@pytest.mark.parametrize(
    ("listed", "result", "says"),
    [
        (["application/fhir+json", "xml"], "ok", "application/fhir+json, xml"),
        (["xml", 7], "warning", "it lists xml, and no JSON; its statement came as JSON all the same"),
        (None, "ok", "it lists none; its statement came as JSON"),
        ("json", "ok", "it lists none; its statement came as JSON"),
    ],
)
def test_the_formats_are_told(listed: Any, result: str, says: str) -> None:
    line = of(examined(stating(format=listed)), "formats")

    assert (line.result.value, line.told.says) == (result, says)


def test_a_silent_statement_is_told() -> None:
    quiet = {"type": "Observation"}
    clinic = stating(rest=[{"mode": "server", "resource": [quiet, "?", {"type": "Claim"}]}, 5])

    line = of(examined(clinic), "silence")

    assert line.result.value == "warning"
    assert line.told.says == "it lists no interactions or no search parameters for Observation"


@pytest.mark.parametrize("status", [403, 404, 405, 410])
def test_a_server_without_statement_is_asked_for_the_least(status: int) -> None:
    found = examined(answering(status, LOGIN))

    assert of(found, "statement").result.value == "warning"
    assert of(found, "statement").told.remedy == (
        "check that base_url is the FHIR base; without one, every type is taken to be readable, and searched by"
        " patient alone"
    )
    assert {
        each.told.says for each in found.lines if each.check in ("version", "software", "formats", "silence")
    } == {"there is no CapabilityStatement"}
    assert "asked whole, by patient" in of(found, "searches", "Specimen").told.says
    assert of(found, "results", "RiskAssessment").told.says.startswith(
        "not taken: the server gives no Capability"
    )


@pytest.mark.parametrize(
    ("status", "body", "says", "remedy"),
    [
        (
            200,
            "<html>Welcome</html>",
            "it answered HTML or XML instead of JSON",
            "check that base_url is the FHIR base itself",
        ),
        (
            200,
            {"resourceType": "Patient"},
            "what it answered to GET metadata is no CapabilityStatement; check base_url",
            "check that base_url is the FHIR base itself",
        ),
        (
            400,
            LOGIN,
            "it answered 400 (Bad Request): error login",
            "check base_url, and what the server's documentation says",
        ),
        (
            500,
            LOGIN,
            "it answered 500 (Internal Server Error): error login",
            "give the request's id to the server's operator",
        ),
        (302, "", "it answered with a redirect (302) to another place", "check base_url"),
    ],
)
def test_a_base_that_is_none_stops_what_needs_the_statement(
    status: int, body: Any, says: str, remedy: str
) -> None:
    found = examined(answering(status, body), patient="p1")

    line = of(found, "statement")
    assert line.result.value == "failed"
    assert says in line.told.says
    assert line.told.remedy.startswith(remedy)
    assert of(found, "version").told.says == "because FHIR: statement failed"
    assert set(results(found, "searches", "patient", "reads", "results")) == {"not tried"}
    assert not found.can_assess


def test_a_statement_that_wants_a_token_is_read_with_it() -> None:
    clinic = guarded()
    clinic.ehr.answers("metadata", fhir(LOGIN, 401))

    line = of(examined(clinic, BY_SECRET), "statement")

    assert line.result.value == "ok"
    assert line.told.says.endswith("; only with our credentials")


def test_a_statement_that_wants_a_token_from_who_has_none_is_told() -> None:
    line = of(examined(answering(401, LOGIN)), "statement")

    assert line.result.value == "failed"
    assert shape(line) == "GET metadata -> 401 in 0 ms"


def test_a_failure_of_the_server_is_shown_with_the_id_of_the_request() -> None:
    text = shown(examined(answering(500, LOGIN)))

    assert "GET metadata -> 500 in 0 ms, X-Request-Id request-1" in text
