"""One result on its way to exactly one current copy on the server, whatever the server answers in between.

What to do is decided by looking, each time anew: none there, it is added; one that says something else is replaced,
bound to the version looked at; then it is looked for again, for a status of success proves nothing. After a lost
reply, too, looking tells whether it was done.
"""

from dataclasses import dataclass, field

from fhirgate.ehr.write_content import MEANING, differences, lost_beside
from fhirgate.ehr.write_copies import PUT_ASIDE, TAKEN_BACK, Copy, choose, oldest, persons_act
from fhirgate.ehr.write_plan import PROVENANCE, How
from fhirgate.ehr.write_shelf import Outcome, Reply, Shelf, Sought
from fhirgate.errors import EhrError, EhrGarbled, EhrRefused, EhrUnavailable
from fhirgate.mapping.compose.decision import is_decided
from fhirgate.mapping.compose.elements import Json
from fhirgate.mapping.compose.retraction import retract, revoke
from fhirgate.oncology.wording import count, listed
from fhirgate.services.result_writer import Fate

MOST_CONFLICTS = 2
MOST_LOOKS = 6
DECLINED = frozenset({400, 405, 413, 415, 422, 501})
"""Statuses by which a server declines a resource. Others are its own word only with an OperationOutcome: a proxy whose
server is being maintained says 404, or leads elsewhere."""
TWIN = "another copy of the same result is the current one"
NOT_KEPT = "the server did not keep it as it was written"
NOTHING_THERE = "the server holds no copy of it, so there is nothing to take back"
WITHDRAWN = frozenset({TAKEN_BACK, PUT_ASIDE})
"""Statuses of a result that says nothing any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """How it ended."""

    fate: Fate
    copy: Copy | None = None
    """The copy as it stands now."""
    before: Copy | None = None
    """What was replaced."""
    why: str = ""


@dataclass(slots=True, kw_only=True)
class Settling:
    """A result, where its copies stand, and what has been done so far."""

    shelf: Shelf
    sought: Sought
    ours: Json = field(repr=False)
    doing: Fate = Fate.UNCHANGED
    """What was sent last."""
    lost: EhrError | None = None
    """The reply to it did not come, or could not be read."""
    reply: Reply | None = None
    """The answer to it, when it was done."""
    before: Copy | None = None
    conflicts: int = 0
    matched: bool = False
    """Whether a conditional create was answered with there being one already."""
    looked: list[Copy] | None = None
    """What was found by a look that nothing has been done after."""
    why: list[str] = field(default_factory=list)

    def settle(self) -> Settled:
        """Make the server hold one current copy that says what ours says. Raises EhrError."""
        for _ in range(MOST_LOOKS):
            settled = self._look()
            if settled is not None:
                return settled
        raise self._overtaken()

    def check_still_there(self, copy: Copy) -> None:
        """What was added without a condition may have been taken back meanwhile, as a twin. Raises EhrError then."""
        if self.shelf.plan.how is not How.SEARCH_THEN_CREATE:
            return
        copies = self.shelf.find(self.sought)
        if not copies or choose(copies, self.ours, self.shelf.base_url)[0].id != copy.id:
            raise self._overtaken()

    def standing(self) -> Copy | None:
        """The copy of ours that stands on the server and says something else than ours does."""
        self.looked = self.shelf.find(self.sought)
        if not self.looked:
            return None
        copy, _ = choose(self.looked, self.ours, self.shelf.base_url)
        if copy.is_withdrawn or self._act(copy) or not self._lacking(copy):
            return None
        return copy

    def put_aside(self, why: str) -> None:
        """Revoke the proposal that stands, until it is replaced. Raises EhrError."""
        for _ in range(MOST_CONFLICTS):
            copy = self.standing()
            if copy is not None and self.shelf.plan.reads:
                copy = self.shelf.read(copy.id)
            if copy is None or copy.is_withdrawn or self._act(copy):
                return
            notes = copy.resource.get("note")
            plan = {**_without_version(copy), "note": notes if isinstance(notes, list) else []}
            self.looked = None
            if self._withdraw(copy, revoke(plan, why)):
                return
        raise self._overtaken()

    def _look(self) -> Settled | None:
        """One look at what is there, and the next step; None when it has to be looked again."""
        copies = self.shelf.find(self.sought) if self.looked is None else self.looked
        self.looked = None
        if not copies:
            return self._add() if self.reply is None else self._read_what_was_made(self.reply)
        if self.sought.kind == PROVENANCE:  # it never changes, and a twin of it does no harm
            found = oldest(copies)
            return self._done(found, self._lacking(found) if self.doing is Fate.CREATED else ())
        found, twins = choose(copies, self.ours, self.shelf.base_url)
        copy = self._as_it_is_now(found)
        return None if copy is None else self._bring_up_to_date(copy, twins)

    def _as_it_is_now(self, found: Copy) -> Copy | None:
        """One that differs is read by its id: a search may lag behind, and does not tell the ETag."""
        if self.shelf.plan.reads and self._lacking(found):
            return self.shelf.read(found.id)
        return found

    def _bring_up_to_date(self, copy: Copy, twins: tuple[Copy, ...]) -> Settled | None:
        wrote = self.reply.etag if self.reply is not None else ""
        is_mine = bool(wrote) and copy.is_version(wrote)
        lacking = self._lacking(copy)
        # A copy that says what ours says is what a person decided through us, and no other act of theirs.
        is_ours = is_mine or (copy.is_marked and not lacking)
        act = "" if is_ours else self._act(copy)
        self._take_back(twins, TWIN)
        if act:
            return Settled(fate=Fate.LEFT, copy=copy, why="; ".join([act, *self.why]))
        if not lacking or is_mine or (self.reply is not None and not wrote):
            return self._done(copy, lacking)
        if self.reply is not None:
            self._note_conflict()  # written, and changed since by somebody else
        return self._replace(copy)

    def _act(self, copy: Copy) -> str:
        return persons_act(copy, self.ours, self.shelf.base_url)

    def _lacking(self, copy: Copy) -> tuple[str, ...]:
        return differences(self.ours, copy.resource, self.shelf.base_url)

    def _add(self) -> Settled | None:
        if self.ours.get("status") in WITHDRAWN and not is_decided(self.ours):
            return Settled(fate=Fate.UNCHANGED, why=NOTHING_THERE)
        if self.lost is not None:
            raise self.lost
        try:
            reply = self.shelf.create(self.ours, self.sought)
        except EhrRefused as error:
            if not error.reasons and error.status not in DECLINED:
                raise
            return Settled(fate=Fate.NOT_TAKEN, why=error.safe_message)
        except (EhrUnavailable, EhrGarbled) as error:
            self._note_lost(error, Fate.CREATED)
            return None
        if reply.outcome is Outcome.CONFLICT:
            self._note_conflict()
        elif reply.outcome is Outcome.DONE:
            self.doing, self.reply = Fate.CREATED, reply
        else:
            self._note_matched(reply)
        return None

    def _note_matched(self, reply: Reply) -> None:
        """There is one, says the server; the next look has to find it."""
        if self.matched:
            raise EhrGarbled(
                f"server {self.shelf.server!r}: it says that it has one {self.sought.kind} of ours, and does not find"
                f" it by {self.sought.parameter[0]}, or not yet"
            )
        self.matched = True
        if reply.tried_before:
            self.doing = Fate.CREATED

    def _read_what_was_made(self, reply: Reply) -> Settled:
        """A search that does not find what was written may lag behind."""
        by = self.sought.parameter[0]
        copy = self.shelf.read(reply.id) if self.shelf.plan.reads and reply.id else None
        if copy is None:
            raise EhrGarbled(
                f"server {self.shelf.server!r}: one {self.sought.kind} that it took is not found by {by},"
                " and cannot be read back"
            )
        self.why.append(f"its search by {by} does not find it, or not yet")
        return self._done(copy, self._lacking(copy))

    def _replace(self, copy: Copy) -> Settled | None:
        if self.lost is not None:
            raise self.lost
        self.before = copy
        try:
            reply = self.shelf.replace(copy, self.ours)
        except (EhrUnavailable, EhrGarbled) as error:
            self._note_lost(error, Fate.UPDATED)
            return None
        if reply.outcome is Outcome.CONFLICT:
            self._note_conflict()
        else:
            self.doing, self.reply = Fate.UPDATED, reply
        return None

    def _note_lost(self, error: EhrError, doing: Fate) -> None:
        if not error.reached:
            raise error
        self.lost, self.doing = error, doing

    def _note_conflict(self) -> None:
        self.conflicts += 1
        if self.conflicts >= MOST_CONFLICTS:
            raise self._overtaken()

    def _overtaken(self) -> EhrUnavailable:
        return EhrUnavailable(
            f"server {self.shelf.server!r}: one {self.sought.kind} of ours was written by somebody else each time it"
            " was to be written; to be tried again later",
            reached=True,
        )

    def _done(self, copy: Copy, lacking: tuple[str, ...]) -> Settled:
        if self.sought.kind != PROVENANCE and self.doing is not Fate.UNCHANGED:
            lost = [each for each in lacking if each in MEANING[self.sought.kind]]
            lost += [] if copy.is_marked else ["the mark of who made it"]
            if lost and self._is_as_before(copy):
                raise EhrGarbled(
                    f"server {self.shelf.server!r}: it said that it took one {self.sought.kind}, and holds its copy in"
                    " the version of before"
                )
            if lost:
                return self._not_kept(copy, lost)
        if lacking:
            self.why.append(f"the server did not keep as written: {listed(lacking)}")
        if self.doing is not Fate.UNCHANGED:
            self.why += lost_beside(self.ours, copy.resource)
        return Settled(fate=self.doing, copy=copy, before=self.before, why="; ".join(self.why))

    def _is_as_before(self, copy: Copy) -> bool:
        """Whether an update that was answered was none: a page of a proxy has a status of success, too."""
        return self.before is not None and copy.id == self.before.id and copy.is_version(self.before.etag)

    def _not_kept(self, copy: Copy, lost: list[str]) -> Settled:
        """What stands there is not what we said: it must not stand."""
        told = f"the server did not keep {listed(lost)} of it as written"
        if self.ours.get("status") in WITHDRAWN and not is_decided(self.ours):
            raise EhrGarbled(
                f"server {self.shelf.server!r}: one {self.sought.kind} could not be taken back: {told}"
            )
        self._take_back((copy,), NOT_KEPT)
        return Settled(fate=Fate.NOT_TAKEN, why=f"{told}; its copy was marked entered-in-error")

    def _take_back(self, copies: tuple[Copy, ...], why: str) -> None:
        """Mark copies of ours as entered in error. Raises EhrError."""
        for copy in copies:
            if not self._withdraw(copy, retract(self.ours, why)):
                now = self._found_again(copy)
                if now is not None and not now.is_withdrawn and not self._act(now):
                    raise self._overtaken()
        if copies and why is TWIN:
            self.why.append(
                f"{count(len(copies), 'further copy', 'further copies')} of it was marked entered-in-error"
            )

    def _withdraw(self, copy: Copy, resource: Json) -> bool:
        """Take the force from a copy and see that it is gone; False when somebody else was there since we looked."""
        if self.shelf.replace(copy, resource).outcome is Outcome.CONFLICT:
            return False
        now = self.shelf.read(copy.id) if self.shelf.plan.reads else self._found_again(copy)
        if now is not None and not now.is_withdrawn:
            raise EhrGarbled(
                f"server {self.shelf.server!r}: it said that it put one {self.sought.kind} aside, and its copy stands"
                " as before"
            )
        return True

    def _found_again(self, copy: Copy) -> Copy | None:
        return next((each for each in self.shelf.find(self.sought) if each.id == copy.id), None)


def _without_version(copy: Copy) -> Json:
    meta = copy.resource.get("meta")
    kept = {
        name: value
        for name, value in (meta.items() if isinstance(meta, dict) else ())
        if name not in ("versionId", "lastUpdated")
    }
    return {**copy.resource, "meta": kept}
