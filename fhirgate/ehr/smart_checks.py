"""What a smart-configuration must hold (SMART App Launch 2.2.0 "Metadata"), told as findings.

None of it keeps us out by itself: a server that errs here may still give tokens.
"""

from collections.abc import Iterator

from fhirgate.ehr.keys import Algorithm
from fhirgate.ehr.smart_discovery import SmartConfiguration, Told
from fhirgate.oncology.finding import Finding, Severity


def smart_findings(found: SmartConfiguration) -> Iterator[Finding]:
    """Everything that departs from the guide, for any client."""
    if found.token_endpoint is None:
        yield _error("TOKEN_ENDPOINT_MISSING", "It names no token_endpoint.")
    if found.told is Told.CAPABILITY_STATEMENT:
        yield _warning(
            "SMART_CONFIGURATION_MISSING",
            "There is no .well-known/smart-configuration; the token endpoint is from the CapabilityStatement's"
            " oauth-uris, which says nothing of scopes, grants or PKCE.",
        )
        return
    if found.authorization_endpoint is None:
        yield _warning(
            "AUTHORIZATION_ENDPOINT_MISSING", "It names no authorization_endpoint; apps cannot launch."
        )
    if "capabilities" not in found.named:
        yield _warning(
            "CAPABILITIES_MISSING", "It lists no capabilities; scopes are asked for as in version 1."
        )
    if "authorization_code" not in found.grant_types:
        yield _warning("GRANT_TYPE_MISSING", "grant_types_supported does not name authorization_code.")
    yield from _pkce(found)
    yield from _openid(found)


def _pkce(found: SmartConfiguration) -> Iterator[Finding]:
    if "S256" not in found.challenge_methods:
        yield _warning("PKCE_MISSING", "code_challenge_methods_supported does not name S256.")
    if "plain" in found.challenge_methods:
        yield _warning("PKCE_PLAIN", "code_challenge_methods_supported names plain, which protects nothing.")


def _openid(found: SmartConfiguration) -> Iterator[Finding]:
    if "sso-openid-connect" not in found.capabilities:
        if found.issuer is not None:
            yield _warning(
                "ISSUER_UNEXPECTED", "It names an issuer, but not the capability sso-openid-connect."
            )
        return
    for name, value in (("issuer", found.issuer), ("jwks_uri", found.jwks_uri)):
        if value is None:
            yield _warning(
                f"{name.upper()}_MISSING", f"It has the capability sso-openid-connect, but names no {name}."
            )


def backend_findings(found: SmartConfiguration, algorithm: Algorithm | None) -> Iterator[Finding]:
    """What speaks against a token without a user; `algorithm` is that of our key, None for a client secret.

    A list that is not there says nothing, and is passed over.
    """
    if found.grant_types and "client_credentials" not in found.grant_types:
        yield _warning(
            "CLIENT_CREDENTIALS_UNLISTED",
            "grant_types_supported does not name client_credentials, which a client without a user needs.",
        )
    if algorithm is None:
        return
    if found.client_authentication and "private_key_jwt" not in found.client_authentication:
        yield _warning(
            "PRIVATE_KEY_JWT_UNLISTED", "token_endpoint_auth_methods_supported does not name private_key_jwt."
        )
    if found.signing_algorithms and algorithm not in found.signing_algorithms:
        # Only the two of SMART are told: the list is the server's text.
        known = ", ".join(each for each in Algorithm if each in found.signing_algorithms)
        yield _warning(
            "SIGNING_ALGORITHM_UNLISTED",
            f"Our key signs {algorithm}, which the server does not list; it lists {known or 'neither of SMART'}."
            + (f" Make one with fhirgate keys generate --alg {known.split(', ')[0]}." if known else ""),
        )


def _error(code: str, text: str) -> Finding:
    return Finding(code=code, severity=Severity.ERROR, text=text)


def _warning(code: str, text: str) -> Finding:
    return Finding(code=code, severity=Severity.WARNING, text=text)
