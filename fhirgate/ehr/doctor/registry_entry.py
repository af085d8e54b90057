"""The registry entry itself: what can be said of it before anything is sent."""

from collections.abc import Iterator
from pathlib import Path

from fhirgate.ehr.doctor.case import Case
from fhirgate.ehr.doctor.line import Told
from fhirgate.ehr.doctor.telling import not_tried, ok, told_of, warning
from fhirgate.ehr.keys import SigningKey, load_keys, signer_of
from fhirgate.ehr.registry import SCOPED, authorizer_of, scopes_of
from fhirgate.ehr.scopes import Scopes
from fhirgate.ehr.search_plan import TYPES
from fhirgate.errors import ConfigurationError
from fhirgate.oncology.wording import count
from fhirgate.services.ehr_server import AuthKind

_KINDS = {
    AuthKind.OPEN: "none are sent (authentication open)",
    AuthKind.BACKEND: "SMART Backend Services, a signed assertion",
    AuthKind.CLIENT_SECRET: "a token for a client secret",
    AuthKind.BASIC: "user name and password with every request",
}
OLD_KEY_DAYS = 365
"""Keys are to be changed now and then; a year is our advice [days]."""


def address(case: Case) -> Iterator[Told]:
    """Where the server is, and how gently it is asked."""
    entry = case.entry
    pace = (
        "no limit of ours per second"
        if entry.rate_per_second is None
        else f"{entry.rate_per_second:g} a second"
    )
    said = f"{entry.base_url}; at most {count(entry.concurrency, 'request')} at a time, {pace}"
    if entry.base_url.rstrip("/").endswith(("/metadata", "/Patient", ".well-known/smart-configuration")):
        yield warning(said, "base_url looks like a request; give the FHIR base that stands before it")
    else:
        yield ok(said)


def credentials(case: Case) -> Iterator[Told]:
    """Whether what lets us in is at hand; it is not shown."""
    auth = case.entry.auth
    try:
        case.authorizer = authorizer_of(case.entry, case.outbound, case.environment)
        key = signing_key(case) if auth.kind is AuthKind.BACKEND else None
    except ConfigurationError as error:
        yield told_of(error, case)
        return
    said = _KINDS[auth.kind]
    if key is None:
        yield ok(said)
        return
    said += f"; key {key.kid[:12]}… signs {key.algorithm}"
    days = (case.outbound.surroundings.now() - key.made).days if key.made else None
    if days is not None and days > OLD_KEY_DAYS:
        yield warning(
            f"{said}; it is {days} days old",
            "make a new one with fhirgate keys generate, and publish it first",
        )
    else:
        yield ok(said + (f"; it is {count(days, 'day')} old" if days is not None else ""))


def signing_key(case: Case) -> SigningKey:
    """The key that signs now. Raises ConfigurationError."""
    return signer_of(load_keys(Path(case.entry.auth.key_file)), case.outbound.surroundings.now())


def scopes(case: Case) -> Iterator[Told]:
    """Whether the scopes of the entry cover what is read."""
    entry = case.entry
    if entry.auth.kind in (AuthKind.OPEN, AuthKind.BASIC):
        yield not_tried("without a token there are no scopes")
        return
    wanted = scopes_of(entry)
    if not entry.auth.scopes:
        yield ok(f"the entry names none, so read and search of {count(len(SCOPED), 'type')} are asked for")
        return
    lost = Scopes.for_types(("Patient", *TYPES)).missing_from(wanted)
    if lost:
        yield warning(
            f"the entry's own scopes leave out {lost.in_words()}",
            "leave scopes out of the entry to ask for all that is read, or add them where the server offers them",
        )
    else:
        yield ok(
            f"the entry names {count(len(entry.auth.scopes), 'scope')}; they cover every type that is read"
        )
