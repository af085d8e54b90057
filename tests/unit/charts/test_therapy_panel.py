"""Lines of therapy as bars."""

from typing import Any

from assessments import without_imaging
from builders import agent, line
from drawn import INFUSIONS, ORDERED, RECURRENCE, TREATED, rows, shipped, watched

from fhirgate.charts import style
from fhirgate.charts.frame import frame_of
from fhirgate.charts.labels import width
from fhirgate.charts.panel import Panel
from fhirgate.charts.therapy_panel import line_text, therapy_panel
from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.therapy import LineOfTherapy


def panel(given: Assessment) -> Panel:
    return therapy_panel(given, frame_of(given))


def texts(found: Panel) -> list[str]:
    return [each["text"] for each in rows(found.layers, "text")]


def test_a_line_has_number_agents_and_segments_and_an_arrow_while_it_lasts():
    found = panel(shipped(TREATED))

    assert texts(found) == ["a", "b", "Line 1: osimertinib", "Systemic therapy"]
    assert [each["shape"] for each in rows(found.layers, "shape", "x")] == ["triangle-right"]
    assert [each["says"] for each in rows(found.layers, "says")] == [
        "Line 1: osimertinib, from 2023-02-01 ongoing, last known 2024-10-20"
    ]


def test_after_the_last_known_exposure_the_bar_is_dashed():
    found = panel(shipped(INFUSIONS))

    assert found.notes == ("A therapy bar is dashed from the last known exposure on.",)


def test_what_was_only_ordered_is_hollow_and_says_so():
    found = panel(shipped(ORDERED))

    assert "Line 1: sunitinib, ordered only" in texts(found)
    assert [each["fill"] for each in rows(found.layers, "says")] == [style.PAPER]
    assert found.notes == ("A hollow therapy bar: curative setting, or ordered only.",)


def test_therapy_before_the_axis_has_its_dates_and_an_arrow_back():
    found = panel(shipped(RECURRENCE))

    assert "Curative: capecitabine, 2021-09-01 to 2022-02-20" in texts(found)
    assert [each["shape"] for each in rows(found.layers, "shape", "x")] == ["triangle-left"]


def test_an_open_line_from_before_the_axis_says_since_when():
    given = watched("20 20", scans=("2023-02-10", "2023-05-10"))

    assert line_text(line("2015-01-01"), frame_of(given)) == "Line 1: osimertinib, since 2015-01-01"


def test_a_maintenance_and_a_line_without_known_agents_are_told():
    frame = frame_of(shipped(TREATED))

    assert line_text(line("2024-01-10", maintenance=(agent("pemetrexed"),)), frame) == (
        "Line 1: osimertinib, then pemetrexed"
    )
    assert line_text(line("2024-01-10", agents=()), frame) == "Line 1: agent not known"


def test_a_long_text_stays_within_the_picture():
    found = panel(without_imaging(lines=(named("2024-06-01", 40),)))

    text = next(each for each in rows(found.layers, "text") if each["text"].startswith("Line 1"))

    assert text["text"].endswith("…")
    assert text["x"] + width(text["text"]) <= style.PLOT + style.RIGHT


def test_of_very_many_lines_the_latest_are_shown_and_the_others_counted():
    given = without_imaging(lines=tuple(named(f"20{10 + at}-01-01", 1, number=at + 1) for at in range(14)))
    found = panel(given)

    assert found.notes[0] == "2 earlier lines of therapy not shown."
    assert [each for each in texts(found) if each.startswith("Line 2:")] == []


def test_no_therapy_is_said():
    assert texts(panel(without_imaging())) == ["No line of therapy known", "Systemic therapy"]


def test_a_segment_too_short_for_its_letter_has_none():
    found = panel(shipped(TREATED, "2024-04-01"))

    assert texts(found) == ["a", "Line 1: osimertinib", "Systemic therapy"]


def named(start: str, agents: int, **more: Any) -> LineOfTherapy:
    return line(start, "2024-12-31", agents=tuple(agent(f"substance{at}") for at in range(agents)), **more)
