"""The table of lesions: order, numbers, and what is not known."""

from dataclasses import replace

import pytest
from builders import lesion, measurement, mm, on, source
from told import last
from told_parts import judged

from fhirgate.oncology.assessment import Assessment, LesionVerdict
from fhirgate.oncology.lesion import Kind
from fhirgate.oncology.verdict import LesionStatus
from fhirgate.report.review.lesions import MARKS, MOST_ROWS, NOT_LOOKED_AT, lesion_rows
from fhirgate.report.review.parts import LesionRow, Mark


def rows(assessment: Assessment) -> dict[str, LesionRow]:
    return {each.label: each for each in lesion_rows(assessment)[0]}


def with_verdicts(assessment: Assessment, *verdicts: LesionVerdict) -> Assessment:
    lesions = tuple(each.lesion for each in verdicts)
    return last(replace(assessment, lesions=lesions), lesions=verdicts)


def test_a_progressing_lesion_comes_with_the_numbers_that_decide(rich: Assessment) -> None:
    row = rows(rich)["T01"]

    assert (row.site, row.role, row.status, row.mark) == ("left lung S6", "target", "progressing", Mark.UP)
    assert (row.size, row.reference, row.reference_on) == ("27", "18.5", "2024-03-12")
    assert (row.change_mm, row.change_percent, row.urgent) == ("+8.5", "+45.9", True)
    assert row.because == "27 mm is +45.9 % and +8.5 mm against 18.5 mm of 2024-03-12"
    assert row.notes == ("technique or slice thickness differs between the scans compared",)
    assert row.sources == ("Observation/b1/_history/1", "Observation/c1/_history/1")
    assert row.first_seen == "2024-01-10"


def test_what_was_done_to_a_lesion_and_what_was_read_stand_in_its_row(rich: Assessment) -> None:
    treated, node = rows(rich)["T02"], rows(rich)["lymph node 4R"]

    assert (treated.treatments, treated.size, treated.change_mm) == (("SBRT 2024-03-28",), "too small", "−15")
    assert (node.site, node.size, node.change_mm, node.urgent) == ("", "NE", "", True)


def test_those_that_grow_come_first_and_the_more_the_earlier(rich: Assessment) -> None:
    def one(name: str, status: LesionStatus, now: int, before: int = 10) -> LesionVerdict:
        return judged(lesion(name), status, "", value=mm(now), reference=mm(before))

    statuses = [each for each in LesionStatus if each is not LesionStatus.PROGRESSING]
    verdicts = [one(each.value, each, 10) for each in statuses]
    growing = [one("slow", LesionStatus.PROGRESSING, 15), one("fast", LesionStatus.PROGRESSING, 30)]
    found, _ = lesion_rows(with_verdicts(rich, *verdicts, *growing))

    assert [each.label for each in found] == [
        "fast",
        "slow",
        "NEW",
        "NEW_EQUIVOCAL",
        "TREATED_INDETERMINATE",
        "NE",
        "EQUIVOCAL",
        "TREATED_CONTROLLED",
        "STABLE",
        "BASELINE",
        "RESPONDING",
        "ABSENT",
    ]
    assert [each.urgent for each in found] == [True] * 7 + [False] * 5


def test_a_lesion_the_latest_imaging_says_nothing_of_is_last_and_says_so(rich: Assessment) -> None:
    found, _ = lesion_rows(replace(rich, lesions=(lesion("gone"), *rich.lesions)))

    assert (found[-1].label, found[-1].status, found[-1].size) == ("gone", NOT_LOOKED_AT, "")


def test_no_change_is_nought_and_growth_from_nothing_has_no_percentage(rich: Assessment) -> None:
    same = judged(lesion("same"), LesionStatus.STABLE, "", value=mm(10), reference=mm(10))
    back = judged(lesion("back"), LesionStatus.PROGRESSING, "", value=mm(10), reference=mm(0))
    found = rows(with_verdicts(rich, same, back))

    assert (found["same"].change_mm, found["same"].change_percent) == ("0", "0")
    assert (found["back"].change_mm, found["back"].change_percent) == ("+10", "from nothing")


def test_very_many_lesions_are_counted_after_the_urgent_ones(rich: Assessment) -> None:
    calm = [judged(lesion(f"S{each:03}"), LesionStatus.STABLE, "") for each in range(MOST_ROWS)]
    found, left_out = lesion_rows(
        with_verdicts(rich, *calm, judged(lesion("grows"), LesionStatus.PROGRESSING, ""))
    )

    assert (len(found), found[0].label, left_out) == (MOST_ROWS, "grows", "1 more lesion not shown here")


def test_without_any_timepoint_lesions_are_listed_without_numbers(minimal: Assessment) -> None:
    found, left_out = lesion_rows(replace(minimal, lesions=(lesion("L1"),)))

    assert [(each.label, each.status, each.reference_on) for each in found] == [("L1", NOT_LOOKED_AT, "")]
    assert left_out == ""


@pytest.mark.parametrize("status", list(LesionStatus))
def test_every_status_has_a_mark(status: LesionStatus) -> None:
    assert status in MARKS


@pytest.mark.parametrize(
    ("because", "sources", "expected"),
    [
        ("against 18 mm of 2024-03-12", (), "2024-03-12"),
        ("no date said", ("b",), "2024-03-12"),
        ("no date said", (), "2024-01-10"),
    ],
)
def test_of_equal_sizes_that_one_is_the_reference_which_the_verdict_names(
    rich: Assessment, because: str, sources: tuple[str, ...], expected: str
) -> None:
    it = lesion("L9")
    first, second, _ = (
        replace(each, timepoint=replace(each.timepoint, measurements={"L9": seen}))
        for each, seen in zip(
            rich.timepoints,
            (
                measurement(18, "2024-01-10", sources=(source("a"),)),
                measurement(18, "2024-03-12", sources=(source("b"),)),
                measurement(Kind.NOT_EVALUABLE, "2024-06-04"),
            ),
            strict=True,
        )
    )
    verdict = judged(
        it,
        LesionStatus.STABLE,
        because,
        value=mm(18),
        reference=mm(18),
        sources=tuple(source(each) for each in sources),
    )
    told = last(
        replace(rich, lesions=(it,), timepoints=(first, second, rich.timepoints[-1])), lesions=(verdict,)
    )

    assert lesion_rows(told)[0][0].reference_on == str(on(expected))
