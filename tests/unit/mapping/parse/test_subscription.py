"""A Subscription of R4 (backport): understood whole, or refused with the element and what to do."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from subscribed import ADMISSION, ENDPOINT, Json, extension, published, r4

from fhirgate.mapping.parse.subscription import parse_subscription
from fhirgate.mapping.subscriptions import (
    Asked,
    Content,
    Filter,
    Header,
    Modifier,
    Release,
    Status,
    SubscriptionRefused,
)
from fhirgate.services.topics import PROGRESSION_RESULT, STATE_CHANGED, TOPICS


def refused(raw: Json) -> list[tuple[str, str]]:
    with pytest.raises(SubscriptionRefused) as caught:
        parse_subscription(raw, TOPICS)
    return [(each.code.value, each.path) for each in caught.value.refusals]


def texts(raw: Json) -> str:
    with pytest.raises(SubscriptionRefused) as caught:
        parse_subscription(raw, TOPICS)
    return caught.value.safe_message


def filtered(*queries: str, topic: str = PROGRESSION_RESULT.url) -> Json:
    found = [extension("filter-criteria", valueString=each) for each in queries]
    return r4(criteria=topic, _criteria={"extension": found})


def test_every_element_is_read() -> None:
    assert parse_subscription(r4(), TOPICS) == Asked(
        release=Release.R4,
        status=Status.REQUESTED,
        topic=PROGRESSION_RESULT,
        filters=(
            Filter(resource="RiskAssessment", name="patient", values=("Patient/123",)),
            Filter(resource="RiskAssessment", name="status", values=("final",)),
        ),
        endpoint=ENDPOINT,
        headers=(Header(name="Authorization", value="Bearer s3cret"),),
        mime="application/fhir+json",
        content=Content.ID_ONLY,
        heartbeat_seconds=86400,
        timeout_seconds=30,
        most_events=20,
        ends_at=datetime(2027, 12, 31, 11, tzinfo=UTC),
    )


def test_without_what_may_be_left_out_nothing_is_assumed() -> None:
    asked = parse_subscription(
        r4(end=None, _criteria=None, channel={"header": None, "extension": None}), TOPICS
    )

    assert (asked.filters, asked.headers, asked.ends_at) == ((), (), None)
    assert (asked.heartbeat_seconds, asked.timeout_seconds, asked.most_events) == (None, None, None)


def test_what_changes_nothing_is_let_through() -> None:
    kept = {"id": "x", "meta": {"tag": []}, "contact": [{"system": "email", "value": "a@b.example"}]}

    assert parse_subscription(r4(**kept), TOPICS) == parse_subscription(r4(), TOPICS)


@pytest.mark.parametrize("name", ["admission", "multi-resource"])
def test_what_hl7_publishes_is_read(name: str) -> None:
    asked = parse_subscription(published(f"Subscription-subscription-{name}"), [ADMISSION])

    (condition,) = asked.filters
    assert condition.values == ("Patient/123",)
    assert (asked.content, asked.heartbeat_seconds, asked.timeout_seconds, asked.most_events) == (
        Content.ID_ONLY,
        86400,
        60,
        20,
    )
    assert asked.status is Status.ACTIVE


def test_the_custom_channel_that_hl7_publishes_is_refused_and_nothing_else_in_it() -> None:
    with pytest.raises(SubscriptionRefused) as caught:
        parse_subscription(published("Subscription-subscription-zulip"), [ADMISSION])

    assert [each.path for each in caught.value.refusals] == ["Subscription.channel.type"]


@pytest.mark.parametrize("canonical", [PROGRESSION_RESULT.url, f"{PROGRESSION_RESULT.url}|1.0.0"])
def test_a_topic_may_be_named_with_its_version(canonical: str) -> None:
    assert parse_subscription(r4(criteria=canonical), TOPICS).topic is PROGRESSION_RESULT


PATIENT = "RiskAssessment?patient=Patient/1"
CRITERIA = "Subscription.criteria"
CHANNEL = "Subscription.channel"
HEADER = f"{CHANNEL}.header[0]"
BARE_CHANNEL = [
    ("structure", CHANNEL),
    ("not-supported", f"{CHANNEL}.type"),
    *(("required", f"{CHANNEL}.{name}") for name in ("endpoint", "payload", "payload")),
]
REFUSED: list[tuple[str, Json, list[tuple[str, str]]]] = [
    ("an unsupported topic", r4(criteria="http://other.example/topic"), [("not-supported", CRITERIA)]),
    ("a version not offered", r4(criteria=f"{PROGRESSION_RESULT.url}|2"), [("not-supported", CRITERIA)]),
    ("a query instead of a topic", r4(criteria="RiskAssessment?status=final"), [("not-supported", CRITERIA)]),
    ("no topic", r4(criteria=None), [("required", CRITERIA)]),
    ("no status", r4(status=None), [("required", "Subscription.status")]),
    ("the status error", r4(status="error"), [("value", "Subscription.status")]),
    ("no reason", r4(reason=None), [("required", "Subscription.reason")]),
    ("a blank reason", r4(reason=" "), [("structure", "Subscription.reason")]),
    ("an end without zone", r4(end="2027-01-01T00:00:00"), [("value", "Subscription.end")]),
    ("an end on no day", r4(end="2027-02-30T00:00:00Z"), [("value", "Subscription.end")]),
    ("an unknown element", r4(tag=[{}]), [("not-supported", "Subscription.tag")]),
    (
        "a modifier extension",
        r4(modifierExtension=[{}]),
        [("not-supported", "Subscription.modifierExtension")],
    ),
    ("implicit rules", r4(implicitRules="x"), [("not-supported", "Subscription.implicitRules")]),
    ("no channel", r4() | {"channel": 3}, BARE_CHANNEL),
    ("an unknown channel type", r4(channel={"type": "websocket"}), [("not-supported", f"{CHANNEL}.type")]),
    ("no channel type", r4(channel={"type": None}), [("not-supported", f"{CHANNEL}.type")]),
    ("XML", r4(channel={"payload": "application/fhir+xml"}), [("not-supported", f"{CHANNEL}.payload")]),
    (
        "another FHIR version",
        r4(channel={"payload": "application/fhir+json; fhirVersion=5.0"}),
        [("not-supported", f"{CHANNEL}.payload")],
    ),
    (
        "an unknown MIME parameter",
        r4(channel={"payload": "application/fhir+json; q=1"}),
        [("not-supported", f"{CHANNEL}.payload")],
    ),
    ("no payload", r4(channel={"payload": None}), [("required", f"{CHANNEL}.payload")]),
    ("no payload content", r4(channel={"_payload": None}), [("required", f"{CHANNEL}.payload")]),
    (
        "an unknown payload content",
        r4(channel={"_payload": {"extension": [extension("payload-content", valueCode="all")]}}),
        [("value", f"{CHANNEL}.payload.extension[0].value")],
    ),
    (
        "two payload contents",
        r4(channel={"_payload": {"extension": [extension("payload-content", valueCode="empty")] * 2}}),
        [("extension", f"{CHANNEL}.payload.extension[1]")],
    ),
    (
        "a payload content of another type",
        r4(channel={"_payload": {"extension": [extension("payload-content", valueString="empty")]}}),
        [("extension", f"{CHANNEL}.payload.extension[0]"), ("required", f"{CHANNEL}.payload")],
    ),
    (
        "a cross-version extension",
        r4(
            channel={
                "extension": [
                    {
                        "url": "http://hl7.org/fhir/5.0/StructureDefinition/extension-Subscription.maxCount",
                        "valuePositiveInt": 3,
                    }
                ]
            }
        ),
        [("extension", f"{CHANNEL}.extension[0]")],
    ),
    (
        "an extension whose url is no string",
        r4(channel={"extension": [{"url": {}}, 3]}),
        [("extension", f"{CHANNEL}.extension[0]"), ("extension", f"{CHANNEL}.extension[1]")],
    ),
    ("extensions that are none", r4(channel={"extension": {}}), [("structure", f"{CHANNEL}.extension")]),
    ("no endpoint", r4(channel={"endpoint": None}), [("required", f"{CHANNEL}.endpoint")]),
    (
        "plain http",
        r4(channel={"endpoint": "http://a.example/x"}),
        [("business-rule", f"{CHANNEL}.endpoint")],
    ),
    ("a header in two lines", r4(channel={"header": ["A: b\r\nHost: c"]}), [("value", HEADER)]),
    ("a header with a bare line feed", r4(channel={"header": ["A: b\nc"]}), [("value", HEADER)]),
    ("a header with NUL", r4(channel={"header": ["A: b\0"]}), [("value", HEADER)]),
    ("a header beyond ASCII", r4(channel={"header": ["A: ü"]}), [("value", HEADER)]),
    ("a header without colon", r4(channel={"header": ["A"]}), [("value", HEADER)]),
    ("a header that is no string", r4(channel={"header": [3]}), [("value", HEADER)]),
    ("a header without value", r4(channel={"header": ["A:"]}), [("value", HEADER)]),
    ("a name with a line end", r4(channel={"header": ["A\r\nB: c"]}), [("value", HEADER)]),
    ("a header of the request", r4(channel={"header": ["content-TYPE: x"]}), [("business-rule", HEADER)]),
    (
        "a header of the proxy",
        r4(channel={"header": ["Proxy-Authorization: x"]}),
        [("business-rule", HEADER)],
    ),
    ("a header twice", r4(channel={"header": ["A: b", "a: c"]}), [("value", f"{CHANNEL}.header")]),
    ("too many headers", r4(channel={"header": ["A: b"] * 21}), [("too-long", f"{CHANNEL}.header")]),
]


@pytest.mark.parametrize(
    ("raw", "expected"), [each[1:] for each in REFUSED], ids=[each[0] for each in REFUSED]
)
def test_it_is_refused_by_element(raw: Json, expected: list[tuple[str, str]]) -> None:
    assert refused(raw) == expected


@pytest.mark.parametrize(
    "url",
    [
        "registry.example/hook",
        "ftp://registry.example/",
        "https://user:pass@registry.example/",
        "https://registry.example/#x",
        "https://registry.example/a b",
        "https://registry.example\\@inside/",
        "https://registry.example/\r\nX: y",
        "https:///hook",
        "https://registry.example:65536/",
        "https://registry.example:0/",
        "https://registry.example/%zz",
        "mailto:a@registry.example",
        "//registry.example/hook",
        "https://rägistry.example/",
    ],
)
def test_a_bad_endpoint_is_refused(url: str) -> None:
    assert refused(r4(channel={"endpoint": url})) == [("value", f"{CHANNEL}.endpoint")]


@pytest.mark.parametrize(
    "url", ["https://[2001:db8::1]:8443/a?b=c%20d", "https://a.example", "https://a/b;c=d"]
)
def test_a_good_endpoint_is_taken_as_it_is(url: str) -> None:
    assert parse_subscription(r4(channel={"endpoint": url}), TOPICS).endpoint == url


def test_plain_http_is_for_hosts_on_site_that_are_named() -> None:
    raw = r4(channel={"endpoint": "http://LocalHost:8080/x"})

    assert parse_subscription(raw, TOPICS, {"localhost"}).endpoint == "http://LocalHost:8080/x"
    assert refused(raw) == [("business-rule", f"{CHANNEL}.endpoint")]


@pytest.mark.parametrize(
    "mime",
    ["application/json", "application/fhir+json;fhirVersion=4.0", "application/fhir+json; charset=UTF-8"],
)
def test_a_mime_type_is_honoured_as_written(mime: str) -> None:
    assert parse_subscription(r4(channel={"payload": mime}), TOPICS).mime == mime


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("heartbeat-period", {"valueUnsignedInt": 9}),
        ("heartbeat-period", {"valueUnsignedInt": 2**31}),
        ("timeout", {"valueUnsignedInt": 0}),
        ("timeout", {"valueUnsignedInt": 61}),
        ("timeout", {"valueUnsignedInt": True}),
        ("timeout", {"valueUnsignedInt": "30"}),
        ("max-count", {"valuePositiveInt": 0}),
    ],
)
def test_a_number_out_of_bounds_is_refused_and_never_altered(name: str, value: Json) -> None:
    ((_, path),) = refused(r4(channel={"extension": [extension(name, **value)]}))

    assert path == f"{CHANNEL}.extension[0].value"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("RiskAssessment?period=2026", "not-supported"),
        ("RiskAssessment?patient.name=x", "not-supported"),
        ("RiskAssessment?_has:Provenance:target:agent=x", "not-supported"),
        ("RiskAssessment?_filter=status%20eq%20final", "not-supported"),
        ("RiskAssessment?status:contains=f", "not-supported"),
        ("Observation?patient=Patient/1", "not-supported"),
        ("patient=Patient/1", "value"),
        ("RiskAssessment?", "value"),
        ("RiskAssessment?patient", "value"),
        ("RiskAssessment?patient=", "value"),
        ("RiskAssessment?patient=a,,b", "value"),
        ("RiskAssessment?patient=%ff", "value"),
        ("RiskAssessment?patient=%0d", "value"),
        ("RiskAssessment?patient=%", "value"),
        (f"RiskAssessment?patient={','.join(['1'] * 201)}", "value"),
        (f"RiskAssessment?patient={'1' * 20_001}", "value"),
    ],
)
def test_a_filter_that_the_topic_does_not_define_is_refused(query: str, code: str) -> None:
    assert refused(filtered(query)) == [(code, f"{CRITERIA}.extension[0].value")]


def test_filters_are_decoded_once_and_split_at_commas_that_are_not_escaped() -> None:
    asked = parse_subscription(filtered(r"RiskAssessment?_tag=a%7Cb,c\,d,e\\,f%252C"), TOPICS)

    assert asked.filters == (
        Filter(resource="RiskAssessment", name="_tag", values=("a|b", r"c\,d", r"e\\", "f%2C")),
    )


def test_several_filters_stand_in_their_order() -> None:
    asked = parse_subscription(filtered(PATIENT, "RiskAssessment?status=final,preliminary"), TOPICS)

    assert [(each.name, each.values) for each in asked.filters] == [
        ("patient", ("Patient/1",)),
        ("status", ("final", "preliminary")),
    ]


def test_a_modifier_is_taken_where_the_topic_has_it() -> None:
    query = "RiskAssessment?previous-state:missing=false&state:not=stable-disease"
    asked = parse_subscription(filtered(query, topic=STATE_CHANGED.url), TOPICS)

    assert [each.modifier for each in asked.filters] == [Modifier.MISSING, Modifier.NOT]
    assert refused(filtered("RiskAssessment?previous-state:missing=x", topic=STATE_CHANGED.url)) == [
        ("value", f"{CRITERIA}.extension[0].value")
    ]


def test_too_many_filters_are_refused() -> None:
    assert refused(filtered(*[PATIENT] * 21)) == [("too-long", f"{CRITERIA}.extension")]
    assert refused(filtered("&".join([PATIENT] + ["patient=Patient/1"] * 20))) == [("too-long", CRITERIA)]


def test_everything_that_is_wrong_is_told_at_once() -> None:
    raw = r4(status="error", criteria="x", channel={"type": "email", "endpoint": "y"})

    assert len(refused(raw)) == 4


@pytest.mark.parametrize(
    "raw",
    [
        r4(channel={"header": ["Secret: S3CRET\r\n"]}),
        r4(channel={"endpoint": "https://S3CRET@a.example/"}),
        filtered("RiskAssessment?patient=S3CRET,"),
        filtered("RiskAssessment?S3CRET%0d=1"),
        r4(**{"S3CRET \n": 1}),
        r4(criteria="http://S3CRET.example/"),
    ],
)
def test_a_refusal_repeats_no_value_that_was_sent(raw: Json) -> None:
    assert "S3CRET" not in texts(raw)


def test_a_refusal_says_what_to_do() -> None:
    assert texts(r4(channel={"endpoint": "http://a.example/"})) == (
        "Subscription.channel.endpoint: results are not sent in the clear; give an https URL"
    )
    assert texts(filtered("RiskAssessment?period=2026")) == (
        "Subscription.criteria.extension[0].value: the topic progression-result has no filter period for"
        " RiskAssessment; it has patient, identifier, condition, _tag, status"
    )


JUNK: tuple[Any, ...] = (None, 3, True, "", "x", [], [None], [[]], {}, {"extension": 3}, {"extension": [{}]})


@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_junk_in_place_of_any_element_is_read_or_refused_and_never_a_crash(junk: Any) -> None:
    whole = r4()
    spoiled = [{**whole, name: junk} for name in (*whole, "meta", "text", "contact", "_status")]
    spoiled += [{**whole, "channel": {**whole["channel"], name: junk}} for name in whole["channel"]]
    for each in spoiled:
        with suppress(SubscriptionRefused):
            assert parse_subscription(each, TOPICS).endpoint == ENDPOINT


def test_the_values_of_headers_endpoints_and_filters_are_not_in_what_is_logged() -> None:
    written = repr(parse_subscription(r4(), TOPICS))

    assert "s3cret" not in written
    assert "registry.example" not in written
    assert "Patient/123" not in written


def test_another_resource_is_refused() -> None:
    assert refused({"resourceType": "Basic"}) == [("structure", "Subscription")]


def test_the_same_fault_twice_in_an_element_is_told_once() -> None:
    assert len(refused(filtered("RiskAssessment?period=1&period=2"))) == 1


def test_a_string_beyond_measure_is_refused() -> None:
    assert refused(r4(reason="x" * 2001)) == [("too-long", "Subscription.reason")]
