"""Text in columns of a terminal."""

from hypothesis import given
from hypothesis import strategies as st

from fhirgate.report.columns import Paint, display_width, fit, flowed, plain, wrapped


def test_control_and_direction_characters_never_reach_the_terminal() -> None:
    assert plain("\x1b[31mred\x1b[0m\r\n\tnext\u202eline\x9b2J") == "[31mred [0m next line 2J"


def test_wide_characters_take_two_columns_and_combining_ones_none() -> None:
    assert [display_width(each) for each in ("lung", "肺", "e\u0301", "▲")] == [4, 2, 1, 1]


def test_a_text_is_padded_to_its_columns_or_cut_with_an_ellipsis() -> None:
    assert [fit("lung", 6), fit("left lung", 6), fit("肺転移", 4), fit("肺転移", 6)] == [
        "lung  ",
        "left …",
        "肺… ",
        "肺転移",
    ]


@given(st.text(), st.integers(2, 40))
def test_a_fitted_text_has_exactly_its_columns(text: str, width: int) -> None:
    assert display_width(fit(text, width)) == width


@given(st.text(), st.integers(8, 40))
def test_wrapped_lines_never_exceed_the_width_and_lose_nothing(text: str, width: int) -> None:
    lines = wrapped(text, width, "  ", "    ")

    assert all(display_width(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(plain(text).split())


def test_a_number_stays_with_its_unit() -> None:
    assert wrapped("it is now 27 mm large", 13) == ["it is now", "27 mm large"]


def test_a_wide_character_wider_than_the_room_is_still_shown() -> None:
    assert wrapped("肺", 1) == ["肺"]


def test_nothing_gives_no_line() -> None:
    assert wrapped("  ", 20, "> ") == []


def test_pieces_stay_whole() -> None:
    assert flowed(["a b ·", "c d"], 6) == ["a b ·", "c d"]


def test_colour_is_put_around_text_only_when_asked_for() -> None:
    assert Paint(on=True)("PD", "bold", "red") == "\x1b[1;31mPD\x1b[0m"
    assert Paint(on=True)("   ", "red") == "   "
    assert Paint(on=True)("PD") == "PD"
    assert Paint()("PD", "red") == "PD"
