"""Name resolution, the egress guard and TLS."""

import math
from collections.abc import Iterator

from fhirgate.ehr.doctor.case import Case
from fhirgate.ehr.doctor.line import Told
from fhirgate.ehr.doctor.telling import not_tried, ok, told_of, warning, words
from fhirgate.errors import EhrError, EhrForbiddenAddress, EhrUntrusted
from fhirgate.oncology.wording import count
from fhirgate.outbound.address import origin_of
from fhirgate.outbound.reach import connected, resolved
from fhirgate.services.ehr_server import AuthKind

_NO_TLS = "plain http has no certificate"
SOON_DAYS = 30
"""A certificate that ends before is told of [days]: most authorities renew at 30."""


def name(case: Case) -> Iterator[Told]:
    """Whether the host name stands for addresses that may be called."""
    try:
        found = resolved(case.destination, case.outbound.surroundings)
    except EhrForbiddenAddress as error:
        yield told_of(
            error,
            case,
            remedy='for a server on site, set network = "private" and name its host in private_hosts; else have the'
            " name service corrected",
        )
        return
    except EhrError as error:
        yield told_of(error, case, remedy="check the host of base_url, and the name service of this machine")
        return
    place = "on site (private)" if found.on_site else "public"
    host = origin_of(case.entry.base_url).host
    yield ok(f"{host} has {count(len(found.addresses), 'address', 'addresses')}, {place}; calls may go there")


def connection(case: Case) -> Iterator[Told]:
    """Whether a connection is made, and whether it is secret."""
    origin = origin_of(case.entry.base_url)
    try:
        case.tls = connected(case.destination, case.outbound.surroundings)
    except EhrUntrusted as error:
        yield told_of(error, case, remedy=remedy_of_trust(error.safe_message, origin.host))
        return
    if case.tls is None:
        yield warning(
            f"plain http to the private host {origin.host}, without TLS; whoever is on that network can read records"
            + (" and credentials" if case.entry.auth.kind != AuthKind.OPEN else ""),
            "have the server speak https, and give its authority's certificate as ca_file",
        )
    else:
        yield ok(f"{case.tls.version.replace('TLSv', 'TLS ')}; 1.2 or later is needed")


def certificate(case: Case) -> Iterator[Told]:
    """Whose it is, and who says so; one that is not trusted has failed before."""
    if case.tls is None:
        yield not_tried(_NO_TLS)
        return
    host = origin_of(case.entry.base_url).host
    yield ok(
        f"it is for {host}, and its chain leads to a trusted authority (issued by {words((case.tls.issuer,))})"
    )


def expiry(case: Case) -> Iterator[Told]:
    """How long the certificate is good."""
    if case.tls is None:
        yield not_tried(_NO_TLS)
        return
    end = case.tls.valid_until
    days = math.floor((end - case.outbound.surroundings.now()).total_seconds() / 86_400)
    said = f"the certificate ends in {count(days, 'day')}, on {end.date().isoformat()}"
    if days < SOON_DAYS:
        yield warning(said, "have the server's operator renew it in time; no call is made after that day")
    else:
        yield ok(said)


def remedy_of_trust(said: str, host: str) -> str:
    """What to do about a certificate, by what OpenSSL says of it."""
    if "expired" in said:
        return "have the server's operator renew its certificate"
    if "ostname" in said or "IP address" in said:
        return f"set base_url to a name the certificate is for, or have {host} added to the certificate"
    if "self" in said:
        return (
            "for an authority of the site, give its certificate as ca_file; a public one does not sign itself"
        )
    return (
        "have the server send its intermediate certificates too; for an authority of the site, give its certificate"
        " as ca_file"
    )
