import pytest

from fhirgate.mapping.parse.lesion_words import InWords, lesion_in, lesion_in_code


@pytest.mark.parametrize(
    ("phrase", "label", "role", "rest"),
    [
        ("Target lesion 1 longest diameter (mm)", "Target lesion 1", "role.target", "longest diameter"),
        ("Non-target lesion 12: short axis [cm]", "Non-target lesion 12", "role.non_target", "short axis"),
        ("Longest diameter of lesion #3", "lesion #3", "", "Longest diameter of"),
        ("NEW LESION 2", "NEW LESION 2", "role.new", ""),
        ("TL-4 size mm", "TL-4", "role.target", "size"),
        ("NTL 2", "NTL 2", "role.non_target", ""),
        ("Herd 5, größter Durchmesser", "Herd 5", "", "größter Durchmesser"),
    ],
)
def test_a_numbered_lesion_is_found_with_its_role_and_the_other_words(
    phrase: str, label: str, role: str, rest: str
) -> None:
    assert lesion_in(phrase) == InWords(label, role, rest)


@pytest.mark.parametrize(
    "phrase", ["", "Target lesion", "lesions", "lesion 2019", "Longest diameter", "STL 3"]
)
def test_words_without_a_numbered_lesion_name_none(phrase: str) -> None:
    assert lesion_in(phrase) == InWords()


def test_the_first_phrase_that_names_a_lesion_counts() -> None:
    assert lesion_in_code(("Longest diameter", "Lesion 2 size", "Lesion 3")).label == "Lesion 2"
    assert lesion_in_code(("Longest diameter",)).label == ""
