"""Who measured: performer of an Observation, else the algorithm, else who interpreted the report.

A person or an algorithm is a reader; an organisation is not, for it may have many.
"""

from collections.abc import Iterable
from typing import Any

from fhirgate.mapping.datatypes import Raw, codings, item, items, local_name, objects, reference, text, words
from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.vocabulary import folded
from fhirgate.oncology.lesion import Reader

PERSONS = ("Practitioner", "PractitionerRole")
PEOPLE = (*PERSONS, "")
"""With what names itself only by words."""
DEVICES = ("Device", "DeviceMetric")
NO_READERS = ("Organization", "CareTeam", "Patient", "RelatedPerson", "Group", "Location")
_ALGORITHM_CODES = frozenset({"111001", "111003", "706689003"})
"""DCM algorithm name and version; SNOMED CT application program software."""
_ALGORITHM_WORDS = ("algorithm", "software", "artificial intelligence")


class Readers:
    """The readers of a patient's Observations; the same person or algorithm is the same reader."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._known: dict[tuple[str, str, str], Reader | None] = {}
        self._performers: Any = None
        self._performed: Reader | None = None

    def of(self, raw: Raw) -> Reader | None:
        """Who measured what an Observation says; None when it does not tell."""
        found = self._performer(raw) if "performer" in raw else None
        return found or (self._algorithm(raw) if "device" in raw else None)

    def of_report(self, report: Raw | None) -> Reader | None:
        """Who interpreted the images of a report."""
        if report is None:
            return None
        return self._first(items(report, "resultsInterpreter"), report, PEOPLE)

    def _performer(self, raw: Raw) -> Reader | None:
        """The person, else the device that performed; what the resource before this one had is not read again."""
        given = raw["performer"]
        if given == self._performers and "contained" not in raw:
            return self._performed
        performers = objects(given)
        found = self._first(performers, raw, PEOPLE) or self._first(performers, raw, DEVICES)
        self._performers, self._performed = (None, None) if "contained" in raw else (given, found)
        return found

    def _first(self, performers: Iterable[Raw], within: Raw, kinds: tuple[str, ...]) -> Reader | None:
        for each in performers:
            # STU3 reports nest the reference: performer.actor
            target = item(each, "actor") if "actor" in each else each
            found = self._named(target or each, within)
            if found is not None and _kind(found.key) in kinds:
                return found
        return None

    def _named(self, target: Raw, within: Raw) -> Reader | None:
        name = reference(target)
        if name.startswith("#"):
            return self._reader(target, within)
        identifier = str(target["identifier"]) if "identifier" in target else ""
        key = (name, text(target, "display"), identifier)
        if key not in self._known:
            self._known[key] = self._reader(target, within)
        return self._known[key]

    def _algorithm(self, raw: Raw) -> Reader | None:
        """The device, if it is an algorithm: the scanner has measured nothing."""
        target = item(raw, "device")
        device = self._record.resolve(target, raw) if target else None
        return self._reader(target, raw) if device is not None and is_algorithm(device) else None

    def _reader(self, target: Any, within: Raw) -> Reader | None:
        name = reference(target)
        resolved = self._record.resolve(target, within)
        kind = text(resolved, "resourceType") if resolved else local_name(name)[0] or text(target, "type")
        if kind in NO_READERS:
            return None
        display = text(target, "display")
        if resolved is not None:
            person = self._person(resolved)
            return Reader(
                key=f"{text(person, 'resourceType')}/{self._record.id_of(person)}",
                name=_name(person) or _name(resolved) or display,
            )
        if name and not name.startswith("#"):
            id_ = local_name(name)[1]
            return Reader(key=f"{kind}/{id_}" if id_ else name, name=display)
        identifier = item(target, "identifier")
        if text(identifier, "value"):
            return Reader(
                key=f"identifier:{text(identifier, 'system')}|{text(identifier, 'value')}", name=display
            )
        return Reader(key=f"name:{folded(display)}", name=display) if display else None

    def _person(self, resolved: Raw) -> Raw:
        """The practitioner of a role, so that one person in two roles is one reader."""
        if text(resolved, "resourceType") != "PractitionerRole":
            return resolved
        found = self._record.resolve(item(resolved, "practitioner"), resolved)
        return found if found is not None else resolved


def is_algorithm(device: Raw) -> bool:
    """Whether a Device is software that measures (DICOM SR algorithm identification), not a scanner."""
    profiles = item(device, "meta").get("profile") or ()
    if any(isinstance(each, str) and "algorithm" in each for each in profiles):
        return True
    if any(each.code in _ALGORITHM_CODES for each in codings(device.get("type"))):
        return True
    said = " ".join(words(device.get("type"))).casefold()
    return any(word in said for word in _ALGORITHM_WORDS)


def _kind(key: str) -> str:
    kind = key.partition("/")[0]
    return kind if kind in PERSONS or kind in DEVICES else ""


def _name(raw: Raw) -> str:
    if text(raw, "resourceType") == "PractitionerRole":
        return text(item(raw, "practitioner"), "display")
    if text(raw, "displayName"):  # R5 Device
        return text(raw, "displayName")
    for each in items(raw, "deviceName"):
        return text(each, "name") or text(each, "value")
    human = item(raw, "name")
    given = human.get("given") or ()
    parts = [*(each for each in given if isinstance(each, str)), text(human, "family")]
    return text(human, "text") or " ".join(part for part in parts if part)
