"""Which studies form one timepoint."""

from datetime import date
from itertools import permutations

from builders import bone_scan, chart, linked, on, reader, sighting, source, study

from fhirgate.oncology.chart import Chart
from fhirgate.oncology.lesion import Kind, Sighting
from fhirgate.oncology.reconstruct.readers import Read
from fhirgate.oncology.reconstruct.timepoints import Rounds, group_timepoints
from fhirgate.oncology.timepoint import StudyAt

WINDOW = 21
NO_STARTS: tuple[date, ...] = ()


def _rounds(
    *lesions: tuple[Sighting, ...],
    record: Chart | None = None,
    read: Read | None = None,
    starts: tuple[date, ...] = NO_STARTS,
) -> Rounds:
    known = [linked(f"L{number}", *said) for number, said in enumerate(lesions, start=1)]
    return group_timepoints(known, record or chart(), read or Read(), starts, WINDOW)


def _dates(rounds: Rounds) -> list[str]:
    return [str(each.date) for each in rounds.timepoints]


def test_a_chest_ct_and_the_brain_mri_a_week_later_are_one_timepoint() -> None:
    rounds = _rounds((sighting("2024-01-10", 20),), (sighting("2024-01-17", 9),))

    (only,) = rounds.timepoints
    assert (only.date, only.last_date) == (on("2024-01-10"), on("2024-01-17"))
    assert {lesion: each.size for lesion, each in only.measurements.items()} == {"L1": 20, "L2": 9}


def test_a_lesion_seen_again_opens_the_next_timepoint() -> None:
    rounds = _rounds((sighting("2024-01-10", 20), sighting("2024-01-24", 22)))

    assert _dates(rounds) == ["2024-01-10", "2024-01-24"]


def test_a_lesion_that_is_only_named_again_opens_no_timepoint() -> None:
    rounds = _rounds((sighting("2024-01-10", 20), sighting("2024-01-24")))

    assert _dates(rounds) == ["2024-01-10"]
    assert rounds.timepoints[0].measurements["L1"].size == 20


def test_the_window_is_counted_from_the_first_study_and_its_end_does_not_belong() -> None:
    last_inside = _rounds((sighting("2024-01-10", 20),), (sighting("2024-01-30", 9),))
    first_outside = _rounds((sighting("2024-01-10", 20),), (sighting("2024-01-31", 9),))

    assert (_dates(last_inside), _dates(first_outside)) == (["2024-01-10"], ["2024-01-10", "2024-01-31"])


def test_a_therapy_that_starts_in_between_parts_two_studies() -> None:
    said = (sighting("2024-01-10", 20),), (sighting("2024-01-17", 9),)

    assert _dates(_rounds(*said, starts=(date(2024, 1, 12),))) == ["2024-01-10", "2024-01-17"]
    assert _dates(_rounds(*said, starts=(date(2024, 1, 17),))) == ["2024-01-10", "2024-01-17"]
    assert _dates(_rounds(*said, starts=(date(2024, 1, 10),))) == ["2024-01-10"]
    assert _dates(_rounds(*said, starts=(date(2024, 1, 18),))) == ["2024-01-10"]


def test_studies_of_one_day_are_one_timepoint_although_a_lesion_is_seen_twice() -> None:
    ct = sighting("2024-01-10", 20, study="ct")
    mr = sighting("2024-01-10", 22, study="mr")

    rounds = _rounds((ct, mr))

    assert _dates(rounds) == ["2024-01-10"]
    assert rounds.timepoints[0].conflicts == ("L1",)
    assert [each.code for each in rounds.findings] == ["CONTRADICTORY_MEASUREMENTS"]


def test_dates_that_leave_the_order_open_are_said_and_not_guessed() -> None:
    rounds = _rounds((sighting("2024-01", 20), sighting("2024-01-20", 27)))

    assert [each.order_uncertain for each in rounds.timepoints] == [True, True]
    assert [(each.code, each.text) for each in rounds.findings] == [
        (
            "DATE_ORDER_UNCERTAIN",
            "imaging of 2024-01 and of 2024-01-20 measures the same lesions, and the dates do not say which came"
            " first; the full date of both would",
        )
    ]


def test_a_partial_date_that_overlaps_belongs_to_the_timepoint_when_nothing_is_seen_twice() -> None:
    rounds = _rounds((sighting("2024-01-20", 20),), (sighting("2024-01", 9),))

    (only,) = rounds.timepoints
    assert (str(only.date), str(only.last_date), only.order_uncertain) == ("2024-01", "2024-01", False)


def test_the_precise_date_of_two_that_begin_alike_is_the_date_of_the_timepoint() -> None:
    rounds = _rounds((sighting("2024-01-01", 20),), (sighting("2024-01", 9),))

    assert _dates(rounds) == ["2024-01-01"]


def test_a_partial_date_that_only_may_lie_in_the_window_opens_a_timepoint() -> None:
    rounds = _rounds((sighting("2024-01-25", 20),), (sighting("2024-02", 9),))

    assert _dates(rounds) == ["2024-01-25", "2024-02"]
    assert rounds.findings == ()


def test_one_month_named_twice_is_one_timepoint() -> None:
    assert _dates(_rounds((sighting("2024-01", 20),), (sighting("2024-01", 9),))) == ["2024-01"]


def test_studies_are_listed_with_their_timepoint() -> None:
    ct = study("ImagingStudy/ct", "2024-01-10", body=("chest",), sources=(source("ct", "ImagingStudy"),))
    report = study("DiagnosticReport/r", None, modality="")
    unused = study("ImagingStudy/other", "2024-01-10")
    said = (
        (sighting("2024-01-10", 20, study=ct.key),),
        (sighting("2024-01-12", 9, study=report.key),),
        (sighting("2024-01-12", 9, study="unknown"),),
    )

    rounds = _rounds(*said, record=chart(studies=(ct, report, unused)))

    assert rounds.timepoints[0].studies == (
        StudyAt(id="r", taken_on=on("2024-01-12"), modality=""),
        StudyAt(
            id="ct",
            taken_on=on("2024-01-10"),
            modality="CT",
            body=("chest",),
            sources=(source("ct", "ImagingStudy"),),
        ),
    )


def test_a_bone_scan_carries_a_timepoint_of_its_own() -> None:
    scans = chart(bone_scans=(bone_scan("2024-03-10", 2), bone_scan("2024-01-12", 0)))

    rounds = _rounds((sighting("2024-01-10", 20),), record=scans)

    assert _dates(rounds) == ["2024-01-10", "2024-03-10"]
    assert rounds.timepoints[1].measurements == {}


def test_a_reader_who_is_left_out_makes_no_timepoint() -> None:
    a, b = reader("a"), reader("b")
    said = (sighting("2024-01-10", 20, reader=a), sighting("2024-03-10", 27, reader=b))

    rounds = _rounds(said, read=Read(reader=a, excluded=frozenset({"b"})))

    assert _dates(rounds) == ["2024-01-10"]
    assert rounds.timepoints[0].reader == a


def test_without_imaging_there_is_no_timepoint() -> None:
    assert _rounds() == Rounds(timepoints=(), findings=())


def test_the_order_of_input_is_never_meaning() -> None:
    said = (
        sighting("2024-01-10", 20, sources=(source("1"),)),
        sighting("2024-01-24", 22, sources=(source("2"),)),
        sighting("2024-03-10", kind=Kind.ABSENT, sources=(source("3"),)),
    )

    assert len({str(_rounds(tuple(order)).timepoints) for order in permutations(said)}) == 1
