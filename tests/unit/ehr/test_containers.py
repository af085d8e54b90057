import json
from typing import Any

import pytest

from fhirgate.ehr.containers import Pages, Received, Unreadable, take_apart

PATIENT = {"resourceType": "Patient", "id": "p1"}
SIZE = {"resourceType": "Observation", "id": "o1"}


def read(content: Any) -> list[Any]:
    pages = Pages()
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return [*take_apart(text, "f", pages), *pages.missing()]


def bundle(*entries: Any, type: str = "collection", **more: Any) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": type, "entry": list(entries), **more}


def got(resource: dict[str, Any], where: str, full_url: str = "") -> Received:
    return Received(resource=resource, where=where, full_url=full_url)


def lost(where: str, why: str) -> Unreadable:
    return Unreadable(where=where, why=why)


def test_a_single_resource_is_one_resource() -> None:
    assert read(PATIENT) == [got(PATIENT, "f")]


@pytest.mark.parametrize(
    "type",
    [
        "collection",
        "searchset",
        "transaction",
        "batch",
        "document",
        "message",
        "history",
        "transaction-response",
    ],
)
def test_a_bundle_of_any_type_gives_its_resources_with_their_urls(type: str) -> None:
    found = read(bundle({"fullUrl": "urn:uuid:1", "resource": PATIENT}, {"resource": SIZE}, type=type))

    assert found == [got(PATIENT, "f, entry 1", "urn:uuid:1"), got(SIZE, "f, entry 2")]


def test_an_array_of_resources_is_read_like_a_bundle() -> None:
    found = read([PATIENT, bundle({"resource": SIZE}), "x"])

    assert found == [
        got(PATIENT, "f, item 1"),
        got(SIZE, "f, item 2, entry 1"),
        lost("f, item 3", "not a JSON object; expected a resource"),
    ]


def test_bundles_within_bundles_are_unwrapped() -> None:
    found = read(bundle({"resource": bundle({"resource": bundle({"resource": SIZE, "fullUrl": "u"})})}))

    assert found == [got(SIZE, "f, entry 1, entry 1, entry 1", "u")]


def test_a_bad_entry_loses_only_itself() -> None:
    text = (
        b'{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "p1"}},'
        b' 7, null, {"fullUrl": "u"}, {"resource": {"id": "x"}}, {"resource": [1]},'
        b' {"resource": {"resourceType": "Observation", "id": "a", "id": "b"}},'
        b' {"resource": {"resourceType": "Observation", "id": "o1"}}]}'
    )

    assert read(text) == [
        got(PATIENT, "f, entry 1"),
        lost("f, entry 2", "not a JSON object; expected a Bundle entry"),
        lost("f, entry 3", "not a JSON object; expected a Bundle entry"),
        lost("f, entry 4", "the entry has no resource"),
        lost("f, entry 5", "no resourceType: this is not a FHIR resource"),
        lost("f, entry 6", "not a JSON object; expected a resource"),
        lost("f, entry 7", 'an object names the key "id" twice; which of the two holds cannot be known'),
        got(SIZE, "f, entry 8"),
    ]


def test_a_repeated_key_in_an_array_loses_only_its_item() -> None:
    found = read(
        b'[{"resourceType": "Patient", "id": "1", "id": "2"}, {"resourceType": "Patient", "id": "p1"}]'
    )

    assert found == [
        lost("f, item 1", 'an object names the key "id" twice; which of the two holds cannot be known'),
        got(PATIENT, "f, item 2"),
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b'"Bundle"', "the JSON is not an object; expected a Bundle or another resource"),
        (b"17", "the JSON is not an object; expected a Bundle or another resource"),
        (b"null", "the JSON is not an object; expected a Bundle or another resource"),
        (b"<Bundle/>", "XML or HTML; expected FHIR as JSON or NDJSON"),
        (b"\x1f\x8b\x08", "compressed (gzip); expected FHIR as JSON or NDJSON"),
        (b"PK\x03\x04", "compressed (zip); expected FHIR as JSON or NDJSON"),
        (b"\x89PNG", "not JSON; expected FHIR as JSON or NDJSON"),
        (b"{}", "no resourceType: this is not a FHIR resource"),
        (b'{"resourceType": 7}', "no resourceType: this is not a FHIR resource"),
        (b'{"resourceType": "Bundle", "entry": {}}', "Bundle.entry is not a list"),
        (b'{"resourceType": "Bundle", "type": "a", "type": "b"}',
         'an object names the key "type" twice; which of the two holds cannot be known'),
    ],
)  # fmt: skip
def test_a_wrong_root_is_refused_in_words(text: bytes, why: str) -> None:
    assert read(text) == [lost("f", why)]


def test_an_inner_bundle_whose_entry_is_no_list_is_refused() -> None:
    inner = {"resourceType": "Bundle", "entry": "x"}

    assert read(bundle({"resource": inner})) == [lost("f, entry 1", "Bundle.entry is not a list")]


def test_a_resource_that_only_speaks_of_bundles_is_no_bundle() -> None:
    task = {"resourceType": "Task", "id": "t", "focus": {"type": "Bundle"}}

    assert read(task) == [got(task, "f")]


def test_a_bundle_without_entries_holds_nothing() -> None:
    assert read({"resourceType": "Bundle", "type": "searchset", "total": 0}) == []


def test_entries_that_only_answer_or_ask_have_no_resource_to_lose() -> None:
    answered = {"response": {"status": "201"}}
    asked = {"request": {"method": "DELETE", "url": "Observation/o1"}}

    assert read(bundle(answered, asked, {"resource": SIZE})) == [got(SIZE, "f, entry 3")]


def test_what_a_history_says_was_deleted_is_gone_with_its_older_versions() -> None:
    deleted = {"request": {"method": "DELETE", "url": "http://ehr.example/fhir/Observation/o1/_history/3"}}
    found = read(bundle({"resource": PATIENT}, deleted, {"resource": SIZE}, type="history"))

    assert found == [got(PATIENT, "f, entry 1")]


def test_what_a_history_says_was_made_again_after_deletion_stays() -> None:
    deleted = {"request": {"method": "DELETE", "url": "Observation/o1"}}
    newer, older = {**SIZE, "status": "final"}, {**SIZE, "status": "preliminary"}
    inner = bundle({"resource": newer}, deleted, {"resource": older}, type="history")

    assert read(inner) == [got(newer, "f, entry 1")]
    assert read(bundle({"resource": inner})) == [got(newer, "f, entry 1, entry 1")]


def test_a_servers_remark_stays_marked_as_one() -> None:
    entry = {"search": {"mode": "outcome"}, "resource": {"resourceType": "OperationOutcome"}}

    assert read(bundle(entry)) == [got({"resourceType": "Bundle", "entry": [entry]}, "f, entry 1")]


def test_a_page_that_is_named_and_not_there_is_reported() -> None:
    links = [
        {"relation": "self", "url": "http://s/1"},
        {"relation": "next", "url": "http://s/2"},
        {"relation": "last", "url": "http://s/3"},
        7,
    ]
    why = "it names a next page that is not part of the source; fetch all pages of the search"

    assert read(bundle({"resource": SIZE}, link=links)) == [got(SIZE, "f, entry 1"), lost("f", why)]


def test_a_page_that_is_named_and_there_is_not_missed() -> None:
    first = bundle({"resource": PATIENT}, link=[{"relation": "next", "url": "http://s/2"}])
    second = bundle({"resource": SIZE}, link=[{"relation": "self", "url": "http://s/2"}])

    assert read([first, second]) == [got(PATIENT, "f, item 1, entry 1"), got(SIZE, "f, item 2, entry 1")]
