"""A person's decision on a drawn page, taken: checked against what they saw, composed, kept, and sent on its way.

Two transactions: the machine's result and proposal as a job would keep them, then the person's resources on top. When
we are cut off between them the proposal stands undecided, and deciding again begins where it was. `seen` of the second
is read before the proposal is, so of two who decide at once one is told.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from fhirgate.exact_json import decode
from fhirgate.mapping.canonical import PLAN_IDENTIFIERS
from fhirgate.mapping.compose import codes
from fhirgate.mapping.compose.activities import LOCAL_THERAPY, activities
from fhirgate.mapping.compose.decision import (
    Said,
    Signature,
    closed,
    confirmed,
    decision_of,
    decision_provenance,
    persons_plan,
    plan_identity,
)
from fhirgate.mapping.compose.elements import Json, concept, plain
from fhirgate.mapping.compose.identity import Kind, identity
from fhirgate.mapping.compose.provenance import policies
from fhirgate.mapping.parse.person import display_name
from fhirgate.oncology.proposals import Proposal, ProposalKind, board, described
from fhirgate.oncology.wording import count, listed
from fhirgate.services.assess_patient import Made, PatientRequest, judgement_of, keep
from fhirgate.services.assess_record import Choices
from fhirgate.services.decisions import (
    LONGEST_COMMENT,
    Act,
    Decided,
    DecidedAlready,
    Decider,
    Decision,
    DecisionRefused,
    LocalTherapy,
    Reason,
    RecordChanged,
)
from fhirgate.services.drawings import Drawn
from fhirgate.services.ports import (
    Clock,
    Composed,
    Identifier,
    PatientKey,
    ResourceName,
    ResultStore,
    Stored,
    VersionName,
)
from fhirgate.services.publication import Judgement, composed_as, provenance_as, to_write_back
from fhirgate.services.succession import PLAN, RESULT

THERAPIES = {
    LocalTherapy.STEREOTACTIC: ("stereotactic radiotherapy", codes.STEREOTACTIC_RADIOTHERAPY),
    LocalTherapy.RADIOTHERAPY: ("other radiotherapy", codes.RADIOTHERAPY),
    # No code was found that stands for every way of ablation.
    LocalTherapy.ABLATION: ("ablation", None),
    LocalTherapy.SURGERY: ("surgery", codes.EXCISION),
}
_DECIDES = ("Practitioner", "PractitionerRole", "Person")
ALREADY = (
    "somebody has decided on this proposal meanwhile; what was decided stands below, and nothing was changed"
)
CHANGED = (
    "the record, or what is concluded from it, has changed since this page was drawn; nothing was decided."
    " Look at it again as it stands now"
)


def why_not(drawn: Drawn) -> str:
    """Why this person cannot decide, in words; empty when they can."""
    user = drawn.launch.user
    if drawn.follow_up is None:
        return ""
    if user is None or not user.reference:
        return "A decision needs a name, and the EHR does not say who you are. It can be looked at."
    if user.type not in _DECIDES:
        return "Decisions are for clinicians; the EHR says that you are signed in otherwise."
    return ""


def check(drawn: Drawn, decision: Decision) -> None:
    """Raises RecordChanged, DecidedAlready, DecisionRefused."""
    if drawn.digest != decision.shown:
        raise RecordChanged(CHANGED)
    if drawn.decided is not None:
        raise DecidedAlready(ALREADY)
    if drawn.follow_up is None or drawn.why_no_decision:
        raise DecisionRefused(drawn.why_no_decision or "nothing is proposed, so there is nothing to decide")
    for problem in _problems(decision, _lesions(drawn)):
        raise DecisionRefused(problem)


def _problems(decision: Decision, proposed: frozenset[str]) -> Iterator[str]:
    if len(decision.comment) > LONGEST_COMMENT:
        yield f"the comment is longer than {LONGEST_COMMENT} characters; shorten it"
    if decision.act is Act.AMEND and not decision.lesions:
        yield "choose at least one lesion to take to the board, or dismiss the proposal"
    if decision.act is Act.AMEND and not set(decision.lesions) <= proposed:
        yield "a lesion was chosen that the proposal is not about; choose among those it lists"
    if decision.act is Act.DISMISS and decision.reason is None:
        yield "choose a reason for dismissing the proposal"
    if decision.act is Act.DISMISS and decision.reason is Reason.OTHER and not decision.comment.strip():
        yield "say the other reason in the comment"


def _lesions(drawn: Drawn) -> frozenset[str]:
    proposals = drawn.follow_up.proposals if drawn.follow_up is not None else ()
    return frozenset(lesion.lesion.id for each in proposals for lesion in each.lesions)


def decider_of(drawn: Drawn) -> Decider:
    """The person of the launch. Call it only when `why_not` is empty."""
    user = drawn.launch.user
    if user is None:
        raise ValueError("nobody is known to decide")
    # R4 takes no Person for an author: who vouches for them stands instead.
    reference = "" if user.type == "Person" else user.reference
    name = display_name(drawn.person, drawn.as_of) if drawn.person is not None else ""
    return Decider(reference=reference, identifier=(user.issuer, user.subject), name=name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """One decision on its way into the store."""

    store: ResultStore
    clock: Clock
    choices: Choices
    drawn: Drawn
    decision: Decision
    channel: str
    """The kind of message by which it goes back to the EHR; empty when it does not."""
    seen: int
    """The last of the patient's results before the record was fetched."""
    patient: PatientKey = field(repr=False)

    def take(self) -> None:
        """Keep it.

        Raises Overtaken when others kept something meanwhile; DecisionRefused, DecidedAlready, StoreError.
        """
        made = Made(self.seen, self.drawn.fetched, self._result())
        request = PatientRequest(
            patient=self.patient,
            as_of=self.drawn.as_of,
            choices=self.choices,
            write=bool(self.channel),
            **({"channel": self.channel} if self.channel else {}),
        )
        outcome = keep(request, self.store, self.clock, made)
        if outcome.not_kept:
            raise DecisionRefused(
                f"the result cannot be kept, and so nothing was decided: {outcome.not_kept[0].why}"
            )
        seen = self.store.last_of(self.patient)
        result, proposal = self._current(Kind.RESULT, RESULT), self._current(Kind.PLAN, PLAN)
        if result is None or proposal is None or proposal.status != "draft":
            raise DecidedAlready(ALREADY)
        composed = self._composed(judgement_of(request, made, self.drawn.assessment), result, proposal)
        messages = to_write_back(composed, self.channel) if self.channel else ()
        self.store.keep(composed, messages, seen)

    def _result(self) -> Any:
        return replace(self.drawn.result, assessments=(self.drawn.assessment,))

    def _current(self, kind: Kind, type_: str) -> Stored | None:
        return self.store.read(
            ResourceName(type_, identity(self.drawn.assessment, kind, self.patient.server).id)
        )

    def _composed(self, judgement: Judgement, result: Stored, proposal: Stored) -> tuple[Composed, ...]:
        decider = decider_of(self.drawn)
        by = Signature(
            at=self.clock(), reference=decider.reference, identifier=decider.identifier, name=decider.name
        )
        said = said_of(self.drawn, self.decision)
        body = decode(proposal.body)
        bodies = [closed(body, said, by)]
        if self.decision.act is not Act.DISMISS:
            this = plan_identity(proposal.identifier.value, proposal.name.version)
            bodies = [confirmed(decode(result.body), said), *bodies]
            bodies.append(persons_plan(body, this, self._options(body), said, by))
        kept = [composed_as(judgement, each, each["identifier"][0]) for each in bodies]
        made_under = policies(judgement.assessment, judgement.policy)
        targets = [(each.name.type, each.name.id) for each in kept]
        provenance = decision_provenance(targets, str(proposal.name), made_under, said, by)
        return (*kept, provenance_as(judgement, provenance, [each.name for each in kept]))

    def _options(self, proposal: Json) -> list[Json]:
        if self.decision.act is Act.ACCEPT or self.drawn.follow_up is None:
            options: list[Json] = proposal["activity"]
            return options
        chosen = frozenset(self.decision.lesions)
        found = (amended(each, chosen) for each in self.drawn.follow_up.proposals)
        return [
            _with_therapies(option, self.decision.therapies)
            for option in activities(self.drawn.assessment, (each for each in found if each is not None))
        ]


def amended(proposal: Proposal, chosen: frozenset[str]) -> Proposal | None:
    """A proposal about the chosen lesions only; None when it was about others alone."""
    lesions = tuple(each for each in proposal.lesions if each.lesion.id in chosen)
    about_lesions = proposal.kind in (ProposalKind.LOCAL_THERAPY, ProposalKind.BIOPSY, ProposalKind.REIMAGE)
    if about_lesions and proposal.lesions and not lesions:
        return None
    # Its words name the lesions.
    return board(lesions) if proposal.kind is ProposalKind.BOARD else replace(proposal, lesions=lesions)


def _with_therapies(option: Json, therapies: tuple[LocalTherapy, ...]) -> Json:
    """Local therapy of a lesion, with what is to be discussed for it."""
    detail = option["detail"]
    if detail["code"]["text"] != LOCAL_THERAPY or not therapies:
        return option
    found = [coding for each in therapies if (coding := THERAPIES[each][1]) is not None]
    words = f"{detail['description']} To be discussed: {listed(THERAPIES[each][0] for each in therapies)}."
    return {"detail": {**detail, "code": concept(*found, text=LOCAL_THERAPY), "description": plain(words)}}


def said_of(drawn: Drawn, decision: Decision) -> Said:
    """A decision in words that stand in resources."""
    if decision.act is Act.DISMISS and decision.reason is not None:
        why = codes.RESULT_TERMS[f"dismissed-{decision.reason}"].definition
        sentence = f"Proposal dismissed. {why}"
    elif decision.act is Act.AMEND:
        all_of_them = {
            each.lesion.id: each
            for proposal in (drawn.follow_up.proposals if drawn.follow_up else ())
            for each in proposal.lesions
        }
        chosen = [described(each) for id_, each in all_of_them.items() if id_ in decision.lesions]
        what = f": {listed(THERAPIES[each][0] for each in decision.therapies)}" if decision.therapies else ""
        sentence = (
            f"Proposal accepted with changes. For {listed(chosen)}, {len(chosen)} of"
            f" {count(len(all_of_them), 'lesion')}, local therapy is to be discussed{what}."
        )
    else:
        sentence = "Proposal accepted as it stands."
    reason = decision.reason.value if decision.reason is not None and decision.act is Act.DISMISS else ""
    return Said(act=decision.act.value, sentence=sentence, reason=reason, comment=decision.comment)


def decided_on(store: ResultStore, proposal: Stored) -> Decided | None:
    """What a person decided on this version of a proposal; None when nobody has."""
    found = decision_of(decode(proposal.body))
    if found is None:
        return None
    this = plan_identity(proposal.identifier.value, proposal.name.version - 1)
    plan = store.find(PLAN, Identifier(system=PLAN_IDENTIFIERS, value=this.key))
    return Decided(
        act=Act(found.act),
        at=found.at,
        by=found.by,
        reason=Reason(found.reason) if found.reason else None,
        comment=found.comment,
        lesions=tuple(_local(decode(plan.body))) if plan is not None and found.act == Act.AMEND else (),
        proposal=proposal.name,
        plan=plan.name if plan is not None else None,
    )


def _local(plan: Json) -> Iterator[str]:
    for each in plan["activity"]:
        if each["detail"]["code"]["text"] == LOCAL_THERAPY:
            yield each["detail"]["description"]


def versions_of(
    result: Stored | None, proposal: Stored | None, decided: Decided | None
) -> tuple[VersionName, ...]:
    """What of a scan goes to the EHR, in the versions that stand."""
    plan = decided.plan if decided is not None else None
    return tuple(
        each
        for each in (result and result.name, proposal and proposal.name, plan)
        if isinstance(each, VersionName)
    )
