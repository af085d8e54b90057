"""Pages: followed to the end, never elsewhere, never in a circle."""

from typing import Any

import pytest
from ehr_world import BASE, Ehr, codes, condition, fhir, page, texts, world

from fhirgate.ehr.paging import next_link, under_base

MORE = f"{BASE}?_getpages=abc&offset="


def fetched(*pages: Any) -> tuple[Ehr, Any, list[str]]:
    """What comes of a search for Condition whose pages are these."""
    ehr = Ehr()
    first, *rest = [fhir(each) for each in pages]
    ehr.answers("Condition?", first)
    ehr.answers("?_getpages", *rest)
    with world(ehr) as at:
        record = at.fetch()
        return ehr, record, at.ids(record, "Condition")


def test_every_page_is_read_and_each_resource_kept_in_order() -> None:
    _, record, ids = fetched(
        page(condition(1), next_url=f"{MORE}1"),
        page(next_url=f"{MORE}2"),
        page(condition(2), condition(3)),
    )

    assert ids == ["c1", "c2", "c3"]
    assert codes(record) == []
    assert [str(each) for each in record.asked[:2]] == ["Patient by id: 1", "Condition?patient: 3"]


def test_the_next_link_is_followed_as_it_is() -> None:
    ehr, _, _ = fetched(page(condition(1), next_url=f"{MORE}a%2Fb&x="), page())

    assert "?_getpages=abc&offset=a/b&x=" in ehr.calls


@pytest.mark.parametrize(
    ("link", "why"),
    [
        ("https://evil.example/fhir?p=2", "it leads to https://evil.example:443, and this server is"),
        ("http://ehr.example.org/fhir?p=2", "it leads to http://ehr.example.org:80, and this server is"),
        ("https://ehr.example.org/other?p=2", "it leads out of the server's base path"),
        ("https://ehr.example.org/fhirs?p=2", "it leads out of the server's base path"),
        ("https://ehr.example.org/fhir/../x", "its path has a step"),
        ("file:///etc/passwd", "it does not start with https://"),
    ],
)
def test_a_next_link_elsewhere_is_refused_in_words_and_what_came_is_kept(link: str, why: str) -> None:
    ehr, record, ids = fetched(page(condition(1), next_url=link))

    assert ids == ["c1"]
    assert codes(record) == ["SOURCE_NOT_AVAILABLE"]
    assert (
        f"Condition: not all of it could be read from the server: the link to page 2 is not followed: {why}"
        in (texts(record, "SOURCE_NOT_AVAILABLE")[0])
    )
    assert not record.is_complete
    assert len(ehr.asked("Condition")) == 1
    assert not any("p=2" in each or "passwd" in each for each in ehr.calls)


def test_pages_that_go_round_are_noticed() -> None:
    ehr, record, ids = fetched(
        page(condition(1), next_url=f"{MORE}1"), page(condition(2), next_url=f"{MORE}1"), page()
    )

    assert ids == ["c1", "c2"]
    assert "the pages go round in a circle after page 2" in texts(record, "SOURCE_NOT_AVAILABLE")[0]
    assert ehr.calls.count("?_getpages=abc&offset=1") == 1


def test_pages_without_end_that_bring_nothing_new_are_noticed() -> None:
    endless = [page(condition(1), next_url=f"{MORE}{number}") for number in range(30)]

    ehr, record, ids = fetched(*endless)

    assert ids == ["c1"]
    assert "go round in a circle after page 11" in texts(record, "SOURCE_NOT_AVAILABLE")[0]
    assert len([each for each in ehr.calls if "_getpages" in each]) == 10


def test_entries_that_come_twice_are_taken_once_and_told() -> None:
    _, record, ids = fetched(
        page(condition(1), condition(2), next_url=f"{MORE}1"), page(condition(2), condition(3))
    )

    assert ids == ["c1", "c2", "c3"]
    assert texts(record, "SOURCE_REPEATED") == [
        "search for Condition: 1 entry came more than once; each was taken once"
    ]
    assert record.is_complete


def test_two_versions_of_one_resource_are_both_kept() -> None:
    old, new = condition(1) | {"meta": {"versionId": "1"}}, condition(1) | {"meta": {"versionId": "2"}}

    _, record, ids = fetched(page(old, next_url=f"{MORE}1"), page(new))

    assert (ids, codes(record)) == (["c1", "c1"], [])


def test_outcome_entries_are_findings() -> None:
    said = {"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "incomplete"}]}
    with_outcome = page(condition(1))
    with_outcome["entry"].append({"resource": said, "search": {"mode": "outcome"}})

    _, record, ids = fetched(with_outcome)

    assert ids == ["c1"]
    (finding,) = record.findings
    assert finding.code == "SERVER_SAID"
    assert finding.text == "search for Condition, page 1: the server adds to its answer: warning incomplete"
    assert finding.path == "entry[1]"


def test_the_servers_own_words_are_not_told() -> None:
    words = {
        "severity": "error",
        "code": "forbidden",
        "diagnostics": "Jane Doe",
        "details": {"text": "Jane Doe"},
    }
    said = {"resourceType": "OperationOutcome", "issue": [words]}
    told = page(condition(1))
    told["entry"] += [
        {"resource": said, "search": {"mode": "outcome"}},
        {"response": {"status": "403", "outcome": said}},
        {"response": {"status": "404"}},
        "no entry",
    ]

    _, record, ids = fetched(told)

    assert (ids, "Jane" in str(record.findings)) == (["c1"], False)
    assert texts(record, "SERVER_SAID") == [
        "search for Condition, page 1: the server adds to its answer: error forbidden"
    ]
    assert texts(record, "SERVER_REFUSED")[0].startswith(
        "search for Condition, page 1: the server refused a part of what was asked (403: error forbidden); what"
    )
    assert not record.is_complete


def test_an_outcome_with_success_is_no_record() -> None:
    said = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "too-costly"}]}

    _, record, ids = fetched(said)

    assert ids == []
    assert codes(record) == ["SERVER_SAID", "SOURCE_NOT_AVAILABLE"]
    assert "page 1 is no Bundle" in texts(record, "SOURCE_NOT_AVAILABLE")[0]


@pytest.mark.parametrize("odd", [[], "Bundle", {"resourceType": "Patient", "id": "p1"}])
def test_an_answer_of_another_kind_is_no_record(odd: Any) -> None:
    _, record, ids = fetched(odd)

    assert (ids, codes(record)) == ([], ["SOURCE_NOT_AVAILABLE"])


def test_pages_have_a_highest_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fhirgate.ehr.paging.MOST_PAGES", 3)

    _, record, ids = fetched(*(page(condition(number), next_url=f"{MORE}{number}") for number in range(5)))

    assert ids == ["c0", "c1", "c2"]
    assert "there are more than 3 pages" in texts(record, "SOURCE_NOT_AVAILABLE")[0]


def test_a_page_that_fails_loses_only_what_follows() -> None:
    ehr = Ehr()
    ehr.answers("Condition?", fhir(page(condition(1), next_url=f"{MORE}1")))
    ehr.always("?_getpages", fhir({}, 404))

    with world(ehr) as at:
        record = at.fetch()
        assert at.ids(record, "Condition") == ["c1"]

    assert "GET /?_getpages&offset: it answered 404" in texts(record, "SOURCE_NOT_AVAILABLE")[0]


@pytest.mark.parametrize(
    "links", [None, "x", [], [3], [{"relation": "self", "url": "x"}], [{"relation": "next"}]]
)
def test_a_page_without_a_next_link_is_the_last(links: Any) -> None:
    assert next_link({"link": links}) is None


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("?p=2", f"{BASE}/Condition?p=2"),
        ("Condition?p=2", f"{BASE}/Condition?p=2"),
        ("/fhir/Condition?p=2", f"{BASE}/Condition?p=2"),
        (f"{BASE}?p=2", f"{BASE}?p=2"),
        (f"{BASE}/Condition/_search?p=2", f"{BASE}/Condition/_search?p=2"),
    ],
)
def test_links_are_whole_or_from_the_base_or_from_the_page(link: str, url: str) -> None:
    assert under_base(f"{BASE}/", f"{BASE}/Condition?p=1", link) == url
