"""The address a browser is sent to, to be let in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from fhirgate.ehr.launch.proof_key import challenge_of
from fhirgate.ehr.scopes import Scopes, Version
from fhirgate.services.launches import PendingLaunch


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Where a launch comes from, as the EHR wrote it."""

    audience: str
    """The server's base URL: as its `iss` said, or as the registry says."""
    launch: str = field(default="", repr=False)
    """Empty in a standalone launch."""


def authorization_url(pending: PendingLaunch, chart: Chart, *, state: str, version: Version) -> str:
    """The authorization request of a launch (C2-2)."""
    parameters = {
        "response_type": "code",
        "client_id": pending.client_id,
        "redirect_uri": pending.redirect_uri,
        "scope": Scopes.of(pending.scopes).text(version),
        "state": state,
        "aud": chart.audience,
        "code_challenge": challenge_of(pending.verifier),
        "code_challenge_method": "S256",
        **({"launch": chart.launch} if chart.launch else {}),
        **({"nonce": pending.nonce} if pending.nonce else {}),
    }
    return with_query(pending.authorization_endpoint, parameters)


def with_query(endpoint: str, parameters: Mapping[str, str]) -> str:
    """An endpoint with parameters after those it has itself (RFC 6749 §3.1)."""
    separator = "&" if "?" in endpoint else "?"
    # Percent-encoded throughout: some servers take a plus sign for one.
    return f"{endpoint}{separator}{urlencode(parameters, quote_via=quote, safe='')}"
