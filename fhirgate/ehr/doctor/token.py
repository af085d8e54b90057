"""The token: whether it is given, what it grants, and whether the server lets somebody in who has none."""

from collections.abc import Iterator
from urllib.parse import quote

from fhirgate.ehr.doctor.case import Case
from fhirgate.ehr.doctor.consequences import ESSENTIAL, LOSSES
from fhirgate.ehr.doctor.line import Result, Told
from fhirgate.ehr.doctor.statement import objects
from fhirgate.ehr.doctor.telling import failed, not_tried, ok, told_of, warning
from fhirgate.ehr.registry import scopes_of
from fhirgate.ehr.scopes import Scopes
from fhirgate.errors import EhrDenied, EhrError, EhrGarbled, EhrRefused
from fhirgate.outbound.address import origin_of
from fhirgate.services.ehr_server import AuthKind

NOBODY = "fhirgate-doctor"
"""An id that no patient has."""
_CLOSED = frozenset({401, 403})
_OF_SMART = frozenset(
    {"TOKEN_TYPE_MISSING", "TOKEN_LIFE_UNKNOWN", "TOKEN_LIFE_AS_TEXT", "TOKEN_MAY_BE_CACHED"}
)
"""Of the findings of a token, those that the server's operator should mend."""
_PROOFS = {
    AuthKind.BACKEND: "the key that fhirgate keys publish prints, and the audience",
    AuthKind.CLIENT_SECRET: "the secret, and whether it goes into the body (secret_in_body)",
}
_REMEDIES = {
    "unauthorized_client": "have the client registered for Backend Services (client_credentials)",
    "unsupported_grant_type": "the server knows no clients without a user; ask its operator for another way in",
    "invalid_scope": "set scopes in the registry entry to those the server's operator has registered for this client",
}


def token(case: Case) -> Iterator[Told]:
    """Ask for a token, as the entry says."""
    kind = case.entry.auth.kind
    if kind is AuthKind.OPEN:
        yield ok("none is needed: the entry's authentication is open")
        return
    if kind is AuthKind.BASIC:
        yield ok(
            "none is needed: user name and password go with each request; the reads below show whether they hold"
        )
        return
    try:
        case.authorizer.headers(case.outbound.left())
    except EhrError as error:
        yield told_of(error, case, remedy=_remedy(error, kind))
        return
    yield ok("given", call=case.last_call)
    for each in case.authorizer.findings:
        if each.code in _OF_SMART:
            yield warning(each.text, "tell the server's operator; a token is used all the same")


def _remedy(error: EhrError, kind: AuthKind) -> str:
    if isinstance(error, EhrGarbled):
        return "check token_url in the registry entry, or else the token_endpoint that the server names"
    if isinstance(error, EhrDenied) and error.challenge in ("", "invalid_client"):
        ours = _PROOFS[kind]
        return f"compare with what is registered at the server: client_id, {ours}"
    code = error.challenge if isinstance(error, EhrDenied) else ""
    if isinstance(error, EhrRefused):
        code = "".join(error.reasons[:1])
        if not code and error.status == 200:
            return "have the scopes that are read registered for this client at the server"
    return _REMEDIES.get(code, "")


def granted(case: Case) -> Iterator[Told]:
    """What was granted, against what was asked for, and what would be lost."""
    if case.entry.auth.kind in (AuthKind.OPEN, AuthKind.BASIC):
        yield not_tried("without a token there are no scopes")
        return
    given = case.authorizer.granted
    wanted = scopes_of(case.entry)
    if given is None:
        yield warning(
            "the token answer does not say which scopes it grants: in OAuth that is all that were asked for, yet some"
            " servers leave it out when they grant none",
            "see the reads below; if they are refused, have the scopes registered for this client",
        )
        return
    lost = wanted.missing_from(given)
    if not lost:
        yield ok(f"all that were asked for: {wanted.in_words()}")
        return
    remedy = f"have these registered for this client at the server: {Scopes(clinical=lost.clinical)}"
    for each in lost.clinical:
        one = Scopes(clinical=(each,)).in_words().partition(": ")[2]
        tell = failed if each.type in ESSENTIAL else warning
        loss = LOSSES.get(each.type, "what is referred to by it")
        yield tell(f"not granted: {one}; lost: {loss}", remedy, about=each.type)
    for other in lost.others:
        yield warning(
            f"not granted: {other}", "leave it out of scopes in the registry entry, if it is not needed"
        )


def unguarded(case: Case) -> Iterator[Told]:
    """Whether a patient is read without any token, though the server has authorization."""
    has_authorization = case.smart is not None or any(
        objects(rest.get("security"), "service") for rest in objects(case.statement, "rest")
    )
    if case.entry.auth.kind is AuthKind.OPEN:
        if has_authorization:
            yield warning(
                "the server speaks of authorization, and the registry entry sends no credentials",
                "if the reads below are refused, set auth in the registry entry",
            )
        else:
            yield not_tried("the entry is open, and the server speaks of no authorization")
        return
    # The id of the patient who may be looked at shows it best; else one that is looked up in vain.
    name = quote(case.patient_id or NOBODY, safe="")
    try:
        answer = case.outbound.get(
            case.destination, f"Patient/{name}", expected=frozenset({401, 403, 404, 410}), json=False
        )
    except EhrError as error:
        yield told_of(error, case, result=Result.WARNING)
        return
    if answer.status in _CLOSED:
        yield ok("a read without credentials is refused", call=case.last_call)
        return
    host = origin_of(case.entry.base_url).host
    if answer.status == 200:
        yield warning(
            "a patient is read without any credentials: the server is open to anybody",
            f"tell the operator of {host} at once",
            call=case.last_call,
        )
    else:
        yield warning(
            f"a read without credentials is answered with {answer.status} instead of 401, as if it were looked up",
            f"ask the operator of {host} whether it reads for anybody; --patient ID would show it",
            call=case.last_call,
        )
