"""What is told of writing, while nothing is written."""

from dataclasses import replace
from typing import Any

import pytest
from doctor_world import BY_SECRET, Clinic, Json, examined, guarded, of, results, shape
from ehr_world import Ehr, everything, fhir

from fhirgate.ehr.doctor.writing import SYNTHETIC
from fhirgate.ehr.write_plan import WRITTEN
from fhirgate.services.ehr_server import AuthEntry


def taking(*operations: str, everywhere: bool = False) -> Json:
    """A statement of a server that takes our results, and lists these operations."""
    made = everything("_count")
    rest = made["rest"][0]
    rest["resource"] = [each for each in rest["resource"] if each["type"] not in WRITTEN]
    named = [{"name": each} for each in operations]
    rest["resource"] += [
        {
            "type": kind,
            "interaction": [{"code": each} for each in ("create", "read", "search-type", "update")],
            "searchParam": [{"name": each} for each in ("patient", "identifier", "_tag")],
            "operation": [] if everywhere else named,
        }
        for kind in WRITTEN
    ]
    return made | {"rest": [rest | {"operation": named if everywhere else []}]}


def clinic(*operations: str, **more: Any) -> Clinic:
    return Clinic(ehr=Ehr(statement=taking(*operations, **more)))


def test_each_type_is_told_as_it_would_be_written_and_nothing_is_sent() -> None:
    there = clinic()

    found = examined(there)

    assert results(found, "results") == ["ok"] * 4
    assert of(found, "results", "RiskAssessment").told.says == (
        "search by identifier, then create, and search again for a copy made meanwhile; changed by update of the"
        " version looked at; read back"
    )
    assert {each.split(" ")[0] for each in there.asked} == {"GET"}


def test_a_type_that_is_not_taken_stays_with_us() -> None:
    line = of(examined(Clinic()), "results", "CarePlan")

    assert line.result.value == "warning"
    assert line.told.says == "not taken: the server does not list this type; it stays in our own store"


def test_a_token_that_permits_writing_is_fine() -> None:
    there = guarded(ehr=Ehr(statement=taking()))

    found = examined(there, BY_SECRET)

    assert results(found, "write-token", "results") == ["ok"] * 5
    assert shape(of(found, "write-token")) == "POST /token -> 200 in 0 ms"
    assert [each for each in there.asked if not each.startswith("GET")] == ["POST /token"] * 2


def test_a_token_that_permits_no_writing_is_told_type_by_type() -> None:
    there = guarded(ehr=Ehr(statement=taking()), scope="system/*.rs system/CarePlan.crus")

    found = examined(there, BY_SECRET)

    line = of(found, "results", "RiskAssessment")
    assert line.result.value == "warning"
    assert line.told.says.endswith("; but the token does not permit it: create, update")
    assert "have system/RiskAssessment.cu registered for this client" in line.told.remedy
    assert of(found, "results", "CarePlan").result.value == "ok"


def test_a_server_that_knows_no_scopes_to_write_is_told_and_can_be_read() -> None:
    there = guarded(ehr=Ehr(statement=taking()))
    usual = there._token

    def token(heard: Any) -> Json:
        return {"access_token": 7} if b"RiskAssessment" in heard.body else usual(heard)

    there._token = token  # type: ignore[method-assign]

    found = examined(there, BY_SECRET)

    line = of(found, "write-token")
    assert line.result.value == "warning"
    assert line.told.remedy.startswith(
        "nothing to do to assess; for --write, have these registered for this client:"
    )
    assert found.can_assess


def test_scopes_of_the_entry_are_asked_for_once() -> None:
    there = guarded(ehr=Ehr(statement=taking()))
    auth = replace(BY_SECRET, scopes=("system/*.rs",))

    found = examined(there, auth)

    assert of(found, "write-token").told.says == "the token is the one above: the entry names its scopes"
    assert results(found, "results") == ["warning"] * 4
    assert [each for each in there.asked if not each.startswith("GET")] == ["POST /token"]


@pytest.mark.parametrize(
    ("there", "auth", "says"),
    [
        (clinic(), AuthEntry(), "without a token there are no scopes"),
        (guarded(), BY_SECRET, "no result would be written to this server"),
    ],
)
def test_no_token_to_write_with_is_asked_for_in_vain(there: Clinic, auth: AuthEntry, says: str) -> None:
    line = of(examined(there, auth), "write-token")

    assert (line.result.value, line.told.says) == ("not tried", says)


def validating(status: int, *severities: str) -> Clinic:
    there = clinic("validate")
    issues = [{"severity": each} for each in severities]
    there.ehr.always(
        "RiskAssessment/$validate", fhir({"resourceType": "OperationOutcome", "issue": issues}, status)
    )
    return there


@pytest.mark.parametrize(
    ("status", "severities", "result", "says"),
    [
        (200, ("warning", "information"), "ok", "it finds 0 errors"),
        (200, ("error", "fatal"), "warning", "it finds 2 errors"),
        (422, ("error",), "warning", "it finds 1 error"),
        (400, (), "warning", "it declines (400) and names no error"),
        (500, ("error",), "warning", "it answered 500 (Internal Server Error): error"),
        (403, (), "warning", "it does not permit this call (403)"),
    ],
)
def test_what_the_server_finds_in_a_resource_about_nobody_is_told(
    status: int, severities: tuple[str, ...], result: str, says: str
) -> None:
    there = validating(status, *severities)

    line = of(examined(there), "validate")

    assert line.result.value == result
    assert says in line.told.says
    assert shape(line).startswith(f"POST RiskAssessment/$validate -> {status} in 0 ms")
    assert bool(line.told.remedy) == (result == "warning")


def test_an_operation_listed_for_the_whole_server_counts() -> None:
    there = clinic("validate", everywhere=True)
    there.ehr.always("RiskAssessment/$validate", fhir({"resourceType": "OperationOutcome"}))

    assert of(examined(there), "validate").result.value == "ok"


@pytest.mark.parametrize(
    ("there", "says"),
    [
        (clinic("meta"), "the server does not list $validate for RiskAssessment"),
        (
            Clinic(
                ehr=Ehr(
                    statement=everything()
                    | {
                        "rest": [
                            {"resource": [{"type": "RiskAssessment", "operation": [{"name": "validate"}]}]}
                        ]
                    }
                )
            ),
            "RiskAssessment would not be written",
        ),
    ],
)
def test_what_would_not_be_written_is_not_validated(there: Clinic, says: str) -> None:
    assert of(examined(there), "validate").told.says == says
    assert not any("validate" in each for each in there.asked)


def test_what_is_validated_names_nobody() -> None:
    assert SYNTHETIC["subject"] == {"display": "Nobody"}
