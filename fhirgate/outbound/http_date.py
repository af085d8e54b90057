"""Dates in headers, as servers write them and as they get them wrong."""

from datetime import datetime
from email.utils import parsedate_to_datetime


def date_of(header: str | None) -> datetime | None:
    """The date of a header (RFC 9110 §5.6.7), without a zone where it says `-0000`; None when it cannot be read."""
    try:
        return parsedate_to_datetime(header or "")
    except (ValueError, OverflowError):
        return None


def moment_of(header: str | None) -> datetime | None:
    """The same, and None as well where it does not say its zone."""
    found = date_of(header)
    return found if found is not None and found.tzinfo else None
