"""What the server says of its authorization: the smart-configuration, and OpenID's own document."""

from typing import Any

from fhirgate.sandbox.ehr.authentication import ALGORITHMS
from fhirgate.sandbox.ehr.clients import EVERYTHING, Proof
from fhirgate.sandbox.ehr.identity import ALGORITHM
from fhirgate.sandbox.ehr.urls import Urls

CAPABILITIES = (
    "launch-ehr",
    "launch-standalone",
    "authorize-post",
    "client-public",
    "client-confidential-symmetric",
    "client-confidential-asymmetric",
    "sso-openid-connect",
    "context-banner",
    "context-style",
    "context-ehr-patient",
    "context-ehr-encounter",
    "context-standalone-patient",
    "context-standalone-encounter",
    "permission-offline",
    "permission-online",
    "permission-patient",
    "permission-user",
    "permission-v1",
    "permission-v2",
)


def smart_configuration(urls: Urls) -> dict[str, Any]:
    """https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html"""
    return {
        "issuer": urls.issuer,
        "jwks_uri": urls.jwks,
        "authorization_endpoint": urls.authorize,
        "token_endpoint": urls.token,
        "revocation_endpoint": urls.revoke,
        "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": [each.value for each in Proof],
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "authorization_response_iss_parameter_supported": True,
        "scopes_supported": list(EVERYTHING),
        "capabilities": list(CAPABILITIES),
    }


def openid_configuration(urls: Urls) -> dict[str, Any]:
    """https://openid.net/specs/openid-connect-discovery-1_0.html"""
    told = smart_configuration(urls)
    del told["capabilities"]
    return {
        **told,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "claims_supported": ["iss", "sub", "aud", "iat", "exp", "nonce", "fhirUser"],
    }
