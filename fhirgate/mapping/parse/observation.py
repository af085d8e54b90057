"""What one Observation says of one lesion: sizes, words and uptake, from its value, components and categories.

All dialects meet here: mCODE's components, DICOM's one Observation per number or components of a group, a plain
radiology value, a trial export's words. Sizes are kept by the axis that was named.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from fhirgate.mapping.datatypes import (
    SILENCE,
    Concept,
    Raw,
    concept,
    item,
    items,
    number,
    objects,
    quantity,
    text,
)
from fhirgate.mapping.parse.lesion_size import given_length, plain_length
from fhirgate.mapping.parse.lesion_words import lesion_in, lesion_in_code
from fhirgate.mapping.parse.record import Coded, Record
from fhirgate.mapping.parse.remembered import remembered
from fhirgate.mapping.parse.said import Said, phrase_of
from fhirgate.mapping.parse.slice_thickness import component_thickness
from fhirgate.mapping.parse.tally import Tally
from fhirgate.mapping.parse.unknown_codes import note_unknown
from fhirgate.mapping.parse.uptake import uptake_of
from fhirgate.oncology.finding import Severity
from fhirgate.oncology.lesion import Kind, Uptake
from fhirgate.oncology.millimetres import Millimetres
from fhirgate.oncology.wording import count

AXES = ("size.long_axis", "size.short_axis", "size.diameter", "size.other_axis")
MEASUREMENT_GROUP = "125007"
"""DICOM: its code is the finding's category and its value the finding, neither a statement on the lesion."""


@dataclass(slots=True)
class Reading:
    """One Observation read: lengths [mm] by axis, statements, uptake, and why a given size is not used."""

    lengths: dict[str, list[Millimetres]] = field(default_factory=dict)
    said: Said = field(default_factory=Said)
    uptake: Uptake | None = None
    refused: list[str] = field(default_factory=list)
    named: bool = False
    """Whether it names the lesion in a way that is understood, though it may say nothing of its size."""
    expects_size: bool = False
    slice_thickness: Decimal | None = None

    def of(self, axis: str) -> list[Millimetres]:
        """The lengths given on an axis."""
        return self.lengths.get(axis, [])

    @property
    def speaks_of_size(self) -> bool:
        """Whether it holds a size, or a word instead of one."""
        if self.lengths:
            return True
        return bool(self.refused or self.uptake or self.said.kinds or self.said.changes)


class Statement(NamedTuple):
    """A phrase with its meaning, which is empty when unknown."""

    phrase: Concept
    meaning: str


NO_STATEMENT = Statement(SILENCE, "")


class Categories(NamedTuple):
    """What the categories of an Observation are, and those of them that are statements on a lesion."""

    codes: frozenset[str]
    statements: tuple[Statement, ...]


class _Phrases:
    """What the phrases of one record mean in its vocabulary."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._meanings: dict[Concept, str] = {}

    def of_code(self, said: Concept) -> str:
        """What the code of an Observation or component means; empty when unknown."""
        found = self._meanings.get(said)
        if found is None:
            found = self._meanings[said] = self._record.meaning(said) or self._record.vocabulary.meaning(
                (), (lesion_in(each).rest for each in said.words)
            )
        return found

    def of_part(self, code: Any) -> str:
        """The same, of a code as received."""
        return self.of_code(concept(code))

    def of(self, phrase: Concept) -> str:
        """What a phrase means that is no code of an Observation; empty when unknown."""
        return "" if phrase is SILENCE or not phrase else self._record.meaning(phrase)

    def in_categories(self, value: Any) -> Categories:
        """What categories say, as received."""
        phrases = [concept(each) for each in objects(value)]
        spoken = (Statement(phrase, self.of(phrase)) for phrase in phrases)
        return Categories(
            frozenset(each.code for phrase in phrases for each in phrase.codings),
            tuple(each for each in spoken if each.meaning),
        )

    def in_value(self, value: Any) -> Statement:
        """What a coded value says, as received."""
        phrase = concept(value)
        return Statement(phrase, self.of(phrase))


class ObservationReader:
    """Reads the Observations of one record by its vocabulary."""

    def __init__(self, record: Record, tally: Tally) -> None:
        self._record = record
        self._tally = tally
        # A class of its own: were it this reader that remembers its own readings, the two would hold each other,
        # and a whole record would lie in memory until Python next looks for such circles.
        self._phrases = _Phrases(record)
        self._categories = remembered(self._phrases.in_categories)
        self._value = remembered(self._phrases.in_value)
        self._meaning_of_part = remembered(self._phrases.of_part)

    def meaning(self, said: Concept) -> str:
        """What the code of an Observation or component means; empty when unknown."""
        return self._phrases.of_code(said)

    def categories(self, raw: Raw) -> Categories:
        """What the categories of an Observation say."""
        return self._categories(raw.get("category"))

    def read(self, coded: Coded, meaning: str, categories: Categories, *, known: bool) -> Reading:
        """Everything an Observation says; `known` when its lesion is, so that what is not understood is said."""
        raw = coded.raw
        reading = Reading()
        group = MEASUREMENT_GROUP in categories.codes
        reading.named = group or bool(meaning) or not known
        size = plain_length(raw) if meaning in AXES and "dataAbsentReason" not in raw else None
        if size is None:
            self._part(reading, raw, meaning, raw, known=known and not group)
        else:
            reading.lengths[meaning] = [size]
        for component in items(raw, "component") if "component" in raw else ():
            means = self._meaning_of_part(component.get("code"))
            self._part(reading, component, means, raw, known=known)
        for phrase, spoken in categories.statements:
            if reading.said.take(spoken, str(phrase)):
                reading.named = True
        if role := lesion_in_code(coded.said.words).role:
            reading.said.take(role)
        if reading.expects_size and not reading.speaks_of_size:
            self._no_value(reading, raw)
        return reading

    def _stated(self, holder: Raw) -> Statement:
        """The words in place of a number."""
        if "valueQuantity" in holder:
            return NO_STATEMENT
        if value := holder.get("valueCodeableConcept"):
            return self._value(value)
        phrase = phrase_of(holder)
        return Statement(phrase, self._phrases.of(phrase))

    def _part(self, reading: Reading, holder: Raw, means: str, raw: Raw, *, known: bool) -> None:
        if means == "ignore":
            reading.slice_thickness = reading.slice_thickness or component_thickness(holder)
            return
        phrase, spoken = self._stated(holder)
        if spoken and (reading.said.take(spoken, str(phrase)) or spoken == "finding.lesion"):
            reading.named = True
        if means in AXES:
            self._size(reading, holder, means, raw, phrase if not spoken else SILENCE)
        elif means.startswith("uptake."):
            self._uptake(reading, holder, means, raw)
        elif means.startswith(("role.", "state.")):
            self._statement(reading, holder, means, phrase)
        elif means == "size.volume":
            self._volume(holder, raw)
        elif known and not spoken:
            self._unknown(holder, means, phrase, raw)
        if "dataAbsentReason" in holder and (
            means in AXES or means.startswith(("state.", "finding.")) or (not means and known)
        ):
            self._absent_reason(reading, holder)

    def _size(self, reading: Reading, holder: Raw, axis: str, raw: Raw, unread: Concept) -> None:
        """The length on an axis; `unread` are words in its place that mean nothing yet."""
        found = given_length(holder, raw, self._record, self._tally, axis)
        if found is None and unread:
            note_unknown(self._tally, unread, raw, "value")
            reading.said.take("state.not_evaluable", str(unread))
        elif found is None:
            has_parts = holder is raw and "component" in raw
            optional = axis == "size.other_axis"
            reading.expects_size = reading.expects_size or not (has_parts or optional)
        elif found.size is not None:
            reading.lengths.setdefault(axis, []).append(found.size)
            if found.others:
                reading.lengths.setdefault("size.other_axis", []).extend(found.others)
        elif found.too_small:
            reading.said.kinds.add(Kind.TOO_SMALL)
        elif found.bound:
            reading.said.kinds.add(Kind.PRESENT)
            reading.said.notes.append(found.bound)
        else:
            reading.refused.append(found.refused)

    def _uptake(self, reading: Reading, holder: Raw, means: str, raw: Raw) -> None:
        found = uptake_of(means, holder, raw)
        if found is not None:
            before = reading.uptake or Uptake()
            reading.uptake = Uptake(
                sul_peak=before.sul_peak if found.sul_peak is None else found.sul_peak,
                suv_max=before.suv_max if found.suv_max is None else found.suv_max,
            )
            return
        self._tally.add(
            "UPTAKE_NOT_COMPARABLE",
            Severity.INFORMATION,
            "",
            lambda met: f"{count(met, 'uptake value')} neither SULpeak nor SUVmax by code and unit; not used",
            raw,
        )

    def _volume(self, holder: Raw, raw: Raw) -> None:
        if number(item(holder, "valueQuantity").get("value")) is None:
            return
        self._tally.add(
            "VOLUME_NOT_USED",
            Severity.INFORMATION,
            "",
            lambda met: (
                f"{count(met, 'volume')} (or areas) of lesions; the criteria use diameters, so not used"
            ),
            raw,
        )

    @staticmethod
    def _statement(reading: Reading, holder: Raw, means: str, phrase: Concept) -> None:
        """A code that is a statement itself, true unless its value says no."""
        answer = holder.get("valueBoolean")
        if answer is None and phrase and str(phrase).casefold() in ("n", "no", "nein", "false"):
            answer = False
        if answer is not False:
            reading.said.take(means)
        elif means in ("state.present", "state.absent"):
            reading.said.take("state.absent" if means == "state.present" else "state.present")

    def _absent_reason(self, reading: Reading, holder: Raw) -> None:
        phrase = concept(holder["dataAbsentReason"])
        means = self._phrases.of(phrase)
        if not means.startswith("state."):
            means = "state.not_evaluable"
        reading.said.take(means, str(phrase) or "no reason given")

    def _unknown(self, holder: Raw, means: str, phrase: Concept, raw: Raw) -> None:
        """Name what is not understood: the value where it speaks for itself, else the code."""
        if phrase:
            note_unknown(self._tally, phrase, raw, "value")
        elif not means:
            number_given = quantity(holder.get("valueQuantity"))
            length = number_given is not None and number_given.unit in ("mm", "cm")
            suggested = "size.long_axis" if length else "ignore"
            note_unknown(self._tally, concept(holder.get("code")), raw, "code", suggested)

    def _no_value(self, reading: Reading, raw: Raw) -> None:
        if text(raw, "status") == "registered":
            return
        reading.said.take("state.not_evaluable", "no value given")
        self._record.note(
            "VALUE_MISSING",
            Severity.WARNING,
            "a measurement without a value and without a reason for that; the lesion is taken as not evaluable",
            raw,
            "value",
        )
