from fhirgate.mapping.code_tables import table
from fhirgate.mapping.site_words import tokens_of


def test_a_table_is_read_once() -> None:
    assert table("sites") is table("sites")


def test_every_place_of_the_table_has_a_name_or_is_diffuse() -> None:
    rows = table("sites")["place"]
    assert len(rows) > 100
    assert all(row.get("organ") or row.get("diffuse") for row in rows)


def test_no_snomed_code_names_two_places() -> None:
    codes = [
        code
        for kind in ("place", "station")
        for row in table("sites")[kind]
        for code in row.get("snomed", ())
    ]
    assert sorted(set(codes)) == sorted(codes)


def test_no_phrase_names_two_places() -> None:
    words = [
        word for kind in ("place", "station") for row in table("sites")[kind] for word in row.get("words", ())
    ]
    assert sorted({each for each in words if words.count(each) > 1}) == []


def test_every_phrase_is_folded_as_text_is() -> None:
    words = [
        word for kind in ("place", "station") for row in table("sites")[kind] for word in row.get("words", ())
    ]
    assert [word for word in words if " ".join(tokens_of(word)) != word] == []
