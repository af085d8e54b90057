"""Resources in memory, version by version."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sandbox_world import Moments

from fhirgate.sandbox.ehr.patients import patient_record
from fhirgate.sandbox.ehr.records import Records, new_id

NAME = ("Observation", "o1")
FIRST: dict[str, Any] = {"resourceType": "Observation", "id": "o1", "meta": {"versionId": "9", "tag": []}}


def held() -> tuple[Records, Moments]:
    clock = Moments()
    return Records([FIRST], clock), clock


def test_versions_are_kept_as_they_were() -> None:
    records, clock = held()
    clock.forward(minutes=1)

    records.replace(NAME, {**FIRST, "status": "final"})

    first, second = records.versions(NAME)
    assert (first.number, second.number, second.etag, second.local) == (1, 2, 'W/"2"', "Observation/o1")
    assert "status" not in first.resource
    assert first.resource["meta"] == {"versionId": "1", "tag": [], "lastUpdated": "2026-03-01T12:00:00.000Z"}
    assert second.resource["meta"]["lastUpdated"] == "2026-03-01T12:01:00.000Z"
    assert records.current(NAME) == second
    assert records.all("Observation") == [second]


def test_what_is_given_is_not_changed() -> None:
    held()

    assert FIRST["meta"] == {"versionId": "9", "tag": []}


def test_what_fails_leaves_nothing() -> None:
    records, _ = held()

    def fail() -> None:
        with records.together():
            records.replace(NAME, {**FIRST, "status": "final"})
            records.add(("Observation", new_id()), {"status": "final"})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert [each.number for each in records.all("Observation")] == [1]


def test_nobody_sees_half_of_it() -> None:
    records, _ = held()
    seen: list[int] = []
    reader = threading.Thread(target=lambda: seen.append(len(records.all("Observation"))))

    with records.together():
        records.add(("Observation", "o2"), {})
        reader.start()
        records.add(("Observation", "o3"), {})
    reader.join()

    assert seen == [3]


@pytest.mark.parametrize(
    ("resource", "says"),
    [
        ({"resourceType": "Unheard", "id": "1"}, "a resource of type 'Unheard' with id '1' cannot be served"),
        ({"resourceType": "Observation"}, "a resource of type 'Observation' with id None cannot be served"),
        (FIRST, "Observation/o1 is there twice"),
    ],
)
def test_what_cannot_be_served_is_told_at_the_start(resource: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Records([FIRST, resource], Moments())


@contextmanager
def refused(says: str) -> Iterator[None]:
    with pytest.raises(ValueError, match=says):
        yield


def test_a_record_is_that_of_one_patient() -> None:
    bundle = b'{"entry": [{"resource": {"resourceType": "Patient", "id": "p"}}%s]}'

    assert patient_record("t", "", bundle % b"").patient == "p"
    with refused("t: not the record of one patient"):
        patient_record("t", "", bundle % b', {"resource": {"resourceType": "Patient", "id": "q"}}')
    with refused("t: not the record of one patient"):
        patient_record("t", "", b"[]")
    with refused("t: an entry has no resource"):
        patient_record("t", "", bundle % b', {"fullUrl": "x"}')
