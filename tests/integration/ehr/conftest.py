"""One HAPI server for all tests of this folder that want it, and the two stores that results are written to."""

from collections.abc import Iterator

import pytest
from between import Between, between
from peers.hapi.server import Hapi, start
from peers.medplum.peer import medplum
from real_store import Store, writer
from written_results import record_of, results


@pytest.fixture(scope="session")
def hapi() -> Iterator[Hapi]:
    server = start()
    yield server
    server.stop()


@pytest.fixture(scope="session", params=["hapi", "medplum"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """HAPI counts its ids and versions, takes the version off references, keeps tags and answers 409; Medplum's router
    makes random ids and versions, refuses ids of ours, answers 412 and runs a transaction as a batch.
    """
    if request.param == "hapi":
        hapi = request.getfixturevalue("hapi")
        hapi.put(record_of(results("somebody", states=True)))
        with writer(hapi.base) as found:
            yield Store("hapi", hapi.base, found, hapi.put)
    else:
        with medplum() as base, writer(base) as found:
            yield Store("medplum", base, found, lambda _: None)


@pytest.fixture
def patient(store: Store) -> str:
    return store.new_patient()


@pytest.fixture
def proxy(store: Store) -> Iterator[Between]:
    with between(store.base) as found:
        yield found
