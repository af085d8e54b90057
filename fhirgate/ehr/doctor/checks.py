"""Every check, in the order in which an examination makes them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from fhirgate.ehr.doctor import (
    launch,
    manners,
    network,
    reads,
    registry_entry,
    searches,
    smart,
    statement,
    token,
    writing,
)
from fhirgate.ehr.doctor.case import Case
from fhirgate.ehr.doctor.line import Group, Told

C_contra = TypeVar("C_contra", bound=Case, contravariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Generic[C_contra]):
    """One thing to look at, in a case of one kind."""

    name: str
    """Stable, for programs."""
    group: StrEnum
    title: str
    run: Callable[[C_contra], Iterator[Told]]
    needs: tuple[str, ...] = ()
    """Names of earlier checks that must have held, with a warning perhaps."""


_REACHED = ("connection",)
_LISTED = ("statement",)
_SMART = ("smart",)
_LET_IN = ("statement", "token")

CHECKS: tuple[Check[Case], ...] = (
    Check(name="entry", group=Group.ENTRY, title="address", run=registry_entry.address),
    Check(name="credentials", group=Group.ENTRY, title="credentials", run=registry_entry.credentials),
    Check(name="scopes-asked", group=Group.ENTRY, title="scopes asked for", run=registry_entry.scopes),
    Check(name="name", group=Group.NETWORK, title="host name", run=network.name),
    Check(
        name="connection", group=Group.NETWORK, title="connection", run=network.connection, needs=("name",)
    ),
    Check(
        name="certificate", group=Group.NETWORK, title="certificate", run=network.certificate, needs=_REACHED
    ),
    Check(name="expiry", group=Group.NETWORK, title="expiry", run=network.expiry, needs=_REACHED),
    Check(name="statement", group=Group.FHIR, title="statement", run=statement.statement, needs=_REACHED),
    Check(name="version", group=Group.FHIR, title="version", run=statement.version, needs=_LISTED),
    Check(name="software", group=Group.FHIR, title="software", run=statement.software, needs=_LISTED),
    Check(name="formats", group=Group.FHIR, title="formats", run=statement.formats, needs=_LISTED),
    Check(name="silence", group=Group.FHIR, title="detail", run=statement.silence, needs=_LISTED),
    Check(name="smart", group=Group.SMART, title="discovery", run=smart.discovery, needs=_REACHED),
    Check(name="smart-issuer", group=Group.SMART, title="issuer", run=smart.issuer, needs=_SMART),
    Check(name="smart-grants", group=Group.SMART, title="grant types", run=smart.grants, needs=_SMART),
    Check(name="smart-methods", group=Group.SMART, title="client methods", run=smart.methods, needs=_SMART),
    Check(name="smart-algorithms", group=Group.SMART, title="signatures", run=smart.algorithms, needs=_SMART),
    Check(name="smart-scopes", group=Group.SMART, title="scopes", run=smart.scopes, needs=_SMART),
    Check(
        name="smart-capabilities",
        group=Group.SMART,
        title="capabilities",
        run=smart.capabilities,
        needs=_SMART,
    ),
    Check(name="smart-pkce", group=Group.SMART, title="PKCE", run=smart.pkce, needs=_SMART),
    Check(name="launch", group=Group.SMART, title="launch", run=launch.launch),
    Check(name="token", group=Group.ACCESS, title="token", run=token.token, needs=("credentials", "smart")),
    Check(
        name="scopes-granted", group=Group.ACCESS, title="scopes granted", run=token.granted, needs=("token",)
    ),
    Check(name="unguarded", group=Group.ACCESS, title="without token", run=token.unguarded, needs=_REACHED),
    Check(name="searches", group=Group.READING, title="plan", run=searches.searches, needs=_LISTED),
    Check(name="patient", group=Group.READING, title="patient", run=reads.patient, needs=_LET_IN),
    Check(name="reads", group=Group.READING, title="read", run=reads.types, needs=_LET_IN),
    Check(name="paging", group=Group.READING, title="paging", run=reads.paging, needs=_LET_IN),
    Check(name="references", group=Group.READING, title="references", run=reads.resolution, needs=_LET_IN),
    Check(name="write-token", group=Group.WRITING, title="token", run=writing.permission, needs=_LET_IN),
    Check(name="results", group=Group.WRITING, title="dry run", run=writing.results, needs=_LISTED),
    Check(name="validate", group=Group.WRITING, title="$validate", run=writing.validation, needs=_LET_IN),
    Check(name="clock", group=Group.MANNERS, title="clock", run=manners.clock),
    Check(name="pace", group=Group.MANNERS, title="pace", run=manners.pace),
)
