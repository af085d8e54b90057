from typing import Any

import pytest

from fhirgate.errors import ConfigurationError
from fhirgate.outbound.destination import Destination, Timeouts


def test_everything_wrong_with_a_destination_is_told_at_once() -> None:
    with pytest.raises(ConfigurationError) as error:
        Destination(
            name="main",
            base_url="http://hapi:8080/fhir",
            rate_per_second=0.0,
            burst=0,
            concurrency=0,
            tries=0,
            failures_to_hold=0,
        )

    assert error.value.problems == (
        "base_url is plain http; use https, or name hapi as a private host if it is on site",
        "rate_per_second is above zero",
        "burst is at least 1",
        "concurrency is at least 1",
        "tries is at least 1",
        "failures_to_hold is at least 1",
    )


def test_private_hosts_are_known_in_any_case_of_letters() -> None:
    found = Destination(name="main", base_url="http://HAPI:8080/fhir", private_hosts=frozenset({"Hapi"}))

    assert found.private_hosts == {"hapi"}


@pytest.mark.parametrize("wrong", [{"connect": 0.0}, {"read": -1.0}, {"total": 0.0}, {"total": float("nan")}])
def test_a_timeout_is_above_zero(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="timeouts are above zero"):
        Timeouts(**wrong)
