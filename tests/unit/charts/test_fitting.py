"""What is drawn of a record made to be long."""

from dataclasses import replace
from datetime import date, timedelta

from drawn import TREATED, drawn_by_lot, rows, shipped

from fhirgate.charts.events import MOST_EVENTS
from fhirgate.charts.fitting import MOST_POINTS, MOST_TIMEPOINTS, MOST_TREATMENTS, fitting
from fhirgate.charts.spec import chart_spec
from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.clinical_date import ClinicalDate


def texts(assessment: Assessment) -> list[str]:
    return [each["text"] for each in rows(chart_spec(assessment), "text")]


def treated_often(times: int) -> Assessment:
    """Every lesion of an example, so many times, each on a day of its own."""
    story = shipped(TREATED)
    once = next(each for lesion in story.lesions for each in lesion.local_treatments)
    days = [ClinicalDate.of(date(2023, 3, 1) + timedelta(days=each)) for each in range(times)]
    often = tuple(replace(once, id=f"t{at}", started_on=day) for at, day in enumerate(days))
    return replace(
        story,
        lesions=tuple(replace(each, local_treatments=often[at::7]) for at, each in enumerate(story.lesions)),
    )


def test_what_fits_is_drawn_as_it_is():
    given = shipped(TREATED)

    assert fitting(given).assessment is given
    assert fitting(given).notes == ()


def test_of_very_many_timepoints_the_latest_are_drawn_and_the_picture_says_so():
    given = drawn_by_lot(2, 3, MOST_TIMEPOINTS + 9)

    assert fitting(given).assessment.timepoints == given.timepoints[9:]
    assert "9 earlier timepoints not shown." in texts(given)


def test_many_timepoints_leave_room_for_fewer_lesions():
    given = drawn_by_lot(2, 40, MOST_TIMEPOINTS)
    marks = rows(chart_spec(given), "says", "lesion")

    assert len({each["lesion"] for each in marks}) == MOST_POINTS // MOST_TIMEPOINTS
    assert f"{40 - MOST_POINTS // MOST_TIMEPOINTS} more lesions not shown." in texts(given)


def test_of_very_many_treatments_the_latest_are_drawn_and_the_picture_says_so():
    given = treated_often(700)
    fits = fitting(given)

    for before, after in zip(given.lesions, fits.assessment.lesions, strict=True):
        assert after.local_treatments == before.local_treatments[-MOST_TREATMENTS:]
    assert any(each.endswith("earlier local treatments not shown.") for each in texts(given))
    assert sum(each.startswith("SBRT ") for each in texts(given)) <= MOST_EVENTS
