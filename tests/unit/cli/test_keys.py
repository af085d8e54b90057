"""`fhirgate keys`: what it writes and prints."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from fhirgate.cli.keys import command
from fhirgate.ehr.keys import load_keys
from fhirgate.errors import ConfigurationError


@pytest.mark.parametrize("algorithm", ["ES384", "RS384"])
def test_generate_makes_a_key_and_names_both_files(algorithm: str, tmp_path: Path) -> None:
    ended = CliRunner().invoke(command, ["generate", "--alg", algorithm, "--out", str(tmp_path / "keys")])

    private, public = map(Path, ended.output.split())
    (key,) = load_keys(private)
    assert (ended.exit_code, key.algorithm.value) == (0, algorithm)
    assert json.loads(public.read_text()) == key.public_jwk()
    assert sorted((tmp_path / "keys").iterdir()) == sorted([private, public])


def test_generate_again_adds_a_key_and_publish_prints_them_all(tmp_path: Path) -> None:
    for _ in range(2):
        CliRunner().invoke(command, ["generate", "--out", str(tmp_path)])

    ended = CliRunner().invoke(command, ["publish", str(tmp_path)])

    published = json.loads(ended.output)["keys"]
    assert {each["kid"] for each in published} == {each.kid for each in load_keys(tmp_path)}
    assert len(published) == 2
    assert {name for each in published for name in each} == {
        "kty",
        "kid",
        "alg",
        "use",
        "key_ops",
        "crv",
        "x",
        "y",
    }


def test_publish_refuses_a_key_that_others_can_read(tmp_path: Path) -> None:
    private = Path(CliRunner().invoke(command, ["generate", "--out", str(tmp_path)]).output.split()[0])
    private.chmod(0o644)

    ended = CliRunner().invoke(command, ["publish", str(tmp_path)])

    assert isinstance(ended.exception, ConfigurationError)
    assert ended.output == ""
