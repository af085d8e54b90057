import pytest

from fhirgate.cli.file_names import FileNames


@pytest.mark.parametrize("patient", ["p1", "4711", "a-b.c_d", "x" * 80])
def test_a_safe_id_is_its_own_name(patient: str) -> None:
    assert FileNames().of(patient) == patient


@pytest.mark.parametrize(
    ("patient", "name"),
    [
        ("../../etc/passwd", "_.._etc_passwd-"),
        ("/root", "_root-"),
        ("a\\b", "a_b-"),
        (".hidden", "hidden-"),
        ("..", "patient-"),
        ("", "patient-"),
        ("con", "con-"),
        ("NUL.x", "NUL.x-"),
        ("a\nb", "a_b-"),
        ("\ud800", "_-"),
        ("ü", "_-"),
        ("y" * 300, "y" * 80 + "-"),
    ],
)
def test_any_other_id_becomes_a_safe_name_with_a_mark(patient: str, name: str) -> None:
    made = FileNames().of(patient)

    assert made[:-10] == name
    assert set(made[-10:]) <= set("0123456789abcdef")


def test_two_ids_never_share_a_name_even_where_case_does_not_count() -> None:
    names = FileNames()
    made = [names.of(each) for each in ("a", "A", "a/b", "a_b", "a")]

    assert len({each.casefold() for each in made}) == 4
    assert made[0] == made[4] == "a"
