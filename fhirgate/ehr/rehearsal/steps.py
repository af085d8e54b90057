"""Every step of a rehearsal, in its order."""

from enum import StrEnum

from fhirgate.ehr.doctor import manners, network, registry_entry
from fhirgate.ehr.doctor.checks import Check
from fhirgate.ehr.rehearsal import authorization, discovery, ending, grant, reading, registration, request
from fhirgate.ehr.rehearsal.case import LaunchCase


class Group(StrEnum):
    """What a step is about; in the order of a launch."""

    ENTRY = "registry entry"
    NETWORK = "network and TLS"
    SMART = "SMART configuration"
    REQUEST = "authorization request"
    AUTHORIZATION = "authorization server"
    TOKEN = "token"  # noqa: S105 - the name of a group
    READING = "reading"
    END = "end of the launch"
    MANNERS = "clock and pace"


_LAUNCHABLE = ("table", "connection")
_TOLD = ("smart",)
_GIVEN = ("token",)

STEPS: tuple[Check[LaunchCase], ...] = (
    Check(name="entry", group=Group.ENTRY, title="address", run=registry_entry.address),
    Check(name="table", group=Group.ENTRY, title="launch table", run=registration.table),
    Check(
        name="redirect", group=Group.ENTRY, title="redirect URI", run=registration.redirect, needs=("table",)
    ),
    Check(name="name", group=Group.NETWORK, title="host name", run=network.name),
    Check(
        name="connection", group=Group.NETWORK, title="connection", run=network.connection, needs=("name",)
    ),
    Check(name="smart", group=Group.SMART, title="discovery", run=discovery.discovery, needs=_LAUNCHABLE),
    Check(name="endpoints", group=Group.SMART, title="", run=discovery.endpoints, needs=_TOLD),
    Check(
        name="scopes-asked", group=Group.REQUEST, title="scopes asked for", run=discovery.scopes, needs=_TOLD
    ),
    Check(name="request", group=Group.REQUEST, title="", run=request.request, needs=_TOLD),
    Check(name="page", group=Group.AUTHORIZATION, title="page", run=authorization.pages, needs=("request",)),
    Check(
        name="answer", group=Group.AUTHORIZATION, title="answer", run=authorization.answer, needs=("page",)
    ),
    Check(name="token", group=Group.TOKEN, title="exchange", run=grant.token, needs=("answer",)),
    Check(name="scopes-granted", group=Group.TOKEN, title="scopes granted", run=grant.scopes, needs=_GIVEN),
    Check(name="context", group=Group.TOKEN, title="launch context", run=grant.context, needs=_GIVEN),
    Check(name="person", group=Group.TOKEN, title="person", run=grant.person, needs=_GIVEN),
    Check(name="patient", group=Group.READING, title="patient", run=reading.patient, needs=_GIVEN),
    Check(name="practitioner", group=Group.READING, title="person", run=reading.person, needs=_GIVEN),
    Check(name="renewal", group=Group.END, title="renewal", run=ending.renewal, needs=_GIVEN),
    Check(name="hand-back", group=Group.END, title="hand-back", run=ending.hand_back, needs=_GIVEN),
    Check(name="afterwards", group=Group.END, title="afterwards", run=ending.afterwards, needs=_GIVEN),
    Check(name="clock", group=Group.MANNERS, title="clock", run=manners.clock),
    Check(name="pace", group=Group.MANNERS, title="pace", run=manners.pace),
)
