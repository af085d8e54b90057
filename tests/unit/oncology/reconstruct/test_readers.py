"""Whose numbers belong together."""

import pytest
from builders import identity, linked, reader, sighting

from fhirgate.oncology.lesion import Reader
from fhirgate.oncology.reconstruct.readers import Read, known_readers, matches, parallel_readers, reads

A, B, C = reader("Practitioner/a", "Dr A"), reader("Practitioner/b"), reader("Practitioner/c")


def test_one_reader_per_scan_is_one_history() -> None:
    lesions = [linked("L1", sighting("2024-01-10", 20, reader=A), sighting("2024-03-10", 22, reader=B))]

    assert parallel_readers(lesions) == ()
    assert reads(lesions) == (Read(),)


def test_two_readers_of_one_scan_are_parallel_and_read_apart_the_busier_first() -> None:
    lesions = [
        linked("L1", sighting("2024-01-10", 20, reader=A), sighting("2024-01-10", 21, reader=B)),
        linked("L2", sighting("2024-01-10", 9, reader=B), sighting("2024-01-10", 9), identity=identity("L2")),
    ]

    assert parallel_readers(lesions) == (A, B)
    assert reads(lesions) == (
        Read(reader=B, excluded=frozenset({A.key})),
        Read(reader=A, excluded=frozenset({B.key})),
    )


def test_readers_with_as_many_values_are_read_in_order_of_key() -> None:
    lesions = [linked("L1", sighting(long=20, reader=B), sighting(long=21, reader=A))]

    assert [read.reader for read in reads(lesions)] == [A, B]


def test_readers_who_use_one_label_for_lesions_of_their_own_are_parallel() -> None:
    lesions = [
        linked("a1", sighting(long=20, reader=A), identity=linked("T1").identity),
        linked("b1", sighting(long=21, reader=B), identity=linked("T1").identity),
    ]

    assert parallel_readers(lesions) == (A, B)


def test_a_word_without_size_and_a_value_without_reader_make_no_parallel_reader() -> None:
    lesions = [linked("L1", sighting(long=20, reader=A), sighting(reader=B), sighting(long=21))]

    assert parallel_readers(lesions) == ()


def test_a_parallel_reader_asked_for_counts_with_everything_that_is_not_parallel() -> None:
    lesions = [
        linked("L1", sighting(long=20, reader=A), sighting(long=21, reader=B)),
        linked("L2", sighting(long=9, reader=C), sighting(long=9)),
    ]

    (read,) = reads(lesions, A)

    assert read == Read(reader=A, excluded=frozenset({B.key}))
    counted = [each.reader for lesion in lesions for each in lesion.sightings if read.counts(each)]
    assert counted == [A, C, None]


def test_another_reader_asked_for_counts_alone() -> None:
    lesions = [linked("L1", sighting("2024-01-10", 20, reader=A), sighting("2024-03-10", 22, reader=B))]

    (read,) = reads(lesions, B)

    assert read == Read(reader=B, only=True)
    assert [read.counts(each) for each in lesions[0].sightings] == [False, True]


def test_a_read_of_one_reader_only_counts_nothing_without_that_reader() -> None:
    assert not Read(only=True).counts(sighting(long=20, reader=A))
    assert not Read(reader=A, only=True).counts(sighting(long=20))


def test_every_reader_of_a_chart_is_known_once_in_order() -> None:
    said = [sighting(reader=B), sighting(reader=A), sighting(reader=B), sighting()]

    assert known_readers(said) == (A, B)


@pytest.mark.parametrize(
    ("who", "wanted", "found"),
    [
        (A, "dr a", True),
        (A, " Practitioner/a ", True),
        (A, "a", True),
        (A, "Practitioner/b", False),
        (B, "b", True),
    ],
)
def test_a_reader_is_found_by_name_key_or_id(who: Reader, wanted: str, found: bool) -> None:
    assert matches(who, wanted) is found


def test_a_read_has_a_name_for_people() -> None:
    assert [Read(reader=A).name, Read().name, Read(highest=True).name] == [
        "Dr A",
        "lowest of contradicting values",
        "highest of contradicting values",
    ]
