"""A story as the core's own facts, past all FHIR: what parsing its record should come to."""

from collections.abc import Iterator

from fhirgate.mapping.agents import agents_in
from fhirgate.oncology.chart import BoneScan, Chart, Patient, Study
from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.diagnosis import Diagnosis, DiagnosisKind, Tumour
from fhirgate.oncology.lesion import Change, Kind, LesionIdentity, Reader, Role, Sighting
from fhirgate.oncology.millimetres import Millimetres
from fhirgate.oncology.site import Laterality, Site
from fhirgate.oncology.source import Source
from fhirgate.oncology.therapy import Evidence, Exposure, Intent, LocalTreatment, Modality, StopReason
from fhirgate.sandbox.codes import CANCERS
from fhirgate.sandbox.story import NOT_SEEN, Given, SeenLesion, Story, size

TUMOURS = {
    "lung": Tumour.NSCLC,
    "breast": Tumour.BREAST,
    "kidney": Tumour.KIDNEY,
    "melanoma": Tumour.MELANOMA,
    "colon": Tumour.COLORECTAL,
    "prostate": Tumour.PROSTATE,
}
KINDS = {"A": Kind.ABSENT, "TSM": Kind.TOO_SMALL, "P": Kind.PRESENT, "NE": Kind.NOT_EVALUABLE}
CHANGES = {"U": Change.UNEQUIVOCAL, "E": Change.EQUIVOCAL}
EVIDENCE = {
    "MedicationStatement": Evidence.STATED,
    "MedicationAdministration": Evidence.ADMINISTERED,
    "MedicationDispense": Evidence.DISPENSED,
    "MedicationRequest": Evidence.ORDERED_ONLY,
}
STOPS = {
    "progression": StopReason.PROGRESSION,
    "toxicity": StopReason.TOXICITY,
    "completed": StopReason.PLANNED_COMPLETION,
}


def chart_of(story: Story) -> Chart:
    """The chart a perfect parser would make of the story's record."""
    return Chart(
        patient=Patient(id=story.slug, born_on=ClinicalDate.parse(story.born)),
        diagnoses=tuple(_diagnoses(story)),
        sightings=tuple(each for lesion in story.lesions for each in _sightings(story, lesion)),
        studies=tuple(
            Study(
                key=f"s{number}",
                id=f"s{number}",
                taken_on=ClinicalDate.parse(scan.on),
                modality=scan.modality,
                body=(scan.body,),
            )
            for number, scan in enumerate(story.scans)
        ),
        exposures=tuple(each for given in story.given for each in _exposures(given)),
        local_treatments=tuple(_local(story)),
        bone_scans=tuple(
            BoneScan(
                taken_on=ClinicalDate.parse(each.on),
                new_lesions=each.new,
                source=Source("Observation", f"bone-{number}"),
            )
            for number, each in enumerate(story.bone_counts)
        ),
    )


def identity_of(lesion: SeenLesion) -> LesionIdentity:
    """Who the lesion is."""
    where = lesion.where
    return LesionIdentity(
        identifiers=frozenset({f"BodyStructure/{lesion.label}"}),
        label=lesion.label,
        site=Site(
            organ=where.organ,
            laterality=Laterality(where.side) if where.side else None,
            detail=lesion.detail,
        ),
        primary=lesion.primary,
    )


def _diagnoses(story: Story) -> Iterator[Diagnosis]:
    for number, each in enumerate(story.cancers):
        kind, code, _, words = CANCERS[each.kind]
        primary = kind == "primary"
        yield Diagnosis(
            id=f"d{number}",
            kind=DiagnosisKind.PRIMARY if primary else DiagnosisKind.SECONDARY,
            code=code,
            text=words,
            dated=ClinicalDate.parse(each.on),
            tumour=TUMOURS[each.kind] if primary else Tumour.SOLID_OTHER,
            active=each.status == "active",
            source=Source("Condition", f"d{number}"),
        )


def _sightings(story: Story, lesion: SeenLesion) -> Iterator[Sighting]:
    rows = [(lesion.readings, "reader-1"), (lesion.second_reader, "reader-2")]
    for row, reader in rows:
        seen_before = False
        for position, reading in enumerate(row.split()):
            if reading == NOT_SEEN:
                continue
            amount = size(reading)
            length = Millimetres(amount) if amount is not None else None
            scan = story.scans[position]
            yield Sighting(
                identity=identity_of(lesion),
                taken_on=ClinicalDate.parse(scan.on),
                long_axis=None if lesion.node else length,
                short_axis=length if lesion.node else None,
                kind=KINDS.get(reading),
                change=CHANGES.get(reading),
                role=Role(lesion.role) if lesion.role and not seen_before else None,
                reader=Reader(key=f"Practitioner/{reader}"),
                study=f"s{position}",
                modality=scan.modality,
                note=lesion.note if reading == "NE" else "",
                sources=(Source("Observation", f"{lesion.label}-{position}-{reader}"),),
            )
            seen_before = True


def _exposures(given: Given) -> Iterator[Exposure]:
    (agent,) = agents_in(given.drug)
    intent = Intent(given.intent) if given.intent else None
    evidence = EVIDENCE[given.carried_by]
    if given.every:
        for day in given.days():
            on = ClinicalDate.parse(day)
            yield Exposure(
                agent=agent,
                start=on,
                end=on,
                evidence=evidence,
                intent=intent,
                sources=(Source(given.carried_by, f"{given.drug}-{day}"),),
            )
        return
    yield Exposure(
        agent=agent,
        start=ClinicalDate.parse(given.start),
        end=ClinicalDate.parse(given.end) if given.end else None,
        ended=bool(given.end),
        evidence=evidence,
        intent=intent,
        stop_reason=STOPS.get(given.stopped_for),
        sources=(Source(given.carried_by, given.drug),),
    )


def _local(story: Story) -> Iterator[LocalTreatment]:
    lesions = {each.label: each for each in story.lesions}
    for number, each in enumerate(story.local):
        on = ClinicalDate.parse(each.on)
        yield LocalTreatment(
            id=f"local-{number}",
            started_on=on,
            ended_on=on,
            modality=Modality(each.kind),
            lesions=(identity_of(lesions[each.lesion]),),
            site=identity_of(lesions[each.lesion]).site,
            sources=(Source("Procedure", f"local-{number}"),),
        )
