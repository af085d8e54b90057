"""What is counted when the database does not answer."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fhirgate.errors import StoreError
from fhirgate.services.events import Fault, ServiceStopped, WrittenBack
from fhirgate.web.metrics import SHARED, Metrics, Owed

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def _gone() -> Iterator[Owed]:
    raise StoreError("gone")


def test_a_database_that_does_not_answer_is_a_number_too() -> None:
    told = Metrics(_gone, lambda: NOON).exposed().decode()

    assert "fhirgate_database_up 0.0" in told
    assert "fhirgate_backlog{" not in told


def test_events_are_counted_by_what_they_are() -> None:
    metrics = Metrics(tuple, lambda: NOON)

    metrics.count(WrittenBack(server="main", outcome="done", messages=3))
    metrics.count(Fault(error="KeyError", frames=()))
    metrics.count(ServiceStopped(released=1))
    told = metrics.exposed().decode()

    assert 'fhirgate_write_backs_total{outcome="done",server="main"} 1.0' in told
    assert "fhirgate_faults_total 1.0" in told


def test_a_folder_that_processes_share_is_read_for_all_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    metrics = Metrics(tuple, lambda: NOON)
    metrics.count(Fault(error="KeyError", frames=()))
    monkeypatch.setenv(SHARED, str(tmp_path))

    told = metrics.exposed().decode()

    # This process began without the folder, so nothing of it lies there.
    assert "fhirgate_faults" not in told
    assert "fhirgate_database_up 1.0" in told
