"""Every call of an assessment fails in turn in every way: the result is whole, says what is missing, or is none.

The server is real (`faulty_server`), the ways are those of `fault_ways`; waits take no time.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

import pytest
from fault_ways import DOUBLED, EXPIRED, LASTING, PASSING
from faulty_server import DISCOVERY, PATIENT, TOKENS, FaultyServer, Way, client_of, faulty
from fhir_records import AS_OF

from fhirgate.ehr.record import ServerRecords
from fhirgate.errors import EhrError
from fhirgate.oncology.finding import Finding
from fhirgate.services.assess_record import Choices, PatientResult
from fhirgate.services.fetch_record import Fetched, assess_fetched

BEFORE_ALL = (DISCOVERY, TOKENS, "metadata", "read Patient")
SEARCHES = (
    "search Condition",
    "search Observation",
    "page 2 of Observation",
    "page 3 of Observation",
    "search DiagnosticReport",
    "search Procedure",
    "search MedicationRequest",
    "search MedicationAdministration",
    "search MedicationStatement",
    "search MedicationDispense",
    "search BodyStructure",
    "search ImagingStudy",
    "search Specimen",
    "search Medication by _id",
)
CALLS = (*BEFORE_ALL, *SEARCHES, "read Practitioner")
"""Every call of the assessment, in the order in which a client with one connection makes them."""
FOLLOWS = {"Observation": {"Practitioner"}, "MedicationRequest": {"Medication"}}
"""What is not asked for when what names it did not come."""
TOLD = {
    DISCOVERY: "smart-configuration",
    TOKENS: "token",
    "metadata": "GET metadata",
    "read Patient": "GET Patient/{id}",
    "search Condition": "GET Condition?patient",
}
"""How an error names the call."""


@dataclass(frozen=True)
class Run:
    """What came of one assessment."""

    fetched: Fetched
    result: PatientResult

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.result.assessments[0].findings

    @property
    def missing(self) -> set[str]:
        """The types of which something is said to be missing."""
        told = [each.text for each in self.findings if each.code == "SOURCE_NOT_AVAILABLE"]
        return {each.partition(":")[0] for each in told}

    @property
    def kinds(self) -> set[str]:
        return {raw["resourceType"] for raw, _ in self.fetched.resources}


@pytest.fixture(scope="module")
def server() -> Iterator[FaultyServer]:
    with faulty() as found:
        yield found


@pytest.fixture(scope="module")
def undisturbed(server: FaultyServer) -> Run:
    return assessed(server)


def assessed(server: FaultyServer, concurrency: int = 1) -> Run:
    with client_of(server, concurrency=concurrency) as client:
        fetched = ServerRecords(client).fetch(PATIENT)
    return Run(fetched, assess_fetched(fetched, PATIENT, date.fromisoformat(AS_OF), Choices()))


def disturbed(server: FaultyServer, way: Way, call: str, concurrency: int = 1) -> Run | EhrError:
    server.fails(way, call, CALLS.index(call))
    try:
        return assessed(server, concurrency)
    except EhrError as error:
        return error
    finally:
        assert server.met >= 1, "the fault was not met"


def without(run: Run, *codes: str) -> list[Finding]:
    return [each for each in run.findings if each.code not in codes]


def test_the_campaign_fails_every_call_of_an_assessment_and_no_other(server: FaultyServer) -> None:
    server.heal()

    whole = assessed(server)

    assert tuple(server.calls) == CALLS
    assert server.resolved == len(CALLS)
    assert (whole.fetched.is_complete, whole.missing, len(whole.fetched.resources)) == (True, set(), 24)
    assert whole.result.assessments[0].current.state == "OLIGOPROGRESSION"


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("way", PASSING)
def test_what_passes_costs_patience_and_nothing_else(
    server: FaultyServer, undisturbed: Run, way: str, call: str
) -> None:
    assert disturbed(server, PASSING[way], call) == undisturbed
    assert server.met == PASSING[way].times


@pytest.mark.parametrize("call", CALLS[2:])
def test_a_token_that_ends_before_any_call_is_renewed(
    server: FaultyServer, undisturbed: Run, call: str
) -> None:
    assert disturbed(server, EXPIRED, call) == undisturbed
    assert (server.met, server.calls.count(TOKENS)) == (1, 2)


@pytest.mark.parametrize("call", SEARCHES)
def test_pages_with_every_entry_twice_are_read_once(
    server: FaultyServer, undisturbed: Run, call: str
) -> None:
    run = disturbed(server, DOUBLED, call)

    assert isinstance(run, Run)
    assert run.fetched.resources == undisturbed.fetched.resources
    assert without(run, "SOURCE_REPEATED") == without(undisturbed)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("way", LASTING)
def test_what_lasts_is_an_error_that_names_the_call_or_a_result_that_names_what_is_missing(
    server: FaultyServer, undisturbed: Run, way: str, call: str
) -> None:
    run = disturbed(server, LASTING[way], call)

    if ends_the_run(way, call):
        assert isinstance(run, EhrError)
        assert TOLD[call] in run.safe_message
        return
    assert isinstance(run, Run), run
    if (way, call) == ("403", "metadata"):
        assert "STATEMENT_MISSING" in [each.code for each in run.findings]
        assert run.kinds == undisturbed.kinds
        return
    kind, unread = call.split()[-1 if call.startswith("page") else 1], set()
    if (way, call) == ("403", "read Practitioner"):
        # Nothing of the judgement is missing without a reader's name; that it was asked for in vain is told.
        (told,) = [each.text for each in run.findings if each.code == "SOURCE_ASKED"]
        assert (run.missing, "Practitioner by id: refused" in told) == (set(), True)
        unread.add("Practitioner")
    elif way == "429 beyond any patience":
        # The server asked for peace, so nothing more is asked of it: everything from here on is missing.
        assert kind in run.missing
    else:
        assert run.missing == {kind}
    followed = {each for kind in run.missing for each in FOLLOWS.get(kind, ())}
    assert undisturbed.kinds - run.kinds <= run.missing | followed | unread
    assert run != undisturbed


def ends_the_run(way: str, call: str) -> bool:
    """Whether nothing can be had at all when this call fails."""
    if call in BEFORE_ALL:
        no_bundle = way in ("outcome in a 200", "next link in a loop", "next link to another host")
        return not (call == "read Patient" and no_bundle) and (way, call) != ("403", "metadata")
    return (way, call) == ("429 beyond any patience", "search Condition")


@pytest.mark.parametrize("way", [each for each in LASTING if LASTING[each].act and each not in ("drip",)])
def test_of_calls_under_way_together_only_the_one_that_fails_is_missing(
    server: FaultyServer, undisturbed: Run, way: str
) -> None:
    run = disturbed(server, LASTING[way], "search MedicationStatement", concurrency=4)

    assert isinstance(run, Run)
    if way == "429 beyond any patience":
        assert "MedicationStatement" in run.missing
        return
    assert run.missing == {"MedicationStatement"}
    assert undisturbed.kinds - run.kinds <= {"MedicationStatement"}
    assert "MedicationRequest" in run.kinds


@pytest.mark.parametrize("call", CALLS)
def test_after_any_failure_the_next_run_is_whole(server: FaultyServer, undisturbed: Run, call: str) -> None:
    with client_of(server) as client:
        server.fails(LASTING["500 for ever"], call, CALLS.index(call))
        with suppress(EhrError):
            ServerRecords(client).fetch(PATIENT)
        server.way = None
        again = ServerRecords(client).fetch(PATIENT)

    assert again.resources == undisturbed.fetched.resources
    assert again.findings == ()
