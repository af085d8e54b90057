"""One drug given, ordered or stated by one resource: what the four medication types have in common."""

from fhirgate.mapping.datatypes import Raw
from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.therapy import Agent, Evidence, Intent, StopReason
from fhirgate.oncology.value import value


@value
class Drug:
    """The agents of one resource that count, and the drug in the record's words."""

    agents: tuple[Agent, ...] = ()
    label: str = ""
    depot_days: int = 0
    """How long one injection acts, where the product says so; 0 when it does not."""


@value
class Given:
    """One drug over one period, before it becomes an exposure of each of its agents.

    `order` is the id of the MedicationRequest it is or fulfils, `replaces` that of the order it renews.
    """

    raw: Raw
    drug: Drug
    start: ClinicalDate
    end: ClinicalDate | None
    evidence: Evidence
    ended: bool = False
    asserted_on: ClinicalDate | None = None
    supplied_until: ClinicalDate | None = None
    intent: Intent | None = None
    stop_reason: StopReason | None = None
    on_hold: bool = False
    fixed_duration: bool = False
    order: str = ""
    replaces: str = ""
    also: tuple[Raw, ...] = ()
    """Further resources it rests on: the order it fulfils, the therapy it is part of."""
    end_unknown: bool = False
    """The therapy is over and nothing says since when; `end` is the last day known."""
