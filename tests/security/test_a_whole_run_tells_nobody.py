"""Whole runs over a marked record, from the server and back to it: what identifies the patient stands in no log, no
message, no trace, no metric, no exception and in no column of the database that is not for it.

The patient's logical id is marked too. It may stand in the URLs of calls, in results and in what was asked for; names,
dates of birth, numbers, addresses and free text of the record may not even stand in results.
"""

import json
import logging
import signal
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from all_logged import all_logged
from bearer_world import KEYS
from fault_ways import answers
from faulty_server import FaultyServer, Turn, Way, client_of, closing, faulty
from faulty_writes import TakesResults
from security.test_no_patient_data_leaks import SALT, salted
from serve_world import serving
from sqlalchemy import LargeBinary, inspect, text

from fhirgate.cli import program
from fhirgate.ehr.keys import Algorithm, save_key
from fhirgate.ehr.record import ServerRecords
from fhirgate.ehr.result_writer import ServerResults
from fhirgate.errors import FhirgateError
from fhirgate.services.ports import PatientKey, Search
from fhirgate.store.engine import open_database
from fhirgate.store.results import SqlResults

Json = dict[str, Any]
PATIENT = "Zyzxlogical77"
MARKS = (*SALT, PATIENT)
AS_OF = "2025-07-20"
FOR_THE_PATIENT = {
    ("resource", "patient"),
    ("resource_version", "body"),
    ("job", "request"),
    ("job", "answer"),
}
"""Columns that are there to hold the patient's id."""
SILENCED = ("urllib3.", "sqlalchemy.engine.Engine")
"""The program's own doing: they show whole URLs and rows."""
SAID = {
    "resourceType": "OperationOutcome",
    "issue": [
        {
            "severity": "error",
            "code": "processing",
            "details": {"text": f"Quillon Zyzxname ({PATIENT}) is not shown to you"},
            "diagnostics": "MRN77315588 born 1947-03-09",
        }
    ],
}


def held() -> list[Json]:
    """The marked record, of the patient with the marked id."""
    whole = json.dumps(salted())
    assert "p1" not in whole.replace('"p1', "").replace("/p1", "")
    whole = whole.replace('"p1', f'"{PATIENT}').replace("/p1", f"/{PATIENT}")
    return [each["resource"] for each in json.loads(whole)["entry"]]


def with_a_refused_part(turn: Turn) -> None:
    """A page with an entry that failed, and an outcome beside it."""
    page = json.loads(turn.usual.partition(b"\r\n\r\n")[2])
    page.setdefault("entry", []).extend(
        [
            {"response": {"status": "403", "outcome": SAID}},
            {"resource": SAID, "search": {"mode": "outcome"}},
        ]
    )
    turn.connection.sendall(closing(json.dumps(page).encode()))


def led_away(turn: Turn) -> None:
    """A next link to another host, which names the patient."""
    page = json.loads(turn.usual.partition(b"\r\n\r\n")[2])
    link = f"https://elsewhere.example/{PATIENT}?name=Zyzxname&patient={PATIENT}"
    page["link"] = [{"relation": "next", "url": link}]
    turn.connection.sendall(closing(json.dumps(page).encode()))


_SAYS = json.dumps(SAID).encode()
_PLACE = f"Location: https://elsewhere.example/{PATIENT}?name=Zyzxname\r\n"
WAYS = {
    "400": Way(answers("400 Zyzxname", _SAYS), unread=True),
    "401": Way(
        answers(
            "401 Zyzxname", _SAYS, more=f'WWW-Authenticate: Bearer error="{PATIENT}", realm="Zyzxname"\r\n'
        ),
        unread=True,
    ),
    "403": Way(answers("403 Zyzxname", _SAYS), unread=True),
    "404": Way(answers("404 Zyzxname", _SAYS), unread=True),
    "500": Way(answers("500 Zyzxname", _SAYS), unread=True),
    "302": Way(answers("302 Zyzxname", b"", more=_PLACE), unread=True),
    "200 with an outcome": Way(answers("200 OK", _SAYS)),
    "200 with a page of HTML": Way(answers("200 OK", b"<html>Quillon Zyzxname", kind="text/html")),
    "200 cut off": Way(answers("200 OK", b'{"Zyzxname": "Quillon Zyzxname MRN77315588", "id": "Zyz')),
    "200 with a key twice": Way(answers("200 OK", f'{{"{PATIENT} x": 1, "{PATIENT} x": 2}}'.encode())),
}
OF_PAGES = {
    "a part that was refused": Way(with_a_refused_part),
    "a link that leads away": Way(led_away),
}


@pytest.fixture
def server() -> Iterator[TakesResults]:
    with faulty(TakesResults(holds=held(), host="127.0.0.1")) as found:  # type: ignore[misc]
        yield found  # type: ignore[misc]


@pytest.fixture
def logged(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    return all_logged(tmp_path)


@pytest.fixture
def registry(server: FaultyServer, tmp_path: Path) -> Path:
    key = save_key(KEYS[Algorithm.ES384], tmp_path)
    path = tmp_path / "servers.toml"
    path.write_text(
        f'[servers.main]\nbase_url = "{server.base}"\nnetwork = "private"\nprivate_hosts = ["127.0.0.1"]\n'
        f'record_seconds = 20\nauth = {{ kind = "backend", client_id = "fhirgate-test", key_file = "{key.name}" }}\n'
    )
    return path


@dataclass(frozen=True)
class Done:
    """How a command ended, and all that was told."""

    status: int
    stdout: bytes
    stderr: bytes
    logged: str


@pytest.fixture
def run(
    registry: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsysbinary: pytest.CaptureFixture[bytes],
) -> Iterator[Callable[..., Done]]:
    """Runs a command that speaks to the server, with every logger at its most talkative."""
    logged: list[str] = []
    form = logging.Formatter("%(name)s: %(message)s")
    monkeypatch.setattr(logging.Logger, "getEffectiveLevel", lambda _logger: 1)
    monkeypatch.setattr(
        logging.Logger, "callHandlers", lambda _logger, each: logged.append(form.format(each))
    )
    monkeypatch.setenv("FHIRGATE_SERVERS", str(registry))
    monkeypatch.chdir(tmp_path)
    for name, logger in logging.getLogger().manager.loggerDict.items():
        # Other tests' tools silence what was there before them; what the program silences stays so.
        if isinstance(logger, logging.Logger) and not name.startswith(SILENCED):
            monkeypatch.setattr(logger, "disabled", False)
    logging.getLogger().manager._clear_cache()  # type: ignore[attr-defined]

    def run(*arguments: str) -> Done:
        logged.clear()
        status = program.run(list(arguments))
        said = capsysbinary.readouterr()
        return Done(status, said.out, said.err, "\n".join(logged))

    yield run
    logging.getLogger().manager._clear_cache()  # type: ignore[attr-defined]


def marks_in(told: bytes | str, marks: tuple[str, ...] = MARKS) -> list[str]:
    """Where marks stand, with what stands around them."""
    content = told if isinstance(told, str) else told.decode()
    places = ((each, content.lower().find(each.lower())) for each in marks)
    return [f"{each}: {content[max(0, at - 80) : at + 40]!r}" for each, at in places if at >= 0]


def assess(run: Callable[..., Done], *more: str) -> Done:
    return run("assess", "--server", "main", "--patient", PATIENT, "--as-of", AS_OF, "--trace", *more)


def test_what_is_looked_for_is_in_what_the_server_sends(server: TakesResults) -> None:
    sent = json.dumps(server.holds)

    assert [each for each in MARKS if each.lower() not in sent.lower()] == []


def test_what_a_library_would_log_is_heard(run: Callable[..., Done], monkeypatch: pytest.MonkeyPatch) -> None:
    told = lambda *_: logging.getLogger("some.library").debug("reading %s", PATIENT)  # noqa: E731
    monkeypatch.setattr("fhirgate.cli.get.pretty", told)

    assert len(marks_in(run("get", "main", "metadata").logged)) == 1


def test_a_run_that_reads_judges_keeps_and_writes_tells_nobody(
    run: Callable[..., Done], server: TakesResults, tmp_path: Path
) -> None:
    first = assess(run, "--write", "-o", "json")
    again = assess(run, "--write", "-o", "fhir")

    assert [each.status in (0, 1) for each in (first, again)] == [True, True], first.stderr
    assert [each["resourceType"] for each in server.history].count("RiskAssessment") == 1
    assert PATIENT in first.stdout.decode()
    assert b"main: GET Patient/{id} -> 200" in first.stderr
    for each in (first, again):
        assert marks_in(each.stderr) == []
        assert marks_in(each.logged) == []
        assert "sqlalchemy" in each.logged
        assert marks_in(each.stdout, SALT) == []
    assert marks_in(json.dumps(server.history), SALT) == []
    assert list(marked_columns(tmp_path)) == []


def marked_columns(folder: Path) -> Iterator[str]:
    """Where in the database a mark stands that must not."""
    database = open_database(f"sqlite:///{folder / 'fhirgate.db'}")
    with database.engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            for column in inspect(connection).get_columns(table):
                name = column["name"]
                marks = SALT if (table, name) in FOR_THE_PATIENT else MARKS
                for (value,) in connection.execute(text(f'SELECT "{name}" FROM "{table}"')):  # noqa: S608
                    content = value if isinstance(column["type"], LargeBinary) else str(value)
                    yield from (f"{table}.{name}: {each}" for each in marks_in(content or "", marks))
    database.close()


@pytest.mark.parametrize(
    ("call", "way"),
    [
        *(("search Observation", way) for way in (WAYS | OF_PAGES).values()),
        *(("read Patient", way) for way in WAYS.values()),
        *(
            (call, WAYS["400"])
            for call in ("token", "metadata", "smart-configuration", "create RiskAssessment")
        ),
        ("token", WAYS["401"]),
        ("create RiskAssessment", WAYS["500"]),
    ],
    ids=lambda each: (
        each if isinstance(each, str) else next((k for k, v in (WAYS | OF_PAGES).items() if v is each), "")
    ),
)
def test_a_run_that_fails_tells_nobody(
    run: Callable[..., Done],
    server: TakesResults,
    tmp_path: Path,
    call: str,
    way: Way,
) -> None:
    server.fails(way, call, 0)

    done = assess(run, "--write", "-o", "json")

    assert server.met >= 1
    assert done.status in (0, 1, 2, 3), done.stderr
    assert marks_in(done.stderr) == []
    assert marks_in(done.logged) == []
    assert list(marked_columns(tmp_path)) == []


@pytest.mark.parametrize("way", [None, *(WAYS | OF_PAGES)])
def test_commands_for_debugging_show_the_record_on_standard_output_alone(
    run: Callable[..., Done], server: TakesResults, way: str | None
) -> None:
    commands = {
        "read Observation": ("get", "main", f"Observation/{PATIENT}-size-1-2025-07-10", "--trace"),
        "search Observation": ("search", "main", f"Observation?patient=Patient/{PATIENT}", "--trace"),
    }
    for call, arguments in commands.items():
        if way is not None:
            server.fails((WAYS | OF_PAGES)[way], call, 0)

        done = run(*arguments)

        if way is None:
            shown = marks_in(done.stdout, (PATIENT, "Zyzxname"))
            assert (done.status, len(shown)) == (0, 2)
        assert marks_in(done.stderr) == []
        assert marks_in(done.logged) == []


@pytest.mark.parametrize("way", ["400", "500", "200 with an outcome"])
def test_the_doctor_tells_of_a_server_and_not_of_the_patient_looked_at(
    run: Callable[..., Done], server: TakesResults, way: str
) -> None:
    server.fails(WAYS[way], "search Observation", 0)

    for arguments in (("doctor", "main", "--patient", PATIENT, "--trace"), ("doctor", "main", "-o", "json")):
        done = run(*arguments)

        assert done.status in (0, 1)
        assert marks_in(done.stdout) == []
        assert marks_in(done.stderr) == []
        assert marks_in(done.logged) == []


def test_a_service_that_reads_judges_keeps_writes_and_fails_tells_nobody(
    server: TakesResults, registry: Path, logged: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    asked = {"server": "main", "patient": PATIENT, "asOf": AS_OF, "write": True}
    with serving(tmp_path, "--servers", str(registry), **logged[1]) as at:
        location = at.assess(asked)
        done, written = at.finished(location), at.written(location)
        failed = []
        for call in ("read Patient", "search Observation", "update RiskAssessment"):
            server.fails(WAYS["400"], call, 0)
            failed.append(at.finished(at.assess(asked)))
        refused = [
            at.ask("/v1/assessments", asked | {"patient": f"{PATIENT}/Zyzxname"}),
            at.ask("/v1/assessments", asked | {"reader": "Penblood", "preset": "Zyzxname"}),
            at.ask(f"/v1/assessments/{PATIENT}"),
            at.ask(f"/{PATIENT}?name=Zyzxname"),
        ]
        metrics = at.ask("/metrics")[1]
        assert at.stop(signal.SIGTERM) == 0
        told, said = at.log(), (tmp_path / "serve.out").read_text()

    assert (done["status"], written["state"]) == ("done", "done")
    assert failed[0]["status"] == "failed"
    assert all(each[0] >= 400 for each in refused)
    for each in (told, said, metrics, logged[0].read_text()):
        assert marks_in(each) == []
    assert marks_in(json.dumps([each["error"] for each in failed if "error" in each])) == []
    assert marks_in(json.dumps(done), SALT) == []
    assert "sqlalchemy" in logged[0].read_text()
    assert list(marked_columns(tmp_path)) == []


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("call", ["token", "metadata", "read Patient"])
def test_no_exception_and_nothing_behind_it_holds_a_mark(server: TakesResults, way: str, call: str) -> None:
    server.fails(WAYS[way], call, 0)

    with client_of(server) as client:
        try:
            told = repr(ServerRecords(client).fetch(PATIENT).findings)
        except FhirgateError as error:
            told = all_of(error)

    assert server.met >= 1
    assert marks_in(told) == []


def all_of(error: FhirgateError) -> str:
    return "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))


@pytest.mark.parametrize("way", WAYS)
def test_no_exception_of_writing_holds_a_mark(
    server: TakesResults, run: Callable[..., Done], way: str, tmp_path: Path
) -> None:
    server.fails(WAYS["500"], "create RiskAssessment", 0)
    assess(run, "--write")
    database = open_database(f"sqlite:///{tmp_path / 'fhirgate.db'}")
    results = SqlResults(database=database, clock=lambda: None).search(  # type: ignore[arg-type, return-value]
        Search(type="RiskAssessment", patient=PatientKey(server="main", id=PATIENT))
    )
    server.fails(WAYS[way], "search RiskAssessment by identifier", 0)

    with client_of(server, writes=True) as client:
        try:
            told = repr(ServerResults(client).write(results))
        except FhirgateError as error:
            told = all_of(error)
    database.close()

    assert results
    assert marks_in(told) == []
