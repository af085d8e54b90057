"""What our resources say to a clinician who reads them: the `text` of each, made from the same data.

A RiskAssessment is read in an EHR by people who know none of our codes: state first, then why, the lesions with
their numbers, what could not be judged and what would settle it, and the limits.
"""

from collections.abc import Iterable, Iterator, Sequence

from fhirgate.mapping.compose.answers import QUALIFIER_TERMS
from fhirgate.mapping.compose.elements import Json
from fhirgate.mapping.compose.predictions import Outcome, counts_in_words, outcomes, therapy_in_words
from fhirgate.mapping.compose.states import state_code
from fhirgate.mapping.compose.xhtml import Markup, element, narrative, section, sentences, table
from fhirgate.oncology.assessment import Assessment, Interval, LesionVerdict, TimepointAssessment
from fhirgate.oncology.uncertainty import LIMITS_OF_THE_MODEL
from fhirgate.oncology.verdict import LesionStatus, Qualifier, Reason
from fhirgate.oncology.wording import count, mm, signed_mm, signed_percent

MOST_LESIONS = 40
"""How many lesions the table lists; the rest are counted."""

LESION_WORDS = {
    LesionStatus.PROGRESSING: "progressing",
    LesionStatus.NEW: "new",
    LesionStatus.NEW_EQUIVOCAL: "perhaps new",
    LesionStatus.EQUIVOCAL: "equivocal",
    LesionStatus.TREATED_INDETERMINATE: "changing after local treatment, perhaps its effect",
    LesionStatus.NE: "not evaluable",
    LesionStatus.STABLE: "stable",
    LesionStatus.RESPONDING: "responding",
    LesionStatus.TREATED_CONTROLLED: "locally treated, controlled",
    LesionStatus.ABSENT: "gone, or a normal node",
    LesionStatus.BASELINE: "at baseline",
}
"""What a lesion does, in the order in which lesions are listed."""

_ORDER = list(LESION_WORDS)
_COLUMNS = ("Lesion", "Site", "What it does", "Size", "Compared with", "Change", "Why")


def result_text(assessment: Assessment, limits: Sequence[str]) -> Json:
    """The narrative of a RiskAssessment; `limits` are its notes, but for what has a section of its own."""
    current, now = assessment.current, assessment.current.assessed
    scan = f"Imaging of {now.timepoint.date}, judged" if now else "Judged"
    parts = [
        element("p", element("b", state_code(current.state).display)),
        element(
            "p",
            f"{scan} as of {assessment.as_of}. Preliminary result of software, for a clinician to decide.",
        ),
    ]
    if now is not None:
        parts += _at_timepoint(now)
    parts += [
        section("To be known with it", sentences(_qualifiers(current.qualifiers))),
        section("Could not be judged, and what would settle it", sentences(_open(current.reasons))),
        section("How sure the labels are", _sure(outcomes(assessment))),
        section("Limits", sentences(limits)),
    ]
    return narrative(*parts)


def state_text(assessment: Assessment, at: TimepointAssessment) -> Json:
    """The narrative of the state Observation of a timepoint."""
    return narrative(
        element("p", element("b", state_code(at.state.answer).display)),
        element("p", f"Imaging of {at.timepoint.date}, by the criteria {assessment.preset}."),
        *_at_timepoint(at),
        section("To be known with it", sentences(_qualifiers(at.qualifiers))),
        section("Could not be judged, and what would settle it", sentences(_open(at.reasons))),
    )


def plan_text(title: str, activities: Sequence[Json], notes: Iterable[str]) -> Json:
    """The narrative of a CarePlan: its options, what speaks for and against them."""
    options = [f"{each['detail']['code']['text']}: {each['detail']['description']}" for each in activities]
    return narrative(
        element("p", element("b", title)),
        element(
            "p", "Options for the treating team, made by software from recorded data. Nothing is ordered."
        ),
        section("Options", sentences(options)),
        section("Evidence and limits", sentences(notes)),
    )


def _at_timepoint(now: TimepointAssessment) -> Iterator[Markup]:
    yield element("p", _capital(f"{now.state.because.removesuffix('.')}."))
    yield element("p", f"{counts_in_words(now)} {therapy_in_words(now)}")
    yield section("Lesions", _lesions(now))


def _lesions(now: TimepointAssessment) -> Markup:
    if not now.lesions:
        return Markup("")
    listed = sorted(now.lesions, key=lambda each: _ORDER.index(each.status))
    shown = table(_COLUMNS, map(_row, listed[:MOST_LESIONS]))
    hidden = len(listed) - MOST_LESIONS
    if hidden <= 0:
        return shown
    return Markup(shown + element("p", f"{count(hidden, 'further lesion')} not listed here."))


def _row(each: LesionVerdict) -> tuple[str, ...]:
    change = "" if each.change is None else f"{signed_mm(each.change)}, {signed_percent(each.change_percent)}"
    return (
        each.lesion.label,
        str(each.lesion.site),
        LESION_WORDS[each.status],
        "" if each.value is None else mm(each.value),
        "" if each.reference is None else mm(each.reference),
        change,
        each.because,
    )


def _qualifiers(qualifiers: Iterable[Qualifier]) -> Iterator[str]:
    for each in qualifiers:
        term = QUALIFIER_TERMS[each]
        yield f"{term.display}: {term.definition}"


def _open(reasons: Iterable[Reason]) -> Iterator[str]:
    for each in reasons:
        yield _capital(each.text) + (f". Needed: {each.resolved_by}." if each.resolved_by else ".")


def _sure(considered: Sequence[Outcome]) -> Markup:
    rows = [
        (each.code.display, _chance(each.chance), "judged state" if each.is_call else "")
        for each in considered
        if each.chance is not None
    ]
    if not rows:
        return Markup("")
    return Markup(table(("State", "Probability", ""), rows) + element("p", LIMITS_OF_THE_MODEL))


def _chance(chance: Interval) -> str:
    low, high = f"{chance.low * 100:.1f}", f"{chance.high * 100:.1f}"
    return f"{low} %" if low == high else f"{low} to {high} %"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
