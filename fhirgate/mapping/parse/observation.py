"""What one Observation says of one lesion: sizes, words and uptake, from its value, components and categories.

All dialects meet here: mCODE's components, DICOM's one Observation per number or components of a group, a plain
radiology value, a trial export's words. Sizes are kept by the axis that was named.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from fhirgate.mapping.datatypes import SILENCE, Concept, Raw, concept, item, items, number, quantity, text
from fhirgate.mapping.parse.lesion_size import given_length
from fhirgate.mapping.parse.lesion_words import lesion_in, lesion_in_code
from fhirgate.mapping.parse.record import Record
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
        said = self.said
        return bool(self.lengths or self.refused or self.uptake or said.kinds or said.changes)

    @property
    def has_size(self) -> bool:
        """Whether any length was read."""
        return bool(self.lengths)


class ObservationReader:
    """Reads the Observations of one record by its vocabulary."""

    def __init__(self, record: Record, tally: Tally) -> None:
        self._record = record
        self._tally = tally
        self._meanings: dict[Concept, str] = {}

    def meaning(self, raw: Raw) -> str:
        """What the code of an Observation or component means; empty when unknown."""
        coded = self._record.code(raw)
        said = Concept(coded.codings, coded.words)
        if said not in self._meanings:
            self._meanings[said] = self._record.meaning(said) or self._record.vocabulary.meaning(
                (), (lesion_in(each).rest for each in said.words)
            )
        return self._meanings[said]

    def read(self, raw: Raw, meaning: str, *, known: bool) -> Reading:
        """Everything an Observation says; `known` when its lesion is, so that what is not understood is said."""
        reading = Reading()
        categories = [concept(each) for each in items(raw, "category")]
        group = any(each.code == MEASUREMENT_GROUP for phrase in categories for each in phrase.codings)
        reading.named = group or bool(meaning) or not known
        for holder, means in self._holders(raw, meaning):
            self._part(reading, holder, means, raw, known=known and not (group and holder is raw))
        for phrase in categories:
            if (spoken := self._means(phrase)) and reading.said.take(spoken, str(phrase)):
                reading.named = True
        if role := lesion_in_code(self._record.code(raw).words).role:
            reading.said.take(role)
        if reading.expects_size and not reading.speaks_of_size:
            self._no_value(reading, raw)
        return reading

    def _holders(self, raw: Raw, meaning: str) -> Iterator[tuple[Raw, str]]:
        yield raw, meaning
        for component in items(raw, "component") if "component" in raw else ():
            yield component, self.meaning(component)

    def _part(self, reading: Reading, holder: Raw, means: str, raw: Raw, *, known: bool) -> None:
        if means == "ignore":
            reading.slice_thickness = reading.slice_thickness or component_thickness(holder)
            return
        phrase = phrase_of(holder)
        spoken = self._means(phrase)
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
        if means in AXES or means.startswith(("state.", "finding.")) or (not means and known):
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
        if "dataAbsentReason" not in holder:
            return
        phrase = concept(holder["dataAbsentReason"])
        means = self._means(phrase)
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

    def _means(self, phrase: Concept) -> str:
        return self._record.meaning(phrase) if phrase else ""
