"""What a finished assessment answers: why it failed, and what became of writing it back."""

from typing import Any

import pytest
from web_world import ASKED, Site

from fhirgate.errors import (
    ConfigurationError,
    EhrDenied,
    EhrForbiddenAddress,
    EhrGarbled,
    EhrRefused,
    EhrThrottled,
    EhrUnavailable,
    EhrUntrusted,
    FhirgateError,
    InvalidRequest,
)
from fhirgate.services.deliver import deliver_written
from fhirgate.services.ports import Stored
from fhirgate.services.result_writer import Fate, Written

FAILURES = [
    (InvalidRequest("no"), "invalid", 400),
    (EhrUnavailable("down"), "transient", 503),
    (EhrThrottled("slow"), "throttled", 503),
    (EhrDenied("who", status=401), "security", 502),
    (EhrUntrusted("certificate"), "security", 502),
    (EhrForbiddenAddress("inside"), "security", 502),
    (EhrRefused("declined", status=422), "processing", 502),
    (EhrGarbled("html"), "structure", 502),
    (ConfigurationError("the key", ["gone"]), "configuration", 500),
]


@pytest.mark.parametrize(("error", "category", "status"), FAILURES)
def test_an_assessment_that_cannot_be_made_says_why(
    at: Site, error: FhirgateError, category: str, status: int
) -> None:
    def fail() -> None:
        raise error

    at.source.before = fail
    location = at.ask({**ASKED, "write": True}).headers["Location"]

    assert at.work() == "failed"
    told = at.read(location)

    assert (told.status_code, told.json["status"], told.json["results"]) == (200, "failed", [])
    assert told.json["error"]["type"] == f"https://fhirgate.example/problems/{category}"
    assert (told.json["error"]["status"], told.json["error"]["detail"]) == (status, error.safe_message)
    assert told.json["writeBack"]["state"] == "nothing to write"


def test_a_patient_the_server_does_not_have_is_told(at: Site) -> None:
    location = at.ask({**ASKED, "patient": "p2"}).headers["Location"]
    at.work()

    assert at.read(location).json["error"]["status"] == 404


def test_a_bug_in_an_assessment_is_told_without_its_words(at: Site) -> None:
    def fail() -> None:
        raise KeyError("Jane Doe")

    at.source.before = fail
    location = at.ask().headers["Location"]
    at.work()
    told = at.read(location)

    assert told.json["error"]["status"] == 500
    assert told.json["error"]["detail"] == "an error in fhirgate; its log says where"
    assert b"Jane" not in told.data


class Taking:
    """A server that takes results, all but plans (`services.result_writer.ResultWriter`)."""

    def write(self, results: Any) -> tuple[Written, ...]:
        return tuple(self._written(each) for each in results)

    def _written(self, stored: Stored) -> Written:
        name = stored.name.resource
        if name.type == "Provenance":
            return Written(name=name, fate=Fate.NOT_TAKEN, why="the server does not list this type")
        return Written(name=name, fate=Fate.CREATED, reference=f"{name.type}/7/_history/1")


def test_what_became_of_writing_back_is_told(at: Site) -> None:
    location = at.ask({**ASKED, "write": True}).headers["Location"]
    before = at.read(location).json["writeBack"]
    at.work()
    waiting = at.read(location).json["writeBack"]

    deliver_written(at.outbox, at.store, lambda _: Taking(), "worker", at.clock)
    told = at.read(location).json

    assert (before["state"], waiting["state"], waiting["attempts"]) == ("waiting", "waiting", 0)
    assert (told["writeBack"]["state"], told["writeBack"]["attempts"]) == ("done", 1)
    names = [each["name"].rsplit("/_history", 1)[0] for each in told["results"][0]["resources"]]
    assert [each["name"] for each in told["writeBack"]["resources"]] == names
    assert [each["fate"] for each in told["writeBack"]["resources"]] == ["created"] * (len(names) - 1) + [
        "not taken"
    ]
    assert told["writeBack"]["resources"][0]["reference"] == "RiskAssessment/7/_history/1"
    assert told["writeBack"]["resources"][-1]["why"] == "the server does not list this type"


class Refusing:
    """A server that fails (`services.result_writer.ResultWriter`)."""

    def __init__(self, error: FhirgateError) -> None:
        self.error = error

    def write(self, results: Any) -> tuple[Written, ...]:
        raise self.error


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (EhrUnavailable("down"), "waiting"),
        (EhrRefused("no", status=422, reasons=["error: value"]), "given up"),
    ],
)
def test_writing_back_that_failed_says_why(at: Site, error: FhirgateError, state: str) -> None:
    location = at.ask({**ASKED, "write": True}).headers["Location"]
    at.work()

    deliver_written(at.outbox, at.store, lambda _: Refusing(error), "worker", at.clock)
    told = at.read(location).json["writeBack"]

    assert (told["state"], told["why"], told["resources"]) == (state, error.safe_message, [])


def test_the_same_result_asked_for_again_is_not_written_twice_and_still_told_as_written(at: Site) -> None:
    at.ask({**ASKED, "write": True})
    at.work()
    deliver_written(at.outbox, at.store, lambda _: Taking(), "worker", at.clock)

    location = at.ask({**ASKED, "write": True}).headers["Location"]
    at.work()
    told = at.read(location).json

    assert deliver_written(at.outbox, at.store, lambda _: Taking(), "worker", at.clock) == 0
    assert told["writeBack"]["state"] == "done"
    assert told["results"][0]["resources"][0]["name"].endswith("/_history/1")


def test_a_look_back_that_is_not_kept_says_so(at: Site) -> None:
    at.ask({**ASKED, "asOf": "2025-07-25"})
    at.work()

    location = at.ask({**ASKED, "asOf": "2025-07-20"}).headers["Location"]
    at.work()
    (result,) = at.read(location).json["results"]

    assert result["notKept"] == "the scan has been judged as of a later day, and that result stands"
    assert (result["state"], result["resources"]) == ("OLIGOPROGRESSION", [])
