"""The meaning of codes and phrases: standard ones, CDISC's words, and a site's own."""

import pytest

from fhirgate.mapping.code_tables import table
from fhirgate.mapping.datatypes import Coding
from fhirgate.mapping.vocabulary import MEANINGS, STANDARD, Vocabulary, folded

SITE = "http://site.example/codes"


def test_every_row_of_the_table_has_a_source_and_a_known_meaning() -> None:
    rows = table("vocabulary")["row"]

    faulty = [row for row in rows if row["means"] not in MEANINGS or not row["source"].strip()]

    assert faulty == []


def test_no_code_or_phrase_of_the_table_has_two_meanings() -> None:
    seen: dict[object, str] = {}
    twice = []
    for row in table("vocabulary")["row"]:
        keys = [(row["system"], code) for code in row.get("codes", ())] + [
            folded(t) for t in row.get("text", ())
        ]
        twice += [
            key for key in keys if seen.setdefault(key, row["means"]) != row["means"] or keys.count(key) > 1
        ]

    assert twice == []


@pytest.mark.parametrize(
    "words", ["NON-TARGET", "Non Target", "nontarget", "non-target lesion", "NON_TARGET"]
)
def test_case_hyphens_and_spaces_do_not_matter(words: str) -> None:
    assert STANDARD.of_words(words) == "role.non_target"


def test_a_phrase_is_compared_as_a_whole() -> None:
    assert STANDARD.of_words("the target lesion in the liver is new") == ""


def test_a_code_of_any_system_is_also_a_phrase() -> None:
    assert STANDARD.of_coding(Coding("http://trial.example/ct", "TARGET")) == "role.target"


def test_a_code_goes_before_a_phrase() -> None:
    coding = Coding("http://snomed.info/sct", "103340004")

    assert STANDARD.meaning([coding], ["long axis"]) == "size.short_axis"


def test_a_site_code_wins_over_the_standard_meaning() -> None:
    site = Vocabulary(name="site", by_code={("http://snomed.info/sct", "81827009"): "size.short_axis"})

    assert site.of_coding(Coding("http://snomed.info/sct", "81827009")) == "size.short_axis"


def test_a_site_phrase_wins_even_over_a_standard_code() -> None:
    site = Vocabulary(name="site", by_text={"durchmesser": "size.short_axis"})

    meaning = site.meaning([Coding("http://snomed.info/sct", "81827009")], ["Durchmesser"])

    assert meaning == "size.short_axis"


def test_what_a_site_does_not_name_keeps_its_standard_meaning() -> None:
    site = Vocabulary(name="site", by_code={(SITE, "X1"): "ignore"})

    assert site.of_words("TOO SMALL TO MEASURE") == "state.too_small"


def test_one_vocabulary_over_another_asks_the_other_second() -> None:
    lower = Vocabulary(name="group", by_code={(SITE, "A"): "state.absent", (SITE, "B"): "state.absent"})
    upper = Vocabulary(name="site", by_code={(SITE, "A"): "state.present"})

    both = upper.over(lower).over(STANDARD)

    assert [both.of_coding(Coding(SITE, code)) for code in "ABC"] == ["state.present", "state.absent", ""]
