"""How single values are written as JSON: lengths, percentages, probabilities, dates, references."""

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal

from fhirgate.oncology.assessment import Interval, Probabilities
from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.millimetres import Millimetres, exact
from fhirgate.oncology.source import Source
from fhirgate.oncology.verdict import Reason

Json = dict[str, object]

PERCENT_DIGITS = Decimal("0.0001")
NOT_ROUNDED_FROM = Decimal(10) ** 20  # far from any limit, and more digits than a Decimal can be rounded to
PROBABILITY_DIGITS = 4


def length(size: Millimetres | None) -> str | None:
    """A length as an exact decimal string [mm]."""
    return None if size is None else exact(size)


def percentage(part: Decimal | None, whole: Decimal | None) -> float | None:
    """A change as a percentage of what it changed from [%]; None when either is unknown or it was zero."""
    return None if part is None or not whole else rounded_percent(part * 100 / whole)


def rounded_percent(value: Decimal | None) -> float | None:
    """A percentage with at most four decimals, never rounded up to a whole percent that it does not reach.

    >>> rounded_percent(Decimal("19.99999"))
    19.9999
    """
    if value is None or abs(value) >= NOT_ROUNDED_FROM:
        return None if value is None else float(value)
    shown = value.quantize(PERCENT_DIGITS, ROUND_HALF_EVEN)
    if shown == shown.to_integral_value() and abs(shown) > abs(value):
        shown = value.quantize(PERCENT_DIGITS, ROUND_DOWN)
    return float(shown) + 0.0  # no minus zero


def dated(day: ClinicalDate | date | None) -> str | None:
    """An ISO date with the precision it has."""
    return None if day is None else str(day)


def reference(source: Source | None) -> str | None:
    """A FHIR reference, version-specific where the server gave a version; the type alone without an id."""
    if source is None or not source.type:
        return None
    return str(source) if source.id else source.type


def references(sources: Iterable[Source]) -> list[str]:
    """FHIR references, each once, in the order given."""
    found = (reference(source) for source in sources)
    return list(dict.fromkeys(each for each in found if each))


def reason_json(reason: Reason) -> Json:
    """One reason: what it is, and the datum that would settle it (empty when nothing is open)."""
    return {
        "code": reason.code,
        "text": reason.text,
        "resolvedBy": reason.resolved_by,
        "sources": references(reason.sources),
    }


def probabilities_json(probabilities: Probabilities | None) -> Json | None:
    """The probability of each label, or its bounds where the data leave it open."""
    if probabilities is None:
        return None
    return {
        "none": _interval(probabilities.none),
        "oligo": _interval(probabilities.oligo),
        "limited": _interval(probabilities.limited),
        "systemic": _interval(probabilities.systemic),
    }


def _interval(interval: Interval) -> float | Json:
    low, high = round(interval.low, PROBABILITY_DIGITS), round(interval.high, PROBABILITY_DIGITS)
    return low if interval.is_point else {"low": low, "high": high}
