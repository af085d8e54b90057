"""Systemic therapy and local treatment: exposures as recorded, lines as reconstructed."""

from dataclasses import field
from datetime import date
from enum import StrEnum

from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.lesion import LesionIdentity
from fhirgate.oncology.site import Site
from fhirgate.oncology.source import Sources
from fhirgate.oncology.value import value


class LotRole(StrEnum):
    """What an agent does for a line of therapy. Column `lot_role` of the agent list."""

    COUNTS = "counts"
    COUNTS_ENDOCRINE = "counts_endocrine"
    BACKBONE = "backbone"
    MODULATOR = "modulator"
    SUPPORTIVE = "supportive"
    UNCLEAR = "unclear"
    """Given for cancer, but in no list of agents or blinded: it makes no line, and no day is surely without it."""


@value
class Agent:
    """One active ingredient, lower case, with what lines of therapy need to know about it."""

    name: str
    drug_class: str
    subclass: str = ""
    lot_role: LotRole = LotRole.COUNTS
    interchange_group: str = ""

    @property
    def is_ici(self) -> bool:
        """Whether it is an immune-checkpoint inhibitor."""
        return self.drug_class == "ici"

    @property
    def treats(self) -> bool:
        """Whether it is surely systemic therapy of the cancer, not its companion."""
        return self.lot_role not in (LotRole.SUPPORTIVE, LotRole.MODULATOR, LotRole.UNCLEAR)


class Evidence(StrEnum):
    """How sure it is that the patient received the drug, strongest first."""

    ADMINISTERED = "ADMINISTERED"
    DISPENSED = "DISPENSED"
    STATED = "STATED"
    ORDERED_ONLY = "ORDERED_ONLY"


class Intent(StrEnum):
    """What a treatment was given for, as recorded."""

    CURATIVE = "curative"
    ADJUVANT = "adjuvant"
    NEOADJUVANT = "neoadjuvant"
    PALLIATIVE = "palliative"
    SUPPORTIVE = "supportive"
    LOCAL_CURATIVE_OLIGOMETASTATIC = "locally curative in oligometastatic disease"


class StopReason(StrEnum):
    """Why a therapy ended, as recorded."""

    PROGRESSION = "PROGRESSION"
    TOXICITY = "TOXICITY"
    PLANNED_COMPLETION = "PLANNED_COMPLETION"
    REFUSAL = "REFUSAL"
    DEATH = "DEATH"
    OTHER = "OTHER"


@value
class Exposure:
    """One agent over one period; both ends inclusive.

    `end` None means open: nothing says that it ended; then `asserted_on` is when that was last true (None:
    true when the record was read). A single administration has `end == start`.
    `ended` is True when the record itself says the therapy is over (status or period end), as opposed to
    merely having no later administration. `supplied_until` is the end of a dispensed supply.
    """

    agent: Agent
    start: ClinicalDate
    end: ClinicalDate | None = None
    ended: bool = False
    asserted_on: ClinicalDate | None = None
    supplied_until: ClinicalDate | None = None
    evidence: Evidence
    intent: Intent | None = None
    stop_reason: StopReason | None = None
    on_hold: bool = False
    fixed_duration: bool = False
    sources: Sources = ()


class Modality(StrEnum):
    """Kind of local treatment."""

    SBRT = "SBRT"
    RADIOTHERAPY = "RT"
    BRACHYTHERAPY = "BRACHYTHERAPY"
    SURGERY = "SURGERY"
    RFA = "RFA"
    MICROWAVE = "MWA"
    CRYOABLATION = "CRYO"
    ABLATION = "ABLATION"
    EMBOLISATION = "EMBOLISATION"


ABLATIVE = frozenset(Modality) - {Modality.RADIOTHERAPY, Modality.BRACHYTHERAPY}


@value
class LocalTreatment:
    """Radiotherapy, surgery or ablation of a place in the body.

    `lesions` are the identities the record names; when it names none, `site` and date must do.
    `inferred` is True when the modality was inferred from dose and fractions, not stated.
    """

    id: str
    started_on: ClinicalDate
    ended_on: ClinicalDate | None = None
    modality: Modality
    lesions: tuple[LesionIdentity, ...] = ()
    site: Site = field(default_factory=Site)
    intent: Intent | None = None
    inferred: bool = False
    text: str = ""
    sources: Sources = ()


class Setting(StrEnum):
    """Before or after the first metastasis (CLoT and PLoT of Saini & Twelves 2021)."""

    PALLIATIVE = "palliative"
    CURATIVE = "curative"


class Phase(StrEnum):
    """Where in its course a line is."""

    INDUCTION = "INDUCTION"
    CONTINUATION_MAINTENANCE = "CONTINUATION_MAINTENANCE"
    SWITCH_MAINTENANCE = "SWITCH_MAINTENANCE"


class OpenedBy(StrEnum):
    """The rule that opened a line."""

    FIRST = "FIRST"
    NEW_DRUG = "NEW_DRUG"
    GAP = "GAP"


class LineFlag(StrEnum):
    """What a reader of a line must also know."""

    RESUMED = "RESUMED"
    BEYOND_PROGRESSION_AFTER_LAT = "BEYOND_PROGRESSION_AFTER_LAT"
    ON_ADJUVANT_AT_METASTASIS = "ON_ADJUVANT_AT_METASTASIS"
    DATES_IMPRECISE = "DATES_IMPRECISE"


@value
class Segment:
    """Part of a line between local treatments; `end` None while it lasts."""

    label: str
    start: date
    end: date | None


@value
class LineOfTherapy:
    """A regimen span. `number` counts palliative lines from 1; a curative line has none.

    `last_exposure` is the last day of exposure known; `end` is None while the line is ongoing.
    `agents` are all that belong to it, substitutes and the drugs of a switch maintenance apart. `carried`
    continue from the line before.
    `exposures` are those that make the line, by start.
    """

    number: int | None
    setting: Setting
    start: date
    last_exposure: date
    end: date | None
    agents: tuple[Agent, ...]
    substitutions: tuple[Agent, ...] = ()
    maintenance: tuple[Agent, ...] = ()
    carried: tuple[Agent, ...] = ()
    phase: Phase = Phase.INDUCTION
    segments: tuple[Segment, ...] = ()
    end_reason: str = "UNKNOWN"
    opened_by: OpenedBy = OpenedBy.FIRST
    evidence: Evidence
    flags: tuple[LineFlag, ...] = ()
    exposures: tuple[Exposure, ...] = ()

    @property
    def all_agents(self) -> tuple[Agent, ...]:
        """Agents, their substitutes and the drugs of a switch maintenance."""
        return self.agents + self.substitutions + self.maintenance

    @property
    def has_ici(self) -> bool:
        """Whether an immune-checkpoint inhibitor belongs to it."""
        return any(agent.is_ici for agent in self.all_agents)

    @property
    def sources(self) -> Sources:
        """The resources the line rests on."""
        return tuple(sorted({source for exposure in self.exposures for source in exposure.sources}))
