"""A judgement as resources to keep: what is said, what is said no longer, and where it comes from.

References among our own resources read `RiskAssessment/<our id>`, without a version, for a copy on a server counts
its versions itself; the Provenance of taking a result back alone names the version it means. The bytes are those
of deterministic composition: the same judgement on the same occasion gives the same ones.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from typing import Any

import msgspec

from fhirgate.exact_json import decode
from fhirgate.mapping.canonical import PROVENANCE_IDENTIFIERS
from fhirgate.mapping.compose.bundle import compose_bundle
from fhirgate.mapping.compose.decision import AMENDED, FINAL, amended, decision_of, says_the_same
from fhirgate.mapping.compose.elements import Json
from fhirgate.mapping.compose.identity import Kind, scan_identity
from fhirgate.mapping.compose.occasion import Occasion
from fhirgate.mapping.compose.provenance import policies
from fhirgate.mapping.compose.retraction import compose_retraction_provenance, retract, revoke
from fhirgate.mapping.compose.risk_assessment import NOT_AVAILABLE
from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.chart import Chart
from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.follow_up import propose
from fhirgate.oncology.policy import Policy
from fhirgate.oncology.source import Source
from fhirgate.services.ports import Composed, Identifier, Message, PatientKey, ResourceName, Stored
from fhirgate.services.succession import PLAN, NewJudgement, Scan, Standing, Succession

WRITE_BACK = "write-back"
"""The kind of message by which a server is told of results."""
IN_LAUNCH = "write-back-in-launch"
"""The same for a server at which we have no credentials of our own: only a launch's token can write there, so no worker
may take these up and fail."""
_LACK = f"{NOT_AVAILABLE}: "
"""How the note of a RiskAssessment begins that names a type of resource which did not come."""
_ENCODER = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One preset's assessment, with what it was made from."""

    assessment: Assessment
    chart: Chart = field(repr=False)
    policy: Policy
    patient: PatientKey
    lacks: frozenset[str] = frozenset()
    """The types of resources that did not come from the server, or not all of them."""


def new_judgement(judgement: Judgement) -> NewJudgement:
    """What succession asks of it."""
    assessment = judgement.assessment
    dates = [(each.timepoint.date, each.timepoint.last_date) for each in assessment.timepoints]
    return NewJudgement(
        scans=(_scan(judgement), *(_scan(judgement, first, last) for first, last in dates)),
        as_of=assessment.as_of,
        proposes=propose(assessment, judgement.policy.state) is not None,
        lacks=judgement.lacks,
        sees_every_scan=assessment.reader is None,
    )


def _scan(judgement: Judgement, first: ClinicalDate | None = None, last: ClinicalDate | None = None) -> Scan:
    day, tenant = str(first or ""), judgement.patient.server
    result = scan_identity(judgement.assessment, Kind.RESULT, day, tenant)
    plan = scan_identity(judgement.assessment, Kind.PLAN, day, tenant)
    return Scan(first=first, last=last, result=result.key, plan=plan.key)


def standing(results: Iterable[Stored], plans: Iterable[Stored]) -> tuple[Standing, ...]:
    """What succession asks of what is in the store, of one patient and preset."""
    read = [(each, decode(each.body)) for each in results]
    lacks = {str(each.name.resource): _lacks(body) for each, body in read}
    found = [_standing(each, _when(body), lacks[str(each.name.resource)]) for each, body in read]
    for each in plans:
        body = decode(each.body)
        of = body["supportingInfo"][0]["reference"]
        found.append(_standing(each, body["period"]["start"], lacks.get(of, frozenset())))
    return tuple(found)


def _standing(stored: Stored, day: str, lacks: frozenset[str]) -> Standing:
    return Standing(
        name=stored.name.resource,
        key=stored.identifier.value,
        day=ClinicalDate.parse(day) if day else None,
        as_of=stored.as_of,
        status=stored.status,
        lacks=lacks,
    )


def _when(result: Json) -> str:
    """The date of the index scan of a RiskAssessment; empty for one that was taken back."""
    return next((each["whenPeriod"]["start"] for each in result.get("prediction", ())), "")


def _lacks(result: Json) -> frozenset[str]:
    texts = (each["text"] for each in result["note"])
    return frozenset(lacking(each.removeprefix(_LACK) for each in texts if each.startswith(_LACK)))


def lacking(texts: Iterable[str]) -> Iterator[str]:
    """The types of resources that findings about what did not come are of: each begins with its type."""
    return (each.partition(":")[0] for each in texts)


def compose_all(
    judgement: Judgement, succession: Succession, stored: Mapping[ResourceName, Stored], recorded: datetime
) -> tuple[Composed, ...]:
    """Everything to be kept: the result, its plan, what it takes back or revokes, and where all that comes from.

    `stored` are the current versions of what stands.
    """
    occasion = Occasion(
        recorded=recorded,
        again=succession.again,
        former_result=_source(succession.former_result),
        former_plan=_source(succession.former_plan),
        tenant=judgement.patient.server,
    )
    return (
        *_as_decided(list(_said(judgement, succession, occasion)), stored),
        *_said_no_longer(judgement, succession, stored, occasion),
    )


def _as_decided(composed: list[Composed], stored: Mapping[ResourceName, Stored]) -> Iterator[Composed]:
    """What a person has decided on stays as it is while the same is concluded; else the result is `amended`.

    Then the proposal is a new draft: the decision was on its earlier version, which is kept.
    """
    result = stored.get(composed[0].name)
    same = result is not None and says_the_same(decode(result.body), decode(composed[0].body))
    for each in composed:
        before = stored.get(each.name)
        if before is None or not (before.status in (FINAL, AMENDED) or decision_of(decode(before.body))):
            yield each
        elif same and says_the_same(decode(before.body), decode(each.body)):
            yield replace(each, body=before.body, state=before.state)
        elif each.name.type == PLAN:
            yield each
        else:
            yield replace(each, body=_ENCODER.encode(amended(decode(each.body), decode(before.body))))


def _source(name: ResourceName | None) -> Source | None:
    return None if name is None else Source(name.type, name.id)


def _said(judgement: Judgement, succession: Succession, occasion: Occasion) -> Iterator[Composed]:
    bundle = compose_bundle(judgement.assessment, judgement.chart, judgement.policy, occasion=occasion)
    entries = bundle["entry"]
    if not succession.with_plan:
        entries = [each for each in entries if each["resource"]["resourceType"] != PLAN]
    names = {
        each["fullUrl"]: f"{each['resource']['resourceType']}/{each['resource']['id']}" for each in entries
    }
    *results, provenance = (each["resource"] for each in entries)
    provenance["target"] = [each for each in provenance["target"] if each["reference"] in names]
    composed = [
        composed_as(judgement, _with_our_names(each, names), each["identifier"][0]) for each in results
    ]
    yield from composed
    yield provenance_as(judgement, _with_our_names(provenance, names), [each.name for each in composed])


def _with_our_names(element: Any, names: Mapping[str, str]) -> Any:
    """The same element; references within the Bundle become references by type and id."""
    if isinstance(element, dict):
        return {
            name: names.get(each, each) if name == "reference" else _with_our_names(each, names)
            for name, each in element.items()
        }
    return [_with_our_names(each, names) for each in element] if isinstance(element, list) else element


def _said_no_longer(
    judgement: Judgement, succession: Succession, stored: Mapping[ResourceName, Stored], occasion: Occasion
) -> Iterator[Composed]:
    changes = [(each, revoke) for each in succession.revoked] + [
        (each, retract) for each in succession.retracted
    ]
    for why, alike in groupby(changes, key=lambda change: change[0].why):
        changed = []
        for change, put in alike:
            before = stored[change.what.name]
            changed.append(before)
            state = before.state if put is revoke else ""
            body = put(decode(before.body), why)
            yield composed_as(judgement, body, body["identifier"][0], state)
        yield _taking_back(judgement, changed, why, occasion)


def _taking_back(judgement: Judgement, changed: Sequence[Stored], why: str, occasion: Occasion) -> Composed:
    former = [
        Source(each.name.resource.type, each.name.resource.id, str(each.name.version)) for each in changed
    ]
    made_under = policies(judgement.assessment, judgement.policy)
    body = compose_retraction_provenance(former, made_under, why, occasion)
    return provenance_as(judgement, body, [each.name.resource for each in changed])


def provenance_as(judgement: Judgement, body: Json, of: Iterable[ResourceName]) -> Composed:
    """A Provenance has no identifier in FHIR R4; ours stands among its tags."""
    tag = next(each for each in body["meta"]["tag"] if each["system"] == PROVENANCE_IDENTIFIERS)
    identifier = {"system": tag["system"], "value": tag["code"]}
    return replace(composed_as(judgement, body, identifier), because_of=tuple(of))


def composed_as(
    judgement: Judgement, body: Json, identifier: Mapping[str, str], state: str | None = None
) -> Composed:
    """A resource as it is kept, under this identifier; `state` empty for one that no longer says any."""
    assessment = judgement.assessment
    return Composed(
        name=ResourceName(body["resourceType"], body["id"]),
        identifier=Identifier(system=identifier["system"], value=identifier["value"]),
        patient=judgement.patient,
        state=assessment.current.state.value if state is None else state,
        preset=assessment.preset,
        as_of=assessment.as_of,
        body=_ENCODER.encode(body),
    )


def write_back_channel(patient: PatientKey, kind: str = WRITE_BACK) -> str:
    """The line by which a patient's results go to the server of its record, in order.

    Names of channels are shown to operators: the patient's id is hashed in it.
    """
    digest = sha256(f"{patient.server}/{patient.id}".encode()).hexdigest()
    return f"{kind}:{patient.server}/{digest[:32]}"


def to_write_back(composed: Iterable[Composed], kind: str = WRITE_BACK) -> tuple[Message, ...]:
    """A message for each resource: so each version is sent once, whatever else was kept with it."""
    return tuple(
        Message(
            channel=write_back_channel(each.patient, kind),
            kind=kind,
            target=each.patient.server,
            about=(each.name,),
            revives=True,
        )
        for each in composed
    )
