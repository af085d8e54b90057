"""Things that are given out under a name nobody can guess, for a while: codes, launches, tokens.

A ticket that is taken is used up; that it comes again is noticed, also when it would be over by then.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any, Generic, TypeVar

_Value = TypeVar("_Value")
MOST_KEPT = 10_000
"""The oldest go when there are more; a sandbox has no more to remember."""


@dataclass(slots=True)
class _Given(Generic[_Value]):
    value: _Value
    until: datetime
    is_used: bool = False


class UsedTwice(Exception):
    """A ticket that was taken before came again."""

    def __init__(self, value: Any) -> None:
        super().__init__("a ticket came again")
        self.value = value
        """What it stood for."""


class Tickets(Generic[_Value]):
    """Tickets of one sort; used by many threads."""

    def __init__(self, clock: Callable[[], datetime], life: timedelta) -> None:
        self._clock = clock
        self._life = life
        self._lock = threading.Lock()
        self._given: OrderedDict[str, _Given[_Value]] = OrderedDict()

    def give(self, value: _Value, life: timedelta | None = None) -> str:
        """A new ticket, good for as long as this sort is, or for `life`."""
        ticket = token_urlsafe(32)
        until = self._clock() + (self._life if life is None else life)
        with self._lock:
            self._given[ticket] = _Given(value, until)
            while len(self._given) > MOST_KEPT:
                self._given.popitem(last=False)
        return ticket

    def look(self, ticket: str) -> _Value | None:
        """What it stands for, while it is good."""
        with self._lock:
            held = self._given.get(ticket)
            return held.value if held is not None and self._is_good(held) else None

    def take(self, ticket: str, fits: Callable[[_Value], bool] = lambda _: True) -> _Value | None:
        """What it stands for, once; None when it is unknown, over, or does not fit. Raises UsedTwice.

        A ticket that does not fit is not used up.
        """
        with self._lock:
            held = self._given.get(ticket)
            if held is not None and held.is_used:
                raise UsedTwice(held.value)
            if held is None or not self._is_good(held) or not fits(held.value):
                return None
            held.is_used = True
            return held.value

    def _is_good(self, held: _Given[_Value]) -> bool:
        return not held.is_used and self._clock() < held.until
