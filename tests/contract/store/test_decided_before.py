"""Who decides what to keep by what he read is told when another was quicker; and a channel can be asked for at once."""

from datetime import timedelta

import pytest
from store_records import HandClock, risk, to_write_back

from fhirgate.services.ports import PatientKey
from fhirgate.services.succession import Overtaken
from fhirgate.store.outbox import SqlOutbox
from fhirgate.store.results import SqlResults

PATIENT = PatientKey(server="north", id="p1")
CHANNEL = "write-back:north"


def test_what_was_seen_still_stands(results: SqlResults) -> None:
    assert results.last_of(PATIENT) == 0
    results.keep([risk()], seen=0)
    results.keep([risk("p2"), risk("p1", server="south")])

    assert results.last_of(PATIENT) == 1
    (kept,) = results.keep([risk(state="stable")], seen=1)
    assert kept is not None
    assert kept.is_new


def test_who_was_overtaken_keeps_nothing_and_tells_nobody(results: SqlResults, outbox: SqlOutbox) -> None:
    results.keep([risk()])
    late = risk(state="stable")

    with pytest.raises(Overtaken):
        results.keep([late], [to_write_back(late)], seen=0)

    assert results.last_of(PATIENT) == 1
    assert len(results.history(late.name)) == 1
    assert outbox.claim("w") == ()


def test_a_writer_is_overtaken_by_results_of_other_types_and_presets_too(results: SqlResults) -> None:
    seen = results.last_of(PATIENT)
    results.keep([risk(kind="CarePlan", preset="CURB")])

    with pytest.raises(Overtaken):
        results.keep([risk()], seen=seen)


def test_without_news_of_another_nobody_is_overtaken(results: SqlResults) -> None:
    results.keep([risk()])
    seen = results.last_of(PATIENT)
    results.keep([risk()])

    results.keep([risk(state="stable")], seen=seen)

    assert results.last_of(PATIENT) == seen + 1


def test_a_postponed_channel_can_be_hastened(
    results: SqlResults, outbox: SqlOutbox, clock: HandClock
) -> None:
    results.keep([risk()], [to_write_back(risk())])
    (lease,) = outbox.claim("w")
    outbox.postpone(lease, 1, clock() + timedelta(hours=1), "no answer")
    assert outbox.claim("w") == ()

    assert outbox.hasten(CHANNEL) == 1

    (again,) = outbox.claim("w")
    assert again.deliveries[0].attempts == 2


def test_a_channel_that_is_held_stays_with_its_holder(results: SqlResults, outbox: SqlOutbox) -> None:
    results.keep([risk()], [to_write_back(risk())])
    (lease,) = outbox.claim("w")

    assert outbox.hasten(CHANNEL) == 1

    assert outbox.claim("other") == ()
    assert outbox.done(lease, [1])


def test_a_channel_without_debts_says_so(results: SqlResults, outbox: SqlOutbox) -> None:
    assert outbox.hasten("nowhere") == 0
    results.keep([risk()], [to_write_back(risk())])
    (lease,) = outbox.claim("w")
    outbox.done(lease, [1])

    assert outbox.hasten(CHANNEL) == 0
    assert outbox.claim("w") == ()


def test_a_worker_that_takes_long_takes_few_channels_whole(results: SqlResults, outbox: SqlOutbox) -> None:
    for number in range(4):
        for state in ("oligoprogression", "stable"):
            told = risk(f"p{number}", state)
            results.keep([told], [to_write_back(told, channel=f"c{number}")])

    leases = outbox.claim("w", most_channels=3)

    assert [each.channel for each in leases] == ["c0", "c1", "c2"]
    assert [len(each.deliveries) for each in leases] == [2, 2, 2]
