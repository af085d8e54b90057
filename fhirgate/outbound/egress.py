"""Which addresses may be dialled: the guard against a host name that points inside.

A public server has only globally reachable unicast addresses. A host that its entry names as private may be on
site as well. Metadata services of clouds, link-local, multicast and reserved addresses are never dialled.

Source: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890), as of 2026. The lists stand here because
what `ipaddress` calls global differs between patch releases of Python.
"""

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fhirgate.errors import EhrForbiddenAddress
from fhirgate.outbound.address import Origin

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _networks(*texts: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(each) for each in texts)


ON_SITE = _networks(
    "10.0.0.0/8",  # private (RFC 1918)
    "172.16.0.0/12",
    "192.168.0.0/16",
    "127.0.0.0/8",  # loopback
    "100.64.0.0/10",  # carrier-grade NAT (RFC 6598), used by overlay networks
    "::1/128",  # loopback
    "fc00::/7",  # unique local (RFC 4193)
)
NEVER = _networks(
    "0.0.0.0/8",  # this network
    "169.254.0.0/16",  # link-local, metadata services of most clouds
    "100.100.100.200/32",  # metadata service in the NAT range
    "192.0.0.0/24",  # protocol assignments
    "192.0.2.0/24",  # documentation
    "192.88.99.0/24",  # old 6to4 relays
    "198.18.0.0/15",  # benchmarks
    "198.51.100.0/24",  # documentation
    "203.0.113.0/24",  # documentation
    "224.0.0.0/4",  # multicast
    "240.0.0.0/4",  # reserved, broadcast
    "fd00:ec2::/32",  # metadata service in the unique local range
    "2001::/23",  # protocol assignments, Teredo, ORCHID
    "2001:db8::/32",  # documentation
    "2002::/16",  # 6to4, whose inner address could be any
    "3fff::/20",  # documentation
)
GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
"""NAT64 (RFC 6052): the last 32 bits are the IPv4 address that is really dialled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Stands between one server's host name and the socket."""

    server: str
    origin: Origin
    private: bool
    """Whether its entry names this host as private."""
    resolve: Callable[[str, int], Sequence[str]]

    def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """The addresses to dial for a host, resolved once and all judged; one bad one spoils the answer.

        Raises EhrForbiddenAddress, and OSError when the name cannot be resolved.
        """
        if (_canonical(host), port) != (self.origin.host, self.origin.port):
            raise EhrForbiddenAddress(f"server {self.server!r}: a connection would leave {self.origin}")
        found = tuple(self.resolve(host, port))
        for each in found:
            why = self._refusal(each)
            if why:
                raise EhrForbiddenAddress(
                    f"server {self.server!r}: {self.origin.host} {why}; nothing was sent"
                )
        return found

    def _refusal(self, text: str) -> str | None:
        address = really(text)
        if address is None or _never(address):
            return "has an address that is never called (link-local, multicast, reserved, or unreadable)"
        if any(address in network for network in ON_SITE):
            named = "has a private address; if it is on site, its entry must name it as a private host"
            return None if self.private else named
        if self.origin.scheme == "http":
            return "has a public address, and plain http is for private ones only; use https"
        return None


def _canonical(host: str) -> str:
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        return host.lower()


def really(text: str) -> Address | None:
    """The address that is reached in the end; None when the text is not one, or has a zone."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.scope_id:
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _never(address: Address) -> bool:
    if any(address in network for network in NEVER):
        return True
    if isinstance(address, ipaddress.IPv4Address):
        return False
    return address not in GLOBAL_UNICAST and not any(address in network for network in ON_SITE)
