"""What the server says of its authorization, as far as a launch needs it."""

from collections.abc import Iterator

from fhirgate.ehr.doctor.line import Told
from fhirgate.ehr.doctor.telling import failed, in_short, ok, told_of, warning
from fhirgate.ehr.launch.requested import scopes_for
from fhirgate.ehr.rehearsal.case import LaunchCase, there
from fhirgate.ehr.scopes import Scopes
from fhirgate.ehr.smart_checks import smart_findings
from fhirgate.ehr.smart_discovery import SmartConfiguration
from fhirgate.ehr.smart_discovery import Told as Where
from fhirgate.errors import EhrError, EhrForbiddenAddress
from fhirgate.oncology.wording import count
from fhirgate.oncology.wording import listed as listed_words
from fhirgate.outbound.address import origin_of
from fhirgate.services.launches import Flow, LaunchRefused

_CAPABILITY = {Flow.EHR: "launch-ehr", Flow.STANDALONE: "launch-standalone"}
_OPERATOR = "have the server's operator mend its smart-configuration"


def discovery(case: LaunchCase) -> Iterator[Told]:
    """Whether it offers what a launch needs."""
    try:
        case.smart = case.registered.configuration()
    except LaunchRefused as error:
        yield failed(in_short(error), _OPERATOR, call=case.last_call)
        return
    except EhrError as error:
        yield told_of(error, case, remedy="have the server publish its SMART configuration")
        return
    told = case.smart
    yield ok(f"by its {told.told}, scopes are written as in SMART {told.scopes_version}", call=case.last_call)
    for each in smart_findings(told):
        yield warning(each.text, _OPERATOR)
    capability = _CAPABILITY[case.flow]
    if told.told is Where.SMART and told.capabilities and capability not in told.capabilities:
        yield warning(
            f"it does not list the capability {capability}", "see below whether the launch goes through"
        )


def endpoints(case: LaunchCase) -> Iterator[Told]:
    """Whether the places it names may be called."""
    told = _told(case)
    places = {
        "authorization endpoint": told.authorization_endpoint,
        "token endpoint": told.token_endpoint,
        "revocation endpoint": told.revocation_endpoint,
        "jwks_uri": told.jwks_uri,
    }
    for what, url in places.items():
        if not url:
            continue
        try:
            case.registered.place(url, what)
        except EhrForbiddenAddress as error:
            yield told_of(error, case, about=what, remedy="name its host in launch.authorization_hosts")
        else:
            yield ok(f"on {origin_of(url)}, which may be called", about=what)


def scopes(case: LaunchCase) -> Iterator[Told]:
    """What is asked for, and whether the server lists it."""
    wanted = scopes_for(case.registered.launch, case.flow, _told(case))
    listed = _told(case).scopes_supported
    others = listed_words(wanted.others)
    said = f"{count(len(wanted.clinical), 'type')} of resources, and {others}; written out as scope below"
    lost = wanted.missing_from(_with_wildcards(Scopes.of(" ".join(listed)))) if listed else Scopes()
    if lost:
        yield warning(
            f"{said}; not listed by the server: {lost.in_words()}",
            "see below what is granted: the list may be shorter than what a client can be given",
        )
    else:
        yield ok(said)


def _told(case: LaunchCase) -> SmartConfiguration:
    return there(case.smart)


def _with_wildcards(listed: Scopes) -> Scopes:
    """`launch` is listed by few servers that know it: the capabilities speak of it."""
    return Scopes(clinical=listed.clinical, others=(*listed.others, "launch", "launch/patient"))
