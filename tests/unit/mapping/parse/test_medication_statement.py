"""MedicationStatement of STU3, R4 and R5."""

from typing import Any

import pytest
from therapy_json import SNOMED, codes, concept, intent, record_of, statement

from fhirgate.mapping.parse.exposures import parse_exposures
from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.finding import Severity
from fhirgate.oncology.therapy import Evidence, Exposure, Intent, StopReason


def only(raw: dict[str, Any]) -> Exposure:
    (exposure,) = parse_exposures(record_of(raw))
    return exposure


def dates(exposure: Exposure) -> tuple[str, str | None, bool, str | None]:
    return (
        str(exposure.start),
        str(exposure.end) if exposure.end else None,
        exposure.ended,
        str(exposure.asserted_on) if exposure.asserted_on else None,
    )


PERIOD = {"start": "2023-02-01", "end": "2023-08-09"}
OPEN = {"start": "2023-02-01"}


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({"effectivePeriod": PERIOD}, ("2023-02-01", "2023-08-09", True, None)),
        ({"effectivePeriod": OPEN}, ("2023-02-01", None, False, None)),
        ({"effectivePeriod": OPEN, "dateAsserted": "2024-01-05"}, ("2023-02-01", None, False, "2024-01-05")),
        (
            {"effectivePeriod": OPEN, "meta": {"lastUpdated": "2024-01-06T10:00:00Z"}},
            ("2023-02-01", None, False, "2024-01-06"),
        ),
        ({"effectiveDateTime": "2023-02-01"}, ("2023-02-01", None, False, "2023-02-01")),
        (
            {"effectiveDateTime": "2023-02-01", "dateAsserted": "2023-03-01"},
            ("2023-02-01", None, False, "2023-03-01"),
        ),
        ({"effectivePeriod": {"start": "2023-02", "end": "2023"}}, ("2023-02", "2023", True, None)),
        ({"effectivePeriod": {"start": "2023-02-01T08:00:00+01:00"}}, ("2023-02-01", None, False, None)),
        ({"effectivePeriod": OPEN, "status": "completed"}, ("2023-02-01", "2023-02-01", True, None)),
        ({"effectiveDateTime": "2023-02-01", "status": "stopped"}, ("2023-02-01", "2023-02-01", True, None)),
    ],
)
def test_when_a_stated_drug_was_taken(
    elements: dict[str, Any], expected: tuple[str, str | None, bool, str | None]
) -> None:
    exposure = only(statement(**elements))
    assert dates(exposure) == expected
    assert exposure.evidence is Evidence.STATED


def test_a_therapy_that_is_over_since_an_unknown_day_says_so() -> None:
    record = record_of(statement(status="stopped", effectivePeriod=OPEN))
    parse_exposures(record)
    (finding,) = record.findings
    assert (finding.code, finding.severity) == ("EXPOSURE_END_UNKNOWN", Severity.WARNING)
    assert finding.text == (
        "osimertinib: the therapy is over, and nothing says since when; 2023-02-01, the last day it is known of, is"
        " taken as its end; a period with an end would settle it"
    )


@pytest.mark.parametrize(
    ("elements", "start", "end"),
    [
        ({"effectivePeriod": {"end": "2023-08-09"}}, "2023-08-09", "2023-08-09"),
        ({"dateAsserted": "2023-09-01"}, "2023-09-01", None),
    ],
)
def test_a_therapy_without_a_start_counts_from_the_first_day_it_is_known_of(
    elements: dict[str, Any], start: str, end: str | None
) -> None:
    record = record_of(statement(**elements))
    (exposure,) = parse_exposures(record)
    assert dates(exposure)[:2] == (start, end)
    assert codes(record) == ["EXPOSURE_START_UNKNOWN"]


def test_a_therapy_without_any_date_cannot_be_used() -> None:
    record = record_of(statement())
    assert parse_exposures(record) == ()
    (finding,) = record.findings
    assert (finding.code, finding.severity) == ("EXPOSURE_UNDATED", Severity.ERROR)
    assert finding.text == (
        "osimertinib: no usable date, so it belongs to no line of therapy; effective[x] would settle it"
    )


def test_an_impossible_date_is_told() -> None:
    record = record_of(statement(effectivePeriod={"start": "2023-02-30"}))
    assert parse_exposures(record) == ()
    assert codes(record) == ["DATE_INVALID", "EXPOSURE_UNDATED"]


def test_an_end_before_the_start_is_not_used() -> None:
    record = record_of(statement(effectivePeriod={"start": "2023-02-01", "end": "2022-02-01"}))
    (exposure,) = parse_exposures(record)
    assert dates(exposure)[:3] == ("2023-02-01", None, False)
    assert codes(record) == ["EXPOSURE_DATES_REVERSED"]


@pytest.mark.parametrize(
    "elements",
    [
        {"status": "not-taken"},
        {"status": "intended"},
        {"status": "draft"},
        {"taken": "n"},
        {"status": "recorded", "adherence": {"code": concept("not-taking", "x")}},
    ],
    ids=["R4 not-taken", "intended", "draft", "STU3 taken n", "R5 adherence"],
)
def test_what_was_not_taken_is_information_and_no_exposure(elements: dict[str, Any]) -> None:
    record = record_of(statement(effectivePeriod=OPEN, **elements))
    assert parse_exposures(record) == ()
    (finding,) = record.findings
    assert (finding.code, finding.severity) == ("THERAPY_NOT_GIVEN", Severity.INFORMATION)
    assert finding.text.startswith("osimertinib: the MedicationStatement says ")


def test_a_companion_that_was_not_taken_is_no_news() -> None:
    record = record_of(statement(drug=concept(text="Ondansetron"), status="not-taken", effectivePeriod=OPEN))
    assert parse_exposures(record) == ()
    assert record.findings == []


@pytest.mark.parametrize(
    "elements",
    [
        {"status": "active", "taken": "y"},
        {"status": "recorded", "adherence": {"code": concept("taking", "x")}},
    ],
)
def test_what_was_taken_counts_in_every_release(elements: dict[str, Any]) -> None:
    assert only(statement(effectivePeriod=OPEN, **elements)).end is None


@pytest.mark.parametrize(
    "elements",
    [
        {"status": "on-hold"},
        {"status": "recorded", "adherence": {"code": concept("on-hold-as-directed", "x")}},
    ],
)
def test_a_therapy_on_hold_is_open_and_held(elements: dict[str, Any]) -> None:
    exposure = only(statement(effectivePeriod=OPEN, **elements))
    assert (exposure.on_hold, exposure.end) == (True, None)


def test_r5_says_stopped_by_adherence_with_its_reason() -> None:
    adherence = {"code": concept("stopped", "x"), "reason": concept("407563006", SNOMED)}
    exposure = only(statement(status="recorded", adherence=adherence, effectivePeriod=PERIOD))
    assert (exposure.ended, exposure.stop_reason) == (True, StopReason.TOXICITY)


def test_intent_and_reason_for_stopping_are_read() -> None:
    exposure = only(
        statement(
            status="stopped",
            effectivePeriod=PERIOD,
            extension=[intent("363676003")],
            statusReason=[concept("266721009", SNOMED)],
        )
    )
    assert (exposure.intent, exposure.stop_reason) == (Intent.PALLIATIVE, StopReason.PROGRESSION)


def test_several_drugs_of_one_statement_are_one_exposure_each() -> None:
    record = record_of(statement(drug=concept(text="Carboplatin + Pemetrexed"), effectivePeriod=PERIOD))
    found = parse_exposures(record)
    assert [each.agent.name for each in found] == ["carboplatin", "pemetrexed"]
    assert {each.sources for each in found} == {found[0].sources}
    assert found[0].end == ClinicalDate.parse("2023-08-09")
