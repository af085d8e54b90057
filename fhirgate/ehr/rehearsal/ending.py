"""The end of a launch: its token renewed once, handed back, and then of no more use."""

from collections.abc import Iterator
from urllib.parse import quote

from fhirgate.ehr.doctor.line import Told
from fhirgate.ehr.doctor.telling import not_tried, ok, told_of, warning
from fhirgate.ehr.rehearsal.case import LaunchCase, there
from fhirgate.ehr.rehearsal.reading import NOT_LET_IN, read_patient
from fhirgate.errors import EhrError
from fhirgate.services.launches import LaunchSession

_CLOSED = frozenset({401, 403})


def renewal(case: LaunchCase) -> Iterator[Told]:
    """A new token by the refresh token, and a read with it."""
    session = case.session
    if session is None:
        yield not_tried(NOT_LET_IN)
        return
    if not session.tokens.refresh:
        yield not_tried("there is no refresh token: when the token ends, the clinician launches again")
        return
    bearer = case.live.server(session).authorizer
    try:
        bearer.headers(case.outbound.left())
        bearer.renew()
        bearer.headers(case.outbound.left())
        call = case.last_call
        read_patient(case)
    except EhrError as error:
        yield told_of(
            error, case, remedy="tell the server's operator; until then a page ends with its first token"
        )
        return
    after = there(case.session)
    rotated = "another refresh token came with it" if after.tokens.refresh != session.tokens.refresh else ""
    yield ok(
        f"a new token, which reads the patient; {rotated or 'the refresh token stays the same'}", call=call
    )
    told = {each.text for each in session.launch.findings}
    for each in after.launch.findings:
        if each.text not in told:
            yield warning(each.text, "tell the server's operator")


def hand_back(case: LaunchCase) -> Iterator[Told]:
    """The tokens, handed back; those of a refused launch were at once."""
    session = case.session
    if session is None or case.launch is None:
        yield _of_refused(case)
        return
    case.spent = session
    findings = case.live.end(session.launch.id, case.secret)
    if not session.tokens.revocation:
        yield not_tried("the server names no revocation_endpoint: tokens end by themselves")
    for each in findings:
        yield warning(each.text, "tell the server's operator", call=case.last_call)
    if session.tokens.revocation and not findings:
        yield ok("taken back by the server, and forgotten here", call=case.last_call)


def _of_refused(case: LaunchCase) -> Told:
    first = case.outbound.token_answers[:1]
    later = [] if not first else case.outbound.tries[case.outbound.tries.index(first[0][1]) + 1 :]
    posted = [each for each in later if each.method == "POST" and each.status == 200]
    if case.refusal is not None and posted:
        return ok("handed back at once, as the launch was refused", call=posted[-1])
    return not_tried("there is no token")


def afterwards(case: LaunchCase) -> Iterator[Told]:
    """A read with the token that was handed back."""
    session = case.spent
    if session is None or not session.tokens.revocation:
        yield not_tried("no token was handed back")
        return
    status = _read_again(case, session)
    if status in _CLOSED:
        yield ok(f"the token that was handed back is refused ({status})", call=case.last_call)
    else:
        yield warning(
            "the token that was handed back still reads the patient",
            "nothing to do if its life is short; else ask the server's operator",
            call=case.last_call,
        )


def _read_again(case: LaunchCase, session: LaunchSession) -> int:
    name = quote(session.launch.context.patient, safe="")
    answer = case.outbound.get(
        case.destination,
        f"Patient/{name}",
        headers={"Authorization": f"Bearer {session.tokens.access}"},
        expected=_CLOSED,
        json=False,
    )
    return answer.status
