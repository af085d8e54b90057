"""A Subscription is read back as it was sent, without what is secret; sent back so, it asks for the same."""

import json
from typing import Any

import pytest
from subscribed import NOON, Json, r4, r5

from fhirgate.mapping.compose.subscription_shown import compose_subscription, without_secrets
from fhirgate.mapping.notifications import ErrorCode
from fhirgate.mapping.parse.subscription import parse_subscription
from fhirgate.mapping.parse.subscription_r5 import parse_subscription_r5
from fhirgate.mapping.r4b import check_r4, check_r5
from fhirgate.mapping.subscriptions import Status
from fhirgate.services.subscriptions import as_changed
from fhirgate.services.topics import TOPICS

BOTH = [(r4(), parse_subscription, check_r4), (r5(), parse_subscription_r5, check_r5)]


@pytest.mark.parametrize(("sent", "parse", "check"), BOTH, ids=["R4", "R5"])
def test_what_is_read_and_sent_back_asks_for_the_same(sent: Json, parse: Any, check: Any) -> None:
    read = compose_subscription(sent, "s1", 2, NOON, Status.REQUESTED)
    asked = parse(sent, TOPICS)

    assert check(read) == ()
    assert as_changed(parse(read, TOPICS), asked, NOON) == asked


@pytest.mark.parametrize("sent", [each[0] for each in BOTH], ids=["R4", "R5"])
def test_no_value_of_a_header_is_in_it_and_what_was_sent_is_not_changed(sent: Json) -> None:
    before = json.dumps(sent)

    assert "s3cret" not in json.dumps(without_secrets(sent))
    assert "Authorization" in json.dumps(without_secrets(sent))
    assert json.dumps(sent) == before


def test_nothing_else_is_altered() -> None:
    sent = r4(channel={"header": None}, meta={"tag": [{"code": "x"}], "versionId": "77"}, id="theirs")
    read = compose_subscription(sent, "s1", 2, NOON, Status.ERROR, ErrorCode.NO_RESPONSE)

    said = {
        "id": "s1",
        "status": "error",
        "error": "http://terminology.hl7.org/CodeSystem/subscription-error#no-response",
        "meta": {"tag": [{"code": "x"}], "versionId": "2", "lastUpdated": "2026-03-02T12:00:00.000Z"},
    }
    assert read == sent | said
    assert check_r4(read) == ()


def test_r5_has_no_element_for_an_error() -> None:
    read = compose_subscription(r5(), "s1", 2, NOON, Status.ERROR, ErrorCode.NO_RESPONSE)

    assert check_r5(read) == ()
    assert read["status"] == "error"
