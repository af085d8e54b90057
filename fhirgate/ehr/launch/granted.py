"""What an EHR granted, beside what was asked for: which types are lost, in words (C2-7, C2-8, C2-9)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from fhirgate.ehr.scopes import Scopes
from fhirgate.oncology.finding import Finding, Severity
from fhirgate.services.launches import Granted, LaunchRefused, Why

_RENEWAL = ("offline_access", "online_access")


def granted_of(requested: str, scope: Any) -> Granted:
    """The comparison for a token answer's `scope`. Raises LaunchRefused when it gives none of the data asked for."""
    wanted = Scopes.of(requested)
    if not isinstance(scope, str):
        return Granted(requested=requested, granted=None)
    given = Scopes.of(scope)
    missing = missing_data(wanted, given)
    if wanted.clinical and missing.clinical == wanted.clinical:
        raise LaunchRefused(
            Why.NOTHING_GRANTED,
            "the EHR let the launch in, but grants none of the data asked for:"
            f" {wanted_in_words(wanted)}. Have these scopes registered for the client, or choose them when asked",
        )
    lost = tuple(dict.fromkeys(each.type for each in missing.clinical))
    return Granted(requested=requested, granted=str(given), lost=lost)


def granted_again(before: Granted, scope: Any) -> Granted:
    """The comparison after a refresh: a server that does not say grants what it granted before.

    Raises LaunchRefused as `granted_of`.
    """
    return before if not isinstance(scope, str) else granted_of(before.requested, scope)


def missing_data(wanted: Scopes, given: Scopes) -> Scopes:
    """The clinical scopes asked for and not given. All that the person may see covers this one patient."""
    of_person = tuple(replace(each, context="patient") for each in given.clinical if each.context == "user")
    cover = Scopes(clinical=(*given.clinical, *of_person))
    return Scopes(clinical=wanted.clinical).missing_from(cover)


def may_write(granted: Granted) -> bool:
    """Whether the launch may write a result and a plan, and find them again."""
    wanted = Scopes.for_types(("RiskAssessment", "CarePlan"), letters="crus", context="patient")
    return granted.granted is not None and not missing_data(wanted, Scopes.of(granted.granted)).clinical


def wanted_in_words(scopes: Scopes) -> str:
    """The clinical scopes, for a human."""
    return Scopes(clinical=scopes.clinical).in_words()


def granted_findings(granted: Granted, *, is_known: bool, is_renewable: bool) -> Iterator[Finding]:
    """What of the grant the person must know; the last two tell what came, whatever the scopes say."""
    wanted = Scopes.of(granted.requested)
    if granted.granted is None:
        yield _warning(
            "SCOPES_NOT_TOLD",
            "The EHR does not say which data it grants, although SMART has it say so. What is not granted will be"
            f" missing below. Asked for: {wanted_in_words(wanted) or 'nothing'}.",
        )
        return
    given = Scopes.of(granted.granted)
    missing = missing_data(wanted, given)
    if missing:
        yield _warning(
            "SCOPES_NOT_GRANTED",
            f"The EHR did not grant all data that was asked for; the assessment is without it. Missing:"
            f" {missing.in_words()}.",
        )
    others = [each for each in wanted.others if each not in given.others]
    if not is_known and any(each in others for each in ("openid", "fhirUser")):
        yield _warning("IDENTITY_NOT_GRANTED", "The EHR did not grant to be told who the person is.")
    if not is_renewable and any(each in others for each in _RENEWAL):
        yield Finding(
            code="RENEWAL_NOT_GRANTED",
            severity=Severity.INFORMATION,
            text="The EHR did not grant to renew the session; when its token ends, launch again from the chart.",
        )


def widened_findings(before: Granted, after: Granted) -> Iterator[Finding]:
    """A refresh may only narrow what was granted (RFC 6749 §6)."""
    if before.granted is None or after.granted is None:
        return
    more = missing_data(Scopes.of(after.granted), Scopes.of(before.granted))
    if more:
        yield _warning(
            "SCOPES_WIDENED",
            f"On renewal the EHR granted more than before, which OAuth forbids: {more.in_words()}.",
        )


def of_launch(found: Iterable[Finding]) -> Iterator[Finding]:
    """The findings of `tokens` that hold for a launch: scopes and life are told apart."""
    passed = {"SCOPES_NOT_TOLD", "SCOPES_NOT_GRANTED", "REFRESH_TOKEN_UNASKED", "TOKEN_LIFE_UNKNOWN"}
    return (each for each in found if each.code not in passed)


def _warning(code: str, text: str) -> Finding:
    return Finding(code=code, severity=Severity.WARNING, text=text)
