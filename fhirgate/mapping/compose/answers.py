"""Our codes for what a timepoint is answered with beside its state: qualifiers, responses, therapy, class."""

from fhirgate.mapping.canonical import ESTRO_EORTC_CLASSES, QUALIFIERS, RESPONSES, THERAPY_STATUSES
from fhirgate.mapping.compose.elements import Json, concept
from fhirgate.mapping.compose.terms import Term
from fhirgate.oncology.verdict import EstroEortcClass, IResponse, Qualifier, Response, TherapyStatus

_Q = Qualifier

QUALIFIER_TERMS: dict[Qualifier, Term] = {
    each: Term(each.value, display, definition)
    for each, display, definition in (
        (_Q.MIXED_RESPONSE, "Mixed response", "Some lesions shrink while others grow."),
        (
            _Q.PSEUDOPROGRESSION_POSSIBLE,
            "Pseudo-progression possible",
            "Progression on a checkpoint inhibitor that no later imaging has confirmed.",
        ),
        (
            _Q.CNS_REPORTED_SEPARATELY,
            "Brain not counted",
            "Progression in the central nervous system, which the preset does not count.",
        ),
        (
            _Q.LOW_CONFIDENCE,
            "Low confidence",
            "Measurement error alone makes the label less probable than the policy asks for.",
        ),
        (
            _Q.NADIR_NOT_SUSTAINED,
            "Nadir not sustained",
            "Progression rests on one low value that was not seen again.",
        ),
        (
            _Q.MIXED_TECHNIQUE,
            "Mixed technique",
            "Technique or slice thickness differs between the images compared.",
        ),
        (
            _Q.PREVIOUSLY_TREATED_LESION_PROGRESSING,
            "Treated lesion progresses",
            "A lesion that had local treatment progresses.",
        ),
        (
            _Q.SETTING_ADJUVANT,
            "Adjuvant setting",
            "First metastases on adjuvant therapy: evidence from metastatic disease may not apply.",
        ),
        (_Q.REPEAT, "Repeat", "Oligometastatic disease was documented before."),
        (_Q.INDUCED, "Induced", "Polymetastatic disease was documented before."),
        (
            _Q.METACHRONOUS,
            "Metachronous",
            "First metastases later than six months after the primary.",
        ),
        (
            _Q.SLD_PD_NO_LESION_PD,
            "Sum progresses, no lesion does",
            "The sum of diameters progresses although no single lesion does.",
        ),
        (_Q.ON_HOLD, "Therapy on hold", "Systemic therapy is on hold."),
        (
            _Q.NE_LESIONS_NOT_DECISIVE,
            "Lesions not evaluated, not decisive",
            "Lesions were not evaluated, and the state is the same whatever they do.",
        ),
        (
            _Q.REGION_NOT_PREVIOUSLY_IMAGED,
            "Region not imaged before",
            "A new lesion lies where no earlier imaging looked.",
        ),
        (_Q.STALE, "Too old to act on", "The imaging is older than the policy allows to act on."),
        (
            _Q.CR_THEN_PR_REVIEW,
            "Partial after complete response",
            "A partial after a complete response: to be read again.",
        ),
        (
            _Q.NON_PERCIST_METRIC,
            "Uptake not by PERCIST",
            "Uptake was given as SUVmax, from which PERCIST draws no response.",
        ),
        (_Q.REAPPEARED, "Lesion back", "A lesion that was gone is visible again."),
    )
}

RESPONSE_TERMS: dict[str, Term] = {
    each.value: Term(each.value, display, definition)
    for each, display, definition in (
        (Response.CR, "Complete response", "RECIST 1.1: complete response."),
        (Response.PR, "Partial response", "RECIST 1.1: partial response."),
        (Response.SD, "Stable disease", "RECIST 1.1: stable disease."),
        (Response.PD, "Progressive disease", "RECIST 1.1: progressive disease."),
        (Response.NE, "Not evaluable", "RECIST 1.1 or iRECIST: not evaluable."),
        (
            Response.NON_CR_NON_PD,
            "Neither complete response nor progression",
            "RECIST 1.1: non-target disease alone, neither gone nor progressing.",
        ),
        (IResponse.ICR, "Immune complete response", "iRECIST: complete response."),
        (IResponse.IPR, "Immune partial response", "iRECIST: partial response."),
        (IResponse.ISD, "Immune stable disease", "iRECIST: stable disease."),
        (IResponse.IUPD, "Immune unconfirmed progression", "iRECIST: progression, not confirmed."),
        (IResponse.ICPD, "Immune confirmed progression", "iRECIST: progression, confirmed."),
        (
            IResponse.NON_ICR_NON_IUPD,
            "Neither immune complete response nor unconfirmed progression",
            "iRECIST: non-target disease alone, neither gone nor progressing.",
        ),
    )
}
"""NE is one concept of both criteria."""

THERAPY_TERMS: dict[TherapyStatus, Term] = {
    TherapyStatus.ON: Term("on", "On systemic therapy", "The patient is on systemic therapy at the imaging."),
    TherapyStatus.OFF: Term(
        "off", "Off systemic therapy", "The patient is off systemic therapy at the imaging."
    ),
    TherapyStatus.UNKNOWN: Term(
        "unknown",
        "Therapy unknown",
        "Whether the patient is on systemic therapy at the imaging is not recorded.",
    ),
}


def _class_term(each: EstroEortcClass) -> Term:
    words = each.value.replace("OMD", "oligometastatic disease").replace("_", " ")
    name = words[:1] + words[1:].lower()
    return Term(each.value, name, f"{name}, by the ESTRO/EORTC consensus (Guckenberger, Lancet Oncol 2020).")


CLASS_TERMS: dict[EstroEortcClass, Term] = {each: _class_term(each) for each in EstroEortcClass}


def qualifier_concept(qualifier: Qualifier) -> Json:
    """A qualifier in our code."""
    return concept(QUALIFIER_TERMS[qualifier].coding(QUALIFIERS))


def response_concept(response: Response | IResponse) -> Json:
    """A response category in our code."""
    return concept(RESPONSE_TERMS[response.value].coding(RESPONSES))


def therapy_concept(status: TherapyStatus) -> Json:
    """A therapy status in our code."""
    return concept(THERAPY_TERMS[status].coding(THERAPY_STATUSES))


def class_concept(found: EstroEortcClass) -> Json:
    """An ESTRO/EORTC class in our code."""
    return concept(CLASS_TERMS[found].coding(ESTRO_EORTC_CLASSES))
