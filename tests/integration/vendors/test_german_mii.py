"""German MII oncology records: ICD-10-GM, OPS, ATC, status `final` throughout, German words for lesions."""

from pathlib import Path
from typing import Any

from integration.vendors.served import AS_OF, ME, SCANS, Json, assessed, observation, patient, resource

MII = "https://www.medizininformatik-initiative.de/fhir/ext/modul-onko"
ATC = "http://fhir.de/CodeSystem/bfarm/atc"
OPS = "http://fhir.de/CodeSystem/bfarm/ops"
SIZES = {
    "Lebermetastase Segment VI": (20, 20, 30),
    "Lungenmetastase links": (30, 30, 30),
    "Nebenniere rechts": (25, 25, 24),
    "Milz": (40, 40, 40),
}


def code(system: str, value: str, **more: str) -> Json:
    return {"coding": [{"system": system, "code": value, **more}]}


def part(url: str, value: Json | None = None, **more: Any) -> Json:
    return {"url": url, **({"valueCodeableConcept": value} if value else {}), **more}


def therapy(id: str, start: str, end: str = "", outcome: str = "") -> Json:
    """A systemic therapy: its status is `final` even while it goes on."""
    period = {"start": start, **({"end": end} if end else {})}
    reason = {"outcome": code(f"{MII}/CodeSystem/mii-cs-therapie-grund-ende", outcome)} if outcome else {}
    return resource(
        "Procedure",
        id,
        status="final",
        code=code(f"{MII}/CodeSystem/mii-cs-onko-therapie-typ", "ZS"),
        performedPeriod=period,
        extension=[
            part(
                f"{MII}/StructureDefinition/mii-ex-onko-systemische-therapie-intention",
                code(f"{MII}/CodeSystem/mii-cs-onko-intention", "P"),
            )
        ],
        **reason,
    )


def drug(id: str, atc: str, name: str, of: str, start: str, **more: Any) -> Json:
    return resource(
        "MedicationStatement",
        id,
        status="completed",
        medicationCodeableConcept=code(ATC, atc, display=name),
        effectivePeriod={"start": start},
        partOf=[{"reference": of}],
        **more,
    )


def irradiation(site: str, single: int, total: int) -> Json:
    systems = {
        "Applikationsart": ("strahlentherapie-applikationsart", "P-ST"),
        "Zielgebiet": ("strahlentherapie-zielgebiet", site),
    }
    parts = [
        part(name, code(f"{MII}/CodeSystem/mii-cs-onko-{system}", each))
        for name, (system, each) in systems.items()
    ]
    parts += [part("Gesamtdosis", valueQuantity={"value": total, "unit": "Gy"})]
    parts += [part("Einzeldosis", valueQuantity={"value": single, "unit": "Gy"})]
    url = f"{MII}/StructureDefinition/mii-ex-onko-strahlentherapie-bestrahlung"
    return resource(
        "Procedure",
        "rt",
        status="final",
        code=code(OPS, "8-52"),
        performedPeriod={"start": "2024-04-20", "end": "2024-04-26"},
        extension=[{"url": url, "extension": parts}],
    )


SURGERY = resource(
    "Procedure",
    "op",
    status="final",
    code=code(OPS, "5-554.41", display="Nephrektomie"),
    performedDateTime="2021-03-20",
)
RECORD = [
    patient(),
    resource(
        "Condition",
        "d",
        code=code("http://fhir.de/CodeSystem/bfarm/icd-10-gm", "C64"),
        onsetDateTime="2021-03-01",
    ),
    SURGERY,
    therapy("st", "2024-01-15"),
    drug("m", "L01EX01", "Sunitinib", "Procedure/st", "2024-01-15", dateAsserted="2024-07-01"),
    *(
        observation(
            f"{place[:4]}-{on}",
            on,
            {"text": "Größter Durchmesser"},
            bodySite={"text": place},
            valueQuantity={"value": size, "unit": "mm"},
        )
        for place, row in SIZES.items()
        for on, size in zip(SCANS, row, strict=True)
    ),
]


def test_a_german_record_is_followed_to_its_state(tmp_path: Path) -> None:
    answer = assessed(tmp_path, RECORD, AS_OF)

    assert answer.assessment["diagnoses"][0]["site"] == "kidney"
    assert (answer.states[-1], answer.lines) == ("OLIGOPROGRESSION", [("sunitinib",)])
    assert set(answer.sizes) == {"liver segment 6", "left lung", "right adrenal gland", "spleen"}


def test_a_therapy_last_reported_long_ago_is_not_taken_to_go_on(tmp_path: Path) -> None:
    record = [{name: each for name, each in one.items() if name != "dateAsserted"} for one in RECORD]
    answer = assessed(tmp_path, record, AS_OF)

    assert answer.state == "INDETERMINATE"
    assert answer.assessment["current"]["reasons"][0]["text"] == (
        "sunitinib, last known to be taken on 2024-01-15, 177 days before, without an end; a later statement would"
        " settle it"
    )


def test_the_kind_of_a_therapy_is_no_biopsy(tmp_path: Path) -> None:
    kind = {"coding": [{"system": f"{MII}/CodeSystem/mii-cs-onko-therapie-typ", "code": "ZS"}]}
    kind["text"] = "Zielgerichtete Substanzen"
    record = [{**each, "code": kind} if each["id"] == "st" else each for each in RECORD]

    assert assessed(tmp_path, record, AS_OF).assessment["supporting"] == []


def test_a_therapy_ended_for_progression_is_followed_by_the_next_line(tmp_path: Path) -> None:
    record = [each for each in RECORD if each["id"] not in ("st", "m")]
    lines = [
        therapy("a", "2024-01-15", "2024-04-20", outcome="P"),
        drug("ma", "L01EX01", "Sunitinib", "Procedure/a", "2024-01-15"),
        therapy("b", "2024-05-01"),
        drug("mb", "L01EX07", "Cabozantinib", "b", "2024-05-01"),
    ]
    answer = assessed(tmp_path, [*record, *lines], AS_OF)

    assert answer.lines == [("sunitinib",), ("cabozantinib",)]
    assert answer.assessment["linesOfTherapy"][0]["endReason"] == "PROGRESSION"


def test_stereotactic_radiotherapy_by_application_code_treats_the_lesion_of_its_target_area(
    tmp_path: Path,
) -> None:
    answer = assessed(tmp_path, [*RECORD, irradiation("4.3", 10, 50)], AS_OF)
    treated = {each["organ"]: each["localTreatments"] for each in answer.assessment["lesions"]}

    assert [each["modality"] for each in treated["liver"]] == ["SBRT"]
    assert "SBRT_INFERRED" not in answer.codes


def test_the_course_of_disease_by_code_is_compared(tmp_path: Path) -> None:
    course = code(f"{MII}/CodeSystem/mii-cs-onko-verlauf-gesamtbeurteilung", "K")
    said = observation(
        "v", SCANS[2], code("http://snomed.info/sct", "396432002"), valueCodeableConcept=course
    )
    answer = assessed(tmp_path, [*RECORD, said], AS_OF)

    assert (answer.state, "COURSE_DISAGREES" in answer.codes) == ("OLIGOPROGRESSION", True)


def test_two_drugs_as_codings_of_one_concept_are_a_combination(tmp_path: Path) -> None:
    both = {"coding": [{"system": ATC, "code": each} for each in ("L01CD01", "L01XA02")]}
    given = resource(
        "MedicationStatement",
        "both",
        status="active",
        subject=ME,
        medicationCodeableConcept=both,
        effectivePeriod={"start": "2024-01-15"},
        note=[{"text": "CarboTax"}],
    )
    record = [each for each in RECORD if each["id"] not in ("st", "m")]

    assert assessed(tmp_path, [*record, given], AS_OF).lines == [("carboplatin", "paclitaxel")]
