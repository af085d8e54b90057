import threading

import pytest
from fake_time import FakeTime
from hypothesis import given
from hypothesis import strategies as st

from fhirgate.outbound.rate import LONGEST_PAUSE, Pace

FAR = 10.0**6


def test_a_burst_goes_at_once_and_then_one_for_each_token() -> None:
    time = FakeTime()
    pace = Pace(4.0, 3, time.monotonic)

    assert [pace.turn(FAR) for _ in range(6)] == [0.0, 0.0, 0.0, 0.25, 0.5, 0.75]


def test_tokens_come_back_up_to_a_burst_and_no_more() -> None:
    time = FakeTime()
    pace = Pace(4.0, 3, time.monotonic)
    for _ in range(5):
        pace.turn(FAR)
    time.seconds += 3600

    assert [pace.turn(FAR) for _ in range(4)] == [0.0, 0.0, 0.0, 0.25]


def test_without_a_rate_nobody_waits() -> None:
    pace = Pace(None, 1, FakeTime().monotonic)

    assert {pace.turn(FAR) for _ in range(100)} == {0.0}


def test_a_turn_after_the_deadline_is_told_and_not_taken() -> None:
    pace = Pace(1.0, 1, FakeTime().monotonic)
    pace.turn(FAR)

    assert [pace.turn(0.5), pace.turn(1.0), pace.turn(1.5), pace.turn(FAR)] == [1.0, 1.0, 1.0, 2.0]


def test_a_pause_holds_for_all_and_is_followed_by_a_burst() -> None:
    time = FakeTime()
    pace = Pace(2.0, 2, time.monotonic)
    pace.turn(FAR)
    pace.pause(10.0)
    pace.pause(3.0)

    assert [pace.turn(FAR) for _ in range(3)] == [10.0, 10.0, 10.5]

    time.seconds += 60

    assert pace.turn(FAR) == 0.0


def test_no_answer_can_stop_a_server_for_longer_than_the_longest_pause() -> None:
    pace = Pace(None, 1, FakeTime().monotonic)
    pace.pause(86400.0)

    assert pace.turn(FAR) == LONGEST_PAUSE


@given(
    rate=st.floats(0.1, 100),
    burst=st.integers(1, 10),
    gaps=st.lists(st.floats(0, 2), min_size=2, max_size=60),
)
def test_no_stretch_of_time_sees_more_than_the_burst_and_the_tokens_of_it(
    rate: float, burst: int, gaps: list[float]
) -> None:
    time = FakeTime()
    pace = Pace(rate, burst, time.monotonic)
    gone: list[float] = []
    for gap in gaps:
        time.seconds += gap
        gone.append(time.seconds + pace.turn(FAR))

    for first, begin in enumerate(gone):
        for last in range(first, len(gone)):
            assert last - first + 1 <= burst + (gone[last] - begin) * rate + 1e-6


def test_threads_share_one_bucket() -> None:
    pace = Pace(1.0, 5, FakeTime().monotonic)
    turns: list[float] = []
    threads = [threading.Thread(target=lambda: turns.append(pace.turn(FAR))) for _ in range(20)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert sorted(turns) == pytest.approx([0.0] * 5 + [float(each) for each in range(1, 16)])
