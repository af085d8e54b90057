"""Oracle (Cerner): administrations, units as text, names as text, no BodyStructure or ImagingStudy, refused batches."""

from pathlib import Path

from integration.vendors.served import (
    AS_OF,
    FOUR,
    RXNORM,
    SCANS,
    Json,
    assessed,
    bundle,
    lung_cancer,
    observation,
    patient,
    resource,
)

DAYS = (
    "2024-01-15",
    "2024-02-05",
    "2024-02-26",
    "2024-03-18",
    "2024-04-08",
    "2024-04-29",
    "2024-05-20",
    "2024-06-10",
)
PEMBROLIZUMAB = {
    "coding": [
        {"system": RXNORM, "code": "1657066", "userSelected": True},
        {"system": "urn:synonym", "code": "1"},
    ],
    "text": "pembrolizumab 200 mg + Sodium Chloride 0.9% 100 mL",
}
CANCER = lung_cancer(code={"text": "Non-small cell lung cancer, stage IV"})


def exams(code: str = "Longest diameter", unit: str = "mm") -> list[Json]:
    """Sizes by name only, with a unit as text only and a local zone."""
    return [
        observation(
            f"{number}-{on}",
            f"{on}T09:12:33.000-05:00",
            {"text": code},
            category=[{"text": "Exam"}],
            bodySite={"text": place},
            valueQuantity={"value": size, "unit": unit},
        )
        for number, (place, sizes) in enumerate(FOUR.items())
        for on, size in zip(SCANS, sizes, strict=True)
    ]


def infusions(*days: str, status: str = "completed") -> list[Json]:
    return [
        resource(
            "MedicationAdministration",
            f"{status}-{day}",
            status=status,
            medicationCodeableConcept=PEMBROLIZUMAB,
            effectivePeriod={"start": f"{day}T10:00:00.000Z", "end": f"{day}T10:30:00.000Z"},
        )
        for day in days
    ]


def test_infusions_and_sizes_by_text_alone_are_enough(tmp_path: Path) -> None:
    answer = assessed(tmp_path, [patient(), CANCER, *exams(), *infusions(*DAYS, "2024-07-01")], AS_OF)

    assert (answer.status, answer.state, answer.lines) == (0, "OLIGOPROGRESSION", [("pembrolizumab",)])
    assert answer.assessment["linesOfTherapy"][0]["evidence"] == "ADMINISTERED"
    assert answer.finding("UNIT_BY_TEXT").startswith("12 sizes with the unit mm as text only")


def test_doses_that_were_not_given_do_not_count(tmp_path: Path) -> None:
    record = [
        patient(),
        CANCER,
        *exams(),
        *infusions("2024-01-15"),
        *infusions("2024-07-01", status="not-done"),
    ]
    answer = assessed(tmp_path, record, AS_OF)

    assert answer.assessment["linesOfTherapy"][0]["lastExposure"] == "2024-01-15"
    assert "THERAPY_NOT_GIVEN" in answer.codes


def test_sizes_in_a_unit_that_is_no_length_are_refused(tmp_path: Path) -> None:
    answer = assessed(tmp_path, [patient(), CANCER, *exams(unit="inch"), *infusions(*DAYS)], AS_OF)

    assert "UNITS_INVALID" in answer.codes
    assert answer.state == "INDETERMINATE"


def test_a_name_that_is_no_known_size_is_listed_with_what_settles_it(tmp_path: Path) -> None:
    answer = assessed(tmp_path, [patient(), CANCER, *exams("Lesion measurement A"), *infusions(*DAYS)], AS_OF)

    assert answer.assessment["current"]["reasons"][0]["code"] == "NO_IMAGING"
    assert "12 lengths" in answer.finding("LENGTH_NOT_READ")
    assert "Lesion measurement A (12)" in answer.finding("LENGTH_NOT_READ")


def test_a_refused_part_of_a_batch_is_said(tmp_path: Path) -> None:
    refused = {
        "response": {
            "status": "403 Forbidden",
            "outcome": {
                "resourceType": "OperationOutcome",
                "issue": [{"severity": "error", "code": "forbidden", "diagnostics": "scope missing"}],
            },
        }
    }
    parts = (bundle(patient(), CANCER), bundle(*exams()))
    answered = [{"resource": part, "response": {"status": "200 OK"}} for part in parts]
    batch = {"resourceType": "Bundle", "type": "batch-response", "entry": [*answered, refused]}

    assert assessed(tmp_path, batch, AS_OF).finding("SERVER_REFUSED") == (
        "the server refused a part of what was asked (403 Forbidden: scope missing); what it holds is not part of this"
        " assessment"
    )
