"""Files and names that an attacker chose: of what is read, of what is written, and of a site's own choices."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from fhir_records import AS_OF, bundle, record, resources

from fhirgate.cli.file_names import FileNames
from fhirgate.cli.output import write_whole
from fhirgate.config.policy_file import load_policy
from fhirgate.errors import ConfigurationError

IDS = ("../../x", "..", "", "/etc/passwd", "CON", "nul.txt", "a/b", "a:b", "a\\b", "A", "a", "é", "e\u0301", "\u202ex",
       "x" * 300, "x" * 301, ".hidden", "-rf", "a b", "a\x00b", "p1.", "p1 ", "p1")  # fmt: skip


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "fhirgate", *arguments],
        cwd=folder,
        capture_output=True,
        timeout=120,
        check=False,
    )


def test_no_two_patients_have_one_file_and_none_leads_out_of_the_folder() -> None:
    names = FileNames()
    given = [names.of(each) for each in IDS]

    assert len({each.casefold() for each in given}) == len(IDS)
    assert all(re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}", each) for each in given)
    assert [names.of(each) for each in IDS] == given


def test_an_id_made_to_look_like_the_mark_of_another_does_not_take_its_file() -> None:
    other = FileNames().of("a/b")
    for order in (["a/b", other], [other, "a/b"]):
        names = FileNames()
        assert len({names.of(each) for each in order}) == 2


def test_a_link_laid_in_the_place_of_the_draft_is_not_followed(tmp_path: Path) -> None:
    precious, path = tmp_path / "precious", tmp_path / "result.txt"
    precious.write_bytes(b"mine")
    (tmp_path / f".result.txt.{os.getpid()}.part").symlink_to(precious)

    write_whole(path, b"result")

    assert (precious.read_bytes(), path.read_bytes(), path.is_symlink()) == (b"mine", b"result", False)


def test_a_link_laid_in_the_place_of_the_result_is_replaced_and_not_followed(tmp_path: Path) -> None:
    precious, path = tmp_path / "precious", tmp_path / "result.txt"
    precious.write_bytes(b"mine")
    path.symlink_to(precious)

    write_whole(path, b"result")

    assert (precious.read_bytes(), path.read_bytes()) == (b"mine", b"result")


def test_the_name_of_a_file_does_not_steer_the_terminal(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a\x1b[2J\u202e.json").write_text("{")
    (folder / "b.json").write_text(json.dumps(record()))

    done = run(tmp_path, "assess", "in", "--as-of", AS_OF)

    assert done.returncode == 1
    said = (done.stdout + done.stderr).decode()
    assert "the JSON ends before it is complete" in said
    assert not re.findall("[\x1b\u202e]", said)


def test_the_name_of_a_file_need_not_be_utf8(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe.json")).write_text("{")
    (folder / "b.json").write_text(json.dumps(record()))

    done = run(tmp_path, "assess", "in", "--as-of", AS_OF, "-o", "json")

    assert done.returncode == 1
    assert "\\xff\\xfe.json" in json.dumps(json.loads(done.stdout)["findings"]).replace("\\\\", "\\")


def test_a_pipe_in_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    os.mkfifo(folder / "a.json")
    (folder / "b.json").write_text(json.dumps(record()))

    done = run(tmp_path, "assess", "in", "--as-of", AS_OF)

    assert done.returncode == 1
    assert b"a.json: not a file" in done.stderr


def test_patients_whose_ids_look_alike_have_their_own_files(tmp_path: Path) -> None:
    source = bundle(*resources("a"), *resources("A"), *resources("a/b"), *resources("a_b"))
    (tmp_path / "in.json").write_text(json.dumps(source))

    done = run(tmp_path, "assess", "in.json", "--as-of", AS_OF, "-o", "json", "--out", "out")

    written = sorted((tmp_path / "out").iterdir())
    assert (done.returncode, len(written), len(done.stdout.split())) == (0, 4, 4)
    assert len({json.loads(each.read_bytes())["patient"] for each in written}) == 4


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a = " + "[" * 50_000, "nested too deeply"),
        ("a = " + "9" * 5_000, "out of range"),
        ("a = 1e999999999999999999999", "out of range"),
        (f'name = "x"\nversion = "1"\n{"k" * 500_000} = 1', "is not a known key"),
        ('name = "x"\nversion = "1"\n[imaging]\nstale_after_days = -1', "must lie between 0 and"),
        ('name = "x"\nversion = "1"\n[imaging]\nstale_after_days = 999999999999', "must lie between 0 and"),
    ],
    ids=["nested", "digits", "power", "long key", "negative", "huge"],
)
def test_a_policy_file_that_would_cost_or_break_is_refused_in_words(
    content: str, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(content)

    with pytest.raises(ConfigurationError, match=words):
        load_policy(path)
