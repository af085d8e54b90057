"""The text of criteria and presets: complete, and from the values the code runs on."""

import pytest

from fhirgate.oncology import oligometastatic
from fhirgate.oncology.criteria import bone_scan, irecist, lesion_status, pet, recist_1_1, target_selection
from fhirgate.oncology.policy import DEFAULT_POLICY, parameters, sections
from fhirgate.oncology.progression.criteria import CRITERIA
from fhirgate.oncology.progression.presets import PRESETS, preset_parameters
from fhirgate.oncology.progression.states import STATES
from fhirgate.oncology.reconstruct import line_rules, therapy_lines
from fhirgate.oncology.uncertainty import LIMITS_OF_THE_MODEL
from fhirgate.report.columns import display_width
from fhirgate.report.criteria_text import criteria_names, criteria_overview, criterion_text

RULES = {
    "RECIST-1.1": (
        *target_selection.MEASURABILITY,
        *recist_1_1.TARGET,
        *recist_1_1.NON_TARGET,
        *recist_1_1.OVERALL,
    ),
    "IRECIST": irecist.RULES,
    "PERCIST": pet.UPTAKE,
    "PCWG3": bone_scan.RULES,
    "LESION-STATUS": lesion_status.LESION_STATUS,
    "STATES": STATES,
    "LINES": line_rules.RULES,
}
LIMITS = {
    "RECIST-1.1": recist_1_1.LIMITS | target_selection.LIMITS,
    "IRECIST": irecist.LIMITS,
    "PERCIST": pet.LIMITS,
    "PCWG3": bone_scan.LIMITS,
    "LESION-STATUS": pet.LIMITS,
    "ESTRO_EORTC": oligometastatic.LIMITS,
}


def words(text: str) -> str:
    """The text with every break a single space, as a reader reads it."""
    return " ".join(text.split())


def test_there_is_a_name_for_every_criterion_and_every_preset() -> None:
    assert criteria_names() == (
        "RECIST-1.1",
        "IRECIST",
        "PERCIST",
        "PCWG3",
        "LESION-STATUS",
        "STATES",
        "ESTRO_EORTC",
        "LINES",
        "UNCERTAINTY",
        "POLICY",
        *(name for name in PRESETS if name != "ESTRO_EORTC"),
    )
    assert list(criteria_overview()) == list(criteria_names())


@pytest.mark.parametrize("name", RULES)
def test_every_rule_is_printed_with_its_answer_and_source_in_order(name: str) -> None:
    text, at = words(criterion_text(name)), 0

    for rule in RULES[name]:
        answer = {True: "measurable", False: "not measurable"}.get(rule.answer, str(rule.answer))
        at = text.index(words(f"{rule.name} → {answer} {rule.says} Source: {rule.source}"), at)


@pytest.mark.parametrize("name", LIMITS)
def test_every_limit_is_printed(name: str) -> None:
    text = words(criterion_text(name))

    for limit, value in LIMITS[name].items():
        assert f"{limit} {value}" in text


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_printed_with_its_source_limits_and_what_is_our_choice(name: str) -> None:
    text, preset = words(criterion_text(name)), PRESETS[name]

    assert f"{preset.says} Source: {preset.source}." in text
    for limit, value in preset_parameters(preset).items():
        assert f"{limit} {value}" in text
    for criterion in CRITERIA:
        assert f"{criterion.code} {criterion.says}" in text


def test_every_rule_on_lines_is_printed() -> None:
    text = words(criterion_text("LINES"))

    for rule in therapy_lines.rule_texts():
        assert f"{rule.says} Source: {rule.source}" in text


def test_a_name_that_is_a_criterion_and_a_preset_gives_both() -> None:
    text = criterion_text("ESTRO_EORTC")

    assert "Class of oligometastatic disease" in text
    assert "Preset ESTRO_EORTC" in text
    for answer, says in oligometastatic.class_definitions():
        assert answer.value in text
        assert says[1:] in words(text)


def test_every_parameter_of_the_policy_is_printed_with_its_default() -> None:
    text = criterion_text("policy")

    for name, section in sections().items():
        assert f"[{name}]" in text
        for parameter in parameters(section):
            assert f"  {parameter} " in text
    assert f"{DEFAULT_POLICY.imaging.stale_after_days}" in text
    assert "accept_orders        no" in text
    assert "new_lesion_min_mm                 none" in text


def test_the_limits_of_the_probabilities_are_said() -> None:
    assert LIMITS_OF_THE_MODEL in words(criterion_text("UNCERTAINTY"))


@pytest.mark.parametrize("spelled", ["RECIST-1.1", "recist 1.1", "Recist_1_1", " recist-1-1 "])
def test_a_name_is_found_however_it_is_spelled(spelled: str) -> None:
    assert criterion_text(spelled) == criterion_text("RECIST-1.1")


def test_an_unknown_name_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="RECIST-2"):
        criterion_text("RECIST-2")


def test_bone_scans_are_printed_exactly_so() -> None:
    assert criterion_text("pcwg3").splitlines()[:14] == [
        "PCWG3",
        "=====",
        "",
        "PCWG3 bone scan",
        "---------------",
        "  new lesions      at least 2; after a first scan in the flare window 2 more",
        "  confirming scan  at least 42 days later",
        "  flare window     first post-treatment scan, up to 84 days after start",
        "Rules in order; the first that holds decides:",
        "   1. bone-progressed-before → PD",
        "      Progression was confirmed on an earlier scan.",
        "      Source: PCWG3, Scher 2016",
        "   2. bone-two-plus-two → PD",
        "      Two or more new lesions in the flare window, then two or more additional ones after six weeks.",
    ]


@pytest.mark.parametrize("name", criteria_names())
def test_no_line_is_wider_than_a_hundred_columns(name: str) -> None:
    assert max(map(display_width, criterion_text(name).splitlines())) <= 100
