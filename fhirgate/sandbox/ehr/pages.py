"""Results of searches, given out page by page: links that say nothing and lead on for a while."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe

from fhirgate.sandbox.ehr.records import Version

KEPT = timedelta(minutes=10)
MOST_KEPT = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """What is still to come of a result, as it was when it was asked for."""

    kind: str
    letter: str
    """Of the scope that the call needs."""
    type: str
    """Of the Bundle."""
    versions: tuple[Version, ...]
    total: int
    size: int
    client_id: str
    until: datetime


class Pages:
    """Rests by the token in their link; used by many threads."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Rest] = OrderedDict()

    def keep(self, rest: Rest) -> str:
        """The token of a rest."""
        token = token_urlsafe(18)
        with self._lock:
            self._kept[token] = rest
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return token

    def until(self) -> datetime:
        """How long a rest that is kept now can be had."""
        return self._clock() + KEPT

    def take(self, token: str, client_id: str) -> Rest | None:
        """The rest of a token: again and again, for its own client only; None when it is over."""
        with self._lock:
            rest = self._kept.get(token)
        if rest is None or rest.client_id != client_id or rest.until < self._clock():
            return None
        return rest
