"""`fhirgate assess --server` on bad days of the server: what is judged, what is said, and with which status it ends."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bearer_world import KEYS
from fault_ways import EXPIRED, LASTING, PASSING, answers, elsewhere
from faulty_server import PATIENT, FaultyServer, Way, faulty, held
from fhir_records import AS_OF

from fhirgate.ehr.keys import Algorithm, save_key


@pytest.fixture
def server() -> Iterator[FaultyServer]:
    with faulty(FaultyServer(holds=held(), host="127.0.0.1")) as found:
        yield found


@pytest.fixture
def assess(run: Any, server: FaultyServer, tmp_path: Path) -> Any:
    """Assesses the patient of the server and gives the status, the assessment and what was said."""
    key = save_key(KEYS[Algorithm.ES384], tmp_path)

    def assess(**entry: Any) -> tuple[int, Any, list[str]]:
        registry = tmp_path / "servers.toml"
        registry.write_text(
            f'[servers.main]\nbase_url = "{server.base}"\nnetwork = "private"\nprivate_hosts = ["127.0.0.1"]\n'
            f'auth = {{ kind = "backend", client_id = "fhirgate-test", key_file = "{key.name}" }}\n'
            + "".join(f"{name} = {value}\n" for name, value in entry.items())
        )
        done = run(
            *("assess", "--server", "main", "--servers", registry, "--patient", PATIENT),
            *("--as-of", AS_OF, "-o", "json"),
        )
        assert PATIENT.encode() not in done.stderr
        told = done.stderr.decode().splitlines()
        return done.returncode, json.loads(done.stdout) if done.stdout else None, told

    return assess


def missing(assessment: Any) -> list[str]:
    return [each["text"] for each in assessment["findings"] if each["code"] == "SOURCE_NOT_AVAILABLE"]


def test_a_token_that_ends_midway_is_renewed_without_a_word(assess: Any, server: FaultyServer) -> None:
    undisturbed = assess()
    server.fails(EXPIRED, "search MedicationStatement", 0)

    assert assess() == undisturbed
    assert (undisturbed[0], undisturbed[2], server.met) == (0, [], 1)
    assert server.calls.count("token") == 2


def test_a_wait_the_server_asks_for_is_kept_without_a_word(assess: Any, server: FaultyServer) -> None:
    undisturbed = assess()
    server.fails(Way(answers("429 Slow", more="Retry-After: 1\r\n"), times=1, unread=True), "metadata", 0)

    assert assess() == undisturbed
    assert server.calls.count("metadata") == 2


def test_a_wait_beyond_the_time_for_the_record_is_told_and_what_came_is_judged(
    assess: Any, server: FaultyServer
) -> None:
    server.fails(LASTING["429 for ever"], "search Specimen", 0)

    status, assessment, told = assess(record_seconds=10, concurrency=1)

    lost = missing(assessment)
    assert status == 1
    assert assessment["current"]["state"] == "OLIGOPROGRESSION"
    assert min(each for each in lost if each.startswith("Specimen")).startswith(
        "Specimen: not all of it could be read from the server: server 'main': GET Specimen?patient: it answered"
        " that there are too many requests (429); it asks to wait 20 s"
    )
    assert sorted(told[:-1]) == sorted(f"fhirgate: {each}" for each in lost)
    assert told[-1] == f"fhirgate: {len(lost)} parts of the source could not be read"


def test_a_wait_beyond_the_time_before_anything_came_ends_with_status_3(
    assess: Any, server: FaultyServer
) -> None:
    server.fails(LASTING["429 for ever"], "metadata", 0)

    assert assess(record_seconds=10) == (
        3,
        None,
        [
            "fhirgate: server 'main': GET metadata: it answered that there are too many requests (429); it asks to wait"
            " 20 s"
        ],
    )


@pytest.mark.parametrize(
    ("way", "call", "words"),
    [
        (LASTING["401 for ever"], "token", "server 'main': token request: it gave no token (401"),
        (
            LASTING["401 for ever"],
            "read Patient",
            "GET Patient/{id}: it did not accept our credentials (401)",
        ),
        (LASTING["403"], "read Patient", "GET Patient/{id}: it does not permit this call (403)"),
        (LASTING["HTML"], "smart-configuration", "GET .well-known/smart-configuration: it answered HTML"),
        (LASTING["outcome in a 200"], "metadata", "answered to GET metadata is no CapabilityStatement"),
        (
            LASTING["500 for ever"],
            "read Patient",
            "GET Patient/{id}: it answered 500 (Internal Server Error)",
        ),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_leaves_nothing_to_judge_names_the_call_and_ends_with_status_3(
    assess: Any, server: FaultyServer, way: Way, call: str, words: str
) -> None:
    server.fails(way, call, 0)

    status, assessment, (told,) = assess()

    assert (status, assessment) == (3, None)
    assert told.startswith("fhirgate: ")
    assert words in told


def test_a_next_link_to_another_host_is_told_and_not_followed(assess: Any, server: FaultyServer) -> None:
    server.fails(Way(elsewhere), "page 2 of Observation", 0)

    status, assessment, told = assess()

    (lost,) = missing(assessment)
    assert status == 1
    assert (
        "the link to page 3 is not followed: it leads to https://elsewhere.example:443, and this server is"
        in lost
    )
    assert told == [
        f"fhirgate: {lost}",
        "fhirgate: no judgement of the present state in 1 of 1 assessment",
        "fhirgate: 1 part of the source could not be read",
    ]


def test_a_reply_that_breaks_off_once_is_asked_for_again_without_a_word(
    assess: Any, server: FaultyServer
) -> None:
    undisturbed = assess()
    server.fails(PASSING["cut off once"], "search Observation", 0)

    assert assess() == undisturbed
    assert server.met == 1
