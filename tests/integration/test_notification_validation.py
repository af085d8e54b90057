"""HL7's own validator on our notifications and Subscriptions against the backport's profiles, in one start, offline.

HL7's examples are in the same run, so that an excuse that ours need is one that theirs need too, and faulty ones, so
that silence means something.
"""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from peers.hl7_validator.validator import Excused, Issue, errors, validate
from profile_files import RESOURCES
from subscribed import BACKPORT, BASE, EXAMPLES, NOON, ROOT, Json, r4, standing
from written_results import results

from fhirgate.exact_json import decode
from fhirgate.mapping.compose.notification import compose_notification
from fhirgate.mapping.compose.served import as_served
from fhirgate.mapping.compose.subscription_shown import compose_subscription
from fhirgate.mapping.compose.subscription_status import compose_statuses
from fhirgate.mapping.notifications import ErrorCode, NotificationType, NumberedEvent, Told
from fhirgate.mapping.subscriptions import Content, Status
from fhirgate.services.ports import Stored

pytestmark = pytest.mark.peer

T = NotificationType
NEEDED = (
    Excused(
        "subscription-error is a code system of THO that is younger than R4. It has our three codes:"
        " no-response, dns-resolution-error, error-response.",
        "No definition could be found for URL value 'http://terminology\\.hl7\\.org/CodeSystem/subscription-error'",
        file="(Bundle-r4-notification-error|query-.*|statuses)\\.json",
    ),
    Excused(
        "What `$events` answers may hold two versions of a resource, as a history may. What the kept bytes of a"
        " Provenance refer to is the resource, in whichever version; each event names its own version.",
        "Multiple matches in bundle for reference CarePlan/[0-9a-f-]+",
        file="query-events-full-resource\\.json",
    ),
)
"""Errors, exactly these, beside those that our results need everywhere (`validator.EXCUSED`)."""


def _told(stored: Stored, *, version: int = 1) -> Told:
    name = stored.name.resource
    body = as_served(stored.body, version, NOON)
    return Told(type=name.type, id=name.id, version=version, recorded_at=NOON, body=body)


def _events() -> tuple[NumberedEvent, ...]:
    """A result with its plan, and the plan once more: each with the Provenance of both."""
    risk, plan, *_, provenance = results("p1")
    source = _told(provenance)
    told = (_told(risk), _told(plan), _told(plan, version=2))
    return tuple(
        NumberedEvent(number=number, at=NOON, focus=each, context=(source,))
        for number, each in enumerate(told, start=5)
    )


def _composed() -> Iterator[tuple[str, bytes]]:
    for content in Content:
        active = standing(content=content)
        yield (
            f"handshake-{content}",
            compose_notification(
                standing(content=content, status=Status.REQUESTED, events=0), T.HANDSHAKE, NOON
            ),
        )
        yield f"heartbeat-{content}", compose_notification(active, T.HEARTBEAT, NOON)
        yield f"events-{content}", compose_notification(active, T.EVENTS, NOON, _events()[:2])
        failing = standing(content=content, status=Status.ERROR, error=ErrorCode.ERROR_RESPONSE)
        yield f"query-events-{content}", compose_notification(failing, T.QUERY_EVENTS, NOON, _events())
        yield f"query-status-{content}", compose_notification(failing, T.QUERY_STATUS, NOON)
    every = [(standing(id="s1"), T.QUERY_STATUS), (standing(id="s2", error=ErrorCode.DNS), T.QUERY_STATUS)]
    yield "statuses", compose_statuses(every, BASE, NOON)
    sent = r4(meta={"profile": [f"{ROOT}subscription"]})
    shown = compose_subscription(sent, "s1", 1, NOON, Status.REQUESTED)
    yield "subscription", json.dumps(shown).encode()


def _faulty() -> Iterator[tuple[str, Json, str]]:
    """Notifications with one fault each, and what the validator must say."""
    good = dict(decode(compose_notification(standing(), T.EVENTS, NOON, _events()[:2])))
    yield "fault-type", good | {"type": "collection"}, "history"
    yield "fault-order", good | {"entry": good["entry"][::-1]}, "backport-notification-bundle-r4-1"
    yield "fault-request", _without(good, "request"), "bdl-3"
    yield "fault-response", _without(good, "response"), "bdl-4"
    yield "fault-status", _with(good, 2, "valueCode", "asleep"), "asleep"
    yield (
        "fault-number",
        _with(good, 4, "valueInteger", 7),
        "allows for the type string but found type integer",
    )


def _without(bundle: Json, name: str) -> Json:
    changed: Any = deepcopy(bundle)
    del changed["entry"][1][name]
    return dict(changed)


def _with(bundle: Json, parameter: int, name: str, value: object) -> Json:
    changed: Any = deepcopy(bundle)
    parameters = changed["entry"][0]["resource"]["parameter"]
    parameters[parameter] = {"name": parameters[parameter]["name"], name: value}
    return dict(changed)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[tuple[str, ...], tuple[Issue, ...]]:
    """The one run over everything."""
    folder = tmp_path_factory.mktemp("notified")
    for name, text in _composed():
        (folder / f"{name}.json").write_bytes(text)
    for name, resource, _ in _faulty():
        (folder / f"{name}.json").write_text(json.dumps(resource, default=float), "utf-8")
    theirs = [*EXAMPLES.glob("Bundle-*.json"), *EXAMPLES.glob("Subscription-subscription-*.json")]
    return validate([folder, *theirs], guides=[BACKPORT, RESOURCES])


def _unexcused(issues: list[Issue]) -> list[str]:
    return errors(each for each in issues if not any(excuse.covers(each) for excuse in NEEDED))


def test_every_file_was_looked_at(found: tuple[tuple[str, ...], tuple[Issue, ...]]) -> None:
    ours = {f"{name}.json" for name, *_ in (*_composed(), *_faulty())}

    assert ours <= set(found[0])
    assert len(found[0]) == len(ours) + 14


def test_our_notifications_and_theirs_have_no_error(
    found: tuple[tuple[str, ...], tuple[Issue, ...]],
) -> None:
    assert _unexcused([each for each in found[1] if not each.file.startswith("fault-")]) == []


@pytest.mark.parametrize(("name", "said"), [(name, said) for name, _, said in _faulty()])
def test_a_fault_is_found(name: str, said: str, found: tuple[tuple[str, ...], tuple[Issue, ...]]) -> None:
    told = _unexcused([each for each in found[1] if each.file == f"{name}.json"])

    assert any(said in each for each in told), told


def test_every_excuse_is_needed(found: tuple[tuple[str, ...], tuple[Issue, ...]]) -> None:
    assert [each.message for each in NEEDED if not any(each.covers(issue) for issue in found[1])] == []


def test_the_profiles_of_the_backport_were_known(found: tuple[tuple[str, ...], tuple[Issue, ...]]) -> None:
    unknown = [each.message for each in found[1] if "subscriptions-backport" in each.message]

    assert [each for each in unknown if "could not be found" in each] == []
