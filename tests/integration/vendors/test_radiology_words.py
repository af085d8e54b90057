"""Radiology values as departments type them: sizes as text, words instead of sizes, denials, suspicions."""

from pathlib import Path
from typing import Any

import pytest
from integration.vendors.served import (
    AS_OF,
    DCM,
    FOUR,
    LOINC,
    OSIMERTINIB,
    SCANS,
    SCT,
    UCUM,
    Json,
    assessed,
    concept,
    lung_cancer,
    measured,
    mm,
    observation,
    patient,
    resource,
    sized,
    statement,
)

BASE = [patient(), lung_cancer(), statement(OSIMERTINIB, "2024-01-15")]
STABLE = {place: (first, first, first) for place, (first, *_) in FOUR.items()}
LIVER = "liver segment 6"


def last_value(tmp_path: Path, **value: Any) -> Any:
    """What the last size of the liver lesion is read as, when it is given like this."""
    record = [*BASE, *measured({"Spleen": (30, 30, 30)}), sized("Liver segment 6", SCANS[0], 20)]
    record.append(sized("Liver segment 6", SCANS[2], 0, **{"valueQuantity": None, **value}))
    answer = assessed(tmp_path, record, AS_OF)
    return answer, answer.sizes[LIVER][-1][1:]


@pytest.mark.parametrize(
    ("said", "size"),
    [
        ("24 mm", "24"),
        ("2.4cm", "24"),
        ("2,4 cm", "24"),
        ("24 x 18 mm", "24"),
        ("18 mm x 24 mm", "24"),
        ("2.4 x 1.8 x 1.1 cm", "24"),
        ("18×24 mm", "24"),
    ],
)
def test_a_size_typed_as_text_is_its_longest_diameter(tmp_path: Path, said: str, size: str) -> None:
    answer, read = last_value(tmp_path, valueString=said)

    assert read == ("long", size)
    assert "UNIT_BY_TEXT" in answer.codes


@pytest.mark.parametrize("said", ["approx. 40 mm", "20-25 mm", "30 mm x 2 cm", "24"])
def test_text_that_is_more_or_less_than_a_length_is_refused_and_not_called_missing(
    tmp_path: Path, said: str
) -> None:
    answer, read = last_value(tmp_path, valueString=said)

    assert read == ("notEvaluable", None)
    assert len(answer.codes & {"SIZE_NOT_A_NUMBER", "UNITS_MISSING"}) == 1
    assert "VALUE_MISSING" not in answer.codes


def test_a_node_measured_in_two_dimensions_of_one_text_has_its_short_axis(tmp_path: Path) -> None:
    nodes = [
        sized("Mediastinal lymph node", on, 0, valueQuantity=None, valueString=said)
        for on, said in zip(SCANS, ("28 x 20 mm", "28 x 20 mm", "38 x 30 mm"), strict=True)
    ]
    answer = assessed(tmp_path, [*BASE, *nodes, *measured({"Spleen": (30, 30, 30)})], AS_OF)

    assert [size for _, _, size in answer.sizes["lymph node mediastinal"]] == ["20", "20", "30"]
    assert "SHORT_AXIS_INFERRED" in answer.codes


@pytest.mark.parametrize("said", ["no longer visible", "Disappeared", "nicht mehr nachweisbar"])
def test_a_lesion_that_disappears_in_words_is_absent(tmp_path: Path, said: str) -> None:
    assert last_value(tmp_path, valueString=said)[1] == ("long", "0")


@pytest.mark.parametrize("said", ["stable", "unchanged", "größenkonstant"])
def test_a_lesion_that_is_stable_in_words_is_present_without_a_size(tmp_path: Path, said: str) -> None:
    assert last_value(tmp_path, valueString=said)[1] == ("present", None)


@pytest.mark.parametrize(
    ("said", "means"), [("not visualized", "state.absent"), ("enlarged", "state.present")]
)
def test_words_that_are_not_understood_are_named_with_the_entry_that_settles_them(
    tmp_path: Path, said: str, means: str
) -> None:
    answer, read = last_value(tmp_path, valueString=said)

    assert read == ("notEvaluable", None)
    assert f'[[code]] text = "{said}" means = "{means}"' in answer.finding("UNKNOWN_LESION_CODE")
    assert "VALUE_MISSING" not in answer.codes


def test_a_range_is_no_length_and_a_limit_is_no_measurement(tmp_path: Path) -> None:
    ranged, read_range = last_value(tmp_path, valueRange={"low": mm(18), "high": mm(22)})
    limit, read_limit = last_value(tmp_path, valueQuantity={**mm(30), "comparator": ">"})

    assert (read_range, read_limit) == (("notEvaluable", None), ("present", None))
    assert ("SIZE_NOT_A_NUMBER" in ranged.codes, "SIZE_IS_A_LIMIT" in limit.codes) == (True, True)


def test_three_additional_dimensions_hold_the_longest_and_two_do_not(tmp_path: Path) -> None:
    def tumour(place: str, on: str, *sizes: int) -> Json:
        parts = [{"code": concept(LOINC, "33729-5"), "valueQuantity": mm(size)} for size in sizes]
        return observation(
            f"{place}{on}", on, concept(LOINC, "21889-1"), bodySite={"text": place}, component=parts
        )

    record = [tumour("Liver", on, 12, 20, 15) for on in SCANS] + [
        tumour("Spleen", on, 30, 20) for on in SCANS
    ]
    answer = assessed(tmp_path, [*BASE, *record], AS_OF)

    assert {name: seen[0][1:] for name, seen in answer.sizes.items()} == {
        "liver": ("long", "20"),
        "spleen": ("present", None),
    }
    assert "LONGEST_DIAMETER_MISSING" in answer.codes


def test_volumes_and_uptake_without_a_lesion_are_said_and_not_called_nothing(tmp_path: Path) -> None:
    suv = {"value": 9, "unit": "g/ml", "system": UCUM, "code": "g/ml{SUVbw}"}
    volume = {"value": 8000, "unit": "mm3", "system": UCUM, "code": "mm3"}
    record = [
        observation(
            "u", SCANS[2], concept(DCM, "126401", "SUVbw"), bodySite={"text": "Liver"}, valueQuantity=suv
        ),
        observation(
            "v", SCANS[2], {"text": "Tumor volume"}, bodySite={"text": "Liver"}, valueQuantity=volume
        ),
    ]
    answer = assessed(tmp_path, [*BASE, *measured(STABLE), *record], AS_OF)

    assert "SIZE_WITHOUT_LESION" in answer.codes
    assert "NO_FACT" not in answer.codes


def stated(tmp_path: Path, name: str, **value: Any) -> Any:
    """The answer when, besides stable lesions, a finding of this name is stated at the last scan."""
    return assessed(
        tmp_path, [*BASE, *measured(STABLE), observation("n", SCANS[2], {"text": name}, **value)], AS_OF
    )


def test_a_new_lesion_at_a_place_counts(tmp_path: Path) -> None:
    answer = stated(tmp_path, "New lesion", valueBoolean=True, bodySite={"text": "Brain"})

    assert (answer.state, answer.assessment["timepoints"][-1]["counts"]["new"]) == ("OLIGOPROGRESSION", 1)


@pytest.mark.parametrize(
    "value",
    [
        {"valueBoolean": True},
        {"valueCodeableConcept": concept(SCT, "52101004", "Present")},
        {"valueInteger": 3},
    ],
)
def test_a_new_lesion_without_a_place_is_an_error_in_the_findings(tmp_path: Path, value: Json) -> None:
    assert "NEW_LESION_WITHOUT_PLACE" in stated(tmp_path, "New lesions", **value).codes


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("New lesion", {"valueBoolean": False}),
        ("New lesions", {"valueCodeableConcept": concept(SCT, "2667000", "Absent")}),
        ("New lesions", {"valueInteger": 0}),
        ("Malignant pleural effusion", {"valueString": "No pleural effusion"}),
        ("Peritoneal carcinomatosis", {"valueString": "No evidence of peritoneal carcinomatosis"}),
        ("Peritoneal carcinomatosis", {"valueString": "not seen"}),
        ("Leptomeningeal disease", {"valueString": "not evaluated"}),
        ("Leptomeningeal disease", {"valueString": "suspected"}),
    ],
)
def test_what_is_denied_unknown_or_suspected_is_no_disease(tmp_path: Path, name: str, value: Json) -> None:
    assert stated(tmp_path, name, **value).state == "OLIGOPERSISTENCE"


def test_a_suspicion_is_said(tmp_path: Path) -> None:
    assert "SPREAD_UNCERTAIN" in stated(tmp_path, "Leptomeningeal disease", valueString="suspected").codes


def test_what_is_affirmed_is_disease(tmp_path: Path) -> None:
    assert (
        stated(tmp_path, "Peritoneal carcinomatosis", valueString="extensive").state == "SYSTEMIC_PROGRESSION"
    )


@pytest.mark.parametrize("name", ["Overall response", "RECIST response", "Disease status"])
def test_a_response_by_name_is_compared_with_the_measurements(tmp_path: Path, name: str) -> None:
    answer = stated(tmp_path, name, valueString="PD")

    assert answer.state == "OLIGOPERSISTENCE"
    assert "COURSE_DISAGREES" in answer.codes


def test_lengths_under_unknown_codes_are_named(tmp_path: Path) -> None:
    record = [observation("a", SCANS[2], {"text": "Aortic root"}, valueQuantity=mm(34))]
    answer = assessed(tmp_path, [*BASE, *measured(STABLE), *record], AS_OF)

    assert "Aortic root (1)" in answer.finding("LENGTH_NOT_READ")
    assert "NO_FACT" not in answer.codes


def test_reports_in_words_only_give_no_judgement_and_say_what_is_needed(tmp_path: Path) -> None:
    report = resource(
        "DiagnosticReport",
        "r",
        status="final",
        category=[concept("http://terminology.hl7.org/CodeSystem/v2-0074", "RAD")],
        code={"text": "CT chest abdomen pelvis"},
        effectiveDateTime=SCANS[2],
        conclusion="Progressive disease.",
    )
    answer = assessed(tmp_path, [*BASE, report], AS_OF)

    assert (answer.status, answer.state) == (1, "INDETERMINATE")
    assert "described in words only" in answer.finding("NARRATIVE_ONLY")


def test_two_readers_who_disagree_stop_the_judgement_until_one_is_chosen(tmp_path: Path) -> None:
    def read(by: str, liver: tuple[int, ...], number: int) -> list[Json]:
        sizes = {**FOUR, "Liver segment 6": liver}
        return [
            sized(place, on, size, number, performer=[{"display": by}])
            for place, history in sizes.items()
            for on, size in zip(SCANS, history, strict=True)
        ]

    record = [*BASE, *read("Reader A", (20, 20, 30), 1), *read("Reader B", (21, 20, 21), 2)]
    both = assessed(tmp_path, record, AS_OF)
    chosen = assessed(tmp_path, record, AS_OF, "--reader", "Reader B")

    assert (both.state, both.assessment["current"]["reasons"][0]["code"]) == (
        "INDETERMINATE",
        "CONFLICTING_READS",
    )
    assert (chosen.state, chosen.assessment["reader"]) == ("OLIGOPERSISTENCE", "Reader B")


def test_a_node_with_a_long_axis_only_is_seen_and_not_measured(tmp_path: Path) -> None:
    record = [*BASE, *measured({"Mediastinal lymph node": (20, 20, 30), "Spleen": (40, 40, 40)})]
    answer = assessed(tmp_path, record, AS_OF)

    assert {kind for _, kind, _ in answer.sizes["lymph node mediastinal"]} == {"present"}
    assert "NODE_WITHOUT_SHORT_AXIS" in answer.codes
