"""What the server says of its authorization, against SMART App Launch 2.2.0."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fhirgate.ehr.doctor.case import Case
from fhirgate.ehr.doctor.line import Result, Told
from fhirgate.ehr.doctor.registry_entry import signing_key
from fhirgate.ehr.doctor.telling import not_tried, ok, told_of, warning, words
from fhirgate.ehr.registry import scopes_of
from fhirgate.ehr.scopes import Scopes
from fhirgate.ehr.smart_checks import backend_findings, smart_findings
from fhirgate.ehr.smart_discovery import SmartConfiguration, discover
from fhirgate.ehr.smart_discovery import Told as Where
from fhirgate.errors import EhrError, EhrRefused
from fhirgate.oncology.finding import Finding
from fhirgate.services.ehr_server import AuthKind

_TOKENS = frozenset({AuthKind.BACKEND, AuthKind.CLIENT_SECRET})
NONE = "there is no SMART configuration"
_FOR_LAUNCHES = "nothing to do for assessments; a launch out of the EHR would need it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aspect:
    """One part of a smart-configuration."""

    shows: Callable[[SmartConfiguration], str]
    codes: tuple[str, ...]
    """Of the findings (`smart_checks`) that speak against it."""
    remedy: str

    def __call__(self, case: Case) -> Iterator[Told]:
        """What the server says of it."""
        found = case.smart
        if found is None:
            yield not_tried(NONE)
        elif found.told is Where.CAPABILITY_STATEMENT:
            yield not_tried("the CapabilityStatement, which names the token endpoint, does not speak of it")
        else:
            against = [each for each in _findings(case, found) if each.code in self.codes]
            if against:
                yield warning(f"{self.shows(found)}; " + " ".join(each.text for each in against), self.remedy)
            else:
                yield ok(self.shows(found))


def discovery(case: Case) -> Iterator[Told]:
    """Where the server tells how to be let in."""
    entry = case.entry
    try:
        case.smart = discover(case.outbound, case.destination)
    except EhrRefused as error:
        if error.status == 404 and entry.auth.kind not in _TOKENS:
            yield ok(
                f"none, and none is needed: the entry's authentication is {entry.auth.kind}",
                call=case.last_call,
            )
            return
        yield _not_found(error, case)
        return
    except EhrError as error:
        yield _not_found(error, case)
        return
    if case.smart.told is Where.CAPABILITY_STATEMENT:
        yield warning(
            "no .well-known/smart-configuration; the token endpoint is from the CapabilityStatement's oauth-uris,"
            " which says nothing of scopes, grants or PKCE",
            "nothing to do if the token below is given; else name token_url in the registry entry",
            call=case.last_call,
        )
    elif case.smart.token_endpoint is None:
        yield warning(
            "it names no token_endpoint", "name token_url in the registry entry", call=case.last_call
        )
    else:
        yield ok(f"found, names {len(case.smart.named)} members", call=case.last_call)


def _not_found(error: EhrError, case: Case) -> Told:
    auth = case.entry.auth
    if auth.token_url or auth.kind not in _TOKENS:
        said = "the token endpoint is in the registry entry" if auth.token_url else "the entry needs no token"
        return told_of(error, case, result=Result.WARNING, remedy=f"nothing to do for assessments: {said}")
    return told_of(
        error,
        case,
        remedy="name token_url in the registry entry, or have the server publish its configuration",
    )


def _findings(case: Case, found: SmartConfiguration) -> Iterator[Finding]:
    yield from smart_findings(found)
    kind = case.entry.auth.kind
    if kind in _TOKENS:
        yield from backend_findings(found, signing_key(case).algorithm if kind is AuthKind.BACKEND else None)


def scopes(case: Case) -> Iterator[Told]:
    """Whether it lists the scopes that are asked for."""
    found = case.smart
    if found is None:
        yield not_tried(NONE)
        return
    if not found.scopes_supported:
        yield not_tried("it lists no scopes_supported, which it may leave out")
        return
    listed = Scopes.of(" ".join(found.scopes_supported))
    said = f"{len(found.scopes_supported)} listed; they are written as in SMART {found.scopes_version}"
    lost = scopes_of(case.entry).missing_from(listed) if case.entry.auth.kind in _TOKENS else Scopes()
    if lost:
        yield warning(
            f"{said}; not listed: {lost.in_words()}",
            "see below what is granted: the list may be shorter than what a client can be given",
        )
    else:
        yield ok(said)


issuer = Aspect(
    shows=lambda found: (
        "it names "
        + ("one" if found.issuer else "none")
        + ("" if found.jwks_uri is None else ", and its keys (jwks_uri)")
    ),
    codes=("ISSUER_UNEXPECTED", "ISSUER_MISSING", "JWKS_URI_MISSING"),
    remedy=_FOR_LAUNCHES,
)
grants = Aspect(
    shows=lambda found: words(found.grant_types),
    codes=("GRANT_TYPE_MISSING", "CLIENT_CREDENTIALS_UNLISTED", "AUTHORIZATION_ENDPOINT_MISSING"),
    remedy="client_credentials is needed for assessments, and authorization_code for a launch out of the EHR; see"
    " below whether a token is given",
)
_methods = Aspect(
    shows=lambda found: words(found.client_authentication),
    codes=("PRIVATE_KEY_JWT_UNLISTED",),
    remedy="see below whether a token is given; else have the client registered with a secret, and set auth.kind ="
    ' "client-secret"',
)


def methods(case: Case) -> Iterator[Told]:
    """How clients may prove who they are, against how the entry does it."""
    found, auth = case.smart, case.entry.auth
    ours = "client_secret_post" if auth.secret_in_body else "client_secret_basic"
    listed = () if found is None else found.client_authentication
    if auth.kind is not AuthKind.CLIENT_SECRET or not listed or ours in listed:
        yield from _methods(case)
        return
    yield warning(
        f"{words(listed)}; the entry's way, {ours}, is not listed",
        f"set secret_in_body = {'false' if auth.secret_in_body else 'true'} in the entry's auth, or authentication"
        " backend, if the server lists that way",
    )


algorithms = Aspect(
    shows=lambda found: words(found.signing_algorithms),
    codes=("SIGNING_ALGORITHM_UNLISTED",),
    remedy="make a key of an algorithm it lists (fhirgate keys generate --alg), and have it registered",
)
capabilities = Aspect(
    shows=lambda found: f"{len(found.capabilities)} listed: {words(found.capabilities)}",
    codes=("CAPABILITIES_MISSING",),
    remedy="have the server's operator list them: SMART 2 demands it",
)
pkce = Aspect(
    shows=lambda found: words(found.challenge_methods),
    codes=("PKCE_MISSING", "PKCE_PLAIN"),
    remedy="nothing to do for assessments; for launches, have the server offer S256 and not plain",
)
