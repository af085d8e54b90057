"""Lines of therapy and local treatment in words."""

from dataclasses import replace
from datetime import date

import pytest
from builders import agent
from told import last, section

from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.therapy import Evidence, Phase
from fhirgate.oncology.verdict import TherapyStatus
from fhirgate.report.story import tell


def test_lines_of_therapy_tell_intent_phase_exchange_and_end(rich: Assessment) -> None:
    curative, line = rich.lines
    maintained = replace(
        line,
        phase=Phase.SWITCH_MAINTENANCE,
        maintenance=(agent("pemetrexed"),),
        segments=(),
        flags=(),
        evidence=Evidence.ORDERED_ONLY,
    )

    assert section(tell(replace(rich, lines=(curative, maintained)), width=120), "Lines of therapy") == [
        " –  2023-12-01 → 2024-01-05  cisplatin + pemetrexed (exchanged with carboplatin); curative intent;"
        " switch maintenance;",
        "                             bevacizumab carried on; ended: toxicity",
        " 1  2024-01-15 → ongoing     osimertinib; switch maintenance pemetrexed; last known 2024-06-01;"
        " evidence: ordered only,",
        "                             nothing shows that it was received",
    ]


def test_a_treatment_of_two_lesions_is_told_once(rich: Assessment) -> None:
    inferred = replace(rich.lesions[1].local_treatments[0], inferred=True)
    both = tuple(replace(each, local_treatments=(inferred,)) for each in rich.lesions[:2])

    assert section(tell(replace(rich, lesions=both)), "Local treatment") == [
        "    2024-03-28  SBRT of T01 left lung S6 and T02 liver segment VI (inferred from dose and fractions)"
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"therapy_status": TherapyStatus.UNKNOWN}, "line 1 (osimertinib), day 57, therapy unknown"),
        ({"therapy_status": TherapyStatus.OFF}, "off therapy"),
        ({"line": None}, "on therapy"),
    ],
)
def test_the_therapy_at_a_timepoint_is_told(
    stable: Assessment, change: dict[str, object], words: str
) -> None:
    assert tell(last(stable, **change)).splitlines()[4] == f"     imaging of 2024-03-12, {words}"


def test_a_curative_line_is_told_by_its_intent(rich: Assessment, stable: Assessment) -> None:
    told = tell(last(stable, line=rich.lines[0]))

    assert (
        told.splitlines()[4]
        == "     imaging of 2024-03-12, curative therapy (cisplatin + pemetrexed), day 102"
    )
    assert "Systemic therapy                  off         on" in told.splitlines()


def test_imaging_before_a_line_starts_has_no_day_on_it(stable: Assessment) -> None:
    early = replace(stable.lines[0], start=date(2024, 5, 1), segments=())
    told = tell(last(stable, line=early))

    assert told.splitlines()[4] == "     imaging of 2024-03-12, line 1 (osimertinib)"
    assert "Systemic therapy                  off         line 1" in told.splitlines()
