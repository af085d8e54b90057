"""Failures by one question: who must act? Bad data is no failure: it is a `Finding` (oncology.finding).

A message says what was expected, what came, where, and what to do. It never holds patient data: no names, no
identifiers, no text from a record. What is not a `FhirgateError` is a bug and crashes.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import ClassVar


class Category(StrEnum):
    """What kind of failure it is; each door translates it outward once (exit status, HTTP status)."""

    CONFIGURATION = "configuration"
    """The operator must change a file or a setting before anything starts."""
    INVALID = "invalid"
    """The caller asked for something that cannot be."""
    NOT_FOUND = "not-found"
    """The caller asked for something that is not there."""


class FhirgateError(Exception):
    """A failure that somebody outside can act on; `retry` says whether waiting may help."""

    category: ClassVar[Category]
    retry: ClassVar[bool] = False

    def __init__(self, safe_message: str) -> None:
        super().__init__(safe_message)
        self.safe_message = safe_message
        """Fit for logs and answers: no patient data."""


class ConfigurationError(FhirgateError):
    """A file of the site's choices cannot be used; lists every problem at once."""

    category = Category.CONFIGURATION

    def __init__(self, what: str, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join([f"{what} cannot be used:", *(f"  - {each}" for each in self.problems)]))


class CallerError(FhirgateError):
    """The one calling us is at fault."""


class InvalidRequest(CallerError):
    """What was asked for cannot be done as asked."""

    category = Category.INVALID


class UnknownResource(CallerError):
    """What was asked for is not there."""

    category = Category.NOT_FOUND
