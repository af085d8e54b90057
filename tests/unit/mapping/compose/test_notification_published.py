"""HL7's published notifications and ours, shape by shape: every difference is written down here with its reason."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from subscribed import EXAMPLES, Json, event, published, standing, told

from fhirgate.exact_json import decode
from fhirgate.mapping.compose.notification import compose_notification
from fhirgate.mapping.compose.subscription_status import compose_status
from fhirgate.mapping.notifications import ErrorCode, NotificationType, NumberedEvent
from fhirgate.mapping.subscriptions import Content, Status

T = NotificationType
BASE = "https://example.org/fhir"
ENCOUNTER = "86009987-eabe-42bf-8c02-b112b18cb616"
PATIENT = "1599eb66-431a-447c-a3de-6897fe9ae9a1"

MORE_OF_A_VERSION = {"Bundle.entry.response.etag", "Bundle.entry.response.lastModified"}
"""Ours names the version of each resource, so that a receiver may compare and fetch it."""
ENTRY = MORE_OF_A_VERSION
"""Of id-only: HL7's leaves out the entries, ours has them without resource, as Inferno's kit asks for."""
AUTHORIZATION = {
    *(f"Bundle.entry.resource.parameter.part.valueCoding.{name}" for name in ("code", "display", "system")),
}
"""Ours sends no secret in a notification (fhir-contracts D4)."""
NO_TOPIC = {"Bundle.entry.resource.parameter.valueCanonical"}
"""HL7's example of an empty notification names the topic; the guide says that it should not."""
RELATED_QUERY = {
    "Bundle.entry.resource.parameter.part.part.name",
    "Bundle.entry.resource.parameter.part.part.valueString",
    *(
        f"Bundle.entry.resource.parameter.part.part.valueCoding.{name}"
        for name in ("code", "display", "system")
    ),
}
"""Ours has no query to suggest."""


def paths(value: Any, at: str) -> Iterator[str]:
    """The path of every value; the content of resources that are not the status is none of the shape."""
    if isinstance(value, dict):
        for name, each in value.items():
            if name == "resource" and each["resourceType"] != "Parameters":
                yield f"{at}.{name}"
            else:
                yield from paths(each, f"{at}.{name}")
    elif isinstance(value, list):
        for each in value:
            yield from paths(each, at)
    else:
        yield at


def names(bundle: Json) -> list[list[str]]:
    """The parameters of the status in their order, and the parts of each event."""
    parameters = bundle["entry"][0]["resource"]["parameter"]
    parts = [[part["name"] for part in each["part"]] for each in parameters if "part" in each]
    return [[each["name"] for each in parameters], *parts]


def example(entry: int) -> bytes:
    return msgspec.json.encode(published("Bundle-r4-notification-multi-resource")["entry"][entry]["resource"])


def encounter(*context: str) -> NumberedEvent:
    patient = [told("Patient", PATIENT, 2, example(2)) for _ in context]
    return event(2, told("Encounter", ENCOUNTER, 1, example(1)), *patient)


CASES = [
    ("handshake", T.HANDSHAKE, Content.ID_ONLY, (), set(), set()),
    ("heartbeat", T.HEARTBEAT, Content.ID_ONLY, (), set(), set()),
    ("error", T.QUERY_STATUS, Content.ID_ONLY, (), set(), set()),
    ("empty", T.EVENTS, Content.EMPTY, (encounter(),), set(), NO_TOPIC),
    ("empty-with-auth", T.EVENTS, Content.EMPTY, (encounter(),), set(), AUTHORIZATION | NO_TOPIC),
    ("id-only", T.EVENTS, Content.ID_ONLY, (encounter(),), ENTRY, set()),
    ("id-only-with-auth", T.EVENTS, Content.ID_ONLY, (encounter(),), ENTRY, AUTHORIZATION),
    ("id-only-with-query", T.EVENTS, Content.ID_ONLY, (encounter(),), ENTRY, RELATED_QUERY),
    ("full-resource", T.EVENTS, Content.FULL, (encounter(),), MORE_OF_A_VERSION, set()),
    ("full-resource-with-query", T.EVENTS, Content.FULL, (encounter(),), MORE_OF_A_VERSION, RELATED_QUERY),
    ("multi-resource", T.EVENTS, Content.FULL, (encounter("p"),), MORE_OF_A_VERSION, set()),
]


def ours(name: str, type: NotificationType, content: Content, events: tuple[NumberedEvent, ...]) -> Json:
    theirs = published(f"Bundle-r4-notification-{name}")
    said = {each["name"]: each for each in theirs["entry"][0]["resource"]["parameter"]}
    this = standing(
        id="admission",
        base=BASE,
        topic="http://hl7.org/SubscriptionTopic/admission",
        content=content,
        status=Status(said["status"]["valueCode"]),
        events=int(said["events-since-subscription-start"]["valueString"]),
        error=ErrorCode.NO_RESPONSE if "error" in said else None,
    )
    return dict(decode(compose_notification(this, type, events[0].at if events else this_moment(), events)))


def this_moment() -> Any:
    return event().at


@pytest.mark.parametrize(
    ("name", "type", "content", "events", "more", "less"), CASES, ids=[each[0] for each in CASES]
)
def test_ours_has_the_shape_of_theirs(
    name: str,
    type: NotificationType,
    content: Content,
    events: tuple[NumberedEvent, ...],
    more: set[str],
    less: set[str],
) -> None:
    theirs, made = published(f"Bundle-r4-notification-{name}"), ours(name, type, content, events)

    here, there = set(paths(made, "Bundle")), set(paths(theirs, "Bundle"))
    assert here - there == more
    assert there - here == less


@pytest.mark.parametrize(
    ("name", "type", "content", "events"), [each[:4] for each in CASES], ids=[each[0] for each in CASES]
)
def test_the_parameters_stand_in_the_same_order(
    name: str, type: NotificationType, content: Content, events: tuple[NumberedEvent, ...]
) -> None:
    theirs, made = (
        names(published(f"Bundle-r4-notification-{name}")),
        names(ours(name, type, content, events)),
    )

    assert [[each for each in part if each in made[at]] for at, part in enumerate(theirs)] == made


def test_the_status_parameters_are_those_that_hl7_publishes() -> None:
    theirs = published("Parameters-r4-notification-status")
    this = standing(id="admission", base=BASE, topic="http://hl7.org/SubscriptionTopic/admission", events=2)
    made = compose_status(this, T.EVENTS, this_moment(), ())

    published_ones = {each["name"]: each for each in theirs["parameter"] if "part" not in each}
    assert {each["name"]: each for each in made["parameter"]} == published_ones
    assert made["meta"] == theirs["meta"]


def test_no_published_notification_is_left_out() -> None:
    there = {each.stem.removeprefix("Bundle-r4-notification-") for each in EXAMPLES.glob("Bundle-*.json")}

    assert there == {each[0] for each in CASES}
