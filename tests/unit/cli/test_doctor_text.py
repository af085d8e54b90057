"""An examination as people read it: widths, colours, lines that are alike."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from doctor_world import BY_SECRET, Clinic, examined, guarded, shown
from ehr_world import PATIENT, Ehr, everything

from fhirgate.cli.doctor_text import Printer, lines, summary
from fhirgate.ehr.doctor.examine import Examination
from fhirgate.ehr.doctor.line import Group, Line, Result, Told
from fhirgate.report.columns import Paint
from fhirgate.services.ehr_server import EhrServer


def line(result: Result, says: str = "it says", check: str = "reads", **more: Any) -> Line:
    return Line(check=check, group=Group.READING, title=check, told=Told(result=result, says=says, **more))


def printed(*given: Line) -> list[str]:
    out: list[str] = []
    printer = Printer(out.extend, 80, Paint())
    for each in given:
        printer.take(each)
    printer.end()
    return out


def ended(*given: Line, with_patient: bool = True) -> str:
    found = Examination(
        entry=EhrServer(name="main", base_url="https://ehr.example.org"),
        examined_at=datetime(2026, 3, 1, tzinfo=UTC),
        milliseconds=1234,
        with_patient=with_patient,
        lines=given,
    )
    return " ".join(summary(found, 80, Paint()))


def test_nothing_printed_is_nothing() -> None:
    assert printed() == []


def test_types_that_are_alike_are_one_line() -> None:
    both = [line(Result.OK, about=each) for each in ("Condition", "Specimen")]

    assert printed(*both) == ["", "reading", "  ok         reads Condition and Specimen: it says"]


def test_what_was_not_tried_for_one_reason_is_one_line() -> None:
    both = [line(Result.NOT_TRIED, check=each) for each in ("reads", "paging")]

    assert printed(*both)[2:] == ["  not tried  reads and paging: it says"]


def test_different_checks_that_work_are_lines_of_their_own() -> None:
    both = [line(Result.OK, check=each) for each in ("reads", "paging")]

    assert printed(*both)[2:] == ["  ok         reads: it says", "  ok         paging: it says"]


def test_a_remedy_that_several_lines_share_stands_below_the_last() -> None:
    three = [
        line(Result.WARNING, "one", about="A", remedy="mend it"),
        line(Result.WARNING, "two", about="B", remedy="mend it"),
        line(Result.WARNING, "three", about="C", remedy="leave it"),
    ]

    assert printed(*three)[2:] == [
        "  warning    reads A: one",
        "  warning    reads B: two",
        "             -> mend it",
        "  warning    reads C: three",
        "             -> leave it",
    ]


def test_colour_is_around_the_result_and_never_alone() -> None:
    failed = line(Result.FAILED, remedy="mend it")

    coloured = lines([failed], 80, Paint(on=True))

    assert coloured[0] == "  \x1b[31;1mFAILED   \x1b[0m  reads: it says"
    assert re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(coloured)) == "\n".join(lines([failed], 80, Paint()))


@pytest.mark.parametrize(
    ("given", "with_patient", "says"),
    [
        (
            (line(Result.OK),),
            True,
            "1 ok, 0 warnings, 0 failed, 0 not tried, in 1.2 s Records of this server can be",
        ),
        ((line(Result.WARNING),), True, "can be assessed, with the losses and risks told above."),
        (
            (line(Result.OK), line(Result.NOT_TRIED, remedy="give it more time with --timeout")),
            True,
            "Nothing failed, but not all was tried before the time was over; give it more time with --timeout.",
        ),
        ((line(Result.OK),), False, "Nothing failed; no patient's resource was read, so give --patient ID"),
        (
            (line(Result.OK), line(Result.FAILED, about="Observation"), line(Result.FAILED)),
            True,
            "Records of this server cannot be assessed; begin with reading: reads Observation.",
        ),
    ],
)
def test_the_end_says_what_the_numbers_mean(given: Any, with_patient: bool, says: str) -> None:
    assert says in ended(*given, with_patient=with_patient)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    clinic = guarded(ehr=Ehr(statement=everything()), scope="system/*.s")

    text = shown(examined(clinic, BY_SECRET, patient=PATIENT), width)

    assert [each for each in text.splitlines() if len(each) > width] == []


def test_what_a_server_calls_itself_does_not_steer_the_terminal() -> None:
    made = everything() | {"software": {"name": "\x1b[2JHAPI", "version": "8\r\n"}}

    assert not re.search(r"[\x00-\x09\x0b-\x1f]", shown(examined(Clinic(ehr=Ehr(statement=made)))))
