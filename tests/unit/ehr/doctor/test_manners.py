"""Clock and pace, as they are told."""

from datetime import UTC, timedelta
from email.utils import format_datetime

import pytest
from doctor_world import Clinic, examined, of, shape, still
from ehr_world import PATIENT, fhir
from fake_time import NOON


def dated(seconds: int) -> Clinic:
    moment = (NOON + timedelta(seconds=seconds)).astimezone(UTC)
    return Clinic(headers=f"Date: {format_datetime(moment, usegmt=True)}\r\n")


@pytest.mark.parametrize(
    ("seconds", "result", "says"),
    [
        (0, "ok", "both agree to the second"),
        (60, "ok", "the server's is 60 s ahead of ours"),
        (-59, "ok", "the server's is 59 s behind ours"),
        (
            3600,
            "warning",
            "the server's is 3600 s ahead of ours; an assertion of ours is good for 240 s, and is refused by a clock"
            " further ahead",
        ),
        (
            -61,
            "warning",
            "the server's is 61 s behind ours; an assertion of ours is good for 240 s, and is refused by a clock"
            " further ahead",
        ),
    ],
)
def test_the_difference_of_the_clocks_is_told(seconds: int, result: str, says: str) -> None:
    line = of(examined(dated(seconds)), "clock")

    assert (line.result.value, line.told.says) == (result, says)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Date: yesterday\r\n",
        "Date: Sun, 01 Mar 2026 06:30:00 -0000\r\n",
        "Date: Sun, 01 Mar 99999999999 06:30:00 GMT\r\n",
    ],
)
def test_a_date_that_cannot_be_read_tells_nothing(header: str) -> None:
    assert of(examined(Clinic(headers=header)), "clock").told.says == "no answer had a Date"


def test_the_fastest_answer_tells_the_clock_best() -> None:
    ticks = iter(range(1000, 10_000))

    line = of(examined(dated(0), surroundings=still(monotonic=lambda: 1000 + next(ticks) * 0.01)), "clock")

    assert line.result.value == "ok"


def test_the_number_of_requests_and_a_limit_in_a_header_are_told() -> None:
    line = of(examined(Clinic(headers="X-RateLimit-Limit: 100\r\n")), "pace")

    assert (line.result.value, line.told.says) == (
        "ok",
        "3 requests, the slowest 0 ms (GET metadata); it tells a limit by the header x-ratelimit-limit; none was too"
        " many for it",
    )


def test_too_many_requests_are_told_although_the_second_try_worked() -> None:
    clinic = Clinic()
    clinic.ehr.answers("Condition?", fhir({}, 429))

    found = examined(clinic, patient=PATIENT)

    assert of(found, "reads", "Condition").result.value == "ok"
    line = of(found, "pace")
    assert line.result.value == "warning"
    assert line.told.says.endswith("; 1 was too many for it (429)")
    assert line.told.remedy == "set rate_per_second in the registry entry to what its operator allows"
    assert shape(line) == "GET Condition?patient=…&_count=… -> 429 in 0 ms"


def test_a_server_that_asks_for_a_long_wait_is_not_waited_for() -> None:
    slept: list[float] = []
    clinic = Clinic(headers="Retry-After: 900\r\n")
    clinic.ehr.always("Condition?", fhir({}, 429))

    found = examined(clinic, patient=PATIENT, surroundings=still(sleep=slept.append))

    line = of(found, "reads", "Condition")
    assert line.result.value == "warning"
    assert line.told.remedy.startswith("set rate_per_second in the registry entry")
    assert max(slept, default=0.0) < 1


def test_failures_that_a_second_try_hid_are_told() -> None:
    clinic = Clinic()
    clinic.ehr.answers("Condition?", fhir({}, 502))

    line = of(examined(clinic, patient=PATIENT), "pace")

    assert line.result.value == "warning"
    assert "; 1 was not answered, or with a failure of the server" in line.told.says
