from typing import Any

from fhirgate.mapping.datatypes import Coding
from fhirgate.mapping.parse.entries import Entry
from fhirgate.mapping.parse.histology import Histology, histologies
from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.vocabulary import STANDARD

SQUAMOUS = {"coding": [{"system": "icd-o-3", "code": "8070/3"}], "text": "squamous"}


def found(*resources: dict[str, Any]) -> dict[str, Histology]:
    return dict(histologies(Record("p", [Entry(each) for each in resources], [], STANDARD)))


def report(id: str, loinc: str, **more: Any) -> dict[str, Any]:
    code = {"coding": [{"system": "http://loinc.org", "code": loinc}]}
    return {"resourceType": "Observation", "id": id, "code": code, **more}


def test_only_histology_observations_are_read() -> None:
    assert found(report("a", "718-7", valueCodeableConcept=SQUAMOUS)) == {}


def test_a_report_belongs_to_the_condition_in_focus() -> None:
    focus = [{"reference": "Patient/p"}, {"reference": "http://s/Condition/c1"}]
    assert found(report("a", "31206-6", focus=focus, valueCodeableConcept=SQUAMOUS)) == {
        "c1": Histology((Coding("icd-o-3", "8070/3"),), ("squamous",))
    }


def test_a_loose_report_is_kept_without_a_name_and_an_empty_one_is_not() -> None:
    assert list(found(report("a", "59847-4", valueCodeableConcept=SQUAMOUS), report("b", "59847-4"))) == [""]
