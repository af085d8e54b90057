"""Every Observation of a lesion -> one sighting: who it is, when, on which study, by whom, and what was seen.

One Observation makes one sighting (a contradicting second value makes another); what belongs together is put
together by the core. A group gives its members what they do not say themselves.
"""

from collections.abc import Sequence
from dataclasses import replace

from fhirgate.mapping.datatypes import Raw, date, text
from fhirgate.mapping.parse.identity import Identities, Tie
from fhirgate.mapping.parse.lesion_facts import About, about
from fhirgate.mapping.parse.merged_lesions import merged_into
from fhirgate.mapping.parse.modality import for_size, leading, modalities
from fhirgate.mapping.parse.narrative import note_narrative
from fhirgate.mapping.parse.observation import ObservationReader, Reading
from fhirgate.mapping.parse.readers import Readers
from fhirgate.mapping.parse.record import Coded, Record
from fhirgate.mapping.parse.seen import kind_of, sizes_of
from fhirgate.mapping.parse.slice_thickness import stated_thickness
from fhirgate.mapping.parse.studies import Studies
from fhirgate.mapping.parse.tally import Tally
from fhirgate.mapping.parse.unread_lengths import UnreadLengths
from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.finding import Severity
from fhirgate.oncology.lesion import Kind, Reader, Sighting
from fhirgate.oncology.millimetres import Millimetres
from fhirgate.oncology.wording import count

PRELIMINARY = frozenset({"preliminary", "registered", "unknown"})
EFFECTIVE = ("effectiveDateTime", "effectivePeriod.end", "effectiveInstant", "effectivePeriod.start")


def parse_sightings(record: Record, studies: Studies) -> tuple[Sighting, ...]:
    """Everything the record's Observations say of lesions, in order of date and source.

    Also settles which studies were only described in words: read `studies.studies` afterwards.
    """
    sightings = _Sightings(record, studies).all()
    studies.mark_measured({each.study for each in sightings})
    note_narrative(record, studies, measured=bool(sightings))
    return sightings


class _Sightings:
    """The Observations of one record, read one by one."""

    def __init__(self, record: Record, studies: Studies) -> None:
        self._record = record
        self._studies = studies
        self._tally = Tally(record)
        self._identities = Identities(record, studies.groups)
        self._reader = ObservationReader(record, self._tally)
        self._readers = Readers(record)
        self._dates: dict[int, ClinicalDate | None] = {}
        self._no_lesion: set[str] = set()
        self._lengths = UnreadLengths(record)

    def all(self) -> tuple[Sighting, ...]:
        found = [each for coded in self._record.coded("Observation") for each in self._of(coded)]
        self._note_dangling()
        self._lengths.report()
        self._tally.report()
        if self._no_lesion:
            found = [each for each in found if self._no_lesion.isdisjoint(each.identity.identifiers)]
        return tuple(sorted(found, key=_order))

    def _of(self, coded: Coded) -> Sequence[Sighting]:
        raw = coded.raw
        meaning = self._reader.meaning(coded.said)
        tie = self._identities.of(raw)
        categories = self._reader.categories(raw)
        match about(raw, meaning, tie, categories.codes):
            case About.LESION:
                if self._counts(raw):
                    return self._read(
                        self._reader.read(coded, meaning, categories, known=tie.known), raw, tie
                    )
            case About.NARRATIVE:
                if key := self._studies.key_of(raw):
                    self._studies.mark_narrative(key)
            case About.PATHOLOGY:
                self._note_pathology(raw, tie)
            case About.UNNAMED_SIZE:
                self._note_unnamed(raw, "length")
            case About.UNNAMED_NEW:
                self._note_new(raw)
            case About.UNNAMED_OTHER:
                self._note_unnamed(raw, "volume" if meaning == "size.volume" else "uptake value")
            case About.OTHER:
                if not meaning:
                    self._lengths.take(raw)
        return ()

    def _counts(self, raw: Raw) -> bool:
        """Whether its status lets it count."""
        if raw.get("modifierExtension"):
            self._record.note(
                "MODIFIER_UNKNOWN",
                Severity.ERROR,
                "a modifier extension changes the meaning in a way that is not understood; it was not used",
                raw,
                "modifierExtension",
            )
            return False
        status = text(raw, "status")
        if status == "cancelled":
            self._record.note(
                "MEASUREMENT_CANCELLED", Severity.INFORMATION, "cancelled, not used", raw, "status"
            )
            return False
        if status in PRELIMINARY:
            self._tally.add(
                "PRELIMINARY_USED",
                Severity.WARNING,
                "",
                lambda met: f"{count(met, 'statement')} on lesions not final yet; used as they are",
                raw,
                path="status",
            )
        return True

    def _read(self, reading: Reading, raw: Raw, tie: Tie) -> Sequence[Sighting]:
        if reading.said.no_lesion:
            self._note_no_lesion(raw, tie)
            return ()
        if not reading.speaks_of_size and (not reading.named or text(raw, "status") == "registered"):
            return ()
        if tie.others and Kind.MERGED not in reading.said.kinds:
            self._note_several(raw)
            return ()
        taken_on = self._date(raw)
        if taken_on is None:
            self._note_no_date(raw)
            return ()
        return self._sightings(raw, tie, reading, taken_on)

    def _sightings(self, raw: Raw, tie: Tie, reading: Reading, taken_on: ClinicalDate) -> Sequence[Sighting]:
        own = modalities(raw["method"]) if "method" in raw else frozenset()
        study = self._study(raw, taken_on, own)
        found = own or self._studies.modalities_of(study)
        sizes = sizes_of(reading, tie.identity.site.node, raw, self._record, self._tally)
        said = reading.said
        merged = Kind.MERGED in said.kinds
        first = Sighting(
            identity=tie.identity,
            taken_on=taken_on,
            long_axis=sizes.long_axis,
            short_axis=sizes.short_axis,
            short_axis_inferred=sizes.inferred,
            kind=kind_of(reading, sizes, raw, self._record),
            change=said.change if said.changes else None,
            role=said.role if said.roles else None,
            fragments=sizes.fragments,
            merged_into=merged_into(raw, tie, self._identities) if merged else frozenset(),
            uptake=reading.uptake,
            reader=self._read_by(raw),
            study=study,
            modality=for_size(found) if reading.lengths else leading(found),
            slice_thickness=self._thickness(raw, reading, study),
            preliminary=text(raw, "status") in PRELIMINARY,
            note="; ".join(dict.fromkeys(said.notes)) if said.notes else "",
            refused="; ".join(reading.refused) if reading.refused and not reading.lengths else "",
            sources=(self._record.source(raw),),
        )
        if not (sizes.more_long or sizes.more_short):
            return (first,)
        bare = replace(first, long_axis=None, short_axis=None, role=None, uptake=None)
        return (
            first,
            *(replace(bare, long_axis=size) for size in sizes.more_long),
            *(replace(bare, short_axis=size) for size in sizes.more_short),
        )

    def _study(self, raw: Raw, taken_on: ClinicalDate, own: frozenset[str]) -> str:
        linked = self._studies.key_of(raw)
        if linked or not taken_on.is_day:
            return linked
        same_day = self._studies.key_on(taken_on.text, own)
        if same_day:
            self._tally.add(
                "STUDY_LINKED_BY_DATE",
                Severity.WARNING,
                "",
                lambda met: (
                    f"{count(met, 'statement')} on lesions linked to the only study of the same day,"
                    " because no reference names the study"
                ),
                raw,
            )
        return same_day

    def _date(self, raw: Raw) -> ClinicalDate | None:
        """The day of the image: effective, the group's effective, the study's start, else when issued."""
        if (own := date(raw.get(EFFECTIVE[0])) or self._effective(raw)) is not None:
            return own
        above = list(self._studies.groups.above(raw))
        for each in above:
            if (found := self._effective(each)) is not None:
                return found
        study = self._studies.of(self._studies.key_of(raw))
        if study is not None and study.taken_on is not None:
            return study.taken_on
        return next((found for each in (raw, *above) if (found := self._record.date(each, "issued"))), None)

    def _effective(self, raw: Raw) -> ClinicalDate | None:
        if id(raw) not in self._dates:
            self._dates[id(raw)] = self._record.date(raw, *EFFECTIVE)
        return self._dates[id(raw)]

    def _read_by(self, raw: Raw) -> Reader | None:
        if (own := self._readers.of(raw)) is not None:
            return own
        for each in self._studies.groups.above(raw):
            if (found := self._readers.of(each)) is not None:
                return found
        return self._readers.of_report(self._studies.report_of(raw))

    def _thickness(self, raw: Raw, reading: Reading, study: str) -> Millimetres | None:
        found = reading.slice_thickness or (stated_thickness(raw) if "extension" in raw else None)
        if found is None and (linked := self._studies.of(study)) is not None:
            found = linked.slice_thickness
        return None if found is None else Millimetres(found)

    def _note_pathology(self, raw: Raw, tie: Tie) -> None:
        self._record.note(
            "PATHOLOGY_SIZE",
            Severity.INFORMATION,
            "a size measured on the removed tumour; it is no follow-up measurement and was not used"
            + ("; focus and a specimen method contradict mCODE" if tie.known else ""),
            raw,
            "method",
        )

    def _note_unnamed(self, raw: Raw, what: str) -> None:
        self._tally.add(
            "SIZE_WITHOUT_LESION",
            Severity.INFORMATION,
            what,
            lambda met: (
                f"{count(met, what)} of nothing that is named as a lesion; not used."
                " A focus, a tracking identifier or"
                f" {'the site of the lesion' if what == 'length' else 'its longest diameter'} would settle it"
            ),
            raw,
        )

    def _note_new(self, raw: Raw) -> None:
        self._record.note(
            "NEW_LESION_WITHOUT_PLACE",
            Severity.ERROR,
            "a new lesion is stated, and nothing says where or which; it was not used, so progression may be missed."
            " Its site, a BodyStructure or a tracking identifier would settle it",
            raw,
            "bodySite",
        )

    def _note_no_lesion(self, raw: Raw, tie: Tie) -> None:
        self._no_lesion |= tie.identity.identifiers
        self._record.note(
            "NOT_A_LESION",
            Severity.INFORMATION,
            f"{tie.identity.label or tie.identity.site} is stated to be no lesion; its measurements are not used",
            raw,
        )

    def _note_several(self, raw: Raw) -> None:
        self._record.note(
            "SEVERAL_LESIONS",
            Severity.ERROR,
            "one statement names several lesions; it was not used. One Observation for each would settle it",
            raw,
            "focus",
        )

    def _note_no_date(self, raw: Raw) -> None:
        self._record.note(
            "NO_DATE",
            Severity.ERROR,
            "neither the measurement nor its study says when the image was taken; it was not used",
            raw,
            "effective",
        )

    def _note_dangling(self) -> None:
        for name, (met, first) in sorted(self._identities.dangling.items()):
            self._record.note(
                "BODY_STRUCTURE_NOT_SERVED",
                Severity.INFORMATION,
                f"{name}, named {count(met, 'time')}, is not in the record; the lesion is followed by this reference",
                first,
            )


def _order(sighting: Sighting) -> tuple[object, ...]:
    taken = sighting.taken_on
    return (
        taken.earliest,
        taken.latest,
        sighting.sources,
        str(sighting.long_axis),
        str(sighting.short_axis),
    )
