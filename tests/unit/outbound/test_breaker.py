from fake_time import FakeTime

from fhirgate.outbound.breaker import Breaker


def failing(time: FakeTime, times: int) -> Breaker:
    breaker = Breaker(3, 30.0, time.monotonic)
    for _ in range(times):
        breaker.failed()
    return breaker


def test_failures_below_the_limit_hold_nothing() -> None:
    assert failing(FakeTime(), 2).seconds_held() == 0.0


def test_the_last_failure_allowed_holds_all_calls_and_tells_how_long() -> None:
    time = FakeTime()
    breaker = failing(time, 3)
    time.seconds += 12

    assert breaker.seconds_held() == 18.0


def test_only_failures_in_a_row_count() -> None:
    breaker = failing(FakeTime(), 2)
    breaker.worked()
    breaker.failed()
    breaker.failed()

    assert breaker.seconds_held() == 0.0


def test_after_the_hold_one_call_goes_alone() -> None:
    time = FakeTime()
    breaker = failing(time, 3)
    time.seconds += 30

    assert [breaker.seconds_held(), breaker.seconds_held()] == [0.0, 30.0]


def test_when_that_call_works_all_go_again() -> None:
    time = FakeTime()
    breaker = failing(time, 3)
    time.seconds += 30
    breaker.seconds_held()
    breaker.worked()

    assert [breaker.seconds_held(), breaker.seconds_held()] == [0.0, 0.0]


def test_when_that_call_fails_all_wait_once_more() -> None:
    time = FakeTime()
    breaker = failing(time, 3)
    time.seconds += 30
    breaker.seconds_held()
    time.seconds += 5
    breaker.failed()

    assert breaker.seconds_held() == 30.0


def test_a_call_that_never_comes_back_bars_nobody_for_longer_than_another_hold() -> None:
    time = FakeTime()
    breaker = failing(time, 3)
    time.seconds += 30
    breaker.seconds_held()
    time.seconds += 30

    assert breaker.seconds_held() == 0.0
