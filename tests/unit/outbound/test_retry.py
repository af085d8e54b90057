from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from fake_time import NOON
from hypothesis import given
from hypothesis import strategies as st

from fhirgate.outbound.retry import FIRST_STEP, LONGEST_ASKED, LONGEST_STEP, Schedule, seconds_asked


def waits(luck: float, tries: int = 7) -> list[float | None]:
    schedule = Schedule(tries=tries, chance=lambda: luck)
    return [schedule.wait(tried, None, 1000.0) for tried in range(1, tries + 1)]


def test_each_step_is_twice_the_last_up_to_the_longest() -> None:
    assert waits(1.0) == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, None]


def test_the_wait_is_anywhere_between_nothing_and_the_step() -> None:
    assert waits(0.0) == [0.0] * 6 + [None]
    assert waits(0.25) == [0.125, 0.25, 0.5, 1.0, 2.0, 2.0, None]


def test_what_the_server_asks_for_goes_before_the_step() -> None:
    schedule = Schedule(tries=4, chance=lambda: 0.5)

    assert schedule.wait(1, 30.0, 1000.0) == 30.25
    assert schedule.wait(1, 0.0, 1000.0) == 0.25


def test_a_wait_that_would_pass_the_deadline_is_not_begun() -> None:
    schedule = Schedule(tries=4, chance=lambda: 0.0)

    assert schedule.wait(1, 30.0, 30.0) is None
    assert schedule.wait(1, 30.0, 30.1) == 30.0
    assert schedule.wait(1, None, 0.0) is None


@given(
    tries=st.integers(1, 50),
    left=st.floats(0, 500),
    chances=st.lists(st.floats(0, 1, exclude_max=True), min_size=1),
    asked=st.lists(st.none() | st.floats(0, LONGEST_ASKED), min_size=1),
    work=st.lists(st.floats(0, 10), min_size=1),
)
def test_no_series_of_tries_waits_beyond_its_deadline(
    tries: int, left: float, chances: list[float], asked: list[float | None], work: list[float]
) -> None:
    drawn = 0

    def chance() -> float:
        return chances[drawn % len(chances)]

    schedule = Schedule(tries=tries, chance=chance)
    tried = 0
    while True:
        left -= work[tried % len(work)]
        tried += 1
        question = asked[tried % len(asked)]
        wait = schedule.wait(tried, question, left)
        drawn += 1
        if wait is None:
            break
        assert 0 <= wait < left
        assert wait >= (question or 0.0)
        assert wait <= (question or 0.0) + LONGEST_STEP + FIRST_STEP
        left -= wait
    assert tried <= tries


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("999999999", 999999999.0),
        ("1" * 5000, LONGEST_ASKED),
        (format_datetime((NOON + timedelta(seconds=90)).astimezone(UTC), usegmt=True), 90.0),
        (format_datetime(NOON + timedelta(seconds=90)), 90.0),
        ("Sun, 01 Mar 2026 06:30:10 -0000", 10.0),
        ("Sun, 01 Mar 2026 06:29:00 GMT", 0.0),
        ("Fri, 01 Jan 9999 00:00:00 GMT", LONGEST_ASKED),
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("Sun, 99 Mar 2026 06:30:10 GMT", None),
        ("Sun, 01 Mar 99999999999 06:30:10 GMT", None),
    ],
)
def test_retry_after_is_read_in_both_forms(header: str | None, seconds: float | None) -> None:
    assert seconds_asked(header, NOON) == seconds


def test_a_date_is_measured_on_the_clock_given() -> None:
    assert seconds_asked("Sun, 01 Mar 2026 00:00:30 GMT", datetime(2026, 3, 1, tzinfo=UTC)) == 30.0
