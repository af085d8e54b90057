import io
import sys

import pytest

from fhirgate.cli.progress import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("length", [0, 9])
def test_short_work_shows_no_bar(monkeypatch: pytest.MonkeyPatch, length: int) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)

    with progress("Reading", length, worth=10) as advance:
        advance(length)

    assert terminal.getvalue() == ""


def test_no_bar_where_nobody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())

    with progress("Reading", 10, worth=10) as advance:
        advance(10)

    assert sys.stderr.getvalue() == ""  # type: ignore[attr-defined]


def test_long_work_shows_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)

    with progress("Reading", 10, worth=10) as advance:
        advance(5)
        advance(5)

    assert "Reading" in terminal.getvalue()
    assert "100%" in terminal.getvalue()
