"""What can be decided here, what has been decided, and how far that has come on its way to the EHR."""

from datetime import UTC, datetime

from fhirgate.oncology.follow_up import FollowUp
from fhirgate.oncology.proposals import described
from fhirgate.oncology.wording import count
from fhirgate.report.columns import plain
from fhirgate.report.review.parts import Choice, DecisionForm, DecisionPart, DecisionTaken
from fhirgate.services.assessment_jobs import WriteBack, WriteState
from fhirgate.services.decisions import LONGEST_COMMENT, Act, Decided, LocalTherapy, Reason
from fhirgate.services.drawings import Drawn
from fhirgate.services.result_writer import Written

ACTS = {
    Act.ACCEPT: "Accepted as it stands",
    Act.AMEND: "Accepted with changes",
    Act.DISMISS: "Dismissed",
}
THERAPIES = {
    LocalTherapy.STEREOTACTIC: "Stereotactic radiotherapy",
    LocalTherapy.RADIOTHERAPY: "Other radiotherapy",
    LocalTherapy.ABLATION: "Ablation",
    LocalTherapy.SURGERY: "Surgery",
}
REASONS = {
    Reason.STATE: "I judge the state otherwise",
    Reason.DATA: "What it rests on is wrong or not complete",
    Reason.NOT_SUITABLE: "Local therapy does not suit this patient",
    Reason.WISH: "The patient does not wish it",
    Reason.DONE: "Decided or treated already",
    Reason.OTHER: "Another reason, as the comment says",
}
NOTHING_TO_DECIDE = "Nothing is proposed in this state, so there is nothing to accept or dismiss."
_WRITTEN = {
    WriteState.NOT_ASKED: "",
    WriteState.NOTHING: "",
    WriteState.WAITING: "Waiting to be written to the EHR",
    WriteState.DONE: "Written to the EHR",
    WriteState.GIVEN_UP: "Could not be written to the EHR",
}


def decision_part(drawn: Drawn, signs_as: str) -> DecisionPart:
    """The form, or the decision that stands, or why there is nothing to decide; `signs_as` is who would decide."""
    taken, why_not, form = None, "", None
    if drawn.decided is not None:
        taken = _taken(drawn.decided)
    elif drawn.why_no_decision or drawn.follow_up is None:
        why_not = plain(drawn.why_no_decision) or NOTHING_TO_DECIDE
    else:
        form = _form(drawn, drawn.follow_up, signs_as)
    return DecisionPart(
        form=form,
        taken=taken,
        why_not=why_not,
        before=_taken(drawn.decided_before) if drawn.decided_before else None,
        written=_written(drawn.written),
        copies=tuple(map(_copy, drawn.written.written)),
    )


def _form(drawn: Drawn, follow_up: FollowUp, signs_as: str) -> DecisionForm:
    lesions = {lesion.lesion.id: lesion for each in follow_up.proposals for lesion in each.lesions}
    return DecisionForm(
        shown=drawn.digest,
        preset=drawn.preset,
        lesions=tuple(Choice(value=id, label=plain(described(each))) for id, each in lesions.items()),
        therapies=tuple(Choice(value=each.value, label=label) for each, label in THERAPIES.items()),
        reasons=tuple(Choice(value=each.value, label=label) for each, label in REASONS.items()),
        longest_comment=LONGEST_COMMENT,
        signs_as=signs_as,
    )


def _taken(decided: Decided) -> DecisionTaken:
    return DecisionTaken(
        what=ACTS[decided.act],
        by=plain(decided.by),
        at=minute(decided.at),
        reason=REASONS[decided.reason] if decided.reason else "",
        comment=plain(decided.comment),
        lesions=tuple(map(plain, decided.lesions)),
    )


def minute(at: datetime) -> str:
    """An instant to the minute, with its zone said."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _written(written: WriteBack) -> str:
    told = _WRITTEN[written.state]
    if not told:
        return plain(written.why)
    if written.state is WriteState.DONE:
        return f"{told}."
    tried = f" after {count(written.attempts, 'attempt')}" if written.attempts else ""
    return f"{told}{tried}{f': {plain(written.why)}' if written.why else ''}."


def _copy(written: Written) -> str:
    where = f" as {plain(written.reference)}" if written.reference else ""
    why = f" ({plain(written.why)})" if written.why else ""
    return f"{written.name.type}: {written.fate.value}{where}{why}"
