"""Laws of reading therapy: order, duplicates and the form in which a drug is written change nothing."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from therapy_json import (
    ATC,
    CPT,
    MII,
    SNOMED,
    administration,
    concept,
    dispense,
    order,
    procedure,
    record_of,
    statement,
)

from fhirgate.mapping.parse.exposures import parse_exposures
from fhirgate.mapping.parse.local_treatments import parse_local_treatments

COURSE = {"start": "2022-03-01", "end": "2022-03-20"}
LUNG = concept("39607008", SNOMED, "Lung structure")
RESOURCES: list[dict[str, Any]] = [
    order("o1", authoredOn="2023-02-01", status="stopped", statusReason=concept("407563006", SNOMED)),
    order("o2", authoredOn="2023-05-01", priorPrescription={"reference": "MedicationRequest/o1"}),
    dispense(
        "d1", whenHandedOver="2023-02-02", authorizingPrescription=[{"reference": "MedicationRequest/o1"}]
    ),
    dispense(
        "d2", whenHandedOver="2023-03-02", authorizingPrescription=[{"reference": "MedicationRequest/o1"}]
    ),
    administration("a1", concept(text="Carboplatin"), effectiveDateTime="2023-02-01"),
    administration("a2", concept("L01XA02", ATC), effectiveDateTime="2023-02-01"),
    administration("a3", concept("L01FF99", ATC, "Foolimab"), effectiveDateTime="2023-02-22"),
    statement("s1", concept(text="Foozine"), effectivePeriod={"start": "2023-01-01"}),
    statement(
        "s2", concept(text="Foozumab"), reasonCode=[concept(text="Lung cancer")], effectiveDateTime="2023"
    ),
    statement("s3", concept(text="Pemetrexed"), partOf=[{"reference": "t"}]),
    procedure(
        "t",
        concept("CH", f"{MII}/CodeSystem/mii-cs-onko-therapie-typ"),
        performedPeriod={"start": "2023-06-01", "end": "2023-08-01"},
    ),
    procedure("b", concept("367336001", SNOMED), performedDateTime="2023-02-01"),
    procedure("f1", concept("77373", CPT), performedDateTime="2024-03-01", bodySite=[LUNG]),
    procedure("f2", concept("77373", CPT), performedDateTime="2024-03-04", bodySite=[LUNG]),
    procedure("f3", concept("77373", CPT), performedDateTime="2024-03-06", bodySite=[LUNG]),
    procedure("r1", concept("1217123003", SNOMED), performedPeriod=COURSE, bodySite=[LUNG]),
    procedure("r2", concept("1217123003", SNOMED), performedPeriod=COURSE, bodySite=[LUNG]),
]


def read(resources: list[dict[str, Any]]) -> tuple[object, ...]:
    record = record_of(*resources)
    return (
        parse_exposures(record),
        parse_local_treatments(record),
        frozenset(record.findings),
    )


@given(st.permutations(RESOURCES), st.lists(st.sampled_from(RESOURCES), max_size=6))
def test_order_and_duplicates_change_nothing(
    shuffled: list[dict[str, Any]], again: list[dict[str, Any]]
) -> None:
    assert read([*shuffled, *again]) == read(RESOURCES)


@given(
    st.sampled_from(["L01XA02", "l01xa02"]),
    st.sampled_from([str.upper, str.title, str.lower]),
    st.text(" \t\n-/,;()[]", max_size=3),
)
def test_case_and_punctuation_change_no_drug(code: str, case: Any, around: str) -> None:
    coded = parse_exposures(
        record_of(administration("a", concept(code, ATC), effectiveDateTime="2023-02-01"))
    )
    printed = concept(text=f"{around}{case('carboplatin')}{around} 450 mg{around}")
    assert parse_exposures(record_of(administration("a", printed, effectiveDateTime="2023-02-01"))) == coded


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "coding",
                        "code",
                        "system",
                        "text",
                        "display",
                        "reference",
                        "extension",
                        "url",
                        "concept",
                        "start",
                        "end",
                        "value",
                        "ingredient",
                        "resourceType",
                    ]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    ),
    st.sampled_from(
        [
            "medicationCodeableConcept",
            "medicationReference",
            "medication",
            "effectivePeriod",
            "statusReason",
            "extension",
            "partOf",
            "reasonReference",
            "reasonCode",
            "dosageInstruction",
            "dispenseRequest",
            "contained",
            "code",
            "bodySite",
            "performedPeriod",
            "category",
            "daysSupply",
            "meta",
            "adherence",
            "outcome",
            "note",
        ]
    ),
)
def test_nothing_that_may_stand_in_an_element_makes_it_crash(value: Any, element: str) -> None:
    raws = [
        statement("s", **{element: value}),
        order("o", **{element: value}),
        administration("a", **{element: value}),
        dispense("d", **{element: value}),
        procedure("x", **{"code": concept("1217123003", SNOMED), element: value}),
        procedure("y", **{"code": concept("367336001", SNOMED), element: value}),
    ]
    read(raws)
