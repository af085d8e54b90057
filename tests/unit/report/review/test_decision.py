"""What can be decided, what was decided, and how far it has come."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from reviewed import DIGEST, decided, drawn, follow_up

from fhirgate.oncology.assessment import Assessment
from fhirgate.report.review.decision import ACTS, NOTHING_TO_DECIDE, REASONS, THERAPIES, decision_part
from fhirgate.report.review.parts import DecisionPart
from fhirgate.services.assessment_jobs import WriteBack, WriteState
from fhirgate.services.decisions import LONGEST_COMMENT, Act, LocalTherapy, Reason
from fhirgate.services.ports import ResourceName
from fhirgate.services.result_writer import Fate, Written


def part(assessment: Assessment, **more: Any) -> DecisionPart:
    more.setdefault("follow_up", follow_up(assessment))
    return decision_part(drawn(assessment, **more), "Dr Ada Example")


def test_a_proposal_can_be_decided_on_with_its_lesions_therapies_and_reasons(rich: Assessment) -> None:
    form = part(rich).form

    assert form is not None
    assert (form.shown, form.preset, form.signs_as) == (DIGEST, "DEFAULT", "Dr Ada Example")
    assert [(each.value, each.label) for each in form.lesions] == [
        ("L1", "T01 (left lung S6, 27 mm, +8.5 mm, +45.9 % from 18.5 mm)"),
        ("L2", "T02 (liver segment VI, 5 mm, −15 mm, −75 % from 20 mm)"),
    ]
    assert [each.value for each in form.therapies] == [each.value for each in LocalTherapy]
    assert [each.value for each in form.reasons] == [each.value for each in Reason]
    assert form.longest_comment == LONGEST_COMMENT


def test_every_choice_has_words() -> None:
    assert (set(ACTS), set(THERAPIES), set(REASONS)) == (set(Act), set(LocalTherapy), set(Reason))


def test_a_proposal_about_no_lesion_has_none_to_choose(rich: Assessment) -> None:
    proposed = follow_up(rich)
    without = replace(proposed, proposals=proposed.proposals[-1:])
    form = part(rich, follow_up=without).form

    assert form is not None
    assert form.lesions == ()


def test_where_nothing_is_proposed_or_the_person_may_not_there_is_no_form(rich: Assessment) -> None:
    nothing = part(rich, follow_up=None)
    barred = part(rich, why_no_decision="The EHR does not say who you are.")

    assert (nothing.form, nothing.why_not) == (None, NOTHING_TO_DECIDE)
    assert (barred.form, barred.why_not) == (None, "The EHR does not say who you are.")


def test_a_decision_that_stands_takes_the_place_of_the_form(rich: Assessment) -> None:
    at = datetime(2024, 12, 1, 11, 5, 59, tzinfo=timezone(timedelta(hours=1)))
    stands = decided(
        Act.DISMISS, at=at, reason=Reason.WISH, comment="talked\nto her", lesions=("T01 in the lung",)
    )
    found = part(rich, decided=stands, why_no_decision="decided already")

    assert (found.form, found.why_not) == (None, "")
    assert found.taken is not None
    assert (found.taken.what, found.taken.by) == ("Dismissed", "Dr Ada Example")
    assert (found.taken.at, found.taken.reason) == ("2024-12-01 10:05 UTC", "The patient does not wish it")
    assert (found.taken.comment, found.taken.lesions) == ("talked to her", ("T01 in the lung",))


def test_a_decision_on_an_earlier_version_is_told_above_the_form(rich: Assessment) -> None:
    found = part(rich, decided_before=decided())

    assert found.before is not None
    assert found.before.what == "Accepted as it stands"
    assert found.form is not None


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (WriteBack(state=WriteState.NOT_ASKED), ""),
        (WriteBack(state=WriteState.NOTHING), ""),
        (WriteBack(state=WriteState.WAITING), "Waiting to be written to the EHR."),
        (
            WriteBack(state=WriteState.WAITING, attempts=2, why="the server is busy"),
            "Waiting to be written to the EHR after 2 attempts: the server is busy.",
        ),
        (WriteBack(state=WriteState.DONE, attempts=1), "Written to the EHR."),
        (
            WriteBack(state=WriteState.GIVEN_UP, attempts=1, why="refused"),
            "Could not be written to the EHR after 1 attempt: refused.",
        ),
    ],
)
def test_how_far_the_results_have_come_is_told(rich: Assessment, written: WriteBack, told: str) -> None:
    assert part(rich, written=written).written == told


def test_each_copy_on_the_ehr_is_told(rich: Assessment) -> None:
    name = ResourceName("CarePlan", "7")
    copies = (
        Written(name=name, fate=next(iter(Fate)), reference="CarePlan/12/_history/3"),
        Written(name=name, fate=list(Fate)[-1], why="refused"),
    )
    found = part(rich, written=WriteBack(state=WriteState.DONE, written=copies)).copies

    assert found == (
        f"CarePlan: {next(iter(Fate)).value} as CarePlan/12/_history/3",
        f"CarePlan: {list(Fate)[-1].value} (refused)",
    )
