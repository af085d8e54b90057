"""MedicationRequest, MedicationAdministration and MedicationDispense, and how they belong together."""

from typing import Any

import pytest
from therapy_json import (
    SNOMED,
    administration,
    codes,
    concept,
    dispense,
    intent,
    names,
    order,
    record_of,
    statement,
)

from fhirgate.mapping.parse.exposures import parse_exposures
from fhirgate.oncology.therapy import Evidence, Exposure, Intent, StopReason


def only(*raws: dict[str, Any]) -> Exposure:
    (exposure,) = parse_exposures(record_of(*raws))
    return exposure


def dates(exposure: Exposure) -> tuple[str, str | None, bool, str | None, str | None]:
    return (
        str(exposure.start),
        str(exposure.end) if exposure.end else None,
        exposure.ended,
        str(exposure.asserted_on) if exposure.asserted_on else None,
        str(exposure.supplied_until) if exposure.supplied_until else None,
    )


def timing(**repeat: Any) -> list[dict[str, Any]]:
    return [{"timing": {"repeat": repeat}}]


AUTHORED = {"authoredOn": "2023-02-01"}


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({}, ("2023-02-01", None, False, "2023-02-01", None)),
        ({"status": "unknown"}, ("2023-02-01", None, False, "2023-02-01", None)),
        (
            {"dosageInstruction": timing(boundsPeriod={"start": "2023-03-01"})},
            ("2023-03-01", None, False, "2023-03-01", None),
        ),
        (
            {"dosageInstruction": timing(boundsPeriod={"start": "2023-03-01", "end": "2023-05-01"})},
            ("2023-03-01", "2023-05-01", True, None, None),
        ),
        (
            {"dispenseRequest": {"expectedSupplyDuration": {"value": 30, "code": "d"}}},
            ("2023-02-01", None, False, "2023-02-01", "2023-03-02"),
        ),
        (
            {
                "dispenseRequest": {
                    "expectedSupplyDuration": {"value": 30, "unit": "days"},
                    "numberOfRepeatsAllowed": 2,
                }
            },
            ("2023-02-01", None, False, "2023-02-01", "2023-05-01"),
        ),
        (
            {"status": "stopped", "statusChanged": "2023-06-01"},
            ("2023-02-01", "2023-06-01", True, None, None),
        ),
        ({"status": "stopped"}, ("2023-02-01", "2023-02-01", True, None, None)),
        (
            {
                "status": "completed",
                "dispenseRequest": {"expectedSupplyDuration": {"value": 30, "code": "d"}},
            },
            ("2023-02-01", "2023-03-02", True, None, "2023-03-02"),
        ),
        (
            {"status": "stopped", "dispenseRequest": {"expectedSupplyDuration": {"value": 30, "code": "d"}}},
            ("2023-02-01", "2023-02-01", True, None, "2023-03-02"),
        ),
        (
            {"authoredOn": None, "dispenseRequest": {"validityPeriod": {"start": "2023-02-05"}}},
            ("2023-02-05", None, False, "2023-02-05", None),
        ),
    ],
)
def test_when_an_order_runs(
    elements: dict[str, Any], expected: tuple[str, str | None, bool, str | None, str | None]
) -> None:
    exposure = only(order(**{**AUTHORED, **elements}))
    assert dates(exposure) == expected
    assert exposure.evidence is Evidence.ORDERED_ONLY


@pytest.mark.parametrize(
    ("elements", "why"),
    [
        ({"status": "cancelled"}, "cancelled"),
        ({"status": "draft"}, "draft"),
        ({"intent": "proposal"}, "it is a proposal"),
        ({"intent": "option"}, "it is a option"),
        ({"intent": "plan"}, "it is a plan"),
        ({"doNotPerform": True}, "do not give"),
    ],
)
def test_what_was_never_ordered_is_information(elements: dict[str, Any], why: str) -> None:
    record = record_of(order(**AUTHORED, **elements))
    assert parse_exposures(record) == ()
    (finding,) = record.findings
    assert finding.code == "THERAPY_NOT_GIVEN"
    assert finding.text == f"osimertinib: the MedicationRequest says {why}, so it does not count as given"


@pytest.mark.parametrize(
    "reported",
    [{"reportedBoolean": True}, {"reportedReference": {"reference": "Patient/p"}}, {"reported": True}],
)
def test_a_plan_that_reports_use_is_a_statement(reported: dict[str, Any]) -> None:
    assert only(order(intent="plan", **AUTHORED, **reported)).evidence is Evidence.STATED


def test_the_reason_an_order_was_stopped_is_read_with_any_status() -> None:
    exposure = only(order(status="completed", statusReason=concept("182992009", SNOMED), **AUTHORED))
    assert exposure.stop_reason is StopReason.PLANNED_COMPLETION


def test_an_order_on_hold_is_open_and_held() -> None:
    exposure = only(order(status="on-hold", **AUTHORED))
    assert (exposure.on_hold, exposure.end) == (True, None)


def test_a_counted_number_of_doses_is_a_fixed_duration() -> None:
    exposure = only(order(dosageInstruction=timing(count=6, period=3, periodUnit="wk"), **AUTHORED))
    assert exposure.fixed_duration


def test_an_order_without_date_cannot_be_used() -> None:
    record = record_of(order())
    assert parse_exposures(record) == ()
    assert codes(record) == ["EXPOSURE_UNDATED"]


def test_an_order_ends_where_its_renewal_begins() -> None:
    first = order("o1", **AUTHORED)
    renewal = order("o2", authoredOn="2023-05-01", priorPrescription={"reference": "MedicationRequest/o1"})
    found = parse_exposures(record_of(renewal, first))
    assert [dates(each)[:3] for each in found] == [
        ("2023-02-01", "2023-05-01", False),
        ("2023-05-01", None, False),
    ]


def test_a_renewal_dated_before_its_order_changes_nothing() -> None:
    first = order("o1", **AUTHORED)
    renewal = order("o2", authoredOn="2022-05-01", priorPrescription={"reference": "MedicationRequest/o1"})
    assert dates(parse_exposures(record_of(renewal, first))[1])[:2] == ("2023-02-01", None)


@pytest.mark.parametrize(
    ("elements", "start", "end"),
    [
        ({"effectiveDateTime": "2023-02-01"}, "2023-02-01", "2023-02-01"),
        (
            {"effectivePeriod": {"start": "2023-02-01T08:00:00Z", "end": "2023-02-03T06:00:00Z"}},
            "2023-02-01",
            "2023-02-03",
        ),
        ({"effectivePeriod": {"end": "2023-02-03"}}, "2023-02-03", "2023-02-03"),
        ({"occurenceDateTime": "2023-02-01"}, "2023-02-01", "2023-02-01"),
        ({"occurrencePeriod": {"start": "2023-02-01", "end": "2023-02-02"}}, "2023-02-01", "2023-02-02"),
        ({"effectivePeriod": {"start": "2023-02-03", "end": "2023-02-01"}}, "2023-02-03", "2023-02-03"),
    ],
)
def test_a_dose_is_an_exposure_of_its_own_day(elements: dict[str, Any], start: str, end: str) -> None:
    exposure = only(administration(**elements))
    assert dates(exposure) == (start, end, False, None, None)
    assert exposure.evidence is Evidence.ADMINISTERED


@pytest.mark.parametrize(
    "elements",
    [
        {"status": "not-done"},
        {"notGiven": True},
        {"status": "on-hold", "statusReason": [concept("373147003", SNOMED)]},
        {"status": "on-hold", "statusReason": [concept(text="Not done, neutrophils low")]},
    ],
)
def test_a_dose_that_was_not_given_is_information(elements: dict[str, Any]) -> None:
    record = record_of(administration(effectiveDateTime="2023-02-01", **elements))
    assert parse_exposures(record) == ()
    assert codes(record) == ["THERAPY_NOT_GIVEN"]


def test_a_dose_of_unknown_status_is_weaker_evidence() -> None:
    assert only(administration(status="unknown", effectiveDateTime="2023-02-01")).evidence is Evidence.STATED


def test_an_interrupted_infusion_does_not_end_the_therapy() -> None:
    exposure = only(administration(status="stopped", effectiveDateTime="2023-02-01"))
    assert (exposure.ended, exposure.stop_reason) == (False, None)


def test_an_infusion_stopped_for_toxicity_ends_it() -> None:
    reason = [concept("407563006", SNOMED)]
    exposure = only(administration(status="stopped", effectiveDateTime="2023-02-01", statusReason=reason))
    assert (exposure.ended, exposure.stop_reason) == (True, StopReason.TOXICITY)


def test_an_undated_dose_cannot_be_used() -> None:
    record = record_of(administration())
    assert parse_exposures(record) == ()
    assert codes(record) == ["EXPOSURE_UNDATED"]


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({"whenHandedOver": "2023-02-01"}, ("2023-02-01", "2023-02-01", False, None, None)),
        (
            {"whenHandedOver": "2023-02-01", "daysSupply": {"value": 28, "code": "d"}},
            ("2023-02-01", "2023-02-01", False, None, "2023-02-28"),
        ),
        (
            {"whenPrepared": "2023-02-01", "daysSupply": {"value": 0}},
            ("2023-02-01", "2023-02-01", False, None, None),
        ),
        (
            {"whenHandedOver": "2023-02", "daysSupply": {"value": 4, "unit": "weeks"}},
            ("2023-02", "2023-02", False, None, "2023-02"),
        ),
        (
            {"status": "stopped", "whenHandedOver": "2023-02-01"},
            ("2023-02-01", "2023-02-01", False, None, None),
        ),
    ],
)
def test_a_dispense_is_handed_over_with_its_supply(
    elements: dict[str, Any], expected: tuple[str, str | None, bool, str | None, str | None]
) -> None:
    exposure = only(dispense(**elements))
    assert dates(exposure) == expected
    assert exposure.evidence is Evidence.DISPENSED


@pytest.mark.parametrize("elements", [{"status": "cancelled"}, {"status": "preparation"}, {"notDone": True}])
def test_a_dispense_that_did_not_come_about_is_information(elements: dict[str, Any]) -> None:
    record = record_of(dispense(**elements))
    assert parse_exposures(record) == ()
    assert codes(record) == ["THERAPY_NOT_GIVEN"]


def test_an_undated_dispense_cannot_be_used() -> None:
    record = record_of(dispense())
    assert parse_exposures(record) == ()
    assert codes(record) == ["EXPOSURE_UNDATED"]


def test_an_order_that_was_carried_out_gives_its_intent_and_its_end_to_what_was_given() -> None:
    asked = order(
        status="stopped",
        statusReason=concept("266721009", SNOMED),
        extension=[intent("363676003")],
        **AUTHORED,
    )
    doses = [
        administration(
            f"a{n}", effectiveDateTime=f"2023-0{n}-01", request={"reference": "MedicationRequest/o"}
        )
        for n in (2, 3)
    ]
    found = parse_exposures(record_of(asked, *doses))
    assert [(dates(each)[:3], each.stop_reason) for each in found] == [
        (("2023-02-01", "2023-02-01", False), None),
        (("2023-03-01", "2023-03-01", True), StopReason.PROGRESSION),
    ]
    assert {each.intent for each in found} == {Intent.PALLIATIVE}
    assert [str(each) for each in found[0].sources] == ["MedicationAdministration/a2", "MedicationRequest/o"]


def test_an_order_whose_dose_was_of_another_drug_stays_an_order() -> None:
    dose = administration(
        drug=concept(text="Ondansetron"),
        effectiveDateTime="2023-02-01",
        request={"reference": "MedicationRequest/o"},
    )
    found = parse_exposures(record_of(order(**AUTHORED), dose))
    assert [(each.agent.name, each.evidence) for each in found] == [
        ("ondansetron", Evidence.ADMINISTERED),
        ("osimertinib", Evidence.ORDERED_ONLY),
    ]


def test_a_dose_on_an_order_that_does_not_count_is_kept() -> None:
    dose = administration(effectiveDateTime="2023-02-01", request={"reference": "MedicationRequest/o"})
    found = parse_exposures(record_of(order(status="cancelled", **AUTHORED), dose))
    assert [each.evidence for each in found] == [Evidence.ADMINISTERED]


def test_a_supply_and_a_statement_belong_to_their_order() -> None:
    supply = dispense(
        whenHandedOver="2023-02-03", authorizingPrescription=[{"reference": "MedicationRequest/o"}]
    )
    told = statement(effectivePeriod={"start": "2023-02-04"}, basedOn=[{"reference": "MedicationRequest/o"}])
    found = parse_exposures(record_of(order(**AUTHORED), supply, told))
    assert [each.evidence for each in found] == [Evidence.DISPENSED, Evidence.STATED]


def test_the_same_dose_recorded_twice_is_one_exposure_with_both_sources() -> None:
    twice = [administration(id, effectiveDateTime="2023-02-01") for id in ("a1", "a2")]
    exposure = only(*twice)
    assert [str(each) for each in exposure.sources] == [
        "MedicationAdministration/a1",
        "MedicationAdministration/a2",
    ]


FORMS = {
    "RxNorm": [
        statement(drug=concept("40048"), effectivePeriod={"start": "2023-02-01", "end": "2023-05-01"})
    ],
    "ATC": [
        statement(drug=concept("L01XA02", "http://www.whocc.no/atc"), effectivePeriod={"start": "2023-02-01"})
    ],
    "text": [statement(drug=concept(text="Carboplatin AUC 5 i.v."), effectiveDateTime="2023-02-01")],
    "order and dispense": [
        order(drug=concept(text="CARBOPLATIN 10 MG/ML Injectable Solution"), **AUTHORED),
        dispense(
            drug=concept("40048"),
            whenHandedOver="2023-02-01",
            authorizingPrescription=[{"reference": "MedicationRequest/o"}],
        ),
    ],
}


@pytest.mark.parametrize("form", FORMS)
def test_one_therapy_in_any_form_is_of_the_same_agent(form: str) -> None:
    found = parse_exposures(record_of(*FORMS[form]))
    assert names(found) == ["carboplatin"]
    assert found[0].agent.interchange_group == "platinum"
    assert str(found[0].start) == "2023-02-01"
