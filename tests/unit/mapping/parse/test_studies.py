"""Imaging studies, and which Observation belongs to which (fhir-contracts §A6)."""

from decimal import Decimal
from typing import Any

import pytest
from lesion_records import (
    DCM,
    SCT,
    component,
    concept,
    observation,
    on_lesion,
    parsed,
    report,
    structure,
    study,
)

from fhirgate.oncology.chart import Study
from fhirgate.oncology.source import Source

ACSN = concept("http://terminology.hl7.org/CodeSystem/v2-0203", "ACSN")


def key(*resources: Any) -> str:
    return parsed(structure(), *resources).sightings[-1].study


def accession(number: str = "A-1") -> dict[str, Any]:
    return {"type": ACSN, "system": "http://ris.example", "value": number}


def order(id: str = "q", number: str = "") -> dict[str, Any]:
    made: dict[str, Any] = {"resourceType": "ServiceRequest", "id": id, "subject": {"reference": "Patient/p"}}
    return {**made, "identifier": [accession(number)]} if number else made


def test_an_r4_study_as_it_is_served() -> None:
    raw = study(
        procedureCode=[{"text": "CT Chest"}],
        meta={"versionId": "2"},
        series=[{"bodySite": {"display": "Thorax"}, "started": "2024-03-01"}],
    )

    assert parsed(raw).studies.studies == (
        Study(
            key="ImagingStudy/s1",
            id="s1",
            taken_on=parsed(on_lesion(size=1)).only.taken_on,
            modality="CT",
            body=("CT Chest", "Thorax"),
            sources=(Source("ImagingStudy", "s1", "2"),),
        ),
    )


@pytest.mark.parametrize(
    "modality",
    [
        {"modality": [{"coding": [{"system": DCM, "code": "MR"}]}]},  # R5
        {"modality": [], "modalityList": [{"system": DCM, "code": "MR"}]},  # STU3
        {"modality": [], "series": [{"modality": {"system": DCM, "code": "MR"}}]},
        {"modality": "MR"},
        {"modality": [], "procedureCode": [{"text": "MRI brain"}]},
        {"modality": [], "description": "MRT Schädel"},
        {"modality": [{"system": DCM, "code": "MR"}, {"system": DCM, "code": "SR"}]},
    ],
)
def test_the_modality_is_found_in_every_release(modality: dict[str, Any]) -> None:
    (found,) = parsed({**study(), **modality}).studies.studies

    assert found.modality == "MR"


def test_a_study_begins_when_its_first_series_does() -> None:
    raw = {**study(), "started": None, "series": [{"started": "2024-03-02"}, {"started": "2024-03-01"}]}

    assert str(parsed(raw).studies.studies[0].taken_on) == "2024-03-01"


def test_slice_thickness_is_read_as_a_number_from_an_extension_only() -> None:
    url = "http://site.example/StructureDefinition/slice-thickness"
    thin = {"extension": [{"url": url, "valueQuantity": {"value": 1.25, "unit": "mm"}}]}
    thick = {"extension": [{"url": url, "valueDecimal": 5}]}
    named = {"description": "Thorax 3.0 mm"}

    found = parsed(
        study(series=[thick, thin, named]), structure(), on_lesion(size=20, partOf=_to("ImagingStudy/s1"))
    )

    assert found.studies.studies[0].slice_thickness == Decimal("1.25")
    assert found.only.slice_thickness == Decimal("1.25")


@pytest.mark.parametrize(
    "value", [{"valueDecimal": 0}, {"valueDecimal": 80}, {"valueQuantity": {"value": 1, "unit": "kg"}}, {}]
)
def test_an_impossible_slice_thickness_is_none(value: dict[str, Any]) -> None:
    raw = study(extension=[{"url": "x/SliceThickness", **value}])

    assert parsed(raw).studies.studies[0].slice_thickness is None


@pytest.mark.parametrize("code", [(DCM, "112225"), ("", "", "Slice thickness")])
def test_slice_thickness_may_be_a_component_of_the_measurement(code: tuple[str, ...]) -> None:
    found = parsed(structure(), on_lesion(size=20, component=[component(code, 5)]))

    assert (found.only.slice_thickness, found.only.long_axis, found.codes) == (5, 20, [])


def test_part_of_goes_before_everything_else() -> None:
    raw = on_lesion(size=20, partOf=_to("ImagingStudy/s1"), derivedFrom=_to("ImagingStudy/s2"))

    assert key(study(), study("s2"), raw) == "ImagingStudy/s1"


def test_derived_from_names_the_study_in_r4() -> None:
    assert key(study(), on_lesion(size=20, derivedFrom=_to("ImagingStudy/s1"))) == "ImagingStudy/s1"


def test_related_names_it_in_stu3() -> None:
    raw = on_lesion(size=20, related=[{"type": "derived-from", "target": {"reference": "ImagingStudy/s1"}}])

    assert key(study(), raw) == "ImagingStudy/s1"


def test_an_imaging_selection_leads_to_its_study() -> None:
    by_reference = {"resourceType": "ImagingSelection", "id": "i", "derivedFrom": _to("ImagingStudy/s1")}
    by_uid = {"resourceType": "ImagingSelection", "id": "j", "studyUid": "1.2.3"}
    with_uid = study(identifier=[{"system": "urn:dicom:uid", "value": "urn:oid:1.2.3"}])

    assert (
        key(with_uid, by_reference, on_lesion(size=20, derivedFrom=_to("ImagingSelection/i")))
        == "ImagingStudy/s1"
    )
    assert (
        key(with_uid, by_uid, on_lesion(size=20, derivedFrom=_to("ImagingSelection/j"))) == "ImagingStudy/s1"
    )
    assert key(by_uid, on_lesion(size=20, derivedFrom=_to("ImagingSelection/j"))) == "uid:1.2.3"


def test_a_derivation_from_anything_else_is_no_study() -> None:
    other = observation("x", (SCT, "1"))

    assert key(study(on="2023-01-01"), other, on_lesion(size=20, derivedFrom=_to("Observation/x"))) == ""


def test_a_study_by_its_uid_alone() -> None:
    uid = {"identifier": {"system": "urn:dicom:uid", "value": "urn:oid:1.2.3"}}

    found = parsed(
        study(identifier=[{"system": "urn:dicom:uid", "value": "1.2.3"}]),
        structure(),
        on_lesion(size=20, partOf=[uid]),
    )

    assert found.only.study == "ImagingStudy/s1"


def test_stu3_gives_the_uid_an_element_of_its_own() -> None:
    uid = {"identifier": {"system": "urn:dicom:uid", "value": "1.2.3"}}

    assert key(study(uid="urn:oid:1.2.3"), on_lesion(size=20, partOf=[uid])) == "ImagingStudy/s1"


def test_a_contained_study_is_the_one_of_its_uid() -> None:
    identifier = [{"system": "urn:dicom:uid", "value": "1.2.3"}]
    raw = on_lesion(size=20, partOf=_to("#s"), contained=[study("s", identifier=identifier)])

    assert key(study(identifier=identifier), raw) == "ImagingStudy/s1"
    assert key(study(on="2023-01-01"), raw) == ""


def test_a_study_that_is_not_served_is_known_by_its_name() -> None:
    found = parsed(structure(), on_lesion(size=20, partOf=_to("https://pacs.example/ImagingStudy/s9")))

    assert found.only.study == "ImagingStudy/s9"
    assert found.studies.of("ImagingStudy/s9") == Study(key="ImagingStudy/s9", id="s9", taken_on=None)


def test_a_reports_results_belong_to_the_study_it_names() -> None:
    found = parsed(
        study(),
        structure(),
        on_lesion(size=20, effectiveDateTime="2024-03-05"),
        report(imagingStudy=_to("ImagingStudy/s1"), result=_to("Observation/o")),
    )

    assert found.only.study == "ImagingStudy/s1"
    assert found.studies.studies[0].sources == (
        Source("DiagnosticReport", "r1"),
        Source("ImagingStudy", "s1"),
    )


def test_a_report_is_the_study_where_none_is_served() -> None:
    found = parsed(structure(), on_lesion(size=20), report(result=_to("Observation/o")))

    assert found.only.study == "DiagnosticReport/r1"
    assert found.only.modality == "CT"
    assert found.studies.studies == (
        Study(
            key="DiagnosticReport/r1",
            id="r1",
            taken_on=found.only.taken_on,
            modality="CT",
            body=("CT thorax",),
            is_report=True,
            sources=(Source("DiagnosticReport", "r1"),),
        ),
    )


def test_a_report_names_a_study_that_is_not_served() -> None:
    found = parsed(
        structure(),
        on_lesion(size=20),
        report(imagingStudy=_to("ImagingStudy/s9"), result=_to("Observation/o")),
    )

    assert (found.only.study, found.studies.studies[0].modality) == ("ImagingStudy/s9", "CT")


def test_a_study_for_comparison_is_not_the_study_of_a_report() -> None:
    url = "https://profiles.ihe.net/RAD/IMR/StructureDefinition/associatedStudy"
    old = report(
        extension=[{"url": url, "valueReference": {"reference": "ImagingStudy/s0"}}],
        result=_to("Observation/o"),
    )

    assert key(study("s0", "2023-03-01"), on_lesion(size=20), old) == "DiagnosticReport/r1"


def test_a_shared_order_links() -> None:
    assert key(
        study(basedOn=_to("ServiceRequest/q")), on_lesion(size=20, basedOn=_to("ServiceRequest/q"))
    ) == ("ImagingStudy/s1")


def test_a_shared_accession_number_links_whatever_carries_it() -> None:
    logical = [{"identifier": accession()}]

    by_order = key(
        order(number="A-1"),
        study(identifier=[accession()]),
        on_lesion(size=20, basedOn=_to("ServiceRequest/q")),
    )
    by_name = key(study(identifier=[accession()]), on_lesion(size=20, basedOn=logical))
    by_report = key(
        report(identifier=[accession()]), study(identifier=[accession()]), on_lesion(size=20, basedOn=logical)
    )
    stu3 = key(study(accession=accession()), on_lesion(size=20, basedOn=logical))

    assert [by_order, by_name, by_report, stu3] == ["ImagingStudy/s1"] * 4


def test_an_accession_is_the_study_where_nothing_else_is_and_its_number_is_not_shown() -> None:
    raw = on_lesion(size=20, basedOn=[{"identifier": accession("SECRET-7")}])

    found = parsed(structure(), raw)

    assert found.only.study.startswith("accession:")
    assert "SECRET" not in repr(found.studies.studies) + repr(found.sightings)


def test_an_order_of_several_studies_decides_nothing() -> None:
    both = [
        study("s1", "2024-01-01", basedOn=_to("ServiceRequest/q")),
        study("s2", "2024-01-02", basedOn=_to("ServiceRequest/q")),
    ]

    assert key(*both, on_lesion(size=20, basedOn=_to("ServiceRequest/q"))) == ""


def test_an_order_without_an_accession_or_a_study_is_no_study() -> None:
    assert key(order(), on_lesion(size=20, basedOn=_to("ServiceRequest/q"))) == ""


def test_the_same_day_and_modality_are_the_last_resort_and_it_is_said() -> None:
    method = concept(SCT, "113091000")

    found = parsed(structure(), study(), study("s2", modality="MR"), on_lesion(size=20, method=method))

    assert (found.only.study, found.only.modality) == ("ImagingStudy/s2", "MR")
    assert [each.text for each in found.findings] == [
        "1 statement on lesions linked to the only study of the same day, because no reference names the study"
    ]


def test_two_studies_of_the_day_decide_nothing() -> None:
    found = parsed(structure(), study(), study("s2"), on_lesion(size=20))

    assert (found.only.study, found.codes) == ("", [])


def test_a_month_is_not_a_day_to_link_by() -> None:
    assert key(study(), on_lesion(size=20, effectiveDateTime="2024-03")) == ""


def test_members_are_on_the_study_of_their_group() -> None:
    group = on_lesion("g", (SCT, "1"), partOf=_to("ImagingStudy/s1"), hasMember=_to("Observation/m"))

    assert key(study(), group, observation("m", size=20)) == "ImagingStudy/s1"


def test_of_a_pet_ct_the_size_is_of_the_ct_and_the_uptake_of_the_pet() -> None:
    pet_ct = study(modality="PT", series=[{"modality": {"system": DCM, "code": "CT"}}])
    size = on_lesion("a", size=20, partOf=_to("ImagingStudy/s1"))
    uptake = on_lesion(
        "b", concept(text="SUVmax"), {"value": 7, "unit": "g/ml{SUVbw}"}, partOf=_to("ImagingStudy/s1")
    )

    found = parsed(structure(), pet_ct, size, uptake)

    assert [each.modality for each in found.sightings] == ["CT", "PT"]
    assert found.studies.studies[0].modality == "PT"


def test_a_cancelled_study_and_a_report_that_is_only_announced_are_none() -> None:
    assert parsed(study(status="cancelled"), report(status="registered")).studies.studies == ()


@pytest.mark.parametrize(
    ("elements", "imaging"),
    [
        ({"category": [concept("x", "LAB")], "code": {"text": "CT value of PCR"}}, False),
        ({"category": [concept("x", "LP29684-5")], "code": {"text": "Befund"}}, True),
        ({"category": [], "code": {"text": "MRT Schädel"}}, True),
        ({"category": [], "code": {"text": "Complete blood count"}}, False),
        (
            {"category": [], "code": {"text": "Befund"}, "imagingStudy": [{"reference": "ImagingStudy/s1"}]},
            True,
        ),
        ({"category": [], "code": {"text": "Befund"}, "study": [{"reference": "ImagingStudy/s1"}]}, True),
    ],
)
def test_a_report_is_of_images_by_category_link_or_name(elements: dict[str, Any], imaging: bool) -> None:
    assert bool(parsed(report(**elements)).studies.studies) is imaging


def test_words_without_a_measurement_are_said_and_never_read() -> None:
    narrative = observation(
        "n",
        ("http://loinc.org", "59776-5"),
        partOf=_to("ImagingStudy/s1"),
        valueString="a nodule of 12 mm in the left lung",
    )

    found = parsed(
        study(), narrative, report(conclusion="metastases", code={"text": "CT"}, effectiveDateTime="2024-05")
    )

    assert found.sightings == ()
    assert [each.narrative_only for each in found.studies.studies] == [True, True]
    assert [(each.code, each.severity, each.text) for each in found.findings] == [
        (
            "NARRATIVE_ONLY",
            "warning",
            "no measurable lesion data in 2 imaging studies (2024-03-01 and 2024-05): described in words only;"
            " sizes as Observations would settle it",
        )
    ]


def test_a_narrative_is_no_fault_where_the_study_was_measured_too() -> None:
    found = parsed(
        study(),
        structure(),
        on_lesion(size=20, partOf=_to("ImagingStudy/s1")),
        report(conclusion="as measured", imagingStudy=_to("ImagingStudy/s1")),
    )

    assert (found.codes, found.studies.studies[0].narrative_only) == ([], False)


def test_narratives_beside_measurements_are_information() -> None:
    reports = [report(f"r{n}", conclusion="words", effectiveDateTime=f"2020-0{n}-01") for n in range(1, 8)]

    (finding,) = parsed(structure(), on_lesion(size=20), *reports).findings

    assert (finding.severity, "2020-05-01 and more" in finding.text) == ("information", True)


def test_a_narrative_of_no_study_is_nothing() -> None:
    assert parsed(observation("n", ("http://loinc.org", "19005-8"), valueString="words")).findings == []


def _to(name: str) -> list[dict[str, str]]:
    return [{"reference": name}]
