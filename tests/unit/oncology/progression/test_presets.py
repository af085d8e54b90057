"""What the presets ask for, against the published numbers."""

from datetime import date

import pytest
from builders import CARBOPLATIN, LETROZOLE, OSIMERTINIB, PALBOCICLIB, PEMBROLIZUMAB, agent

from fhirgate.oncology.progression.presets import (
    ANY_SYSTEMIC,
    CDK46_AI,
    DEFAULT,
    HALT,
    ICI_FIRST_LINE,
    PRESETS,
    SUPPRESS,
    TKI,
    Preset,
    TherapyClass,
    preset_parameters,
)
from fhirgate.oncology.therapy import Agent, LotRole

DEXAMETHASONE = agent("dexamethasone", "supportive", lot_role=LotRole.SUPPORTIVE)
BEVACIZUMAB = agent("bevacizumab", "monoclonal antibody")
FULVESTRANT = agent("fulvestrant", "endocrine", subclass="SERD", lot_role=LotRole.COUNTS_ENDOCRINE)


PUBLISHED = {
    "DEFAULT": (5, "all", None, None, True, None, True),
    "CURB": (5, "all", None, None, True, None, True),
    "STOP": (5, "all", None, None, True, None, True),
    "HALT": (5, "extracranial", None, 70, False, 60, True),
    "SUPPRESS": (5, "extracranial", 3, 50, True, None, True),
    "BR38": (5, "extracranial", None, None, False, None, True),
    "AVATAR": (5, "extracranial", None, None, False, 183, False),
    "WEICKHARDT": (4, "extracranial", None, None, False, None, True),
    "ESTRO_EORTC": (5, "all", None, None, False, None, True),
}
"""Lesions, scope, organs, size [mm], majority, days of control, earlier radiotherapy."""


def _asked(preset: Preset) -> tuple[object, ...]:
    return (
        preset.max_lesions,
        preset.scope,
        preset.max_organs,
        preset.size_cap,
        preset.majority_controlled,
        preset.prior_control_days,
        preset.prior_radiotherapy_allowed,
    )


def test_each_preset_asks_for_what_its_source_asks() -> None:
    assert {name: _asked(preset) for name, preset in PRESETS.items()} == PUBLISHED


def test_every_preset_counts_new_lesions_and_names_what_is_our_choice() -> None:
    assert all(preset.new_lesions_counted and preset.ours for preset in PRESETS.values())
    assert all(name == preset.name for name, preset in PRESETS.items())


@pytest.mark.parametrize(("day", "cap"), [(date(2021, 10, 24), 3), (date(2021, 10, 25), 5)])
def test_the_cap_of_halt_depends_on_the_date_of_the_assessment(day: date, cap: int) -> None:
    assert HALT.cap_on(day) == cap


def test_the_cap_of_a_preset_without_amendment_never_changes() -> None:
    assert DEFAULT.cap_on(date(1990, 1, 1)) == 5


@pytest.mark.parametrize(
    ("asked", "agents", "line", "fits"),
    [
        (ANY_SYSTEMIC, (), None, True),
        (TKI, (OSIMERTINIB,), 3, True),
        (TKI, (OSIMERTINIB, BEVACIZUMAB, DEXAMETHASONE), 1, True),
        (TKI, (OSIMERTINIB, CARBOPLATIN), 1, False),
        (TKI, (OSIMERTINIB, PEMBROLIZUMAB), 1, False),
        (TKI, (CARBOPLATIN,), 1, False),
        (TKI, (), 1, False),
        (ICI_FIRST_LINE, (PEMBROLIZUMAB,), 1, True),
        (ICI_FIRST_LINE, (PEMBROLIZUMAB, CARBOPLATIN, DEXAMETHASONE), 1, True),
        (ICI_FIRST_LINE, (PEMBROLIZUMAB,), 2, False),
        (ICI_FIRST_LINE, (PEMBROLIZUMAB,), None, False),
        (ICI_FIRST_LINE, (PEMBROLIZUMAB, OSIMERTINIB), 1, False),
        (ICI_FIRST_LINE, (CARBOPLATIN,), 1, False),
        (CDK46_AI, (PALBOCICLIB, LETROZOLE), 1, True),
        (CDK46_AI, (PALBOCICLIB, FULVESTRANT), 1, False),
        (CDK46_AI, (LETROZOLE,), 1, False),
    ],
)
def test_a_therapy_fits_the_class_a_preset_asks_for(
    asked: TherapyClass, agents: tuple[Agent, ...], line: int | None, fits: bool
) -> None:
    assert asked.fits(agents, line) is fits


def test_the_limits_of_a_preset_are_told_in_words() -> None:
    assert preset_parameters(HALT) == {
        "progressing and new lesions": "at most 5 (3 before 2021-10-25)",
        "new lesions counted": "yes",
        "scope": "extracranial",
        "organs": "no limit",
        "size of each": "at most 70 mm",
        "most known lesions controlled": "not required",
        "therapy": "a tyrosine-kinase inhibitor, without chemotherapy or checkpoint inhibitor",
        "time on the line": "at least 28 days",
        "control before progression": "at least 60 days",
        "earlier radiotherapy to the growing lesion": "allowed",
        "diffuse disease": "excluded",
        "our choice": "60 days for the two to three months of response; no majority rule; 28 days on the line",
    }


def test_every_preset_has_the_same_parameters_in_the_same_order() -> None:
    names = {tuple(preset_parameters(preset)) for preset in PRESETS.values()}

    assert len(names) == 1
    assert preset_parameters(SUPPRESS)["organs"] == "at most 3"
