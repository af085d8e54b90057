"""What `Outbox` promises, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from store_records import NOON, HandClock, risk, to_write_back

from fhirgate.services.ports import (
    LEASE,
    Backlog,
    Delivery,
    DeliveryState,
    Lease,
    Message,
    VersionName,
)
from fhirgate.store.outbox import SqlOutbox
from fhirgate.store.results import SqlResults

CHANNEL = "write-back:north"


def _owe(results: SqlResults, number: int, channel: str = CHANNEL, target: str = "north") -> None:
    """Keep so many results and owe a delivery of each."""
    many = [risk(f"{channel}-{each}") for each in range(number)]
    results.keep(many, [to_write_back(each, channel=channel, target=target) for each in many])


def _numbers(leases: tuple[Lease, ...]) -> dict[str, list[int]]:
    return {each.channel: [delivery.number for delivery in each.deliveries] for each in leases}


def _state(outbox: SqlOutbox, number: int, channel: str = CHANNEL) -> tuple[DeliveryState, int]:
    found = outbox.find(channel, number)
    assert found is not None
    return found.state, found.attempts


def test_a_message_names_the_versions_that_were_kept_with_it(results: SqlResults, outbox: SqlOutbox) -> None:
    plan = risk(kind="CarePlan")
    results.keep([risk(state="stable"), plan], [to_write_back(risk(), plan)])
    results.keep([risk(state="oligoprogression"), plan], [to_write_back(risk(), plan)])

    (lease,) = outbox.claim("w1")

    assert (lease.channel, lease.kind, lease.target) == (CHANNEL, "write-back", "north")
    assert lease.until == NOON + LEASE
    assert [each.about for each in lease.deliveries] == [
        (VersionName(risk().name, 1), VersionName(plan.name, 1)),
        (VersionName(risk().name, 2), VersionName(plan.name, 1)),
    ]
    assert lease.deliveries[0] == Delivery(
        channel=CHANNEL,
        number=1,
        about=lease.deliveries[0].about,
        created_at=NOON,
        attempts=1,
        state=DeliveryState.WAITING,
        settled_at=None,
        error="",
    )


def test_numbers_count_from_one_in_each_channel_without_gaps(results: SqlResults, outbox: SqlOutbox) -> None:
    _owe(results, 2, "a")
    _owe(results, 2, "b")
    results.keep([risk("x")], [to_write_back(risk("x"), channel=name) for name in ("b", "a")])

    assert _numbers(outbox.claim("w1")) == {"a": [1, 2, 3], "b": [1, 2, 3]}


def test_what_was_said_is_not_said_again_while_it_waits_or_once_it_is_done(
    results: SqlResults, outbox: SqlOutbox
) -> None:
    results.keep([risk()], [to_write_back(risk()), to_write_back(risk())])
    results.keep([risk()], [to_write_back(risk())])
    (lease,) = outbox.claim("w1")
    assert outbox.done(lease, [1])
    results.keep([risk()], [to_write_back(risk())])

    assert outbox.find(CHANNEL, 2) is None
    assert outbox.claim("w1") == ()


def test_a_result_that_was_only_kept_can_be_told_of_later(results: SqlResults, outbox: SqlOutbox) -> None:
    results.keep([risk()])
    results.keep([risk()], [to_write_back(risk())])

    assert _numbers(outbox.claim("w1")) == {CHANNEL: [1]}


def test_what_was_given_up_may_be_said_again(results: SqlResults, outbox: SqlOutbox) -> None:
    results.keep([risk()], [to_write_back(risk())])
    (lease,) = outbox.claim("w1")
    outbox.bury(lease, 1, "refused")
    results.keep([risk()], [to_write_back(risk())])

    assert _numbers(outbox.claim("w1")) == {CHANNEL: [2]}


def test_who_asks_again_may_revive_all_that_was_given_up(results: SqlResults, outbox: SqlOutbox) -> None:
    first, second = risk(), risk("p2")
    results.keep([first, second], [to_write_back(first), to_write_back(second)])
    (lease,) = outbox.claim("w")
    assert outbox.bury(lease, 1, "hopeless")
    assert outbox.bury(lease, 2, "hopeless")

    results.keep([first], [replace(to_write_back(first), revives=True)])

    assert outbox.dead() == ()
    (again,) = outbox.claim("w")
    assert [(each.number, each.attempts, each.error) for each in again.deliveries] == [(1, 1, ""), (2, 0, "")]


@pytest.mark.parametrize("about", [(), (risk("p2").name,)])
def test_a_message_about_nothing_kept_with_it_is_refused(results: SqlResults, about: tuple) -> None:
    astray = Message(channel=CHANNEL, kind="write-back", target="north", about=about)

    with pytest.raises(ValueError, match="same transaction"):
        results.keep([risk("p1")], [astray])


def test_a_channel_has_one_target(results: SqlResults) -> None:
    to = [to_write_back(risk(), target=target) for target in ("north", "south")]

    with pytest.raises(ValueError, match="one target"):
        results.keep([risk(state="stable"), risk("p2")], [to[0], to_write_back(risk("p2"), target="south")])


def test_a_claim_takes_at_most_fifty_in_order(results: SqlResults, outbox: SqlOutbox) -> None:
    _owe(results, 60)

    (lease,) = outbox.claim("w1")

    assert [each.number for each in lease.deliveries] == list(range(1, 51))


def test_a_claim_is_shared_evenly_between_channels(results: SqlResults, outbox: SqlOutbox) -> None:
    _owe(results, 30, "busy")
    _owe(results, 1, "quiet")

    assert _numbers(outbox.claim("w1", most=10)) == {"busy": [1, 2, 3, 4, 5], "quiet": [1]}


def test_a_claim_can_ask_for_kinds_or_for_one_channel(results: SqlResults, outbox: SqlOutbox) -> None:
    _owe(results, 1, "a")
    _owe(results, 1, "b")

    assert outbox.claim("w1", kinds=["notify"]) == ()
    assert _numbers(outbox.claim("w1", channel_name="b")) == {"b": [1]}
    assert _numbers(outbox.claim("w1", kinds=["notify", "write-back"])) == {"a": [1]}


def test_a_channel_in_one_workers_hands_is_in_no_others(results: SqlResults, outbox: SqlOutbox) -> None:
    _owe(results, 60)
    outbox.claim("w1", most=1)

    assert outbox.claim("w2") == ()


def test_workers_at_once_never_hold_the_same_channel(results: SqlResults, outbox: SqlOutbox) -> None:
    for each in range(40):
        _owe(results, 2, f"c{each:02}")

    with ThreadPoolExecutor(4) as pool:
        claimed = list(pool.map(lambda each: outbox.claim(f"w{each}", most=5), range(12)))

    channels = [lease.channel for leases in claimed for lease in leases]
    assert len(channels) == len(set(channels))
    assert set(channels) == {f"c{each:02}" for each in range(40)}


def test_a_batch_that_is_done_gives_the_channel_back_with_the_rest(
    results: SqlResults, outbox: SqlOutbox
) -> None:
    _owe(results, 5)
    (lease,) = outbox.claim("w1", most=3)

    assert outbox.done(lease, [1, 2])
    assert outbox.claim("w2") == ()
    assert outbox.done(lease, [3])

    assert _numbers(outbox.claim("w2")) == {CHANNEL: [4, 5]}
    assert [_state(outbox, number) for number in (1, 2, 3)] == [(DeliveryState.DONE, 1)] * 3


def test_a_failed_delivery_holds_back_all_behind_it_until_its_time(
    results: SqlResults, outbox: SqlOutbox, clock: HandClock
) -> None:
    _owe(results, 3)
    (lease,) = outbox.claim("w1")
    outbox.done(lease, [1])

    assert outbox.postpone(lease, 2, NOON + timedelta(minutes=5), "503")

    assert outbox.claim("w2") == ()
    clock.pass_by(minutes=4, seconds=59)
    assert outbox.claim("w2") == ()
    clock.pass_by(seconds=1)
    (again,) = outbox.claim("w2")
    assert [(each.number, each.attempts, each.error) for each in again.deliveries] == [
        (2, 2, "503"),
        (3, 0, ""),
    ]


def test_a_new_message_does_not_hurry_a_channel_that_waits(
    results: SqlResults, outbox: SqlOutbox, clock: HandClock
) -> None:
    _owe(results, 1)
    (lease,) = outbox.claim("w1")
    outbox.postpone(lease, 1, NOON + timedelta(minutes=5), "503")

    results.keep([risk("new")], [to_write_back(risk("new"))])

    assert outbox.claim("w1") == ()
    clock.pass_by(minutes=5)
    assert _numbers(outbox.claim("w1")) == {CHANNEL: [1, 2]}


def test_a_dead_destination_does_not_starve_another(
    results: SqlResults, outbox: SqlOutbox, clock: HandClock
) -> None:
    _owe(results, 5, "dead")
    _owe(results, 1, "alive")
    dead = next(each for each in outbox.claim("w1") if each.channel == "dead")
    outbox.postpone(dead, 1, NOON + timedelta(hours=1), "timeout")
    clock.pass_by(seconds=LEASE.total_seconds())

    assert _numbers(outbox.claim("w1")) == {"alive": [1]}


def test_a_message_given_up_lets_the_next_one_pass_and_stays_to_be_seen(
    results: SqlResults, outbox: SqlOutbox, clock: HandClock
) -> None:
    _owe(results, 3)
    (lease,) = outbox.claim("w1")
    later = clock.pass_by(seconds=1)

    assert outbox.bury(lease, 1, "x" * 600)
    assert outbox.done(lease, [2, 3])

    (dead,) = outbox.dead()
    assert (dead.number, dead.attempts, dead.state, dead.settled_at) == (1, 1, DeliveryState.DEAD, later)
    assert dead.error == "x" * 500
    assert outbox.dead("another channel") == ()
    assert outbox.dead(CHANNEL) == (dead,)
    assert outbox.claim("w1") == ()


def test_a_dead_message_is_revived_under_its_number(results: SqlResults, outbox: SqlOutbox) -> None:
    _owe(results, 3)
    (lease,) = outbox.claim("w1")
    outbox.bury(lease, 1, "refused")
    outbox.done(lease, [2, 3])

    assert outbox.revive(CHANNEL, 1)
    assert not outbox.revive(CHANNEL, 1)
    assert not outbox.revive(CHANNEL, 2)
    assert not outbox.revive("no such channel", 1)

    (again,) = outbox.claim("w1")
    assert [(each.number, each.attempts, each.error) for each in again.deliveries] == [(1, 1, "")]
    outbox.done(again, [1])
    results.keep([risk("new")], [to_write_back(risk("new"))])
    assert _numbers(outbox.claim("w1")) == {CHANNEL: [4]}


def test_a_message_revived_under_a_running_lease_is_delivered_after_it(
    results: SqlResults, outbox: SqlOutbox
) -> None:
    _owe(results, 3)
    (lease,) = outbox.claim("w1")
    outbox.bury(lease, 1, "refused")
    assert outbox.revive(CHANNEL, 1)

    assert outbox.done(lease, [2, 3])

    assert _numbers(outbox.claim("w1")) == {CHANNEL: [1]}


def test_a_lost_lease_is_claimed_again_and_its_holder_can_change_nothing(
    results: SqlResults, outbox: SqlOutbox, clock: HandClock
) -> None:
    _owe(results, 2)
    (lost,) = outbox.claim("w1")
    clock.pass_by(seconds=LEASE.total_seconds())
    (lease,) = outbox.claim("w1")

    assert [(each.number, each.attempts) for each in lease.deliveries] == [(1, 2), (2, 0)]
    assert not outbox.done(lost, [1])
    assert not outbox.postpone(lost, 1, NOON, "late")
    assert not outbox.bury(lost, 1, "late")
    assert not outbox.extend(lost)
    assert not outbox.release(lost)
    assert _state(outbox, 1) == (DeliveryState.WAITING, 2)
    assert outbox.done(lease, [1, 2])


def test_a_lease_that_ran_out_and_was_not_claimed_still_counts(
    results: SqlResults, outbox: SqlOutbox, clock: HandClock
) -> None:
    _owe(results, 1)
    (lease,) = outbox.claim("w1")
    clock.pass_by(hours=1)

    assert outbox.done(lease, [1])


def test_an_extended_lease_is_held_longer(results: SqlResults, outbox: SqlOutbox, clock: HandClock) -> None:
    _owe(results, 1)
    (lease,) = outbox.claim("w1")
    clock.pass_by(seconds=LEASE.total_seconds() - 1)

    assert outbox.extend(lease)

    clock.pass_by(seconds=2)
    assert outbox.claim("w2") == ()


def test_a_released_channel_can_be_claimed_at_once(results: SqlResults, outbox: SqlOutbox) -> None:
    _owe(results, 3)
    (lease,) = outbox.claim("w1")
    outbox.done(lease, [1])

    assert outbox.release(lease)
    assert not outbox.release(lease)

    assert _numbers(outbox.claim("w2")) == {CHANNEL: [2, 3]}


def test_what_was_done_in_several_channels_is_settled_at_once(
    results: SqlResults, outbox: SqlOutbox, clock: HandClock
) -> None:
    for name in ("a", "b", "c"):
        _owe(results, 2, name)
    a, b, c = outbox.claim("w1")
    clock.pass_by(seconds=LEASE.total_seconds())
    outbox.claim("w2", channel_name="b")

    lost = outbox.done_all([(a, [1, 2]), (b, [1]), (c, [1])])

    assert lost == (b,)
    assert [_state(outbox, number, "a")[0] for number in (1, 2)] == [DeliveryState.DONE] * 2
    assert _state(outbox, 1, "b")[0] is DeliveryState.WAITING
    assert [_state(outbox, number, "c")[0] for number in (1, 2)] == [
        DeliveryState.DONE,
        DeliveryState.WAITING,
    ]
    assert outbox.release(c)
    assert _numbers(outbox.claim("w1")) == {"c": [2]}


@pytest.mark.parametrize("numbers", [[], [4]])
def test_only_what_was_leased_can_be_settled(
    results: SqlResults, outbox: SqlOutbox, numbers: list[int]
) -> None:
    _owe(results, 4)
    (lease,) = outbox.claim("w1", most=3)

    with pytest.raises(ValueError, match="of the lease"):
        outbox.done(lease, numbers)


def test_the_backlog_says_what_is_owed_by_kind(
    results: SqlResults, outbox: SqlOutbox, clock: HandClock
) -> None:
    assert outbox.backlog() == ()
    _owe(results, 3)
    clock.pass_by(hours=1)
    _owe(results, 1, "b")
    lease = outbox.claim("w1", channel_name=CHANNEL)[0]
    outbox.bury(lease, 1, "refused")

    assert outbox.backlog() == (Backlog(kind="write-back", waiting=3, dead=1, oldest_at=NOON),)

    outbox.done(lease, [2, 3])
    assert outbox.backlog()[0].oldest_at == clock.now
    outbox.done(outbox.claim("w1")[0], [1])
    assert outbox.backlog() == (Backlog(kind="write-back", waiting=0, dead=1, oldest_at=None),)


def test_the_messages_of_a_lost_lease_are_owed_once_more(
    results: SqlResults, outbox: SqlOutbox, clock: HandClock
) -> None:
    composed = risk()
    results.keep([composed], [to_write_back(composed)])
    (slow,) = outbox.claim("slow")
    clock.pass_by(seconds=LEASE.total_seconds())
    (quick,) = outbox.claim("quick")

    outbox.repeat(slow)

    assert outbox.done(quick, [1])
    (again,) = outbox.claim("quick")
    assert [(each.number, each.about) for each in again.deliveries] == [(2, slow.deliveries[0].about)]
