"""Why a state is what it is, in codes and words, and the datum that would settle an open one."""

from collections.abc import Callable

from fhirgate.oncology.progression.criteria import failed
from fhirgate.oncology.progression.picture import Picture
from fhirgate.oncology.progression.situation import LesionInPlay, in_scope
from fhirgate.oncology.source import Sources, joined
from fhirgate.oncology.verdict import Reason, State, Verdict
from fhirgate.oncology.wording import count, listed

Reasons = tuple[Reason, ...]


def reasons(picture: Picture, verdict: Verdict[State]) -> Reasons:
    """The reasons that go with the rule that decided; none where the rule's own words are enough."""
    why = _WHY.get(verdict.rule)
    return why(picture) if why else ()


def _undated_primary(picture: Picture) -> Reasons:
    return (
        Reason(
            code="PRIMARY_DATE_UNKNOWN",
            text="whether the metastases are synchronous cannot be told without the date of the primary",
            resolved_by="the onset date of the primary diagnosis",
        ),
    )


def _therapy_unknown(picture: Picture) -> Reasons:
    line = picture.situation.line
    return (
        Reason(
            code="THERAPY_STATUS_UNKNOWN",
            text=line.because or "whether the patient was on therapy is not recorded",
            resolved_by="a statement, administration or dispense near this date, or the date therapy ended",
            sources=line.sources,
        ),
    )


def _no_comparator(picture: Picture) -> Reasons:
    return (
        Reason(
            code="NO_COMPARATOR",
            text="no earlier imaging to compare with",
            resolved_by="earlier measurements of the same lesions, or the next scan",
        ),
    )


def _first_on_ici(picture: Picture) -> Reasons:
    return (
        Reason(
            code="IUPD",
            text="unconfirmed progression at the first follow-up on a checkpoint inhibitor",
            resolved_by="imaging 4 to 8 weeks later",
            sources=_of(picture.counted),
        ),
    )


def _systemic(picture: Picture) -> Reasons:
    found = picture.situation.diffuse
    total = count(picture.total, "progressing or new lesion")
    diffuse = Reason(
        code="DIFFUSE_DISEASE",
        text=f"diffuse disease: {listed(found)}",
        sources=joined(picture.situation.sources, _of(picture.counted)),
    )
    exceeded = Reason(
        code="COUNT_EXCEEDED",
        text=f"{total}, {picture.preset.name} allows {picture.cap}",
        sources=joined(picture.situation.sources, _of(picture.counted)),
    )
    return tuple(reason for reason, holds in ((diffuse, found), (exceeded, picture.over_cap)) if holds)


def _limited(picture: Picture) -> Reasons:
    sources = _of(in_scope(picture.growing, picture.preset))
    return tuple(Reason(code=each.code, text=each.text(picture), sources=sources) for each in failed(picture))


def _of(lesions: tuple[LesionInPlay, ...]) -> Sources:
    return joined(*(each.sources for each in lesions))


_WHY: dict[str, Callable[[Picture], Reasons]] = {
    "stopped": lambda picture: picture.situation.stops,
    "first-metastases-undated-primary": _undated_primary,
    "first-metastases-therapy-unknown": _therapy_unknown,
    "none-visible-therapy-unknown": _therapy_unknown,
    "no-progression-therapy-unknown": _therapy_unknown,
    "progression-therapy-unknown": _therapy_unknown,
    "nothing-to-compare": _no_comparator,
    "signal-only": lambda picture: picture.situation.signals,
    "ici-first-follow-up": _first_on_ici,
    "recurrence-systemic": _systemic,
    "progression-diffuse": _systemic,
    "progression-over-cap": _systemic,
    "progression-limited": _limited,
}
"""By rule name of `states`."""

RULES_WITH_REASONS = frozenset(_WHY)
"""Names of the rules of `states` that give reasons; a test demands that each is one."""
