"""Which searches bring a patient's record from this server: contract §A9, cut to what the server lists.

Decisions
- Each type is asked for whole, by patient: lesions hang on Observations without any category, and a search for
  each category and code would miss them and cost ten calls for one. A server that declines the whole (some demand
  a category) is asked in parts: by category where it lists that, and by the codes of disease status and tumour
  size where it lists those. What the parts leave out and others refer to is read by id (`references`).
- No _include, _revinclude, _sort, chained or composite parameter: they differ most between servers.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from fhirgate.ehr.capability import Capability, TypeCapability

TYPES = (
    "Condition",
    "Observation",
    "DiagnosticReport",
    "Procedure",
    "MedicationRequest",
    "MedicationAdministration",
    "MedicationStatement",
    "MedicationDispense",
    "BodyStructure",
    "ImagingStudy",
    "Specimen",
)
"""Everything of a patient that becomes facts."""
PAGE_SIZE = 200
"""Asked for where a server lists `_count`; servers give fewer as they like."""

_INTENTS = "order,plan"
"""US Core servers answer it with all medications."""
_LOINC = "http://loinc.org"
# Disease status, new and old (A9-5); tumour size, its axes and what of a scan is told in words.
_CODES = ",".join(
    f"{_LOINC}|{each}"
    for each in ("97509-4", "88040-1", "21889-1", "33728-7", "33729-5", "59776-5", "19005-8", "18782-3")
)
_PARTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "Observation": (
        *(
            ("category", each)
            for each in (
                "imaging",
                "laboratory",
                "exam",
                "procedure",
                "therapy",
                "survey",
                "social-history",
            )
        ),
        ("code", _CODES),
    ),
    "Condition": tuple(
        ("category", each) for each in ("problem-list-item", "encounter-diagnosis", "health-concern")
    ),
    "DiagnosticReport": tuple(("category", each) for each in (f"{_LOINC}|LP29684-5", "RAD", "LAB", "PAT")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A search: a type, and parameters with their values."""

    type: str
    parameters: tuple[tuple[str, str], ...] = field(repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the parameters, which may be told."""
        return tuple(name for name, _ in self.parameters)

    @property
    def url(self) -> str:
        """Relative to the base."""
        return f"{self.type}?" + "&".join(
            f"{quote(name, safe=':-_')}={quote(value, safe=',/-_.')}" for name, value in self.parameters
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How one type is asked for: as a whole, and in parts if that is declined."""

    type: str
    whole: Query
    parts: tuple[Query, ...] = ()


def plans(
    patient_id: str, capability: Capability, site_parameters: Mapping[str, str]
) -> tuple[tuple[Plan, ...], tuple[str, ...]]:
    """The plan of each type that can be searched by patient, and the types that cannot."""
    made: list[Plan] = []
    not_offered: list[str] = []
    for kind in TYPES:
        offered = capability.of(kind)
        subject = _subject(kind, offered)
        if offered is None or not subject:
            not_offered.append(kind)
            continue
        common = ((subject, f"Patient/{patient_id}"), *_listed(offered, kind, site_parameters))
        made.append(
            Plan(
                type=kind,
                whole=Query(type=kind, parameters=common),
                parts=tuple(
                    Query(type=kind, parameters=(common[0], part, *common[1:]))
                    for part in _PARTS.get(kind, ())
                    if part[0] in offered.parameters
                ),
            )
        )
    return tuple(made), tuple(not_offered)


def by_ids(
    kind: str, ids: Iterable[str], offered: TypeCapability, site_parameters: Mapping[str, str]
) -> Query:
    """A search that brings resources of which only the ids are known."""
    return Query(type=kind, parameters=(("_id", ",".join(ids)), *_of_the_site(offered, site_parameters)))


def _subject(kind: str, offered: TypeCapability | None) -> str:
    """The parameter that names the patient; Specimen and others may list only the wider `subject`."""
    if offered is None or not offered.searches:
        return ""
    return next((each for each in ("patient", "subject") if each in offered.parameters), "")


def _listed(
    offered: TypeCapability, kind: str, site_parameters: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    if kind == "MedicationRequest" and "intent" in offered.parameters:
        yield "intent", _INTENTS
    yield from _of_the_site(offered, site_parameters)
    if "_count" in offered.parameters:
        yield "_count", str(PAGE_SIZE)


def _of_the_site(offered: TypeCapability, site_parameters: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in sorted(site_parameters.items()) if name in offered.parameters]
