"""The sizes over time as a table."""

from dataclasses import replace

from told import last

from fhirgate.oncology.assessment import Assessment
from fhirgate.report.review.parts import Mark, SizeCell, Sizes
from fhirgate.report.review.sizes import sizes
from fhirgate.report.story_lesions import MOST_COLUMNS


def table(assessment: Assessment) -> Sizes:
    found = sizes(assessment)
    assert found is not None
    return found


def cells(assessment: Assessment, name: str) -> tuple[SizeCell, ...]:
    return next(each.cells for each in table(assessment).rows if each.name == name)


def test_every_lesion_has_a_row_and_every_timepoint_a_column(rich: Assessment) -> None:
    found = table(rich)

    assert found.dates == ("2024-01-10", "2024-03-12", "2024-06-04")
    assert [each.name for each in found.rows if not each.is_conclusion] == [
        "T01 left lung S6 (target)",
        "T02 liver segment VI (target)",
        "lymph node 4R (non-target)",
        "脳転移 1 brain left frontal (new)",
    ]
    assert found.left_out == ()


def test_a_cell_says_size_status_and_whether_the_latest_is_compared_with_it(rich: Assessment) -> None:
    assert cells(rich, "T01 left lung S6 (target)") == (
        SizeCell(text="20"),
        SizeCell(text="18.5", is_reference=True),
        SizeCell(text="27", status="progressing", mark=Mark.UP),
    )
    assert [each.text for each in cells(rich, "lymph node 4R (non-target)")] == ["seen", "", "NE"]


def test_conclusions_stand_below_and_those_that_say_nothing_are_left_out(rich: Assessment) -> None:
    found = [each.name for each in table(rich).rows if each.is_conclusion]

    assert found == [
        "Sum of targets",
        "Sum against baseline",
        "Sum against nadir",
        "RECIST 1.1",
        "Systemic therapy",
        "State",
    ]
    assert [each.text for each in cells(rich, "Sum of targets")] == ["50", "38.5", ""]
    assert [each.text for each in cells(rich, "RECIST 1.1")] == ["", "SD", "PD"]


def test_a_lesion_that_was_missed_is_not_evaluable_and_nothing_is_outlined(rich: Assessment) -> None:
    timepoint = replace(rich.timepoints[-1].timepoint, measurements={})
    found = cells(last(rich, timepoint=timepoint), "lymph node 4R (non-target)")

    assert (found[-1].text, found[-1].status) == ("NE", "not evaluable")
    assert not any(each.is_reference for each in found)


def test_of_very_many_timepoints_the_first_and_the_latest_are_shown(rich: Assessment) -> None:
    first, middle, latest = rich.timepoints
    found = table(replace(rich, timepoints=(first, *[middle] * MOST_COLUMNS, latest)))

    assert (len(found.dates), found.dates[0], found.dates[-1]) == (MOST_COLUMNS, "2024-01-10", "2024-06-04")
    assert found.left_out == ("2 earlier timepoints not shown here",)


def test_without_a_timepoint_there_is_no_table(minimal: Assessment) -> None:
    assert sizes(minimal) is None
