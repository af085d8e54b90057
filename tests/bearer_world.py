"""A client of a strict token server, as the tests of tokens and of their requests use it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from token_server import CLIENT, TokenServer
from wire_calls import here

from fhirgate.ehr.backend_auth import Access, Authorizer, Bearer
from fhirgate.ehr.clients import Client, PrivateKeyJwt
from fhirgate.ehr.keys import Algorithm, SigningKey, new_key
from fhirgate.ehr.scopes import Scopes
from fhirgate.errors import (
    EhrError,
)
from fhirgate.outbound.client import Outbound
from fhirgate.outbound.surroundings import Surroundings

KEYS = {each: new_key(each, datetime(2026, 1, 1, tzinfo=UTC)) for each in Algorithm}
WRONG = "hush-hush"
WANTED = Scopes.for_types(["Observation", "Condition"])
ASKED = "system/Observation.rs system/Condition.rs"


def by_key(key: SigningKey = KEYS[Algorithm.ES384], **more: Any) -> PrivateKeyJwt:
    return PrivateKeyJwt(client_id=CLIENT, key_at=lambda _now: key, **more)


def clock(seconds: Callable[[], float] = time.monotonic, **more: Any) -> Surroundings:
    usual: dict[str, Any] = {"chance": lambda: 0.0, "monotonic": seconds}
    return Surroundings(**(usual | more))


def bearer(
    server: TokenServer,
    out: Outbound,
    client: Client | None = None,
    wanted: Scopes = WANTED,
    surroundings: Surroundings | None = None,
    **more: Any,
) -> Bearer:
    access = Access(outbound=out, server=here(server.port), surroundings=surroundings or clock(), **more)
    return Bearer(access, client=client or by_key(), wanted=wanted)


def failed(authorizer: Authorizer) -> EhrError:
    with pytest.raises(EhrError) as error:
        authorizer.headers()
    return error.value


def codes(authorizer: Authorizer, *beside: str) -> list[str]:
    """Of the findings of the token; the bare smart-configuration of the test server has its own."""
    own = {
        "AUTHORIZATION_ENDPOINT_MISSING", "GRANT_TYPE_MISSING", "PKCE_MISSING", *beside
    }  # fmt: skip
    return [each.code for each in authorizer.findings if each.code not in own]


def fhir_status(out: Outbound, server: TokenServer, authorizer: Authorizer) -> int:
    return out.get(
        here(server.port), "Patient/1", headers=authorizer.headers(), expected=frozenset({401})
    ).status
