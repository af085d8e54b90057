import pytest
from fake_time import FakeTime

from fhirgate.outbound.deadline import Deadline, Limits, limits, limits_of_this_thread


def of(time: FakeTime, seconds: float) -> Limits:
    deadline = Deadline(at=time.seconds + seconds, monotonic=time.monotonic)
    return Limits(deadline=deadline, connect_seconds=5.0, read_seconds=30.0)


def test_each_step_has_its_own_time_and_never_more_than_is_left() -> None:
    time = FakeTime()
    found = of(time, 60.0)
    times = [(found.to_connect(), found.to_read())]
    for seconds in (40.0, 18.0):
        time.seconds += seconds
        times.append((found.to_connect(), found.to_read()))

    assert times == [(5.0, 30.0), (5.0, 20.0), (2.0, 2.0)]


def test_no_step_begins_after_the_deadline() -> None:
    time = FakeTime()
    found = of(time, 60.0)
    time.seconds += 60

    for step in (found.to_connect, found.to_read):
        with pytest.raises(TimeoutError, match="the deadline of the call has passed"):
            step()


def test_a_thread_knows_the_limits_of_its_call_only_while_it_lasts() -> None:
    outer, inner = of(FakeTime(), 1.0), of(FakeTime(), 2.0)
    with limits_of_this_thread(outer):
        with limits_of_this_thread(inner):
            assert limits() is inner
        assert limits() is outer
    with pytest.raises(LookupError):
        limits()
