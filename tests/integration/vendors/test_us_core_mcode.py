"""mCODE 4 on US Core: Tumor and TumorSize, radiotherapy courses, local treatments, biopsies, disease status."""

from pathlib import Path
from typing import Any

from integration.vendors.served import (
    AS_OF,
    LOINC,
    ME,
    OSIMERTINIB,
    SCANS,
    SCT,
    UCUM,
    Json,
    assessed,
    concept,
    lung_cancer,
    mm,
    observation,
    patient,
    resource,
    statement,
)

MCODE = "http://hl7.org/fhir/us/mcode/StructureDefinition"
PLACES = {"liver": "Liver", "lung": "Left lung", "adrenal": "Right adrenal gland", "spleen": "Spleen"}
SIZES = {"liver": (20, 30, 28), "lung": (30, 30, 30), "adrenal": (25, 25, 24), "spleen": (40, 40, 40)}


def tumour(name: str) -> Json:
    kind = concept("http://hl7.org/fhir/resource-types", "BodyStructure")
    return {
        "resourceType": "BodyStructure",
        "id": name,
        "meta": {"profile": [f"{MCODE}/mcode-tumor"]},
        "identifier": [{"use": "usual", "type": kind, "system": "urn:tumours", "value": name}],
        "morphology": concept(SCT, "1240414004", "Malignant neoplasm"),
        "location": {"text": PLACES[name]},
        "patient": ME,
        "extension": [
            {"url": f"{MCODE}/mcode-related-condition", "valueReference": {"reference": "Condition/c1"}}
        ],
    }


def size(name: str, on: str, value: int, **more: Any) -> Json:
    parts = [("33728-7", value), ("33729-5", value - 6)]
    return observation(
        f"{name}-{on}",
        on,
        concept(LOINC, "21889-1", "Size Tumor"),
        focus=[{"reference": f"BodyStructure/{name}"}],
        component=[{"code": concept(LOINC, code), "valueQuantity": mm(each)} for code, each in parts],
        **more,
    )


RECORD = [
    patient(),
    lung_cancer(),
    statement(OSIMERTINIB, "2024-01-15"),
    *(tumour(name) for name in PLACES),
    *(size(name, on, each) for name, row in SIZES.items() for on, each in zip(SCANS, row, strict=True)),
]


def course(beam: str, dose: int, fractions: int) -> Json:
    """A course summary with modality and dose, and no technique that says stereotactic."""
    modality = {"url": f"{MCODE}/mcode-radiotherapy-modality", "valueCodeableConcept": concept(SCT, beam)}
    delivered = [
        {"url": "volume", "valueReference": {"reference": "BodyStructure/liver"}},
        {
            "url": "totalDoseDelivered",
            "valueQuantity": {"value": dose, "unit": "cGy", "system": UCUM, "code": "cGy"},
        },
        {"url": "fractionsDelivered", "valueUnsignedInt": fractions},
    ]
    return resource(
        "Procedure",
        "course",
        status="completed",
        code=concept(SCT, "1217123003", "Radiotherapy Course of Treatment"),
        performedPeriod={"start": "2024-04-20", "end": "2024-04-26"},
        extension=[
            {"url": f"{MCODE}/mcode-radiotherapy-modality-and-technique", "extension": [modality]},
            {"url": f"{MCODE}/mcode-radiotherapy-dose-delivered-to-volume", "extension": delivered},
        ],
    )


def treatments(answer: Any) -> dict[str, list[str]]:
    """The modalities of local treatments by lesion."""
    return {
        each["organ"]: [one["modality"] for one in each["localTreatments"]]
        for each in answer.assessment["lesions"]
        if each["localTreatments"]
    }


def test_tumours_and_their_sizes_are_followed(tmp_path: Path) -> None:
    answer = assessed(tmp_path, RECORD, AS_OF)

    assert answer.states == ["OLIGORECURRENCE", "OLIGOPROGRESSION", "OLIGOPROGRESSION"]
    assert answer.codes == {"TARGETS_CHOSEN"}


def test_five_high_doses_of_photons_are_stereotactic_by_inference(tmp_path: Path) -> None:
    answer = assessed(tmp_path, [*RECORD, course("1156506007", 5000, 5)], AS_OF)

    assert treatments(answer) == {"liver": ["SBRT"]}
    assert "50 Gy in 5 fractions (BED 100.0 Gy)" in answer.finding("SBRT_INFERRED")
    assert [each["label"] for each in answer.assessment["linesOfTherapy"][0]["segments"]] == ["a", "b"]


def test_one_palliative_fraction_and_brachytherapy_are_not(tmp_path: Path) -> None:
    palliative = assessed(tmp_path, [*RECORD, course("1156506007", 800, 1)], AS_OF)
    inside = assessed(tmp_path, [*RECORD, course("1156708005", 3000, 5)], AS_OF)

    assert (treatments(palliative), treatments(inside)) == ({"liver": ["RT"]}, {"liver": ["BRACHYTHERAPY"]})


def test_a_resected_lesion_leaves_the_count_and_its_specimen_size_is_no_follow_up(tmp_path: Path) -> None:
    surgery = resource(
        "Procedure",
        "surgery",
        status="completed",
        code={"text": "Partial hepatectomy"},
        performedDateTime="2024-05-01",
        bodySite=[{"text": "Liver"}],
    )
    pathology = size("liver", "2024-05-02", 31, method=concept(SCT, "787377000", "Gross examination"))
    record = [each for each in RECORD if each["id"] != "liver-2024-07-10"]
    answer = assessed(tmp_path, [*record, surgery, pathology], AS_OF)

    assert (answer.state, treatments(answer)) == ("OLIGOPERSISTENCE", {"liver": ["SURGERY"]})
    assert [size for _, _, size in answer.sizes["liver"]] == ["20", "30"]
    assert "PATHOLOGY_SIZE" in answer.codes


def test_a_biopsy_and_what_it_found_are_shown_with_their_tumour(tmp_path: Path) -> None:
    kind = concept("http://terminology.hl7.org/CodeSystem/v2-0487", "TUMOR")
    tumour_id = {"system": "urn:tumours", "value": "liver"}
    specimen = resource(
        "Specimen", "s", type=kind, identifier=[tumour_id], collection={"collectedDateTime": "2024-01-12"}
    )
    found = observation(
        "egfr",
        "2024-01-14",
        concept(LOINC, "81258-6", "EGFR exon 19 deletion"),
        specimen={"reference": "Specimen/s"},
        valueCodeableConcept={"text": "Present"},
    )
    answer = assessed(tmp_path, [*RECORD, specimen, found], AS_OF)
    shown = {each["kind"]: each["lesions"] for each in answer.assessment["supporting"]}

    assert shown == {"biopsy": ["liver"], "molecular": ["liver"]}


def test_a_clinicians_status_is_compared_and_overrides_nothing(tmp_path: Path) -> None:
    worse = observation(
        "status",
        SCANS[2],
        concept(LOINC, "97509-4", "Cancer Disease Progression"),
        focus=[{"reference": "Condition/c1"}],
        valueCodeableConcept=concept(SCT, "359746009", "Patient's condition stable"),
    )
    answer = assessed(tmp_path, [*RECORD, worse], AS_OF)

    assert (answer.state, "COURSE_DISAGREES" in answer.codes) == ("OLIGOPROGRESSION", True)


def test_a_refuted_metastasis_is_none(tmp_path: Path) -> None:
    refuted = concept("http://terminology.hl7.org/CodeSystem/condition-ver-status", "refuted")
    brain = resource("Condition", "m", verificationStatus=refuted, code={"text": "Brain metastases"})
    answer = assessed(tmp_path, [*RECORD, brain], AS_OF)

    assert [each["id"] for each in answer.assessment["diagnoses"]] == ["c1"]
    assert "CONDITION_REFUTED" in answer.codes
