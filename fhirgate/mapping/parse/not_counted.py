"""What a medication resource says that is no exposure: told to the user, never silently dropped."""

from fhirgate.mapping.datatypes import Raw, text
from fhirgate.mapping.parse.given import Drug
from fhirgate.mapping.parse.record import Record
from fhirgate.oncology.finding import Severity
from fhirgate.oncology.therapy import LotRole

_QUIET = (LotRole.SUPPORTIVE, LotRole.MODULATOR)


def note_not_counted(record: Record, raw: Raw, drug: Drug, why: str) -> None:
    """Say that an antineoplastic was not given; supportive drugs that were not given are no news."""
    if is_treatment(drug):
        record.note(
            "THERAPY_NOT_GIVEN",
            Severity.INFORMATION,
            f"{_names(drug)}: the {text(raw, 'resourceType')} says {why}, so it does not count as given",
            raw,
            "status",
        )


def note_undated(record: Record, raw: Raw, drug: Drug, path: str) -> None:
    """Say that a drug could not be placed in time."""
    record.note(
        "EXPOSURE_UNDATED",
        Severity.ERROR,
        f"{_names(drug)}: no usable date, so it belongs to no line of therapy; {path} would settle it",
        raw,
        path,
    )


def is_treatment(drug: Drug) -> bool:
    """Whether it treats the cancer, and is not only a companion of what does."""
    return any(agent.lot_role not in _QUIET for agent in drug.agents)


def _names(drug: Drug) -> str:
    return ", ".join(agent.name for agent in drug.agents)
