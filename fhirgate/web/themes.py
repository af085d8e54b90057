"""The colours and fonts of an EHR, as far as they were judged harmless, kept for a while for each launch."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping

from fhirgate.services.callers import digest_of
from fhirgate.web.theme import theme_css

KEPT = 600.0
"""[s]"""
MOST_KEPT = 200


class Themes:
    """Style sheets by launch and browser; used by many threads."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str], tuple[str, float]] = OrderedDict()

    def of(self, launch_id: str, browser: str, ask: Callable[[str, str], Mapping[str, str]]) -> str:
        """The style sheet of a launch: the one that is kept, or made of what `ask` is told."""
        key = launch_id, digest_of(browser)
        now = self._monotonic()
        with self._lock:
            css, until = self._kept.get(key, ("", 0.0))
        if now < until:
            return css
        css = theme_css(ask(launch_id, browser))
        with self._lock:
            self._kept[key] = css, now + KEPT
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return css
