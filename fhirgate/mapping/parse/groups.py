"""Which Observation is a member of which: measurement groups of a DICOM report, panels.

Members may arrive apart from their group, in another page of a search. A cycle or a very deep nesting ends the
way up; it never hangs.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator

from fhirgate.mapping.datatypes import Raw, items, text
from fhirgate.mapping.parse.record import Record

DEEPEST = 8
"""How many groups above an Observation are asked; a DICOM report has two or three."""
MOST = 50
"""How many groups an Observation is believed to belong to; the nearest are asked first."""


class Groups:
    """The groups of a patient's Observations, by hasMember (`related` in STU3)."""

    def __init__(self, record: Record) -> None:
        self._above: dict[int, list[Raw]] = defaultdict(list)
        for group in record.of_type("Observation"):
            if "hasMember" in group:
                for member in record.resolved(group, "hasMember", "Observation"):
                    self._above[id(member)].append(group)
            for each in items(group, "related") if "related" in group else ():
                target = record.resolve(each.get("target"), group)
                if target is not None and text(each, "type") == "has-member":
                    self._above[id(target)].append(group)

    def above(self, raw: Raw) -> Iterable[Raw]:
        """The groups an Observation belongs to, nearest first, in order of id; never the Observation itself."""
        return self._upwards(raw) if id(raw) in self._above else ()

    def _upwards(self, raw: Raw) -> Iterator[Raw]:
        seen = {id(raw)}
        waiting = deque([(raw, 0)])
        while waiting:
            below, depth = waiting.popleft()
            for group in self._above.get(id(below), ()) if depth < DEEPEST else ():
                if id(group) in seen:
                    continue
                seen.add(id(group))
                yield group
                if len(seen) > MOST:
                    return
                waiting.append((group, depth + 1))
