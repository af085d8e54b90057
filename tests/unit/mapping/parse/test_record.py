from decimal import Decimal
from typing import Any

import pytest

from fhirgate.mapping.datatypes import Coding
from fhirgate.mapping.parse.entries import Entry
from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.vocabulary import STANDARD
from fhirgate.oncology.finding import Severity
from fhirgate.oncology.source import Source

Json = dict[str, Any]


def observation(id: str = "", **more: Any) -> Json:
    return {"resourceType": "Observation", **({"id": id} if id else {}), **more}


def record_of(*owned: Json | Entry, shared: tuple[Json, ...] = ()) -> Record:
    entries = [each if isinstance(each, Entry) else Entry(each) for each in owned]
    return Record("p", entries, [Entry(each) for each in shared], STANDARD)


def codes(record: Record) -> list[str]:
    return [each.code for each in record.findings]


def test_resources_come_in_order_of_id_and_types_are_counted() -> None:
    record = record_of(observation("b"), observation("a"), {"resourceType": "Condition", "id": "c"})
    assert [each["id"] for each in record.of_type("Observation")] == ["a", "b"]
    assert [each["id"] for each in record.of_type("Condition", "Observation", "Nothing")] == ["c", "a", "b"]
    assert record.types() == {"Condition": 1, "Observation": 2}


def test_a_code_is_read_once_for_all_who_ask() -> None:
    record = record_of(observation("a", code={"coding": [{"system": "s", "code": "1"}], "text": "One"}))
    ((raw, said),) = record.coded("Observation")
    assert (raw["id"], said.codings, said.words) == ("a", (Coding("s", "1"),), ("One",))
    assert record.coded("Observation") is record.coded("Observation")
    assert record.coded("Condition") == ()


def test_shared_resources_are_known_to_references_only() -> None:
    record = record_of(observation("a"), shared=({"resourceType": "Medication", "id": "m"},))
    assert record.types() == {"Observation": 1}
    assert record.shared_types() == {"Medication": 1}
    found = record.resolve({"reference": "Medication/m"}, {})
    assert found is not None
    assert found["id"] == "m"


@pytest.mark.parametrize("status", ["entered-in-error", "entered in error", "nullified"])
def test_what_was_entered_in_error_counts_for_references_only(status: str) -> None:
    record = record_of(observation("a", status=status))
    assert record.of_type("Observation") == ()
    assert codes(record) == ["ENTERED_IN_ERROR"]
    assert record.resolve("Observation/a", {}) is not None


def test_verification_status_may_say_entered_in_error() -> None:
    coded = {"coding": [{"code": "entered-in-error"}]}
    record = record_of(
        {"resourceType": "Condition", "id": "r4", "verificationStatus": coded},
        {"resourceType": "Condition", "id": "stu3", "verificationStatus": "entered-in-error"},
        {"resourceType": "Condition", "id": "fine", "verificationStatus": "confirmed"},
    )
    assert [each["id"] for each in record.of_type("Condition")] == ["fine"]


def test_of_several_copies_the_latest_version_counts() -> None:
    old = observation("a", meta={"versionId": "9", "lastUpdated": "2024-01-01"}, n=1)
    new = observation("a", meta={"versionId": "10", "lastUpdated": "2024-01-01"}, n=2)
    newest = observation("a", meta={"versionId": "2", "lastUpdated": "2024-02-01"}, n=3)
    for copies in ((old, new), (new, old)):
        record = record_of(*copies)
        assert [each["n"] for each in record.of_type("Observation")] == [2]
        assert codes(record) == []
    assert [each["n"] for each in record_of(newest, old, new).of_type("Observation")] == [3]


def test_the_same_copy_twice_is_one() -> None:
    record = record_of(observation("a", n=1), observation("a", n=1))
    assert len(record.of_type("Observation")) == 1
    assert codes(record) == []


def test_different_copies_of_one_version_are_reported_and_order_does_not_choose() -> None:
    one, two = observation("a", n=1), observation("a", n=2)
    first, second = record_of(one, two), record_of(two, one)
    assert first.of_type("Observation") == second.of_type("Observation")
    assert codes(first) == ["DUPLICATE_RESOURCE"]
    assert first.findings[0].severity is Severity.WARNING


def test_a_retracted_latest_version_takes_the_earlier_ones_with_it() -> None:
    old = observation("a", meta={"versionId": "1"})
    new = observation("a", meta={"versionId": "2"}, status="entered-in-error")
    assert record_of(old, new).of_type("Observation") == ()


def test_a_resource_without_id_is_known_by_its_url_or_its_content() -> None:
    record = record_of(
        Entry(observation(n=1), "urn:uuid:aa"),
        Entry(observation(n=2), "http://s/Observation/b"),
        observation(n=3),
    )
    ids = [record.id_of(each) for each in record.of_type("Observation")]
    assert "aa" in ids
    assert "b" in ids
    assert len(set(ids)) == 3
    assert record_of(observation(n=3)).id_of(observation(n=3)) in ids


def test_a_source_is_type_id_and_version() -> None:
    record = record_of(observation("a", meta={"versionId": "4"}))
    assert record.source(record.of_type("Observation")[0]) == Source("Observation", "a", "4")


@pytest.mark.parametrize(
    "name",
    [
        "Patient/x",
        "Patient/x/_history/7",
        "https://s/fhir/Patient/x",
        "https://s/fhir/Patient/x/",
        "x",
        "https://elsewhere/fhir/Patient/x",
    ],
)
def test_references_of_every_form_resolve(name: str) -> None:
    target = {"resourceType": "Patient", "id": "x"}
    record = record_of(Entry(target, "https://s/fhir/Patient/x"))
    assert record.resolve({"reference": name}, {}) is target
    assert record.resolve(name, {}) is target


def test_urn_uuid_references_resolve_by_the_url_of_the_entry() -> None:
    target = observation(n=1)
    record = record_of(Entry(target, "urn:uuid:aa"))
    assert record.resolve({"reference": "urn:uuid:aa"}, {}) is target


def test_logical_references_resolve_by_identifier() -> None:
    target = observation("a", identifier=[{"system": "s", "value": "v"}, {"system": "s"}])
    record = record_of(target)
    assert record.resolve({"identifier": {"system": "s", "value": "v"}}, {}) is target
    assert record.resolve({"identifier": {"system": "s"}}, {}) is None
    assert record.resolve({"display": "?"}, {}) is None


def test_contained_resources_resolve_within_their_own_resource() -> None:
    inner = {"resourceType": "Medication", "id": "m"}
    outer = observation("a", contained=[inner])
    record = record_of(outer, observation("b"))
    assert record.resolve({"reference": "#m"}, outer) is inner
    assert record.resolve({"reference": "#m"}, observation("b")) is None


def test_dangling_references_are_none() -> None:
    assert record_of(observation("a")).resolve({"reference": "Observation/zzz"}, {}) is None
    assert record_of(observation("a")).resolve("", {}) is None


def test_the_type_of_a_reference_counts() -> None:
    record = record_of(observation("a"))
    assert record.resolve("Condition/a", {}) is None


def test_resolved_gives_each_target_once_and_only_of_the_types_asked_for() -> None:
    report = {
        "resourceType": "DiagnosticReport",
        "id": "r",
        "result": [
            {"reference": "Observation/a"},
            {"reference": "Observation/a"},
            {"reference": "Patient/x"},
        ],
    }
    record = record_of(report, observation("a"), {"resourceType": "Patient", "id": "x"})
    assert [each["id"] for each in record.resolved(report, "result")] == ["a", "x"]
    assert [each["id"] for each in record.resolved(report, "result", "Patient")] == ["x"]
    assert record.resolved(report, "nothing") == ()


def test_cyclic_references_resolve_one_step_at_a_time() -> None:
    one = observation("a", hasMember=[{"reference": "Observation/b"}])
    two = observation("b", hasMember=[{"reference": "Observation/a"}])
    record = record_of(one, two)
    assert record.resolved(one, "hasMember") == (two,)
    assert record.resolved(two, "hasMember") == (one,)


def test_the_first_usable_date_counts() -> None:
    record = record_of()
    raw = observation("a", effectivePeriod={"end": "2024-03"}, issued="2024-04-01T00:00:00Z")
    assert str(record.date(raw, "effectiveDateTime", "effectivePeriod.end", "issued")) == "2024-03"
    assert record.date(raw, "effectiveDateTime", "effectiveDateTime.end") is None
    assert record.findings == []


def test_an_impossible_date_is_reported_and_passed_over() -> None:
    record = record_of()
    raw = observation("a", effectiveDateTime="2024-02-30", issued="2024-03-01")
    assert str(record.date(raw, "effectiveDateTime", "issued")) == "2024-03-01"
    (finding,) = record.findings
    assert (finding.code, finding.path, str(finding.source)) == (
        "DATE_INVALID",
        "effectiveDateTime",
        "Observation/a",
    )


def test_a_note_on_the_record_has_no_source() -> None:
    record = record_of()
    record.note("X", Severity.INFORMATION, "words")
    assert record.findings[0].source is None


def test_decimals_do_not_disturb_names_made_of_content() -> None:
    record = record_of(observation(valueQuantity={"value": Decimal("1.50")}))
    assert len(record.of_type("Observation")) == 1


def test_entries_with_the_same_content_and_no_id_are_one() -> None:
    assert len(record_of(observation(n=1), observation(n=1)).of_type("Observation")) == 1


def test_where_two_servers_gave_one_id_a_relative_reference_means_the_resource_beside_it() -> None:
    one, two = ({"resourceType": "Practitioner", "id": "a", "name": [{"text": name}]} for name in "12")
    x, y = observation("x"), observation("y")
    record = Record(
        "p",
        [Entry(x, "https://one/fhir/Observation/x"), Entry(y, "https://two/fhir/Observation/y")],
        [Entry(one, "https://one/fhir/Practitioner/a"), Entry(two, "https://two/fhir/Practitioner/a")],
        STANDARD,
    )

    assert record.resolve("Practitioner/a", x) is one
    assert record.resolve("Practitioner/a", y) is two
    assert not record.names_one("Practitioner/a")
    assert record_of(x).names_one("Practitioner/a")
    assert not record_of(x).names_one("#a")


def test_an_entry_is_found_by_whatever_url_it_stood_under() -> None:
    raw = observation("a")

    assert record_of(Entry(raw, "local/a")).resolve("local/a", {}) is raw


def test_the_type_and_id_of_a_contained_resource_are_its_own() -> None:
    inner = {"resourceType": "Device", "id": "d"}
    record = record_of(observation("a", contained=[inner]))

    assert (record.kind_of(inner), record.id_of(inner), record.holds(inner)) == ("Device", "d", False)
    assert str(record.source(inner)) == "Device/d"
