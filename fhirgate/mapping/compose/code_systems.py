"""Everything we publish as codes, from the values that the code itself writes.

`profiles/` holds these as FHIR CodeSystems; a test compares the two, so that neither can drift.
"""

from dataclasses import dataclass

from fhirgate.mapping import canonical
from fhirgate.mapping.compose.answers import CLASS_TERMS, QUALIFIER_TERMS, RESPONSE_TERMS, THERAPY_TERMS
from fhirgate.mapping.compose.codes import METHOD_TERM, ORIGIN_TERM, RESULT_TERMS
from fhirgate.mapping.compose.reasons import REASON_TERMS
from fhirgate.mapping.compose.states import GROWTH, NO_PROGRESSION, STATE_CODES
from fhirgate.mapping.compose.terms import Term
from fhirgate.oncology.progression.presets import PRESETS, Preset, preset_parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCodeSystem:
    """A code system of ours. Without terms its codes are not listed: they are the versions of something."""

    url: str
    name: str
    title: str
    description: str
    terms: tuple[Term, ...] = ()

    @property
    def id(self) -> str:
        """Its logical id, the last part of its URL."""
        return self.url.rpartition("/")[2]


def _preset_term(preset: Preset) -> Term:
    limits = "; ".join(f"{name}: {value}" for name, value in preset_parameters(preset).items() if value)
    return Term(preset.name, preset.name, f"{preset.says} {limits}. Source: {preset.source}.")


CODE_SYSTEMS: tuple[OwnCodeSystem, ...] = (
    OwnCodeSystem(
        url=canonical.STATES,
        name="ProgressionState",
        title="Progression state",
        description="Where a patient with metastatic cancer stands at one round of imaging: exactly one of these."
        f" {GROWTH}",
        terms=tuple(
            Term(each.code, each.display, each.definition) for each in (*STATE_CODES.values(), NO_PROGRESSION)
        ),
    ),
    OwnCodeSystem(
        url=canonical.REASONS,
        name="ProgressionReason",
        title="Progression reason",
        description="Why a progression state is what it is, or why there is none.",
        terms=tuple(REASON_TERMS.values()),
    ),
    OwnCodeSystem(
        url=canonical.QUALIFIERS,
        name="ProgressionQualifier",
        title="Progression qualifier",
        description="What a reader of a progression state must also know.",
        terms=tuple(QUALIFIER_TERMS.values()),
    ),
    OwnCodeSystem(
        url=canonical.RESPONSES,
        name="TumourResponse",
        title="Tumour response",
        description="Response categories of RECIST 1.1 and iRECIST at one round of imaging.",
        terms=tuple(RESPONSE_TERMS.values()),
    ),
    OwnCodeSystem(
        url=canonical.THERAPY_STATUSES,
        name="SystemicTherapyStatus",
        title="Systemic therapy status",
        description="Whether a patient is on systemic therapy at a round of imaging.",
        terms=tuple(THERAPY_TERMS.values()),
    ),
    OwnCodeSystem(
        url=canonical.ESTRO_EORTC_CLASSES,
        name="EstroEortcClass",
        title="ESTRO/EORTC class",
        description="Classes of oligometastatic disease by the ESTRO/EORTC consensus.",
        terms=tuple(CLASS_TERMS.values()),
    ),
    OwnCodeSystem(
        url=canonical.METHODS,
        name="AssessmentMethod",
        title="Assessment method",
        description="How a result was made.",
        terms=(METHOD_TERM,),
    ),
    OwnCodeSystem(
        url=canonical.PRESETS,
        name="CriteriaPreset",
        title="Criteria preset",
        description="The criteria of a trial or consensus for oligoprogression that a result was judged by."
        f" {GROWTH}",
        terms=tuple(map(_preset_term, PRESETS.values())),
    ),
    OwnCodeSystem(
        url=canonical.RESULTS,
        name="ResultKind",
        title="Kind of result",
        description="What a resource of fhirgate, or a part of one, is.",
        terms=tuple(RESULT_TERMS.values()),
    ),
    OwnCodeSystem(
        url=canonical.RULES,
        name="RulesVersion",
        title="Version of the rules",
        description="The codes are the versions of the rules, such as 1.0.0: three numbers with dots between them.",
    ),
    OwnCodeSystem(
        url=canonical.ORIGINS,
        name="ResultOrigin",
        title="Origin of a result",
        description="What composed a resource.",
        terms=(ORIGIN_TERM,),
    ),
)
