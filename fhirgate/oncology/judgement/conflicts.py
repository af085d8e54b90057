"""Two reads of one scan that lead to different states: neither is chosen in silence."""

from collections.abc import Sequence
from dataclasses import replace

from fhirgate.oncology.assessment import TimepointAssessment
from fhirgate.oncology.reconstruct.readers import Read
from fhirgate.oncology.source import joined
from fhirgate.oncology.timepoint import Timepoint
from fhirgate.oncology.verdict import Reason, State, Verdict
from fhirgate.oncology.wording import state_words

CONFLICTING = "conflicting-reads"


def with_conflicts(
    main: Read,
    timepoints: Sequence[TimepointAssessment],
    other: Read,
    others: Sequence[TimepointAssessment],
) -> tuple[TimepointAssessment, ...]:
    """The timepoints of the main read, INDETERMINATE where another read of the same date says otherwise."""
    compared = []
    for each in timepoints:
        judged = each
        for rival in _same_images(each.timepoint, others):
            if judged.state.rule == CONFLICTING or not _agree(each, rival):
                judged = _conflicting(main, judged, other, rival)
        compared.append(judged)
    return tuple(compared)


def _agree(ours: TimepointAssessment, theirs: TimepointAssessment) -> bool:
    """Whether some state is possible for both; a read that left lesions out contradicts only what it excludes."""
    return bool(_possible(ours) & _possible(theirs))


def _possible(assessed: TimepointAssessment) -> frozenset[State]:
    return assessed.possible or frozenset({assessed.state.answer})


def _same_images(timepoint: Timepoint, others: Sequence[TimepointAssessment]) -> list[TimepointAssessment]:
    """The timepoints of another read that overlap this one; a reader may have measured only part of its images."""
    return [
        each
        for each in others
        if not each.timepoint.date.surely_after(timepoint.last_date)
        and not each.timepoint.last_date.surely_before(timepoint.date)
    ]


def _conflicting(
    main: Read, ours: TimepointAssessment, other: Read, theirs: TimepointAssessment
) -> TimepointAssessment:
    said = [each.text for each in ours.reasons if each.code == "CONFLICTING_READS"]
    text = (
        said[0] if said else f"{main.name}: {state_words(ours.state.answer)}"
    ) + f"; {other.name}: {state_words(theirs.state.answer)}"
    sources = joined(ours.state.sources, theirs.state.sources)
    reason = Reason(
        code="CONFLICTING_READS",
        text=text,
        resolved_by="one adjudicated reading, or the choice of a reader",
        sources=sources,
    )
    rest = tuple(each for each in ours.reasons if each.code != "CONFLICTING_READS")
    return replace(
        ours,
        state=Verdict(
            answer=State.INDETERMINATE,
            rule=CONFLICTING,
            because=f"readings disagree ({text})",
            sources=sources,
        ),
        reasons=(reason, *rest),
        qualifiers=(),
        probabilities=None,
        possible=frozenset(),
        estro_eortc=None,
    )
