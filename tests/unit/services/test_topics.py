"""Which event is told by which topic, and which filter lets it pass: tables that a registry's author could check."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from subscribed import NOON, Json, event, r4, told

from fhirgate.mapping.parse.subscription import parse_subscription
from fhirgate.mapping.subscriptions import (
    WITHHELD,
    Filter,
    FilterKind,
    Header,
    Modifier,
    Status,
    SubscriptionRefused,
    Topic,
)
from fhirgate.services.ports import Identifier, PatientKey, ResourceName, Stored, VersionName
from fhirgate.services.subscriptions import (
    Happening,
    ResultEvent,
    Sight,
    Subscription,
    as_begun,
    as_changed,
    batches,
    event_of,
    next_status,
    passes,
    request_headers,
)
from fhirgate.services.topics import TOPICS, is_for, tells_of

EHR = "https://ehr.example/fhir"
STATES = "https://fhirgate.example/fhir/CodeSystem/progression-state"


def stored(
    kind: str = "RiskAssessment",
    status: str = "preliminary",
    *,
    state: str = "oligoprogression",
    version: int = 1,
    intent: str = "",
    **body: object,
) -> Stored:
    written: Json = {
        "resourceType": kind,
        "meta": {"tag": [{"system": STATES, "code": state}]},
        "identifier": [{"system": "urn:a", "value": "k1"}],
        "status": status,
        "subject": {"reference": "Patient/123"},
        **({"intent": intent} if intent else {}),
        **body,
    }
    return Stored(
        name=VersionName(ResourceName(kind, "r1"), version),
        identifier=Identifier(system="urn:a", value="k1"),
        patient=PatientKey(server="main", id="123"),
        state=state,
        preset="default",
        as_of=date(2026, 3, 2),
        status=status,
        created_at=NOON,
        recorded_at=NOON,
        sequence=version,
        sha256="",
        body=msgspec.json.encode(written),
    )


def happened(
    kind: str = "RiskAssessment",
    status: str = "preliminary",
    *,
    before: str = "",
    state: str = "oligoprogression",
    previous: str = "",
    intent: str = "",
    **body: object,
) -> ResultEvent:
    former = stored(kind, before, intent=intent) if before else None
    this = stored(kind, status, state=state, version=2 if before else 1, intent=intent, **body)
    return event_of(this, former, previous, [f"{EHR}/"])


RESULT, CHANGED, PROPOSED, ACCEPTED, TAKEN_BACK = (each.id for each in TOPICS)
ERROR = "entered-in-error"
PLAN = "CarePlan"


@pytest.mark.parametrize(
    ("what", "topics"),
    [
        (happened(), {RESULT, CHANGED}),
        (happened(previous="stable-disease"), {RESULT, CHANGED}),
        (happened(previous="oligoprogression"), {RESULT}),
        (happened(status="final", before="preliminary", previous="oligoprogression"), {RESULT}),
        (happened(before="preliminary", state="baseline", previous="oligoprogression"), {RESULT, CHANGED}),
        (happened(state="", status="cancelled", previous="baseline"), {RESULT}),
        (happened(status=ERROR, before="preliminary", state="", previous="baseline"), {TAKEN_BACK}),
        (happened(status=ERROR, before=ERROR, state=""), set()),
        (happened(status=ERROR, state=""), set()),
        (happened(PLAN, "draft", intent="proposal"), {PROPOSED}),
        (happened(PLAN, "revoked", before="draft", intent="proposal"), {PROPOSED}),
        (happened(PLAN, "completed", before="draft", intent="option"), {PROPOSED}),
        (happened(PLAN, "active", intent="plan"), {ACCEPTED}),
        (happened(PLAN, "active", before="draft", intent="plan"), {ACCEPTED}),
        (happened(PLAN, "active", before="active", intent="plan"), set()),
        (happened(PLAN, "completed", before="active", intent="plan"), set()),
        (happened(PLAN, ERROR, before="active", intent="plan"), {TAKEN_BACK}),
        (happened(PLAN, ERROR, before="draft", intent="proposal"), {TAKEN_BACK}),
        (happened("Provenance", ""), set()),
        (happened("Observation", "final"), set()),
    ],
)
def test_an_event_is_told_by_these_topics(what: ResultEvent, topics: set[str]) -> None:
    assert {each.id for each in TOPICS if tells_of(each, what)} == topics


def condition(name: str, *values: str, resource: str = "RiskAssessment", modifier: str = "") -> Filter:
    return Filter(resource=resource, name=name, values=values, modifier=Modifier(modifier))


OF_TWO = happened(condition=[{"reference": "Condition/c1/_history/2"}], previous="baseline")


@pytest.mark.parametrize(
    ("narrowed", "is_told"),
    [
        (condition("patient", "123"), True),
        (condition("patient", "Patient/123"), True),
        (condition("patient", f"{EHR}/Patient/123"), True),
        (condition("patient", "https://other.example/fhir/Patient/123"), False),
        (condition("patient", "Patient/12"), False),
        (condition("patient", "Group/123"), False),
        (condition("patient", "7", "123"), True),
        (condition("condition", "Condition/c1"), True),
        (condition("condition", "c2"), False),
        (condition("status", "preliminary"), True),
        (condition("status", "final", "preliminary"), True),
        (condition("status", "final"), False),
        (condition("status", "http://hl7.org/fhir/observation-status|preliminary"), True),
        (condition("state", f"{STATES}|oligoprogression"), True),
        (condition("identifier", "k1"), True),
        (condition("identifier", "urn:a|k1"), True),
        (condition("identifier", "urn:a|"), True),
        (condition("identifier", "urn:b|k1"), False),
        (condition("identifier", "|k1"), False),
        (condition("identifier", r"urn:a\|k1"), False),
        (condition("_tag", f"{STATES}|oligoprogression"), True),
        (condition("_tag", "stable-disease"), False),
        (condition("state", "oligoprogression"), True),
        (condition("state", "oligoprogression", modifier="not"), False),
        (condition("state", "baseline", "stable-disease", modifier="not"), True),
        (condition("previous-state", "baseline"), True),
        (condition("previous-state", "false", modifier="missing"), True),
        (condition("previous-state", "true", modifier="missing"), False),
        (condition("preset", "default"), True),
        (condition("preset", "other"), False),
        (condition("patient", "7", resource=PLAN), True),
    ],
)
def test_a_filter_lets_an_event_pass_or_not(narrowed: Filter, is_told: bool) -> None:
    assert passes([narrowed], OF_TWO) is is_told


def test_filters_are_anded() -> None:
    mine, final = condition("patient", "123"), condition("status", "final")

    assert passes([mine], OF_TWO)
    assert not passes([mine, final], OF_TWO)
    assert passes([], OF_TWO)


def test_without_a_state_before_only_missing_and_not_hold() -> None:
    first = happened()

    assert passes([condition("previous-state", "true", modifier="missing")], first)
    assert passes([condition("previous-state", "baseline", modifier="not")], first)
    assert not passes([condition("previous-state", "baseline")], first)


def test_an_absolute_subject_is_matched_by_its_url_and_by_its_id() -> None:
    absolute = happened(subject={"reference": f"{EHR}/Patient/123"})

    for given_as in (f"{EHR}/Patient/123", "Patient/123", "123"):
        assert passes([condition("patient", given_as)], absolute)
    assert not passes([condition("patient", "https://other.example/fhir/Patient/123")], absolute)


def test_a_subject_without_a_reference_is_nobody() -> None:
    nobody = happened(subject={"identifier": {"value": "123"}})

    assert not passes([condition("patient", "123")], nobody)


ASKED = parse_subscription(r4(_criteria=None), TOPICS)
EVERYTHING = Sight()


@pytest.mark.parametrize(
    ("status", "counted"),
    [(Status.REQUESTED, True), (Status.ACTIVE, True), (Status.ERROR, True), (Status.OFF, False)],
)
def test_events_are_counted_until_it_is_off(status: Status, counted: bool) -> None:
    subscription = Subscription(id="s1", owner="registry", asked=ASKED, status=status)

    assert is_for(subscription, OF_TWO, EVERYTHING) is counted


def test_an_event_of_another_topic_is_not_told() -> None:
    subscription = Subscription(id="s1", owner="registry", asked=ASKED, status=Status.ACTIVE)

    assert not is_for(subscription, happened(PLAN, "draft", intent="proposal"), EVERYTHING)


@pytest.mark.parametrize(
    ("sight", "sees"),
    [
        (Sight(servers=frozenset({"main"})), True),
        (Sight(servers=frozenset({"other"})), False),
        (Sight(servers=frozenset()), False),
        (Sight(presets=frozenset({"default"})), True),
        (Sight(presets=frozenset({"other"})), False),
    ],
)
def test_what_a_registry_may_not_see_it_is_not_told(sight: Sight, sees: bool) -> None:
    subscription = Subscription(id="s1", owner="registry", asked=ASKED, status=Status.ACTIVE)

    assert is_for(subscription, OF_TWO, sight) is sees


def test_only_the_subscriber_brings_an_errored_subscription_back() -> None:
    table = {each: [next_status(status, each).value for status in Status] for each in Happening}

    assert table == {
        Happening.ASKED_ANEW: ["requested", "requested", "requested", "requested"],
        Happening.SHOOK_HANDS: ["active", "active", "error", "off"],
        Happening.NO_HANDSHAKE: ["error", "active", "error", "off"],
        Happening.GIVEN_UP: ["requested", "error", "error", "off"],
        Happening.ENDED: ["off", "off", "off", "off"],
    }


class TestBeginning:
    def refused(self, **changes: object) -> list[tuple[str, str]]:
        with pytest.raises(SubscriptionRefused) as caught:
            as_begun(replace(ASKED, **changes), NOON)  # type: ignore[arg-type]
        return [(each.code.value, each.path) for each in caught.value.refusals]

    def test_as_requested_with_an_end_to_come_it_begins(self) -> None:
        assert as_begun(ASKED, NOON) is ASKED

    def test_it_does_not_begin_as_active_or_off_or_after_its_end(self) -> None:
        assert self.refused(status=Status.ACTIVE) == [("business-rule", "Subscription.status")]
        assert self.refused(ends_at=NOON) == [("business-rule", "Subscription.end")]

    def test_it_does_not_begin_with_the_word_that_stands_for_a_secret(self) -> None:
        headers = (Header(name="A", value=WITHHELD),)

        assert self.refused(headers=headers) == [("value", "Subscription.channel.header")]


class TestChanging:
    BACK = replace(ASKED, headers=(Header(name="authorization", value=WITHHELD),))

    def test_what_was_read_and_sent_back_keeps_its_secret(self) -> None:
        changed = as_changed(self.BACK, ASKED, NOON)

        assert changed.headers == (Header(name="authorization", value="Bearer s3cret"),)

    def test_a_new_header_needs_its_value(self) -> None:
        new = replace(ASKED, headers=(Header(name="X-New", value=WITHHELD),))

        with pytest.raises(SubscriptionRefused, match="a header without a value is new"):
            as_changed(new, ASKED, NOON)

    def test_it_may_be_switched_off_after_its_end_but_not_begun_anew(self) -> None:
        ended = replace(ASKED, ends_at=NOON - timedelta(days=1))

        assert as_changed(replace(ended, status=Status.OFF), ASKED, NOON).status is Status.OFF
        with pytest.raises(SubscriptionRefused, match="its end has passed"):
            as_changed(ended, ASKED, NOON)


def test_a_notification_carries_the_headers_that_were_asked_for() -> None:
    assert request_headers(ASKED) == {
        "Content-Type": "application/fhir+json",
        "Authorization": "Bearer s3cret",
    }


@given(
    ids=st.lists(st.tuples(st.integers(0, 60), st.integers(1, 2)), max_size=130),
    most=st.none() | st.integers(1, 70),
)
def test_batches_hold_every_event_once_in_order_and_no_more_than_are_taken(
    ids: list[tuple[int, int]], most: int | None
) -> None:
    events = [
        event(number, told(id=f"r{id_}", version=version)) for number, (id_, version) in enumerate(ids, 1)
    ]

    made = list(batches(events, most))

    assert [each for batch in made for each in batch] == events
    assert all(0 < len(batch) <= min(most or 50, 50) for batch in made)
    assert all(second[0].number == first[-1].number + 1 for first, second in pairwise(made))
    for batch in made:
        named = {(each.focus.id, each.focus.version) for each in batch}
        assert len(named) == len({id_ for id_, _ in named})


def test_batches_are_as_large_as_may_be() -> None:
    apart = [event(number) for number in range(1, 121)]

    assert [len(each) for each in batches(apart)] == [50, 50, 20]
    assert [len(each) for each in batches(apart, 70)] == [50, 50, 20]
    assert [len(each) for each in batches(apart, 40)] == [40, 40, 40]


def test_an_event_reads_what_was_kept_when_it_was_kept() -> None:
    assert (OF_TWO.at, OF_TWO.server, OF_TWO.preset) == (
        datetime(2026, 3, 2, 12, tzinfo=UTC),
        "main",
        "default",
    )


@pytest.mark.parametrize("topic", TOPICS, ids=lambda each: each.id)
def test_every_filter_on_offer_can_be_answered(topic: Topic) -> None:
    for each in topic.filters:
        known = OF_TWO.references if each.kind is FilterKind.REFERENCE else OF_TWO.tokens
        assert each.name in known
