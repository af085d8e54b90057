"""What the code is exchanged for: a token, scopes, the context, and who the person is."""

from collections.abc import Iterator

from fhirgate.ehr.doctor.consequences import ESSENTIAL, LOSSES
from fhirgate.ehr.doctor.line import Result, Told
from fhirgate.ehr.doctor.telling import failed, in_short, not_tried, ok, told_of, warning
from fhirgate.ehr.launch.context import context_of
from fhirgate.ehr.launch.granted import missing_data, of_launch, wanted_in_words
from fhirgate.ehr.rehearsal.case import LaunchCase, there
from fhirgate.ehr.scopes import Scopes
from fhirgate.ehr.tokens import UnusableToken, token_findings, token_of
from fhirgate.errors import EhrDenied, EhrError, EhrRefused
from fhirgate.oncology.finding import Severity
from fhirgate.oncology.wording import listed
from fhirgate.services.ehr_server import LaunchKind
from fhirgate.services.launches import Flow, LaunchContext, LaunchRefused, Why

_OPERATOR = "tell the server's operator; the token is used all the same"
_PROOFS = {
    LaunchKind.PUBLIC: "that it is registered as a public client",
    LaunchKind.CLIENT_SECRET: "its secret, and that it is registered for client_secret_basic",
    LaunchKind.PRIVATE_KEY: "the key that fhirgate keys publish prints, and the clocks of both sides",
}


def token(case: LaunchCase) -> Iterator[Told]:
    """Whether the code was exchanged for a token that can be used."""
    answers = case.outbound.token_answers
    if not answers or answers[0][0].status >= 400 or not case.token_body:
        yield _no_token(case)
        return
    answer, call = answers[0]
    body = case.token_body
    try:
        token_of(body, 0.0)
    except UnusableToken as error:
        yield failed(str(error), "tell the server's operator", call=call)
        return
    life = body.get("expires_in")
    lives = f"it says to live {life} s" if isinstance(life, int) else "it does not say how long it lives"
    with_it = [each for each in ("refresh_token", "id_token") if each in body]
    yield ok(
        f"given; {lives}; with it {listed(with_it) or 'neither a refresh_token nor an id_token'}", call=call
    )
    for each in of_launch(token_findings(body, answer.headers, Scopes())):
        if each.severity is Severity.WARNING:
            yield warning(each.text, _OPERATOR)


def _no_token(case: LaunchCase) -> Told:
    error = case.refusal
    if error is None:
        return not_tried("the launch was refused before it")
    refused = isinstance(error, EhrDenied) or (
        isinstance(error, EhrRefused) and "invalid_grant" not in error.reasons
    )
    remedy = f"compare client_id and {_PROOFS[case.registered.launch.kind]}" if refused else ""
    told = told_of(error, case, remedy=remedy)
    answers = case.outbound.token_answers
    return told if not answers else failed(told.says, told.remedy, call=answers[0][1])


def scopes(case: LaunchCase) -> Iterator[Told]:
    """What was granted, against what was asked for, and what would be lost."""
    wanted = Scopes.of(there(case.pending).scopes)
    said = case.token_body.get("scope")
    if not isinstance(said, str):
        yield warning(
            "the token answer does not say which scopes it grants, although SMART has it say so",
            "see the reads below; tell the server's operator",
        )
        return
    given = Scopes.of(said)
    lost = missing_data(wanted, given)
    remedy = f"have these scopes registered for the client, or choose them when asked: {lost}"
    if lost.clinical and lost.clinical == wanted.clinical:
        yield failed(f"none of the data is granted: {wanted_in_words(wanted)}", remedy)
        return
    if not lost.clinical:
        yield ok("all the data that was asked for")
    for each in lost.clinical:
        tell = failed if each.type in ESSENTIAL else warning
        words = Scopes(clinical=(each,)).in_words().partition(": ")[2]
        loss = LOSSES.get(each.type, "what is referred to by it")
        yield tell(f"not granted: {words}; lost: {loss}", remedy, about=each.type)
    for other in wanted.missing_from(given).others:
        yield _other_lost(other)


def _other_lost(word: str) -> Told:
    lost = {
        "openid": "who the person is, so nothing can be decided in their name",
        "fhirUser": "which FHIR resource the person is",
        "online_access": "renewal: the page ends with its first token",
        "offline_access": "renewal: the page ends with its first token",
    }.get(word, "nothing, if the patient comes below")
    return warning(f"not granted: {word}; lost: {lost}", "have it registered for the client at the server")


def context(case: LaunchCase) -> Iterator[Told]:
    """Where the clinician stands: named are the parameters, never the patient."""
    found, findings = context_of(case.token_body)
    if found.patient:
        yield ok(f"it tells {listed(_told(found))}")
    else:
        yield failed(
            "it names no patient, so nothing is shown"
            + (f"; it tells {listed(_told(found))}" if _told(found) else ""),
            "open a patient's chart and launch from there"
            if case.flow is Flow.EHR
            else "choose a patient when asked (--field), and have launch/patient registered for the client",
        )
    for each in findings:
        yield warning(each.text, "tell the server's operator; the rest of the context is used")


def _told(found: LaunchContext) -> list[str]:
    banner = {None: "", True: "that a banner is needed", False: "that no banner is needed"}
    told = (
        found.patient and "the patient",
        found.encounter and "the encounter",
        found.items and "fhirContext",
        banner[found.need_patient_banner],
        found.smart_style_url and "a style",
        found.intent and "an intent",
        found.tenant and "a tenant",
    )
    return [each for each in told if each]


def person(case: LaunchCase) -> Iterator[Told]:
    """The id_token, verified, and the person it names."""
    error = case.refusal
    if isinstance(error, LaunchRefused):
        if error.why is Why.IDENTITY_UNPROVEN:
            yield failed(
                in_short(error), "compare issuer, jwks_uri and clocks; else tell the server's operator"
            )
        else:
            yield not_tried("the launch was refused before it")
        return
    if isinstance(error, EhrError):
        yield told_of(error, case, remedy="have the server publish the keys of its id_tokens (jwks_uri)")
        return
    launch = there(case.launch)
    user = launch.user
    if user is None:
        yield Told(
            result=Result.WARNING,
            says="the server does not say who the person is (no id_token): pages can be read, nothing can be decided",
            remedy="have openid and fhirUser registered for the client",
        )
        return
    where = "on this server" if user.is_on_server else "elsewhere"
    named = f"fhirUser is a {user.type} {where}" if user.reference else "by a subject alone"
    yield ok(f"the id_token is signed by the issuer and for this launch; {named}")
    for each in launch.findings:
        if each.code in ("FHIR_USER_MISSING", "FHIR_USER_UNREADABLE"):
            yield warning(
                each.text, "have fhirUser registered for the client, and tell the server's operator"
            )
