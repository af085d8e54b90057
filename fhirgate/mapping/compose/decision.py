"""What a person decided about a proposal, as R4 resources: the closed proposal, the person's own plan, its Provenance.

A proposal is never edited into a plan: the level of authority is its intent (https://hl7.org/fhir/R4/careplan.html).
Accepting makes a new CarePlan by the person, `basedOn` the proposal, which is `completed`; the result becomes `final`.
Dismissing makes the proposal `revoked`. What the machine said stays in all of them. What was decided stands in codes
among the tags of the closed proposal, and in words in its last notes.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from fhirgate.mapping.canonical import BASE, PROVENANCE_IDENTIFIERS, RESULTS
from fhirgate.mapping.compose import codes
from fhirgate.mapping.compose.elements import (
    DEVICE,
    OBSERVATION_VALUE,
    Json,
    coding,
    concept,
    device,
    notes,
    plain,
    words_of,
)
from fhirgate.mapping.compose.identity import Identity, Kind
from fhirgate.mapping.compose.xhtml import element, narrative, sentences
from fhirgate.mapping.content import said as content_of

CLINICIAN_ASSERTED = coding(OBSERVATION_VALUE, "CLINAST", "clinician asserted")
AUTHOR = coding(codes.PARTICIPANT_TYPE, "author", "Author")
VERIFIER = coding(codes.PARTICIPANT_TYPE, "verifier", "Verifier")
FINAL, AMENDED = "final", "amended"
COMPLETED, REVOKED = "completed", "revoked"
DECIDED = {"accept": "proposal-accepted", "amend": "proposal-amended", "dismiss": "proposal-dismissed"}
"""The code of each act."""
_ACTS = {code: act for act, code in DECIDED.items()}
_BECAUSE = "dismissed-"
_STATUSES = {"RiskAssessment": (FINAL, AMENDED), "CarePlan": (COMPLETED, REVOKED)}
"""That a decision gives to a result and to a proposal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who decided, and when."""

    at: datetime
    reference: str = field(default="", repr=False)
    identifier: tuple[str, str] = field(default=("", ""), repr=False)
    name: str = field(default="", repr=False)

    @property
    def instant(self) -> str:
        """As FHIR writes it."""
        return self.at.isoformat(timespec="milliseconds")

    @property
    def who(self) -> Json:
        """A Reference to the person: by resource where there is one, else by who vouches for them."""
        system, value = self.identifier
        where: Json = (
            {"reference": self.reference}
            if self.reference
            else {"type": "Practitioner", "identifier": {"system": system, "value": value}}
        )
        return where | ({"display": plain(self.name)} if self.name else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A decision in codes and words."""

    act: str
    """`accept`, `amend` or `dismiss`."""
    sentence: str
    """What was decided, in words."""
    reason: str = ""
    """The code of why it was dismissed."""
    comment: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDecision:
    """A decision as a closed proposal tells it."""

    act: str
    at: datetime
    by: str = field(repr=False)
    reason: str = ""
    comment: str = field(default="", repr=False)


def closed(proposal: Json, said: Said, by: Signature) -> Json:
    """The proposal after the decision: everything it proposed, and what became of it."""
    marks = [codes.result(DECIDED[said.act])] + (
        [codes.result(_BECAUSE + said.reason)] if said.reason else []
    )
    meta = proposal["meta"]
    told = {
        "meta": {**meta, "tag": [*meta["tag"], *marks]},
        "text": narrative(element("p", element("b", said.sentence)), *_comment(said)),
        "status": REVOKED if said.act == "dismiss" else COMPLETED,
        "note": [*proposal["note"], *_signed(said, by)],
    }
    return proposal | told


def confirmed(result: Json, said: Said) -> Json:
    """The result that a person has accepted a proposal on; its mark tells it from one made final elsewhere."""
    marks = [each for each in result["meta"]["tag"] if not _is_act(each)]
    meta = {**result["meta"], "tag": [*marks, codes.result(DECIDED[said.act])]}
    return result | {"meta": meta, "status": FINAL}


def amended(result: Json, before: Json) -> Json:
    """A result that says something else than the one a person has accepted a proposal on."""
    marks = [each for each in before["meta"]["tag"] if _is_act(each)]
    meta = {**result["meta"], "tag": [*result["meta"]["tag"], *marks]}
    return result | {"meta": meta, "status": AMENDED}


def is_our_decision(copy: Mapping[str, Any]) -> bool:
    """Whether a server's copy has its status from a decision taken through us."""
    meta = copy.get("meta")
    tags = meta.get("tag") if isinstance(meta, Mapping) else None
    marked = isinstance(tags, list) and any(isinstance(each, Mapping) and _is_act(each) for each in tags)
    return marked and copy.get("status") in _STATUSES.get(str(copy.get("resourceType")), ())


def _is_act(tag: Mapping[str, Any]) -> bool:
    return tag.get("system") == RESULTS and tag.get("code") in _ACTS


def decision_of(proposal: Mapping[str, Any]) -> ReadDecision | None:
    """What a person decided on this version of a proposal; None when nobody has."""
    marks = [each["code"] for each in proposal["meta"]["tag"] if each.get("system") == RESULTS]
    act = next((_ACTS[each] for each in marks if each in _ACTS), None)
    signed = [each for each in proposal["note"] if _is_signed(each)]
    if act is None or not signed or proposal["status"] not in (COMPLETED, REVOKED):
        return None
    who = signed[0].get("authorReference", {})
    return ReadDecision(
        act=act,
        at=datetime.fromisoformat(signed[0]["time"]),
        by=signed[0].get("authorString") or who.get("display") or who["reference"],
        reason=next((each.removeprefix(_BECAUSE) for each in marks if each.startswith(_BECAUSE)), ""),
        comment="\n".join(map(words_of, signed[1:])),
    )


def is_decided(resource: Mapping[str, Any]) -> bool:
    """Whether it is a proposal that a person has decided on."""
    return resource["resourceType"] == "CarePlan" and decision_of(resource) is not None


def is_persons(plan: Mapping[str, Any]) -> bool:
    """Whether it is a plan of a person's own."""
    return plan.get("intent") == "plan"


def plan_identity(proposal_key: str, version: int) -> Identity:
    """Who the person's plan on one version of a proposal is."""
    return Identity(kind=Kind.PLAN, key=sha256(f"accepted/{proposal_key}/{version}".encode()).hexdigest())


def persons_plan(proposal: Json, this: Identity, options: list[Json], said: Said, by: Signature) -> Json:
    """The plan of the person who accepted a proposal, with these activities; none of it is ordered by us."""
    subject, period = proposal["subject"], proposal["period"]
    title = plain(f"Plan by the treating team: {proposal['title'].partition(': ')[2]}")
    return {
        "resourceType": "CarePlan",
        "id": this.id,
        "meta": _persons_meta(
            *(each for each in proposal["meta"]["tag"] if each["system"] != codes.PROPOSAL["system"])
        ),
        "text": narrative(
            element("p", element("b", title)),
            element("p", said.sentence),
            *_comment(said),
            sentences(each["detail"]["description"] for each in options),
        ),
        "identifier": [this.identifier],
        "basedOn": [{"reference": f"CarePlan/{proposal['id']}"}],
        "status": "active",
        "intent": "plan",
        "category": [concept(codes.ASSESS_PLAN), concept(codes.ACCEPTED)],
        "title": title,
        "description": said.sentence,
        "subject": subject,
        "period": period,
        "created": by.instant,
        "author": by.who,
        **({"addresses": proposal["addresses"]} if "addresses" in proposal else {}),
        "supportingInfo": proposal["supportingInfo"],
        "activity": options,
        "note": list(_signed(said, by)),
    }


def decision_provenance(
    targets: Iterable[tuple[str, str]], proposal: str, policies: Iterable[str], said: Said, by: Signature
) -> Json:
    """Who decided: the person as author of the decision and verifier of what the software said.

    `targets` are types and ids of what was made or changed, `proposal` the reference to the version decided on.
    """
    names = [f"{kind}/{id_}" for kind, id_ in targets]
    key = sha256("/".join(["decision", proposal, by.instant, *names]).encode()).hexdigest()
    this = Identity(kind=Kind.PROVENANCE, key=key)
    agents = [
        {"type": concept(AUTHOR), "who": by.who},
        *([{"type": concept(VERIFIER), "who": by.who}] if said.act != "dismiss" else []),
        {"type": concept(codes.ASSEMBLER), "who": {"reference": DEVICE}},
    ]
    return {
        "resourceType": "Provenance",
        "id": this.id,
        "meta": _persons_meta(codes.FHIRGATE, coding(PROVENANCE_IDENTIFIERS, key)),
        "text": narrative(element("p", said.sentence)),
        "contained": [device()],
        "target": [{"reference": each} for each in names],
        "occurredDateTime": by.instant,
        "recorded": by.instant,
        "policy": list(policies),
        "reason": [concept(codes.TREATMENT)],
        "activity": concept(codes.UPDATE),
        "agent": agents,
        "entity": [{"role": "source", "what": {"reference": proposal}}],
    }


def _persons_meta(*tags: Json) -> Json:
    return {"source": BASE, "security": [dict(CLINICIAN_ASSERTED)], "tag": [dict(each) for each in tags]}


def _signed(said: Said, by: Signature) -> Iterator[Json]:
    # R4's Annotation may name a Practitioner, and no PractitionerRole or Person.
    author: Json = (
        {"authorReference": by.who}
        if "Practitioner/" in by.reference
        else {"authorString": plain(by.name or by.reference or by.identifier[1])}
    )
    for note in notes(filter(None, (said.sentence, said.comment))):
        yield {**author, "time": by.instant, **note}


def _is_signed(note: Mapping[str, Any]) -> bool:
    """Whether it is a person's: the machine's own notes have no author."""
    return "authorReference" in note or "authorString" in note


def _comment(said: Said) -> Iterator[Any]:
    if said.comment:
        yield element("p", said.comment)


_OF_THE_MOMENT = frozenset({"contained", "status", "replaces", "supportingInfo"})


def says_the_same(before: Json, now: Json) -> bool:
    """Whether two versions of a result or a proposal conclude the same, whoever has decided on one of them.

    What stood before either is left out: looking back at an earlier scan must not reopen a decision.
    """
    return _concluded(before) == _concluded(now)


def _concluded(resource: Json) -> Json:
    kept = {name: each for name, each in content_of(resource).items() if name not in _OF_THE_MOMENT}
    kept["note"] = [each for each in kept.get("note", ()) if not _is_signed(each)]
    kept["basis"] = [
        each
        for each in kept.get("basis", ())
        if not str(each.get("reference", "")).startswith("RiskAssessment/")
    ]
    return kept
