"""Biopsies, molecular findings, markers and performance status, told and written with the lesion they belong to."""

from dataclasses import replace

from told import minimal

from fhirgate.oncology.assessment import Support
from fhirgate.oncology.chart import FactKind, SupportingFact
from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.source import Source
from fhirgate.report.assessment_json import assessment_json
from fhirgate.report.story_support import MOST, supporting


def _fact(number: int = 1, on: str | None = "2024-03-01", kind: FactKind = FactKind.MOLECULAR) -> Support:
    fact = SupportingFact(
        kind=kind,
        on=ClinicalDate.parse(on) if on else None,
        text=f"finding {number}",
        source=Source("Observation", f"o{number}"),
    )
    return Support(fact=fact)


def test_a_supporting_fact_is_told_with_its_date_kind_and_words() -> None:
    assessment = replace(minimal(), supporting=(_fact(), _fact(2, on=None, kind=FactKind.BIOPSY)))

    assert supporting(assessment, 80) == [
        "2024-03-01  molecular: finding 1",
        "undated     biopsy: finding 2",
    ]


def test_of_very_many_only_the_latest_are_told_and_the_rest_is_counted() -> None:
    assessment = replace(minimal(), supporting=tuple(_fact(number) for number in range(MOST + 3)))

    lines = supporting(assessment, 80)

    assert lines[0] == "3 earlier ones are not shown here"
    assert lines[1] == "2024-03-01  molecular: finding 3"
    assert len(lines) == MOST + 1


def test_the_json_ties_it_to_its_lesions_and_source() -> None:
    tied = replace(_fact(), lesions=("T02",))

    assert assessment_json(replace(minimal(), supporting=(tied,)))["supporting"] == [
        {
            "kind": "molecular",
            "date": "2024-03-01",
            "text": "finding 1",
            "lesions": ["T02"],
            "source": "Observation/o1",
        }
    ]
