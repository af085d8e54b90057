"""Which lesion an Observation is about, in the order of fhir-contracts §A2."""

from typing import Any

from lesion_records import DCM, SCT, component, concept, observation, on_lesion, parsed, structure

from fhirgate.oncology.lesion import LesionIdentity
from fhirgate.oncology.site import Laterality, Site
from fhirgate.oncology.source import Source

UID = "1.2.840.99.7"
TRACKING = "http://hl7.org/fhir/uv/dicom-sr/CodeSystem/dicom-identifier-type"
LIVER = {"text": "liver"}


def tracking_uid(value: str = f"urn:oid:{UID}") -> dict[str, Any]:
    return {"type": concept(TRACKING, "tracking-uid"), "value": value}


def tracking_id(value: str = "Nodule 1") -> dict[str, Any]:
    return {"type": concept(TRACKING, "tracking-id"), "value": value}


def dicom_identifiers(uid: str = UID, label: str = "Nodule 1") -> list[dict[str, Any]]:
    return [
        {"type": concept(DCM, "112039"), "value": label},
        {"type": concept(DCM, "112040"), "system": "urn:dicom:uid", "value": uid},
    ]


def identity(*resources: Any) -> LesionIdentity:
    return parsed(*resources).only.identity


def test_the_r5_element_names_the_body_structure() -> None:
    found = identity(structure(), observation(size=20, bodyStructure={"reference": "BodyStructure/t1"}))

    assert found == LesionIdentity(
        identifiers=frozenset({"BodyStructure/t1"}),
        site=Site(organ="liver"),
        sources=(Source("BodyStructure", "t1"),),
    )


def test_the_r4_extension_inside_body_site_names_it_too() -> None:
    url = "http://hl7.org/fhir/StructureDefinition/bodySite"
    place = {"extension": [{"url": url, "valueReference": {"reference": "BodyStructure/t1"}}]}

    assert identity(structure(), observation(size=20, bodySite=place)).identifiers == {"BodyStructure/t1"}


def test_the_cross_version_extension_names_it_too() -> None:
    url = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Observation.bodyStructure"
    extension = [{"url": url, "valueReference": {"reference": "BodyStructure/t1"}}]

    assert identity(structure(), observation(size=20, extension=extension)).identifiers == {
        "BodyStructure/t1"
    }


def test_focus_names_it_in_mcode() -> None:
    assert identity(structure(), on_lesion(size=20)).identifiers == {"BodyStructure/t1"}


def test_the_element_goes_before_focus() -> None:
    both = on_lesion(size=20, lesion="t2", bodyStructure={"reference": "BodyStructure/t1"})

    assert identity(structure(), structure("t2"), both).identifiers == {"BodyStructure/t1"}


def test_a_focus_that_is_no_body_structure_is_no_lesion() -> None:
    condition = {"resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/p"}}
    raw = observation(size=20, bodySite=LIVER, focus=[{"reference": "Condition/c"}])

    found = identity(condition, raw)

    assert (found.identifiers, found.condition, found.site.organ) == (frozenset(), "c", "liver")


def test_a_radiotherapy_volume_in_focus_is_no_lesion() -> None:
    volume = structure("v", "brain", morphology=concept(SCT, "228793007"))
    raw = on_lesion(size=20, focus=[{"reference": "BodyStructure/v"}, {"reference": "BodyStructure/t1"}])

    assert identity(structure(), volume, raw).identifiers == {"BodyStructure/t1"}


def test_every_identifier_of_a_body_structure_is_a_key() -> None:
    tumour = structure(
        identifier=[
            {
                "type": concept("http://hl7.org/fhir/resource-types", "BodyStructure"),
                "system": "s",
                "value": "Tumor 1",
            },
            *dicom_identifiers(),
        ]
    )

    found = identity(tumour, on_lesion(size=20))

    assert found.identifiers == {"BodyStructure/t1", "identifier:s|Tumor 1", f"uid:{UID}"}
    assert found.label == "Nodule 1"


def test_an_absolute_reference_and_a_version_are_the_same_structure() -> None:
    where = "https://ehr.example/fhir/BodyStructure/t1/_history/3"

    assert identity(structure(), on_lesion(size=20, focus=[{"reference": where}])).identifiers == {
        "BodyStructure/t1"
    }


def test_a_reference_the_server_does_not_serve_is_still_a_key() -> None:
    found = parsed(
        on_lesion("a", size=20), on_lesion("b", size=20, effectiveDateTime="2024-06-01", bodySite=LIVER)
    )

    assert [each.identity.identifiers for each in found.sightings] == [{"BodyStructure/t1"}] * 2
    assert found.sightings[1].identity.site == Site(organ="liver")
    assert [each.text for each in found.findings] == [
        "BodyStructure/t1, named 2 times, is not in the record; the lesion is followed by this reference"
    ]


def test_a_contained_structure_without_an_identifier_is_known_by_its_site_alone() -> None:
    raw = observation(
        size=20, focus=[{"reference": "#b"}], contained=[structure("b", "left lung", description="met")]
    )

    assert identity(raw) == LesionIdentity(site=Site(organ="lung", laterality=Laterality.LEFT))


def test_a_contained_structure_with_a_tracking_uid_is_known_by_it() -> None:
    raw = observation(
        size=20, focus=[{"reference": "#b"}], contained=[structure("b", identifier=dicom_identifiers())]
    )

    found = identity(raw)

    assert (found.identifiers, found.label, found.site.organ) == ({f"uid:{UID}"}, "Nodule 1", "liver")


def test_a_contained_structure_of_the_same_id_in_another_observation_is_another_lesion() -> None:
    first = observation("a", size=20, focus=[{"reference": "#b"}], contained=[structure("b", "liver")])
    second = observation("b", size=20, focus=[{"reference": "#b"}], contained=[structure("b", "lung")])

    assert [each.identity.site.organ for each in parsed(first, second).sightings] == ["liver", "lung"]


def test_a_logical_focus_by_tracking_uid_is_a_key() -> None:
    raw = observation(size=20, focus=[{"identifier": tracking_uid()}], bodySite=LIVER)

    assert identity(raw).identifiers == {f"uid:{UID}"}


def test_a_logical_focus_by_identifier_finds_the_structure() -> None:
    named = {"system": "http://pacs.example/lesion", "value": "77"}
    raw = observation(size=20, focus=[{"type": "BodyStructure", "identifier": named}])

    assert identity(structure(identifier=[named]), raw).identifiers == {
        "BodyStructure/t1",
        "identifier:http://pacs.example/lesion|77",
    }


def test_a_logical_focus_that_finds_nothing_is_still_a_key() -> None:
    named = {"system": "http://pacs.example/lesion", "value": "77"}
    raw = observation(size=20, focus=[{"type": "BodyStructure", "identifier": named, "display": "T01"}])

    found = identity(raw)

    assert (found.identifiers, found.label) == ({"identifier:http://pacs.example/lesion|77"}, "77")


def test_tracking_identifiers_of_an_observation_name_lesion_and_label() -> None:
    raw = observation(size=20, identifier=[tracking_uid(), tracking_id()], bodySite=LIVER)

    assert identity(raw) == LesionIdentity(
        identifiers=frozenset({f"uid:{UID}"}), label="Nodule 1", site=Site(organ="liver")
    )


def test_any_other_identifier_of_an_observation_is_its_own_and_no_lesion() -> None:
    own = {"system": "urn:dicom:uid", "value": "urn:oid:1.2.3"}

    assert identity(observation(size=20, identifier=[own], bodySite=LIVER)).identifiers == frozenset()


def test_a_tracking_identifier_is_a_label_and_no_key() -> None:
    found = identity(observation(size=20, identifier=[tracking_id("T01")], bodySite=LIVER))

    assert (found.identifiers, found.label) == (frozenset(), "T01")


def test_a_uid_is_the_same_with_and_without_its_prefix() -> None:
    bare = observation("a", size=20, identifier=[tracking_uid(UID)])
    prefixed = observation("b", size=20, identifier=[tracking_uid(f"urn:oid:{UID}")])

    assert {each.identity.identifiers for each in parsed(bare, prefixed).sightings} == {
        frozenset({f"uid:{UID}"})
    }


def test_cdisc_link_ids_are_labels() -> None:
    link = {"type": {"text": "TRLNKID"}, "value": "T01"}

    assert identity(observation(size=20, identifier=[link], bodySite=LIVER)).label == "T01"


def test_a_member_takes_what_its_group_says() -> None:
    group = observation(
        "g",
        (SCT, "276214006"),
        category=[concept(DCM, "125007")],
        identifier=[tracking_uid(), tracking_id()],
        bodySite=LIVER,
        hasMember=[{"reference": "Observation/m"}],
    )
    found = parsed(group, observation("m", size=20))

    assert {each.identity for each in found.sightings} == {
        LesionIdentity(identifiers=frozenset({f"uid:{UID}"}), label="Nodule 1", site=Site(organ="liver"))
    }


def test_a_member_with_a_lesion_of_its_own_keeps_it() -> None:
    panel = on_lesion("g", (SCT, "1"), lesion="t2", hasMember=[{"reference": "Observation/m"}])

    found = parsed(structure(), structure("t2"), panel, on_lesion("m", size=20))

    assert found.only.identity.identifiers == {"BodyStructure/t1"}


def test_a_member_with_another_label_is_not_given_the_lesion_of_its_group() -> None:
    panel = observation(
        "g",
        (SCT, "1"),
        identifier=[tracking_uid(), tracking_id("A")],
        hasMember=[{"reference": "Observation/m"}],
    )
    member = observation("m", size=20, identifier=[tracking_id("B")], bodySite=LIVER)

    assert identity(panel, member) == LesionIdentity(label="B", site=Site(organ="liver"))


def test_a_member_takes_the_site_of_a_group_that_names_no_lesion() -> None:
    panel = observation("g", (SCT, "1"), bodySite=LIVER, hasMember=[{"reference": "Observation/m"}])

    assert identity(panel, observation("m", size=20)).site == Site(organ="liver")


def test_stu3_members_are_related() -> None:
    group = observation(
        "g",
        (SCT, "1"),
        identifier=[tracking_uid()],
        related=[{"type": "has-member", "target": {"reference": "Observation/m"}}],
    )

    assert identity(group, observation("m", size=20)).identifiers == {f"uid:{UID}"}


def test_groups_in_a_circle_do_not_hang() -> None:
    first = observation("a", size=20, bodySite=LIVER, hasMember=[{"reference": "Observation/b"}])
    second = observation(
        "b", size=12, hasMember=[{"reference": "Observation/a"}, {"reference": "Observation/b"}]
    )

    assert [each.identity.site.organ for each in parsed(first, second).sightings] == ["liver", "liver"]


def test_a_group_very_far_above_is_not_asked() -> None:
    chain = [
        observation(
            f"g{n}",
            (SCT, "1"),
            hasMember=[{"reference": f"Observation/g{n + 1}"}],
            identifier=[tracking_uid()] if n == 0 else None,
        )
        for n in range(12)
    ]

    assert identity(*chain, observation("g12", size=20)).identifiers == frozenset()


def test_tracking_identifiers_among_the_components_of_a_group_count() -> None:
    parts = [
        component((DCM, "112040"), valueString=UID),
        component((DCM, "112039"), valueString="Nodule 1"),
        component((SCT, "363698007"), valueCodeableConcept={"text": "lung"}),
        component((SCT, "272741003"), valueCodeableConcept=concept(SCT, "7771000")),
        component((SCT, "103339001"), 20),
    ]

    found = parsed(observation(code=(SCT, "276214006"), category=[concept(DCM, "125007")], component=parts))

    assert found.only.identity == LesionIdentity(
        identifiers=frozenset({f"uid:{UID}"}),
        label="Nodule 1",
        site=Site(organ="lung", laterality=Laterality.LEFT),
    )
    assert (found.only.long_axis, found.codes) == (20, [])


def test_a_focus_that_names_nothing_is_no_lesion() -> None:
    assert identity(observation(size=20, focus=[{}], bodySite=LIVER)).identifiers == frozenset()


def test_a_focus_known_by_its_words_alone_is_a_label() -> None:
    found = identity(
        observation(size=20, focus=[{"type": "BodyStructure", "display": "T01"}], bodySite=LIVER)
    )

    assert found == LesionIdentity(label="T01", site=Site(organ="liver"))


def test_a_body_structure_element_that_points_elsewhere_is_no_lesion() -> None:
    device = {"resourceType": "Device", "id": "d"}
    raw = observation(size=20, bodyStructure={"reference": "Device/d"}, bodySite=LIVER)

    assert identity(device, raw).identifiers == frozenset()


def test_a_tracking_component_without_a_value_tells_nothing() -> None:
    parts = [component((DCM, "112040")), component((DCM, "111001"), valueString="x")]

    assert identity(observation(size=20, component=parts, bodySite=LIVER)).identifiers == frozenset()
