"""Everything the simulated EHR is made of, joined once."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from joserfc.jwk import RSAKey

from fhirgate.sandbox.ehr.access import Guard
from fhirgate.sandbox.ehr.authentication import Authentication
from fhirgate.sandbox.ehr.authorization import Authorization
from fhirgate.sandbox.ehr.clients import Client
from fhirgate.sandbox.ehr.failures import Failures
from fhirgate.sandbox.ehr.grants import Vault
from fhirgate.sandbox.ehr.identity import Identity
from fhirgate.sandbox.ehr.pages import Pages
from fhirgate.sandbox.ehr.patients import PatientRecord, all_resources
from fhirgate.sandbox.ehr.reading import Reading
from fhirgate.sandbox.ehr.records import Records
from fhirgate.sandbox.ehr.token_endpoint import TokenEndpoint
from fhirgate.sandbox.ehr.urls import Urls
from fhirgate.sandbox.ehr.writing import Writing


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    """The parts, for the routes."""

    urls: Urls
    patients: Mapping[str, PatientRecord]
    clients: Mapping[str, Client]
    failures: Failures
    clock: Callable[[], datetime]
    records: Records
    reading: Reading
    writing: Writing
    vault: Vault
    identity: Identity
    authentication: Authentication
    authorization: Authorization
    tokens: TokenEndpoint


def joined(
    patients: Iterable[PatientRecord],
    clients: Iterable[Client],
    *,
    base_url: str,
    clock: Callable[[], datetime],
    failures: Failures,
    id_key: RSAKey | None = None,
) -> Sandbox:
    """A sandbox at an address. Raises ValueError for records or clients that cannot be served."""
    urls = Urls(base_url.rstrip("/"))
    given = {each.patient: each for each in patients}
    known = {each.id: each for each in clients}
    records = Records(all_resources(given.values()), clock)
    guard = Guard(records, urls.fhir)
    vault, identity = Vault(clock), Identity(urls, clock, id_key)
    reading = Reading(records=records, guard=guard, pages=Pages(clock), base_url=urls.fhir)
    return Sandbox(
        urls=urls,
        patients=given,
        clients=known,
        failures=failures,
        clock=clock,
        records=records,
        reading=reading,
        writing=Writing(records=records, guard=guard, reading=reading, base_url=urls.fhir),
        vault=vault,
        identity=identity,
        authentication=Authentication(clients=known, vault=vault, audience=urls.token, clock=clock),
        authorization=Authorization(
            clients=known,
            vault=vault,
            failures=failures,
            encounters={name: each.encounter for name, each in given.items()},
            audience=urls.fhir,
            issuer=urls.issuer,
        ),
        tokens=TokenEndpoint(vault=vault, failures=failures, identity=identity, urls=urls),
    )
