"""A launch's patient under review: what one drawing of the page stands on, and the decision taken on it."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from fhirgate.errors import EhrError, InvalidRequest, StoreError
from fhirgate.exact_json import decode
from fhirgate.mapping.compose.decision import says_the_same
from fhirgate.mapping.compose.identity import Kind, identity
from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.follow_up import propose
from fhirgate.oncology.progression.presets import DEFAULT, PRESETS
from fhirgate.services.assess_patient import MOST_ROUNDS
from fhirgate.services.assess_record import Choices
from fhirgate.services.assessment_jobs import WriteBack, WriteState, standing_of
from fhirgate.services.decisions import Decided, Decision
from fhirgate.services.deliver import Tell, deliver_written, untold
from fhirgate.services.drawings import Drawn
from fhirgate.services.ehr_server import AuthKind, EhrServer
from fhirgate.services.fetch_record import Fetched, assess_fetched
from fhirgate.services.launches import Launch, Launches
from fhirgate.services.ports import (
    Clock,
    Outbox,
    PatientKey,
    ResourceName,
    ResultStore,
    Stored,
    VersionName,
)
from fhirgate.services.publication import IN_LAUNCH, WRITE_BACK, write_back_channel
from fhirgate.services.result_writer import ResultWriter
from fhirgate.services.review_digest import bodies_of, digest_of, encoded
from fhirgate.services.succession import PLAN, RESULT, Overtaken
from fhirgate.services.taking_decision import Taking, check, decided_on, versions_of, why_not

REMEMBERED = 300.0
"""How long what was drawn is at hand for the picture on its page [s]."""
MOST_REMEMBERED = 64
"""Drawings, of all launches of this process."""
NOT_WRITTEN = (
    "It stands in fhirgate alone: this EHR lets results be written neither by us nor in this launch."
)


@dataclass(slots=True, kw_only=True)
class Reviews:
    """What pages draw, and the decisions taken on them; one for a process, shared by its threads.

    For the wiring: `launches` as made by `smart_launches`, `store` and `outbox` over the database as for the workers,
    `servers` the whole registry by name, `choices` the site's policy and vocabulary (not presets, not reader),
    `tell` what hears of deliveries as in `_workers`.
    """

    launches: Launches
    store: ResultStore
    outbox: Outbox
    servers: Mapping[str, EhrServer]
    choices: Choices
    clock: Clock = field(repr=False)
    tell: Tell = field(default=untold, repr=False)
    monotonic: Callable[[], float] = field(default=time.monotonic, repr=False)
    _drawn: OrderedDict[tuple[str, str, str], tuple[float, Assessment]] = field(
        default_factory=OrderedDict, init=False, repr=False
    )
    """In memory alone, and for minutes."""
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def draw(self, launch_id: str, browser: str, preset: str = "") -> Drawn | None:
        """One drawing of the page; None when there is no such launch for this browser. Changes nothing in the store.

        Raises InvalidRequest for a preset that is not offered, UnknownResource, EhrError, StoreError.
        """
        name = preset or DEFAULT.name
        if name not in PRESETS:
            raise InvalidRequest("there are no criteria of the name asked for")
        launch = self.launches.find(launch_id, browser)
        fetched = None if launch is None else self._fetched(launch, browser)
        if launch is None or fetched is None:
            return None
        record, person = fetched
        as_of = self.clock().astimezone().date()
        choices = replace(self.choices, presets=tuple(PRESETS.values()), reader="")
        result = assess_fetched(record, launch.context.patient, as_of, choices)
        assessment = next(each for each in result.assessments if each.preset == name)
        follow_up = propose(assessment, choices.policy.state)
        digest = digest_of(assessment, result.chart, choices.policy, follow_up, launch.server)
        self._remember((launch_id, name, digest), assessment)
        drawn = Drawn(
            launch=launch,
            fetched=record,
            result=result,
            preset=name,
            as_of=as_of,
            follow_up=follow_up,
            digest=digest,
            person=person,
            decided=None,
            why_no_decision="",
            written=WriteBack(state=WriteState.NOT_ASKED),
        )
        return self._as_it_stands(drawn)

    def assessment(self, launch_id: str, browser: str, preset: str, digest: str) -> Assessment | None:
        """What was drawn under this digest, for the picture on the page; None when there is no such launch for this
        browser, or when what would be drawn now is something else.

        Raises as `draw`.
        """
        if self.launches.find(launch_id, browser) is None:
            return None
        remembered = self._remembered((launch_id, preset or DEFAULT.name, digest))
        if remembered is not None:
            return remembered
        drawn = self.draw(launch_id, browser, preset)
        return drawn.assessment if drawn is not None and drawn.digest == digest else None

    def decide(self, launch_id: str, browser: str, decision: Decision) -> Decided | None:
        """Take a decision; None when there is no such launch for this browser.

        Raises DecisionRefused, DecidedAlready, RecordChanged, UnknownResource, EhrError, StoreError; nothing is decided
        then.
        """
        launch = self.launches.find(launch_id, browser)
        if launch is None:
            return None
        patient = PatientKey(server=launch.server, id=launch.context.patient)
        writer = self.launches.results(launch_id, browser)
        for _ in range(MOST_ROUNDS):
            seen = self.store.last_of(patient)
            drawn = self.draw(launch_id, browser, decision.preset)
            if drawn is None:
                return None
            check(drawn, decision)
            channel = self._channel(launch, writer)
            taking = Taking(
                store=self.store,
                clock=self.clock,
                choices=self.choices,
                drawn=drawn,
                decision=decision,
                channel=channel,
                seen=seen,
                patient=patient,
            )
            try:
                taking.take()
            except Overtaken:
                continue
            if channel == IN_LAUNCH and writer is not None:
                self._write(patient, writer)
            return self._as_it_stands(drawn).decided
        raise StoreError("others kept results of the same patient again and again meanwhile; try again")

    def _channel(self, launch: Launch, writer: ResultWriter | None) -> str:
        """By which kind of message results go back to the EHR; empty when nobody may write there."""
        if self.servers[launch.server].auth.kind is not AuthKind.OPEN:
            return WRITE_BACK
        return IN_LAUNCH if writer is not None else ""

    def _write(self, patient: PatientKey, writer: ResultWriter) -> None:
        """At once, with the person's own token; what does not get there is owed, and the page says so."""
        channel = write_back_channel(patient, IN_LAUNCH)
        with suppress(StoreError):
            deliver_written(
                self.outbox,
                self.store,
                lambda _server: writer,
                "review",
                self.clock,
                channel_name=channel,
                kind=IN_LAUNCH,
                tell=self.tell,
            )

    def _as_it_stands(self, drawn: Drawn) -> Drawn:
        """The drawing with what has been decided on its proposal, and how far that has come."""
        patient = PatientKey(server=drawn.launch.server, id=drawn.launch.context.patient)
        names = [
            ResourceName(each, identity(drawn.assessment, kind, patient.server).id)
            for each, kind in ((RESULT, Kind.RESULT), (PLAN, Kind.PLAN))
        ]
        result, proposal = (self.store.read(each) for each in names)
        decided = decided_on(self.store, proposal) if proposal is not None else None
        before = None
        if proposal is not None and decided is None:
            before = self._decided_before(proposal)
        elif decided is not None and not self._is_still(drawn, result, proposal):
            decided, before = None, decided
        return replace(
            drawn,
            decided=decided,
            decided_before=before,
            why_no_decision=why_not(drawn),
            written=self._written(patient, versions_of(result, proposal, decided))
            if decided
            else drawn.written,
        )

    def _decided_before(self, proposal: Stored) -> Decided | None:
        """The last decision on an earlier version."""
        if proposal.name.version == 1:
            return None
        earlier = (
            decided_on(self.store, each) for each in reversed(self.store.history(proposal.name.resource))
        )
        return next((each for each in earlier if each is not None), None)

    def _is_still(self, drawn: Drawn, *stored: Stored | None) -> bool:
        """Whether what was decided on is what is concluded now."""
        chart, policy = drawn.result.chart, self.choices.policy
        now = bodies_of(drawn.assessment, chart, policy, drawn.follow_up, drawn.launch.server)
        return len(now) == len(stored) and all(
            then is not None and says_the_same(decode(then.body), decode(encoded(each)))
            for then, each in zip(stored, now, strict=True)
        )

    def _written(self, patient: PatientKey, versions: Sequence[VersionName]) -> WriteBack:
        own = self.servers[patient.server].auth.kind is not AuthKind.OPEN
        channel = write_back_channel(patient, WRITE_BACK if own else IN_LAUNCH)
        told = standing_of(self.outbox.about(channel, versions))
        return replace(told, why=NOT_WRITTEN) if told.state is WriteState.NOTHING else told

    def _fetched(self, launch: Launch, browser: str) -> tuple[Fetched, Mapping[str, Any] | None] | None:
        """The record, and who looks at it, asked for at the same time."""
        source = self.launches.records(launch.id, browser)
        if source is None:
            return None
        with ThreadPoolExecutor(max_workers=1) as pool:
            person = pool.submit(self._person, launch.id, browser)
            return source.fetch(launch.context.patient), person.result()

    def _person(self, launch_id: str, browser: str) -> Mapping[str, Any] | None:
        try:
            return self.launches.person(launch_id, browser)
        except EhrError:
            # Who it is was proven without it; the page goes on with the reference.
            return None

    def _remember(self, key: tuple[str, str, str], assessment: Assessment) -> None:
        with self._lock:
            self._drawn[key] = (self.monotonic() + REMEMBERED, assessment)
            self._drawn.move_to_end(key)
            while len(self._drawn) > MOST_REMEMBERED:
                self._drawn.popitem(last=False)

    def _remembered(self, key: tuple[str, str, str]) -> Assessment | None:
        with self._lock:
            self._drawn = OrderedDict(
                (each, kept) for each, kept in self._drawn.items() if kept[0] > self.monotonic()
            )
            found = self._drawn.get(key)
        return None if found is None else found[1]
