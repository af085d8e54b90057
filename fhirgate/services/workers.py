"""The threads of a process that do jobs and write results back, and the keeper that watches over them.

Several processes on one database share the work by leases; none needs to know of another.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from fhirgate.errors import StoreError
from fhirgate.services.events import Sink, WorkHeld, fault_of
from fhirgate.services.run_jobs import Hand, JobRunner

IDLE = 1.0
"""How often an idle worker looks for work that another process was asked for [s]."""
TICK = 0.5
"""How often the keeper looks [s]."""
PAUSE = 5.0
"""How long a worker rests when the database does not answer [s]."""
TIDY = 300.0
"""How often what is over is forgotten [s]; every process may do so."""
MOST_ABANDONED = 4
"""Threads that overran their time and never came back, until the process is not fit for more."""


@dataclass(slots=True, kw_only=True)
class Workers:
    """Started once after a fork, stopped once."""

    name: str
    """Of this process, as it shows in the database."""
    runner: JobRunner
    deliver: Callable[[str], int]
    """One turn of writing back, for a worker of a name; how many messages were settled."""
    told: Sink = field(repr=False)
    tidy: Callable[[], object] = field(default=lambda: None, repr=False)
    """Forgets what is over."""
    job_threads: int = 2
    monotonic: Callable[[], float] = field(default=time.monotonic, repr=False)
    idle: float = IDLE
    _stop: threading.Event = field(default_factory=threading.Event, init=False, repr=False)
    _jobs_due: threading.Event = field(default_factory=threading.Event, init=False, repr=False)
    _writing_due: threading.Event = field(default_factory=threading.Event, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)
    _hands: dict[threading.Thread, Hand] = field(default_factory=dict, init=False, repr=False)
    _threads: list[threading.Thread] = field(default_factory=list, init=False, repr=False)
    _abandoned: set[threading.Thread] = field(default_factory=set, init=False, repr=False)
    _numbers: int = field(default=0, init=False, repr=False)
    _released: int = field(default=0, init=False, repr=False)
    _tidy_at: float = field(default=0.0, init=False, repr=False)

    def start(self) -> None:
        """Begin to work."""
        for _ in range(self.job_threads):
            self._begin("jobs", self._do_jobs)
        self._begin("write-back", self._write_back)
        self._begin("keeper", self._keep)

    def awaken(self) -> None:
        """There is a job: look at once."""
        self._jobs_due.set()

    @property
    def is_stopping(self) -> bool:
        """Whether it was told to stop."""
        return self._stop.is_set()

    def problems(self) -> tuple[str, ...]:
        """Why it is not fit for work, in words; empty when it is."""
        found = []
        if self.is_stopping:
            found.append("it is stopping")
        with self._lock:
            dead = sum(not each.is_alive() for each in self._threads)
            stuck = sum(each.is_alive() for each in self._abandoned)
        if dead and not self.is_stopping:
            found.append(f"{dead} of its threads ended; restart it")
        if stuck >= MOST_ABANDONED:
            found.append(f"{stuck} threads are stuck in jobs whose time is over; restart it")
        return tuple(found)

    def end(self) -> None:
        """Take no more; what is in hand ends at its next step. Takes no lock: a signal may call it at any moment."""
        self._stop.set()
        self._jobs_due.set()
        self._writing_due.set()

    def stop(self, grace: float) -> tuple[int, bool]:
        """Take no more, let what is in hand end at its next step, and give back what does not within the grace.

        Answers how many jobs were given back, and whether every thread has ended.
        """
        self.end()
        with self._lock:
            hands = dict(self._hands)
            threads = [*self._threads, *self._abandoned]
        for hand in hands.values():
            hand.give_up()
        until = self.monotonic() + grace
        for thread in threads:
            thread.join(max(0.0, until - self.monotonic()))
        with self._lock:
            left = list(self._hands.values())
        self._released += sum(self._release(hand) for hand in left)
        return self._released, not any(each.is_alive() for each in threads)

    def _release(self, hand: Hand) -> bool:
        try:
            return hand.jobs.release(hand.lease)
        except StoreError:
            # Its lease runs out by itself.
            return False

    def _begin(self, role: str, work: Callable[[str], None]) -> None:
        with self._lock:
            self._numbers += 1
            name = f"{self.name}/{role}-{self._numbers}"
            # A thread that cannot be stopped must not hold up the end of the process.
            thread = threading.Thread(target=self._guarded, args=(name, work), name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def _guarded(self, name: str, work: Callable[[str], None]) -> None:
        while not self._is_over():
            try:
                work(name)
            except StoreError as error:
                self.told(WorkHeld(worker=name, category=error.category))
                self._stop.wait(PAUSE)
            except Exception as error:
                # A bug in one turn is told, and does not end the worker.
                self.told(fault_of(error))
                self._stop.wait(PAUSE)

    def _is_over(self) -> bool:
        return self._stop.is_set() or threading.current_thread() in self._abandoned

    def _do_jobs(self, name: str) -> None:
        hand = self.runner.take(name)
        if hand is None:
            self._rest(self._jobs_due)
            return
        me = threading.current_thread()
        with self._lock:
            self._hands[me] = hand
        if self.is_stopping:
            hand.give_up()
        try:
            outcome = self.runner.work(hand)
            self._writing_due.set()
        finally:
            with self._lock:
                self._hands.pop(me, None)
        with self._lock:
            self._released += outcome == "released"

    def _write_back(self, name: str) -> None:
        if not self.deliver(name):
            self._rest(self._writing_due)

    def _rest(self, due: threading.Event) -> None:
        due.wait(self.idle)
        due.clear()
        if self.is_stopping:
            # What wakes one must wake all.
            due.set()

    def _keep(self, _name: str) -> None:
        self._stop.wait(TICK)
        with self._lock:
            hands = dict(self._hands)
        for thread, hand in hands.items():
            if self.is_stopping:
                hand.give_up()
            elif hand.is_overtime:
                self._abandon(thread, hand)
            else:
                hand.hold()
        if self.monotonic() >= self._tidy_at and not self.is_stopping:
            self._tidy_at = self.monotonic() + TIDY
            self.tidy()

    def _abandon(self, thread: threading.Thread, hand: Hand) -> None:
        """End the job, and let another thread take the place of the one that is stuck in it."""
        with self._lock:
            if self._hands.get(thread) is not hand:
                return
        self.runner.end_overtime(hand)
        with self._lock:
            self._hands.pop(thread, None)
            self._threads.remove(thread)
            self._abandoned = {each for each in self._abandoned if each.is_alive()} | {thread}
            may_replace = len(self._abandoned) < MOST_ABANDONED
        if may_replace:
            self._begin("jobs", self._do_jobs)
