"""How a check says what it found; and what an error means for whoever examines a server."""

import re
from collections.abc import Iterable

from fhirgate.ehr.doctor.case import Case, TimeOver
from fhirgate.ehr.doctor.line import Result, Told
from fhirgate.errors import (
    ConfigurationError,
    EhrDenied,
    EhrError,
    EhrForbiddenAddress,
    EhrGarbled,
    EhrThrottled,
    EhrUnavailable,
    EhrUntrusted,
    FhirgateError,
)
from fhirgate.outbound.trace import Try

MORE_TIME = "give it more time with --timeout"
GIVE_PATIENT = "give --patient ID, a patient of the server who may be looked at"
MOST_NAMES = 12
_WORD = re.compile(r"[A-Za-z0-9$*][A-Za-z0-9 ._:/+*-]{0,79}")
_PREFIX = re.compile(r"server '[^']*': (?:[A-Z]+ \S+: |token request: )?")


_ANY = object()
_REMEDIES: tuple[tuple[type[FhirgateError], object, str], ...] = (
    (ConfigurationError, _ANY, "mend it in the registry entry, or at the file or variable that it names"),
    (
        EhrUntrusted,
        _ANY,
        "for an authority of the site, give its certificate as ca_file; else have the server send its whole chain for"
        " this host name",
    ),
    (EhrForbiddenAddress, _ANY, "nothing was sent; if the address is right, allow it in the registry entry"),
    (
        EhrThrottled,
        _ANY,
        "set rate_per_second in the registry entry, or agree on a higher rate with the server's operator",
    ),
    (EhrDenied, 401, "have the server's operator see why it does not accept our credentials"),
    (EhrDenied, _ANY, "have the server's operator permit this client to do it"),
    (
        EhrGarbled,
        _ANY,
        "check that base_url is the FHIR base itself, such as https://ehr.example.org/fhir/R4",
    ),
    (EhrUnavailable, None, "check that the server runs, base_url with its port, and the firewall between us"),
    (EhrUnavailable, _ANY, "give the request's id to the server's operator, who finds the cause in its log"),
)
"""By kind of error and status, the first that fits."""


def ok(says: str, *, about: str = "", call: Try | None = None) -> Told:
    """It works."""
    return Told(result=Result.OK, says=says, about=about, call=call)


def warning(says: str, remedy: str, *, about: str = "", call: Try | None = None) -> Told:
    """It works, with a loss or a risk."""
    return Told(result=Result.WARNING, says=says, remedy=remedy, about=about, call=call)


def failed(says: str, remedy: str, *, about: str = "", call: Try | None = None) -> Told:
    """It does not work, and no assessment can come of it."""
    return Told(result=Result.FAILED, says=says, remedy=remedy, about=about, call=call)


def not_tried(why: str, remedy: str = "", *, about: str = "") -> Told:
    """Nothing was done."""
    return Told(result=Result.NOT_TRIED, says=why, remedy=remedy, about=about)


def told_of(
    error: FhirgateError, case: Case, *, remedy: str = "", about: str = "", result: Result = Result.FAILED
) -> Told:
    """An error as a line; `remedy` where the check knows better than the kind of error tells."""
    if isinstance(error, TimeOver):
        if any(each.status for each in case.outbound.tries):
            return not_tried(error.safe_message, MORE_TIME, about=about)
        # Nothing is known to work of a server that was silent all the time.
        return failed(
            f"it did not answer before {error.safe_message}",
            f"check that the server runs, base_url, and the firewall between us; else {MORE_TIME}",
            about=about,
            call=case.last_call,
        )
    return Told(
        result=result,
        says=in_short(error),
        about=about,
        call=case.last_call if isinstance(error, EhrError) and _was_sent(error) else None,
        remedy=remedy or remedy_for(error),
    )


def in_short(error: FhirgateError) -> str:
    """Its words without the server and the request, which are told beside it."""
    if isinstance(error, ConfigurationError):
        return "; ".join(error.problems)
    return _PREFIX.sub("", error.safe_message, count=1)


def remedy_for(error: FhirgateError) -> str:
    """What to do about a kind of error, for who runs us or for who runs the server."""
    for kinds, status, remedy in _REMEDIES:
        if isinstance(error, kinds) and (status is _ANY or getattr(error, "status", None) == status):
            return remedy
    return "check base_url, and what the server's documentation says of this request"


def _was_sent(error: EhrError) -> bool:
    return not isinstance(error, EhrForbiddenAddress)


def words(found: Iterable[str], most: int = MOST_NAMES) -> str:
    """Names that a server gave, as far as they are names: its text is not ours to print."""
    names = sorted({each for each in found if _WORD.fullmatch(each)})
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "") if names else "nothing"


def name_of(text: str) -> str:
    """One name that a server gave; empty when it is none."""
    return text if _WORD.fullmatch(text) else ""
