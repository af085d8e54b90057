"""Our own commands against the sandbox, over real HTTP with a signed assertion."""

import pytest
from doctor_world import examined_at
from sandbox_world import PATIENT, served
from served_examples import judged_from_file, judged_from_server, patient_of

from fhirgate.cli.examples import Example, examples
from fhirgate.ehr.record import ServerRecords
from fhirgate.ehr.registry import connect
from fhirgate.outbound.client import Outbound
from fhirgate.outbound.trace import Try
from fhirgate.sandbox.ehr.failures import Failure, Failures
from fhirgate.sandbox.ehr.serve import Running
from fhirgate.services.ehr_server import AuthEntry, AuthKind, EhrServer
from fhirgate.services.fetch_record import Fetched


def entry_of(sandbox: Running, key_folder: str) -> EhrServer:
    return EhrServer(
        name="sandbox",
        base_url=sandbox.fhir,
        private_hosts=("127.0.0.1",),
        auth=AuthEntry(kind=AuthKind.BACKEND, client_id="with-key", key_file=key_folder),
    )


def fetched(sandbox: Running, key_folder: str, patient: str, calls: list[Try] | None = None) -> Fetched:
    with Outbound(trace=[].append if calls is None else calls.append) as outbound:
        return ServerRecords(connect(entry_of(sandbox, key_folder), outbound, {})).fetch(patient)


@pytest.mark.parametrize("example", examples(), ids=lambda each: each.slug)
def test_every_example_is_judged_as_from_its_file(
    example: Example, everything: Running, all_keys: str
) -> None:
    record = fetched(everything, all_keys, patient_of(example))

    assert (record.findings, record.is_complete) == ((), True)
    assert judged_from_server(record, example) == judged_from_file(example)


def test_a_long_record_comes_in_pages(everything: Running, all_keys: str) -> None:
    calls: list[Try] = []

    fetched(everything, all_keys, "node-only-dicom-sr", calls)

    further = [each.status for each in calls if each.place.path == "Observation/{id}/{id}"]
    assert further == [200]


@pytest.mark.parametrize(
    "failure", [Failure.EXPIRED, Failure.TOO_MANY, Failure.TOO_MANY_SILENT, Failure.SERVER_ERROR]
)
def test_what_passes_is_lived_through(failure: Failure, key_folder: str) -> None:
    (example,) = examples(PATIENT)
    calls: list[Try] = []

    with served(failures=Failures(lambda _seconds: None, failure)) as sandbox:
        record = fetched(sandbox, key_folder, PATIENT, calls)

    bad = {Failure.EXPIRED: 401, Failure.SERVER_ERROR: 500}.get(failure, 429)
    assert bad in {each.status for each in calls}
    assert record.is_complete
    assert judged_from_server(record, example) == judged_from_file(example)


def test_what_was_not_granted_is_told_and_not_passed_over(key_folder: str) -> None:
    with served(failures=Failures(lambda _seconds: None, Failure.NARROWED)) as sandbox:
        record = fetched(sandbox, key_folder, PATIENT)

    assert not record.is_complete
    assert any(each.text.startswith("Observation: not all of it could be read") for each in record.findings)


def test_the_doctor_finds_nothing_wrong_but_plain_http(sandbox: Running, key_folder: str) -> None:
    found = examined_at(entry_of(sandbox, key_folder), patient=PATIENT)

    not_fine = [(each.check, each.result.value) for each in found.lines if each.result.value != "ok"]
    assert not_fine == [
        ("connection", "warning"),
        ("certificate", "not tried"),
        ("expiry", "not tried"),
        ("launch", "not tried"),
    ]
