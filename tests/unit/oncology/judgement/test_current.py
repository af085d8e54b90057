"""The state to act on, where there is no timepoint at all."""

from datetime import date

import pytest
from builders import chart, source, study

from fhirgate.oncology.chart import Study
from fhirgate.oncology.judgement.current import current_state
from fhirgate.oncology.verdict import State

NARRATIVE = study("r1", narrative_only=True, sources=(source("r1", "DiagnosticReport"),))
CT = study("s1", sources=(source("s1", "ImagingStudy"),))


@pytest.mark.parametrize(
    ("studies", "words", "resources"),
    [
        ((), "the record holds no imaging and no lesion measurement", []),
        ((CT,), "1 imaging study without any lesion measurement", ["ImagingStudy/s1"]),
        ((CT, study("s2")), "2 imaging studies without any lesion measurement", ["ImagingStudy/s1"]),
        (
            (CT, NARRATIVE),
            "1 imaging report in words only; no lesion is measured or described in codes",
            ["DiagnosticReport/r1"],
        ),
    ],
)
def test_without_a_timepoint_it_says_what_there_is_instead(
    studies: tuple[Study, ...], words: str, resources: list[str]
) -> None:
    current = current_state(chart(studies=studies), (), date(2024, 6, 1), 120)

    (reason,) = current.reasons
    assert (current.state, current.assessed, current.stale) == (State.INDETERMINATE, None, False)
    assert (reason.code, reason.text) == ("NO_IMAGING", words)
    assert [str(each) for each in reason.sources] == resources
