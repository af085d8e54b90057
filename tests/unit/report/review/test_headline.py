"""The state to act on, its reason, and what must be known beside it."""

from dataclasses import replace
from datetime import date

import pytest
from builders import on
from told import last

from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.verdict import State, TherapyStatus
from fhirgate.report.review.headline import headline, tone_of
from fhirgate.report.review.parts import Tone


def test_the_state_comes_with_its_reason_therapy_and_imaging(rich: Assessment) -> None:
    found = headline(rich)

    assert (found.state, found.code, found.tone) == ("Oligoprogression", "OLIGOPROGRESSION", Tone.FEW)
    assert found.because == (
        "1 of 2 evaluable known lesions progresses and 1 new lesion (T01 and 脳転移 1); limit 5"
    )
    assert (found.therapy, found.imaging) == ("line 1 (osimertinib), day 141", "2024-06-04")
    assert found.classification == "repeat oligoprogression"


def test_what_is_too_old_to_act_on_is_told_once_and_loudly(rich: Assessment) -> None:
    found = headline(rich)

    assert found.stale == "STALE: the last imaging is 180 days old, too old to act on"
    assert found.qualifiers == (
        "mixed response: some lesions shrink while others grow",
        "lesions were not evaluated, but cannot change the state",
    )
    assert headline(replace(rich, current=replace(rich.current, stale=False))).stale == ""


def test_the_lesions_that_decide_come_with_their_numbers(rich: Assessment) -> None:
    assert headline(rich).lesions == (
        "T01 progressing: 27 mm is +45.9 % and +8.5 mm against 18.5 mm of 2024-03-12;"
        " technique or slice thickness differs between the scans compared",
        "脳転移 1 new: first seen 2024-06-04, 8 mm",
        "lymph node 4R: recorded as not evaluable",
    )


def test_without_imaging_it_is_told_why_there_is_no_state(minimal: Assessment) -> None:
    found = headline(minimal)

    assert (found.state, found.tone) == ("Cannot be judged", Tone.OPEN)
    assert found.because == (
        "No imaging with measurements or statements of lesions → an imaging report with tumour measurements"
    )
    assert (found.therapy, found.imaging, found.age, found.lesions, found.open_points) == ("", "", "", (), ())


def test_what_is_open_comes_with_what_would_settle_it(stable: Assessment) -> None:
    open_now = replace(stable.timepoints[0].reasons[0], text="no brain MRI", resolved_by="one")
    found = headline(replace(stable, current=replace(stable.current, reasons=(open_now,))))

    assert found.open_points == ("no brain MRI → one",)


@pytest.mark.parametrize(
    ("day", "as_of", "age"),
    [
        ("2024-06-04", "2024-06-04", "on the day of judgement"),
        ("2024-06-04", "2024-06-05", "1 day before"),
        ("2024-06", "2024-07-10", "10 to 39 days before"),
        ("2024-06", "2024-06-20", "0 to 19 days before"),
    ],
)
def test_the_age_of_the_imaging_is_as_precise_as_its_date(
    rich: Assessment, day: str, as_of: str, age: str
) -> None:
    timepoint = replace(rich.timepoints[-1].timepoint, date=on(day), last_date=on(day))
    found = last(replace(rich, as_of=date.fromisoformat(as_of)), timepoint=timepoint)

    assert headline(found).age == age


def test_off_therapy_no_line_is_told(rich: Assessment) -> None:
    assert headline(last(rich, therapy_status=TherapyStatus.OFF)).therapy == "off therapy"


def test_every_state_has_a_tone_and_only_progression_looks_like_it() -> None:
    tones = {tone: {state for state in State if tone_of(state) is tone} for tone in Tone}

    assert tones[Tone.WIDE] == {
        State.SYSTEMIC_PROGRESSION,
        State.SYSTEMIC_RECURRENCE,
        State.POLYMETASTATIC_NEW,
    }
    assert tones[Tone.FEW] == {State.OLIGOPROGRESSION, State.LIMITED_PROGRESSION, State.OLIGORECURRENCE}
    assert tones[Tone.OPEN] == {State.INDETERMINATE, State.PROGRESSION_UNCONFIRMED}
    assert tones[Tone.START] == {
        State.BASELINE,
        State.NO_METASTATIC_DISEASE,
        State.OLIGOMETASTATIC_SYNCHRONOUS,
    }
    assert all(tones.values())
