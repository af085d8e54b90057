"""Every test of this folder runs over both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import BOTH, fresh_url
from store_records import HandClock

from fhirgate.store.engine import Database, open_database
from fhirgate.store.jobs import SqlJobs
from fhirgate.store.outbox import SqlOutbox
from fhirgate.store.results import SqlResults


@pytest.fixture(params=BOTH)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def url(kind: str, tmp_path: Path) -> str:
    return fresh_url(kind, tmp_path)


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = open_database(url)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def results(database: Database, clock: HandClock) -> SqlResults:
    return SqlResults(database=database, clock=clock)


@pytest.fixture
def outbox(database: Database, clock: HandClock) -> SqlOutbox:
    return SqlOutbox(database=database, clock=clock)


@pytest.fixture
def jobs(database: Database, clock: HandClock) -> SqlJobs:
    return SqlJobs(database=database, clock=clock)
