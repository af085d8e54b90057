"""`fhirgate doctor` in this process: its formats, widths and statuses."""

import json
import shutil
import sys
from os import terminal_size
from pathlib import Path

import pytest
from doctor_world import Clinic
from ehr_world import PATIENT, fhir
from wire import wire

from fhirgate.cli import doctor
from fhirgate.cli.program import run


def asked(clinic: Clinic, folder: Path, *more: str) -> int:
    path = folder / "servers.toml"
    with wire(clinic) as here:
        path.write_text(
            f'[servers.main]\nbase_url = "http://127.0.0.1:{here.port}/fhir"\nnetwork = "private"\n'
            'private_hosts = ["127.0.0.1"]\n'
        )
        return run(["doctor", "main", "--servers", str(path), *more])


def test_text_and_json_end_with_the_same_status(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clinic = Clinic()
    clinic.ehr.always(f"Patient/{PATIENT}", fhir({}, 404))

    text = asked(clinic, tmp_path, "--patient", PATIENT)
    said = capsys.readouterr().out
    data = asked(clinic, tmp_path, "--patient", PATIENT, "-o", "json", "--trace")
    written = capsys.readouterr()

    assert (text, data) == (1, 1)
    assert "FAILED     patient: " in said
    assert json.loads(written.out)["summary"]["failed"] == 1
    assert "main: GET Patient/{id} -> 404" in written.err


def test_a_server_that_works_ends_with_status_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(Clinic(), tmp_path, "--patient", PATIENT) == 0
    assert "Records of this server can be assessed" in capsys.readouterr().out


@pytest.mark.parametrize(("columns", "width"), [(40, 60), (100, 100), (300, 120)])
def test_the_width_is_that_of_the_terminal_within_reason(
    columns: int, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(shutil, "get_terminal_size", lambda _usual: terminal_size((columns, 24)))

    assert doctor.shown_width() == width


def test_the_width_of_a_file_is_that_of_a_mail() -> None:
    assert doctor.shown_width() == 80


def test_an_id_that_is_none_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "main", "--servers", str(tmp_path / "none.toml"), "--patient", "a/b"]) == 2
    assert "--patient is a logical id" in capsys.readouterr().err
