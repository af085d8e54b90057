"""Topics: R5 where a receiver speaks it, R4 Basic where not, and both say the same."""

from typing import Any

import pytest
from profile_files import resources, topics
from profiles_build import r4_topics

from fhirgate.mapping.canonical import BASE, PROFILES_VERSION
from fhirgate.mapping.r4b import check_r4, check_r5
from fhirgate.services.topics import TOPICS

BASICS = {each["id"]: each for each in resources("Basic")}
ROOT = "http://hl7.org/fhir/5.0/StructureDefinition/extension-SubscriptionTopic."


def by_id(topic: dict[str, Any]) -> str:
    return str(topic["id"])


@pytest.mark.parametrize("topic", topics(), ids=by_id)
def test_a_topic_is_valid_r5_and_is_of_our_version(topic: dict[str, Any]) -> None:
    assert check_r5(topic) == ()
    assert topic["url"] == f"{BASE}/SubscriptionTopic/{topic['id']}"
    assert topic["version"] == PROFILES_VERSION


def test_the_topics_on_offer_are_published_in_both_forms() -> None:
    assert {by_id(each) for each in topics()} == {each.id for each in TOPICS}
    assert set(BASICS) == {by_id(each) for each in topics()}


@pytest.mark.parametrize("topic", topics(), ids=by_id)
def test_the_basic_is_made_of_the_topic(topic: dict[str, Any]) -> None:
    basic = BASICS[topic["id"]]

    assert basic == r4_topics.as_basic(topic), "run python profiles/build_profiles.py"
    assert check_r4(basic) == ()


@pytest.mark.parametrize("topic", topics(), ids=by_id)
def test_the_basic_says_all_that_the_topic_says(topic: dict[str, Any]) -> None:
    basic = BASICS[topic["id"]]
    told: dict[str, Any] = {"resourceType": "SubscriptionTopic", "id": basic["id"]}
    for each in (*basic["extension"], *basic["modifierExtension"]):
        assert each["url"].startswith(ROOT)
        _add(told, each["url"].removeprefix(ROOT), each)

    assert told == topic


LISTS = (
    *("resourceTrigger", "eventTrigger", "canFilterBy", "notificationShape"),
    *("supportedInteraction", "modifier", "revInclude"),
)


def _add(told: dict[str, Any], name: str, extension: dict[str, Any]) -> None:
    value = _value(extension)
    if name in LISTS:
        told.setdefault(name, []).append(value)
    else:
        told[name] = value


def _value(extension: dict[str, Any]) -> Any:
    if "extension" not in extension:
        (value,) = (each for name, each in extension.items() if name.startswith("value"))
        return value
    inner: dict[str, Any] = {}
    for each in extension["extension"]:
        _add(inner, each["url"], each)
    return inner


@pytest.mark.parametrize("topic", topics(), ids=by_id)
def test_a_filter_is_a_search_parameter_that_a_result_server_has_or_one_of_our_own(
    topic: dict[str, Any],
) -> None:
    (server,) = resources("CapabilityStatement")
    has = {
        each["type"]: {parameter["name"] for parameter in each["searchParam"]}
        for each in server["rest"][0]["resource"]
    }

    for each in topic["canFilterBy"]:
        name = each["filterParameter"]
        is_own = each.get("filterDefinition") == f"{BASE}/filter/{name}"
        assert is_own is not (name in has[each["resource"]])


@pytest.mark.parametrize("topic", topics(), ids=by_id)
def test_a_topic_offers_what_it_publishes(topic: dict[str, Any]) -> None:
    offered = next(each for each in TOPICS if each.id == topic["id"])

    assert (offered.url, offered.version, offered.title) == (topic["url"], topic["version"], topic["title"])
    assert [
        (each.resource, each.name, each.definition, sorted(each.modifiers)) for each in offered.filters
    ] == [
        (
            each["resource"],
            each["filterParameter"],
            each.get("filterDefinition", ""),
            each.get("modifier", []),
        )
        for each in topic["canFilterBy"]
    ]
