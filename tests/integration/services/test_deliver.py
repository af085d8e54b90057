"""Results written back to a real server on this machine, by workers that fail, die and meet each other."""

import re
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from databases import BOTH, fresh_url
from fhir_records import SCANS, resources, size
from keeping_ehr import Fault
from patient_world import STABLE, World, record, scan, world

from fhirgate.ehr.result_writer import ServerResults
from fhirgate.oncology.progression.presets import PRESETS
from fhirgate.services.deliver import (
    Outcome,
    what_to_write,
)
from fhirgate.services.ports import Composed, Message, PatientKey, Stored
from fhirgate.services.publication import write_back_channel
from fhirgate.services.result_writer import Fate, Written

LATER, LATER_AS_OF = "2025-10-10", "2025-10-20"


def fates(here: World) -> list[tuple[str, Fate]]:
    return [(each.name.type, each.fate) for each in here.told[-1].written]


def test_results_are_written_and_that_is_told(here: World) -> None:
    outcome = here.assess()

    assert here.deliver() == 3

    assert fates(here) == [
        ("RiskAssessment", Fate.CREATED),
        ("CarePlan", Fate.CREATED),
        ("Provenance", Fate.CREATED),
    ]
    (told,) = here.told
    assert (told.outcome, told.numbers, told.target, told.why) == (Outcome.DONE, (1, 2, 3), "main", "")
    assert told.channel == outcome.channel
    assert told.written[0].reference == "RiskAssessment/1/_history/1"
    assert here.outbox.hasten(outcome.channel) == 0
    assert here.deliver() == 0


def test_repeating_an_unchanged_assessment_calls_the_server_for_the_record_alone(here: World) -> None:
    here.assess()
    here.deliver()
    before = here.ehr.sent()

    here.assess()
    here.deliver()

    assert here.ehr.sent() == before
    assert here.copies("RiskAssessment") == [("preliminary", "1")]


def test_a_changed_measurement_updates_the_same_copy(here: World) -> None:
    here.assess()
    here.deliver()
    here.ehr.put([size(1, SCANS[2], 34)])
    here.assess()

    here.deliver()

    assert here.copies("RiskAssessment") == [("preliminary", "2")]
    assert [each["meta"]["versionId"] for each in here.ehr.history("RiskAssessment", "1")] == ["1", "2"]
    assert dict(fates(here))["RiskAssessment"] is Fate.UPDATED


def test_a_message_that_waited_sends_what_holds_now(here: World) -> None:
    """Two versions wait; the older one is never sent."""
    here.assess()
    here.ehr.put(record(STABLE))
    here.assess()

    here.deliver()

    assert here.copies("RiskAssessment") == [("preliminary", "1")]
    assert here.ehr.all("CarePlan") == []
    told = {each.name.type: each for each in here.told[-1].written}
    assert told["CarePlan"].fate is Fate.UNCHANGED
    assert [each.outcome for each in here.told] == [Outcome.DONE]


def test_a_later_scan_leaves_one_open_plan_on_the_server(here: World) -> None:
    here.assess()
    here.deliver()
    here.ehr.put(scan(LATER, 38, 30, 24, 40))
    here.assess(LATER_AS_OF)

    here.deliver()

    assert sorted(each["status"] for each in here.ehr.all("CarePlan")) == ["draft", "revoked"]
    former, latest = here.ehr.all("RiskAssessment")
    assert latest["basis"][-1]["reference"] == f"RiskAssessment/{former['id']}"


def test_a_plan_goes_with_its_result_though_that_said_nothing_new(here: World) -> None:
    here.assess()
    here.deliver()
    (plan,) = here.stored("CarePlan")
    (result,) = here.stored("RiskAssessment")
    seen: list[list[str]] = []

    class Noting:
        def write(self, results: Sequence[Stored]) -> tuple[Written, ...]:
            seen.append([str(each.name.resource) for each in results])
            return ServerResults(here.server).write(results)

    here.writer_of = lambda _target: Noting()
    again = Composed(
        name=plan.name.resource,
        identifier=plan.identifier,
        patient=plan.patient,
        state=plan.state,
        preset=plan.preset,
        as_of=plan.as_of,
        body=plan.body.replace(b'"status":"draft"', b'"status":"draft","language":"en"'),
    )
    told = Message(channel=here.told[0].channel, kind="write-back", target="main", about=(again.name,))
    here.results.keep([again], [told])

    here.deliver()

    assert seen == [[str(result.name.resource), str(plan.name.resource)]]


def test_a_lost_reply_leaves_one_copy(here: World) -> None:
    lost = [Fault(done=True)]
    here.ehr.faults = lambda call: lost.pop() if call == "POST RiskAssessment" and lost else None
    here.assess()

    assert here.deliver() == 3

    assert here.copies("RiskAssessment") == [("preliminary", "1")]
    assert not lost


def test_a_worker_that_died_after_writing_is_succeeded_by_one_that_finds_it_done(here: World) -> None:
    here.assess()
    (lease,) = here.outbox.claim("dies")
    ServerResults(here.server).write(what_to_write(here.results, lease))
    assert here.deliver() == 0
    here.clock.pass_by(minutes=3)

    assert here.deliver() == 3

    assert {fate for _, fate in fates(here)} == {Fate.UNCHANGED}
    assert here.copies("RiskAssessment") == [("preliminary", "1")]
    assert len(here.ehr.sent()) == 3


def test_what_was_kept_before_a_crash_is_written_after_it(tmp_path: Path) -> None:
    url = fresh_url("sqlite", tmp_path)
    with world(url) as here:
        here.assess()
    with world(url) as here:
        here.clock.pass_by(days=1)

        assert here.deliver() == 3

        assert here.copies("RiskAssessment") == [("preliminary", "1")]


def test_a_server_that_takes_nothing_leaves_the_results_in_our_store(tmp_path: Path) -> None:
    with world(fresh_url("sqlite", tmp_path), writes=()) as here:
        here.assess()

        assert here.deliver() == 3

        assert {fate for _, fate in fates(here)} == {Fate.NOT_TAKEN}
        assert here.told[-1].outcome is Outcome.DONE


@pytest.mark.parametrize("kind", BOTH)
def test_two_workers_at_once_write_one_copy(kind: str, tmp_path: Path) -> None:
    with world(fresh_url(kind, tmp_path)) as here:
        here.assess()
        start = threading.Barrier(4)
        settled: list[int] = []

        def work() -> None:
            start.wait()
            settled.append(here.deliver())

        threads = [threading.Thread(target=work) for _ in range(4)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()

        assert sorted(settled) == [0, 0, 0, 3]
        assert here.copies("RiskAssessment") == [("preliminary", "1")]
        assert len(here.ehr.sent()) == 3


def test_a_turn_takes_few_patients_and_one_of_them_alone_when_asked(here: World) -> None:
    channels = []
    for number in range(6):
        here.ehr.put(resources(f"q{number}"))
        outcome = here.assess(patient=PatientKey(server="main", id=f"q{number}"))
        channels.append(outcome.channel)

    assert here.deliver(channel_name=channels[5]) == 3
    assert here.deliver() == 12
    assert here.deliver() == 3
    assert here.deliver() == 0
    assert len(here.ehr.all("RiskAssessment")) == 6


def test_what_one_judgement_said_is_written_in_one_go_however_many_patients_wait(here: World) -> None:
    """Else the new plan would stand beside the one that it revokes, until the next turn or for ever."""
    presets = tuple(PRESETS)
    patients = [f"p{number}" for number in range(1, 4)]
    for each in patients:
        here.ehr.put(resources(each))
        here.assess(patient=PatientKey(server="main", id=each), presets=presets)
    owed = [here.outbox.hasten(write_back_channel(PatientKey(server="main", id=each))) for each in patients]

    here.deliver()

    assert min(owed) > 15
    assert sorted(len(each.numbers) for each in here.told) == sorted(owed)


def test_nothing_of_a_patient_stands_in_what_is_told(here: World) -> None:
    here.assess()
    here.deliver()

    assert not re.search(r"\bp1\b", repr(here.told))
