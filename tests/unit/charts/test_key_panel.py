"""The key to the signs."""

from dataclasses import replace

from drawn import rows

from fhirgate.charts import style
from fhirgate.charts.key_panel import key_panel, laid_out
from fhirgate.charts.labels import width
from fhirgate.charts.looks import REFERENCE, TREATMENT


def test_each_meaning_stands_once_in_rows_that_fit():
    signs = [replace(REFERENCE, means=f"a meaning of some length, number {at % 9}") for at in range(30)]

    placed, number = laid_out(signs)

    assert len(placed) == 9
    assert number == 3
    assert all(x + 12 + width(look.means) <= style.PLOT + style.RIGHT for look, x, _ in placed)


def test_without_signs_there_are_only_notes():
    panel = key_panel((), ("A note.",))

    assert [each["text"] for each in rows(panel.layers, "text")] == ["A note."]


def test_a_sign_stands_before_its_words():
    panel = key_panel((TREATMENT,), ())

    assert [each["shape"] for each in rows(panel.layers, "shape")] == ["cross"]
    assert [each["text"] for each in rows(panel.layers, "text")] == ["local treatment"]
