"""Our own launch conversation against the sandbox, over real HTTP, with a person who clicks."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from databases import fresh_url
from person_at_ehr import Person
from sandbox_world import PATIENT, REDIRECT, SECRET
from served_examples import judged_from_file, judged_from_server

from fhirgate.cli.examples import examples
from fhirgate.ehr.launch.conversation import SmartLaunches, smart_launches
from fhirgate.outbound.client import Outbound
from fhirgate.sandbox.ehr.serve import Running
from fhirgate.services.ehr_server import EhrServer, LaunchEntry, LaunchKind
from fhirgate.services.launches import LaunchRefused, Why
from fhirgate.store.engine import open_database
from fhirgate.store.launches import SqlLaunches
from fhirgate.store.sealing import SealingKeys

BROWSER = "a-browser-session-that-nobody-guesses"
KEYS = SealingKeys(current="one", keys={"one": b"1" * 32})


KINDS = {
    "app": LaunchEntry(kind=LaunchKind.PUBLIC, client_id="app"),
    "with-secret": LaunchEntry(kind=LaunchKind.CLIENT_SECRET, client_id="with-secret", secret_variable="IT"),  # noqa: S106
}


@contextmanager
def launches(sandbox: Running, folder: Path, launch: LaunchEntry = KINDS["app"]) -> Iterator[SmartLaunches]:
    database = open_database(fresh_url("sqlite", folder))
    store = SqlLaunches(database=database, keys=KEYS, clock=lambda: datetime.now(UTC))
    entry = EhrServer(name="sandbox", base_url=sandbox.fhir, private_hosts=("127.0.0.1",), launch=launch)
    with Outbound() as outbound:
        yield smart_launches([entry], outbound, {"IT": SECRET}, store, REDIRECT)
    database.close()


@pytest.fixture
def person(sandbox: Running) -> Person:
    return Person(sandbox)


def test_a_launch_out_of_the_chart_reads_the_record_of_its_patient(person: Person, tmp_path: Path) -> None:
    (example,) = examples(PATIENT)
    with launches(person.sandbox, tmp_path) as app:
        told = person.opens()
        begun = app.begin_from_ehr(told["iss"], told["launch"], BROWSER)

        launch = app.finish("sandbox", person.clicks(begun), BROWSER)

        assert (launch.context.patient, launch.context.need_patient_banner) == (PATIENT, True)
        assert launch.user is not None
        assert (launch.user.reference, launch.user.is_on_server) == ("Practitioner/sandbox-clinician", True)
        assert [each.code for each in launch.findings] == []
        records = app.records(launch.id, BROWSER)
        assert records is not None
        record = records.fetch(PATIENT)
        assert record.findings == ()
        assert judged_from_server(record, example) == judged_from_file(example)
        assert app.end(launch.id, BROWSER) == ()


@pytest.mark.parametrize("client", ["app", "with-secret", "with-key"])
def test_an_app_at_its_own_door_gets_the_patient_who_was_chosen(
    client: str, person: Person, key_folder: str, tmp_path: Path
) -> None:
    by_key = LaunchEntry(kind=LaunchKind.PRIVATE_KEY, client_id="with-key", key_file=key_folder)
    with launches(person.sandbox, tmp_path, KINDS.get(client, by_key)) as app:
        begun = app.begin_standalone("sandbox", BROWSER)

        launch = app.finish("sandbox", person.clicks(begun, patient=PATIENT), BROWSER)

    assert launch.context.patient == PATIENT


def test_a_no_is_told_as_a_no(person: Person, tmp_path: Path) -> None:
    with launches(person.sandbox, tmp_path) as app:
        told = person.opens()
        begun = app.begin_from_ehr(told["iss"], told["launch"], BROWSER)
        answer = person.clicks(begun, "deny")

        with pytest.raises(LaunchRefused) as refused:
            app.finish("sandbox", answer, BROWSER)

    assert refused.value.why is Why.DENIED


@pytest.mark.parametrize(
    ("failure", "why"),
    [("denied", Why.DENIED), ("no-context", Why.NO_PATIENT), ("no-scope", Why.NOTHING_GRANTED)],
)
def test_a_named_failure_is_met_as_what_it_is(failure: str, why: Why, person: Person, tmp_path: Path) -> None:
    with launches(person.sandbox, tmp_path) as app:
        told = person.opens(failure=failure)
        answer = person.clicks(app.begin_from_ehr(told["iss"], told["launch"], BROWSER))

        with pytest.raises(LaunchRefused) as refused:
            app.finish("sandbox", answer, BROWSER)

    assert refused.value.why is why


def test_what_was_narrowed_is_told(person: Person, tmp_path: Path) -> None:
    with launches(person.sandbox, tmp_path) as app:
        told = person.opens(failure="narrowed-scope")
        begun = app.begin_from_ehr(told["iss"], told["launch"], BROWSER)

        launch = app.finish("sandbox", person.clicks(begun), BROWSER)

    assert launch.granted.lost == ("Observation",)
