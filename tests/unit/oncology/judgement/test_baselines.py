"""What is said of the baseline of a line."""

import pytest
from builders import line, measurement, on, source, timepoint

from fhirgate.oncology.judgement.baselines import baseline_doubts, baseline_findings
from fhirgate.oncology.policy import ImagingPolicy
from fhirgate.oncology.reconstruct.courses import Course
from fhirgate.oncology.therapy import Setting
from fhirgate.oncology.timepoint import Timepoint

SCANS = (
    timepoint("2024-01-10", {"L1": measurement(20, sources=(source("a"),))}),
    timepoint("2024-04-10", {"L1": measurement(20, sources=(source("b"),))}),
)


ADJUVANT = line("2024-03-15", setting=Setting.CURATIVE, number=None)


def _course(start: str | None, *, found: bool = True) -> Course:
    return Course(line=line(start) if start else None, baseline=0, followed=(1,), has_line_baseline=found)


def test_without_a_line_baseline_the_reason_names_what_is_compared_with_and_its_resources() -> None:
    (reason,) = baseline_doubts(_course("2024-03-15", found=False), SCANS, ImagingPolicy())

    assert reason.code == "NO_LINE_BASELINE"
    assert reason.text == (
        "no image lies between 42 days before and 7 days after the start of osimertinib on 2024-03-15: sizes are"
        " compared from 2024-01-10 on, the oldest image of the last 365 days"
    )
    assert reason.resolved_by == "measurements of an image near 2024-03-15"
    assert reason.sources == (source("a"),)


@pytest.mark.parametrize(
    "course",
    [
        _course("2024-01-15"),
        _course(None, found=False),
        Course(line=ADJUVANT, baseline=0, followed=(1,), has_line_baseline=False),
    ],
)
def test_with_a_baseline_before_any_line_or_on_a_curative_one_there_is_no_such_reason(course: Course) -> None:
    assert baseline_doubts(course, SCANS, ImagingPolicy()) == ()


@pytest.mark.parametrize(
    ("course", "scans", "days"),
    [
        (_course("2024-02-08"), SCANS, []),  # 29 days
        (_course("2024-02-07"), SCANS, None),
        (_course("2024-02-20"), (timepoint("2024-01", last_date=on("2024-01")),), None),
        (_course("2024-02-08", found=False), SCANS, None),
        (_course(None, found=False), SCANS, None),
    ],
)
def test_a_baseline_of_more_than_four_weeks_before_the_start_is_told(
    course: Course, scans: tuple[Timepoint, ...], days: list[int] | None
) -> None:
    found = baseline_findings(course, scans)

    assert [each.code for each in found] == (["BASELINE_OVER_FOUR_WEEKS"] if days is not None else [])
    assert all("29 days before the start of osimertinib" in each.text for each in found)
