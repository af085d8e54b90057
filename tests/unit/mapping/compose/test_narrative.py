"""What a clinician reads in an EHR: the state first, why, the lesions, what is open, the limits."""

from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from assessments import (
    AS_OF,
    GROWING,
    assessment,
    facts,
    interval,
    judged,
    probabilities,
    verdict,
    without_imaging,
)
from builders import reader, reason
from xhtml_read import parsed

from fhirgate.mapping.compose.care_plan import compose_care_plan
from fhirgate.mapping.compose.elements import Json
from fhirgate.mapping.compose.narrative import LESION_WORDS, MOST_LESIONS
from fhirgate.mapping.compose.risk_assessment import compose_risk_assessment
from fhirgate.mapping.compose.state_observation import compose_state
from fhirgate.oncology.assessment import Assessment, Probabilities
from fhirgate.oncology.follow_up import propose
from fhirgate.oncology.policy import DEFAULT_POLICY
from fhirgate.oncology.verdict import LesionStatus, Qualifier, State

XHTML = "{http://www.w3.org/1999/xhtml}"


def read(resource: Json) -> Element:
    return parsed(resource["text"]["div"])


def result(given: Assessment) -> Element:
    return read(compose_risk_assessment(given, facts(), DEFAULT_POLICY))


def paragraphs(div: Element) -> list[str]:
    return ["".join(each.itertext()) for each in div.findall(f"{XHTML}p")]


def sections(div: Element) -> dict[str, Element]:
    """What follows each heading."""
    children = list(div)
    return {
        each.text or "": children[number + 1]
        for number, each in enumerate(children)
        if each.tag == f"{XHTML}h3"
    }


def items(element: Element) -> list[str]:
    return [each.text or "" for each in element]


def rows(table: Element) -> list[list[str]]:
    return [[cell.text or "" for cell in row] for row in table.iter(f"{XHTML}tr")]


def test_the_state_comes_first_and_then_why() -> None:
    assert paragraphs(result(assessment())) == [
        "Oligoprogression",
        f"Imaging of 2025-02-03, judged as of {AS_OF}. Preliminary result of software, for a clinician to decide.",
        "2 of 9 evaluable known lesions progress.",
        "2 known lesions progressing, 0 new, 7 controlled, 0 equivocal, 0 not evaluable on the scan of 2025-02-03."
        " Systemic therapy: on, line 1 since 2024-03-01 (osimertinib).",
    ]


def test_each_lesion_has_a_row_with_its_numbers_the_growing_first() -> None:
    table = rows(sections(result(assessment(judged(lesions=(verdict("L0"), *GROWING)))))["Lesions"])

    assert table == [
        ["Lesion", "Site", "What it does", "Size", "Compared with", "Change", "Why"],
        ["L1", "left lung segment 6", "progressing", "27 mm", "20 mm", "+7 mm, +35 %", "L1 progressing"],
        ["L2", "left adrenal gland", "progressing", "24.5 mm", "18 mm", "+6.5 mm, +36.1 %", "L2 progressing"],
        ["L0", "lung", "stable", "20 mm", "20 mm", "+0 mm, +0 %", "L0 stable"],
    ]


def test_a_lesion_without_numbers_has_empty_cells() -> None:
    unseen = verdict("L1", "NE", None, None)

    assert rows(sections(result(assessment(judged(lesions=(unseen,)))))["Lesions"])[1][3:6] == ["", "", ""]


def test_very_many_lesions_are_counted() -> None:
    many = tuple(verdict(f"L{number}") for number in range(MOST_LESIONS + 2))
    div = result(assessment(judged(lesions=many)))

    assert len(rows(sections(div)["Lesions"])) == MOST_LESIONS + 1
    assert "2 further lesions not listed here." in paragraphs(div)


def test_what_could_not_be_judged_is_told_with_what_would_settle_it() -> None:
    settled = replace(reason("COVERAGE", "L3 not evaluated"), resolved_by="a measurement of L3")
    now = judged(
        State.INDETERMINATE, reasons=(settled, replace(reason("SIZE_CAP", "too large"), resolved_by=""))
    )

    assert items(sections(result(assessment(now)))["Could not be judged, and what would settle it"]) == [
        "L3 not evaluated. Needed: a measurement of L3.",
        "Too large.",
    ]


def test_qualifiers_are_told_in_words() -> None:
    now = judged(qualifiers=(Qualifier.MIXED_RESPONSE,))

    assert items(sections(result(assessment(now)))["To be known with it"]) == [
        "Mixed response: Some lesions shrink while others grow."
    ]


def test_probabilities_come_with_their_limits() -> None:
    wide = Probabilities(
        none=interval(0.02), oligo=interval(0.8, 0.93), limited=interval(0), systemic=interval(0.05)
    )
    div = result(assessment(judged(probabilities=wide)))

    assert rows(sections(div)["How sure the labels are"])[1:3] == [
        ["Oligoprogression", "80.0 to 93.0 %", "judged state"],
        ["Systemic progression", "5.0 %", ""],
    ]
    assert any(each.startswith("Measurement noise only") for each in paragraphs(div))


def test_without_probabilities_nothing_is_said_of_them() -> None:
    assert "How sure the labels are" not in sections(result(assessment()))


def test_the_limits_are_the_notes_that_no_section_tells() -> None:
    now = judged(
        reasons=(reason("COVERAGE", "L3 not evaluated"),),
        qualifiers=(Qualifier.REPEAT,),
        probabilities=probabilities(0.0, 1.0, 0.0, 0.0),
    )
    record = facts(studies=())
    resource = compose_risk_assessment(assessment(now, reader=reader()), record, DEFAULT_POLICY)
    noted = [each["text"] for each in resource["note"]]

    assert [each.split(":")[0] for each in noted[2:5]] == ["COVERAGE", "Qualifiers", "Probabilities"]
    assert items(sections(read(resource))["Limits"]) == noted[:2] + noted[5:]


def test_a_record_without_imaging_is_told_too() -> None:
    assert paragraphs(result(without_imaging())) == [
        "Indeterminate",
        f"Judged as of {AS_OF}. Preliminary result of software, for a clinician to decide.",
    ]


def test_words_of_the_record_cannot_become_markup() -> None:
    lesion = verdict("<b>L1</b>&")

    assert rows(sections(result(assessment(judged(lesions=(lesion,)))))["Lesions"])[1][0] == "<b>L1</b>&"


@pytest.mark.parametrize("given", [assessment(), assessment(judged(lesions=()))])
def test_the_state_of_a_timepoint_is_told_alike(given: Assessment) -> None:
    now = given.current.assessed
    assert now is not None
    div = read(compose_state(given, now))

    assert paragraphs(div)[:2] == ["Oligoprogression", "Imaging of 2025-02-03, by the criteria DEFAULT."]
    assert ("Lesions" in sections(div)) == bool(now.lesions)


def test_a_plan_lists_every_option_and_everything_noted() -> None:
    given = assessment()
    follow_up: Any = propose(given, DEFAULT_POLICY.state)
    resource = compose_care_plan(given, follow_up, DEFAULT_POLICY)
    div = read(resource)

    assert paragraphs(div) == [
        resource["title"],
        "Options for the treating team, made by software from recorded data. Nothing is ordered.",
    ]
    assert len(items(sections(div)["Options"])) == len(resource["activity"])
    assert len(items(sections(div)["Evidence and limits"])) == len(resource["note"])


def test_every_status_of_a_lesion_has_words_and_a_place() -> None:
    assert set(LESION_WORDS) == set(LesionStatus)
