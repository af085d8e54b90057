"""Results written back to the servers of their records: one turn of a worker.

Decisions
- A message only says that there is something to write. What is written are the current versions, so a message that
  waited while the result was judged anew never puts an old version over a new one.
- With a plan goes the result it rests on, said anew or not: when a person has acted on the server's copy of that, the
  plan is not for the server any more, and only who looks at both finds out.
- While a server is written to, the lease is kept up by a thread, for a worker that lost its channel could put an old
  version over what its successor wrote. One that lost it all the same, as when the machine slept, has it written once
  more by whoever is next.
- A failure that waiting may help is tried again for about a day, then given up; one that waiting cannot help is
  given up at once. What cannot be read, and a refusal without an OperationOutcome, is waited for like no answer:
  mostly it is a page of a proxy whose server is being maintained. So is a registry that cannot be used, for the
  operator mends it.
- What is given up stays in the outbox. Whoever asks for the patient again revives it (`Message.revives`).
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Event, Thread

from fhirgate.errors import (
    ConfigurationError,
    EhrError,
    EhrGarbled,
    EhrRefused,
    EhrThrottled,
    EhrUnavailable,
    FhirgateError,
    StoreError,
    UnknownResource,
)
from fhirgate.services.ports import Clock, Lease, Outbox, ResourceName, ResultStore, Stored
from fhirgate.services.publication import WRITE_BACK
from fhirgate.services.result_writer import ResultWriter, Written, fate_text
from fhirgate.services.succession import PLAN, RESULT

MOST_CHANNELS = 4
"""Channels, which are patients, in one turn: a server may take seconds for each, and others have leases too."""
MOST_MESSAGES = 1000
"""In one turn. Each channel's share must hold all that one judgement said, under every preset: cut in two, a new plan
would stand beside the one it revokes until the next turn."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)
MOST_ATTEMPTS = 28
"""With the waits between them, and half of the chance on top, about a day."""
LONGEST_OBEYED = timedelta(days=1)
"""A server that asks for more is asked again after this."""
SILENCED = "every worker that tried stopped without an answer"
KEPT_UP = 0.25
"""The part of a lease after which it is extended."""

_RESULT = re.compile(rb'"reference":"RiskAssessment/([0-9a-f-]{36})"')
"""A reference as our encoder writes it."""


class Outcome(StrEnum):
    """How the turn of one channel ended."""

    DONE = "done"
    POSTPONED = "postponed"
    GIVEN_UP = "given up"
    LOST = "lost"
    """The lease was lost; whoever holds it now does it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The turn of one channel: the structured event of it, without patient data."""

    channel: str
    target: str
    numbers: tuple[int, ...]
    outcome: Outcome
    written: tuple[Written, ...] = ()
    """How each resource fared, those included that were written before; empty when it failed."""
    why: str = ""
    """Why it failed, in words."""
    next_at: datetime | None = None
    """When a postponed one is tried again."""


Tell = Callable[[Delivered], None]


def untold(_delivered: Delivered) -> None:
    """Nobody is told."""


def deliver_written(  # noqa: PLR0913 - its callers, few, name what it works with
    outbox: Outbox,
    store: ResultStore,
    writer_of: Callable[[str], ResultWriter],
    worker: str,
    clock: Clock,
    *,
    channel_name: str = "",
    kind: str = WRITE_BACK,
    tell: Tell = untold,
    jitter: Callable[[], float] = random.random,
) -> int:
    """Write what is due, of one channel or of some; answers how many messages were settled, done or given up.

    `writer_of` gives the writer of a server of the registry; it raises UnknownResource or ConfigurationError when it
    cannot. `jitter` gives numbers in 0..1. Raises StoreError; what was written is then written once more later.
    """
    settled = 0
    turn = _Turn(outbox, store, writer_of, clock, jitter)
    for lease in outbox.claim(worker, (kind,), channel_name, MOST_MESSAGES, MOST_CHANNELS):
        delivered = turn.take(lease)
        tell(delivered)
        if delivered.outcome in (Outcome.DONE, Outcome.GIVEN_UP):
            settled += len(delivered.numbers)
    return settled


@dataclass(frozen=True, slots=True)
class _Turn:
    outbox: Outbox
    store: ResultStore
    writer_of: Callable[[str], ResultWriter]
    clock: Clock
    jitter: Callable[[], float]

    def take(self, lease: Lease) -> Delivered:
        """Write what a channel owes."""
        if lease.deliveries[0].attempts > MOST_ATTEMPTS:
            return self._give_up(lease, SILENCED)
        if not self.outbox.extend(lease):
            return _ended(lease, Outcome.LOST)
        delivered = self._write(lease)
        if delivered.outcome is Outcome.LOST:
            self.outbox.repeat(lease)
        return delivered

    def _write(self, lease: Lease) -> Delivered:
        try:
            with self._kept_up(lease):
                written = self.writer_of(lease.target).write(what_to_write(self.store, lease))
        except (EhrError, UnknownResource, ConfigurationError) as error:
            if _may_help(error) and lease.deliveries[0].attempts < MOST_ATTEMPTS:
                return self._postpone(lease, error)
            return self._give_up(lease, error.safe_message)
        except KeyboardInterrupt:
            self.outbox.release(lease)
            raise
        held = self.outbox.done(lease, [each.number for each in lease.deliveries], _fates(lease, written))
        return _ended(lease, Outcome.DONE if held else Outcome.LOST, written=written)

    @contextmanager
    def _kept_up(self, lease: Lease) -> Iterator[None]:
        """Hold a lease as long as the block lasts."""
        stop = Event()
        seconds = (lease.until - self.clock()).total_seconds() * KEPT_UP
        thread = Thread(target=self._keep_up, args=(lease, stop, seconds), daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def _keep_up(self, lease: Lease, stop: Event, seconds: float) -> None:
        held = True
        while held and not stop.wait(seconds):
            # A database that does not answer now may at the next time.
            with suppress(StoreError):
                held = self.outbox.extend(lease)

    def _postpone(self, lease: Lease, error: FhirgateError) -> Delivered:
        head = lease.deliveries[0]
        now = self.clock()
        until = now + _wait(head.attempts, error, now, self.jitter())
        held = self.outbox.postpone(lease, head.number, until, error.safe_message)
        outcome = Outcome.POSTPONED if held else Outcome.LOST
        return _ended(lease, outcome, why=error.safe_message, next_at=until if held else None)

    def _give_up(self, lease: Lease, why: str) -> Delivered:
        # In order: settling the last one gives the channel back.
        held = all(self.outbox.bury(lease, each.number, why) for each in lease.deliveries)
        return _ended(lease, Outcome.GIVEN_UP if held else Outcome.LOST, why=why)


def _fates(lease: Lease, written: Sequence[Written]) -> dict[int, str]:
    """What became of what each message tells of, for those who ask later."""
    of = {each.name: each for each in written}
    told = ((each.number, of.get(name.resource)) for each in lease.deliveries for name in each.about)
    return {number: fate_text(each) for number, each in told if each is not None}


def _may_help(error: FhirgateError) -> bool:
    """Whether waiting may."""
    if isinstance(error, EhrRefused):
        return not error.reasons
    return error.retry or isinstance(error, EhrGarbled) or not isinstance(error, EhrError)


def _ended(
    lease: Lease,
    outcome: Outcome,
    *,
    written: tuple[Written, ...] = (),
    why: str = "",
    next_at: datetime | None = None,
) -> Delivered:
    return Delivered(
        channel=lease.channel,
        target=lease.target,
        numbers=tuple(each.number for each in lease.deliveries),
        outcome=outcome,
        written=written,
        why=why,
        next_at=next_at,
    )


def _wait(attempts: int, error: FhirgateError, now: datetime, chance: float) -> timedelta:
    """How long to wait after this attempt: twice as long each time, and no less than the server asks for."""
    doubled = FIRST_WAIT * (1 << min(attempts - 1, MOST_ATTEMPTS))
    usual = min(doubled, LONGEST_WAIT) * (1 + chance / 4)
    asked = timedelta()
    if isinstance(error, EhrUnavailable | EhrThrottled) and error.retry_after is not None:
        asked = timedelta(seconds=min(error.retry_after, LONGEST_OBEYED.total_seconds()))
    if isinstance(error, EhrUnavailable) and error.reopens_at is not None:
        asked = max(asked, error.reopens_at - now)
    return max(usual, min(asked, LONGEST_OBEYED))


def what_to_write(store: ResultStore, lease: Lease) -> tuple[Stored, ...]:
    """The current versions of what a channel's messages are about, as they were kept; with a plan goes its result."""
    names = dict.fromkeys(name.resource for each in lease.deliveries for name in each.about)
    found = [stored for each in names if (stored := store.read(each)) is not None]
    for name in {
        ResourceName(RESULT, id_.decode()) for each in found for id_ in _rests_on(each)
    } - names.keys():
        result = store.read(name)
        found += [result] if result is not None else []
    return tuple(sorted(found, key=lambda each: each.sequence))


def _rests_on(stored: Stored) -> list[bytes]:
    return _RESULT.findall(stored.body) if stored.name.resource.type == PLAN else []
