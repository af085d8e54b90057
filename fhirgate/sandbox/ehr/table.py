"""The types this server has, and what can be done with each: one table for routes, searches, statement and scopes.

Search parameters are those of https://hl7.org/fhir/R4/searchparameter-registry.html, as far as they are used.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class By(StrEnum):
    """The type of a search parameter."""

    TOKEN = "token"  # noqa: S105 - a type of FHIR
    REFERENCE = "reference"
    DATE = "date"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A search parameter, and the elements it looks at."""

    name: str
    by: By
    paths: tuple[str, ...]
    target: str = ""
    """The only type that a reference may be to; empty for any."""


class Interaction(StrEnum):
    """What can be done with a type (http://hl7.org/fhir/restful-interaction)."""

    READ = "read"
    VREAD = "vread"
    HISTORY = "history-instance"
    SEARCH = "search-type"
    CREATE = "create"
    UPDATE = "update"


READING = (Interaction.READ, Interaction.VREAD, Interaction.HISTORY, Interaction.SEARCH)
WRITING = (Interaction.CREATE, Interaction.UPDATE)
LETTERS: Mapping[Interaction, str] = {
    Interaction.READ: "r",
    Interaction.VREAD: "r",
    Interaction.HISTORY: "r",
    Interaction.SEARCH: "s",
    Interaction.CREATE: "c",
    Interaction.UPDATE: "u",
}
"""The letter of a SMART scope (version 2) that an interaction needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A type of resource."""

    name: str
    parameters: Mapping[str, Parameter]
    patient_paths: tuple[str, ...] = ()
    """The elements that name the patient it is about; empty for what is about none."""
    is_written: bool = False

    @property
    def interactions(self) -> tuple[Interaction, ...]:
        """What can be done with it."""
        return (*READING, *WRITING) if self.is_written else READING

    @property
    def is_of_a_patient(self) -> bool:
        """Whether each is about a patient."""
        return self.name == "Patient" or bool(self.patient_paths)


def _token(name: str, *paths: str) -> Parameter:
    return Parameter(name=name, by=By.TOKEN, paths=paths or (name,))


def _date(name: str, *paths: str) -> Parameter:
    return Parameter(name=name, by=By.DATE, paths=paths)


def _reference(name: str, *paths: str, target: str = "") -> Parameter:
    return Parameter(name=name, by=By.REFERENCE, paths=paths, target=target)


COMMON = (
    _token("_id", "id"),
    _date("_lastUpdated", "meta.lastUpdated"),
    _token("_tag", "meta.tag"),
)
"""Parameters of every type."""
_IDENTIFIER, _STATUS, _CODE, _CATEGORY = (
    _token(each) for each in ("identifier", "status", "code", "category")
)


def _kind(name: str, *parameters: Parameter, is_written: bool = False) -> Kind:
    return Kind(name=name, parameters=_named(parameters), is_written=is_written)


def _of_patient(name: str, *parameters: Parameter, path: str = "subject", is_written: bool = False) -> Kind:
    """A type about a patient, who is in `path`."""
    own = [_reference("patient", path, target="Patient")]
    if path == "subject":
        own.append(_reference("subject", path))
    return Kind(
        name=name,
        parameters=_named((*own, _IDENTIFIER, *parameters)),
        patient_paths=(path,),
        is_written=is_written,
    )


def _named(parameters: tuple[Parameter, ...]) -> dict[str, Parameter]:
    return {each.name: each for each in (*COMMON, *parameters)}


_ENCOUNTER = _reference("encounter", "encounter", target="Encounter")
_KINDS = (
    _kind("Patient", _IDENTIFIER, _token("gender"), _date("birthdate", "birthDate")),
    _kind("Practitioner", _IDENTIFIER),
    _kind("Medication", _IDENTIFIER, _CODE, _STATUS),
    _of_patient("Encounter", _STATUS, _token("class"), _date("date", "period")),
    _of_patient(
        "Condition",
        _CODE,
        _CATEGORY,
        _token("clinical-status", "clinicalStatus"),
        _date("onset-date", "onsetDateTime", "onsetPeriod"),
        _date("recorded-date", "recordedDate"),
    ),
    _of_patient(
        "Observation",
        _CODE,
        _CATEGORY,
        _STATUS,
        _date("date", "effectiveDateTime", "effectivePeriod", "effectiveInstant"),
        _reference("has-member", "hasMember"),
        _reference("part-of", "partOf"),
        _reference("derived-from", "derivedFrom"),
        _ENCOUNTER,
        is_written=True,
    ),
    _of_patient(
        "DiagnosticReport",
        _CODE,
        _CATEGORY,
        _STATUS,
        _date("date", "effectiveDateTime", "effectivePeriod"),
        _reference("result", "result", target="Observation"),
        _ENCOUNTER,
    ),
    _of_patient(
        "Procedure",
        _CODE,
        _CATEGORY,
        _STATUS,
        _date("date", "performedDateTime", "performedPeriod"),
        _ENCOUNTER,
    ),
    _of_patient(
        "MedicationRequest",
        _token("code", "medicationCodeableConcept"),
        _STATUS,
        _token("intent"),
        _CATEGORY,
        _date("authoredon", "authoredOn"),
        _reference("medication", "medicationReference", target="Medication"),
        _ENCOUNTER,
    ),
    _of_patient(
        "MedicationAdministration",
        _token("code", "medicationCodeableConcept"),
        _STATUS,
        _date("effective-time", "effectiveDateTime", "effectivePeriod"),
        _reference("medication", "medicationReference", target="Medication"),
    ),
    _of_patient(
        "MedicationStatement",
        _token("code", "medicationCodeableConcept"),
        _STATUS,
        _CATEGORY,
        _date("effective", "effectiveDateTime", "effectivePeriod"),
        _reference("medication", "medicationReference", target="Medication"),
    ),
    _of_patient(
        "MedicationDispense",
        _token("code", "medicationCodeableConcept"),
        _STATUS,
        _date("whenhandedover", "whenHandedOver"),
        _reference("medication", "medicationReference", target="Medication"),
    ),
    _of_patient("BodyStructure", _token("morphology"), _token("location"), path="patient"),
    _of_patient(
        "ImagingStudy",
        _STATUS,
        _token("modality", "modality", "series.modality"),
        _date("started", "started"),
    ),
    _of_patient("Specimen", _STATUS, _token("type"), _date("collected", "collection.collectedDateTime")),
    _of_patient(
        "RiskAssessment",
        _token("method"),
        _date("date", "occurrenceDateTime", "occurrencePeriod"),
        _reference("condition", "condition", target="Condition"),
        _ENCOUNTER,
        is_written=True,
    ),
    _of_patient(
        "CarePlan",
        _CATEGORY,
        _STATUS,
        _token("intent"),
        _date("date", "period"),
        _reference("condition", "addresses", target="Condition"),
        _ENCOUNTER,
        is_written=True,
    ),
    Kind(
        name="Provenance",
        parameters=_named(
            (
                _reference("target", "target"),
                _reference("patient", "target", target="Patient"),
                _date("recorded", "recorded"),
                _reference("agent", "agent.who"),
            )
        ),
        patient_paths=("target",),
        is_written=True,
    ),
)
KINDS: Mapping[str, Kind] = {each.name: each for each in _KINDS}
"""Every type, by name."""
