"""What `LaunchStore` promises, on both databases."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select, text, update
from store_records import NOON, HandClock

from fhirgate.oncology.finding import Finding, Severity
from fhirgate.oncology.source import Source
from fhirgate.services.launches import (
    ContextItem,
    Flow,
    Granted,
    Launch,
    LaunchContext,
    LaunchSession,
    LaunchTokens,
    LaunchUser,
    PendingLaunch,
)
from fhirgate.store.engine import Database, open_database
from fhirgate.store.launches import SqlLaunches
from fhirgate.store.sealing import SealBroken, SealingKeys
from fhirgate.store.tables import launch_pending, launch_session

STATE = "a-state-of-43-characters"
KEYS = SealingKeys(current="new", keys={"new": b"n" * 32, "old": b"o" * 32})
NOTE = Finding(
    code="X", severity=Severity.WARNING, text="odd", path="a.b", source=Source("Patient", "p1", "2")
)
SECRETS = (
    "access-SECRET",
    "refresh-SECRET",
    "verifier-SECRET",
    "nonce-SECRET",
    "p1-SECRET",
    "browser-SECRET",
)


def pending(**more: object) -> PendingLaunch:
    usual = PendingLaunch(
        flow=Flow.EHR,
        server="north",
        base_url="https://ehr.example.org/fhir",
        browser="browser-SECRET",
        verifier="verifier-SECRET",
        nonce="nonce-SECRET",
        redirect_uri="https://fhirgate.example.org/callback",
        client_id="fhirgate",
        scopes="launch",
        authorization_endpoint="https://ehr.example.org/authorize",
        token_endpoint="https://ehr.example.org/token",  # noqa: S106 - no password
        findings=(NOTE,),
        began_at=NOON,
        ends_at=NOON + timedelta(minutes=10),
    )
    return replace(usual, **more)  # type: ignore[arg-type]


def session(launch_id: str = "l1", **more: object) -> LaunchSession:
    launch = Launch(
        id=launch_id,
        flow=Flow.EHR,
        server="north",
        context=LaunchContext(
            patient="p1-SECRET", need_patient_banner=False, items=(ContextItem(reference="ImagingStudy/1"),)
        ),
        user=LaunchUser(issuer="https://ehr.example.org", subject="s", reference="Practitioner/1"),
        granted=Granted(requested="launch", granted=None, lost=("Observation",)),
        findings=(NOTE,),
        began_at=NOON,
        ends_at=NOON + timedelta(hours=12),
    )
    tokens = LaunchTokens(
        access="access-SECRET",
        use_until=NOON + timedelta(minutes=5),
        refresh="refresh-SECRET",
        endpoint="https://ehr.example.org/token",
    )
    usual = LaunchSession(
        launch=launch, browser="browser-SECRET", base_url="https://ehr.example.org/fhir", tokens=tokens
    )
    return replace(usual, **more)  # type: ignore[arg-type]


def renewed(before: LaunchSession) -> LaunchSession:
    tokens = replace(before.tokens, access="access-2")
    return replace(before, tokens=tokens, version=before.version + 1)


@pytest.fixture
def launches(database: Database, clock: HandClock) -> SqlLaunches:
    return SqlLaunches(database=database, keys=KEYS, clock=clock)


def test_a_pending_launch_is_given_to_the_first_who_asks_and_to_nobody_else(launches: SqlLaunches) -> None:
    launches.put_pending(STATE, pending())

    assert launches.take_pending("another state") is None
    assert launches.take_pending(STATE) == pending()
    assert launches.take_pending(STATE) is None


def test_of_threads_that_take_a_state_at_once_one_gets_it(url: str, clock: HandClock) -> None:
    databases = [open_database(url) for _ in range(2)]
    stores = [SqlLaunches(database=each, keys=KEYS, clock=clock) for each in databases]
    for round_ in range(20):
        state, start = f"state {round_}", Barrier(2)
        stores[0].put_pending(state, pending())

        def take(store: SqlLaunches, state: str = state, start: Barrier = start) -> PendingLaunch | None:
            start.wait()
            return store.take_pending(state)

        with ThreadPoolExecutor(2) as pool:
            taken = list(pool.map(take, stores))
        assert sorted(each is not None for each in taken) == [False, True]
    for each in databases:
        each.close()


def test_a_state_that_took_too_long_is_not_there_and_is_used_up(
    launches: SqlLaunches, clock: HandClock
) -> None:
    launches.put_pending(STATE, pending())
    clock.pass_by(minutes=10)

    assert launches.take_pending(STATE) is None
    clock.pass_by(minutes=-5)
    assert launches.take_pending(STATE) is None


def test_a_session_is_read_as_it_was_put_until_it_is_over(launches: SqlLaunches, clock: HandClock) -> None:
    launches.put_session(session())

    assert launches.read_session("l1") == session()
    assert launches.read_session("l2") is None
    clock.pass_by(hours=12)
    assert launches.read_session("l1") is None


def test_a_session_is_replaced_by_the_next_version_and_by_no_other(launches: SqlLaunches) -> None:
    launches.put_session(session())
    second = renewed(session())

    assert launches.replace_session(second)
    assert not launches.replace_session(second)
    assert not launches.replace_session(replace(second, version=9))
    assert launches.read_session("l1") == second


def test_a_session_that_was_ended_does_not_come_back(launches: SqlLaunches) -> None:
    launches.put_session(session())

    assert launches.delete_session("l1")
    assert not launches.delete_session("l1")
    assert not launches.replace_session(renewed(session()))
    assert launches.read_session("l1") is None


def test_one_renews_a_version_at_a_time_until_it_gives_up_or_goes_silent(
    launches: SqlLaunches, clock: HandClock
) -> None:
    launches.put_session(session())
    until = clock.now + timedelta(seconds=45)

    assert launches.lease_renewal("l1", 1, until)
    assert not launches.lease_renewal("l1", 1, until)
    launches.release_renewal("l1", 1)
    assert launches.lease_renewal("l1", 1, until)
    clock.pass_by(seconds=45)
    assert launches.lease_renewal("l1", 1, clock.now + timedelta(seconds=45))
    assert launches.replace_session(renewed(session()))
    assert not launches.lease_renewal("l1", 1, clock.now + timedelta(days=1))
    assert launches.lease_renewal("l1", 2, clock.now + timedelta(seconds=45))


def test_of_threads_that_want_to_renew_at_once_one_may(launches: SqlLaunches, clock: HandClock) -> None:
    launches.put_session(session())

    with ThreadPoolExecutor(8) as pool:
        may = list(
            pool.map(lambda _: launches.lease_renewal("l1", 1, clock.now + timedelta(seconds=45)), range(8))
        )

    assert sum(may) == 1


def test_what_is_over_is_forgotten_and_nothing_else(
    launches: SqlLaunches, database: Database, clock: HandClock
) -> None:
    launches.put_pending("first", pending())
    launches.put_pending("second", pending(ends_at=NOON + timedelta(hours=1)))
    launches.put_session(session())
    clock.pass_by(minutes=10)

    assert launches.expire() == 1
    assert launches.expire() == 0
    assert launches.take_pending("second") is not None
    assert launches.read_session("l1") is not None
    clock.pass_by(hours=12)
    assert launches.expire() == 1
    with database.reading() as connection:
        assert connection.execute(select(launch_session)).all() == []


def test_launches_that_nobody_finished_do_not_pile_up(
    launches: SqlLaunches, database: Database, clock: HandClock
) -> None:
    for number in range(5):
        launches.put_pending(f"state {number}", pending(ends_at=clock.now + timedelta(minutes=10)))
        clock.pass_by(minutes=6)

    with database.reading() as connection:
        assert len(connection.execute(select(launch_pending)).all()) == 2


def test_the_database_holds_no_secret_no_patient_and_no_handle(
    launches: SqlLaunches, database: Database
) -> None:
    launches.put_pending(STATE, pending())
    launches.put_session(session("the-id-of-a-launch"))

    with database.reading() as connection:
        rows = [*connection.execute(select(launch_pending)), *connection.execute(select(launch_session))]
    whole = repr([[bytes(each) if isinstance(each, memoryview) else each for each in row] for row in rows])
    for secret in (*SECRETS, STATE, "the-id-of-a-launch", "ehr.example.org"):
        assert secret not in whole


def _copied_to(database: Database, other: str) -> None:
    """Move what is sealed of l1 into the row of another session, as who can write the database could."""
    rows = launch_session.c.sealed
    with database.writing() as connection:
        first, second = connection.execute(select(launch_session.c.id_sha256).order_by(rows)).scalars()
        sealed = connection.execute(select(rows).where(launch_session.c.id_sha256 == first)).scalar_one()
        connection.execute(
            update(launch_session).where(launch_session.c.id_sha256 == second).values(sealed=sealed)
        )


def test_a_token_moved_to_another_session_is_not_believed(launches: SqlLaunches, database: Database) -> None:
    for each in ("l1", "l2"):
        launches.put_session(session(each))
    _copied_to(database, "l2")

    outcomes = []
    for each in ("l1", "l2"):
        try:
            outcomes.append(launches.read_session(each))
        except SealBroken as error:
            outcomes.append(str(error))
    assert "a sealed row of the database cannot be opened" in outcomes
    assert len([each for each in outcomes if isinstance(each, LaunchSession)]) == 1


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE launch_session SET ends_at = '2027-01-01 00:00:00+00:00'",
        "UPDATE launch_session SET version = 7",
        "UPDATE launch_session SET key = 'old'",
    ],
)
def test_a_plain_column_that_was_changed_is_seen(
    change: str, launches: SqlLaunches, database: Database
) -> None:
    launches.put_session(session())
    with database.writing() as connection:
        connection.execute(text(change))

    with pytest.raises(SealBroken):
        launches.read_session("l1")


def test_a_pending_launch_whose_end_was_moved_is_not_believed(
    launches: SqlLaunches, database: Database
) -> None:
    launches.put_pending(STATE, pending())
    with database.writing() as connection:
        connection.execute(update(launch_pending).values(ends_at=NOON + timedelta(days=1)))

    with pytest.raises(SealBroken):
        launches.take_pending(STATE)


def _with(database: Database, clock: HandClock, names: Sequence[str]) -> SqlLaunches:
    keys = {name: name[:1].encode() * 32 for name in names}
    return SqlLaunches(database=database, keys=SealingKeys(current=names[0], keys=keys), clock=clock)


def test_keys_change_without_ending_a_session(database: Database, clock: HandClock) -> None:
    before, both, after = (_with(database, clock, each) for each in (["old"], ["new", "old"], ["new"]))
    before.put_session(session())

    assert both.read_session("l1") == session()
    assert both.replace_session(renewed(session()))
    assert after.read_session("l1") == renewed(session())


def test_a_session_whose_key_is_out_of_use_is_over(database: Database, clock: HandClock) -> None:
    _with(database, clock, ["old"]).put_session(session())
    _with(database, clock, ["old"]).put_pending(STATE, pending())
    after = _with(database, clock, ["new"])

    assert after.read_session("l1") is None
    assert after.take_pending(STATE) is None


def test_a_session_in_a_form_that_is_not_known_is_over(
    launches: SqlLaunches, database: Database, clock: HandClock
) -> None:
    launches.put_session(session())
    with database.writing() as connection:
        row = connection.execute(select(launch_session)).one()
        bound = ("launch_session", row.id_sha256, row.ends_at.isoformat(timespec="microseconds"), "1")
        _, sealed = KEYS.seal(b'{"of": "another time"}', bound)
        connection.execute(update(launch_session).values(sealed=sealed))

    assert launches.read_session("l1") is None


def test_nothing_secret_is_printed(launches: SqlLaunches) -> None:
    printed = repr((launches, pending(), session()))

    assert [each for each in (*SECRETS, "nnnn") if each in printed] == []
