"""What a destination did with a message, found again by what it tells of; and rows from before there was that."""

from collections.abc import Sequence
from pathlib import Path

from alembic import command
from alembic.config import Config
from databases import empty_url
from sqlalchemy import text
from store_records import HandClock, risk, to_write_back

from fhirgate.services.ports import DeliveryState, VersionName
from fhirgate.store.engine import open_database
from fhirgate.store.jobs import SqlJobs
from fhirgate.store.outbox import SqlOutbox
from fhirgate.store.results import SqlResults
from fhirgate.store.upgrade import MIGRATIONS, require_current, upgrade

RESULT, PLAN = risk(), risk(kind="CarePlan")
NAMES = (VersionName(RESULT.name, 1), VersionName(PLAN.name, 1))


def _fates(outbox: SqlOutbox, channel: str, versions: Sequence[VersionName] = NAMES) -> list[tuple[int, str]]:
    return [(each.number, each.fate) for each in outbox.about(channel, versions)]


def test_what_became_of_messages_is_found_by_what_they_tell_of(
    results: SqlResults, outbox: SqlOutbox
) -> None:
    results.keep([RESULT, PLAN], [to_write_back(RESULT), to_write_back(PLAN)])
    (lease,) = outbox.claim("w1")
    before = _fates(outbox, lease.channel)

    assert outbox.done(lease, [1, 2], {1: "created", 2: "left"})

    assert before == [(1, ""), (2, "")]
    assert _fates(outbox, lease.channel) == [(1, "created"), (2, "left")]
    assert _fates(outbox, lease.channel, NAMES[1:]) == [(2, "left")]
    assert _fates(outbox, lease.channel, ()) == []
    assert _fates(outbox, "another") == []
    assert {each.state for each in outbox.about(lease.channel, NAMES)} == {DeliveryState.DONE}


def test_a_message_about_more_is_not_one_about_this(results: SqlResults, outbox: SqlOutbox) -> None:
    results.keep([RESULT, PLAN], [to_write_back(RESULT, PLAN)])

    assert outbox.about(to_write_back(RESULT).channel, NAMES) == ()


def test_a_worker_that_lost_its_lease_tells_no_fate(
    results: SqlResults, outbox: SqlOutbox, clock: HandClock
) -> None:
    results.keep([RESULT], [to_write_back(RESULT)])
    (lost,) = outbox.claim("w1")
    clock.pass_by(minutes=3)
    outbox.claim("w2")

    assert not outbox.done(lost, [1], {1: "created"})
    assert _fates(outbox, lost.channel) == [(1, "")]


def test_jobs_and_messages_of_the_first_revision_are_still_there_after_the_upgrade(
    kind: str, tmp_path: Path, clock: HandClock
) -> None:
    database = open_database(empty_url(kind, tmp_path))
    with database.writing() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        of_row = {"at": "2026-03-02T06:15:00.000000+00:00", "about": str(NAMES[0])}
        connection.execute(
            text(
                "INSERT INTO job VALUES ('j1', 'assessment', '{}', 'failed', '', 0, 0, '', 'gone', 1,"
                " :at, NULL, :at, NULL, '', 1)"
            ),
            of_row,
        )
        connection.execute(text("INSERT INTO channel VALUES ('c', 'write-back', 'north', 1, 2, NULL, '', 1)"))
        connection.execute(
            text("INSERT INTO message VALUES ('c', 1, :about, :at, 1, 'done', :at, '')"), of_row
        )

    upgrade(database)
    require_current(database)

    job = SqlJobs(database=database, clock=clock).find("j1")
    assert job is not None
    assert (job.error, job.category, job.answer) == ("gone", "", b"")
    assert _fates(SqlOutbox(database=database, clock=clock), "c") == [(1, "")]
    database.close()
