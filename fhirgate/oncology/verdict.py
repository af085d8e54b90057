"""Answers that explain themselves."""

from enum import StrEnum
from typing import Generic, TypeVar

from fhirgate.oncology.source import Sources
from fhirgate.oncology.value import value

A = TypeVar("A")


class Response(StrEnum):
    """Response category at one timepoint. CDISC OVRLRESP, TRGRESP, NTRGRESP."""

    CR = "CR"
    PR = "PR"
    SD = "SD"
    PD = "PD"
    NE = "NE"
    NON_CR_NON_PD = "NON-CR/NON-PD"


class IResponse(StrEnum):
    """iRECIST category at one timepoint."""

    ICR = "iCR"
    IPR = "iPR"
    ISD = "iSD"
    IUPD = "iUPD"
    ICPD = "iCPD"
    NE = "NE"
    NON_ICR_NON_IUPD = "NON-iCR/NON-iUPD"


class LesionStatus(StrEnum):
    """What one lesion does at one timepoint."""

    NE = "NE"
    TREATED_INDETERMINATE = "TREATED_INDETERMINATE"
    TREATED_CONTROLLED = "TREATED_CONTROLLED"
    PROGRESSING = "PROGRESSING"
    ABSENT = "ABSENT"
    RESPONDING = "RESPONDING"
    EQUIVOCAL = "EQUIVOCAL"
    STABLE = "STABLE"
    NEW = "NEW"
    NEW_EQUIVOCAL = "NEW_EQUIVOCAL"
    BASELINE = "BASELINE"


class TherapyStatus(StrEnum):
    """Whether the patient is on systemic therapy at a date."""

    ON = "on"
    OFF = "off"
    UNKNOWN = "unknown"


class State(StrEnum):
    """Where the patient stands at a timepoint: exactly one of these."""

    NO_METASTATIC_DISEASE = "NO_METASTATIC_DISEASE"
    OLIGOMETASTATIC_SYNCHRONOUS = "OLIGOMETASTATIC_SYNCHRONOUS"
    POLYMETASTATIC_NEW = "POLYMETASTATIC_NEW"
    BASELINE = "BASELINE"
    COMPLETE_RESPONSE = "COMPLETE_RESPONSE"
    PARTIAL_RESPONSE = "PARTIAL_RESPONSE"
    STABLE_DISEASE = "STABLE_DISEASE"
    OLIGOPERSISTENCE = "OLIGOPERSISTENCE"
    OLIGOPROGRESSION = "OLIGOPROGRESSION"
    LIMITED_PROGRESSION = "LIMITED_PROGRESSION"
    SYSTEMIC_PROGRESSION = "SYSTEMIC_PROGRESSION"
    PROGRESSION_UNCONFIRMED = "PROGRESSION_UNCONFIRMED"
    OLIGORECURRENCE = "OLIGORECURRENCE"
    SYSTEMIC_RECURRENCE = "SYSTEMIC_RECURRENCE"
    OFF_THERAPY_STABLE = "OFF_THERAPY_STABLE"
    NED = "NED"
    INDETERMINATE = "INDETERMINATE"


class Qualifier(StrEnum):
    """What a reader of a state must also know."""

    MIXED_RESPONSE = "MIXED_RESPONSE"
    PSEUDOPROGRESSION_POSSIBLE = "PSEUDOPROGRESSION_POSSIBLE"
    CNS_REPORTED_SEPARATELY = "CNS_REPORTED_SEPARATELY"
    LOW_CONFIDENCE = "LOW_CONFIDENCE"
    NADIR_NOT_SUSTAINED = "NADIR_NOT_SUSTAINED"
    MIXED_TECHNIQUE = "MIXED_TECHNIQUE"
    PREVIOUSLY_TREATED_LESION_PROGRESSING = "PREVIOUSLY_TREATED_LESION_PROGRESSING"
    SETTING_ADJUVANT = "SETTING_ADJUVANT"
    REPEAT = "REPEAT"
    INDUCED = "INDUCED"
    METACHRONOUS = "METACHRONOUS"
    SLD_PD_NO_LESION_PD = "SLD_PD_NO_LESION_PD"
    ON_HOLD = "ON_HOLD"
    NE_LESIONS_NOT_DECISIVE = "NE_LESIONS_NOT_DECISIVE"
    REGION_NOT_PREVIOUSLY_IMAGED = "REGION_NOT_PREVIOUSLY_IMAGED"
    STALE = "STALE"
    CR_THEN_PR_REVIEW = "CR_THEN_PR_REVIEW"
    NON_PERCIST_METRIC = "NON_PERCIST_METRIC"
    REAPPEARED = "REAPPEARED"


class EstroEortcClass(StrEnum):
    """ESTRO/EORTC oligometastatic disease class. Source: Guckenberger, Lancet Oncol 2020."""

    SYNCHRONOUS_OMD = "SYNCHRONOUS_OMD"
    METACHRONOUS_OLIGORECURRENCE = "METACHRONOUS_OLIGORECURRENCE"
    METACHRONOUS_OLIGOPROGRESSION = "METACHRONOUS_OLIGOPROGRESSION"
    REPEAT_OLIGORECURRENCE = "REPEAT_OLIGORECURRENCE"
    REPEAT_OLIGOPROGRESSION = "REPEAT_OLIGOPROGRESSION"
    REPEAT_OLIGOPERSISTENCE = "REPEAT_OLIGOPERSISTENCE"
    INDUCED_OLIGORECURRENCE = "INDUCED_OLIGORECURRENCE"
    INDUCED_OLIGOPROGRESSION = "INDUCED_OLIGOPROGRESSION"
    INDUCED_OLIGOPERSISTENCE = "INDUCED_OLIGOPERSISTENCE"


@value
class Verdict(Generic[A]):
    """An answer, the rule that gave it, the reason in words and numbers, and the resources it rests on."""

    answer: A
    rule: str
    because: str
    sources: Sources = ()


@value
class Reason:
    """Why a state is what it is, or why there is none.

    `resolved_by` names the datum that would settle it, in words for the person who can supply it.
    """

    code: str
    text: str
    resolved_by: str = ""
    sources: Sources = ()
