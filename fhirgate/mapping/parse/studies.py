"""Imaging studies and the Observations made on them.

Links in the order of fhir-contracts §A6: partOf, derivedFrom, a report's results, a shared request or accession
number; the same day is the last resort. Servers without ImagingStudy are the rule in the US: the report or the
accession is the study there. Read `studies` after the sightings: these may name a study nobody served.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal

from fhirgate.mapping.datatypes import Raw, item, items, local_name, reference, text, texts, words
from fhirgate.mapping.parse import reports
from fhirgate.mapping.parse.groups import Groups
from fhirgate.mapping.parse.lesion_identifier import uid_key
from fhirgate.mapping.parse.modality import leading, modalities
from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.parse.remembered import remembered
from fhirgate.mapping.parse.slice_thickness import stated_thickness
from fhirgate.oncology.chart import Study
from fhirgate.oncology.source import joined


def parse_studies(record: Record) -> "Studies":
    """The patient's imaging studies, with what is needed to find the one of an Observation."""
    return Studies(record)


class Studies:
    """Studies by key, and the key of every Observation that was made on one."""

    def __init__(self, record: Record) -> None:
        self.groups = Groups(record)
        self._record = record
        self._by_key: dict[str, Study] = {}
        self._modalities: dict[str, frozenset[str]] = {}
        self._by_name: dict[str, str] = {}
        self._by_request: dict[str, set[str]] = defaultdict(set)
        self._report: dict[int, tuple[str, Raw]] = {}
        self._narrative: set[str] = set()
        self._measured: set[str] = set()
        self._keys: dict[int, str] = {}
        self._served: dict[str, str] = {}
        self._is_accession = remembered(reports.is_accession)
        self._modality_of_report = remembered(lambda said: reports.modality_of(*said))
        self._days: dict[str, list[str]] | None = None
        for raw in record.of_type("ImagingStudy"):
            if text(raw, "status") != "cancelled":
                self._add_study(raw)
        for raw in record.of_type("DiagnosticReport"):
            if reports.is_imaging(raw) and text(raw, "status") not in ("cancelled", "registered"):
                self._add_report(raw)

    @property
    def studies(self) -> tuple[Study, ...]:
        """All studies in order of key; `narrative_only` where words were written and nothing was measured."""
        described = self._narrative - self._measured
        return tuple(
            replace(study, narrative_only=True) if key in described else study
            for key, study in sorted(self._by_key.items())
        )

    def of(self, key: str) -> Study | None:
        """The study of a key."""
        return self._by_key.get(key)

    def modalities_of(self, key: str) -> frozenset[str]:
        """Every modality of a study: a PET/CT has two."""
        return self._modalities.get(key, frozenset())

    def key_of(self, raw: Raw) -> str:
        """The key of the study an Observation was made on, else that of its group; empty when unlinked."""
        found = self._keys.get(id(raw))
        if found is None:
            found = self._keys[id(raw)] = self._linked(raw) or next(
                (key for group in self.groups.above(raw) if (key := self._linked(group))), ""
            )
        return found

    def key_on(self, day: str, found: frozenset[str]) -> str:
        """The only study of this day whose modality agrees with what the Observation says of its own."""
        if self._days is None:
            self._days = defaultdict(list)
            for key, study in sorted(self._by_key.items()):
                if study.taken_on is not None and study.taken_on.is_day:
                    self._days[study.taken_on.text].append(key)
        fitting = [
            key
            for key in self._days.get(day, ())
            if not found or not self.modalities_of(key) or found & self.modalities_of(key)
        ]
        return fitting[0] if len(fitting) == 1 else ""

    def report_of(self, raw: Raw) -> Raw | None:
        """The report that lists an Observation, or its group, among its results."""
        for each in (raw, *self.groups.above(raw)):
            if id(each) in self._report:
                return self._report[id(each)][1]
        return None

    def mark_narrative(self, key: str) -> None:
        """Note that a study is described in words."""
        self._narrative.add(key)

    def mark_measured(self, keys: Iterable[str]) -> None:
        """Note that lesions were measured or judged on these studies."""
        self._measured.update(keys)

    def _add_study(self, raw: Raw) -> None:
        key = f"ImagingStudy/{self._record.id_of(raw)}"
        series = items(raw, "series")
        found = modalities(*_modality_elements(raw, series))
        if not found:
            found = modalities(
                raw.get("procedureCode"), raw.get("procedure"), phrases=(text(raw, "description"),)
            )
        begun = self._record.date(raw, "started") or next(
            iter(sorted(filter(None, (self._record.date(each, "started") for each in series)), key=str)), None
        )
        self._modalities[key] = found
        self._by_key[key] = Study(
            key=key,
            id=self._record.id_of(raw),
            taken_on=begun,
            modality=leading(found),
            body=_regions(raw, series),
            slice_thickness=_thinnest((raw, *series)),
            sources=(self._record.source(raw),),
        )
        for name in _uids(raw):
            self._by_name.setdefault(name, key)
        self._link_requests(raw, key)

    def _add_report(self, raw: Raw) -> None:
        key = self._study_of_report(raw)
        study = self._by_key.get(key)
        source = self._record.source(raw)
        found = self._modality_of_report((raw.get("category"), raw.get("code")))
        if study is None:
            study = Study(key=key, id=key.rsplit("/", 1)[-1], taken_on=None, is_report=True, sources=())
        if not self.modalities_of(key):
            self._modalities[key] = found
        self._by_key[key] = Study(
            key=key,
            id=study.id,
            taken_on=study.taken_on or reports.taken_on(self._record, raw),
            modality=study.modality or leading(found),
            body=study.body or reports.regions(raw),
            slice_thickness=study.slice_thickness,
            is_report=study.is_report,
            sources=joined(study.sources, (source,)),
        )
        if reports.narrative(raw):
            self._narrative.add(key)
        for member in reports.members(self._record, raw):
            self._report.setdefault(id(member), (key, raw))
        self._link_requests(raw, key)

    def _study_of_report(self, raw: Raw) -> str:
        """The study a report names, shares a request or accession with, or else is."""
        for target in reports.linked_studies(raw):
            if key := self._study_named(target, raw):
                return key
        return self._by_requests(raw) or f"DiagnosticReport/{self._record.id_of(raw)}"

    def _link_requests(self, raw: Raw, key: str) -> None:
        for name in self._requests(raw):
            self._by_request[name].add(key)
        for number in reports.accessions(raw, self._is_accession):
            self._by_request[_accession_key(number)].add(key)

    def _requests(self, raw: Raw) -> Iterator[str]:
        """Names of the orders a resource is based on, and of their accession numbers."""
        for target in items(raw, "basedOn") if "basedOn" in raw else ():
            resolved = self._record.resolve(target, raw)
            if resolved is not None:
                yield f"{text(resolved, 'resourceType')}/{self._record.id_of(resolved)}"
                for number in reports.accessions(resolved):
                    yield _accession_key(number)
            elif name := reference(target):
                yield "/".join(local_name(name)) if local_name(name)[0] else name
            for number in reports.accessions(target):
                yield _accession_key(number)

    def _linked(self, raw: Raw) -> str:
        for element in ("partOf", "derivedFrom"):
            if element in raw:
                for target in items(raw, element):
                    if key := self._study_named(target, raw):
                        return key
        for each in items(raw, "related") if "related" in raw else ():  # STU3
            if key := self._study_named(item(each, "target"), raw):
                return key
        if id(raw) in self._report:
            return self._report[id(raw)][0]
        return self._by_requests(raw) if "basedOn" in raw else ""

    def _by_requests(self, raw: Raw) -> str:
        """The only study of the request or accession; the accession itself where no study is served."""
        names = [*self._requests(raw), *(_accession_key(each) for each in reports.accessions(raw))]
        keys = set().union(*(self._by_request[name] for name in names if name in self._by_request))
        if len(keys) == 1:
            return keys.pop()
        accession = next((name for name in names if name.startswith("accession:")), "")
        if keys or not accession:
            return ""
        self._by_request[accession].add(accession)
        self._by_key.setdefault(accession, Study(key=accession, id=accession, taken_on=None, is_report=True))
        return accession

    def _study_named(self, target: Raw, within: Raw) -> str:
        """The key of the study a reference means, directly or through an ImagingSelection (R5)."""
        name = reference(target)
        if name in self._served:
            return self._served[name]
        resolved = self._record.resolve(name or target, within)
        if resolved is not None:
            kind = text(resolved, "resourceType")
            if kind == "ImagingStudy":
                key = self._key_of_study(resolved)
                if key and self._record.names_one(name):
                    self._served[name] = key
                return key
            return self._of_selection(resolved) if kind == "ImagingSelection" else ""
        kind, id_ = local_name(name)
        if kind == "ImagingStudy":
            return self._unserved(f"ImagingStudy/{id_}")
        identifier = item(target, "identifier")
        value = text(identifier, "value")
        if value and text(target, "type") in ("ImagingStudy", ""):
            return self._named(uid_key(value)) if text(identifier, "system") == "urn:dicom:uid" else ""
        return ""

    def _key_of_study(self, resolved: Raw) -> str:
        key = f"ImagingStudy/{self._record.id_of(resolved)}"
        if key not in self._by_key:  # contained in the Observation, or entered in error
            return next((self._by_name[each] for each in _uids(resolved) if each in self._by_name), "")
        return key

    def _of_selection(self, selection: Raw) -> str:
        for target in items(selection, "derivedFrom"):
            if reference(target) and (key := self._study_named(target, selection)):
                return key
        studied = text(selection, "studyUid")
        return self._named(uid_key(studied)) if studied else ""

    def _named(self, name: str) -> str:
        return self._by_name.get(name) or self._unserved(name)

    def _unserved(self, key: str) -> str:
        """A study that is named and not served: the name is its key."""
        self._by_key.setdefault(key, Study(key=key, id=key.rsplit("/", 1)[-1], taken_on=None))
        return key


def _accession_key(number: str) -> str:
    """An accession number identifies a visit; only its digest leaves this file."""
    return "accession:" + hashlib.sha256(number.rsplit("|", 1)[-1].encode()).hexdigest()[:12]


def _uids(raw: Raw) -> Iterator[str]:
    for each in items(raw, "identifier"):
        value = text(each, "value")
        if value and (text(each, "system") == "urn:dicom:uid" or value.startswith("urn:oid:")):
            yield uid_key(value)
    if text(raw, "uid"):  # STU3
        yield uid_key(text(raw, "uid"))


def _modality_elements(raw: Raw, series: tuple[Raw, ...]) -> list[object]:
    """R4 Coding, R5 CodeableConcept, STU3 modalityList; a bare code where a server writes one."""
    found = [raw.get("modality"), raw.get("modalityList"), *texts(raw, "modality")]
    for each in series:
        if (own := each.get("modality")) != found[-1]:  # all series of a study have the same, as a rule
            found.append(own)
    return found


def _regions(raw: Raw, series: tuple[Raw, ...]) -> tuple[str, ...]:
    found: list[str] = []
    for each in series:
        if "bodySite" in each:
            found += words(each["bodySite"])
    for element in ("procedureCode", "procedure"):
        found += words(raw.get(element))
    found.append(text(raw, "description"))
    return tuple(sorted({each for each in found if each}))


def _thinnest(holders: Iterable[Raw]) -> Decimal | None:
    """The thinnest slices the study states [mm]: a lesion is measured on these."""
    stated = [
        found for each in holders if "extension" in each and (found := stated_thickness(each)) is not None
    ]
    return min(stated, default=None)
