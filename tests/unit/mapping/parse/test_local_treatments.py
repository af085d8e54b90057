"""Radiotherapy as local treatment: courses and their doses, once each, tied to their lesions."""

from typing import Any

import pytest
from therapy_json import (
    CPT,
    MCODE,
    MII,
    OPS,
    SNOMED,
    codes,
    concept,
    mii,
    procedure,
    record_of,
    resource,
)

from fhirgate.mapping.parse.local_treatments import parse_local_treatments
from fhirgate.oncology.finding import Severity
from fhirgate.oncology.therapy import Intent, LocalTreatment, Modality

COURSE = concept("1217123003", SNOMED)
PHOTONS, HDR = "1156506007", "394902000"
LUNG = concept("39607008", SNOMED, "Lung structure")
LIVER = concept("10200004", SNOMED, "Liver structure")
BODY_SITE = "http://hl7.org/fhir/StructureDefinition/bodySite"
TARGET = "http://hl7.org/fhir/StructureDefinition/procedure-targetBodyStructure"


def beam(modality: str = PHOTONS, technique: dict[str, Any] | None = None) -> dict[str, Any]:
    parts = [
        {"url": f"{MCODE}/mcode-radiotherapy-modality", "valueCodeableConcept": concept(modality, SNOMED)}
    ]
    if technique:
        parts.append({"url": f"{MCODE}/mcode-radiotherapy-technique", "valueCodeableConcept": technique})
    return {"url": f"{MCODE}/mcode-radiotherapy-modality-and-technique", "extension": parts}


def dose(
    gray: int, fractions: int | None, volume: str = "", unit: str = "cGy", uniform: bool | None = None
) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [
        {
            "url": "totalDoseDelivered",
            "valueQuantity": {"value": gray * (100 if unit == "cGy" else 1), "code": unit},
        }
    ]
    if fractions is not None:
        parts.append({"url": "fractionsDelivered", "valueUnsignedInt": fractions})
    if volume:
        parts.append({"url": "volume", "valueReference": {"reference": f"BodyStructure/{volume}"}})
    if uniform is not None:
        url = "http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-radiotherapy-uniform-fractionation"
        parts.append({"url": url, "valueBoolean": uniform})
    return {"url": f"{MCODE}/mcode-radiotherapy-dose-delivered-to-volume", "extension": parts}


def course(id: str = "c", *extensions: dict[str, Any], **elements: Any) -> dict[str, Any]:
    when = {"performedPeriod": {"start": "2024-03-01", "end": "2024-03-12"}}
    return procedure(id, COURSE, extension=list(extensions), **{**when, "bodySite": [LUNG], **elements})


def structure(id: str, organ: dict[str, Any] = LUNG, **elements: Any) -> dict[str, Any]:
    return {
        "resourceType": "BodyStructure",
        "id": id,
        "patient": {"reference": "Patient/p"},
        "location": organ,
        **elements,
    }


VOLUME = {"morphology": concept("228793007", SNOMED)}


def only(*raws: dict[str, Any]) -> LocalTreatment:
    (treatment,) = parse_local_treatments(record_of(*raws))
    return treatment


@pytest.mark.parametrize(
    ("gray", "fractions", "modality"),
    [
        (50, 5, Modality.SBRT),
        (54, 3, Modality.SBRT),
        (35, 5, Modality.SBRT),
        (20, 1, Modality.SBRT),
        (30, 5, Modality.RADIOTHERAPY),
        (25, 5, Modality.RADIOTHERAPY),
        (20, 5, Modality.RADIOTHERAPY),
        (8, 1, Modality.RADIOTHERAPY),
        (60, 8, Modality.RADIOTHERAPY),
        (60, 30, Modality.RADIOTHERAPY),
    ],
)
def test_a_course_is_stereotactic_by_its_dose_only_if_it_can_be_nothing_else(
    gray: int, fractions: int, modality: Modality
) -> None:
    treatment = only(course("c", beam(), dose(gray, fractions)))
    assert (treatment.modality, treatment.inferred) == (modality, modality is Modality.SBRT)


def test_what_was_inferred_is_told_with_its_numbers() -> None:
    record = record_of(course("c", beam(), dose(50, 5)))
    parse_local_treatments(record)
    (finding,) = record.findings
    assert (finding.code, finding.severity) == ("SBRT_INFERRED", Severity.WARNING)
    assert finding.text == (
        "stereotactic radiotherapy was inferred from external beam and dose: 50 Gy in 5 fractions (BED 100.0 Gy); a"
        " technique or procedure code that says so would settle it"
    )


@pytest.mark.parametrize(
    "raw",
    [
        course(
            "c", beam(technique=concept("UNC", "x", text="Stereotactic body radiation therapy")), dose(30, 5)
        ),
        course("c", beam(technique=concept("395096001", SNOMED)), dose(30, 5)),
        procedure("c", concept("77435", CPT), bodySite=[LUNG]),
    ],
)
def test_explicit_evidence_of_stereotaxy_is_no_inference(raw: dict[str, Any]) -> None:
    record = record_of(raw)
    (treatment,) = parse_local_treatments(record)
    assert (treatment.modality, treatment.inferred) == (Modality.SBRT, False)
    assert record.findings == []


@pytest.mark.parametrize(
    ("extensions", "modality"),
    [
        ((beam(HDR), dose(30, 5)), Modality.BRACHYTHERAPY),
        ((beam("169359004"), dose(145, 1)), Modality.BRACHYTHERAPY),
        ((dose(50, 5),), Modality.RADIOTHERAPY),
        ((beam(), beam(HDR), dose(50, 5)), Modality.RADIOTHERAPY),
        ((beam(), dose(50, 5, uniform=False)), Modality.RADIOTHERAPY),
        ((beam(), dose(50, None)), Modality.RADIOTHERAPY),
        ((beam(), dose(50, 5, unit="kg")), Modality.RADIOTHERAPY),
        ((beam(),), Modality.RADIOTHERAPY),
    ],
    ids=["HDR", "seeds", "no modality", "mixed", "boost", "no fractions", "no dose", "nothing"],
)
def test_what_is_never_inferred_to_be_stereotactic(
    extensions: tuple[dict[str, Any], ...], modality: Modality
) -> None:
    treatment = only(course("c", *extensions))
    assert (treatment.modality, treatment.inferred) == (modality, False)


def test_sessions_stand_in_for_the_fractions_of_a_single_volume() -> None:
    sessions = {"url": f"{MCODE}/mcode-radiotherapy-sessions", "valueUnsignedInt": 5}
    assert only(course("c", beam(), dose(50, None, unit="Gy"), sessions)).modality is Modality.SBRT


def test_volumes_in_two_places_are_two_treatments() -> None:
    raw = course("c", beam(), dose(54, 3, "v1"), dose(30, 10, "v2"), bodySite=[])
    found = parse_local_treatments(
        record_of(raw, structure("v1", **VOLUME), structure("v2", LIVER, **VOLUME))
    )
    assert [(each.id, each.modality, each.site.organ, each.lesions) for each in found] == [
        ("c", Modality.SBRT, "lung", ()),
        ("c#2", Modality.RADIOTHERAPY, "liver", ()),
    ]
    assert [each.text for each in found] == ["54 Gy in 3 fractions", "30 Gy in 10 fractions"]


def test_a_boost_in_the_same_place_is_one_treatment() -> None:
    raw = course("c", beam(), dose(50, 25, "v1"), dose(60, 30, "v2"))
    treatment = only(raw, structure("v1", **VOLUME), structure("v2", **VOLUME))
    assert treatment.text == "60 Gy in 30 fractions"


def test_a_volume_that_is_not_here_leaves_the_body_site() -> None:
    treatment = only(course("c", beam(), dose(54, 3, "gone")))
    assert (treatment.lesions, treatment.site.organ, treatment.modality) == ((), "lung", Modality.SBRT)


def test_an_irradiated_tumour_is_the_lesion_itself() -> None:
    treatment = only(course("c", beam(), dose(54, 3, "t1")), structure("t1"))
    assert [each.identifiers for each in treatment.lesions] == [frozenset({"BodyStructure/t1"})]


@pytest.mark.parametrize(
    "link",
    [
        {"extension": [{"url": TARGET, "valueReference": {"reference": "BodyStructure/t1"}}]},
        {"focus": {"reference": "BodyStructure/t1"}},
        {"bodySite": [{"extension": [{"url": BODY_SITE, "valueReference": {"reference": "BodyStructure/t1"}}]}]},
        {"basedOn": [{"reference": "ServiceRequest/r"}]},
        {"reasonReference": [{"reference": "Observation/o"}]},
    ],
    ids=["target", "R5 focus", "body site", "order", "reason"],
)  # fmt: skip
@pytest.mark.parametrize("here", [True, False])
def test_the_lesion_is_found_by_every_link_even_when_its_structure_is_not_here(
    link: dict[str, Any], here: bool
) -> None:
    asked = resource(
        "ServiceRequest",
        "r",
        extension=[{"url": TARGET, "valueReference": {"reference": "BodyStructure/t1"}}],
    )
    seen = resource("Observation", "o", status="final", focus=[{"reference": "BodyStructure/t1"}])
    raw = procedure("x", concept(text="SBRT"), **link)
    treatment = only(raw, asked, seen, *([structure("t1")] if here else []))
    assert [each.identifiers for each in treatment.lesions] == [frozenset({"BodyStructure/t1"})]
    assert treatment.site.organ == ("lung" if here else None)


def test_several_targets_stay_one_treatment() -> None:
    targets = [{"url": TARGET, "valueReference": {"reference": f"BodyStructure/t{n}"}} for n in (1, 2)]
    raw = procedure("x", concept("879916008", SNOMED), extension=targets, bodySite=[LIVER])
    treatment = only(raw, structure("t1", LIVER), structure("t2", LUNG))
    assert (len(treatment.lesions), treatment.site.organ) == (2, "liver")


def test_a_target_that_is_no_structure_and_an_observation_without_lesion_link_nothing() -> None:
    raw = procedure(
        "x",
        concept("879916008", SNOMED),
        extension=[{"url": TARGET, "valueReference": {"reference": "Condition/c"}}],
        bodySite=[LIVER],
        reasonReference=[{"reference": "Observation/o"}],
    )
    seen = resource("Observation", "o", status="final")
    treatment = only(raw, resource("Condition", "c", code=concept(text="Cancer")), seen)
    assert (treatment.lesions, treatment.site.organ) == ((), "liver")


def test_phases_plans_and_fractions_of_a_course_are_no_further_treatments() -> None:
    part = {"performedPeriod": {"start": "2024-03-01", "end": "2024-03-05"}}
    phase = procedure("ph", concept("1222565005", SNOMED), partOf=[{"reference": "Procedure/c"}], **part)
    plan = procedure("pl", concept("1255724003", SNOMED), **part)
    fraction = procedure("f", concept(text="Radiotherapy fraction"), partOf=[{"reference": "Procedure/ph"}])
    assert only(course("c", beam(), dose(60, 30)), phase, plan, fraction).id == "c"


def test_a_phase_stands_for_its_course_when_that_is_not_here() -> None:
    phase = procedure(
        "ph", concept("1222565005", SNOMED), partOf=[{"reference": "Procedure/gone"}], bodySite=[LUNG]
    )
    assert only(phase).modality is Modality.RADIOTHERAPY


def test_of_two_states_of_one_course_the_completed_one_counts() -> None:
    uid = {"identifier": [{"system": "urn:dicom:uid", "value": "urn:oid:1.2.3"}]}
    begun = course(
        "a", beam(), dose(10, 1), status="in-progress", performedPeriod={"start": "2024-03-01"}, **uid
    )
    done = course("b", beam(), dose(50, 5), **uid)
    assert only(begun, done).id == "b"


def test_a_course_recorded_twice_in_the_same_words_is_one() -> None:
    treatment = only(course("a", beam(), dose(60, 30)), course("b", beam(), dose(60, 30)))
    assert (treatment.id, len(treatment.sources)) == ("a", 2)


def fraction(id: str, day: str, code: str = "77412", **elements: Any) -> dict[str, Any]:
    return procedure(id, concept(code, CPT), performedDateTime=day, **elements)


def test_fractions_billed_one_by_one_are_one_course() -> None:
    days = ["2024-03-01", "2024-03-04", "2024-03-06", "2024-03-08", "2024-03-11"]
    bills = [fraction(f"f{n}", day, "77373", bodySite=[LUNG]) for n, day in enumerate(days)]
    treatment = only(*bills)
    assert (treatment.modality, str(treatment.started_on), str(treatment.ended_on)) == (
        Modality.SBRT,
        "2024-03-01",
        "2024-03-11",
    )
    assert len(treatment.sources) == 5


@pytest.mark.parametrize(
    "other",
    [
        fraction("f2", "2024-04-20", bodySite=[LUNG]),
        fraction("f2", "2024-03-02", bodySite=[LIVER]),
        fraction("f2", "2024-03-02", "77373", bodySite=[LUNG]),
        procedure("f2", concept(text="brachytherapy"), performedDateTime="2024-03-02", bodySite=[LUNG]),
        procedure("f2", concept("65801008", SNOMED), performedDateTime="2024-03-02", bodySite=[LUNG]),
    ],
    ids=["much later", "elsewhere", "stereotactic", "brachytherapy", "surgery"],
)
def test_what_is_no_fraction_of_the_same_course(other: dict[str, Any]) -> None:
    assert len(parse_local_treatments(record_of(fraction("f1", "2024-03-01", bodySite=[LUNG]), other))) == 2


def test_a_stereotactic_fraction_without_place_tells_what_its_course_was() -> None:
    record = record_of(course("c", beam(), dose(30, 5)), fraction("f", "2024-03-04", "77373"))
    (treatment,) = parse_local_treatments(record)
    assert (treatment.modality, treatment.inferred, len(treatment.sources)) == (Modality.SBRT, False, 2)
    assert codes(record) == ["SBRT_BY_FRACTION"]


def test_a_fraction_within_a_course_adds_only_its_source() -> None:
    record = record_of(course("c", beam(), dose(30, 10)), fraction("f", "2024-03-04", bodySite=[LUNG]))
    (treatment,) = parse_local_treatments(record)
    assert (treatment.modality, len(treatment.sources), codes(record)) == (Modality.RADIOTHERAPY, 2, [])


def irradiation(**parts: Any) -> dict[str, Any]:
    made: list[dict[str, Any]] = []
    for name, value in parts.items():
        if name.endswith("dosis"):
            made.append({"url": name, "valueQuantity": {"value": value, "unit": "Gy"}})
        else:
            made.append(
                {"url": name, "valueCodeableConcept": concept(value, f"{MII}/CodeSystem/{TABLES[name]}")}
            )
    return {"url": f"{MII}/StructureDefinition/mii-ex-onko-strahlentherapie-bestrahlung", "extension": made}


TABLES = {
    "Applikationsart": "mii-cs-onko-strahlentherapie-applikationsart",
    "Zielgebiet": "mii-cs-onko-strahlentherapie-zielgebiet",
    "Zielgebiet_Lateralitaet": "mii-cs-onko-seitenlokalisation",
}


LEFT_LUNG = {"Zielgebiet": "3.4", "Zielgebiet_Lateralitaet": "L"}


@pytest.mark.parametrize(
    ("parts", "doses", "modality", "site", "inferred", "text"),
    [
        (
            {"Applikationsart": "P-ST", **LEFT_LUNG},
            (60, 12),
            "SBRT",
            "left lung",
            False,
            "60 Gy in 5 fractions",
        ),
        ({"Applikationsart": "PRCN-ST4D", "Zielgebiet": "6.5"}, (), "SBRT", "bone thoracic spine", False, ""),
        (
            {"Applikationsart": "P", "Zielgebiet": "4.3"},
            (50, 10),
            "SBRT",
            "liver",
            True,
            "50 Gy in 5 fractions",
        ),
        ({"Applikationsart": "P"}, (50, 7), "RADIOTHERAPY", "unknown site", False, "50 Gy"),
        ({"Applikationsart": "IHDR", "Zielgebiet": "5.4"}, (), "BRACHYTHERAPY", "prostate", False, ""),
        ({"Applikationsart": "MSIRT", "Zielgebiet": "4.3"}, (), "EMBOLISATION", "liver", False, ""),
    ],
)
def test_german_radiotherapy(
    parts: dict[str, Any], doses: tuple[int, ...], modality: str, site: str, inferred: bool, text: str
) -> None:
    dosed = irradiation(**parts, **dict(zip(("Gesamtdosis", "Einzeldosis"), doses, strict=False)))
    extension = [dosed, mii("strahlentherapie", "intention", "O", "mii-cs-onko-intention")]
    treatment = only(procedure("x", concept("8-52", OPS), extension=extension))
    assert (treatment.modality, str(treatment.site)) == (Modality[modality], site)
    assert (treatment.inferred, treatment.text) == (inferred, text)
    assert treatment.intent is Intent.LOCAL_CURATIVE_OLIGOMETASTATIC


@pytest.mark.parametrize(
    "raw",
    [
        procedure("x", concept("8-52", OPS), extension=[irradiation(Applikationsart="MPSMA")]),
        course("c", beam("440252007"), dose(7, 1)),
    ],
)
def test_a_systemic_radionuclide_is_no_local_treatment(raw: dict[str, Any]) -> None:
    record = record_of(raw)
    assert parse_local_treatments(record) == ()
    assert record.findings == []
