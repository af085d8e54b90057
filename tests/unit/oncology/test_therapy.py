"""What a line of therapy tells of itself."""

from builders import CARBOPLATIN, OSIMERTINIB, PEMBROLIZUMAB, exposure, line, source

from fhirgate.oncology.therapy import ABLATIVE, Modality


def test_a_line_holds_its_agents_and_their_substitutes() -> None:
    treated = line(agents=(CARBOPLATIN,), substitutions=(PEMBROLIZUMAB,))

    assert treated.all_agents == (CARBOPLATIN, PEMBROLIZUMAB)
    assert treated.has_ici
    assert not line(agents=(OSIMERTINIB,)).has_ici


def test_a_line_rests_on_the_sources_of_its_exposures_each_once() -> None:
    given = (exposure(sources=(source("b"), source("a"))), exposure(sources=(source("a"),)))

    assert line(exposures=given).sources == (source("a"), source("b"))


def test_radiotherapy_of_unknown_dose_is_not_taken_for_ablative() -> None:
    assert Modality.SBRT in ABLATIVE
    assert Modality.RADIOTHERAPY not in ABLATIVE
