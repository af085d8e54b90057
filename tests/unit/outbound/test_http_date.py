import pytest

from fhirgate.outbound.http_date import date_of, moment_of

UNREADABLE = [
    None,
    "",
    "x",
    "Mon, 01 Jan 2024 99:00:00 GMT",
    "Mon, 01 Jan 99999999999 00:00:00 GMT",
    "99999999999999999999 Jan 2024 00:00:00 GMT",
    "Mon, 01 Jan 2024 00:00:00 +99999999999",
]


@pytest.mark.parametrize("header", UNREADABLE)
def test_what_is_no_date_is_none_whatever_a_server_sends(header: str | None) -> None:
    assert date_of(header) is None
    assert moment_of(header) is None


def test_a_moment_has_a_zone() -> None:
    moment = moment_of("Sun, 01 Mar 2026 06:30:00 GMT")

    assert moment is not None
    assert moment.isoformat() == "2026-03-01T06:30:00+00:00"
    assert moment_of("Sun, 01 Mar 2026 06:30:00 -0000") is None
    assert date_of("Sun, 01 Mar 2026 06:30:00 -0000") is not None
