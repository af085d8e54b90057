"""A table over time."""

from fhirgate.report.columns import Paint
from fhirgate.report.table import Cell, Row, laid_out

ROWS = [
    Row("", (Cell("2024-01-10"), Cell("2024-03-12"), Cell("2024-06-04"))),
    Row("T01 肺", (Cell("9"), Cell("18.5", "N"), Cell("27", "▲", ("red",))), "target", numbers=True),
    Row("T02", (Cell("30"), Cell(), Cell()), "target", numbers=True),
    Row("RECIST", (Cell(), Cell("SD"), Cell("PD"))),
]


def test_numbers_are_aligned_under_their_date_and_words_begin_with_it() -> None:
    assert laid_out(ROWS, 80, Paint()) == [
        "                2024-01-10  2024-03-12  2024-06-04",
        "T01 肺  target     9        18.5 N        27 ▲",
        "T02     target    30",
        "RECIST                      SD          PD",
    ]


def test_columns_that_do_not_fit_go_below_without_the_rows_that_say_nothing_there() -> None:
    assert laid_out(ROWS, 40, Paint()) == [
        "                2024-01-10  2024-03-12",
        "T01 肺  target     9        18.5 N",
        "T02     target    30",
        "RECIST                      SD",
        "",
        "                2024-06-04",
        "T01 肺  target    27 ▲",
        "RECIST          PD",
    ]


def test_a_terminal_narrower_than_one_column_still_shows_one_at_a_time() -> None:
    assert len(laid_out(ROWS, 1, Paint())) == 11


def test_colour_does_not_move_a_column() -> None:
    painted = laid_out(ROWS, 80, Paint(on=True))

    assert painted[1] == "T01 肺  target     9        18.5 N      \x1b[31m  27 ▲\x1b[0m"
