"""The story of one patient in a terminal."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from builders import lesion, on, site, source
from told import last, section

from fhirgate.oncology.assessment import Assessment, LesionVerdict
from fhirgate.oncology.finding import Finding, Severity
from fhirgate.oncology.lesion import LesionIdentity
from fhirgate.oncology.verdict import LesionStatus, Reason, State
from fhirgate.report.columns import display_width
from fhirgate.report.now import NOT_VALIDATED
from fhirgate.report.story import tell
from fhirgate.report.words import QUALIFIERS, STATES

STORY = """\
PATIENT p-1
as of 2024-12-01 · preset DEFAULT · rules 1.0.0 · policy default 1
════════════════════════════════════════════════════════════════════════════════
NOW  Stable disease [STABLE_DISEASE]
     imaging of 2024-03-12, line 1 (osimertinib), day 57
     none of 3 evaluable known lesions progresses; 3 metastases visible

LESIONS OVER TIME
                                  2024-01-10  2024-03-12
                                  baseline
T01 left lung S6      target        20 N      18.5
T02 liver segment VI  target        30 N        20 ▼
lymph node 4R         non-target  seen
                                  ──────────  ──────────
Sum of targets                      50        38.5
Sum vs baseline                               −23 %
Sum vs nadir                                  −23 %
RECIST 1.1                                    SD
Systemic therapy                  off         line 1a
State                             baseline    SD
sizes in mm · ▼ responding · N the size the latest is compared with

LINES OF THERAPY
 1  2024-01-15 → ongoing     osimertinib; segments a until 2024-03-27 and b
                             since 2024-03-28; last known 2024-06-01; continued
                             beyond progression after local treatment; evidence:
                             as stated

LOCAL TREATMENT
    2024-03-28  SBRT of T02 liver segment VI

TIMEPOINTS
2024-01-10  Baseline: nothing earlier to compare with [BASELINE], off therapy
            3 metastases visible, no earlier timepoint
            reason NO_COMPARATOR: no earlier imaging to compare with
            baseline sum of target diameters 50 mm
2024-03-12  Stable disease [STABLE_DISEASE], line 1 (osimertinib), day 57
            none of 3 evaluable known lesions progresses; 3 metastases visible
            RECIST 1.1 SD: target SD, non-target NON-CR/NON-PD, no new lesion
            sum of target diameters 38.5 mm: −23 % against the baseline 50 mm
              and −23 % against the nadir 50 mm
            non-target NON-CR/NON-PD: lymph node 4R persisting

COULD NOT BE JUDGED, AND WHAT WOULD SETTLE IT
NO_COMPARATOR at 2024-01-10
      no earlier imaging to compare with
      → earlier measurements of the same lesions, or the next scan

HOW SURE THE LABELS ARE, GIVEN MEASUREMENT ERROR ALONE
                  none       oligo     limited    systemic
2024-03-12       0.990       0.010       0.000       0.000
Measurement noise only: not the choice of lesions, biology or
pseudo-progression; never calibrated on patients.

Decision support for a tumour board: not medical advice, not clinically
validated. Whether a lesion can be treated locally is not assessed.
"""


def test_a_small_story_reads_exactly_so(stable: Assessment) -> None:
    assert tell(stable, width=80) == STORY


def test_the_state_its_age_and_the_numbers_that_decide_come_first(rich: Assessment) -> None:
    assert tell(rich).splitlines()[:13] == [
        "PATIENT p-1",
        "as of 2024-12-01 · preset DEFAULT · rules 1.0.0 · policy default 1 · reader reader A",
        "═" * 100,
        "NOW  Oligoprogression [OLIGOPROGRESSION]",
        "     STALE: the last imaging is 180 days old, too old to act on",
        "     imaging of 2024-06-04, line 1 (osimertinib), day 141",
        "     1 of 2 evaluable known lesions progresses and 1 new lesion (T01 and 脳転移 1); limit 5",
        "     T01 progressing: 27 mm is +45.9 % and +8.5 mm against 18.5 mm of 2024-03-12; technique or slice",
        "       thickness differs between the scans compared",
        "     脳転移 1 new: first seen 2024-06-04, 8 mm",
        "     lymph node 4R: recorded as not evaluable",
        "     mixed response: some lesions shrink while others grow",
        "     lesions were not evaluated, but cannot change the state",
    ]


def test_without_any_imaging_the_reason_and_what_would_settle_it_are_all_there_is(
    minimal: Assessment,
) -> None:
    assert tell(minimal, width=80) == (
        "PATIENT p-0\n"
        "as of 2024-12-01 · preset DEFAULT · rules 1.0.0 · policy default 1\n" + "═" * 80 + "\n"
        "NOW  Cannot be judged [INDETERMINATE]\n"
        "     no imaging with measurements or statements of lesions → an imaging report\n"
        "       with tumour measurements\n"
        "\n"
        "LESIONS OVER TIME\n"
        "no timepoint\n"
        "\n"
        "LINES OF THERAPY\n"
        "none recorded\n"
        "\n"
        "COULD NOT BE JUDGED, AND WHAT WOULD SETTLE IT\n"
        "NO_IMAGING\n"
        "      no imaging with measurements or statements of lesions\n"
        "      → an imaging report with tumour measurements\n"
        "\n"
        "Decision support for a tumour board: not medical advice, not clinically\n"
        "validated. Whether a lesion can be treated locally is not assessed.\n"
    )


@pytest.mark.parametrize("width", [60, 73, 80, 120])
def test_no_line_is_wider_than_the_terminal(rich: Assessment, minimal: Assessment, width: int) -> None:
    for told in (rich, minimal):
        assert max(map(display_width, tell(told, width=width).splitlines())) <= width


def test_a_terminal_under_sixty_columns_gets_sixty(rich: Assessment) -> None:
    assert tell(rich, width=10) == tell(rich, width=60)


def test_colour_adds_nothing_but_colour(rich: Assessment) -> None:
    coloured = tell(rich, colour=True)

    assert "\x1b[1;31mNOW  Oligoprogression [OLIGOPROGRESSION]\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == tell(rich)
    assert "\x1b" not in tell(rich)


def test_a_record_cannot_steer_the_terminal(rich: Assessment) -> None:
    evil = "\x1b[2J\r\n\u202elung"
    bad = lesion("L1", identity=LesionIdentity(label=evil, site=site(evil)))
    finding = Finding(code="X", severity=Severity.WARNING, text=evil, source=source(evil))
    told = tell(replace(rich, lesions=(bad,), findings=(finding,)))

    assert not {"\x1b", "\r", "\u202e"} & set(told)


def test_newer_imaging_that_no_one_measured_is_said_at_the_top(stable: Assessment) -> None:
    newer = Reason(
        code="NEWER_IMAGING_NOT_MEASURED",
        text="CT of 2024-09 has no lesion measurements",
        resolved_by="measurements of that imaging",
    )
    told = tell(replace(stable, current=replace(stable.current, reasons=(newer,))))

    assert (
        told.splitlines()[6] == "     CT of 2024-09 has no lesion measurements → measurements of that imaging"
    )


def test_what_the_state_says_already_is_not_repeated_at_the_top(stable: Assessment) -> None:
    known = Reason(code="COVERAGE", text="3 metastases visible", resolved_by="a size of T01")
    stale = Reason(code="STALE", text="the last imaging is old", resolved_by="newer imaging")
    told = tell(replace(stable, current=replace(stable.current, reasons=(known, stale))))

    assert told.splitlines()[6:8] == ["     → a size of T01", ""]


def test_a_reason_that_nothing_would_settle_is_told_where_there_is_no_imaging(minimal: Assessment) -> None:
    final = Reason(code="CRITERIA_NOT_SUPPORTED", text="lymphoma has criteria of its own")
    told = tell(replace(minimal, current=replace(minimal.current, reasons=(final,))))

    assert told.splitlines()[4:6] == ["     lymphoma has criteria of its own", ""]


def test_best_response_and_first_progression_are_told(rich: Assessment) -> None:
    assert section(tell(rich), "Best response") == [
        "best overall response SD on 2024-03-12; with confirmation NE",
        "PR after CR: to be reviewed by the reader",
        "first progression 2024-06-04 on line 1: new lesion",
    ]


def test_many_moving_lesions_are_counted_after_the_first(stable: Assessment) -> None:
    def growing(at: int) -> LesionVerdict:
        return LesionVerdict(
            lesion=lesion(f"X{at}"),
            status=LesionStatus.PROGRESSING,
            value=None,
            reference=None,
            rule="lesion-progressing",
            because="stated",
        )

    lines = tell(last(stable, lesions=tuple(growing(at) for at in range(20)))).splitlines()

    assert "     and 15 more such lesions" in lines
    assert "            and 8 more such lesions" in lines


def test_of_very_many_timepoints_the_first_and_the_latest_are_shown_and_the_rest_counted(
    stable: Assessment,
) -> None:
    days = [date(2000, 1, 1) + timedelta(days=21 * at) for at in range(400)]
    second = stable.timepoints[1]
    question = Reason(code="COVERAGE", text="T01 not evaluated", resolved_by="a size of T01")
    timepoints = tuple(
        replace(
            second,
            timepoint=replace(second.timepoint, date=on(day.isoformat())),
            reasons=(question, replace(question, text=f"{day}")),
        )
        for day in days
    )
    told = tell(replace(stable, timepoints=timepoints))

    assert "2000-01-01" in section(told, "Lesions over time")[0]
    assert "376 more timepoints not shown here; the JSON has all" in told.splitlines()
    assert section(told, "Timepoints")[0] == "376 earlier timepoints not told here; the JSON has all"
    assert len(section(told, "How sure")) == 27
    assert section(told, "Could not be judged")[-1] == "and 381 earlier reasons; the JSON has all"
    assert len(told.splitlines()) < 400


@pytest.mark.parametrize("state", State)
def test_every_state_is_told_in_words_with_its_code(stable: Assessment, state: State) -> None:
    told = tell(last(replace(stable, current=replace(stable.current, state=state))))

    assert told.splitlines()[3] == f"NOW  {STATES[state]} [{state.value}]"


@pytest.fixture
def every_qualifier(stable: Assessment) -> Assessment:
    return replace(stable, current=replace(stable.current, qualifiers=tuple(QUALIFIERS)))


def test_qualifiers_are_told_in_words(every_qualifier: Assessment) -> None:
    told = tell(every_qualifier, width=120)

    assert [words for words in QUALIFIERS.values() if f"     {words}" not in told.splitlines()] == [
        "too old to act on"
    ]


@pytest.mark.parametrize("make", [lambda a: a, lambda a: replace(a, timepoints=())])
def test_every_story_ends_with_what_it_is_not(
    stable: Assessment, make: Callable[[Assessment], Assessment]
) -> None:
    told = tell(make(stable), width=120)

    assert " ".join(told.rsplit("\n\n", 1)[1].split()) == NOT_VALIDATED
