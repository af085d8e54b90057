"""Reading with the launch's token: the patient of the launch, and who launched."""

from collections.abc import Iterator, Mapping
from urllib.parse import quote

from fhirgate.ehr.doctor.line import Told
from fhirgate.ehr.doctor.telling import failed, not_tried, ok, told_of, warning
from fhirgate.ehr.launch.registered import LONGEST_CALL
from fhirgate.ehr.rehearsal.case import LaunchCase, there
from fhirgate.errors import EhrError
from fhirgate.oncology.wording import count
from fhirgate.outbound.trace import Try

SLOW_MILLISECONDS = 2000
"""A page waits for several reads, one after the other at times."""
NOT_LET_IN = "the launch was not let in"
_UNAUTHORIZED, _TOO_MANY, _FAILED = 401, 429, 500


def patient(case: LaunchCase) -> Iterator[Told]:
    """The patient of the launch."""
    if case.session is None:
        yield not_tried(NOT_LET_IN)
        return
    before = len(case.outbound.tries)
    try:
        found = read_patient(case)
    except EhrError as error:
        yield told_of(error, case)
        return
    if isinstance(found, Mapping) and found.get("resourceType") == "Patient":
        yield from _how(case, case.outbound.tries[before:])
    else:
        yield failed(
            "what it answered is no Patient", "check base_url in the registry entry", call=case.last_call
        )


def person(case: LaunchCase) -> Iterator[Told]:
    """The resource of who launched, for a name on what they decide."""
    user = None if case.launch is None else case.launch.user
    if case.launch is None or user is None or not user.is_on_server:
        yield not_tried("no person is named on this server" if case.launch else NOT_LET_IN)
        return
    if case.live.person(case.launch.id, case.secret) is None:
        yield warning(
            f"the person's {user.type} is not given: decisions refer to it without a name",
            f"have read of {user.type} registered for the client",
            call=case.last_call,
        )
    else:
        yield ok(f"the person's {user.type} is there", call=case.last_call)


def read_patient(case: LaunchCase) -> object:
    """What the server gives for the patient of the launch. Raises EhrError."""
    session = there(case.session)
    name = quote(session.launch.context.patient, safe="")
    return case.live.server(session).visit(LONGEST_CALL).get(f"Patient/{name}").json


def _how(case: LaunchCase, tries: list[Try]) -> Iterator[Told]:
    """It is there; whether it was easy."""
    last = tries[-1]
    too_many = sum(each.status == _TOO_MANY for each in tries)
    broken = sum(each.status is None or each.status >= _FAILED for each in tries)
    if any(each.status == _UNAUTHORIZED for each in tries):
        yield warning(
            "is there, but the first token was refused (401) although its time was not over; a new one was fetched"
            " with the refresh token",
            "have the server's operator compare expires_in with how long its tokens are good",
            call=last,
        )
    elif too_many:
        yield warning(
            f"is there, after {count(too_many, 'answer')} that there are too many requests (429)",
            "set rate_per_second in the registry entry to what its operator allows",
            call=last,
        )
    elif broken:
        yield warning(
            f"is there, after {count(broken, 'failure')} of the server",
            "have the server's operator look into its log for these requests (--trace shows their ids)",
            call=last,
        )
    elif last.milliseconds > SLOW_MILLISECONDS:
        yield warning(
            f"is there, after {last.milliseconds / 1000:.1f} s; a page needs many such reads",
            "ask the server's operator why it is slow",
            call=last,
        )
    else:
        yield ok("is there, read with the launch's token", call=last)
