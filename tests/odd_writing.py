"""Results of one judgement and of a later one, and what it is to write them to an odd store."""

import pytest
from ehr_world import Json
from odd_store import OddStore, writing
from written_results import results

from fhirgate.errors import EhrError
from fhirgate.exact_json import decode
from fhirgate.services.ports import Stored
from fhirgate.services.result_writer import Fate, Written

GIVEN = results("p1")
LATER = results("p1", "29", again=True)
RISK, PLAN, PROVENANCE = GIVEN
RISK_LATER, PLAN_LATER, _ = LATER


def write(store: OddStore, *given: Stored) -> tuple[Written, ...]:
    with writing(store) as writer:
        return writer.write(given)


def fails(store: OddStore, *given: Stored) -> EhrError:
    with writing(store) as writer, pytest.raises(EhrError) as error:
        writer.write(given)
    assert "p1" not in error.value.safe_message
    return error.value


def fates(written: tuple[Written, ...]) -> list[Fate]:
    return [each.fate for each in written]


def notes(resource: Json) -> list[str]:
    return [each["text"] for each in resource["note"]]


def write_beside(store: OddStore, given: Stored) -> None:
    """Another process of ours writes the same."""
    body = decode(given.body)
    mark = {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{body['id']}"}
    store.put({**body, "identifier": [*body["identifier"], mark]}, str(len(store.holds) + 1))
