"""Which entry of the registry an `iss` means: the one whose base URL it is, and otherwise none.

Rules of comparison
- Scheme, host and port are equal as origins: case of letters does not matter, and a default port may be left out.
- The path is equal character by character, one slash at its end apart. Nothing is decoded first: `%66hir` is not
  `fhir`.
- No query, fragment, user name, backslash, space, or step `.` or `..`.
- https, unless the entry itself is plain http (on site).
Nothing is asked of an address that is not in the registry.
"""

from collections.abc import Iterable

from fhirgate.errors import ConfigurationError
from fhirgate.outbound.address import Origin, origin_of
from fhirgate.services.ehr_server import EhrServer, LaunchEntry
from fhirgate.services.launches import LaunchRefused, Why

LONGEST = 2048


def entry_of_issuer(iss: str, entries: Iterable[EhrServer]) -> EhrServer:
    """The entry whose server launched us. Raises LaunchRefused."""
    wanted = address_compared(iss) if len(iss) <= LONGEST else None
    if wanted is None:
        raise LaunchRefused(
            Why.UNKNOWN_ISSUER, "the launch names no EHR: its iss is not the plain address of a FHIR server"
        )
    found = [each for each in entries if address_compared(each.base_url) == wanted]
    # Two entries may describe one server; the one with a launch table is meant.
    found.sort(key=lambda each: each.launch is None)
    if not found:
        raise LaunchRefused(
            Why.UNKNOWN_ISSUER,
            "the EHR that launched us is not in the registry of servers; nothing was asked of it. If it is one of"
            " yours, make the base_url of its entry equal to the iss it sends",
        )
    require_launch(found[0])
    return found[0]


def entry_of_name(name: str, entries: Iterable[EhrServer]) -> EhrServer:
    """The entry that a person chose. Raises LaunchRefused."""
    found = next((each for each in entries if each.name == name), None)
    if found is None:
        raise LaunchRefused(Why.UNKNOWN_ISSUER, "there is no server of that name in the registry")
    require_launch(found)
    return found


def require_launch(entry: EhrServer) -> LaunchEntry:
    """How clinicians of a server launch us. Raises LaunchRefused when they cannot."""
    if entry.launch is None:
        raise LaunchRefused(
            Why.UNKNOWN_ISSUER,
            f"server {entry.name!r} is in the registry, but its entry has no launch table; it needs kind and client_id",
        )
    return entry.launch


def check_redirect(uri: str) -> str:
    """Our address that EHRs send browsers back to. Raises ConfigurationError."""
    try:
        origin = origin_of(uri)
    except ValueError as error:
        raise ConfigurationError("the redirect URI", [str(error)]) from None
    if origin.scheme != "https" and origin.host not in {"127.0.0.1", "localhost", "::1"}:
        raise ConfigurationError("the redirect URI", ["it is plain http; the code would be open to all"])
    return uri


def address_compared(url: str) -> tuple[Origin, str] | None:
    """What of an address is compared; None when it is no base URL."""
    try:
        origin = origin_of(url)
    except ValueError:
        return None
    if "?" in url:
        return None
    _, _, after = url.partition("://")
    _, slash, path = after.partition("/")
    return origin, f"{slash}{path}".removesuffix("/")
