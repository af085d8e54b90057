"""`fhirgate assess --write`: results kept and written back at once, and in words what became of each.

What the server does not take now stays in the outbox. The next run delivers it, whatever was said of waiting, for a
person asks; so does `fhirgate serve` when the time has come, except for what was given up.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from fhirgate.cli.database import chosen
from fhirgate.cli.exit_status import ExitStatus
from fhirgate.cli.say import say
from fhirgate.ehr.record import ServerRecords
from fhirgate.ehr.rest import FhirServer
from fhirgate.ehr.result_writer import ServerResults
from fhirgate.services.assess_patient import PatientOutcome, PatientRequest, assess_patient
from fhirgate.services.deliver import Delivered, deliver_written
from fhirgate.services.ports import LEASE
from fhirgate.services.result_writer import Written
from fhirgate.store.engine import Database, open_database
from fhirgate.store.outbox import SqlOutbox
from fhirgate.store.results import SqlResults
from fhirgate.store.upgrade import current_revision, require_current, upgrade

PATIENCE = LEASE.total_seconds() + 10
"""How long another worker that holds the patient's results is waited for; one that died holds them for a lease [s]."""
LOOK_EVERY = 0.5
"""[s]"""


@contextmanager
def opened(option: str | None) -> Iterator[Database]:
    """The database; a SQLite file that is new is set up. Raises ConfigurationError when it needs an upgrade."""
    database = open_database(chosen(option))
    try:
        if database.engine.dialect.name == "sqlite" and current_revision(database) is None:
            upgrade(database)
        require_current(database)
        yield database
    finally:
        database.close()


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)


def assess_and_write(
    request: PatientRequest, server: FhirServer, database: Database
) -> tuple[PatientOutcome, ExitStatus]:
    """Judge a patient, keep the results and write them to the server; says what became of each.

    Raises EhrError when the record cannot be had. When the results cannot be written, that is the status.
    """
    results = SqlResults(database=database, clock=now)
    outcome = assess_patient(request, ServerRecords(server), results, now)
    for each in outcome.not_kept:
        say(f"{each.preset}: not kept: {each.why}")
    delivery = _Delivery(database, results, server)
    return outcome, delivery.make(outcome)


class _Delivery:
    """What a patient's results owe the server, delivered now."""

    def __init__(self, database: Database, results: SqlResults, server: FhirServer) -> None:
        self._database, self._results, self._server = database, results, server
        self._outbox = SqlOutbox(database=database, clock=now)
        self._worker = f"assess:{os.getpid()}"
        self._failed = False

    def make(self, outcome: PatientOutcome) -> ExitStatus:
        """Deliver, and say how it went."""
        if not self._outbox.hasten(outcome.channel) and outcome.kept:
            say("nothing new: each of the results was written to the server before")
        until = time.monotonic() + PATIENCE
        while not self._failed and self._outbox.hasten(outcome.channel):
            if self._turn(outcome.channel) or self._failed:
                continue
            if time.monotonic() > until:
                self._fail("another worker is writing to this patient's record")
            time.sleep(LOOK_EVERY)
        return ExitStatus.SERVER if self._failed else ExitStatus.FINE

    def _turn(self, channel: str) -> int:
        return deliver_written(
            self._outbox,
            self._results,
            lambda _target: ServerResults(self._server),
            self._worker,
            now,
            channel_name=channel,
            tell=self._tell,
        )

    def _tell(self, delivered: Delivered) -> None:
        for each in delivered.written:
            say(_line(each))
        if delivered.why:
            self._fail(f"not written: {delivered.why}")

    def _fail(self, why: str) -> None:
        self._failed = True
        say(why)
        say(
            f"the results are kept in {self._database.name}; to write them, run this again, or fhirgate serve"
        )


def _line(written: Written) -> str:
    where = f" as {written.reference}" if written.reference else ", in our own database alone"
    why = f": {written.why}" if written.why else ""
    return f"{written.name}: {written.fate}{where}{why}"
