"""The ribbon of states and its words."""

from itertools import pairwise

import pytest
from builders import on
from drawn import INFUSIONS, TREATED, drawn_by_lot, rows, shipped, watched

from fhirgate.charts import style
from fhirgate.charts.frame import frame_of
from fhirgate.charts.state_panel import arranged, state_panel
from fhirgate.charts.words import LOOKS, STATES
from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.verdict import State

MONTHLY = tuple(f"2023-{month:02d}-15" for month in range(1, 13))
SWINGING = "20 30 20 30 20 30 20 30 20 30 20 30"


@pytest.mark.parametrize(
    "assessment",
    [
        pytest.param(shipped(TREATED), id="seven scans"),
        pytest.param(shipped(INFUSIONS), id="four scans"),
        pytest.param(watched(SWINGING, "20 " * 12, "20 " * 12, scans=MONTHLY), id="swinging"),
        pytest.param(drawn_by_lot(6, 8, 40), id="forty scans"),
        pytest.param(watched("20", scans=MONTHLY[:1]), id="one scan"),
    ],
)
def test_words_never_overlap_and_every_timepoint_has_some(assessment: Assessment):
    labels, _ = arranged(assessment.timepoints, frame_of(assessment))

    assert [each for label in labels for each in label.states] == list(assessment.timepoints)
    for before, after in pairwise(labels):
        assert before.centre + before.wide / 2 <= after.centre - after.wide / 2 + 0.01
    assert labels[0].centre - labels[0].wide / 2 >= -style.LEFT
    assert labels[-1].centre + labels[-1].wide / 2 <= style.PLOT + style.RIGHT


def test_each_timepoint_has_its_own_words_where_there_is_room():
    assessment = shipped(TREATED)
    labels, upright = arranged(assessment.timepoints, frame_of(assessment))

    assert not upright
    assert [each.lines[0] for each in labels] == [str(each.timepoint.date) for each in assessment.timepoints]


def test_scans_with_the_same_state_share_words_where_there_is_none():
    assessment = watched("20 " * 12, "20 " * 12, scans=MONTHLY)
    labels, upright = arranged(assessment.timepoints, frame_of(assessment))

    assert not upright
    assert labels[-1].lines[:2] == ("8 scans from", "2023-05-15")


def test_many_changes_stand_upright():
    assessment = watched(SWINGING, "20 " * 12, "20 " * 12, scans=MONTHLY)
    labels, upright = arranged(assessment.timepoints, frame_of(assessment))

    assert upright
    assert labels[0].lines[0].startswith("2023-01-15 ")


def test_of_very_many_changes_the_latest_have_words_and_a_note_says_so():
    scans = tuple(str(on(f"{2023 + at // 12}-{at % 12 + 1:02d}-10")) for at in range(150))
    readings = " ".join(["20", "30"] * 75)
    assessment = watched(readings, "20 " * 150, "20 " * 150, scans=scans, as_of="2036-01-01")

    panel = state_panel(assessment, frame_of(assessment))

    assert len(panel.notes) == 1
    assert panel.notes[0].endswith("timepoints have no words for want of room.")


def test_the_latest_state_is_never_narrow():
    assessment = shipped(INFUSIONS)
    frame = frame_of(assessment)
    blocks = rows(state_panel(assessment, frame).layers, "x2", "says")

    assert blocks[-1]["x2"] - blocks[-1]["x"] >= 24
    assert blocks[-1]["says"].startswith("2024-07-02, Oligoprogression: 1 of 7")
    assert blocks[-1]["fill"] == style.OLIGO


def test_a_state_too_old_to_act_on_does_not_reach_to_the_date_of_judgement():
    assessment = shipped(TREATED, "2026-06-01")
    blocks = rows(state_panel(assessment, frame_of(assessment)).layers, "x2", "says")

    assert blocks[-1]["says"] == "no imaging until 2026-06-01"
    assert blocks[-1]["fill"] == style.PAPER


def test_every_state_has_words_and_a_look():
    assert set(STATES) == set(State)
    assert {tone for _, tone in STATES.values()} == set(LOOKS)


def test_tones_differ_without_colour():
    assert len({(each.height, each.dashed) for each in LOOKS.values()}) == len(LOOKS) - 1
