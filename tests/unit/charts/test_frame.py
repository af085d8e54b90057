"""The time axis of a picture."""

from datetime import date
from itertools import pairwise

from assessments import without_imaging
from builders import on
from drawn import RECURRENCE, TREATED, shipped, watched

from fhirgate.charts.frame import Frame, frame_of, middle
from fhirgate.charts.style import PLOT
from fhirgate.sandbox.story import Given


def test_a_partial_date_lies_in_the_middle_of_what_it_may_be():
    assert middle(on("2024-02")) == date(2024, 2, 15)
    assert middle(on("2024-02-01")) == date(2024, 2, 1)


def test_days_lie_evenly_between_both_ends_and_no_further():
    frame = Frame(begin=date(2024, 1, 1), end=date(2024, 1, 11), as_of=date(2024, 1, 11))

    assert frame.x(date(2024, 1, 6)) == PLOT / 2
    assert frame.x(date(2020, 1, 1)) == 0
    assert frame.x(date(2030, 1, 1)) == PLOT


def test_the_axis_reaches_from_the_first_image_to_the_date_of_judgement():
    frame = frame_of(shipped(TREATED))

    assert frame.begin < date(2023, 1, 20) < date(2024, 10, 20) < frame.end
    assert not frame.cut_short


def test_a_date_of_judgement_long_after_the_last_event_is_left_out():
    frame = frame_of(shipped(TREATED, "2030-01-01"))

    assert frame.end < date(2025, 6, 1)
    assert frame.cut_short


def test_therapy_soon_before_the_first_image_is_on_the_axis_and_older_therapy_is_not():
    near = watched(
        "20 20", scans=("2023-02-10", "2023-05-10"), given=(Given(drug="osimertinib", start="2022-08-01"),)
    )
    far = watched(
        "20 20", scans=("2023-02-10", "2023-05-10"), given=(Given(drug="osimertinib", start="2015-08-01"),)
    )

    assert frame_of(near).begin < date(2022, 8, 1)
    assert frame_of(far).begin > date(2023, 1, 1)
    assert frame_of(shipped(RECURRENCE)).begin < date(2022, 2, 20)


def test_without_images_therapy_reaches_to_the_date_of_judgement():
    frame = frame_of(shipped(TREATED, scans=(), lesions=(), local=()))

    assert frame.begin < date(2023, 2, 1) < date(2024, 10, 20) < frame.end


def test_without_anything_the_axis_lies_around_the_date_of_judgement():
    frame = frame_of(without_imaging())

    assert frame.begin < frame.as_of < frame.end
    assert (frame.end - frame.begin).days == 60


def test_months_are_named_so_rarely_that_their_names_have_room():
    for end in (date(2024, 3, 15), date(2025, 3, 1), date(2030, 5, 1), date(2060, 1, 1)):
        frame = Frame(begin=date(2024, 1, 10), end=end, as_of=end)
        ticks = frame.ticks()
        places = [frame.x(each) for each in ticks]

        assert 2 <= len(ticks) <= 9
        assert all(each.day == 1 and frame.begin <= each <= frame.end for each in ticks)
        assert all(after - before >= 58 for before, after in pairwise(places))


def test_an_axis_of_centuries_has_no_names():
    assert Frame(begin=date(1, 1, 1), end=date(9999, 1, 1), as_of=date(9999, 1, 1)).ticks() == ()
