"""What a lesion is compared with."""

from datetime import date

import pytest
from builders import measurement, mm, on, uptake

from fhirgate.oncology.judgement.past import Past, Reference
from fhirgate.oncology.lesion import Kind
from fhirgate.oncology.policy import ReferenceMode

NADIR, PREVIOUS, SECOND = (
    ReferenceMode.NADIR_SINCE_LINE_BASELINE,
    ReferenceMode.PREVIOUS,
    ReferenceMode.SECOND_LOWEST,
)


def _past(*sizes: int | Kind | None) -> Past:
    past = Past()
    for position, size in enumerate(sizes):
        past.add(measurement(size, f"2024-{position + 1:02}-01"), position)
    return past


def _reference(past: Past, mode: ReferenceMode = NADIR) -> Reference:
    found = past.reference(mode)
    assert found is not None
    return found


@pytest.mark.parametrize(("mode", "size"), [(NADIR, 18), (PREVIOUS, 25), (SECOND, 20)])
def test_the_reference_is_the_one_the_policy_names(mode: ReferenceMode, size: int) -> None:
    reference = _reference(_past(30, 18, 20, 25), mode)

    assert (reference.size, reference.baseline, reference.second_lowest, reference.number) == (
        size,
        30,
        20,
        4,
    )


def test_a_single_size_is_the_reference_whatever_the_policy_names() -> None:
    assert [_reference(_past(30), mode).size for mode in ReferenceMode] == [30, 30, 30]


def test_of_equal_lowest_sizes_the_first_is_the_reference() -> None:
    assert _reference(_past(30, 18, 18)).measured.taken_on == on("2024-02-01")


def test_an_absent_lesion_is_a_reference_of_nothing_and_one_without_size_is_none() -> None:
    assert _reference(_past(30, Kind.ABSENT)).size == 0
    assert _past(None).reference(NADIR) is None
    assert _past().reference(NADIR) is None


def test_a_timepoint_that_could_not_evaluate_it_leaves_no_trace() -> None:
    past = _past(30, Kind.NOT_EVALUABLE)

    assert (past.last_position, past.last_on, past.absent_last) == (0, on("2024-01-01"), False)


def test_what_was_seen_and_measured_is_remembered() -> None:
    gone, present, measured = _past(Kind.ABSENT), _past(None), _past(30, Kind.ABSENT)

    assert [(each.seen, each.measured, each.absent_last) for each in (gone, present, measured)] == [
        (False, False, True),
        (True, False, False),
        (True, True, True),
    ]


def test_a_size_from_before_the_course_counts_only_while_the_course_has_none() -> None:
    past = Past()
    past.add(measurement(12), 0, on_course=False)
    assert _reference(past).size == 12

    past.add(measurement(20), 1)
    assert _reference(past).size == 20


def test_uptake_from_before_the_course_is_not_compared_with() -> None:
    past = Past()
    past.add(measurement(12, uptake=uptake(4)), 0, on_course=False)
    past.add(measurement(12, uptake=uptake(5)), 1)

    assert past.uptake == uptake(5)


def test_uptake_is_compared_with_the_lowest_of_each_metric() -> None:
    past = Past()
    assert past.uptake is None

    for position, each in enumerate((uptake(5, 9), uptake(4), uptake(suv_max=8), uptake(6, 12))):
        past.add(measurement(12, uptake=each), position)

    assert past.uptake == uptake(4, 8)


def test_after_a_restart_the_next_size_replaces_the_earlier_ones_and_words_replace_nothing() -> None:
    past = _past(30, 18)
    past.restart()
    past.add(measurement(None), 2)
    past.add(measurement(Kind.NOT_EVALUABLE), 3)
    assert _reference(past).size == 18

    past.add(measurement(25), 4)
    past.add(measurement(22), 5)
    assert (_reference(past).size, _reference(past).baseline) == (22, 25)


def test_after_a_restart_the_next_uptake_replaces_the_earlier_ones() -> None:
    past = Past()
    past.add(measurement(12, uptake=uptake(4)), 0)
    past.restart()
    past.add(measurement(12), 1)
    assert past.uptake == uptake(4)

    past.add(measurement(12, uptake=uptake(7)), 2)
    past.add(measurement(12, uptake=uptake(8)), 3)
    assert past.uptake == uptake(7)


def test_sizes_from_before_the_look_back_are_dropped() -> None:
    past = _past(18, 30, 20)
    past.forget_before(date(2024, 2, 1))

    reference = _reference(past)
    assert (reference.size, reference.baseline, reference.number) == (20, 30, 2)


def test_a_size_from_before_the_course_is_dropped_too() -> None:
    past = Past()
    past.add(measurement(12, "2023-01-01"), 0, on_course=False)

    past.forget_before(date(2023, 1, 1))
    assert _reference(past).size == 12
    past.forget_before(date(2023, 1, 2))
    assert past.reference(NADIR) is None


def test_a_lesion_that_has_coalesced_with_another_has_always_been_both() -> None:
    past = _past(20, 18)
    past.enlarge(mm(15))
    past.add(measurement(16), 2)

    reference = _reference(past)
    assert (reference.size, reference.baseline, reference.second_lowest) == (16, 35, 33)


def test_a_size_from_before_the_course_is_enlarged_too() -> None:
    past = Past()
    past.add(measurement(12), 0, on_course=False)
    past.enlarge(mm(8))

    assert _reference(past).size == 20


def test_after_a_local_treatment_began_only_the_last_size_before_it_is_compared_with() -> None:
    past = Past()
    for position, size in enumerate((20, 30)):
        past.add(measurement(size), position)

    past.keep_last()
    past.keep_last()

    reference = past.reference(ReferenceMode.NADIR_SINCE_LINE_BASELINE)
    assert reference is not None
    assert (reference.size, reference.number) == (30, 1)
