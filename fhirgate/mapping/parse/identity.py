"""Which lesion an Observation is about, in the order of fhir-contracts §A2.

1 `bodyStructure` (R5) or an extension to a BodyStructure, 2 `focus`, 3 tracking identifiers, 4 the group it is
a member of; else only its site is known. A reference that the record cannot resolve is still a key.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from fhirgate.mapping.datatypes import DICOM, SNOMED, Raw, codings, item, items, local_name, reference, text
from fhirgate.mapping.parse.body_structure import identity_of_structure, is_volume, structure_key
from fhirgate.mapping.parse.groups import Groups
from fhirgate.mapping.parse.lesion_identifier import (
    LABEL_TYPES,
    UID_TYPES,
    Named,
    is_tracking,
    lesion_identifier,
    tracking,
    uid_key,
)
from fhirgate.mapping.parse.lesion_words import lesion_in, lesion_in_code
from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.parse.remembered import remembered
from fhirgate.mapping.sites import site_of
from fhirgate.oncology.lesion import LesionIdentity
from fhirgate.oncology.site import Site

STRUCTURE_TYPES = ("BodyStructure", "BodySite")
STRUCTURE_EXTENSIONS = frozenset(
    {
        "http://hl7.org/fhir/StructureDefinition/bodySite",
        "http://hl7.org/fhir/5.0/StructureDefinition/extension-Observation.bodyStructure",
    }
)
_TELLS = frozenset({"bodyStructure", "focus", "identifier", "bodySite", "extension", "component"})
"""Elements of an Observation that can say which lesion it is about."""
_SITE_PARTS = frozenset({"363698007", "272741003", "106233006"})
"""DICOM: finding site, laterality and topographical modifier as components of a group."""


class Tie(NamedTuple):
    """The lesion of an Observation. `known` when something but the site names it; `others` are the lesions it
    names besides (the one this has merged into, or several at once)."""

    identity: LesionIdentity
    known: bool = False
    others: tuple[LesionIdentity, ...] = ()


NOBODY = LesionIdentity()
NOTHING = Tie(NOBODY)


class Identities:
    """The lesions of a patient's Observations."""

    def __init__(self, record: Record, groups: Groups) -> None:
        self._record = record
        self._groups = groups
        self._own: dict[int, Tie] = {}
        self._structures: dict[str, LesionIdentity | None] = {}
        self._dangling: dict[str, tuple[int, Raw]] = {}
        self._by_label: dict[str, LesionIdentity] | None = None
        self._is_tracking = remembered(is_tracking)

    @property
    def dangling(self) -> dict[str, tuple[int, Raw]]:
        """References to structures the record does not hold: how often, and the first that names it."""
        return self._dangling

    def of(self, raw: Raw) -> Tie:
        """The lesion of an Observation, its own words first, then those of the group it belongs to."""
        own = self._own_of(raw)
        if own.identity.identifiers:
            return own
        for group in self._groups.above(raw):
            above = self._own_of(group)
            if own.known and above.identity.label.casefold() != own.identity.label.casefold():
                continue
            if above.known:
                return self._inherited(own, above)
            if own.identity.site.organ is None and above.identity.site.organ is not None:
                own = Tie(replace(own.identity, site=above.identity.site), own.known, own.others)
        return own

    def labelled(self, label: str) -> LesionIdentity | None:
        """The lesion of the record's BodyStructures that goes by this label."""
        if self._by_label is None:
            structures = self._record.of_type(*STRUCTURE_TYPES)
            found = [identity_of_structure(self._record, each) for each in structures]
            self._by_label = {each.label.casefold(): each for each in found if each.label}
        return self._by_label.get(label.strip().casefold())

    def structure(self, target: Any, within: Raw) -> LesionIdentity | None:
        """The lesion a Reference to a BodyStructure names; None when it names no lesion."""
        name = reference(target)
        if name.startswith("#") or not name:
            return self._structure(target, within, name)
        if name not in self._structures:
            self._structures[name] = self._structure(target, within, name)
        if self._dangling and name in self._dangling:
            count, first = self._dangling[name]
            self._dangling[name] = (count + 1, first)
        return self._structures[name]

    @staticmethod
    def _inherited(own: Tie, above: Tie) -> Tie:
        if own is NOTHING:
            return above
        site = own.identity.site if own.identity.site.organ else above.identity.site
        if above.identity.site.organ:  # the lesion's own site goes before that of one measurement
            site = above.identity.site
        label = own.identity.label or above.identity.label
        return Tie(replace(above.identity, label=label, site=site), True, own.others or above.others)

    def _own_of(self, raw: Raw) -> Tie:
        if _TELLS.isdisjoint(raw) and not lesion_in_code(self._record.code(raw).words).label:
            return NOTHING
        found = self._own.get(id(raw))
        if found is None:
            found = self._own[id(raw)] = self._read(raw)
        return found

    def _read(self, raw: Raw) -> Tie:
        structures = self._structures_of(raw)
        names = self._tracked(raw)
        if "component" in raw and not structures:
            names += _component_names(raw)
        first = structures[0] if structures else NOBODY
        if structures and not names and first.site.organ and "focus" not in raw:
            return Tie(first, True, tuple(structures[1:]))
        keys = {each.key for each in names if each.key}
        labels = sorted(each.label for each in names if each.label)
        if not structures and not labels:
            labels = [each for each in (lesion_in_code(self._record.code(raw).words).label,) if each]
        site = first.site if first.site.organ else _better(site_of_observation(raw), first.site)
        identity = first
        if keys or labels or site is not first.site:
            identity = replace(
                first,
                identifiers=first.identifiers | keys,
                label=first.label or next(iter(labels), ""),
                site=site,
            )
        if "focus" in raw and (about := self._condition(raw)) is not None:
            seat = site_of(about.get("code"), *items(about, "bodySite")) if not site.organ else site
            condition = identity.condition or self._record.id_of(about)
            identity = replace(identity, condition=condition, site=seat if seat.organ else site)
        known = bool(structures or identity.identifiers or identity.label)
        return Tie(identity, known, tuple(structures[1:]))

    def _structures_of(self, raw: Raw) -> list[LesionIdentity]:
        """The lesions named by element, extension or, where these are silent, by focus."""
        targets = [*items(raw, "bodyStructure")] if "bodyStructure" in raw else []
        for holder in (raw, *(items(raw, "bodySite") if "bodySite" in raw else ())):
            if "extension" in holder:
                targets += _extended(holder)
        found = [each for target in targets if (each := self.structure(target, raw)) is not None]
        if not found and "focus" in raw:
            for target in items(raw, "focus"):
                if self._is_structure(target, raw) and (each := self.structure(target, raw)) is not None:
                    found.append(each)
                elif (said := lesion_in(text(target, "display")).label) and not reference(target):
                    found.append(LesionIdentity(label=said, site=site_of(phrases=(text(target, "display"),))))
        return found if len(found) < 2 else list(dict.fromkeys(found))

    def _tracked(self, raw: Raw) -> list[Named]:
        """What tracking identifiers say, the Observation's own and its focus'."""
        found = items(raw, "identifier") if "identifier" in raw else ()
        for target in items(raw, "focus") if "focus" in raw else ():
            found += items(target, "identifier")
        return [tracking(each) for each in found if "type" in each and self._is_tracking(each["type"])]

    def _is_structure(self, target: Raw, within: Raw) -> bool:
        resolved = self._record.resolve(target, within)
        if resolved is not None:
            return text(resolved, "resourceType") in STRUCTURE_TYPES and not is_volume(resolved)
        if local_name(reference(target))[0] in STRUCTURE_TYPES or text(target, "type") in STRUCTURE_TYPES:
            return True
        return bool(tracking(item(target, "identifier")).key)

    def _structure(self, target: Any, within: Raw, name: str) -> LesionIdentity | None:
        resolved = self._record.resolve(target, within)
        if resolved is not None and text(resolved, "resourceType") in STRUCTURE_TYPES:
            return identity_of_structure(self._record, resolved)
        if resolved is not None:
            return None
        label = text(target, "display") if isinstance(target, dict) else ""
        if name and not name.startswith("#"):
            self._dangling.setdefault(name, (0, within))
            kind, id_ = local_name(name)
            key = uid_key(name) if not kind and name.startswith("urn:") else structure_key(id_ or name)
            return LesionIdentity(identifiers=frozenset({key}), label=label)
        found = lesion_identifier(item(target, "identifier"))
        if not found.key and not found.label:
            return LesionIdentity(label=label) if label else None
        return LesionIdentity(
            identifiers=frozenset({found.key} if found.key else ()), label=found.label or label
        )

    def _condition(self, raw: Raw) -> Raw | None:
        """The diagnosis a focus names: it tells the place of what is measured, not which lesion it is."""
        for target in items(raw, "focus"):
            resolved = self._record.resolve(target, raw)
            if resolved is not None and text(resolved, "resourceType") == "Condition":
                return resolved
        return None


def site_of_observation(raw: Raw) -> Site:
    """Where an Observation says it was made: `bodySite`, or DICOM's finding site among the components."""
    places = list(items(raw, "bodySite")) if "bodySite" in raw else []
    sides: list[Raw] = []
    for component in items(raw, "component") if "component" in raw else ():
        for coding in codings(component.get("code")):
            if coding.system == SNOMED and coding.code in _SITE_PARTS:
                (places if coding.code == "363698007" else sides).append(
                    item(component, "valueCodeableConcept")
                )
    return site_of(*places, laterality=sides) if places or sides else Site()


def _better(said: Site, structure: Site) -> Site:
    """The Observation's word on the site where the structure names no organ."""
    return said if said.organ or (said.detail and not structure.detail) else structure


def _extended(holder: Raw) -> list[Raw]:
    """References in the extensions that R4 has for R5's bodyStructure."""
    found: list[Raw] = []
    for each in items(holder, "extension"):
        if text(each, "url") in STRUCTURE_EXTENSIONS:
            found += items(each, "valueReference")
    return found


def _component_names(raw: Raw) -> Iterator[Named]:
    """Tracking UID and identifier as components of a group."""
    for component in items(raw, "component"):
        for coding in codings(component.get("code")):
            value = text(component, "valueString") or text(item(component, "valueCodeableConcept"), "text")
            if coding.system == DICOM and value:
                if coding.code in UID_TYPES:
                    yield Named(key=uid_key(value))
                elif coding.code in LABEL_TYPES:
                    yield Named(label=value, chosen=True)
