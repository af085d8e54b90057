"""The containers servers answer with: every type of Bundle, pages, histories, bulk exports, references of all kinds."""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from integration.vendors.served import (
    AS_OF,
    BASE,
    FOUR,
    LOINC,
    ME,
    OSIMERTINIB,
    SCANS,
    Json,
    assessed,
    bundle,
    concept,
    lung_cancer,
    measured,
    mm,
    observation,
    patient,
    placed,
    resource,
    run,
    sized,
    statement,
)

PERSON = [patient(), lung_cancer(), statement(OSIMERTINIB, "2024-01-15")]
RECORD = [*PERSON, *measured()]
SIZES = ((20, 20, 30), (30, 30, 30), (25, 25, 24))


def followed(refer: Any) -> list[Json]:
    """Sizes of three lesions, each told by what `refer` makes of its number."""
    return [
        observation(
            f"size-{lesion}-{on}", on, concept(LOINC, "33728-7"), valueQuantity=mm(size), **refer(lesion)
        )
        for lesion, sizes in enumerate(SIZES)
        for on, size in zip(SCANS, sizes, strict=True)
    ]


@pytest.mark.parametrize(
    "kind", ["collection", "searchset", "document", "message", "history", "transaction", "batch"]
)
def test_a_record_is_the_same_in_every_type_of_bundle(tmp_path: Path, kind: str) -> None:
    heads: dict[str, Json] = {
        "document": {"resourceType": "Composition", "id": "x", "status": "final", "subject": ME},
        "message": {"resourceType": "MessageHeader", "id": "x", "eventCoding": {"code": "x"}},
    }
    head = [heads[kind]] if kind in heads else []

    assert assessed(tmp_path, bundle(*head, *RECORD, type=kind), AS_OF).state == "OLIGOPROGRESSION"


def test_a_transaction_without_ids_is_tied_by_its_urns(tmp_path: Path) -> None:
    urns = {
        f"{each['resourceType']}/{each['id']}": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, str(each))}"
        for each in RECORD
    }
    entries = []
    for each in RECORD:
        body = json.loads(json.dumps(each).replace("Patient/p", urns["Patient/p"]))
        urn = urns[f"{each['resourceType']}/{body.pop('id')}"]
        entries.append(
            {"fullUrl": urn, "resource": body, "request": {"method": "POST", "url": each["resourceType"]}}
        )
    answer = assessed(tmp_path, {"resourceType": "Bundle", "type": "transaction", "entry": entries}, AS_OF)

    assert (answer.state, answer.assessment["patient"]) == ("OLIGOPROGRESSION", urns["Patient/p"][9:])


def test_of_several_versions_the_latest_counts_in_any_order(tmp_path: Path) -> None:
    final, rest = RECORD[5], [*RECORD[:5], *RECORD[6:]]
    old = {
        **final,
        "valueQuantity": mm(300),
        "meta": {"versionId": "9", "lastUpdated": "2024-07-11T00:00:00Z"},
    }
    new = {**final, "status": "corrected", "meta": {"versionId": "10", "lastUpdated": "2024-07-12T00:00:00Z"}}
    first = assessed(tmp_path, bundle(new, old, *rest, type="history"), AS_OF)
    last = assessed(tmp_path, bundle(*rest, old, new, type="history"), AS_OF)

    assert first.assessment == last.assessment
    assert first.sizes["liver segment 6"][-1] == ("2024-07-10", "long", "30")


def test_what_was_entered_in_error_is_said_and_not_used(tmp_path: Path) -> None:
    answer = assessed(tmp_path, [*RECORD, sized("Brain", SCANS[2], 20, status="entered-in-error")], AS_OF)

    assert (len(answer.sizes), "ENTERED_IN_ERROR" in answer.codes) == (4, True)


def test_pages_that_overlap_count_once(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    following = [
        {"relation": "self", "url": "http://x?page=1"},
        {"relation": "next", "url": "http://x?page=2"},
    ]
    (pages / "1.json").write_text(json.dumps(bundle(*RECORD[:9], link=following)))
    (pages / "2.json").write_text(
        json.dumps(bundle(*RECORD[6:], link=[{"relation": "self", "url": "http://x?page=2"}]))
    )
    status, output, _ = run(pages, "--as-of", AS_OF, "-o", "json")
    whole = assessed(tmp_path, bundle(*RECORD), AS_OF)

    assert (status, json.loads(output)) == (0, whole.assessment)


def test_the_same_id_on_two_servers_is_two_patients(tmp_path: Path) -> None:
    path = tmp_path / "two.json"
    servers = [bundle(*RECORD, base=f"https://{name}.example/fhir")["entry"] for name in "ab"]
    path.write_text(
        json.dumps({"resourceType": "Bundle", "type": "collection", "entry": servers[0] + servers[1]})
    )
    _, output, _ = run(path, "--as-of", AS_OF, "-o", "json")

    assert [each["patient"] for each in json.loads(output)] == [
        "https://a.example/fhir/Patient/p",
        "https://b.example/fhir/Patient/p",
    ]


def of(person: str, record: list[Json]) -> list[Json]:
    """The same record of another patient."""
    moved = [json.loads(json.dumps(each).replace("Patient/p", f"Patient/{person}")) for each in record]
    return [
        {**each, "id": person if each["resourceType"] == "Patient" else f"{person}-{each['id']}"}
        for each in moved
    ]


def test_a_bulk_export_is_read_by_patient_and_its_manifest_is_no_fault(tmp_path: Path) -> None:
    stable = {place: (first, first, first) for place, (first, *_) in FOUR.items()}
    export = tmp_path / "export"
    export.mkdir()
    mixed = [
        each
        for pair in zip(of("a", RECORD), of("b", [*PERSON, *measured(stable)]), strict=True)
        for each in pair
    ]
    for kind in {each["resourceType"] for each in mixed}:
        lines = [json.dumps(each) for each in mixed if each["resourceType"] == kind]
        (export / f"{kind}.000.ndjson").write_text("\n".join(lines))
    manifest = {
        "transactionTime": "2024-07-20T00:00:00Z",
        "request": f"{BASE}/$export",
        "output": [],
        "error": [],
    }
    (export / "manifest.json").write_text(json.dumps(manifest, indent=2))
    failed = {
        "resourceType": "OperationOutcome",
        "issue": [{"code": "processing", "details": {"text": "1 file failed"}}],
    }
    (export / "error.ndjson").write_text(json.dumps(failed))
    status, output, errors = run(export, "--as-of", AS_OF, "-o", "json")
    answers = json.loads(output)

    assert (status, errors) == (0, "")
    assert [(each["patient"], each["current"]["state"]) for each in answers] == [
        ("a", "OLIGOPROGRESSION"),
        ("b", "OLIGOPERSISTENCE"),
    ]
    assert [each["text"] for each in answers[0]["findings"] if each["code"] == "SERVER_SAID"] == [
        "the server adds to its answer: 1 file failed"
    ]


@pytest.mark.parametrize(
    "refer",
    [
        lambda lesion: {"focus": [{"reference": f"BodyStructure/l{lesion}"}]},
        lambda lesion: {"focus": [{"reference": f"https://other.example/R4/BodyStructure/l{lesion}"}]},
        lambda lesion: {"focus": [{"reference": f"BodyStructure/l{lesion}/_history/3"}]},
        lambda lesion: {
            "focus": [{"type": "BodyStructure", "identifier": {"system": "urn:x", "value": f"l{lesion}"}}]
        },
        lambda lesion: {"focus": [{"display": f"Target lesion {lesion + 1}"}]},
        lambda lesion: {"identifier": [{"type": {"text": "Tracking ID"}, "value": f"L{lesion}"}]},
        lambda lesion: {
            "focus": [{"reference": "#b"}],
            "contained": [
                {
                    "resourceType": "BodyStructure",
                    "id": "b",
                    "identifier": [{"system": "urn:x", "value": f"l{lesion}"}],
                    "location": {"text": "Liver"},
                }
            ],
        },
    ],
    ids=["relative", "absolute", "versioned", "logical", "display", "label", "contained"],
)
def test_three_lesions_are_followed_by_any_kind_of_reference(tmp_path: Path, refer: Any) -> None:
    served = placed({"l0": "Liver", "l1": "Spleen", "l2": "Right adrenal gland"})
    answer = assessed(tmp_path, [*PERSON, *served, *followed(refer)], AS_OF)

    assert answer.state == "OLIGOPROGRESSION"
    assert sorted([size for _, _, size in seen] for seen in answer.sizes.values()) == [
        ["20", "20", "30"],
        ["25", "25", "24"],
        ["30", "30", "30"],
    ]


def test_structures_that_are_not_served_still_tell_lesions_apart(tmp_path: Path) -> None:
    served = followed(lambda lesion: {"focus": [{"reference": f"BodyStructure/l{lesion}"}]})
    answer = assessed(tmp_path, [*PERSON, *placed({"l0": "Liver"}), *served], AS_OF)

    assert (answer.state, "BODY_STRUCTURE_NOT_SERVED" in answer.codes) == ("OLIGOPROGRESSION", True)


def test_a_focus_on_a_metastasis_gives_the_place(tmp_path: Path) -> None:
    metastasis = resource("Condition", "m", code={"text": "Secondary malignant neoplasm of liver"})
    sizes = followed(lambda lesion: {"focus": [{"reference": "Condition/m"}]})[:3]
    answer = assessed(tmp_path, [*PERSON, metastasis, *sizes], AS_OF)

    assert answer.sizes["liver"] == [
        (on, "long", str(size)) for on, size in zip(SCANS, SIZES[0], strict=True)
    ]


def test_an_answer_of_many_types_loses_nothing_in_silence(tmp_path: Path) -> None:
    noise = [
        resource(kind, f"{kind}-{number}", patient=ME)
        for kind in ("Encounter", "Claim", "ExplanationOfBenefit", "Immunization", "CareTeam")
        for number in range(20)
    ]
    vital = {"text": "vital-signs", "coding": [{"code": "vital-signs"}]}
    height = observation(
        "height",
        SCANS[0],
        concept(LOINC, "8302-2", "Body Height"),
        category=[vital],
        valueQuantity=mm(170, "cm"),
    )
    answer = assessed(tmp_path, [*RECORD, *noise, height], AS_OF)
    told = [each["text"] for each in answer.assessment["findings"] if each["code"] == "TYPE_NOT_READ"]

    assert answer.state == "OLIGOPROGRESSION"
    assert told == [
        f"20 {kind} resources are not read" for kind in sorted({each["resourceType"] for each in noise})
    ]
    assert answer.finding("NO_FACT").startswith("1 Observation ")


@pytest.mark.parametrize(
    "days",
    [
        ("2024-01-10T23:30:00.123456-05:00", "2024-04-10T10:11", "2024-07-10T10:11:12"),
        ("2024-01-10", "2024-04-10T10:11:12.1Z", "2024-07-10T10:11:12.1234567+02:00"),
    ],
)
def test_times_without_zone_or_with_fractions_are_days(tmp_path: Path, days: tuple[str, ...]) -> None:
    answer = assessed(tmp_path, [*PERSON, *measured(FOUR, days)], AS_OF)

    assert [each["date"] for each in answer.assessment["timepoints"]] == list(SCANS)
    assert answer.state == "OLIGOPROGRESSION"


def test_months_stay_months(tmp_path: Path) -> None:
    answer = assessed(tmp_path, [*PERSON, *measured(FOUR, ("2024-01", "2024-04", "2024-07"))], AS_OF)

    assert [each["date"] for each in answer.assessment["timepoints"]] == ["2024-01", "2024-04", "2024-07"]
    assert answer.state == "OLIGOPROGRESSION"
