"""Results that cannot be written now, or not by this worker: tried again, given up, or left to another."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fhir_records import SCANS, size
from keeping_ehr import Fault
from patient_world import World, server_of

from fhirgate.ehr.rest import FhirServer
from fhirgate.ehr.result_writer import ServerResults
from fhirgate.errors import (
    ConfigurationError,
    EhrDenied,
    EhrGarbled,
    EhrRefused,
    EhrThrottled,
    EhrUnavailable,
    EhrUntrusted,
    FhirgateError,
    UnknownResource,
)
from fhirgate.outbound.client import Outbound
from fhirgate.outbound.surroundings import Surroundings
from fhirgate.services.deliver import (
    LONGEST_OBEYED,
    MOST_ATTEMPTS,
    SILENCED,
    Outcome,
    deliver_written,
)
from fhirgate.services.ports import DeliveryState, Stored
from fhirgate.services.result_writer import Written
from fhirgate.store.outbox import SqlOutbox


def failing(error: FhirgateError) -> Callable[[str], Any]:
    """Writers that fail so."""

    class Failing:
        def write(self, results: Sequence[Stored]) -> tuple[Written, ...]:
            raise error

    return lambda _target: Failing()


@pytest.mark.parametrize(
    ("error", "chance", "seconds"),
    [
        (EhrUnavailable("no answer"), 0.0, 30),
        (EhrUnavailable("no answer"), 1.0, 37.5),
        (EhrUnavailable("no answer", retry_after=120), 0.0, 120),
        (EhrUnavailable("no answer", retry_after=5), 0.0, 30),
        (EhrThrottled("too many", retry_after=600), 0.0, 600),
        (EhrThrottled("too many", retry_after=1e9), 0.0, LONGEST_OBEYED.total_seconds()),
        (EhrThrottled("too many"), 0.0, 30),
        (EhrGarbled("what it answered is HTML"), 0.0, 30),
        (EhrRefused("it answered with a redirect (302)", status=302), 0.0, 30),
        (UnknownResource("the registry has no such server"), 0.0, 30),
        (ConfigurationError("the registry", ["it is no TOML"]), 0.0, 30),
    ],
)
def test_what_may_work_later_is_tried_again(
    here: World, error: FhirgateError, chance: float, seconds: float
) -> None:
    here.assess()
    here.writer_of = failing(error)

    assert here.deliver(jitter=lambda: chance) == 0

    (told,) = here.told
    assert (told.outcome, told.why, told.written) == (Outcome.POSTPONED, error.safe_message, ())
    assert told.next_at is not None
    waits = (told.next_at - here.clock.now).total_seconds()
    assert seconds - 3 <= waits <= seconds
    found = here.outbox.find(told.channel, 1)
    assert found is not None
    assert (found.state, found.error, found.attempts) == (DeliveryState.WAITING, error.safe_message, 1)
    here.writer_of = None
    here.clock.pass_by(seconds=seconds)
    assert here.deliver() == 3


def test_a_breaker_that_is_open_is_waited_for(here: World) -> None:
    here.assess()
    opens = here.clock.now + timedelta(minutes=7)
    here.writer_of = failing(EhrUnavailable("held back", reopens_at=opens))

    here.deliver(jitter=lambda: 0.0)

    next_at = here.told[0].next_at
    assert next_at is not None
    assert next_at >= opens


def test_waits_double_to_an_hour_and_end_after_about_a_day(here: World) -> None:
    outcome = here.assess()
    here.writer_of = failing(EhrUnavailable("no answer"))
    began = here.clock.now
    waits = []
    while here.told[-1:] == [] or here.told[-1].outcome is Outcome.POSTPONED:
        here.deliver(jitter=lambda: 0.5)
        next_at = here.told[-1].next_at
        if next_at is not None:
            waits.append(round((next_at - here.clock.now).total_seconds() / 1.125 / 10) * 10)
            here.clock.now = next_at

    assert waits[:9] == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert timedelta(hours=20) < here.clock.now - began < timedelta(hours=28)
    assert len(here.told) == MOST_ATTEMPTS
    assert (here.told[-1].outcome, here.told[-1].why) == (Outcome.GIVEN_UP, "no answer")
    assert [each.number for each in here.outbox.dead(outcome.channel)] == [1, 2, 3]


@pytest.mark.parametrize(
    "error",
    [
        EhrDenied("it does not permit this call (403)", status=403),
        EhrRefused("it answered 400 (Bad Request)", status=400, reasons=["error: value"]),
        EhrUntrusted("its certificate is not trusted"),
    ],
)
def test_what_waiting_cannot_help_is_given_up_and_can_be_revived(here: World, error: FhirgateError) -> None:
    outcome = here.assess()
    here.writer_of = failing(error)

    assert here.deliver() == 3

    assert (here.told[0].outcome, here.told[0].why) == (Outcome.GIVEN_UP, error.safe_message)
    assert [each.error for each in here.outbox.dead()] == [error.safe_message] * 3
    here.writer_of = None
    for number in (1, 2, 3):
        assert here.outbox.revive(outcome.channel, number)
    assert here.deliver() == 3
    assert here.copies("RiskAssessment") == [("preliminary", "1")]


@pytest.fixture
def asked_anew(here: World) -> Iterator[FhirServer]:
    """The server of another process: its statement is not read yet, and its waits take no time."""
    with Outbound(surroundings=Surroundings(chance=lambda: 0.0, sleep=lambda _: None)) as outbound:
        yield server_of(here.ehr, outbound)


_PAGE = b"<html><body>Back soon.</body></html>"


@pytest.mark.parametrize("status", [200, 302, 404, 500, 502, 503, 504])
@pytest.mark.parametrize(
    "call", ["GET metadata", "GET RiskAssessment", "POST RiskAssessment", "POST Provenance"]
)
def test_the_page_of_a_proxy_in_maintenance_gives_nothing_up(
    here: World, asked_anew: FhirServer, call: str, status: int
) -> None:
    here.assess()
    here.server = asked_anew
    here.ehr.faults = lambda asked: Fault(status=status, body=_PAGE) if asked.startswith(call) else None

    here.deliver()

    assert here.outbox.dead() == ()
    here.ehr.faults = lambda _call: None
    here.clock.pass_by(hours=1)
    here.deliver()
    assert here.copies("RiskAssessment") == [("preliminary", "1")]
    assert len(here.ehr.all("Provenance")) == 1


@pytest.mark.parametrize("status", [403, 404, 501])
def test_a_statement_that_does_not_come_today_gives_nothing_up(
    here: World, asked_anew: FhirServer, status: int
) -> None:
    here.assess()
    here.server = asked_anew
    here.ehr.faults = lambda asked: Fault(status=status, body=_PAGE) if asked == "GET metadata" else None

    assert here.deliver() == 0

    assert here.told[0].outcome is Outcome.POSTPONED
    here.ehr.faults = lambda _call: None
    here.clock.pass_by(hours=1)
    assert here.deliver() == 3


def test_all_that_was_given_up_is_owed_again_by_the_next_assessment(here: World) -> None:
    outcome = here.assess()
    here.writer_of = failing(EhrDenied("it does not permit this call (403)", status=403))
    here.deliver()
    here.writer_of = None

    assert here.assess().news == ()

    assert here.outbox.dead(outcome.channel) == ()
    assert here.deliver() == 3
    assert here.copies("RiskAssessment") == [("preliminary", "1")]
    assert len(here.ehr.all("Provenance")) == 1
    assert here.assess().news == ()
    assert here.deliver() == 0


def test_what_kills_every_worker_is_given_up(here: World) -> None:
    here.assess()
    for _ in range(MOST_ATTEMPTS):
        assert here.outbox.claim("dies")
        here.clock.pass_by(minutes=3)

    assert here.deliver() == 3

    assert (here.told[0].outcome, here.told[0].why) == (Outcome.GIVEN_UP, SILENCED)
    assert here.ehr.sent() == []


class _Steals:
    """An outbox whose channel another worker takes right after it was claimed, or while it is written."""

    def __init__(self, here: World) -> None:
        self._here = here

    def __call__(self) -> None:
        self._here.clock.pass_by(minutes=3)
        assert self._here.outbox.claim("thief")


def test_a_lease_that_was_lost_before_the_write_writes_nothing(here: World) -> None:
    here.assess()

    class Late(SqlOutbox):
        def claim(self, *asked: Any, **more: Any) -> Any:
            leases = super().claim(*asked, **more)
            _Steals(here)()
            return leases

    late = Late(database=here.database, clock=here.clock)
    settled = deliver_written(
        late, here.results, failing(EhrGarbled("never asked")), "slow", here.clock, tell=here.told.append
    )

    assert (settled, [each.outcome for each in here.told]) == (0, [Outcome.LOST])


@pytest.mark.parametrize(
    "error", [None, EhrUnavailable("no answer"), EhrDenied("it does not permit this call (403)", status=403)]
)
def test_a_lease_that_was_lost_during_the_write_settles_nothing(
    here: World, error: FhirgateError | None
) -> None:
    outcome = here.assess()

    class Slow:
        def write(self, results: Sequence[Stored]) -> tuple[Written, ...]:
            _Steals(here)()
            if error is not None:
                raise error
            return ()

    here.writer_of = lambda _target: Slow()

    assert here.deliver() == 0

    assert (here.told[0].outcome, here.told[0].next_at) == (Outcome.LOST, None)
    found = here.outbox.find(outcome.channel, 1)
    assert found is not None
    assert found.state is DeliveryState.WAITING


def test_a_worker_that_slept_while_others_went_on_leaves_no_old_version_for_good(here: World) -> None:
    here.assess()
    here.deliver()
    here.ehr.put([size(1, SCANS[2], 34)])
    here.assess()

    class Sleeps:
        def write(self, results: Sequence[Stored]) -> tuple[Written, ...]:
            here.clock.pass_by(minutes=3)
            here.ehr.put([size(1, SCANS[2], 38)])
            here.assess()
            assert here.deliver() == 6
            return ServerResults(here.server).write(results)

    deliver_written(here.outbox, here.results, lambda _target: Sleeps(), "slept", here.clock)
    here.deliver()

    (ours,), (copy,) = here.bodies("RiskAssessment"), here.ehr.all("RiskAssessment")
    assert copy["prediction"] == ours["prediction"]
    assert here.deliver() == 0


def test_who_is_interrupted_gives_the_channel_back(here: World) -> None:
    here.assess()

    class Interrupted:
        def write(self, results: Sequence[Stored]) -> tuple[Written, ...]:
            raise KeyboardInterrupt

    here.writer_of = lambda _target: Interrupted()
    with pytest.raises(KeyboardInterrupt):
        here.deliver()
    here.writer_of = None

    assert here.deliver() == 3


def now() -> datetime:
    return datetime.now(UTC)


def test_a_slow_server_does_not_cost_the_lease(here: World) -> None:
    here.assess()
    here.clock.now = now()
    outbox = SqlOutbox(database=here.database, clock=now, lease=timedelta(seconds=0.5))
    writing, others = threading.Event(), []

    class Slow:
        def write(self, results: Sequence[Stored]) -> tuple[Written, ...]:
            writing.set()
            time.sleep(1.5)
            return ()

    def other() -> None:
        writing.wait(5)
        while writing.is_set():
            others.extend(outbox.claim("other"))
            time.sleep(0.05)

    thread = threading.Thread(target=other)
    thread.start()
    settled = deliver_written(outbox, here.results, lambda _target: Slow(), "slow", now)
    writing.clear()
    thread.join()

    assert (settled, others) == (3, [])
