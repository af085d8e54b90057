"""A kept resource gets its version, and nothing else of it changes."""

import pytest
from subscribed import NOON
from written_results import results

from fhirgate.exact_json import decode
from fhirgate.mapping.compose.r5 import as_r5
from fhirgate.mapping.compose.served import as_served
from fhirgate.mapping.r4b import check_r4, check_r5
from fhirgate.mapping.subscriptions import Release
from fhirgate.services.ports import Stored

KEPT = results("p1")
SAID = {"versionId": "3", "lastUpdated": "2026-03-02T12:00:00.000Z"}


def by_type(stored: Stored) -> str:
    return stored.name.resource.type


@pytest.mark.parametrize("stored", KEPT, ids=by_type)
def test_only_the_version_is_added(stored: Stored) -> None:
    served, kept = decode(as_served(stored.body, 3, NOON)), decode(stored.body)

    assert check_r4(served) == ()
    assert {name: served["meta"].pop(name) for name in SAID} == SAID
    assert served == kept


@pytest.mark.parametrize("stored", KEPT, ids=by_type)
def test_for_r5_its_shape_changes_too(stored: Stored) -> None:
    served = decode(as_served(stored.body, 3, NOON, Release.R5))

    assert check_r5(served) == ()
    assert {name: served["meta"].pop(name) for name in SAID} == SAID
    assert served == as_r5(decode(stored.body))


def test_numbers_keep_their_digits() -> None:
    body = b'{"resourceType":"Basic","id":"b","x":[1.10,1.0E+2,0.000],"meta":{"versionId":"9","source":"s"}}'

    assert as_served(body, 3, NOON) == (
        b'{"resourceType":"Basic","id":"b","meta":{"versionId":"3","lastUpdated":"2026-03-02T12:00:00.000Z",'
        b'"source":"s"},"x":[1.10,1.0E+2,0.000]}'
    )


def test_what_has_no_meta_gets_one() -> None:
    assert decode(as_served(b'{"resourceType":"Basic"}', 3, NOON))["meta"] == SAID
