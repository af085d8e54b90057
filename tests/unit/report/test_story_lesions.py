"""Lesions over time as a table."""

from dataclasses import replace

import pytest
from builders import lesion, measurement, mm
from told import last, section

from fhirgate.oncology.assessment import Assessment, LesionVerdict
from fhirgate.oncology.lesion import Kind
from fhirgate.oncology.verdict import LesionStatus
from fhirgate.report.story import tell


def test_lesions_are_told_with_marks_and_aligned_although_a_name_is_wide(rich: Assessment) -> None:
    assert section(tell(rich), "Lesions over time")[:6] == [
        "                                         2024-01-10  2024-03-12  2024-06-04",
        "                                         baseline",
        "T01 left lung S6             target        20        18.5 N        27 ▲",
        "T02 liver segment VI         target        30          20 ▼ N     tsm T",
        "lymph node 4R                non-target  seen                      NE",
        "脳転移 1 brain left frontal  new                                    8 +",
    ]


def test_of_very_many_lesions_those_that_do_something_are_shown(stable: Assessment) -> None:
    calm = tuple(lesion(f"C{at}", measurements=(measurement(9),)) for at in range(100))
    growing = lesion("G", measurements=(measurement(30),))
    verdict = LesionVerdict(
        lesion=growing,
        status=LesionStatus.PROGRESSING,
        value=None,
        reference=None,
        rule="r",
        because="stated",
    )
    told = section(
        tell(last(replace(stable, lesions=(*calm, growing)), lesions=(verdict,))), "Lesions over time"
    )

    assert any(line.startswith("G lung") for line in told)
    assert told[-1] == "41 more lesions not shown here; the JSON has all"


@pytest.mark.parametrize(
    ("kind", "size", "shown"),
    [
        (Kind.MEASURED, "12.50", "12.5"),
        (Kind.TOO_SMALL, "5", "tsm"),
        (Kind.ABSENT, "0", "0"),
        (Kind.PRESENT, None, "seen"),
        (Kind.NOT_EVALUABLE, None, "NE"),
        (Kind.SPLIT, "24", "split 24"),
        (Kind.MERGED, None, "merged"),
        (Kind.MEASURED, None, "seen"),
    ],
)
def test_every_kind_of_measurement_has_its_cell(
    stable: Assessment, kind: Kind, size: str | None, shown: str
) -> None:
    second = stable.timepoints[1]
    value = measurement(size, "2024-03-12", kind=kind)
    changed = replace(second.timepoint, measurements={"L1": value})
    told = section(tell(last(stable, timepoint=changed, lesions=())), "Lesions over time")

    assert next(line for line in told if line.startswith("T01")).split("20")[-1].strip() == shown


def test_a_lesion_that_was_not_mentioned_is_shown_as_not_evaluable(stable: Assessment) -> None:
    verdict = LesionVerdict(
        lesion=stable.lesions[2],
        status=LesionStatus.NE,
        value=None,
        reference=None,
        rule="lesion-not-evaluable",
        because="not mentioned at this timepoint",
    )
    told = section(tell(last(stable, lesions=(verdict,))), "Lesions over time")

    assert next(line for line in told if line.startswith("lymph node")).endswith("  NE")


def test_a_reference_that_no_image_shows_is_not_marked(stable: Assessment) -> None:
    verdict = replace(stable.timepoints[1].lesions[0], reference=mm(17))
    told = section(tell(last(stable, lesions=(verdict,))), "Lesions over time")

    assert "N" not in next(line for line in told if line.startswith("T01"))
