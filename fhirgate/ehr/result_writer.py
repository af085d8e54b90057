"""Results written to a FHIR server: one current copy of each, in an order that misleads nobody.

Decisions
- No transaction, though servers list it. Some run one as a batch and still answer 200 (Medplum's own code does unless
  a switch is on), and then a proposal stands beside a result it does not follow from, until somebody tries again. No
  statement tells which servers do. The order below needs nobody's word: wherever it is cut off, what stands on the
  server may lack something, and says nothing wrong. It costs twelve calls where a transaction would take seven, when
  a result and its plan have changed, and six for five when they are new.
- The order: what is taken back or put aside first, plans before the results they rest on; before a result changes, the
  plan that stands beside it is put aside; then results, states of timepoints, plans; Provenance last, for it
  names the versions that the others got.
- A plan is not written beside a result that a person has acted on: it would follow from another one.
- Ids are the server's choice: some refuse ours.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from fhirgate.ehr.capability import Capability
from fhirgate.ehr.references import references
from fhirgate.ehr.rest import FhirServer, Visit
from fhirgate.ehr.write_copies import Copy
from fhirgate.ehr.write_plan import PROVENANCE, WritePlan, write_plan
from fhirgate.ehr.write_references import (
    Place,
    is_our_id,
    local_name,
    placed,
    uuid_identifier,
    with_uuid,
)
from fhirgate.ehr.write_settling import WITHDRAWN, Settled, Settling
from fhirgate.ehr.write_shelf import Shelf, Sought
from fhirgate.errors import EhrUnavailable, InvalidRequest
from fhirgate.exact_json import decode
from fhirgate.mapping.compose.decision import is_decided, is_persons
from fhirgate.mapping.compose.elements import Json
from fhirgate.services.ports import ResourceName, Stored
from fhirgate.services.result_writer import Fate, Written

BEING_REPLACED = "the result it rests on is being replaced"
_RESULT_LEFT = "the RiskAssessment it follows from was left as a person made it"
_NOTHING_TO_TELL_OF = "none of the results it tells of was written"
_WITHDRAWING = ("CarePlan", "Observation", "RiskAssessment")
_WRITING = ("RiskAssessment", "Observation", "CarePlan")
_PRESENT = frozenset({Fate.CREATED, Fate.UPDATED, Fate.UNCHANGED})


@dataclass(frozen=True, slots=True)
class ServerResults:
    """A server that results are written to (`services.result_writer.ResultWriter`)."""

    server: FhirServer
    seconds: float | None = None
    """For all of one `write` [s]; as long as reading a patient's record may take when None."""

    def write(self, results: Sequence[Stored]) -> tuple[Written, ...]:
        """Make the server hold these versions, one current copy of each, and read them back.

        Raises EhrError when it cannot be told that all of them are there, and InvalidRequest for results about a
        patient of another server.
        """
        name = self.server.entry.name
        if any(each.patient.server != name for each in results):
            raise InvalidRequest(f"results about a patient of another server are not written to {name!r}")
        if not results:
            return ()
        visit = self.server.visit(self.seconds, fresh=True)
        capability = self.server.capability(visit)
        if capability.assumed:
            # A page of a proxy can say so for an hour; "not taken" would be the last word.
            raise EhrUnavailable(
                f"{capability.why_assumed}; without its statement it cannot be told whether it takes results",
                reached=True,
            )
        writing = Writing(
            visit=visit,
            capability=capability,
            results={each.name.resource: each for each in results},
        )
        writing.write()
        return tuple(writing.written(each.name.resource) for each in results)


@dataclass(slots=True, kw_only=True)
class Writing:
    """Results on their way to one server."""

    visit: Visit
    capability: Capability
    results: Mapping[ResourceName, Stored]
    settled: dict[ResourceName, Settled] = field(default_factory=dict)
    _seen: dict[ResourceName, Copy | None] = field(default_factory=dict)
    """The server's copies of results that are referred to and not written yet, or not now."""
    _ready: dict[ResourceName, Settling | WritePlan] = field(default_factory=dict)

    def write(self) -> None:
        """All of them, in the order that misleads nobody."""
        for name in self._of(_WITHDRAWING, withdrawn=True):
            self._settle(name)
        for name in self._of(_WRITING, withdrawn=False):
            if name.type == "RiskAssessment":
                self._put_aside_plans_of(name)
            if name.type == "CarePlan" and self._result_left(name):
                self.settled[name] = Settled(fate=Fate.LEFT, why=_RESULT_LEFT)
            else:
                self._settle(name)
        self._check_what_others_refer_to()
        for name in self.results:
            if name not in self.settled:
                self._settle_provenance(name) if name.type == PROVENANCE else self._settle(name)

    def written(self, name: ResourceName) -> Written:
        """What became of one."""
        settled = self.settled[name]
        reference = settled.copy.versioned if settled.copy is not None else ""
        return Written(name=name, fate=settled.fate, reference=reference, why=settled.why)

    def _of(self, kinds: Iterable[str], *, withdrawn: bool) -> Iterator[ResourceName]:
        for kind in kinds:
            for name, stored in self.results.items():
                if name.type == kind and _is_withdrawn(stored) is withdrawn:
                    yield name

    def _settle(self, name: ResourceName) -> None:
        settling = self._ready[name] = self._ready.get(name) or self._settling(name)
        if isinstance(settling, WritePlan):
            self.settled[name] = Settled(fate=Fate.NOT_TAKEN, why=settling.why)
        else:
            self.settled[name] = settling.settle()

    def _settling(self, name: ResourceName) -> Settling | WritePlan:
        """A result ready to be written, or the plan that says why it is not."""
        plan = write_plan(self.capability, name.type)
        if not plan.taken:
            return plan
        stored = self.results[name]
        return Settling(
            shelf=Shelf(visit=self.visit, plan=plan),
            sought=Sought.by(plan.key, name.type, stored.identifier),
            ours=placed(with_uuid(_body(stored), name.id), self._place),
        )

    def _place(self, name: ResourceName) -> Place | None:
        """Where a result of ours stands by now, be it among these or of an earlier occasion."""
        known = next((each for each in self.results if each.id == name.id), None)
        if known in self.settled:
            settled = self.settled[known]
            return Place(name=known, copy=settled.copy, before=settled.before)
        if known is None and not is_our_id(name.id):
            return None
        name = known or name
        if name not in self._seen:
            self._seen[name] = self._find(name)
        return Place(name=name, copy=self._seen[name])

    def _find(self, name: ResourceName) -> Copy | None:
        plan = write_plan(self.capability, name.type)
        if not plan.taken or name.type == PROVENANCE:
            return None
        stored = self.results.get(name)
        identifier = stored.identifier if stored is not None else uuid_identifier(name.id)
        found = Shelf(visit=self.visit, plan=plan).find(Sought.by(plan.key, name.type, identifier))
        return min(found, key=lambda each: (each.is_withdrawn, len(each.id), each.id), default=None)

    def _put_aside_plans_of(self, result: ResourceName) -> None:
        """Before a result changes: the plans that stand beside it follow from what it said until now."""
        plans = [
            each
            for each in self._of(("CarePlan",), withdrawn=False)
            if self._rests_on(each, result) and not is_persons(_body(self.results[each]))
        ]
        if not plans:
            return
        settling = self._ready[result] = self._settling(result)
        standing = settling.standing() if isinstance(settling, Settling) else None
        if standing is None:
            return
        self._seen[result] = standing
        for each in plans:
            plan = self._settling(each)
            if isinstance(plan, Settling):
                plan.put_aside(BEING_REPLACED)

    def _rests_on(self, plan: ResourceName, result: ResourceName) -> bool:
        names = (local_name(each)[0] for each in references(_body(self.results[plan])))
        return any(each is not None and each.id == result.id for each in names)

    def _result_left(self, plan: ResourceName) -> bool:
        return any(
            settled.fate is Fate.LEFT and name.type == "RiskAssessment" and self._rests_on(plan, name)
            for name, settled in self.settled.items()
        )

    def _check_what_others_refer_to(self) -> None:
        """Another writer may have added the same results at the same time, and kept its own copies of them."""
        for name, settled in self.settled.items():
            settling = self._ready.get(name)
            if settled.fate is Fate.CREATED and settled.copy and isinstance(settling, Settling):
                settling.check_still_there(settled.copy)

    def _settle_provenance(self, name: ResourceName) -> None:
        plan = write_plan(self.capability, PROVENANCE)
        if not plan.taken:
            self.settled[name] = Settled(fate=Fate.NOT_TAKEN, why=plan.why)
            return
        stored = self.results[name]
        body = _body(stored)
        targets = [copy for each in body["target"] if (copy := self._target(each)) is not None]
        if not targets:
            left = any(each.fate is Fate.LEFT for each in self.settled.values())
            fate = Fate.LEFT if left else Fate.NOT_TAKEN
            self.settled[name] = Settled(fate=fate, why=_NOTHING_TO_TELL_OF)
            return
        ours = placed(body, self._place) | {"target": [{"reference": each.versioned} for each in targets]}
        self.settled[name] = Settling(
            shelf=Shelf(visit=self.visit, plan=plan),
            sought=Sought.by(plan.key, PROVENANCE, stored.identifier, targets[0].name),
            ours=ours,
        ).settle()

    def _target(self, target: Json) -> Copy | None:
        """The copy that a Provenance is to tell of: only one that is as we wrote it."""
        name, _ = local_name(target.get("reference"))
        place = self._place(name) if name is not None else None
        if place is None:
            return None
        settled = self.settled.get(place.name)
        return place.copy if settled is None or settled.fate in _PRESENT else None


def _is_withdrawn(stored: Stored) -> bool:
    """Whether we say it no longer; what a person declined is said all the same."""
    return stored.status in WITHDRAWN and not is_decided(_body(stored))


def _body(stored: Stored) -> Json:
    body: Json = decode(stored.body)
    return body
