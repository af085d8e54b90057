"""A record moved in time by whole days, so that a story which ended long ago ends today.

Moved are the elements that hold a date, by their names, and days in ISO form that free text quotes. Codes, ids,
versions and times of day stay as they are, and so does what cannot be a day of the calendar.

Everything of full days keeps its distances, so a moved record is judged as the record was. A month or a year alone
cannot keep them: it becomes the one in which its middle comes to lie, which is right to half of its length.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from fhirgate.sandbox.ehr.patients import PatientRecord

DATES = frozenset(
    {
        *("abatementDateTime", "authoredOn", "birthDate", "collectedDateTime", "created", "creation", "date"),
        *("dateAsserted", "deceasedDateTime", "effectiveDateTime", "effectiveInstant", "end", "event"),
        *(
            "expirationDate",
            "issued",
            "lastUpdated",
            "occurredDateTime",
            "occurrenceDateTime",
            "onsetDateTime",
        ),
        *("performedDateTime", "receivedTime", "recorded", "recordedDate", "start", "started", "time"),
        *("timeDateTime", "timingDate", "timingDateTime", "valueDate", "valueDateTime", "valueInstant"),
        *("whenHandedOver", "whenPrepared"),
    }
)
"""Elements of type date, dateTime and instant in the types that are served, and in the data types they use."""
WORDS = frozenset(
    {
        *("comment", "conclusion", "description", "display", "div", "patientInstruction", "text", "title"),
        *("valueMarkdown", "valueString"),
    }
)
"""Elements of free text that may quote a day."""
_DATE = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)(?P<time>T.*)?)?)?", re.ASCII)
_QUOTED = re.compile(r"(?<![\w./-])\d{4}-\d\d-\d\d(?=T\d\d:|(?![\w-]))", re.ASCII)
_MID_MONTH = 15
_MID_YEAR = (7, 2)


def moved_record(record: PatientRecord, days: int) -> PatientRecord:
    """A patient whose story is told as many days later, or earlier."""
    return replace(record, resources=tuple(moved(each, days) for each in record.resources))


def moved(resource: Any, days: int) -> Any:
    """A resource, a Bundle or a part of one, with every date as many days later, or earlier."""
    step = timedelta(days=days)
    if isinstance(resource, Mapping):
        is_coded = "code" in resource
        return {name: _element(name, value, step, is_coded=is_coded) for name, value in resource.items()}
    if isinstance(resource, list):
        return [moved(each, days) for each in resource]
    return resource


def moved_date(text: str, days: int) -> str:
    """A date of FHIR that many days later, as precise as it was; what is none stays."""
    found = _DATE.fullmatch(text)
    return text if found is None else _moved_date(found, timedelta(days=days))


def moved_words(text: str, days: int) -> str:
    """Free text in which every ISO day is that many days later."""
    return _QUOTED.sub(lambda quoted: moved_date(quoted.group(), days), text)


def _element(name: str, value: Any, step: timedelta, *, is_coded: bool) -> Any:
    if name in DATES:
        texts = value if isinstance(value, list) else [value]
        if all(isinstance(each, str) for each in texts):
            dates = [moved_date(each, step.days) for each in texts]
            return dates if isinstance(value, list) else dates[0]
    # The display of a code is a part of its code system.
    if name in WORDS and isinstance(value, str) and not (name == "display" and is_coded):
        return moved_words(value, step.days)
    return moved(value, step.days)


def _moved_date(found: re.Match[str], step: timedelta) -> str:
    month, day = (int(found[each] or 0) for each in ("month", "day"))
    try:
        if not found["month"]:
            return f"{date(int(found['year']), *_MID_YEAR) + step:%Y}"
        there = date(int(found["year"]), month, day or _MID_MONTH) + step
    except (ValueError, OverflowError):
        return found.group()
    return there.isoformat() + (found["time"] or "") if day else f"{there:%Y-%m}"
