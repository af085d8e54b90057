"""Synthetic FHIR as servers serve it, and the real command run on it."""

import io
import json
from collections.abc import Iterable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

from fhirgate.cli import program

Json = dict[str, Any]
SCT = "http://snomed.info/sct"
LOINC = "http://loinc.org"
DCM = "http://dicom.nema.org/resources/ontology/DCM"
UCUM = "http://unitsofmeasure.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
BASE = "https://ehr.example/fhir/R4"
ME = {"reference": "Patient/p"}


class Answer(NamedTuple):
    """What the command gave: exit status, the assessment of the only patient, stderr."""

    status: int
    assessment: Mapping[str, Any]
    stderr: str

    @property
    def state(self) -> str:
        return str(self.assessment["current"]["state"])

    @property
    def states(self) -> list[str]:
        return [each["state"] for each in self.assessment["timepoints"]]

    @property
    def codes(self) -> set[str]:
        return {each["code"] for each in self.assessment["findings"]}

    def finding(self, code: str) -> str:
        """The text of the only finding of a code."""
        (found,) = (each["text"] for each in self.assessment["findings"] if each["code"] == code)
        return str(found)

    @property
    def sizes(self) -> dict[str, list[tuple[str, str, str | None]]]:
        """(date, axis or kind, mm) of every measurement, by the lesion's organ and label."""
        return {
            each["label"] or each["organ"]: [
                (one["date"], one["axis"] if one["mm"] else one["kind"], one["mm"])
                for one in each["measurements"]
            ]
            for each in self.assessment["lesions"]
        }

    @property
    def lines(self) -> list[tuple[str, ...]]:
        """The agents of each line of therapy."""
        return [tuple(each["agents"]) for each in self.assessment["linesOfTherapy"]]


def placed(places: Mapping[str, str]) -> list[Json]:
    """BodyStructures by id at places named in words."""
    return [
        {"resourceType": "BodyStructure", "id": id, "patient": ME, "location": {"text": place}}
        for id, place in places.items()
    ]


def run(source: Path, *options: str) -> tuple[int, str, str]:
    """Exit status, stdout and stderr of `fhirgate assess`."""
    output, errors = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with redirect_stdout(output), redirect_stderr(errors):
        status = program.run(["assess", str(source), *options])
    said = tuple(each.buffer.getvalue().decode() for each in (output, errors))
    return status, *said


def assessed(folder: Path, record: Any, as_of: str, *options: str) -> Answer:
    """The answer on a record given as a Bundle or as resources."""
    path = folder / "record.json"
    path.write_text(json.dumps(record if isinstance(record, dict) else bundle(*record)))
    status, output, errors = run(path, "--as-of", as_of, "-o", "json", *options)
    return Answer(status, json.loads(output), errors)


def bundle(*resources: Json, type: str = "searchset", base: str = BASE, **more: Any) -> Json:
    """A Bundle, each entry with the full URL of its server."""
    return {
        "resourceType": "Bundle",
        "type": type,
        "entry": [
            {"fullUrl": f"{base}/{each['resourceType']}/{each.get('id', '')}", "resource": each}
            for each in resources
        ],
        **more,
    }


def concept(system: str = "", code: str = "", text: str = "") -> Json:
    made: Json = {"coding": [{"system": system, "code": code, "display": text}]} if code else {}
    return {**made, "text": text} if text else made


def mm(value: Any, unit: str = "mm") -> Json:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def resource(kind: str, id: str, **elements: Any) -> Json:
    return {"resourceType": kind, "id": id, "subject": ME, **elements}


def patient(id: str = "p", **more: Any) -> Json:
    return {"resourceType": "Patient", "id": id, "birthDate": "1960-01-01", **more}


def lung_cancer(**more: Any) -> Json:
    return resource(
        "Condition",
        more.pop("id", "c1"),
        **{
            "clinicalStatus": concept("http://terminology.hl7.org/CodeSystem/condition-clinical", "active"),
            "code": concept(SCT, "254637007", "Non-small cell lung cancer"),
            "onsetDateTime": "2021-03-01",
            **more,
        },
    )


def observation(id: str, on: str, code: Json, **elements: Any) -> Json:
    return resource("Observation", id, status="final", code=code, effectiveDateTime=on, **elements)


def statement(drug: Json, start: str, **more: Any) -> Json:
    return resource(
        "MedicationStatement",
        "ms",
        **{
            "status": "active",
            "medicationCodeableConcept": drug,
            "effectivePeriod": {"start": start},
            **more,
        },
    )


OSIMERTINIB = concept(RXNORM, "1721560", "osimertinib")
SCANS = ("2024-01-10", "2024-04-10", "2024-07-10")
AS_OF = "2024-07-20"
FOUR = {
    "Liver segment 6": (20, 20, 30),
    "Left lower lobe of lung": (30, 30, 30),
    "Right adrenal gland": (25, 25, 24),
    "Spleen": (40, 40, 40),
}
"""Sizes [mm] of four lesions on the three scans: the first grows, the others do not."""


def sized(place: str, on: str, value: Any, number: int = 1, **more: Any) -> Json:
    """A longest diameter of the lesion at a place named in words."""
    made = observation(
        f"o-{''.join(filter(str.isalnum, place))}-{on}-{number}",
        on,
        concept(LOINC, "33728-7", "Size.maximum dimension in Tumor"),
        bodySite={"text": place},
        valueQuantity=mm(value),
    )
    return {name: each for name, each in {**made, **more}.items() if each is not None}


def measured(lesions: Mapping[str, Iterable[Any]] = FOUR, scans: Iterable[str] = SCANS) -> list[Json]:
    """The sizes of lesions told apart by their places."""
    days = tuple(scans)
    return [
        sized(place, on, value)
        for place, history in lesions.items()
        for on, value in zip(days, history, strict=True)
        if value is not None
    ]
