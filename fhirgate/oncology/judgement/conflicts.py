"""Two reads of one scan that lead to different states: neither is chosen in silence."""

from collections.abc import Sequence
from dataclasses import replace

from fhirgate.oncology.assessment import TimepointAssessment
from fhirgate.oncology.reconstruct.readers import Read
from fhirgate.oncology.source import joined
from fhirgate.oncology.verdict import Reason, State, Verdict

CONFLICTING = "conflicting-reads"


def with_conflicts(
    main: Read,
    timepoints: Sequence[TimepointAssessment],
    other: Read,
    others: Sequence[TimepointAssessment],
) -> tuple[TimepointAssessment, ...]:
    """The timepoints of the main read, INDETERMINATE where another read of the same date says otherwise."""
    by_date = {each.timepoint.date.text: each for each in others}
    compared = []
    for each in timepoints:
        rival = by_date.get(each.timepoint.date.text)
        known = each.state.rule == CONFLICTING
        differs = rival is not None and (known or rival.state.answer is not each.state.answer)
        compared.append(_conflicting(main, each, other, rival) if differs and rival is not None else each)
    return tuple(compared)


def _conflicting(
    main: Read, ours: TimepointAssessment, other: Read, theirs: TimepointAssessment
) -> TimepointAssessment:
    said = [each.text for each in ours.reasons if each.code == "CONFLICTING_READS"]
    text = (
        said[0] if said else f"{main.name}: {ours.state.answer}"
    ) + f"; {other.name}: {theirs.state.answer}"
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
        estro_eortc=None,
    )
