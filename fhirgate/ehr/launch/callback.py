"""What comes back to the redirect URI: a code, or an error that is explained in our words.

RFC 6749 §4.1.2, RFC 9207, OpenID Connect Core 1.0 §3.1.2.6.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from fhirgate.outbound.address import origin_of
from fhirgate.services.launches import LaunchRefused, PendingLaunch, Why

LONGEST = 8192
"""Of any one value; codes that are signed tokens take some thousand characters."""
_KNOWN = ("code", "state", "error", "iss")
_ERROR = re.compile(r"[a-z_]{1,60}")
_PLAIN = re.compile(r"[\x20-\x7e]+")
_ERRORS = {
    "access_denied": "access was denied: the person declined, or may not use this app with this patient",
    "invalid_scope": "it does not know or not allow a scope we ask for; have the scopes of the entry registered there",
    "unauthorized_client": "it does not let this client launch; have the client registered for the authorization code"
    " flow",
    "unsupported_response_type": "it gives no authorization codes",
    "invalid_request": "it does not accept our request; compare client_id, redirect URI and base_url with what is"
    " registered there. A launch that was opened a second time has this cause too: launch again from the chart",
    "invalid_client": "it does not know this client; compare client_id",
    "invalid_target": "it does not know the FHIR server we ask for; compare base_url",
    "server_error": "it failed within; launch again, and if it stays so, tell its operator",
    "temporarily_unavailable": "it is busy; launch again in a while",
    "login_required": "nobody is logged in there; log in to the EHR and launch again",
    "consent_required": "it needs the person's consent; launch again and give it",
    "interaction_required": "it needs to ask the person something; launch again in a window of its own",
    "account_selection_required": "the person has to choose an account; launch again in a window of its own",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """The parameters that mean something; everything else is passed over, `next` and the like first of all."""

    state: str = field(repr=False)
    code: str = field(default="", repr=False)
    error: str = ""
    """Empty: none."""
    iss: str = ""

    @classmethod
    def of(cls, parameters: Iterable[tuple[str, str]]) -> "Callback":
        """From the pairs of the query. Raises LaunchRefused when they are no answer to an authorization request."""
        found: dict[str, str] = {}
        for name, value in parameters:
            if name not in _KNOWN:
                continue
            if name in found or not value or len(value) > LONGEST or not _PLAIN.fullmatch(value):
                raise _malformed(f"{name} is given twice, is empty, or holds what cannot be")
            found[name] = value
        if "state" not in found:
            raise _malformed("it has no state")
        if ("code" in found) is ("error" in found):
            raise _malformed("it has neither a code nor an error, or both")
        return cls(
            state=found["state"],
            code=found.get("code", ""),
            error=found.get("error", ""),
            iss=found.get("iss", ""),
        )

    def check_issuer(self, pending: PendingLaunch, came_to: str) -> None:
        """That it is from the authorization server we sent the browser to, and to its redirect URI.

        `came_to` is the server whose redirect URI that was. Raises LaunchRefused.
        """
        if came_to != pending.server:
            raise _other_issuer("came to the address of another server than the one we asked")
        if not self.iss:
            if pending.tells_issuer:
                raise _other_issuer("names no issuer, although that server always does")
            return
        if pending.issuer:
            if self.iss != pending.issuer:
                raise _other_issuer("is from another authorization server than the one we asked")
        elif not _same_origin(self.iss, pending.authorization_endpoint):
            # It told no issuer of its own; that its name is on the host we sent the browser to can still be seen.
            raise _other_issuer("is from another host than the one we asked")

    def check_error(self, server: str) -> None:
        """That it is no error. Raises LaunchRefused with words and remedy."""
        if not self.error:
            return
        code = self.error if _ERROR.fullmatch(self.error) else ""
        words = _ERRORS.get(code, "it tells of an error that no standard knows; ask its operator")
        raise LaunchRefused(
            Why.DENIED if code == "access_denied" else Why.AUTHORIZATION_FAILED,
            f"server {server!r} did not let the launch in{f' ({code})' if code in _ERRORS else ''}: {words}",
            code=code if code in _ERRORS else "",
        )


def _same_origin(one: str, other: str) -> bool:
    try:
        return origin_of(one) == origin_of(other)
    except ValueError:
        return False


def _malformed(what: str) -> LaunchRefused:
    return LaunchRefused(
        Why.MALFORMED, f"what came back is no answer of an EHR: {what}; launch again from the chart"
    )


def _other_issuer(what: str) -> LaunchRefused:
    return LaunchRefused(Why.OTHER_ISSUER, f"the answer {what}; it was not used. Launch again from the chart")
