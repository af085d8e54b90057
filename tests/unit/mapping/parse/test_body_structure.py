"""BodyStructure in its dialects: who a lesion is and where it sits."""

from typing import Any

import pytest
from lesion_records import PATIENT, SCT, concept, record, structure

from fhirgate.mapping.parse.body_structure import identity_of_structure
from fhirgate.oncology.lesion import LesionIdentity
from fhirgate.oncology.site import Laterality, Site

RELATED = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-related-condition"


def read(raw: Any, *others: Any) -> LesionIdentity:
    return identity_of_structure(record(raw, *others), raw)


def test_r4_has_a_location_with_qualifiers() -> None:
    raw = structure(location=concept(SCT, "39607008"), locationQualifier=[concept(SCT, "24028007")])

    assert read(raw).site == Site(organ="lung", laterality=Laterality.RIGHT)


def test_r5_has_included_structures_with_a_side() -> None:
    included = [{"structure": concept(SCT, "39607008"), "laterality": concept(SCT, "7771000")}]

    assert read(structure(location=None, includedStructure=included)).site == Site(
        organ="lung", laterality=Laterality.LEFT
    )


def test_stu3_has_a_body_site() -> None:
    raw = {"resourceType": "BodySite", "id": "t1", "patient": PATIENT, "code": {"text": "liver"}}

    found = read(raw)

    assert (found.identifiers, found.site) == ({"BodyStructure/t1"}, Site(organ="liver"))


def test_a_description_gives_the_site_where_nothing_else_does() -> None:
    assert read(structure(location=None, description="metastasis in the liver")).site.organ == "liver"


def test_a_description_adds_a_detail_and_never_another_organ() -> None:
    near_node = structure(description="beside the hilar lymph node", location={"text": "left lung"})
    segment = structure(description="segment VI")

    assert read(near_node).site == Site(organ="lung", laterality=Laterality.LEFT)
    assert read(segment).site == Site(organ="liver", detail="segment 6")


@pytest.mark.parametrize(
    ("elements", "label"),
    [
        ({"identifier": [{"value": "T01"}], "description": "large one"}, "T01"),
        ({"identifier": [{"system": "s", "value": "77"}], "description": "T02"}, "T02"),
        ({"identifier": [{"system": "s", "value": "T03"}]}, "T03"),
        ({"description": "x" * 61}, ""),
        ({"identifier": [{"system": "s"}]}, ""),
    ],
)
def test_a_label_is_a_name_given_as_one_else_a_short_description_else_a_key(
    elements: dict[str, Any], label: str
) -> None:
    assert read(structure(**elements)).label == label


def test_a_value_that_is_an_oid_is_a_uid() -> None:
    assert "uid:1.2.3" in read(structure(identifier=[{"value": "urn:oid:1.2.3"}])).identifiers


def test_a_tumour_identifier_without_a_system_is_a_key_all_the_same() -> None:
    kind = concept("http://terminology.hl7.org/CodeSystem/v2-0487", "TUMOR")

    assert read(structure(identifier=[{"type": kind, "value": "4"}])).identifiers == {
        "BodyStructure/t1",
        "identifier:|4",
    }


def test_the_local_names_of_radiotherapy_volumes_are_no_keys_because_they_recur() -> None:
    raw = structure(
        meta={"profile": ["http://x/StructureDefinition/codexrt-radiotherapy-volume"]},
        identifier=[
            {"system": "http://example.com/doseReferenceId", "value": "Brain Mets"},
            {"system": "urn:dicom:uid", "value": "urn:oid:1.2.9"},
        ],
    )

    assert read(raw).identifiers == {"BodyStructure/t1", "uid:1.2.9"}


@pytest.mark.parametrize(
    "elements",
    [{"morphology": concept(SCT, "86049000")}, {"description": "Primary tumour, right upper lobe"}],
)
def test_a_structure_called_the_primary_tumour_is_primary(elements: dict[str, Any]) -> None:
    assert read(structure(**elements)).primary is True


def test_a_malignant_neoplasm_is_not_primary_for_that() -> None:
    assert read(structure(morphology=concept(SCT, "1240414004"))).primary is False


def test_the_related_condition_is_the_diagnosis_it_belongs_to() -> None:
    condition = {"resourceType": "Condition", "id": "c", "subject": PATIENT}
    raw = structure(
        extension=[{"url": "x"}, {"url": RELATED, "valueReference": {"reference": "Condition/c"}}]
    )

    assert read(raw, condition).condition == "c"
    assert read(raw).condition == "c"


def test_a_version_stands_in_the_source() -> None:
    raw = structure(meta={"versionId": "4"})

    assert str(read(raw).sources[0]) == "BodyStructure/t1/_history/4"
