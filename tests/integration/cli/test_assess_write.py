"""`fhirgate assess --write` against a server on this machine that keeps what it is sent."""

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from fhir_records import AS_OF, SCANS, size
from keeping_ehr import Fault, KeepingEhr, kept_here
from patient_world import record, scan

from fhirgate.cli import write_back
from fhirgate.cli.database import USUAL, chosen
from fhirgate.cli.program import run as run_here
from fhirgate.store.engine import DEFAULT_URL, open_database
from fhirgate.store.outbox import SqlOutbox
from fhirgate.store.upgrade import MIGRATIONS

Write = Callable[..., Any]
LINE = re.compile(r"fhirgate: (\w+)/[0-9a-f-]{36}: (created|updated|unchanged) as (\w+/\d+/_history/\d+)")


@pytest.fixture
def ehr() -> Iterator[KeepingEhr]:
    with kept_here() as kept:
        kept.put(record())
        yield kept


@pytest.fixture
def registry(ehr: KeepingEhr, tmp_path: Path) -> str:
    path = tmp_path / "servers.toml"
    path.write_text(
        f'[servers.main]\nbase_url = "{ehr.base}"\nnetwork = "private"\nprivate_hosts = ["127.0.0.1"]\n'
    )
    return str(path)


@dataclass(frozen=True)
class Done:
    """As `subprocess.CompletedProcess` has it."""

    returncode: int
    stdout: bytes
    stderr: bytes


@pytest.fixture
def write(registry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: Any) -> Write:
    """Runs `fhirgate assess --write` for the patient, in an empty folder; here, for starting it takes seconds."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FHIRGATE_SERVERS", registry)

    def write(*more: str, as_of: str = AS_OF) -> Done:
        asked = ["assess", "--server", "main", "--patient", "p1", "--as-of", as_of, "--write", *more]
        status = run_here(asked)
        return Done(status, *capsysbinary.readouterr())

    return write


def told(done: Any) -> list[tuple[str, str, str]]:
    """Type, fate and reference of each line about a resource."""
    return [match.groups() for match in map(LINE.fullmatch, done.stderr.decode().splitlines()) if match]


def current(ehr: KeepingEhr, kind: str) -> list[str]:
    return [each["meta"]["versionId"] for each in ehr.all(kind)]


def test_results_are_kept_and_written_and_each_is_told(run: Any, registry: str, tmp_path: Path) -> None:
    asked = ("assess", "--server", "main", "--patient", "p1", "--as-of", AS_OF, "--write", "-o", "fhir")

    done = run(*asked, FHIRGATE_SERVERS=registry)

    assert done.returncode == 0
    assert told(done) == [
        ("RiskAssessment", "created", "RiskAssessment/1/_history/1"),
        ("CarePlan", "created", "CarePlan/1/_history/1"),
        ("Provenance", "created", "Provenance/1/_history/1"),
    ]
    assert len(done.stderr.splitlines()) == 3
    shown = [each["resource"]["id"] for each in json.loads(done.stdout)["entry"]][:2]
    with sqlite3.connect(tmp_path / "fhirgate.db") as database:
        kept = [id_ for (id_,) in database.execute("SELECT id FROM resource ORDER BY sequence")]
    database.close()
    assert shown == kept[:2]
    assert all(each in done.stderr.decode() for each in kept)


def test_repeating_it_says_nothing_new_and_a_change_is_an_update(write: Write, ehr: KeepingEhr) -> None:
    write()
    sent = ehr.sent()

    again = write()

    assert (again.returncode, ehr.sent()) == (0, sent)
    assert b"nothing new: each of the results was written to the server before" in again.stderr
    ehr.put([size(1, SCANS[2], 34)])
    changed = write()
    assert changed.returncode == 0
    assert ("RiskAssessment", "updated", "RiskAssessment/1/_history/2") in told(changed)
    assert current(ehr, "RiskAssessment") == ["2"]


def test_a_server_that_takes_nothing_is_no_failure(write: Write, ehr: KeepingEhr) -> None:
    ehr.writes = ()

    done = write()

    assert done.returncode == 0
    assert (
        done.stderr.count(b": not taken, in our own database alone: the server does not list this type") == 3
    )


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(status=403), b"it does not permit this call (403)"),
        (Fault(), b"POST RiskAssessment"),
    ],
)
def test_a_server_that_fails_gives_status_3_and_the_next_run_writes(
    write: Write, ehr: KeepingEhr, fault: Fault, words: bytes
) -> None:
    ehr.faults = lambda call: fault if call.startswith("POST") else None

    done = write("-o", "json")

    assert done.returncode == 3
    assert json.loads(done.stdout)["current"]["state"] == "OLIGOPROGRESSION"
    assert words in done.stderr
    assert b"the results are kept in sqlite:///./fhirgate.db; to write them, run this again" in done.stderr
    ehr.faults = lambda _call: None
    again = write()
    assert again.returncode == 0
    assert [kind for kind, _, _ in told(again)] == ["RiskAssessment", "CarePlan", "Provenance"]
    assert current(ehr, "RiskAssessment") == current(ehr, "Provenance") == ["1"]


def test_each_preset_is_a_result_of_its_own(write: Write, ehr: KeepingEhr) -> None:
    done = write("--preset", "DEFAULT", "--preset", "CURB", "-o", "json")

    assert done.returncode in (0, 1)
    assert len(ehr.all("RiskAssessment")) == 2


def test_what_is_not_kept_is_told(write: Write, ehr: KeepingEhr) -> None:
    write()
    ehr.faults = lambda call: Fault(status=403) if call.startswith("GET Observation") else None

    done = write()

    assert done.returncode == 1
    assert b"fhirgate: DEFAULT: not kept: part of the record did not come from its server" in done.stderr
    assert current(ehr, "RiskAssessment") == ["1"]


def test_looking_back_is_told_and_writes_nothing(write: Write, ehr: KeepingEhr) -> None:
    write(as_of="2025-07-25")

    done = write()

    assert done.returncode == 0
    assert b"fhirgate: DEFAULT: not kept: the scan has been judged as of a later day" in done.stderr
    assert current(ehr, "RiskAssessment") == ["1"]


def test_a_later_scan_is_told_with_what_it_revokes(write: Write, ehr: KeepingEhr) -> None:
    write()
    ehr.put(scan("2025-10-10", 38, 30, 24, 40))

    done = write(as_of="2025-10-20")

    assert ("CarePlan", "updated", "CarePlan/1/_history/2") in told(done)
    assert sorted(each["status"] for each in ehr.all("CarePlan")) == ["draft", "revoked"]


def _at_first_revision(file: Path) -> None:
    database = open_database(f"sqlite:///{file}")
    with database.writing() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    database.close()


def test_an_outdated_database_asks_for_an_upgrade_before_anything_is_fetched(
    write: Write, ehr: KeepingEhr, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    _at_first_revision(tmp_path / "old.db")

    done = write("--database", url)

    assert (done.returncode, done.stdout, ehr.calls) == (2, b"", [])
    assert b"its tables are not up to date; run: fhirgate db upgrade" in done.stderr
    assert run_here(["db", "upgrade", "--database", url]) == 0
    assert write("--database", url).returncode == 0


def test_wrong_use_is_told_with_status_2(run: Any, registry: str, tmp_path: Path) -> None:
    source = tmp_path / "record.json"
    source.write_text("{}")
    from_file = run("assess", source, "--write")
    nobody = run("assess", "--server", "main", "--write", FHIRGATE_SERVERS=registry)
    to_come = run(
        *("assess", "--server", "main", "--patient", "p1", "--write", "--as-of", "2999-01-01"),
        FHIRGATE_SERVERS=registry,
    )

    assert [each.returncode for each in (from_file, nobody, to_come)] == [2, 2, 2]
    assert b"--write needs --server NAME" in from_file.stderr
    assert b"--server needs --patient ID" in nobody.stderr
    assert b"a result as of a day to come cannot be kept" in to_come.stderr


def test_who_holds_the_results_is_waited_for(
    registry: str, ehr: KeepingEhr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    url = f"sqlite:///{tmp_path / 'here.db'}"
    asked = ["assess", "--server", "main", "--servers", registry, "--patient", "p1", "--as-of", AS_OF]
    asked += ["--write", "--database", url]
    ehr.faults = lambda call: Fault(status=403) if call.startswith("POST") else None
    assert run_here(asked) == 3
    database = open_database(url)
    outbox = SqlOutbox(database=database, clock=write_back.now)
    (dead, *_) = outbox.dead()
    for each in outbox.dead():
        outbox.revive(each.channel, each.number)
    (lease,) = outbox.claim("other")
    ehr.faults = lambda _call: None
    monkeypatch.setattr(write_back, "PATIENCE", 0.3)

    held = run_here(asked)

    assert held == 3
    assert "another worker is writing to this patient's record" in capsys.readouterr().err
    monkeypatch.setattr(write_back, "LOOK_EVERY", 0.0)
    assert ehr.all("RiskAssessment") == []
    outbox.release(lease)
    assert run_here(asked) == 0
    assert dead.channel == lease.channel
    assert current(ehr, "RiskAssessment") == ["1"]
    database.close()


def test_the_database_is_that_of_the_option_else_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("FHIRGATE_DATABASE_URL", raising=False)
    assert chosen(None) == USUAL == DEFAULT_URL
    monkeypatch.setenv("FHIRGATE_DATABASE_URL", "sqlite:///a.db")
    assert chosen(None) == "sqlite:///a.db"
    assert chosen("sqlite:///b.db") == "sqlite:///b.db"
