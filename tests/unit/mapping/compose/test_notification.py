"""Notifications and the answers of $status and $events: each rule of the guide and of Inferno's kit by its name."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from subscribed import BASE, NOON, ROOT, Json, event, standing, told

from fhirgate.exact_json import decode
from fhirgate.mapping.compose.notification import compose_notification
from fhirgate.mapping.compose.subscription_status import compose_statuses
from fhirgate.mapping.notifications import ErrorCode, NotificationType, NumberedEvent
from fhirgate.mapping.r4b import check_r4, check_r5
from fhirgate.mapping.subscriptions import Content, Release, Status

T = NotificationType
CHECKS = {Release.R4: check_r4, Release.R5: check_r5}
PROVENANCE = told("Provenance", "p1")
MANY = (event(6, told(), PROVENANCE), event(7, told(version=2), told("Provenance", "p2")))


def bundle(
    type: NotificationType = T.EVENTS, told_of: tuple[NumberedEvent, ...] = MANY, **of: object
) -> Json:
    return dict(decode(compose_notification(standing(**of), type, NOON, told_of)))


def status_of(found: Json) -> Json:
    return dict(found["entry"][0]["resource"])


def said(found: Json) -> Json:
    """The parameters of R4's status by name; the last one, where there are several."""
    return {each["name"]: each for each in status_of(found)["parameter"]}


def parts(found: Json) -> list[list[str]]:
    return [
        [part["name"] for part in each["part"]]
        for each in status_of(found)["parameter"]
        if each["name"] == "notification-event"
    ]


@pytest.mark.parametrize("content", list(Content))
@pytest.mark.parametrize("release", list(Release))
@pytest.mark.parametrize("type", list(T))
def test_every_kind_is_valid_by_the_models(
    type: NotificationType, release: Release, content: Content
) -> None:
    events = MANY if type in (T.EVENTS, T.QUERY_EVENTS) else ()
    found = bundle(type, events, release=release, content=content, error=ErrorCode.NO_RESPONSE)

    assert CHECKS[release](found) == ()


@pytest.mark.parametrize(
    ("release", "type"), [(Release.R4, "history"), (Release.R5, "subscription-notification")]
)
def test_a_notification_is_a_bundle_of_the_type_of_its_release(release: Release, type: str) -> None:
    assert bundle(release=release)["type"] == type


@pytest.mark.parametrize("content", list(Content))
@pytest.mark.parametrize("release", list(Release))
def test_every_entry_has_a_request_and_a_response(release: Release, content: Content) -> None:
    for each in bundle(release=release, content=content)["entry"]:
        assert set(each["request"]) == {"method", "url"}
        assert each["response"]["status"] in ("200", "201")


@pytest.mark.parametrize(
    ("release", "kind"), [(Release.R4, "Parameters"), (Release.R5, "SubscriptionStatus")]
)
def test_the_first_entry_is_the_status_and_says_where_it_can_be_asked(release: Release, kind: str) -> None:
    first = bundle(release=release)["entry"][0]

    assert first["resource"]["resourceType"] == kind
    assert first["fullUrl"] == f"urn:uuid:{first['resource']['id']}"
    assert first["request"] == {"method": "GET", "url": f"{BASE}/Subscription/s1/$status"}
    assert first["response"] == {"status": "200"}


def test_the_status_names_subscription_status_type_and_count() -> None:
    found = said(bundle())

    assert found["subscription"]["valueReference"] == {"reference": f"{BASE}/Subscription/s1"}
    assert found["status"]["valueCode"] == "active"
    assert found["type"]["valueCode"] == "event-notification"
    assert found["events-since-subscription-start"]["valueString"] == "7"


def test_numbers_of_r5_are_strings_as_integer64_wants() -> None:
    status = status_of(bundle(release=Release.R5))

    assert status["eventsSinceSubscriptionStart"] == "7"
    assert [each["eventNumber"] for each in status["notificationEvent"]] == ["6", "7"]


@pytest.mark.parametrize("type", [T.HANDSHAKE, T.HEARTBEAT, T.QUERY_STATUS])
def test_handshake_and_heartbeat_tell_of_no_event_and_keep_the_count(type: NotificationType) -> None:
    found = bundle(type, (), status=Status.REQUESTED, events=3)

    assert len(found["entry"]) == 1
    assert parts(found) == []
    assert said(found)["events-since-subscription-start"]["valueString"] == "3"
    with pytest.raises(ValueError, match="tells of no event"):
        bundle(type)


def test_empty_has_events_without_focus_no_further_entry_and_no_topic() -> None:
    found = bundle(content=Content.EMPTY)

    assert len(found["entry"]) == 1
    assert parts(found) == [["event-number", "timestamp"]] * 2
    assert "topic" not in said(found)
    assert status_of(bundle(content=Content.EMPTY, release=Release.R5)).keys() == {
        *("resourceType", "id", "status", "type", "eventsSinceSubscriptionStart", "notificationEvent"),
        "subscription",
    }


@pytest.mark.parametrize("content", [Content.EMPTY, Content.ID_ONLY])
@pytest.mark.parametrize("release", list(Release))
def test_no_content_of_a_resource_is_in_what_asks_for_none(release: Release, content: Content) -> None:
    secret = told(body=b'{"resourceType":"RiskAssessment","note":"Maria Muster"}')
    sent = compose_notification(
        standing(release=release, content=content), T.EVENTS, NOON, [event(7, secret)]
    )

    assert b"Muster" not in sent


def test_id_only_has_focus_in_each_event_and_entries_without_resource() -> None:
    found = bundle()

    assert parts(found) == [["event-number", "timestamp", "focus", "additional-context"]] * 2
    assert all("resource" not in each for each in found["entry"][1:])
    assert [each["fullUrl"] for each in found["entry"][1:]] == [
        f"{BASE}/RiskAssessment/r1",
        f"{BASE}/Provenance/p1",
        f"{BASE}/Provenance/p2",
    ]
    assert found["entry"][1]["response"]["etag"] == 'W/"2"'


@pytest.mark.parametrize("release", list(Release))
def test_full_resource_has_every_focus_and_context_in_the_bundle(release: Release) -> None:
    found = bundle(content=Content.FULL, release=release)
    there = {each["fullUrl"] for each in found["entry"][1:]}
    status = status_of(found)

    if release is Release.R4:
        named = [
            part["valueReference"]["reference"]
            for each in status["parameter"]
            for part in each.get("part", ())
            if part["name"] in ("focus", "additional-context")
        ]
        assert said(found)["topic"]["valueCanonical"].endswith("/progression-result")
    else:
        events = status["notificationEvent"]
        named = [part["reference"] for each in events for part in (each["focus"], *each["additionalContext"])]
        assert status["topic"].endswith("/progression-result")
    assert len(named) == 4
    assert {each.partition("/_history/")[0] for each in named} == there
    assert all(each["resource"]["resourceType"] in each["fullUrl"] for each in found["entry"][1:])


def test_a_reference_names_its_version_only_where_there_are_several() -> None:
    focus = [
        part["valueReference"]["reference"]
        for each in status_of(bundle(told_of=(event(5, told(id="r9")), *MANY)))["parameter"]
        for part in each.get("part", ())
        if part["name"] == "focus"
    ]

    assert focus == [
        f"{BASE}/RiskAssessment/r9",
        f"{BASE}/RiskAssessment/r1/_history/1",
        f"{BASE}/RiskAssessment/r1/_history/2",
    ]


def test_each_version_is_there_once_and_no_two_are_taken_for_one() -> None:
    shared = (event(5, told(), PROVENANCE), *MANY)
    entries = bundle(told_of=shared, content=Content.FULL, release=Release.R5)["entry"][1:]
    named = [(each["fullUrl"], each["resource"]["meta"]["versionId"]) for each in entries]

    assert len(set(named)) == len(named) == 4


def test_a_resource_goes_out_as_the_bytes_it_is_kept_in() -> None:
    body = b'{ "resourceType":"RiskAssessment","prediction":[{"probabilityDecimal":83.10}],  "x":1.0E+2 }'
    sent = compose_notification(standing(content=Content.FULL), T.EVENTS, NOON, [event(7, told(body=body))])

    assert body in sent


def test_a_created_resource_was_posted_and_a_changed_one_was_put() -> None:
    created, changed = (event(6, told()), event(7, told(id="r2", version=3)))
    entries = bundle(told_of=(created, changed))["entry"][1:]

    assert [(each["request"], each["response"]["status"]) for each in entries] == [
        ({"method": "POST", "url": "RiskAssessment"}, "201"),
        ({"method": "PUT", "url": "RiskAssessment/r2"}, "200"),
    ]


def test_an_error_is_told_with_its_code() -> None:
    found = bundle(T.QUERY_STATUS, (), status=Status.ERROR, error=ErrorCode.DNS)

    (coding,) = said(found)["error"]["valueCodeableConcept"]["coding"]
    assert coding == {
        "system": "http://terminology.hl7.org/CodeSystem/subscription-error",
        "code": "dns-resolution-error",
    }


def test_the_same_notification_sent_again_is_the_same_bytes_and_another_has_another_id() -> None:
    first, again = (compose_notification(standing(), T.EVENTS, NOON, MANY) for _ in range(2))
    later = compose_notification(standing(), T.EVENTS, NOON + timedelta(seconds=1), MANY)

    assert first == again
    assert decode(first)["id"] != decode(later)["id"]
    assert bundle(told_of=MANY[:1])["id"] != bundle(told_of=MANY[1:])["id"]


@pytest.mark.parametrize(
    "events", [(), (MANY[1], MANY[0]), (MANY[0], MANY[0]), (event(8),), (event(0),)], ids=str
)
def test_events_out_of_order_or_beyond_the_count_are_a_fault(events: tuple[NumberedEvent, ...]) -> None:
    with pytest.raises(ValueError, match="event"):
        bundle(told_of=events)


def test_a_full_resource_without_its_content_is_a_fault() -> None:
    with pytest.raises(ValueError, match="the content of RiskAssessment version 1 is missing"):
        bundle(content=Content.FULL, told_of=(event(7, replace(told(), body=None)),))


def test_a_query_for_events_that_finds_none_answers_with_the_status_alone() -> None:
    assert len(bundle(T.QUERY_EVENTS, ())["entry"]) == 1


class TestStatuses:
    def answer(self, release: Release, count: int = 2) -> Json:
        each = [(standing(release=release, id=f"s{n}", events=n), T.QUERY_STATUS) for n in range(count)]
        return dict(decode(compose_statuses(each, BASE, NOON)))

    @pytest.mark.parametrize("release", list(Release))
    def test_it_is_a_searchset_with_one_status_for_each_subscription(self, release: Release) -> None:
        found = self.answer(release)

        assert CHECKS[release](found) == ()
        assert (found["type"], found["total"]) == ("searchset", 2)
        assert [each["search"] for each in found["entry"]] == [{"mode": "match"}] * 2
        assert [each["fullUrl"] for each in found["entry"]] == [
            f"urn:uuid:{each['resource']['id']}" for each in found["entry"]
        ]

    def test_the_subscription_parameter_ends_in_the_id(self) -> None:
        first, second = (each["resource"]["parameter"][0] for each in self.answer(Release.R4)["entry"])

        assert first["valueReference"]["reference"].endswith("/Subscription/s0")
        assert second["valueReference"]["reference"].endswith("/Subscription/s1")

    def test_of_none_it_is_an_empty_searchset(self) -> None:
        found = self.answer(Release.R4, 0)

        assert (found["total"], "entry" in found) == (0, False)
        assert check_r4(found) == ()


@given(
    numbers=st.lists(st.tuples(st.integers(0, 4), st.integers(1, 3)), min_size=1, max_size=12),
    content=st.sampled_from(Content),
    release=st.sampled_from(Release),
)
def test_whatever_the_events_every_number_is_told_and_every_entry_is_of_one(
    numbers: list[tuple[int, int]], content: Content, release: Release
) -> None:
    events = tuple(
        event(number, told(id=f"r{id_}", version=version))
        for number, (id_, version) in enumerate(numbers, start=1)
    )
    found = bundle(told_of=events, content=content, release=release, events=len(events))

    assert _numbers(found, release) == [each.number for each in events]
    urls = {each["fullUrl"] for each in found["entry"][1:]}
    assert urls == (
        set() if content is Content.EMPTY else {f"{BASE}/RiskAssessment/r{n}" for n, _ in numbers}
    )


def _numbers(found: Json, release: Release) -> list[int]:
    status = status_of(found)
    if release is Release.R5:
        return [int(each["eventNumber"]) for each in status["notificationEvent"]]
    return [
        int(part["valueString"])
        for each in status["parameter"]
        for part in each.get("part", ())
        if part["name"] == "event-number"
    ]


def test_the_profiles_are_named() -> None:
    found = bundle()

    assert found["meta"]["profile"] == [f"{ROOT}subscription-notification-r4"]
    assert status_of(found)["meta"]["profile"] == [f"{ROOT}subscription-status-r4"]
