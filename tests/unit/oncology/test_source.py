"""Where a fact comes from."""

from builders import source

from fhirgate.oncology.source import joined


def test_a_source_is_written_as_a_reference_with_its_version_when_known() -> None:
    assert str(source("a1", "Observation")) == "Observation/a1"
    assert str(source("a1", "Observation", "3")) == "Observation/a1/_history/3"


def test_joined_sources_are_named_once_in_order_of_type_id_and_version() -> None:
    a, b, study = source("a"), source("b"), source("a", "ImagingStudy")

    assert joined((b, a), (a, study), ()) == (study, a, b)
    assert joined() == ()
