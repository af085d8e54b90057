"""Failures by one question: who must act? Bad data is no failure: it is a `Finding` (oncology.finding).

A message says what was expected, what came, where, and what to do. It never holds patient data: no names, no
identifiers, no text from a record. What is not a `FhirgateError` is a bug and crashes.
"""

from collections.abc import Iterable
from datetime import datetime
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
    CONFLICT = "conflict"
    """The caller acted on a state that is not the present one."""
    TRANSIENT = "transient"
    """The server behind us cannot answer now; the same may work later."""
    THROTTLED = "throttled"
    """The server behind us, or our own limit for it, wants us to wait."""
    SECURITY = "security"
    """The server behind us does not let us in, or we do not trust it."""
    PROCESSING = "processing"
    """The server behind us understood and declined."""
    STRUCTURE = "structure"
    """The server behind us answered with what is not an answer."""
    NO_STORE = "no-store"
    """Our own database does not answer."""


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
        self.what = what
        self.problems = tuple(problems)
        super().__init__("\n".join([f"{what} cannot be used:", *(f"  - {each}" for each in self.problems)]))


class CallerError(FhirgateError):
    """The one calling us is at fault."""


class InvalidRequest(CallerError):
    """What was asked for cannot be done as asked."""

    category = Category.INVALID


class UnknownReader(InvalidRequest):
    """Whose measurements were asked for has made none."""

    def __init__(self, readers: Iterable[str]) -> None:
        super().__init__("no measurement in the source is by the reader asked for")
        self.readers = tuple(readers)
        """References to those there are: for the eyes of the one who asked, never for a log."""


class UnknownResource(CallerError):
    """What was asked for is not there."""

    category = Category.NOT_FOUND


class VersionConflict(CallerError):
    """What the caller acted on is not what there is now; nothing was done."""

    category = Category.CONFLICT


class EhrError(FhirgateError):
    """The server behind us: an EHR, its authorization server, or a subscriber."""

    status: int | None = None
    """The HTTP status it answered with, when it answered."""
    reached: bool = False
    """Whether the request may have arrived: then a write may have happened although it is told as failed."""


class EhrUnavailable(EhrError):
    """It cannot be reached, broke off, or failed (5xx)."""

    category = Category.TRANSIENT
    retry = True

    def __init__(
        self,
        safe_message: str,
        *,
        status: int | None = None,
        reached: bool = False,
        retry_after: float | None = None,
        reopens_at: datetime | None = None,
    ) -> None:
        super().__init__(safe_message)
        self.status = status
        self.reached = reached
        self.retry_after = retry_after
        """Seconds it asked us to wait, when it did."""
        self.reopens_at = reopens_at
        """When the next call will be tried, after so many failures that calls are held back."""


class EhrThrottled(EhrError):
    """Too many requests (429), or our own limit for this server would pass the deadline."""

    category = Category.THROTTLED
    retry = True

    def __init__(
        self, safe_message: str, *, retry_after: float | None = None, status: int | None = None
    ) -> None:
        super().__init__(safe_message)
        self.status = status
        self.retry_after = retry_after
        """Seconds to wait, as far as they are known."""


class EhrDenied(EhrError):
    """It did not accept our credentials (401) or does not permit the call (403)."""

    category = Category.SECURITY
    reached = True

    def __init__(self, safe_message: str, *, status: int, challenge: str = "") -> None:
        super().__init__(safe_message)
        self.status = status
        self.challenge = challenge
        """The error code of WWW-Authenticate (RFC 6750 §3.1), such as `invalid_token`."""


class EhrRefused(EhrError):
    """It declined the call: any other 4xx, a redirect, an OperationOutcome of errors."""

    category = Category.PROCESSING
    reached = True

    def __init__(self, safe_message: str, *, status: int, reasons: Iterable[str] = ()) -> None:
        super().__init__(safe_message)
        self.status = status
        self.reasons = tuple(reasons)
        """Its OperationOutcome in words, an issue each: codes and places, never its free text."""


class EhrGarbled(EhrError):
    """It answered, and the answer cannot be read: HTML, broken JSON, far too long."""

    category = Category.STRUCTURE
    reached = True

    def __init__(self, safe_message: str, *, status: int | None = None) -> None:
        super().__init__(safe_message)
        self.status = status


class EhrUntrusted(EhrError):
    """Its TLS certificate cannot be verified."""

    category = Category.SECURITY


class EhrForbiddenAddress(EhrError):
    """An address that the server's entry does not allow; nothing was sent."""

    category = Category.SECURITY


class StoreError(FhirgateError):
    """Our own database cannot be reached or is too busy; nothing of the transaction was kept, or all of it."""

    category = Category.NO_STORE
    retry = True


class QueueFull(FhirgateError):
    """So much waits for our own workers that no more is taken; nothing was queued."""

    category = Category.THROTTLED
    retry = True
