"""Values no measurement, date or name can have: each is read as what it is, and none crashes or fills the memory."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from fhir_records import LOINC, concept, resources
from security.hostile import AS_OF, P1, SCANS, base, labelled, size, structure

from fhirgate.errors import InvalidRequest
from fhirgate.mapping.compose.bundle import compose_bundle
from fhirgate.mapping.datatypes import concept as read_concept
from fhirgate.mapping.datatypes import number, text
from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.clinical_date import ClinicalDate, add_months
from fhirgate.oncology.policy import DEFAULT_POLICY
from fhirgate.report.assessment_json import assessment_json
from fhirgate.report.columns import wrapped
from fhirgate.report.story import tell
from fhirgate.services.assess_record import Choices, assess_patients, assess_record

MEGABYTE = 1_000_000


def written(record: list[dict[str, Any]], as_of: date = AS_OF) -> tuple[Assessment, str]:
    """The assessment of a record, and all that is written of it."""
    (result,) = assess_patients(record, as_of, Choices())
    (assessment,) = result.assessments
    bundle = compose_bundle(assessment, result.chart, DEFAULT_POLICY)
    told = [
        json.dumps(assessment_json(assessment), ensure_ascii=False),
        json.dumps(bundle, default=str, ensure_ascii=False),
        tell(assessment),
    ]
    return assessment, "".join(told)


@pytest.mark.parametrize(
    "value",
    [
        "1e999999999",
        "-1e999999",
        "1e-999999",
        "9" * 5000,
        10**5000,
        Decimal("1e401"),
        Decimal("1e-401"),
        "sNaN",
    ],
    ids=lambda value: f"{type(value).__name__}",
)
def test_a_number_that_would_fill_the_memory_is_none(value: Any) -> None:
    assert number(value) is None


@pytest.mark.parametrize("value", ["1e300", Decimal("1e300"), "1e-300", "7" * 300])
def test_a_size_beyond_any_lesion_is_refused_and_not_written_out(value: Any) -> None:
    assessment, said = written([*base(), structure(1), size("a", SCANS[0], value, of=1)])

    assert (
        assessment.lesions[0].measurements[0].size is None or assessment.lesions[0].measurements[0].size < 1
    )
    assert len(said) < 40_000


def test_a_version_of_five_thousand_digits_is_a_version() -> None:
    copies = [
        size("a", SCANS[0], mm, of=1, meta={"versionId": digits})
        for mm, digits in ((20, "9" * 5000), (30, "1"))
    ]

    assessment, _ = written([*base(), structure(1), *copies])

    assert len(assessment.lesions) == 1


@pytest.mark.parametrize("on", ["0001-01-01", "0001", "9999-12-31", "9999", "9999-12"])
@pytest.mark.parametrize("as_of", [date.min, date(2026, 5, 31), date.max], ids=str)
def test_the_first_and_the_last_day_of_the_calendar_are_days(on: str, as_of: date) -> None:
    record = resources()
    for each in record:
        if each["id"] == "p1-cancer":
            each["onsetDateTime"] = on
        if each["resourceType"] == "Observation" and each["effectiveDateTime"] == SCANS[2]:
            each["effectiveDateTime"] = on

    written([*record, _radiotherapy(on)], as_of)


def _radiotherapy(on: str) -> dict[str, Any]:
    target = "http://hl7.org/fhir/StructureDefinition/procedure-targetBodyStructure"
    return {
        "resourceType": "Procedure",
        "id": "rt",
        "status": "completed",
        "subject": P1,
        "code": concept("http://snomed.info/sct", "1217123003", "SBRT"),
        "performedPeriod": {"start": on, "end": on},
        "extension": [{"url": target, "valueReference": {"reference": "BodyStructure/p1-lesion-1"}}],
    }


def test_months_stay_inside_the_calendar() -> None:
    assert add_months(date(9999, 11, 30), 6) == date.max
    assert add_months(date(1, 2, 1), -6) == date.min


def test_a_date_of_a_megabyte_is_no_date_and_is_not_kept() -> None:
    with pytest.raises(ValueError, match="not an ISO date"):
        ClinicalDate.parse("2025-01-01T" + "0" * MEGABYTE)


PLACES: dict[str, Callable[[str], list[dict[str, Any]]]] = {
    "a label": lambda long: [labelled(str(each), on, long) for each, on in enumerate(SCANS)],
    "an id": lambda long: [labelled(f"{long}{each}", on, "L1") for each, on in enumerate(SCANS)],
    "a drug": lambda long: [
        {
            "resourceType": "MedicationStatement",
            "id": "m",
            "status": "active",
            "subject": P1,
            "effectivePeriod": {"start": SCANS[0]},
            "medicationCodeableConcept": {"text": long},
        }
    ],
    "a diagnosis": lambda long: [
        {"resourceType": "Condition", "id": "c", "subject": P1, "code": {"text": f"metastasis of lung from {long}"}}
    ],
    "a site": lambda long: [size("a", SCANS[0], bodySite={"text": f"liver segment {long}"})],
    "a unit": lambda long: [size("a", SCANS[0], {"value": 1, "unit": long}, bodySite={"text": "liver"})],
    "a size in words": lambda long: [size("a", SCANS[0], component=[], bodySite={"text": "liver"}, valueString=long)],
    "a category": lambda long: [labelled("a", SCANS[0], "L1") | {"category": [{"text": long}]}],
    "a code": lambda long: [
        labelled("a", SCANS[0], "L1") | {"valueCodeableConcept": {"coding": [{"system": long, "code": long}]}}
    ],
}  # fmt: skip


@pytest.mark.parametrize("words", ["x", "1", "liver ", "from bei ", " ", "IV"], ids=repr)
@pytest.mark.parametrize("place", PLACES)
def test_a_word_of_a_megabyte_is_cut_everywhere(place: str, words: str) -> None:
    long = words * (MEGABYTE // len(words))

    _, said = written([*base(), *PLACES[place](long)])

    assert len(said) < 400_000


def test_two_long_words_that_differ_at_the_end_stay_two() -> None:
    one, other = text({"id": "x" * 5000 + "1"}, "id"), text({"id": "x" * 5000 + "2"}, "id")

    assert (len(one), one == other) == (1018, False)


def test_a_long_line_is_wrapped_in_time() -> None:
    assert len(wrapped("x" * MEGABYTE, 100)) == 10_000


@pytest.mark.parametrize("half", ["\ud800", "\udfff x", "x\ud83d"])
def test_half_a_character_can_be_written_as_utf8(half: str) -> None:
    record = [*base(), *(labelled(f"{half}{each}", on, half) for each, on in enumerate(SCANS))]
    record.append({"resourceType": "Condition", "subject": P1, "code": {"text": half}})

    _, said = written(record)

    said.encode()


def test_words_that_nest_without_end_are_no_words() -> None:
    nested: dict[str, Any] = {"text": "deep"}
    for _ in range(900):
        nested = {"concept": nested, "reference": nested}

    assert read_concept(nested).words == ()
    written([*base(), size("a", SCANS[0], bodySite=nested, focus=[nested], performer=[nested])])


def test_a_resource_that_nests_without_end_is_refused_in_words() -> None:
    nested: Any = 1
    for _ in range(20_000):
        nested = [nested]
    record = [
        *base(),
        {"resourceType": "Observation", "subject": P1, "code": {"text": "x"}, "extension": nested},
    ]

    with pytest.raises(InvalidRequest, match="nested deeper than any FHIR resource"):
        assess_record(record, DEFAULT_POLICY, AS_OF)


def test_what_a_cache_keeps_is_never_long() -> None:
    before = read_concept({"coding": [{"system": LOINC, "code": "1"}], "text": "y" * MEGABYTE})
    after = read_concept({"coding": [{"system": LOINC, "code": "1"}], "text": "y" * MEGABYTE})

    assert before == after
    assert before is not after
