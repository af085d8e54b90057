"""Diagnoses, therapy, response and earlier timepoints."""

from dataclasses import replace

from builders import on, source
from told import last

from fhirgate.oncology.assessment import Assessment, Support
from fhirgate.oncology.chart import FactKind, SupportingFact
from fhirgate.oncology.verdict import TherapyStatus
from fhirgate.report.review.course import course
from fhirgate.report.review.parts import Dated, Tone
from fhirgate.report.story_lesions import MOST_COLUMNS


def test_lines_tell_agents_dates_and_what_must_be_known(rich: Assessment) -> None:
    adjuvant, first = course(rich).lines

    assert (adjuvant.number, adjuvant.agents) == ("", "cisplatin + pemetrexed (exchanged with carboplatin)")
    assert (adjuvant.start, adjuvant.end, adjuvant.notes[0]) == (
        "2023-12-01",
        "2024-01-05",
        "curative intent",
    )
    assert (first.number, first.end, first.notes[-1]) == ("1", "ongoing", "evidence: as stated")


def test_the_line_that_is_judged_on_is_marked_but_not_off_therapy(rich: Assessment) -> None:
    def marked(assessment: Assessment) -> list[bool]:
        return [each.is_current for each in course(assessment).lines]

    assert marked(rich) == [False, True]
    assert marked(last(rich, therapy_status=TherapyStatus.OFF)) == [False, False]


def test_local_treatments_tell_what_was_done_to_which_lesion(rich: Assessment) -> None:
    assert course(rich).local == (Dated(date="2024-03-28", kind="SBRT", text="T02 liver segment VI"),)


def test_response_and_milestones_are_told(rich: Assessment) -> None:
    found = course(rich)

    assert found.response[0] == "RECIST 1.1 PD: target NE, non-target NE, new lesion"
    assert found.milestones == (
        "best overall response SD on 2024-03-12; with confirmation NE",
        "PR after CR: to be reviewed by the reader",
        "first progression 2024-06-04 on line 1: new lesion",
    )


def test_timepoints_are_told_from_the_latest_back(rich: Assessment) -> None:
    latest, second, first = course(rich).timepoints

    assert (latest.date, latest.tone, latest.code) == ("2024-06-04", Tone.FEW, "OLIGOPROGRESSION")
    assert (second.state, second.therapy) == ("Stable disease", "line 1 (osimertinib), day 57")
    assert first.because == "3 metastases visible, no earlier timepoint"
    assert first.because not in first.details


def test_very_many_timepoints_are_counted(rich: Assessment) -> None:
    found = course(replace(rich, timepoints=(rich.timepoints[0],) * (MOST_COLUMNS + 2)))

    assert (len(found.timepoints), found.earlier) == (MOST_COLUMNS, "2 earlier timepoints not shown here")


def test_diagnoses_and_supporting_facts_are_told_with_their_dates(rich: Assessment) -> None:
    fact = SupportingFact(kind=FactKind.BIOPSY, on=on("2024-05"), text="adenocarcinoma", source=source())
    found = course(replace(rich, supporting=(Support(fact=fact, lesions=("L1",)),)))

    assert found.diagnoses == (
        Dated(date="2023-11", kind="primary", text="Non-small cell lung cancer (left lung)"),
        Dated(date="undated", kind="secondary", text="no text — not active"),
    )
    assert found.supporting == (Dated(date="2024-05", kind="biopsy", text="biopsy (T01): adenocarcinoma"),)
