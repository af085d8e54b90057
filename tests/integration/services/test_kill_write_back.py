"""Workers killed at any moment of assessments with write-back: nothing is lost and nothing stands twice, on both
databases, neither in the store nor on the server.

`FHIRGATE_TEST_KILLS=50` is the whole campaign, 200 assessments; fewer kills have fewer assessments each.
"""

import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from databases import BOTH, fresh_url
from fhir_records import SCANS, resources, size
from keeping_ehr import Apart, apart
from sqlalchemy import func, select
from write_back_worker import Mother, kill, mother, now

from fhirgate.services.ports import DeliveryState, Search, Stored
from fhirgate.store.engine import open_database
from fhirgate.store.jobs import SqlJobs
from fhirgate.store.outbox import SqlOutbox
from fhirgate.store.results import SqlResults
from fhirgate.store.tables import message

KILLS = int(os.environ.get("FHIRGATE_TEST_KILLS", "50"))
PATIENTS_A_KILL, AGAIN_A_KILL = 3, 1
"""Assessments begun before each kill: of new patients, and of one whose record has changed."""
WORKERS = 2
LONGEST_LIFE = 0.6
"""Of a worker, after it has begun to work [s]; an assessment with write-back takes 0.1 to 0.3."""
LONGEST = 300
"""Seconds after which a run counts as stuck."""
SIZES = ((20, 20, 30), (30, 30, 30), (25, 25, 24))
GROWN = 36
Json = dict[str, Any]


class _Campaign:
    """Two workers at a time; one of them is killed in the midst of its work and replaced, again and again."""

    def __init__(self, url: str, ehr: Apart, folder: Path, jobs: SqlJobs) -> None:
        self._url, self._ehr, self._folder, self._jobs = url, ehr, folder, jobs
        self._random = random.Random(KILLS)  # noqa: S311
        self._started = 0
        self._asked: list[str] = []
        self.patients: list[str] = []
        self.changes: Counter[str] = Counter()
        """How often the record of a patient was changed."""

    def run(self) -> None:
        with mother(self._url, self._ehr.base, str(self._folder)) as births:
            workers = [self._start(births) for _ in range(WORKERS)]
            for _ in range(KILLS):
                self._ask()
                chosen = self._random.randrange(WORKERS)
                pid, works = workers[chosen]
                _wait_for(works.exists)
                time.sleep(self._random.uniform(0, LONGEST_LIFE))
                kill(pid)
                workers[chosen] = self._start(births)
            _wait_for(self._all_is_done)
            (self._folder / "stop").touch()
            _wait_for(lambda: all(works.with_suffix(".ended").exists() for _, works in workers))

    def _ask(self) -> None:
        for _ in range(PATIENTS_A_KILL):
            self.patients.append(f"p{len(self.patients)}")
            self._ehr.put(resources(self.patients[-1], SIZES))
            self._add_job(self.patients[-1])
        for again in self._random.sample(self.patients, AGAIN_A_KILL):
            self.changes[again] += 1
            self._ehr.put([size(1, SCANS[2], GROWN + self.changes[again], again)])
            self._add_job(again)

    def _add_job(self, patient: str) -> None:
        self._asked.append(f"job-{len(self._asked)}")
        self._jobs.add(self._asked[-1], "assessment", patient)

    def _start(self, births: Mother) -> tuple[int, Path]:
        self._started += 1
        name = f"worker-{self._started}"
        return births.bear(name), self._folder / name

    def _all_is_done(self) -> bool:
        outbox = SqlOutbox(database=self._jobs.database, clock=now)
        return not any(map(self._is_open, self._asked)) and not any(each.waiting for each in outbox.backlog())

    def _is_open(self, name: str) -> bool:
        found = self._jobs.find(name)
        return found is None or found.finished_at is None

    def repeated(self) -> int:
        """Assessments that a kill made another worker begin again."""
        return sum(found.attempts > 1 for found in map(self._jobs.find, self._asked) if found is not None)


def _wait_for(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + LONGEST
    while not holds():
        assert time.monotonic() < until, "stuck"
        time.sleep(0.01)


@pytest.mark.slow
@pytest.mark.parametrize("kind", BOTH)
def test_kills_at_any_moment_leave_one_current_result_of_each_patient(kind: str, tmp_path: Path) -> None:
    url = fresh_url(kind, tmp_path)
    database = open_database(url)
    with apart() as ehr:
        campaign = _Campaign(url, ehr, tmp_path, SqlJobs(database=database, clock=now))

        campaign.run()

        results = SqlResults(database=database, clock=now)
        stored = {each: _all(results, each) for each in ("RiskAssessment", "CarePlan", "Provenance")}
        _check_store(campaign, results, stored)
        _check_server(ehr, stored)
        with database.reading() as connection:
            states = Counter(connection.execute(select(message.c.state)).scalars())
            again = select(func.count()).where(message.c.attempts > 1)
            resumed = connection.execute(again).scalar_one()
        assert set(states) == {DeliveryState.DONE}
        print(  # noqa: T201
            f"{KILLS} kills: {campaign.repeated()} assessments begun again,"
            f" {resumed} of {states.total()} messages tried again"
        )
    database.close()


def _all(results: SqlResults, kind: str) -> list[Stored]:
    return list(results.search(Search(type=kind), most=100_000))


def _check_store(campaign: _Campaign, results: SqlResults, stored: dict[str, list[Stored]]) -> None:
    """One current result and plan of each patient, of the record as it is now."""
    for kind in ("RiskAssessment", "CarePlan"):
        assert Counter(each.patient.id for each in stored[kind]) == Counter(campaign.patients)
        assert {each.status for each in stored[kind]} == {
            "preliminary" if kind == "RiskAssessment" else "draft"
        }
    for each in stored["RiskAssessment"]:
        changes = campaign.changes[each.patient.id]
        observed = f"Observation/{each.patient.id}-size-1-{SCANS[2]}/_history/{1 + changes}"
        assert observed in _rests_on(json.loads(each.body))
        history = results.history(each.name.resource)
        assert [version.name.version for version in history] == list(range(1, len(history) + 1))
        assert len(history) <= 1 + changes
    versions = sum(each.name.version for each in stored["RiskAssessment"])
    assert len(stored["Provenance"]) == versions


def _check_server(ehr: Apart, stored: dict[str, list[Stored]]) -> None:
    """The server holds the same, each once, and was sent no version that it had."""
    for kind in ("RiskAssessment", "CarePlan"):
        copies = ehr.all(kind)
        by_identifier = {each["identifier"][0]["value"]: each for each in copies}
        assert len(copies) == len(by_identifier) == len(stored[kind])
        for each in stored[kind]:
            copy = by_identifier[each.identifier.value]
            ours = json.loads(each.body)
            assert copy["status"] == each.status
            assert (copy.get("title"), copy.get("activity")) == (ours.get("title"), ours.get("activity"))
            assert _rests_on(copy) == _rests_on(ours)
            _check_history(ehr.history(kind, copy["id"]))
    tags = [each["meta"]["tag"][-1]["code"] for each in ehr.all("Provenance")]
    assert sorted(tags) == sorted(each.identifier.value for each in stored["Provenance"])


def _check_history(versions: list[Json]) -> None:
    said = [json.dumps({**each, "meta": None}) for each in versions]
    assert all(before != after for before, after in pairwise(said))


def _rests_on(resource: Json) -> list[str]:
    """The measurements a result rests on, with their versions."""
    return [each["reference"] for each in resource.get("basis", ()) if "Observation" in each["reference"]]
