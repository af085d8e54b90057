from datetime import date
from pathlib import Path

import click
import pytest

from fhirgate.cli.options import day, picture


def test_a_day_is_written_as_year_month_day() -> None:
    assert day("2026-05-31") == date(2026, 5, 31)


@pytest.mark.parametrize("text", ["2026-05", "2026-02-30", "20260531", "31.05.2026", "today", ""])
def test_anything_else_is_no_day(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is no day; expected one such as 2026-05-31"):
        day(text)


@pytest.mark.parametrize("name", ["a.svg", "b/c.PNG"])
def test_a_picture_says_by_its_name_what_it_is(name: str) -> None:
    assert picture(name) == Path(name)


@pytest.mark.parametrize("name", ["a.pdf", "svg", ""])
def test_other_pictures_are_refused(name: str) -> None:
    with pytest.raises(click.BadParameter, match=r"must end with \.svg or \.png"):
        picture(name)
