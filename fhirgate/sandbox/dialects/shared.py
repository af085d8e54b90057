"""Patient, diagnoses, imaging studies and reports of a story, as every R4 dialect writes them."""

from typing import Any

from fhirgate.sandbox.codes import CANCERS, DICOM, ICD_10_CM, LEFT, RIGHT, SNOMED, SYNTHETIC
from fhirgate.sandbox.story import BoneCount, Cancer, Place, Scan, SeenLesion, Story

Resource = dict[str, Any]


def resource(kind: str, id_: str, **elements: Any) -> Resource:
    """A resource marked as synthetic, without elements that are None."""
    given = {name: value for name, value in elements.items() if value is not None}
    return {"resourceType": kind, "id": id_, "meta": {"versionId": "1", "security": [SYNTHETIC]}, **given}


def concept(system: str, code: str, display: str = "", text: str = "") -> Resource:
    """A CodeableConcept with one coding."""
    coding = {"system": system, "code": code} | ({"display": display} if display else {})
    return {"coding": [coding]} | ({"text": text} if text else {})


def patient_reference(story: Story) -> Resource:
    """The reference to the story's patient."""
    return {"reference": f"Patient/{story.slug}"}


def patient(story: Story) -> Resource:
    """The patient: no name, because nothing here needs one."""
    return resource("Patient", story.slug, gender=story.sex, birthDate=story.born)


def condition(story: Story, cancer: Cancer, number: int, system: str = ICD_10_CM) -> Resource:
    """A diagnosis."""
    kind, us, german, words = CANCERS[cancer.kind]
    code = us if system == ICD_10_CM else german
    return resource(
        "Condition",
        f"{story.slug}-{kind}-{number}",
        clinicalStatus=concept("http://terminology.hl7.org/CodeSystem/condition-clinical", cancer.status),
        verificationStatus=concept("http://terminology.hl7.org/CodeSystem/condition-ver-status", "confirmed"),
        category=[concept("http://terminology.hl7.org/CodeSystem/condition-category", "encounter-diagnosis")],
        code=concept(system, code, text=words),
        subject=patient_reference(story),
        onsetDateTime=cancer.on,
    )


def lesion_name(lesion: SeenLesion) -> str:
    """A lesion's label as part of an id."""
    return lesion.label.lower().replace(" ", "-")


def study_id(story: Story, position: int) -> str:
    """The id of a scan's ImagingStudy."""
    return f"{story.slug}-scan-{position + 1}"


def imaging_study(story: Story, scan: Scan, position: int) -> Resource:
    """A scan."""
    return resource(
        "ImagingStudy",
        study_id(story, position),
        identifier=[
            {"system": "urn:dicom:uid", "value": f"urn:oid:2.25.{_number(story.slug)}.{position + 1}"}
        ],
        status="available",
        modality=[{"system": "http://dicom.nema.org/resources/ontology/DCM", "code": scan.modality}],
        subject=patient_reference(story),
        started=scan.on,
        description=f"{scan.modality} {scan.body}",
    )


def report(story: Story, scan: Scan, position: int, results: list[str]) -> Resource:
    """The report of a scan, naming its measurements."""
    return resource(
        "DiagnosticReport",
        f"{story.slug}-report-{position + 1}",
        status="final",
        category=[concept("http://terminology.hl7.org/CodeSystem/v2-0074", "RAD")],
        code=concept("http://loinc.org", "18748-4", "Diagnostic imaging study"),
        subject=patient_reference(story),
        effectiveDateTime=scan.on,
        imagingStudy=[{"reference": f"ImagingStudy/{study_id(story, position)}"}],
        result=[{"reference": f"Observation/{each}"} for each in results] or None,
    )


def bone_count(story: Story, counted: BoneCount, number: int) -> Resource:
    """How many new lesions a reader counted on a bone scan."""
    return resource(
        "Observation",
        f"{story.slug}-bone-scan-{number}",
        status="final",
        code={"text": "Number of new bone lesions"},
        subject=patient_reference(story),
        effectiveDateTime=counted.on,
        method={"text": "Bone scan"},
        valueInteger=counted.new,
    )


def body_site(place: Place, detail: str) -> Resource:
    """A body site with its own words."""
    words = " ".join(word for word in (place.side, place.organ, detail) if word)
    return concept(SNOMED, place.snomed, place.display, words)


def side_of(place: Place) -> Resource | None:
    """The laterality as a concept."""
    if not place.side:
        return None
    code, display = LEFT if place.side == "left" else RIGHT
    return concept(SNOMED, code, display)


def baseline_role(role: str) -> Resource | None:
    """DICOM's baseline category of a lesion; a new lesion has none there."""
    codes = {
        "target": ("112074", "Target Lesion at Baseline"),
        "nonTarget": ("112075", "Non-Target Lesion at Baseline"),
    }
    return concept(DICOM, *codes[role]) if role in codes else None


def _number(slug: str) -> int:
    """A number made from a name, for the synthetic UIDs of a story."""
    return int.from_bytes(slug.encode()[:10], "big")
