"""From an entry to what lets us in."""

import pytest
from ehr_world import BASE

from fhirgate.ehr.backend_auth import Basic, Bearer, Open
from fhirgate.ehr.registry import authorizer_of, connect
from fhirgate.errors import ConfigurationError
from fhirgate.outbound.client import Outbound
from fhirgate.services.ehr_server import AuthEntry, AuthKind, EhrServer

VARIABLE = "SECRET"


def entry(**auth: object) -> EhrServer:
    return EhrServer(name="main", base_url=BASE, auth=AuthEntry(**auth))  # type: ignore[arg-type]


def test_an_entry_becomes_a_server_that_was_asked_nothing() -> None:
    with Outbound() as outbound:
        found = connect(
            EhrServer(
                name="main", base_url="http://ehr.local/fhir", private_hosts=("ehr.local",), concurrency=2
            ),
            outbound,
            {},
        )

    assert isinstance(found.authorizer, Open)
    assert found.destination.private_hosts == {"ehr.local"}
    assert (found.destination.concurrency, found.destination.ca_file) == (2, None)


def test_each_kind_has_its_authorizer() -> None:
    environment = {VARIABLE: "s3"}
    with Outbound() as outbound:
        password = authorizer_of(
            entry(kind=AuthKind.BASIC, client_id="u", secret_variable=VARIABLE), outbound, environment
        )
        backend = authorizer_of(
            entry(kind=AuthKind.BACKEND, client_id="c", key_file="key.pem"), outbound, environment
        )
        secret = authorizer_of(
            entry(
                kind=AuthKind.CLIENT_SECRET, client_id="c", secret_variable=VARIABLE, scopes=("system/*.rs",)
            ),
            outbound,
            environment,
        )

    assert isinstance(password, Basic)
    assert password.headers() == {"Authorization": "Basic dTpzMw=="}
    assert isinstance(backend, Bearer)
    assert isinstance(secret, Bearer)
    assert "s3" not in repr((password, backend, secret))


@pytest.mark.parametrize("kind", [AuthKind.BASIC, AuthKind.CLIENT_SECRET])
def test_a_secret_that_is_not_at_hand_is_named_by_its_variable(kind: AuthKind) -> None:
    with Outbound() as outbound, pytest.raises(ConfigurationError) as error:
        authorizer_of(entry(kind=kind, client_id="u", secret_variable=VARIABLE), outbound, {VARIABLE: ""})

    assert error.value.problems == ("the environment variable SECRET is to hold its secret, and is empty",)
