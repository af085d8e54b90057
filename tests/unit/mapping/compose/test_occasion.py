"""The moment of writing is given with its zone or not at all."""

from datetime import datetime, timedelta, timezone

import pytest

from fhirgate.mapping.compose.occasion import SHOWN, Occasion


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        Occasion(recorded=datetime(2025, 2, 10))  # noqa: DTZ001 - that is the point


def test_a_moment_is_written_as_a_fhir_instant_in_its_own_zone() -> None:
    moment = datetime(2025, 2, 10, 9, 5, 1, 234567, tzinfo=timezone(timedelta(hours=1)))

    assert Occasion(recorded=moment).instant == "2025-02-10T09:05:01.234+01:00"


def test_what_is_only_shown_has_no_moment() -> None:
    assert SHOWN.instant == ""
