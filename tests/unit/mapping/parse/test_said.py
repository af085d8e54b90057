"""Roles, states and changes in words (fhir-contracts §A11)."""

from typing import Any

import pytest
from lesion_records import (
    DCM,
    LOINC,
    SCT,
    TRIAL,
    Parsed,
    component,
    concept,
    observation,
    on_lesion,
    parsed,
    says,
    structure,
)

from fhirgate.mapping.vocabulary import Vocabulary
from fhirgate.oncology.finding import Finding, Severity
from fhirgate.oncology.lesion import Change, Kind, Role
from fhirgate.oncology.source import Source

STATE = (TRIAL, "TUMSTATE")


def said(code: Any = STATE, **elements: Any) -> Parsed:
    return parsed(structure(), on_lesion(code=code, **elements))


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("PRESENT", Kind.PRESENT),
        ("absent", Kind.ABSENT),
        ("Too small to measure", Kind.TOO_SMALL),
        ("NOT EVALUABLE", Kind.NOT_EVALUABLE),
        ("not-assessable", Kind.NOT_EVALUABLE),
        ("NOT DONE", Kind.NOT_EVALUABLE),
        ("SPLIT", Kind.SPLIT),
        ("Merged", Kind.MERGED),
    ],
)
def test_a_state_stands_in_the_place_of_a_size(word: str, kind: Kind) -> None:
    found = said(**says(word))

    assert (found.only.kind, found.only.long_axis, found.codes) == (kind, None, [])


@pytest.mark.parametrize(
    ("word", "change"),
    [
        ("UNEQUIVOCAL PROGRESSION", Change.UNEQUIVOCAL),
        ("Equivocal", Change.EQUIVOCAL),
        ("further increase", Change.INCREASED),
    ],
)
def test_a_change_is_no_state(word: str, change: Change) -> None:
    found = said(**says(word)).only

    assert (found.kind, found.change) == (None, change)


@pytest.mark.parametrize(("code", "kind"), [("52101004", Kind.PRESENT), ("2667000", Kind.ABSENT)])
def test_snomed_present_and_absent_are_states(code: str, kind: Kind) -> None:
    assert said((SCT, "103339001"), valueCodeableConcept=concept(SCT, code)).only.kind is kind


def test_a_word_may_be_a_string_or_a_code_of_any_system() -> None:
    as_text = said(valueString="ABSENT").only
    as_code = said(valueCodeableConcept=concept(TRIAL, "ABSENT")).only
    as_display = said(
        valueCodeableConcept={"coding": [{"system": TRIAL, "code": "2", "display": "Absent"}]}
    ).only

    assert [each.kind for each in (as_text, as_code, as_display)] == [Kind.ABSENT] * 3


def test_narrative_is_never_searched() -> None:
    words = "The lesion is too small to measure on this scan and may be absent; compare with the former scan soon."

    found = said((TRIAL, "COMMENT"), valueString=words)

    assert (found.sightings, found.codes) == ((), ["UNKNOWN_LESION_CODE"])


@pytest.mark.parametrize(
    ("role", "expected"),
    [("TARGET", Role.TARGET), ("Non-Target Lesion", Role.NON_TARGET), ("NEW LESION", Role.NEW)],
)
def test_a_tumour_identification_gives_the_role_and_no_size(role: str, expected: Role) -> None:
    found = said((TRIAL, "TUMIDENT"), **says(role)).only

    assert (found.role, found.says_nothing_of_size) == (expected, True)


@pytest.mark.parametrize(("code", "role"), [("112074", Role.TARGET), ("112075", Role.NON_TARGET)])
def test_dicoms_baseline_category_may_be_an_observation_or_a_component(code: str, role: Role) -> None:
    value = {"valueCodeableConcept": concept(DCM, code)}

    alone = said((DCM, "112016"), **value).only
    within = said((SCT, "103339001"), size=20, component=[component((DCM, "112016"), **value)]).only

    assert (alone.role, within.role, within.long_axis) == (role, role, 20)


def test_a_role_may_stand_in_the_category() -> None:
    found = said((TRIAL, "LDIAM"), size=20, category=[concept(TRIAL, "TARGET")]).only

    assert (found.role, found.long_axis) == (Role.TARGET, 20)


def test_a_new_lesion_that_is_equivocal_says_both() -> None:
    found = said(**says("EQUIVOCAL NEW LESION")).only

    assert (found.role, found.change) == (Role.NEW, Change.EQUIVOCAL)


def test_what_is_stated_to_be_no_lesion_is_not_followed() -> None:
    role = on_lesion("r", (DCM, "112016"), valueCodeableConcept=concept(DCM, "112076"))

    found = parsed(structure(), role, on_lesion(size=20))

    assert (found.sightings, found.codes) == ((), ["NOT_A_LESION"])


def test_an_absent_reason_is_not_evaluable_and_its_words_are_kept() -> None:
    found = said((SCT, "103339001"), dataAbsentReason={"text": "image obscured by artefact"}).only

    assert (found.kind, found.note) == (Kind.NOT_EVALUABLE, "image obscured by artefact")


def test_an_absent_reason_of_a_component_counts_too() -> None:
    reason = {"coding": [{"code": "not-performed", "display": "Not performed"}]}
    part = component((LOINC, "33728-7"), dataAbsentReason=reason)

    found = said((LOINC, "21889-1"), component=[part]).only

    assert (found.kind, found.note) == (Kind.NOT_EVALUABLE, "Not performed")


def test_an_absent_reason_that_is_a_state_is_that_state() -> None:
    assert (
        said((SCT, "103339001"), dataAbsentReason={"text": "too small to measure"}).only.kind
        is Kind.TOO_SMALL
    )


def test_an_empty_absent_reason_is_still_one() -> None:
    assert said((SCT, "103339001"), dataAbsentReason={}).only.note == "no reason given"


def test_an_absent_reason_of_a_lesion_is_read_though_its_code_is_unknown() -> None:
    found = said((TRIAL, "XYZ"), dataAbsentReason={"text": "scan cancelled"})

    assert (found.only.kind, found.codes) == (Kind.NOT_EVALUABLE, ["UNKNOWN_LESION_CODE"])


def test_a_missing_second_dimension_does_not_undo_the_first() -> None:
    parts = [
        component((LOINC, "33728-7"), 20),
        component((LOINC, "33729-5"), dataAbsentReason={"text": "round"}),
    ]

    found = said((LOINC, "21889-1"), component=parts).only

    assert (found.long_axis, found.kind) == (20, None)


def test_present_and_absent_of_what_is_no_lesion_are_other_peoples_words() -> None:
    urine = observation("u", ("http://loinc.org", "5804-0"), **says("Absent"))

    assert parsed(urine, on_lesion(size=20), structure()).only.sources == (Source("Observation", "o"),)


def test_a_code_that_is_a_statement_may_be_answered_no() -> None:
    site = Vocabulary(
        by_code={
            (TRIAL, "VISIBLE"): "state.present",
            (TRIAL, "GONE"): "state.absent",
            (TRIAL, "UNEQ"): "state.unequivocal",
        }
    )

    def answer(code: str, **value: Any) -> Kind | Change | None:
        found = parsed(structure(), on_lesion(code=(TRIAL, code), **value), vocabulary=site).sightings[0]
        return found.kind or found.change

    assert answer("VISIBLE", valueBoolean=False) is Kind.ABSENT
    assert answer("VISIBLE", valueBoolean=True) is Kind.PRESENT
    assert answer("GONE", valueString="N") is Kind.PRESENT
    assert answer("GONE") is Kind.ABSENT
    assert answer("UNEQ", valueBoolean=False) is None


def test_an_unknown_code_on_a_known_lesion_is_named_once_with_the_entry_that_settles_it() -> None:
    odd = [on_lesion(f"o{n}", (TRIAL, "SZ"), n, effectiveDateTime=f"2024-0{n}-01") for n in (1, 2, 3)]

    found = parsed(structure(), *odd)

    assert found.sightings == ()
    assert found.findings == [
        Finding(
            code="UNKNOWN_LESION_CODE",
            severity=Severity.WARNING,
            text=f"{TRIAL}|SZ, 3 times on a known lesion, is not understood and was not used; an entry in the site's"
            f' vocabulary settles it: [[code]] system = "{TRIAL}" code = "SZ" means = "size.long_axis"'
            " (or another meaning; ignore if of no use)",
            path="code",
            source=Source("Observation", "o1"),
        )
    ]


def test_an_unknown_answer_is_named_rather_than_its_question() -> None:
    (finding,) = said(**says("vanished")).findings

    assert finding.text.startswith('"vanished", 1 time on a known lesion')
    assert '[[code]] text = "vanished" means = "state.absent"' in finding.text


def test_an_unknown_number_that_is_no_length_is_suggested_to_be_ignored() -> None:
    (finding,) = said((TRIAL, "HU"), size={"value": 40, "unit": "HU"}).findings

    assert 'code = "HU" means = "ignore"' in finding.text


def test_an_observation_without_any_code_is_named_as_such() -> None:
    (finding,) = said(code={}).findings

    assert finding.text.startswith("without any code, 1 time on a known lesion")


def test_the_sites_vocabulary_settles_an_unknown_code() -> None:
    site = Vocabulary(by_code={(TRIAL, "SZ"): "size.long_axis"}, by_text={"vanished": "state.absent"})
    size = on_lesion("a", (TRIAL, "SZ"), 20)
    state = on_lesion("b", STATE, effectiveDateTime="2024-06-01", **says("Vanished"))

    found = parsed(structure(), size, state, vocabulary=site)

    assert [(each.long_axis, each.kind) for each in found.sightings] == [(20, None), (None, Kind.ABSENT)]
    assert found.codes == []


def test_a_sites_vocabulary_may_call_a_diameter_the_short_axis() -> None:
    site = Vocabulary(by_code={(SCT, "81827009"): "size.short_axis"})
    node = structure(place="hilar lymph node")

    found = parsed(node, on_lesion(code=(SCT, "81827009"), size=14), vocabulary=site).only

    assert (found.long_axis, found.short_axis) == (None, 14)


def test_a_molecular_finding_that_points_to_a_lesion_is_not_called_unknown() -> None:
    laboratory = [concept("http://terminology.hl7.org/CodeSystem/observation-category", "laboratory")]

    found = said((LOINC, "69548-6"), category=laboratory, **says("Present"))

    assert (found.sightings, found.codes) == ((), [])


def test_absent_and_a_size_in_one_statement_contradict_each_other() -> None:
    found = said((SCT, "103339001"), size=12, component=[component(STATE, **says("ABSENT"))])

    assert (found.only.long_axis, found.only.kind, found.codes) == (12, None, ["STATE_CONTRADICTS_SIZE"])


def test_absent_and_a_size_of_nothing_say_the_same() -> None:
    found = said((SCT, "103339001"), size=0, component=[component(STATE, **says("ABSENT"))])

    assert (found.only.long_axis, found.codes) == (0, [])
