"""What becomes of input that is wrong: a clear message, an exit status, and nothing lost.

"Nothing lost" is shown twice: what can be read is assessed, and what cannot stands in the findings of every
assessment it may have been about.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fhir_records import AS_OF, bundle, patient, quantity, record, resources, size
from jsonschema import Draft202012Validator

from fhirgate.report.schema import assessment_schema

SCHEMA = Draft202012Validator(assessment_schema())


@pytest.fixture
def assess(run: Any) -> Callable[..., tuple[int, Any, str]]:
    """Status, parsed JSON output (None when there is none) and standard error of `assess -o json`."""

    def assess(source: Any, *options: str, stdin: bytes = b"") -> tuple[int, Any, str]:
        done = run("assess", source, "--as-of", AS_OF, "-o", "json", *options, stdin=stdin)
        found = json.loads(done.stdout) if done.stdout else None
        for each in found if isinstance(found, list) else filter(None, [found]):
            SCHEMA.validate(each)
        return done.returncode, found, done.stderr.decode()

    return assess


def codes(assessed: Any) -> list[str]:
    return [each["code"] for each in assessed["findings"]]


def state(assessed: Any) -> str:
    return str(assessed["current"]["state"])


def test_a_good_record_is_assessed_with_status_0_and_nothing_on_stderr(assess: Any, saved: Any) -> None:
    status, found, errors = assess(saved(record()))

    assert (status, errors) == (0, "")
    assert (found["patient"], state(found)) == ("p1", "OLIGOPROGRESSION")


UNREADABLE = {
    "truncated JSON": (
        json.dumps(record()).encode()[:-40],
        "record.json: the JSON ends before it is complete, at column ",
    ),
    "an empty file": (b"", "record.json: empty"),
    "a list of numbers": (b"[1, 2]", "record.json, item 1: not a JSON object; expected a resource"),
    "a string": (b'"Bundle"', "record.json: the JSON is not an object; expected a Bundle or another resource"),
    "an object that is no resource": (b'{"a": 1}', "record.json: no resourceType: this is not a FHIR resource"),
    "XML": (b"<Bundle/>", "record.json: XML or HTML; expected FHIR as JSON or NDJSON"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0", "record.json: not JSON; expected FHIR as JSON or NDJSON"),
    "UTF-16": (json.dumps(patient()).encode("utf-16"), "record.json: UTF-16 or not text at all"),
    "Latin-1": (
        '{"resourceType": "Patient", "name": [{"text": "ä"}]}'.encode("latin-1"),
        "record.json: not UTF-8: byte 0xe4 at column ",
    ),
    "deep nesting": (b"[" * 1_000_000, "record.json: nested more than 200 levels deep"),
    "deep nesting inside a resource": (
        b'{"resourceType": "Patient", "extension": ' + b"[" * 500 + b"]" * 500 + b"}",
        "record.json: nested more than 200 levels deep",
    ),
    "a key named twice": (
        b'{"resourceType": "Patient", "id": "p1", "id": "p2"}',
        'record.json: an object names the key "id" twice; which of the two holds cannot be known',
    ),
    "NaN": (b'{"resourceType": "Patient", "a": NaN}', "record.json: not JSON: invalid character at column "),
    "a Bundle of no resources": (json.dumps(bundle()).encode(), "the source holds no resource"),
}  # fmt: skip


@pytest.mark.parametrize("case", UNREADABLE)
def test_a_source_that_cannot_be_read_is_refused_with_status_2(run: Any, saved: Any, case: str) -> None:
    content, words = UNREADABLE[case]
    saved(content)

    done = run("assess", "record.json")

    assert (done.returncode, done.stdout) == (2, b"")
    assert f"fhirgate: {words}" in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


def test_a_folder_without_fhir_files_is_refused(run: Any, saved: Any) -> None:
    folder = saved(b"x", "notes/readme.txt").parent

    done = run("assess", folder)

    assert (done.returncode, done.stdout) == (2, b"")
    assert (
        f"fhirgate: {folder}: no file named *.json, *.ndjson, *.jsonl in this folder" in done.stderr.decode()
    )


def test_resources_of_no_patient_are_said_to_be_of_none(assess: Any, saved: Any) -> None:
    status, found, _ = assess(saved({"resourceType": "Organization", "id": "o"}))

    assert (status, found["patient"], state(found)) == (1, "unknown", "INDETERMINATE")
    assert "NO_PATIENT" in codes(found)


def test_one_bad_line_of_ndjson_loses_only_itself(assess: Any, saved: Any) -> None:
    lines = [json.dumps(each).encode() for each in resources()]
    lines.insert(3, b'{"resourceType": "Observation", "id": ')

    status, found, errors = assess(saved(b"\n".join(lines), "export.ndjson"))

    assert status == 1
    assert "export.ndjson, line 4: the JSON ends before it is complete" in errors
    assert state(found) == "OLIGOPROGRESSION"
    assert codes(found).count("SOURCE_UNREADABLE") == 1


def test_one_bad_file_of_a_folder_loses_only_itself(assess: Any, saved: Any) -> None:
    saved(b"{", "in/a.json")
    folder = saved(record(), "in/b.json").parent

    status, found, errors = assess(folder)

    assert status == 1
    assert "fhirgate: a.json: the JSON ends before it is complete" in errors
    assert "fhirgate: 1 part of the source could not be read" in errors
    assert (state(found), codes(found).count("SOURCE_UNREADABLE")) == ("OLIGOPROGRESSION", 1)


def test_many_bad_parts_are_counted_and_not_all_shown(assess: Any) -> None:
    good = b"\n".join(json.dumps(each).encode() for each in resources())

    status, found, errors = assess("-", stdin=good + b"\nx" * 500)

    assert status == 1
    assert "fhirgate: ... and 480 more like these" in errors
    assert errors.count("\n") == 22
    assert codes(found).count("SOURCE_UNREADABLE") == 21


def test_an_entry_without_resource_loses_only_itself(assess: Any, saved: Any) -> None:
    content = record()
    content["entry"].insert(1, {"fullUrl": "urn:uuid:1"})

    status, found, errors = assess(saved(content))

    assert (status, state(found)) == (1, "OLIGOPROGRESSION")
    assert "record.json, entry 2: the entry has no resource" in errors


def test_unknown_resource_types_are_told_and_change_nothing(assess: Any, saved: Any) -> None:
    unknown = {"resourceType": "Thingummy", "id": "t", "subject": {"reference": "Patient/p1"}}

    status, found, _ = assess(saved(bundle(*resources(), unknown)))

    assert (status, state(found)) == (0, "OLIGOPROGRESSION")
    assert [each["source"] or each["text"] for each in found["findings"] if "Thingummy" in str(each)]


def test_two_patients_in_one_bundle_never_mix(assess: Any, saved: Any) -> None:
    stable = [(20, 20, 20), (30, 30, 30), (25, 25, 25)]

    status, found, _ = assess(saved(bundle(*resources("p1"), *resources("p2", stable))))

    assert status == 0
    assert [(each["patient"], state(each)) for each in found] == [
        ("p1", "OLIGOPROGRESSION"),
        ("p2", "OLIGOPERSISTENCE"),
    ]
    assert [len(each["lesions"]) for each in found] == [4, 3]


def latest(value: Any, **more: Any) -> list[dict[str, Any]]:
    """The record with another value for the last size of its growing lesion."""
    return [size(1, "2025-07-10", value, **more) if each.get("id") == "p1-size-1-2025-07-10" else each
            for each in resources()]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"value": 30}, "unit"),
        ({"value": 30, "unit": "inches"}, "inches"),
        (quantity(-30), "-30"),
        (quantity(6705.5), "6705.5"),
        ({"unit": "mm", "code": "mm"}, ""),
        (quantity("thirty"), ""),
        (quantity(1e99), ""),
        ("large", ""),
        (quantity({"value": 30}), ""),
        ([30], ""),
    ],
    ids=str,
)
def test_a_size_that_cannot_be_one_is_a_finding_and_no_measurement(
    assess: Any, saved: Any, value: Any, words: str
) -> None:
    raw = latest(30)
    for each in raw:
        if each.get("id") == "p1-size-1-2025-07-10":
            each["component"][0]["valueQuantity"] = value

    status, found, errors = assess(saved(bundle(*raw)))

    noted = [
        each for each in found["findings"] if each["source"] and "p1-size-1-2025-07-10" in each["source"]
    ]
    assert noted
    assert any(words in each["text"] for each in noted)
    assert status in (0, 1)
    assert "Traceback" not in errors
    measured = {
        (each["id"], size["date"]): size["mm"]
        for each in found["lesions"]
        for size in each["measurements"]
        if size["date"] == "2025-07-10"
    }
    assert len([each for each in measured.values() if each]) == 3
    assert state(found) != "OLIGOPROGRESSION"


@pytest.mark.parametrize(
    "on", ["2025-02-30", "2025-13-01", "yesterday", "0000-00-00", "", 20250710, None, {}]
)
def test_an_impossible_date_is_a_finding_and_no_crash(assess: Any, saved: Any, on: Any) -> None:
    raw = latest(30, effectiveDateTime=on)

    status, found, errors = assess(saved(bundle(*raw)))

    assert status in (0, 1)
    assert "this is an error" not in errors
    assert any("p1-size-1-2025-07-10" in str(each["source"]) for each in found["findings"])
    dates = {size["date"] for each in found["lesions"] for size in each["measurements"]}
    assert dates <= {"2025-01-10", "2025-04-10", "2025-07-10"}


def test_contradictory_measurements_are_a_finding_and_decide_nothing(assess: Any, saved: Any) -> None:
    rival = size(1, "2025-07-10", 20, id="rival")

    status, found, _ = assess(saved(bundle(*resources(), rival)))

    assert status in (0, 1)
    told = json.dumps([found["findings"], found["current"]["reasons"], found["current"]["qualifiers"]])
    assert "CONFLICT" in told


def test_references_in_a_circle_end(assess: Any, saved: Any) -> None:
    raw = resources()
    circle = [
        {
            "resourceType": "Observation",
            "id": f"circle-{number}",
            "status": "final",
            "code": {"text": "group"},
            "subject": {"reference": "Patient/p1"},
            "hasMember": [
                {"reference": f"Observation/circle-{(number + 1) % 3}"},
                {"reference": f"Observation/circle-{number}"},
            ],
            "derivedFrom": [{"reference": f"Observation/circle-{(number + 2) % 3}"}],
            "focus": [{"reference": f"Observation/circle-{number}"}],
            "partOf": [{"reference": f"Procedure/loop-{number}"}],
        }
        for number in range(3)
    ] + [
        {
            "resourceType": "Procedure",
            "id": f"loop-{number}",
            "status": "completed",
            "subject": {"reference": "Patient/p1"},
            "partOf": [{"reference": f"Procedure/loop-{(number + 1) % 3}"}],
            "performedDateTime": "2025-02-01",
        }
        for number in range(3)
    ]
    drug = {
        "resourceType": "Medication",
        "id": "m",
        "ingredient": [{"itemReference": {"reference": "Medication/m"}}],
    }
    given = {
        "resourceType": "MedicationAdministration",
        "id": "given",
        "status": "completed",
        "subject": {"reference": "Patient/p1"},
        "medicationReference": {"reference": "Medication/m"},
        "effectiveDateTime": "2025-02-01",
        "partOf": [{"reference": "MedicationAdministration/given"}],
    }

    status, found, errors = assess(saved(bundle(*raw, *circle, drug, given)))

    assert status in (0, 1)
    assert "this is an error" not in errors
    assert state(found) == "OLIGOPROGRESSION"


def test_ten_thousand_observations_of_one_lesion_are_assessed(assess: Any, saved: Any) -> None:
    many = [size(1, "2025-07-10", 30, id=f"copy-{number}") for number in range(10_000)]

    status, found, errors = assess(saved(bundle(*resources(), *many)))

    assert (status, errors) == (0, "")
    assert state(found) == "OLIGOPROGRESSION"


@pytest.mark.slow
def test_a_hundred_megabytes_in_one_bundle_are_assessed(run: Any, tmp_path: Path) -> None:
    note = {"resourceType": "DocumentReference", "status": "current", "subject": {"reference": "Patient/p1"}}
    entries = [{"resource": each} for each in resources()]
    target = 100_000_000
    one = json.dumps({"resource": {**note, "id": "n-000000", "description": "x" * 400}})
    path = tmp_path / "record.json"
    with path.open("w") as stream:
        stream.write('{"resourceType": "Bundle", "type": "collection", "entry": [')
        stream.write(",".join(json.dumps(each) for each in entries))
        for number in range(target // len(one)):
            stream.write("," + one.replace("000000", f"{number:06}"))
        stream.write("]}")
    assert path.stat().st_size >= target

    done = run("assess", path, "--as-of", AS_OF, "-o", "json")

    assert done.returncode == 0
    assert state(json.loads(done.stdout)) == "OLIGOPROGRESSION"
