import pytest

from fhirgate.mapping.agents import resolve_drug


@pytest.mark.parametrize(
    ("printed", "days"),
    [
        ("leuprolide 3-month depot", 84),
        ("leuprorelin 6-Monats-Depot", 168),
        ("leuprolide 24 week", 168),
        ("leuprolide 7.5 MG", 28),
        ("leuprolide acetate 30 mg", 112),
        ("goserelin 10,8 mg implant", 84),
        ("histrelin 50 MG implant", 336),
        ("Sixantone", 168),
        ("leuprolide 3.75 mg or 11.25 mg", 0),
        ("leuprolide 1 month or 3 month", 0),
        ("leuprolide", 0),
        ("osimertinib 3 month supply", 0),
    ],
)
def test_a_depot_acts_as_long_as_its_name_says(printed: str, days: int) -> None:
    assert resolve_drug([{"text": printed}]).depot_days == days


def test_of_a_product_and_its_ingredient_the_one_that_says_it_counts() -> None:
    assert resolve_drug([{"text": "Eligard 22.5 MG kit"}, {"text": "leuprolide"}]).depot_days == 84
