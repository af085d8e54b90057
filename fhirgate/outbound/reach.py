"""How a destination is reached: its addresses, and its certificate. For who examines a server; nothing is sent.

The guard judges the addresses, and the certificate is verified, as for every call: one that is not trusted is not
looked at any further than to say why.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from socket import gaierror
from typing import Any

from fhirgate.errors import EhrError, EhrUnavailable
from fhirgate.outbound.address import origin_of
from fhirgate.outbound.deadline import Deadline, Limits, limits_of_this_thread
from fhirgate.outbound.destination import Destination
from fhirgate.outbound.dial import dial, in_time
from fhirgate.outbound.egress import ON_SITE, Guard, really
from fhirgate.outbound.surroundings import Surroundings
from fhirgate.outbound.translate import failure_of
from fhirgate.outbound.transport import tls_context


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """What a host name stands for."""

    addresses: tuple[str, ...]
    on_site: bool
    """Whether any of them is private."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """What was agreed, and the certificate, which is verified."""

    version: str
    """Such as `TLSv1.3`."""
    names: tuple[str, ...]
    """The hosts and addresses it is for."""
    issuer: str
    valid_until: datetime


def resolved(destination: Destination, surroundings: Surroundings) -> Resolved:
    """The addresses that calls go to. Raises EhrForbiddenAddress, EhrUnavailable."""
    guard, origin = _guard(destination, surroundings), origin_of(destination.base_url)
    try:
        found = in_time(lambda: guard.addresses(origin.host, origin.port), destination.timeouts.connect)
    except OSError as error:
        raise _told(destination, error) from None
    if not found:
        raise _told(destination, gaierror())
    return Resolved(addresses=tuple(found), on_site=any(map(_is_on_site, found)))


def connected(destination: Destination, surroundings: Surroundings) -> Tls | None:
    """A connection, made and closed; None where it is plain http.

    Raises EhrUntrusted, EhrForbiddenAddress, EhrUnavailable; ConfigurationError when its ca_file cannot be used.
    """
    guard, origin = _guard(destination, surroundings), origin_of(destination.base_url)
    context = tls_context(destination) if origin.scheme == "https" else None
    seconds = destination.timeouts.connect
    deadline = Deadline(at=surroundings.monotonic() + 2 * seconds, monotonic=surroundings.monotonic)
    try:
        with (
            limits_of_this_thread(Limits(deadline=deadline, connect_seconds=seconds, read_seconds=seconds)),
            dial(guard, origin.host, origin.port, ()) as plain,
        ):
            if context is None:
                return None
            with context.wrap_socket(plain, server_hostname=origin.host) as secured:
                return _tls(secured.version() or "", secured.getpeercert() or {})
    except OSError as error:
        raise _told(destination, error) from None


def _guard(destination: Destination, surroundings: Surroundings) -> Guard:
    origin = origin_of(destination.base_url)
    return Guard(
        server=destination.name,
        origin=origin,
        private=origin.host in destination.private_hosts,
        resolve=surroundings.resolve,
    )


def _is_on_site(text: str) -> bool:
    address = really(text) or ip_address(text)
    return any(address in network for network in ON_SITE)


def _tls(version: str, certificate: Mapping[str, Any]) -> Tls:
    issuer = {name: value for each in certificate.get("issuer", ()) for name, value in each}
    return Tls(
        version=version,
        names=tuple(str(value) for _, value in certificate.get("subjectAltName", ())),
        issuer=str(issuer.get("organizationName") or issuer.get("commonName") or ""),
        valid_until=datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC),
    )


def _told(destination: Destination, error: OSError) -> EhrError:
    said = f"server {destination.name!r}: "
    if isinstance(error, ssl.SSLError):
        failure = failure_of(error, None)
        return failure.error(said + failure.words)
    if isinstance(error, gaierror):
        return EhrUnavailable(f"{said}its host name cannot be resolved")
    if isinstance(error, TimeoutError):
        return EhrUnavailable(f"{said}no connection could be made in time")
    return EhrUnavailable(f"{said}no connection could be made; is it running, and is the port right?")
