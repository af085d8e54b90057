"""The examination as a whole: its order, its deadline, its JSON."""

import json
import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from doctor_world import BY_SECRET, SECRET, TOKEN, Clinic, entry_of, examined, guarded, of, results, still
from ehr_world import PATIENT, Ehr, everything, fhir, page
from jsonschema import Draft202012Validator
from wire import wire

from fhirgate.ehr.doctor.checks import CHECKS
from fhirgate.ehr.doctor.examination_json import examination_json, examination_schema
from fhirgate.ehr.doctor.examine import Examination, Examiner
from fhirgate.outbound.surroundings import Surroundings
from fhirgate.outbound.trace import Try

VALIDATOR = Draft202012Validator(examination_schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)


def failing(status: str) -> Any:
    """A server that answers everything so."""
    clinic = Clinic()
    clinic._answer = lambda *_: (status, {})  # type: ignore[method-assign]
    return clinic


def test_a_check_stands_on_earlier_ones_only_and_each_name_is_there_once() -> None:
    names = [each.name for each in CHECKS]

    assert len(set(names)) == len(names)
    for place, check in enumerate(CHECKS):
        assert set(check.needs) <= set(names[:place])


def test_the_groups_follow_each_other() -> None:
    groups = [each.group for each in CHECKS]

    assert groups == sorted(groups, key=lambda each: list(type(each)).index(each))


@pytest.mark.parametrize(
    "clinic",
    [Clinic(), guarded(), failing("500 Broken"), failing("404 Gone"), failing("401 No"), failing("429 Slow")],
)
@pytest.mark.parametrize("patient", ["", PATIENT])
def test_every_check_tells_something_whatever_the_server_does(clinic: Any, patient: str) -> None:
    found = examined(clinic, BY_SECRET, patient=patient)

    assert {each.check for each in found.lines} == {each.name for each in CHECKS}
    assert all(each.told.says for each in found.lines)
    assert all(each.told.remedy for each in found.lines if each.result.value in ("warning", "failed"))


def test_with_no_time_left_the_rest_is_not_tried() -> None:
    seconds = iter(range(100_000))

    found = examined(
        Clinic(), patient=PATIENT, seconds=20.0, surroundings=still(monotonic=lambda: 0.2 * next(seconds))
    )

    over = [each for each in found.lines if "the 20 s of the examination were over" in each.told.says]
    assert over
    assert {each.result.value for each in over} == {"not tried"}
    assert {each.told.remedy for each in over} == {"give it more time with --timeout"}
    assert {each.name for each in CHECKS} == {each.check for each in found.lines}


def test_reads_after_the_end_of_the_time_are_not_failures() -> None:
    clock = {"now": 0.0}

    def slow(each: Try) -> None:
        # Told by the thread that calls: a clock of the server's thread would run beside it.
        clock["now"] += 4.0 if each.place.parameters else 0.0

    with wire(Clinic()) as here:
        examiner = Examiner(
            environment={}, trace=slow, surroundings=still(monotonic=lambda: clock["now"]), seconds=20.0
        )
        found = examiner.examine(entry_of(here.port), PATIENT)

    assert results(found, "reads") == ["ok"] * 5 + ["not tried"] * 6
    assert found.can_assess


def test_a_server_that_is_silent_all_the_time_cannot_be_assessed() -> None:
    found = examined(
        lambda _connection, _heard: time.sleep(1.5), patient=PATIENT, seconds=1.0, surroundings=Surroundings()
    )

    line = of(found, "statement")
    assert (line.result.value, line.told.says) == (
        "failed",
        "it did not answer before the 1 s of the examination were over",
    )
    assert not found.can_assess


SITUATIONS: dict[str, Callable[[], Examination]] = {
    "open": lambda: examined(Clinic(), patient=PATIENT),
    "guarded": lambda: examined(guarded(), BY_SECRET, patient=PATIENT),
    "broken": lambda: examined(failing("500 Broken"), BY_SECRET),
    "without secret": lambda: examined(guarded(), BY_SECRET, environment={}),
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_json_is_of_the_published_shape_and_holds_no_secret_and_no_patient(situation: str) -> None:
    written = msgspec.json.encode(examination_json(SITUATIONS[situation]())).decode()

    VALIDATOR.validate(json.loads(written))
    assert not [each for each in (SECRET, TOKEN, f"Patient/{PATIENT}") if each in written]


def test_the_json_says_all_that_the_lines_say() -> None:
    found = examined(Clinic(), patient=PATIENT)

    written = examination_json(found)

    assert list(written) == examination_schema()["required"]
    assert written["summary"]["notTried"] == results(found, *(each.name for each in CHECKS)).count(
        "not tried"
    )
    assert sum(written["summary"].values()) == len(written["lines"]) == len(found.lines)
    size = len(fhir(page())[2])
    (line,) = (each for each in written["lines"] if each["check"] == "reads" and each["about"] == "Condition")
    assert line == {
        "check": "reads",
        "group": "reading",
        "title": "read",
        "about": "Condition",
        "result": "ok",
        "says": "nothing on the first page",
        "request": {
            "method": "GET",
            "path": "Condition",
            "parameters": ["patient", "_count"],
            "status": 200,
            "milliseconds": 0,
            "bytes": size,
            "requestId": "request-1",
        },
        "remedy": None,
    }
    assert (written["canAssess"], written["withPatient"], written["authentication"]) == (True, True, "open")


def test_the_schema_is_a_schema_and_a_copy() -> None:
    Draft202012Validator.check_schema(examination_schema())
    examination_schema().clear()

    assert examination_schema()["title"] == "fhirgate examination of a server"


def test_an_observation_that_is_not_listed_fails() -> None:
    made = everything("_count")
    made["rest"][0]["resource"] = [
        each for each in made["rest"][0]["resource"] if each["type"] != "Observation"
    ]

    found = examined(Clinic(ehr=Ehr(statement=made)))

    assert of(found, "searches", "Observation").result.value == "failed"
    assert not found.can_assess


def test_a_type_that_is_listed_without_searching_is_told() -> None:
    made = everything("_count")
    for each in made["rest"][0]["resource"]:
        if each["type"] == "Specimen":
            each["interaction"] = [{"code": "read"}]
        if each["type"] == "ImagingStudy":
            each["searchParam"] = [{"name": "identifier"}]
        if each["type"] == "Procedure":
            each["searchParam"] = [{"name": "subject"}]

    found = examined(Clinic(ehr=Ehr(statement=made)))

    assert of(found, "searches", "Specimen").told.says.startswith(
        "listed without searching, so it is not asked for"
    )
    assert of(found, "searches", "ImagingStudy").told.says.startswith(
        "listed without the search parameter patient or subject, so it is not asked for"
    )
    assert "patient is not listed, and subject says the same" in of(found, "searches", "Procedure").told.says
