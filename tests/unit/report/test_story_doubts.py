"""What is left open, how sure the labels are, and the notes on the data."""

from dataclasses import replace

from builders import on, source
from told import section

from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.finding import Finding, Severity
from fhirgate.oncology.uncertainty import LIMITS_OF_THE_MODEL
from fhirgate.oncology.verdict import Reason
from fhirgate.report.story import tell


def test_equal_findings_take_one_line_however_many(rich: Assessment) -> None:
    many = tuple(replace(rich.findings[0], source=source(f"x{at}")) for at in range(500))
    told = section(
        tell(replace(rich, findings=(rich.findings[1], *many))), "Notes on the data (501 findings)"
    )

    assert told == [
        "error        UNIT_MISSING  × 500",
        "      a size without a unit was not used; add the unit (Observation/x0 at Observation.valueQuantity,",
        "      and others)",
        "information  ROLE_CHOSEN",
        "      targets were chosen by RECIST 1.1",
    ]


def test_of_one_code_three_sentences_are_shown_the_most_frequent_first(rich: Assessment) -> None:
    texts = ["a", "b", "b", "c", "d", "e"]
    found = tuple(Finding(code="ODD", severity=Severity.WARNING, text=text) for text in texts)

    assert section(tell(replace(rich, findings=found)), "Notes on the data") == [
        "warning      ODD  × 6",
        "      2 × b",
        "      a",
        "      c",
        "      and 2 other texts; the JSON has all",
    ]


def test_an_open_question_is_asked_once_with_its_dates_and_resources(rich: Assessment) -> None:
    def asked(*ids: str) -> Reason:
        return Reason(
            code="COVERAGE",
            text="T01 not evaluated",
            resolved_by="a size of T01",
            sources=tuple(source(each) for each in ids),
        )

    first, second, third = rich.timepoints
    timepoints = (
        replace(first, reasons=(asked("a", "b"),)),
        replace(second, reasons=(asked("b", "c", "d", "e", "f"),)),
        replace(third, reasons=(Reason(code="SIZE_CAP", text="T01 over 70 mm"),)),
    )
    told = tell(replace(rich, timepoints=timepoints))

    assert section(told, "Could not be judged") == [
        "COVERAGE at 2024-01-10 and 2024-03-12",
        "      T01 not evaluated (Observation/a, Observation/b, Observation/c, Observation/d and 2 more)",
        "      → a size of T01",
    ]
    assert "            reason SIZE_CAP: T01 over 70 mm" in told.splitlines()


def test_nothing_left_open_is_said(stable: Assessment) -> None:
    calm = replace(stable, timepoints=stable.timepoints[1:])

    assert section(tell(calm), "Could not be judged") == ["nothing is left open"]


def test_every_number_on_probability_stands_with_its_limits(rich: Assessment) -> None:
    told = section(tell(rich), "How sure")

    assert told[2] == "2024-06-04       0.000 0.912–0.988 0.012–0.088       0.000"
    assert " ".join(told[3:]) == LIMITS_OF_THE_MODEL


def test_a_question_open_at_many_timepoints_gives_their_span(stable: Assessment) -> None:
    second = stable.timepoints[1]
    question = Reason(code="COVERAGE", text="T01 not evaluated", resolved_by="a size of T01")
    timepoints = tuple(
        replace(second, timepoint=replace(second.timepoint, date=on(f"2024-0{at}-01")), reasons=(question,))
        for at in range(1, 9)
    )

    assert section(tell(replace(stable, timepoints=timepoints)), "Could not be judged")[0] == (
        "COVERAGE at 8 timepoints, 2024-01-01 to 2024-08-01"
    )
