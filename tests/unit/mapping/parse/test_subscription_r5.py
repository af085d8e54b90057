"""A Subscription of R5: the same value as its R4 shape, and as strict."""

from contextlib import suppress
from dataclasses import replace

import pytest
from subscribed import ENDPOINT, Json, r4, r5

from fhirgate.mapping.parse.subscription import parse_subscription
from fhirgate.mapping.parse.subscription_r5 import parse_subscription_r5
from fhirgate.mapping.r4b import check_r4, check_r5
from fhirgate.mapping.subscriptions import Content, Modifier, Release, SubscriptionRefused
from fhirgate.services.topics import PLAN_ACCEPTED, RETRACTION, STATE_CHANGED, TOPICS


def refused(raw: Json) -> list[tuple[str, str]]:
    with pytest.raises(SubscriptionRefused) as caught:
        parse_subscription_r5(raw, TOPICS)
    return [(each.code.value, each.path) for each in caught.value.refusals]


def test_both_shapes_ask_for_the_same() -> None:
    assert parse_subscription_r5(r5(), TOPICS) == replace(
        parse_subscription(r4(), TOPICS), release=Release.R5
    )
    assert check_r4(r4()) == ()
    assert check_r5(r5()) == ()


def test_what_r5_leaves_to_the_server_is_json_with_ids() -> None:
    asked = parse_subscription_r5(r5(content=None, contentType=None), TOPICS)

    assert (asked.content, asked.mime) == (Content.ID_ONLY, "application/fhir+json")


def test_what_changes_nothing_is_let_through() -> None:
    kept = {"name": "feed", "identifier": [{"value": "1"}], "managingEntity": {"reference": "Organization/1"}}

    assert parse_subscription_r5(r5(**kept), TOPICS) == parse_subscription_r5(r5(), TOPICS)


def test_a_filter_may_name_its_type_by_url_or_leave_it_out_when_there_is_one() -> None:
    url = "http://hl7.org/fhir/StructureDefinition/RiskAssessment"
    states = [
        {"resourceType": url, "filterParameter": "state", "modifier": "not", "value": "stable-disease"},
        {"filterParameter": "previous-state", "comparator": "eq", "value": "baseline"},
    ]
    asked = parse_subscription_r5(r5(topic=STATE_CHANGED.url, filterBy=states), TOPICS)

    assert [(each.resource, each.modifier) for each in asked.filters] == [
        ("RiskAssessment", Modifier.NOT),
        ("RiskAssessment", Modifier.NONE),
    ]


STATUS = {"filterParameter": "status", "value": "final"}
FIRST = "Subscription.filterBy[0]"
REFUSED: list[tuple[str, Json, list[tuple[str, str]]]] = [
    ("R4's criteria", r5(criteria="x"), [("not-supported", "Subscription.criteria")]),
    ("an unsupported topic", r5(topic="http://x.example"), [("not-supported", "Subscription.topic")]),
    ("no topic", r5(topic=None), [("required", "Subscription.topic")]),
    (
        "another channel",
        r5(channelType={"system": "http://x.example", "code": "rest-hook"}),
        [("not-supported", "Subscription.channelType")],
    ),
    ("no channel type", r5(channelType=None), [("not-supported", "Subscription.channelType")]),
    ("no endpoint", r5(endpoint=None), [("required", "Subscription.endpoint")]),
    ("the status entered-in-error", r5(status="entered-in-error"), [("value", "Subscription.status")]),
    (
        "R4's version",
        r5(contentType="application/fhir+json;fhirVersion=4.0"),
        [("not-supported", "Subscription.contentType")],
    ),
    ("a content type that is none", r5(contentType=3), [("structure", "Subscription.contentType")]),
    ("an unknown content", r5(content="all"), [("value", "Subscription.content")]),
    ("a number in words", r5(timeout="30"), [("structure", "Subscription.timeout")]),
    (
        "a header in two lines",
        r5(parameter=[{"name": "A", "value": "b\r\nC: d"}]),
        [("value", "Subscription.parameter[0]")],
    ),
    ("half a header", r5(parameter=[{"name": "A"}]), [("structure", "Subscription.parameter[0]")]),
    (
        "a comparator",
        r5(filterBy=[STATUS | {"comparator": "gt"}]),
        [("not-supported", f"{FIRST}.comparator")],
    ),
    ("a modifier", r5(filterBy=[STATUS | {"modifier": "not"}]), [("not-supported", FIRST)]),
    (
        "a filter for another type",
        r5(filterBy=[STATUS | {"resourceType": "Patient"}]),
        [("not-supported", FIRST)],
    ),
    (
        "a filter without value",
        r5(filterBy=[{"filterParameter": "status"}]),
        [("required", f"{FIRST}.value")],
    ),
    ("an extended filter", r5(filterBy=[STATUS | {"id": "1"}]), [("not-supported", f"{FIRST}.id")]),
    ("a filter that is none", r5(filterBy=["x"]), [("structure", FIRST)]),
    (
        "a filter without type where the topic has two",
        r5(topic=RETRACTION.url, filterBy=[{"filterParameter": "patient", "value": "1"}]),
        [("not-supported", FIRST)],
    ),
    (
        "a filter of another topic",
        r5(topic=PLAN_ACCEPTED.url, filterBy=[STATUS]),
        [("not-supported", FIRST)],
    ),
]


@pytest.mark.parametrize(
    ("raw", "expected"), [each[1:] for each in REFUSED], ids=[each[0] for each in REFUSED]
)
def test_it_is_refused_by_element(raw: Json, expected: list[tuple[str, str]]) -> None:
    assert refused(raw) == expected


def test_the_endpoint_is_taken_as_it_is() -> None:
    assert parse_subscription_r5(r5(), TOPICS).endpoint == ENDPOINT


@pytest.mark.parametrize("junk", [None, 3, True, "x", [], [None], {}, {"code": []}], ids=repr)
def test_junk_in_place_of_any_element_is_read_or_refused_and_never_a_crash(junk: object) -> None:
    for name in r5():
        with suppress(SubscriptionRefused):
            assert parse_subscription_r5({**r5(), name: junk}, TOPICS).endpoint == ENDPOINT
