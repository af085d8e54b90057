"""Every call that writes results fails in turn in every way: nothing stands twice, nothing stands that misleads, and
doing it again makes it whole.

Two occasions: the first results of a patient, and new ones where a measurement was changed. The calls are those that
an undisturbed writing makes; which these are is for the writer to say, that each of them is met is checked here.
"""

import copy
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from databases import fresh_url
from fault_ways import EXPIRED, LASTING, NOT_DONE, PASSING, Way
from faulty_server import DISCOVERY, PATIENT, TOKENS, Turn, client_of, closing, faulty
from faulty_writes import TakesResults
from fhir_records import AS_OF
from store_records import HandClock

from fhirgate.ehr.record import ServerRecords
from fhirgate.ehr.result_writer import ServerResults
from fhirgate.errors import EhrError
from fhirgate.services.assess_patient import PatientOutcome, PatientRequest, assess_patient
from fhirgate.services.deliver import Delivered, Outcome, deliver_written
from fhirgate.services.ports import PatientKey, Search, Stored
from fhirgate.services.result_writer import Fate, Written
from fhirgate.store.engine import open_database
from fhirgate.store.outbox import SqlOutbox
from fhirgate.store.results import SqlResults

Json = dict[str, Any]
KEY = PatientKey(server="main", id=PATIENT)
KINDS = ("RiskAssessment", "CarePlan")
OCCASIONS = ("the first results", "a changed measurement")
SAYS_A_STATE = ("preliminary", "draft")
"""That nothing could be judged (`cancelled`), as without any scan, is history once something can be."""
CHANGED = "p1-size-1-2025-07-10"
WAYS = PASSING | {"token that ends": EXPIRED} | LASTING | NOT_DONE
ALIKE = (
    "429 without a word",
    "503 that asks to wait",
    "name not resolved once",
    "429 beyond any patience",
    "cut off for ever",
    "next link in a loop",
    "next link to another host",
    "name not resolved",
)
"""Ways in which the second occasion fails only where the first has no such call: reading by id, and updating."""
NAMED = {DISCOVERY: "smart-configuration", TOKENS: "token", "metadata": "metadata"}
PRESENT = {Fate.CREATED, Fate.UPDATED, Fate.UNCHANGED}


@dataclass
class Site:
    """A server, our store and time."""

    server: TakesResults
    store: SqlResults
    outbox: SqlOutbox
    clock: HandClock

    def assess(self) -> PatientOutcome:
        request = PatientRequest(patient=KEY, as_of=date.fromisoformat(AS_OF), write=True)
        with client_of(self.server) as client:
            return assess_patient(request, ServerRecords(client), self.store, self.clock)

    def deliver(self) -> list[Delivered]:
        told: list[Delivered] = []
        with client_of(self.server, writes=True) as client:
            writer = ServerResults(client)
            deliver_written(self.outbox, self.store, lambda _name: writer, "w", self.clock, tell=told.append)
        return told

    def current(self, kind: str) -> list[Stored]:
        """What the store says now."""
        found = self.store.search(Search(type=kind, patient=KEY))
        return [each for each in found if each.status in SAYS_A_STATE]


@contextmanager
def site(folder: Path) -> Iterator[Site]:
    folder.mkdir(exist_ok=True)
    clock = HandClock()
    database = open_database(fresh_url("sqlite", folder))
    with faulty(TakesResults()) as server:
        yield Site(
            server=server,
            store=SqlResults(database=database, clock=clock),
            outbox=SqlOutbox(database=database, clock=clock),
            clock=clock,
        )
    database.close()


@dataclass
class Occasion:
    """What is to be written, to a server in which state, by which calls, and what stands before and afterwards."""

    results: tuple[Stored, ...]
    server: TakesResults
    snapshot: Any
    calls: list[tuple[str, int]]
    before: dict[str, list[Json]]
    after: dict[str, list[Json]]
    written: tuple[Written, ...]


@pytest.fixture(scope="module")
def occasions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Occasion]]:
    with site(tmp_path_factory.mktemp("site")) as at:
        first = occasion(at)
        (observation,) = (each for each in at.server.holds if each["id"] == CHANGED)
        observation["component"][0]["valueQuantity"]["value"] = 34
        yield dict(zip(OCCASIONS, (first, occasion(at)), strict=True))


def occasion(at: Site) -> Occasion:
    """One that happens undisturbed, told so that it can happen again."""
    kept = at.assess().kept
    results = [at.store.read(each.resource) for each in kept]
    snapshot, before = at.server.snapshot(), standing(at.server)
    at.server.heal()
    written = write(at.server, tuple(each for each in results if each is not None))
    calls = [(name, at.server.calls[: at_ + 1].count(name)) for at_, name in enumerate(at.server.calls)]
    return Occasion(
        results=tuple(each for each in results if each is not None),
        server=at.server,
        snapshot=snapshot,
        calls=calls,
        before=before,
        after=standing(at.server),
        written=written,
    )


def write(server: TakesResults, results: tuple[Stored, ...]) -> tuple[Written, ...]:
    with client_of(server, writes=True) as client:
        return ServerResults(client).write(results)


def standing(server: TakesResults) -> dict[str, list[Json]]:
    """What says something on the server now, without the number of its version."""
    found = copy.deepcopy({kind: server.standing(kind) for kind in KINDS})
    for each in (each for of_kind in found.values() for each in of_kind):
        del each["meta"]["versionId"]
    return found


def disturbed(at: Occasion, way: Way, position: int) -> tuple[Written, ...] | EhrError:
    name, nth = at.calls[position]
    at.server.restore(at.snapshot)
    at.server.fails(way, name, position, nth)
    try:
        return write(at.server, at.results)
    except EhrError as error:
        return error


def wrong_at_once(at: Occasion, way: Way, position: int) -> Iterator[str]:
    """What is wrong with how writing ended that met a fault in one call."""
    ended = disturbed(at, way, position)
    name = at.calls[position][0]
    if at.server.met < 1:
        yield "the fault was not met"
    now = standing(at.server)
    if isinstance(ended, EhrError):
        place = NAMED.get(name) or name.split()[1]
        if place not in ended.safe_message:
            yield f"the error does not name the call: {ended.safe_message}"
        if PATIENT in ended.safe_message or "Jane" in ended.safe_message:
            yield f"the error tells of the patient: {ended.safe_message}"
    elif {each.fate for each in ended} <= PRESENT:
        if now != at.after:
            yield "it is said to be written, and is not"
    elif any(each.fate not in PRESENT and not each.why for each in ended):
        yield "it is not written, and it is not said why"
    yield from misleading(at, now)


def misleading(at: Occasion, now: dict[str, list[Json]]) -> Iterator[str]:
    """What no moment may show."""
    for kind, found in now.items():
        if len(found) > 1:
            yield f"{len(found)} of {kind} stand"
        if any(each not in (*at.before[kind], *at.after[kind]) for each in found):
            yield f"a {kind} stands that is neither the old nor the new one"
    for of in (at.before, at.after):
        if (
            now["CarePlan"]
            and now["CarePlan"] == of["CarePlan"]
            and now["RiskAssessment"] != of["RiskAssessment"]
        ):
            yield "a proposal stands beside a result that it does not follow from"


def wrong_afterwards(at: Occasion, position: int) -> Iterator[str]:
    """What is wrong once it was done again on a good day; where all is there, doing it again once is enough."""
    at.server.heal()
    if position == 0 or standing(at.server) != at.after:
        written = write(at.server, at.results)
        if not {each.fate for each in written} <= PRESENT:
            yield f"afterwards it is not written: {[str(each.fate) for each in written]}"
    if standing(at.server) != at.after:
        yield "afterwards something else stands"
    made = [each["id"] for each in at.server.holds if each["resourceType"] in KINDS]
    if len(made) != len(KINDS):
        yield f"afterwards {len(made)} copies were made of {len(KINDS)} results"


@pytest.mark.parametrize("occasion_", OCCASIONS)
def test_writing_undisturbed_makes_one_current_copy_of_each_result(
    occasions: dict[str, Occasion], occasion_: str
) -> None:
    at = occasions[occasion_]

    assert {each.fate for each in at.written} <= {Fate.CREATED, Fate.UPDATED}
    assert {kind: len(found) for kind, found in at.after.items()} == dict.fromkeys(KINDS, 1)
    assert at.after != at.before
    kinds = {name.split()[0] for name, _ in at.calls}
    assert kinds >= {DISCOVERY, TOKENS, "metadata", "search", "create"}
    assert ("update" in kinds) == (occasion_ == OCCASIONS[1])
    (plan,) = at.after["CarePlan"]
    (result,) = at.after["RiskAssessment"]
    assert f'"RiskAssessment/{result["id"]}"' in json.dumps(plan)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("occasion_", OCCASIONS)
def test_whatever_call_of_the_writing_fails_nothing_misleads_and_doing_it_again_makes_it_whole(
    occasions: dict[str, Occasion], occasion_: str, way: str
) -> None:
    at = occasions[occasion_]

    rows = [
        f"{name} ({nth}): {problem}"
        for position, (name, nth) in enumerate(at.calls)
        if way not in ALIKE or occasion_ == OCCASIONS[0] or name.startswith(("read", "update"))
        for problem in (*wrong_at_once(at, WAYS[way], position), *wrong_afterwards(at, position))
    ]

    assert not rows, "\n".join(rows)


def test_whatever_call_of_assessment_and_writing_fails_the_next_turn_leaves_one_current_result_everywhere(
    tmp_path: Path,
) -> None:
    fault = LASTING["reset after it was done, for ever"]
    with site(tmp_path / "undisturbed") as at:
        at.assess()
        read = list(at.server.calls)
        at.server.heal()
        at.deliver()
        wrote = list(at.server.calls)
    rows = []
    for number, name in enumerate(read):
        with site(tmp_path / f"read-{number}") as at:
            at.server.fails(fault, name, number)
            try:
                at.assess()
            except EhrError:
                if at.current("RiskAssessment") or at.outbox.backlog():
                    rows.append(f"{name}: half a result was kept")
            rows += [f"{name}: {each}" for each in _in_the_end(at)]
    for number, name in enumerate(wrote):
        with site(tmp_path / f"write-{number}") as at:
            at.assess()
            at.server.fails(fault, name, number, wrote[: number + 1].count(name))
            told = at.deliver()
            if at.server.met < 1:
                rows.append(f"{name}: the fault was not met")
            if any(each.outcome is not Outcome.DONE and not each.why for each in told):
                rows.append(f"{name}: not written, and not said why")
            rows += [f"{name}: {each}" for each in _in_the_end(at)]

    assert not rows, "\n".join(rows)


def with_junk(turn: Turn) -> None:
    """A page with an entry that is no resource."""
    page = json.loads(turn.usual.partition(b"\r\n\r\n")[2])
    page["entry"].append({"resource": {"no": "type"}})
    turn.connection.sendall(closing(json.dumps(page).encode()))


def with_a_refusal(turn: Turn) -> None:
    """A page of which a part was refused."""
    page = json.loads(turn.usual.partition(b"\r\n\r\n")[2])
    page["entry"].append({"response": {"status": "403"}})
    turn.connection.sendall(closing(json.dumps(page).encode()))


@pytest.mark.parametrize("act", [with_junk, with_a_refusal, LASTING["403"].act])
def test_a_part_that_never_comes_does_not_hold_up_what_is_judged_from_the_rest(
    tmp_path: Path, act: Any
) -> None:
    with site(tmp_path / "site") as at:
        at.server.fails(Way(act), "search Procedure", 9)
        first = at.assess()
        (observation,) = (each for each in at.server.holds if each["id"] == CHANGED)
        observation["component"][0]["valueQuantity"]["value"] = 34
        at.server.fails(Way(act), "search Procedure", 9)
        second = at.assess()

    assert (len(first.news), first.not_kept) == (3, ())
    assert [each.version for each in second.kept if each.resource.type in KINDS] == [2, 2]
    assert second.not_kept == ()
    told = [each.text for each in second.fetched.findings if each.code == "SOURCE_NOT_AVAILABLE"]
    assert [each.partition(":")[0] for each in told] == ["Procedure"]


def _in_the_end(at: Site) -> Iterator[str]:
    """The same asked for again on a good day, what was given up revived, and all that is owed delivered."""
    at.server.heal()
    at.assess()
    for each in at.outbox.dead():
        at.outbox.revive(each.channel, each.number)
    at.clock.pass_by(days=2)
    at.server.heal()
    while at.deliver():
        pass
    for kind in KINDS:
        if len(at.current(kind)) != 1:
            yield f"{len(at.current(kind))} current of {kind} in the store"
    if any(each.waiting or each.dead for each in at.outbox.backlog()):
        yield "something is still owed"
    found = {
        kind: sum(each["status"] in SAYS_A_STATE for each in of_kind)
        for kind, of_kind in standing(at.server).items()
    }
    if found != dict.fromkeys(KINDS, 1):
        yield "not one current result of each on the server"
