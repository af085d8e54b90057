from typing import Any

from fhirgate.mapping.parse.chart import parse_charts
from fhirgate.oncology.finding import Severity


def of(kind: str, id: str, **more: Any) -> dict[str, Any]:
    return {"resourceType": kind, "id": id, "subject": {"reference": "Patient/p"}, **more}


def test_what_says_nothing_that_is_used_is_counted_by_type() -> None:
    ecog = {"coding": [{"system": "http://loinc.org", "code": "89247-1"}]}
    (chart,) = parse_charts(
        [
            of("Observation", "used", code=ecog, valueInteger=1),
            of("Observation", "a", code={"text": "Haemoglobin"}, valueString="12"),
            of("Observation", "b", code={"text": "Weight"}),
            of("Specimen", "s", type={"text": "Blood"}),
        ]
    )
    found = [each for each in chart.findings if each.code == "NO_FACT"]
    assert [each.text.split(" resource")[0] for each in found] == ["1 Specimen", "2 Observation"]
    assert {each.severity for each in found} == {Severity.INFORMATION}


def test_what_has_a_finding_of_its_own_is_not_counted_again() -> None:
    status = {"coding": [{"system": "http://loinc.org", "code": "97509-4"}]}
    (chart,) = parse_charts([of("Observation", "a", code=status, valueCodeableConcept={"text": "odd"})])
    assert [each.code for each in chart.findings] == ["STATUS_UNKNOWN"]
