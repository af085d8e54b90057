"""Tokens that nobody will use any more are handed back to the EHR (RFC 7009)."""

from fhirgate.ehr.launch.registered import Registered
from fhirgate.ehr.launch.token_exchange import revoke
from fhirgate.errors import EhrError
from fhirgate.oncology.finding import Finding, Severity
from fhirgate.services.launches import LaunchTokens


def hand_back(registered: Registered, tokens: LaunchTokens) -> tuple[Finding, ...]:
    """What of it did not work; nothing when the server takes no tokens back."""
    if not tokens.revocation:
        return ()
    # The refresh token first: on most servers its end is the end of the other too.
    told = (
        _handed_back(registered, tokens.revocation, token, hint)
        for token, hint in ((tokens.refresh, "refresh_token"), (tokens.access, "access_token"))
        if token
    )
    return tuple(each for each in told if each is not None)


def _handed_back(registered: Registered, endpoint: str, token: str, hint: str) -> Finding | None:
    try:
        revoke(registered, endpoint, token, hint)
    except EhrError as error:
        text = (
            f"The {hint.replace('_', ' ')} is forgotten here, and may still be good at the EHR:"
            f" {error.safe_message}."
        )
        return Finding(code="TOKEN_NOT_REVOKED", severity=Severity.WARNING, text=text)
    return None
