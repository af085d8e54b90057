"""A launch into the data of a real FHIR server, through an authorization that holds every call to its token."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from databases import fresh_url
from hapi_behind_sandbox import Behind, behind_sandbox, everything_of, renamed
from peers.hapi.server import Hapi
from person_at_ehr import Person
from sandbox_world import REDIRECT, clients, of_example
from served_examples import judged_from_file, judged_from_server

from fhirgate.cli.examples import examples
from fhirgate.ehr.launch.conversation import SmartLaunches, smart_launches
from fhirgate.outbound.client import Outbound
from fhirgate.services.ehr_server import EhrServer, LaunchEntry, LaunchKind
from fhirgate.services.fetch_record import Fetched
from fhirgate.services.launches import Launch
from fhirgate.store.engine import open_database
from fhirgate.store.launches import SqlLaunches
from fhirgate.store.sealing import SealingKeys

pytestmark = pytest.mark.peer

BROWSER = "a-browser-session-that-nobody-guesses"
EXAMPLE, OTHER = (
    renamed(*examples(slug), new)
    for slug, new in (
        ("oligoprogression-osimertinib", "launched-osimertinib"),
        ("limited-progression-two-of-two", "launched-two-of-two"),
    )
)


@dataclass
class Here:
    """Our side, and a clinician."""

    app: SmartLaunches
    person: Person

    def launched(self, failure: str = "") -> Launch:
        told = self.person.opens(EXAMPLE.slug, failure)
        begun = self.app.begin_from_ehr(told["iss"], told["launch"], BROWSER)
        return self.app.finish("sandbox", self.person.clicks(begun), BROWSER)

    def record(self, launch: Launch) -> Fetched:
        records = self.app.records(launch.id, BROWSER)
        assert records is not None
        return records.fetch(launch.context.patient)


@pytest.fixture(scope="module")
def ehr(hapi: Hapi) -> Iterator[Behind]:
    patients = [of_example(EXAMPLE), of_example(OTHER)]
    hapi.put(everything_of(patients))
    with behind_sandbox(hapi.base, patients, clients()) as found:
        yield found


@contextmanager
def app(ehr: Behind, folder: Path) -> Iterator[Here]:
    database = open_database(fresh_url("sqlite", folder))
    keys = SealingKeys(current="one", keys={"one": b"1" * 32})
    store = SqlLaunches(database=database, keys=keys, clock=lambda: datetime.now(UTC))
    entry = EhrServer(
        name="sandbox",
        base_url=ehr.running.fhir,
        private_hosts=("127.0.0.1",),
        launch=LaunchEntry(kind=LaunchKind.PUBLIC, client_id="app"),
    )
    with Outbound() as outbound:
        yield Here(smart_launches([entry], outbound, {}, store, REDIRECT), Person(ehr.running))
    database.close()


def test_the_record_read_with_a_launchs_token_is_judged_as_from_its_file(ehr: Behind, tmp_path: Path) -> None:
    ehr.gate.passed.clear()
    with app(ehr, tmp_path) as here:
        launch = here.launched()
        record = here.record(launch)

    assert (launch.context.patient, launch.findings, record.findings) == (EXAMPLE.slug, (), ())
    assert judged_from_server(record, EXAMPLE) == judged_from_file(EXAMPLE)
    assert {each.count for each in record.asked if each.type == "Observation"} == {56}  # of several pages
    assert [each for each in ehr.gate.passed if "Authorization" in each] == []


def test_what_the_token_does_not_give_is_missing_and_told(ehr: Behind, tmp_path: Path) -> None:
    with app(ehr, tmp_path) as here:
        launch = here.launched("narrowed-scope")
        record = here.record(launch)

    assert launch.granted.lost == ("Observation",)
    assert [each.code for each in launch.findings] == ["SCOPES_NOT_GRANTED"]
    assert {each["resourceType"] for each, _ in record.resources}.isdisjoint({"Observation"})
    assert {each.code for each in record.findings} == {"SOURCE_NOT_AVAILABLE"}
    assert {each.text.partition(":")[0] for each in record.findings} == {"Observation"}
    assert all("compare the scopes it granted" in each.text for each in record.findings)


def test_another_patients_record_is_not_given_for_this_ones_token(ehr: Behind, tmp_path: Path) -> None:
    with app(ehr, tmp_path) as here:
        launch = here.launched()
        session = here.app.store.read_session(launch.id)
        assert session is not None
        bearer = {"Authorization": f"Bearer {session.tokens.access}"}
        base = ehr.running.fhir
        read = requests.get(f"{base}/Patient/{OTHER.slug}", headers=bearer, timeout=30)
        found = requests.get(f"{base}/Condition?patient={OTHER.slug}", headers=bearer, timeout=30)
        own = requests.get(f"{base}/Patient/{EXAMPLE.slug}", headers=bearer, timeout=30)

    assert (read.status_code, found.json()["entry"], own.status_code) == (403, [], 200)


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer guessed"}])
def test_without_a_token_of_its_own_nothing_is_read(ehr: Behind, headers: dict[str, str]) -> None:
    paths = (f"Patient/{EXAMPLE.slug}", f"Observation?patient={EXAMPLE.slug}", "?_getpages=x")
    answers = [
        requests.get(f"{ehr.running.fhir}/{each}", headers=headers, timeout=30).status_code for each in paths
    ]

    assert answers == [401] * 3


def test_after_logout_the_token_is_good_no_more(ehr: Behind, tmp_path: Path) -> None:
    with app(ehr, tmp_path) as here:
        launch = here.launched()
        session = here.app.store.read_session(launch.id)
        assert session is not None
        ended = here.app.end(launch.id, BROWSER)

    bearer = {"Authorization": f"Bearer {session.tokens.access}"}
    answer = requests.get(f"{ehr.running.fhir}/Patient/{EXAMPLE.slug}", headers=bearer, timeout=30)
    assert (ended, answer.status_code) == ((), 401)
