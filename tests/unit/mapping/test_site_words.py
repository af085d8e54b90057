import pytest

from fhirgate.mapping.site_words import details_in, laterality_of, tokens_of
from fhirgate.oncology.site import Laterality


def test_words_are_folded_and_compounds_of_metastasis_give_their_organ() -> None:
    assert tokens_of("Nebennierenmetastase (li.)") == ("nebennieren", "li")
    assert tokens_of("Schädel/Kalotte") == ("schaedel", "kalotte")
    assert tokens_of("Hepatmetastasen") == ("leber",)


def test_a_word_that_is_only_the_tail_stays() -> None:
    assert tokens_of("Metastase") == ("metastase",)
    assert tokens_of("Lebermetastase", compounds=False) == ("lebermetastase",)


@pytest.mark.parametrize(
    ("word", "side"),
    [("links", "left"), ("rechtsseitig", "right"), ("bds", "bilateral"), ("lul", "left"), ("rml", "right")],
)
def test_a_word_names_a_side(word: str, side: str) -> None:
    assert laterality_of(word) is Laterality(side)


def test_other_words_name_no_side() -> None:
    assert laterality_of("liver") is None


@pytest.mark.parametrize(
    ("organ", "words", "detail"),
    [
        ("bone", "hwk 3", "C3"),
        ("bone", "bwk", ""),
        ("bone", "rib between", ""),
        ("liver", "segment x", ""),
        ("liver", "seg 4b", "segment 4b"),
        ("lung", "lobe", ""),
        ("lymph node", "station 20", ""),
        ("lymph node", "level 2", "level 2"),
        ("kidney", "segment 3", ""),
    ],
)
def test_numbers_make_a_place_exact(organ: str, words: str, detail: str) -> None:
    assert details_in(organ, tuple(words.split())) == detail
