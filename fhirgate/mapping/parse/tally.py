"""Findings that would repeat for every Observation of a kind: counted, and said once.

A record with ten thousand measurements of one unit without a code has one such finding, not ten thousand.
"""

from collections.abc import Callable

from fhirgate.mapping.datatypes import Raw
from fhirgate.mapping.parse.record import Record
from fhirgate.oncology.finding import Severity

Words = Callable[[int], str]
"""The sentence of a finding, from how often it was met."""


class Tally:
    """Counted findings of one record; the first resource met is named as the source."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._met: dict[tuple[str, str], tuple[int, Severity, Raw, str, Words]] = {}

    def add(
        self, code: str, severity: Severity, about: str, words: Words, raw: Raw, *, path: str = ""
    ) -> None:
        """Count one occurrence; `about` tells findings of one code apart."""
        key = (code, about)
        self._record.told.add(id(raw))
        if key in self._met:
            count, *rest = self._met[key]
            self._met[key] = (count + 1, *rest)  # type: ignore[assignment]
        else:
            self._met[key] = (1, severity, raw, path, words)

    def report(self) -> None:
        """Hand every finding to the record."""
        for (code, _), (count, severity, raw, path, words) in sorted(
            self._met.items(), key=lambda each: each[0]
        ):
            self._record.note(code, severity, words(count), raw, path)
        self._met.clear()
