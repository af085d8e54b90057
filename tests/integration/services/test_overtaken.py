"""Workers at the same patient at the same time: who was overtaken looks again, and one current result is left."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from databases import BOTH, fresh_url
from fhir_records import SCANS, size
from patient_world import World, scan, world

from fhirgate.ehr.record import ServerRecords
from fhirgate.errors import StoreError
from fhirgate.services.assess_patient import assess_patient
from fhirgate.services.fetch_record import Fetched

LATER, LATER_AS_OF = "2025-10-10", "2025-10-20"


class _Meanwhile:
    """Records of the server; while they are fetched, something happens."""

    def __init__(self, here: World, happens: Any, times: int) -> None:
        self._here, self._happens, self.left = here, happens, times

    def fetch(self, patient_id: str) -> Fetched:
        fetched = ServerRecords(self._here.server).fetch(patient_id)
        if self.left:
            self.left -= 1
            self._happens()
        return fetched


def test_who_was_overtaken_looks_at_the_record_again(here: World) -> None:
    def another() -> None:
        here.ehr.put(scan("2025-07-15", 30, 30, 24, 40))
        here.assess()

    slow = _Meanwhile(here, another, 1)
    here.clock.pass_by(hours=1)

    outcome = assess_patient(here.request(), slow, here.results, here.clock)

    assert outcome.news == ()
    assert [each.version for each in outcome.kept] == [1, 1]
    assert here.standing("RiskAssessment") == [("preliminary", 1)]


def test_who_is_overtaken_again_and_again_gives_up_without_harm(here: World) -> None:
    sizes = iter(range(31, 60))

    def another() -> None:
        here.ehr.put([size(1, SCANS[2], next(sizes))])
        here.assess()

    busy = _Meanwhile(here, another, 100)

    with pytest.raises(StoreError, match="again and again"):
        assess_patient(here.request(), busy, here.results, here.clock)

    assert busy.left == 95
    assert here.standing("RiskAssessment") == [("preliminary", 5)]


@pytest.mark.parametrize("kind", BOTH)
def test_two_workers_at_once_leave_one_current_result(kind: str, tmp_path: Any) -> None:
    workers = 4
    with world(fresh_url(kind, tmp_path)) as here:
        start = Barrier(workers)

        def work(_number: int) -> int:
            start.wait()
            return len(
                assess_patient(here.request(), ServerRecords(here.server), here.results, here.clock).news
            )

        with ThreadPoolExecutor(workers) as pool:
            news = list(pool.map(work, range(workers)))

        assert sorted(news) == [0, 0, 0, 3]
        assert here.standing("RiskAssessment") == [("preliminary", 1)]
        assert len(here.stored("Provenance")) == 1
        assert here.outbox.hasten(here.assess().channel) == 3


def test_two_workers_of_whom_one_saw_a_newer_record_end_with_the_newer(here: World) -> None:
    """The slow one has fetched before a scan came that the quick one has judged."""
    here.assess()

    def another() -> None:
        here.ehr.put(scan(LATER, 38, 30, 24, 40))
        here.assess(LATER_AS_OF)

    slow = _Meanwhile(here, another, 1)
    here.clock.pass_by(days=120)

    assess_patient(here.request(LATER_AS_OF), slow, here.results, here.clock)

    assert sorted(here.standing("RiskAssessment")) == [("preliminary", 1), ("preliminary", 1)]
    assert sorted(here.standing("CarePlan")) == [("draft", 1), ("revoked", 2)]


def test_an_open_lease_does_not_hold_up_a_new_message(here: World) -> None:
    here.assess()
    (lease,) = here.outbox.claim("busy")
    here.ehr.put([size(1, SCANS[2], 34)])

    here.assess()

    assert here.outbox.done(lease, [1, 2, 3])
    assert len(here.owed()) == 3
    assert lease.until > here.clock.now - timedelta(minutes=2)
