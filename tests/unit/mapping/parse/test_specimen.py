from typing import Any

import pytest

from fhirgate.mapping.parse.entries import Entry
from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.parse.specimen import is_tissue, lesions_of_specimen
from fhirgate.mapping.vocabulary import STANDARD
from fhirgate.oncology.lesion import LesionIdentity
from fhirgate.oncology.site import Site

SNOMED = "http://snomed.info/sct"
TUMOUR_ID = {"type": {"coding": [{"code": "TUMOR"}]}, "system": "http://h", "value": "T1"}


def specimen(**more: Any) -> dict[str, Any]:
    return {"resourceType": "Specimen", "id": "s", **more}


@pytest.mark.parametrize(
    ("raw", "tissue"),
    [
        (specimen(type={"coding": [{"code": "TISS"}]}), True),
        (specimen(collection={"method": {"coding": [{"system": SNOMED, "code": "129314006"}]}}), True),
        (specimen(identifier=[TUMOUR_ID]), True),
        (specimen(type={"text": "Core needle sample"}), True),
        (specimen(type={"text": "Gewebe"}), True),
        (specimen(type={"text": "Serum"}, identifier=[{"value": "123"}]), False),
        (specimen(), False),
    ],
)
def test_what_is_tissue(raw: dict[str, Any], tissue: bool) -> None:
    assert is_tissue(raw) is tissue


def test_a_tumour_identifier_without_a_body_structure_is_a_lesion_of_its_own() -> None:
    raw = specimen(
        identifier=[TUMOUR_ID], collection={"bodySite": {"coding": [{"system": SNOMED, "code": "39607008"}]}}
    )
    record = Record("p", [Entry(raw)], [], STANDARD)
    assert lesions_of_specimen(raw, record) == (
        LesionIdentity(
            identifiers=frozenset({"identifier:http://h|T1"}),
            site=Site(organ="lung"),
            sources=(record.source(raw),),
        ),
    )


def test_other_body_structures_are_other_lesions() -> None:
    raw = specimen(identifier=[TUMOUR_ID])
    mine = {"resourceType": "BodyStructure", "id": "b1", "identifier": [TUMOUR_ID]}
    other = {"resourceType": "BodyStructure", "id": "b2", "identifier": [TUMOUR_ID | {"value": "T2"}]}
    record = Record("p", [Entry(raw), Entry(mine), Entry(other)], [], STANDARD)
    (lesion,) = lesions_of_specimen(raw, record)
    assert "BodyStructure/b1" in lesion.identifiers


def test_an_accession_number_is_no_lesion() -> None:
    raw = specimen(identifier=[{"system": "http://lab", "value": "12345678"}])
    assert lesions_of_specimen(raw, Record("p", [Entry(raw)], [], STANDARD)) == ()
