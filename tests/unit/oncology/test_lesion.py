"""What a sighting and a measurement tell of themselves."""

import pytest
from builders import identity, lesion, measurement, on, reader, sighting, source, uptake

from fhirgate.oncology.lesion import Change, Kind, Measurement, Sighting
from fhirgate.oncology.site import Site


@pytest.mark.parametrize(
    ("said", "nothing"),
    [
        (sighting(), True),
        (sighting(note="seen"), True),
        (sighting(long=20), False),
        (sighting(short=8), False),
        (sighting(kind=Kind.PRESENT), False),
        (sighting(change=Change.INCREASED), False),
        (sighting(uptake=uptake(5)), False),
    ],
)
def test_a_sighting_that_only_names_its_lesion_says_nothing_of_size(said: Sighting, nothing: bool) -> None:
    assert said.says_nothing_of_size is nothing


@pytest.mark.parametrize(
    ("measured", "evaluable"),
    [
        (measurement(20), True),
        (measurement(Kind.ABSENT), True),
        (measurement(None), True),
        (measurement(Kind.NOT_EVALUABLE), False),
    ],
)
def test_only_a_lesion_that_was_not_assessed_is_not_evaluable(measured: Measurement, evaluable: bool) -> None:
    assert measured.evaluable is evaluable


def test_the_source_of_a_measurement_is_the_resource_that_carries_the_value() -> None:
    assert measurement(sources=(source("b"), source("a"))).source == source("b")
    assert measurement().source is None


def test_a_reader_is_called_by_name_else_by_key() -> None:
    assert str(reader("Practitioner/a", "Reader A")) == "Reader A"
    assert str(reader("Practitioner/a")) == "Practitioner/a"


def test_a_lesion_is_called_by_its_label_else_by_its_site() -> None:
    assert lesion("L1").label == "L1"
    assert lesion("x", identity=identity("x", site=Site(organ="liver", detail="S6"))).label == "liver S6"


def test_a_lesion_is_first_seen_at_its_first_measurement() -> None:
    seen = lesion("L1", measurements=(measurement(20, "2024-01-10"), measurement(22, "2024-03-10")))

    assert (seen.first_seen, lesion("L2").first_seen) == (on("2024-01-10"), None)
