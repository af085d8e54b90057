"""Words of persons in notes: harmless where Markdown is shown, and read back as they were written."""

import pytest

from fhirgate.mapping.compose.elements import notes, words_of


@pytest.mark.parametrize(
    "said",
    [
        "T02 <15 mm, [see scan]",
        r"C:\scans\1 and \\",
        "https://x.example, www.x.example",
        "",
        "no 5 < 6 <b>ü</b>",
    ],
)
def test_a_note_is_read_back_as_it_was_written(said: str) -> None:
    (note,) = notes([said])

    assert words_of(note) == said


def test_a_note_holds_no_beginning_of_a_link_or_of_html() -> None:
    (note,) = notes(["<b> [x](y) https://x.example"])

    assert note == {"text": r"\<b> \[x](y) https:\//x.example"}
