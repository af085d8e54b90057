"""Lines and progressions come to rest; what does not is said. Long records cost no more than their length."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from time import process_time

import pytest
from builders import chart, diagnosis, exposure, sighting, source
from case_tables import cases
from judged_stories import Case, judge_case

from fhirgate.oncology.chart import Chart
from fhirgate.oncology.judgement import judge
from fhirgate.oncology.judgement.assess import assess_chart
from fhirgate.oncology.lesion import Change, Kind, Sighting, Uptake
from fhirgate.oncology.policy import DEFAULT_POLICY
from fhirgate.oncology.progression.presets import DEFAULT

LINES = {param.values[0]["id"]: param.values[0] for param in cases("judgement/lines.toml")}
RESUMED: Case = LINES["J-LINE-20"]


def test_a_record_that_does_not_come_to_rest_keeps_the_last_round_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert len(judge_case(RESUMED).lines) == 2

    monkeypatch.setattr(judge, "MOST_ROUNDS", 1)

    assessment = judge_case(RESUMED)
    assert len(assessment.lines) == 2
    assert "LINES_NOT_SETTLED" in {each.code for each in assessment.findings}


FIRST = date(1990, 1, 1)


def _sized(number: int) -> Iterator[Sighting]:
    for day in range(number):
        yield sighting(
            (FIRST + timedelta(days=day)).isoformat(),
            20 + day * 7 % 5,
            uptake=Uptake(sul_peak=Decimal(5 + day % 3)),
            sources=(source(str(day)),),
        )


def _equivocal(number: int) -> Iterator[Sighting]:
    for day in range(number):
        on = (FIRST + timedelta(days=day)).isoformat()
        change = Change.EQUIVOCAL if day else None
        yield sighting(on, kind=Kind.PRESENT, change=change, sources=(source(str(day)),))


def _seconds(record: Chart) -> float:
    """The least of two runs: other work on the machine only adds."""
    taken = []
    for _ in range(2):
        began = process_time()
        assessment = assess_chart(record, DEFAULT, DEFAULT_POLICY, date(2024, 1, 1))
        taken.append(process_time() - began)
        assert len(assessment.timepoints) == len(record.sightings)
    return min(taken)


@pytest.mark.parametrize("said", [_sized, _equivocal])
def test_eight_times_as_many_measurements_cost_not_much_more_than_eight_times_as_much(
    said: Callable[[int], Iterator[Sighting]],
) -> None:
    def record(number: int) -> Chart:
        return chart(
            *said(number),
            diagnoses=(diagnosis(),),
            exposures=(exposure("1990-02-01"),),
        )

    assert _seconds(record(4000)) < 16 * _seconds(record(500))
