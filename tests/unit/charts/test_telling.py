"""A picture in words."""

from assessments import without_imaging
from builders import reason
from drawn import INFUSIONS, SYSTEMIC, TREATED, TWO_READERS, shipped

from fhirgate.charts.telling import description, subtitle, title
from fhirgate.charts.trajectory import trajectories


def test_the_title_says_who_and_where_the_patient_stands():
    assert title(shipped(SYSTEMIC)) == "Patient systemic-progression-cdk46: Systemic progression"


def test_the_subtitle_says_when_and_why():
    assert subtitle(shipped(INFUSIONS)) == [
        "as of 2024-07-10 · last imaging 2024-07-02 · preset DEFAULT",
        "1 of 7 evaluable known lesions progresses (K1); 6 lesions controlled, limit 5 · pseudo-progression possible",
    ]


def test_the_subtitle_names_the_reader_and_what_is_too_old():
    assert "numbers of Practitioner/reader-1" in subtitle(shipped(TWO_READERS))[0]
    assert subtitle(shipped(TREATED, "2026-06-01"))[1].endswith("too old to act on")


def test_without_imaging_the_reasons_are_told():
    given = without_imaging(reasons=(reason("NO_IMAGING", "no imaging"),))

    assert subtitle(given) == ["as of 2025-02-10 · no imaging · preset DEFAULT", "no imaging"]
    assert description(given, []) == (
        "Cannot be judged, without imaging, as of 2025-02-10. 0 lesions over 0 timepoints."
    )


def test_the_description_tells_the_story_in_a_few_sentences():
    given = shipped(SYSTEMIC)

    assert description(given, trajectories(given)) == (
        "Systemic progression at the imaging of 2024-01-22, as of 2024-02-01. 10 lesions over 4 timepoints;"
        " progressing: T01 liver segment II, T02 liver segment VIII and T03 left lung;"
        " new: NEW1 liver segment IV, NEW2 liver segment V, NEW3 bone femur and NEW4 left adrenal."
        " Last line of therapy: letrozole and palbociclib from 2023-03-01, ongoing."
    )


def test_many_lesions_are_counted_and_an_ended_line_has_its_end():
    given = shipped("oligorecurrence-off-therapy")
    many = trajectories(given) * 3

    assert "L02 liver segment III and 2 more" in description(given, many)
    assert description(given, many).endswith("capecitabine from 2021-09-01 until 2022-02-20.")
